"""RunReport <-> entries on disk: leaderboards/entries/<benchmark>/<model>@<date>-<digest>/entry.json.

An entry holds everything its numbers can be recomputed from (names, links, relations, ranks per case) and no case text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, Estimate
from raredx_bench.metrics import estimates
from raredx_bench.naming import filename
from raredx_bench.report import (
    RunReport,
    estimates_document,
    report_document,
    verdict_from,
    verdict_row,
)
from raredx_bench.tasks import task_named
from raredx_bench.validation import read_json, validate

SCHEMA = "raredx-entry-1"
_SHARED = ("created", "model", "request", "terminology", "environment", "cost")
_OWN = (
    "version",
    "cases",
    "signature",
    "licence",
    "citation",
    "n",
    "estimates",
    "protocols",
    "references",
    "counts",
    "unknown_gold",
)


def write_entries(report: RunReport, folder: Path) -> list[Path]:
    """One entry per benchmark of a report, under folder; returns their paths. Raises BadInput for a partial run."""
    if report.request.get("shard"):
        raise BadInput(f"{report.id} is part {report.request['shard']} of a run: put the parts together with raredx-bench merge")
    limit = report.request.get("limit")
    if limit and any(part.n >= limit for part in report.benchmarks.values()):
        raise BadInput(f"{report.id} saw only the first {limit} cases: leaderboard entries need all of them")
    document = report_document(report)
    written = []
    for task, part in document["benchmarks"].items():
        entry = {
            "schema": SCHEMA,
            "benchmark": task,
            "run": report.id,
            **{key: document[key] for key in _SHARED},
            **{key: part[key] for key in _OWN},
            "verdicts": [_row(verdict_row(each), task) for each in report.benchmarks[task].verdicts],
        }
        validate(entry, "entry")
        path = folder / filename(task) / entry_name(entry) / "entry.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_compact(entry), encoding="utf-8")
        written.append(path)
    return written


def entry_name(entry: Mapping[str, Any]) -> str:
    """<model>@<date>-<digest>; the digest is over the signature, the model's arguments and the verdicts."""
    model = entry["model"]
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", str(model["name"])).strip("-")
    key = digest_of([entry["signature"], json.dumps(model, sort_keys=True), json.dumps(entry["verdicts"], sort_keys=True)])
    return f"{slug}@{entry['created'][:10]}-{key[:8]}"


def read_entries(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every entry under a folder, by path. Raises BadInput naming the file and place of the first invalid one."""
    for path in sorted(folder.glob("*/*/entry.json")):
        yield path, read_json(path, "entry")


def recomputed(entry: Mapping[str, Any]) -> dict[str, Estimate]:
    """The estimates that an entry's verdicts give."""
    return estimates([verdict_from({**row, "gold": [], "strata": {}}) for row in entry["verdicts"]])


def differences(entry: Mapping[str, Any]) -> list[str]:
    """Where an entry's stated estimates differ from those of its verdicts, one sentence each."""
    found = estimates_document(recomputed(entry))
    return [f"{name}: stated {stated}, recomputed {found.get(name)}" for name, stated in entry["estimates"].items()
            if stated != found.get(name)]  # fmt: skip


def _row(row: dict[str, Any], task: str) -> dict[str, Any]:
    """A verdict without the gold, which belongs to the benchmark, and the strata, which its loader gives.

    Of a benchmark whose data may not leave the machine only ids and ranks travel: a name may quote the text, so none does.
    """
    kept = {key: value for key, value in row.items() if key not in ("gold", "strata")}
    benchmark = BENCHMARKS.get(str(task_named(task).metadata["benchmark"]))
    if benchmark is not None and benchmark.private:
        withheld = {"name": "", "label": None, "how": "withheld", "score": 0.0}
        said = [{**withheld, "id": each["id"], "relation": each["relation"]} for each in row["predictions"]]
        kept |= {"how": "withheld", "predictions": said}
    return kept


def _compact(entry: Mapping[str, Any]) -> str:
    """Indented JSON with one line per verdict, so that diffs can be read."""
    head = json.dumps({**entry, "verdicts": []}, indent=1, ensure_ascii=False)
    rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in entry["verdicts"])
    return head.replace('"verdicts": []', f'"verdicts": [\n{rows}\n ]') + "\n"
