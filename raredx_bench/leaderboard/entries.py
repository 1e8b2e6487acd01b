"""A run -> entries on disk, one a benchmark: <benchmark>/<model>@<date>-<digest>/entry.json and verdicts.parquet.

An entry holds everything that its numbers can be recomputed from, and no case text. Its name ends in a digest of entry.json, which
holds the digest of the verdicts: what is edited afterwards no longer fits the name. Only a withdrawal may be added.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.comparing.runs import Run, of_report
from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, UnknownName, UsageError, Verdict
from raredx_bench.leaderboard.rows import Ranks, ranks_in, read_table, rounds_in, rows_digest, rows_of, write_rows
from raredx_bench.naming import filename, slug_of
from raredx_bench.redacting import placeless
from raredx_bench.report import BenchmarkReport, RunReport, benchmark_document, estimates_from, report_document
from raredx_bench.tasks import task_named
from raredx_bench.validation import read_json, validate

SCHEMA = "raredx-entry-2"
_SHARED = ("created", "model", "request", "terminology", "environment", "cost")


@dataclass(frozen=True)
class Entry:
    """One run on one benchmark, as it lies in a folder. document: entry.json, valid under its schema."""

    folder: Path
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """<model>@<date>-<digest>, the folder's name."""
        return self.folder.name

    @property
    def benchmark(self) -> str:
        """The task's name, with the variant."""
        return str(self.document["benchmark"])

    @property
    def model(self) -> str:
        """The model's name, for people."""
        return str(self.document["model"]["name"])

    @property
    def signature(self) -> str:
        """Everything that could change the entry's scores."""
        return str(self.document["signature"])

    @property
    def withdrawn(self) -> Mapping[str, Any] | None:
        """date, why, and by: the entry that replaces it; None for an entry that stands."""
        found: Mapping[str, Any] | None = self.document.get("withdrawn")
        return found

    @property
    def identity(self) -> str:
        """Two entries with the same identity are one submission twice: same model, arguments, signature and verdicts."""
        model = json.dumps(self.document["model"], sort_keys=True)
        return digest_of([self.benchmark, self.signature, model, self.document["verdicts"]["digest"]])

    def table(self) -> Any:
        """The verdicts as an Arrow table. Raises BadInput for a file that is missing or damaged."""
        return read_table(self.folder / "verdicts.parquet")

    @cached_property
    def rounds(self) -> tuple[tuple[Verdict, ...], ...]:
        """The verdicts of each round, without gold and strata. Raises BadInput when there are none to read."""
        try:
            return rounds_in(self.table().to_pylist())
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{self.folder / 'verdicts.parquet'} holds a row that is no verdict ({error!r})") from error

    def ranks(self) -> Ranks:
        """The ranks of the first round as vectors; nothing else of the file is read."""
        return ranks_in(read_table(self.folder / "verdicts.parquet", ("round", *Ranks.COLUMNS)))


def write_entries(
    report: RunReport,
    folder: Path,
    *,
    who: str | None = None,
    links: Sequence[str] = (),
    training: Mapping[str, Any] | None = None,
) -> list[Path]:
    """One entry per benchmark of a report, under folder; returns their folders. who: who ran it, for people. training: what the
    model was trained on (schemas/entry.schema.json); what its card states under "training" unless it is given.

    Raises BadInput for a partial run.
    """
    if report.request.get("shard"):
        raise BadInput(f"{report.id} is part {report.request['shard']} of a run: put the parts together with raredx-bench merge")
    limit = report.request.get("limit")
    if limit and any(part.n >= limit for part in report.benchmarks.values()):
        raise BadInput(f"{report.id} saw only the first {limit} cases: leaderboard entries need all of them")
    document = report_document(report)
    said = {"who": who, "links": list(links), "training": dict(training) if training else _stated_training(report)}
    model, request = document["model"], document["request"]
    document["model"] = {**model, "args": placeless(model["args"])}
    document["request"] = {**request, "model_args": placeless(request["model_args"])}
    shared = {"run": report.id, **said, **{key: document[key] for key in _SHARED}}
    return [write_entry({**shared, **measured(task, part)}, rows(task, part), folder) for task, part in report.benchmarks.items()]


def measured(task: str, part: BenchmarkReport) -> dict[str, Any]:
    """What of an entry follows from names, cases and terminology: everything that verify makes once more."""
    document = benchmark_document(part)
    document.pop("failures")  # stand in the rows
    variant = task_named(task).metadata
    form = next(each.partition(":")[2] for each in part.signature.split("|") if each.startswith("form:"))
    parts = [
        *filter(None, str(variant.get("split") or "").split("@")),
        *(each for each in ("clean", "subset") if variant.get(each)),
    ]
    return {"benchmark": task, "split": "@".join(parts) or "all", "form": form, **document}


def rows(task: str, part: BenchmarkReport) -> list[dict[str, Any]]:
    """The rows of verdicts.parquet of one benchmark's part of a report."""
    benchmark = BENCHMARKS[str(task_named(task).metadata["benchmark"])]
    return rows_of((part.verdicts, *part.rounds), part.failures, private=benchmark.private)


def write_entry(document: Mapping[str, Any], rows: list[dict[str, Any]], folder: Path) -> Path:
    """An entry's folder under a folder of entries, written; document lacks what is said of the file of rows."""
    whole = {"schema": SCHEMA, **document, "verdicts": {"rows": len(rows), "digest": rows_digest(rows)}}
    whole = json.loads(json.dumps(whole))
    validate(whole, "entry")
    path = folder / filename(str(document["benchmark"])) / entry_name(whole)
    path.mkdir(parents=True, exist_ok=True)
    write_rows(rows, path / "verdicts.parquet")
    _save(path, whole)
    return path


def entry_name(document: Mapping[str, Any]) -> str:
    """<model>@<date>-<digest>; the digest is over everything in entry.json but a withdrawal."""
    kept = {key: value for key, value in document.items() if key != "withdrawn"}
    key = digest_of([json.dumps(kept, sort_keys=True, ensure_ascii=False)])
    return f"{slug_of(str(document['model']['name']))}@{str(document['created'])[:10]}-{key[:8]}"


def withdraw(entry: Entry, why: str, by: str | None = None) -> None:
    """Mark an entry as withdrawn: it stays visible, and is ranked no more. by: the name of the entry that replaces it."""
    if entry.withdrawn:
        raise UsageError(f"{entry.name} was withdrawn already, on {entry.withdrawn['date']}: {entry.withdrawn['why']}")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    _save(entry.folder, {**entry.document, "withdrawn": {"date": today, "why": why, "by": by}})


def read_entry(folder: Path) -> Entry:
    """The entry in a folder (or whose entry.json this is). Raises BadInput naming file and place of the first fault."""
    path = folder if folder.name == "entry.json" else folder / "entry.json"
    return Entry(path.parent, read_json(path, "entry"))


def read_entries(*folders: Path) -> list[Entry]:
    """Every entry under folders of entries, by path. Raises UsageError for a folder that isn't there, BadInput as read_entry."""
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"there is no folder of entries {folder}: name one with --entries")
    return [read_entry(path) for folder in folders for path in sorted(folder.glob("*/*/entry.json"))]


def chosen_entries(names: Iterable[str], folder: Path) -> list[Entry]:
    """The entries that are named, by path or by name under a folder of entries; all of the folder's when none is.

    Raises UnknownName, BadInput, UsageError.
    """
    wanted = list(names)
    known = {} if all(map(_is_entry, wanted)) and wanted else {entry.name: entry for entry in read_entries(folder)}
    found = []
    for name in wanted:
        if not _is_entry(name) and name not in known:
            raise UnknownName(f"entry of {folder}", name, known)
        found.append(read_entry(Path(name)) if _is_entry(name) else known[name])
    return found if wanted else list(known.values())


def runs_at(path: Path) -> list[tuple[Run, str]]:
    """What is compared, with its id: an entry's folder, or every task of a run. Raises BadInput for a file that can't be read."""
    if not _is_entry(str(path)):
        return of_report(path)
    entry = read_entry(path)
    protocols = {name: estimates_from(each["estimates"]) for name, each in entry.document["protocols"].items()}
    return [(Run(entry.model, entry.benchmark, entry.signature, entry.rounds, protocols, str(path)), entry.name)]


def twins(entries: Iterable[Entry]) -> list[tuple[Entry, Entry]]:
    """Pairs of entries that stand and are one submission twice, the earlier path first."""
    first: dict[str, Entry] = {}
    found = []
    for entry in sorted(entries, key=lambda each: str(each.folder)):
        if not entry.withdrawn and (known := first.setdefault(entry.identity, entry)) is not entry:
            found.append((known, entry))
    return found


def _is_entry(name: str) -> bool:
    return Path(name).name == "entry.json" or (Path(name) / "entry.json").exists()


def _stated_training(report: RunReport) -> Mapping[str, Any] | None:
    card = report.model.get("card") or {}
    stated = (card.get("stated") or {}).get("training")
    return None if stated is None else {"data": str(stated)}


def _save(folder: Path, document: Mapping[str, Any]) -> None:
    """entry.json in one move."""
    draft = folder / "entry.json.tmp"
    draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(folder / "entry.json")
