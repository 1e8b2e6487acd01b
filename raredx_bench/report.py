"""RunReport: everything one invocation measured, on disk as report.json and verdicts/<task>.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, Estimate, Link, Prediction, Reading, Relation, Verdict
from raredx_bench.naming import filename
from raredx_bench.validation import read_json, validate

SCHEMA = "raredx-report-1"
EXTRAS = ("repeats", "calibration", "cutoff")  # parts that a benchmark's report has only where there is something to say
Estimates = Mapping[str, Estimate]


@dataclass(frozen=True)
class ProtocolReport:
    """One benchmark's estimates under one scoring rule. signature: everything that could change them."""

    signature: str
    estimates: Estimates


@dataclass(frozen=True)
class BenchmarkReport:
    """One benchmark's part of a report. signature: everything that could change its estimates, which are by our own protocol.

    strata: stratum -> level -> estimates. protocols: the scoring rules that were chosen, by name.
    references: prior_only (estimates of the best list that ignores the case), ceiling (shares of golds that are in the
    terminology, and that HPO annotates). unknown_gold: ids of cases whose gold the terminology doesn't know.
    failures: way of failing -> ids of cases (failures.py). As JSON has them, empty where there is nothing to say: repeats (spread,
    pass@k and agreement of several rounds), calibration (of stated confidences, and abstentions), cutoff (estimates before and
    after the model's knowledge cut-off). verdicts: of the first round; rounds: of the others.
    """

    version: str
    cases: str
    signature: str
    licence: str
    citation: str
    n: int
    estimates: Estimates
    strata: Mapping[str, Mapping[str, Estimates]]
    counts: Mapping[str, int]
    prior_only: Estimates
    ceiling: Mapping[str, float]
    unknown_gold: tuple[str, ...]
    verdicts: tuple[Verdict, ...] = ()
    protocols: Mapping[str, ProtocolReport] = field(default_factory=dict)
    failures: Mapping[str, Sequence[str]] = field(default_factory=dict)
    repeats: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    cutoff: Mapping[str, Any] = field(default_factory=dict)
    rounds: tuple[tuple[Verdict, ...], ...] = ()


@dataclass(frozen=True)
class GroupReport:
    """The cases of several benchmarks pooled; estimates as for one benchmark."""

    members: tuple[str, ...]
    n: int
    estimates: Estimates


@dataclass(frozen=True)
class RunReport:
    """One invocation of run or score. Every published number can be recomputed from the verdicts."""

    id: str
    created: str
    model: Mapping[str, Any]
    request: Mapping[str, Any]
    terminology: Mapping[str, str]
    environment: Mapping[str, str]
    cost: Mapping[str, float]
    skipped: Mapping[str, str]
    benchmarks: Mapping[str, BenchmarkReport]
    groups: Mapping[str, GroupReport] = field(default_factory=dict)
    folder: Path | None = None


def write_report(report: RunReport, folder: Path) -> Path:
    """report.json (written last, in one move) and the verdicts; returns the path of report.json."""
    for task, benchmark in report.benchmarks.items():
        path = folder / "verdicts" / f"{filename(task)}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        for number, verdicts in enumerate((benchmark.verdicts, *benchmark.rounds), 1):
            path = path.with_name(f"{filename(task)}{f'.{number}' if number > 1 else ''}.jsonl")
            path.write_text("".join(json.dumps(verdict_row(each), ensure_ascii=False) + "\n" for each in verdicts),
                            encoding="utf-8")  # fmt: skip
    document = report_document(report)
    validate(document, "report")
    target, draft = folder / "report.json", folder / "report.json.tmp"
    draft.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(target)
    return target


def read_report(path: Path) -> RunReport:
    """A report from its file or run folder, verdicts included. Raises BadInput for a missing or invalid one."""
    path = path / "report.json" if path.is_dir() else path
    document = read_json(path, "report")
    return RunReport(
        **{key: document[key] for key in ("id", "created", "model", "request", "terminology", "environment", "cost", "skipped")},
        benchmarks={
            task: BenchmarkReport(
                **{key: part[key] for key in ("version", "cases", "signature", "licence", "citation", "n", "counts")},
                estimates=estimates_from(part["estimates"]),
                strata={name: {level: estimates_from(each) for level, each in levels.items()}
                        for name, levels in part["strata"].items()},
                prior_only=estimates_from(part["references"]["prior_only"]),
                ceiling=part["references"]["ceiling"],
                unknown_gold=tuple(part["unknown_gold"]),
                verdicts=tuple(read_verdicts(path.parent / "verdicts" / f"{filename(task)}.jsonl")),
                rounds=tuple(tuple(read_verdicts(path.parent / "verdicts" / f"{filename(task)}.{number}.jsonl"))
                             for number in range(2, part.get("repeats", {}).get("runs", 1) + 1)),
                protocols={name: ProtocolReport(each["signature"], estimates_from(each["estimates"]))
                           for name, each in part["protocols"].items()},
                failures=part.get("failures", {}),
                **{key: part.get(key, {}) for key in EXTRAS},
            )
            for task, part in document["benchmarks"].items()
        },
        groups={name: GroupReport(tuple(part["members"]), part["n"], estimates_from(part["estimates"]))
                for name, part in document["groups"].items()},
        folder=path.parent,
    )  # fmt: skip


def report_document(report: RunReport) -> dict[str, Any]:
    """The JSON form, as schemas/report.schema.json describes it."""
    return {
        "schema": SCHEMA,
        **{key: getattr(report, key) for key in
           ("id", "created", "model", "request", "terminology", "environment", "cost", "skipped")},
        "benchmarks": {task: benchmark_document(part) for task, part in report.benchmarks.items()},
        "groups": {name: {"members": list(part.members), "n": part.n, "estimates": estimates_document(part.estimates)}
                   for name, part in report.groups.items()},
    }  # fmt: skip


def benchmark_document(part: BenchmarkReport) -> dict[str, Any]:
    """The JSON form of one benchmark's part; its verdicts stand in files of their own."""
    return {
        "version": part.version, "cases": part.cases, "signature": part.signature, "licence": part.licence,
        "citation": part.citation, "n": part.n,
        "estimates": estimates_document(part.estimates),
        "strata": {name: {level: estimates_document(each) for level, each in levels.items()}
                   for name, levels in part.strata.items()},
        "protocols": {name: {"signature": each.signature, "estimates": estimates_document(each.estimates)}
                      for name, each in part.protocols.items()},
        "references": {"prior_only": estimates_document(part.prior_only), "ceiling": part.ceiling},
        "counts": part.counts,
        "unknown_gold": list(part.unknown_gold),
        "failures": {key: list(ids) for key, ids in part.failures.items() if ids},
        **{key: dict(each) for key in EXTRAS if (each := getattr(part, key))},
    }  # fmt: skip


def estimates_document(estimates: Estimates) -> dict[str, dict[str, float]]:
    """Estimates as JSON objects, rounded to six digits."""
    return {name: {"value": round(e.value, 6), "low": round(e.low, 6), "high": round(e.high, 6), "n": e.n}
            for name, e in estimates.items()}  # fmt: skip


def estimates_from(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Estimate]:
    """The inverse of estimates_document."""
    return {name: Estimate(each["value"], each["low"], each["high"], int(each["n"])) for name, each in document.items()}


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict as one JSON line; no case text, so that licences and data-use agreements are kept."""
    return {
        "case_id": verdict.case_id,
        "group": verdict.group,
        "reading": verdict.reading.value,
        "how": verdict.how,
        "rank": {relation.value: verdict.rank(relation) for relation in Relation if relation is not Relation.DIFFERENT},
        "predictions": [_prediction_row(each) for each in verdict.predictions],
        "gold": list(verdict.gold),
        "strata": dict(verdict.strata),
    }


def _prediction_row(prediction: Prediction) -> dict[str, Any]:
    """form, namesakes, among and confidence only where there is something to say."""
    link = prediction.link
    rare = {"form": link.form, "namesakes": list(link.namesakes), "among": list(link.among)}
    stated = {} if prediction.confidence is None else {"confidence": prediction.confidence}
    return {
        "name": link.name, "id": link.id, "label": link.label, "how": link.how, "score": link.score,
        "relation": prediction.relation.value, **{key: value for key, value in rare.items() if value}, **stated,
    }  # fmt: skip


def _prediction_from(row: Mapping[str, Any]) -> Prediction:
    link = Link(row["name"], row["id"], row["how"], row["score"], row["label"], bool(row.get("form", False)),
                tuple(row.get("namesakes", ())), tuple(row.get("among", ())))  # fmt: skip
    return Prediction(link, Relation(row["relation"]), row.get("confidence"))


def verdict_from(row: Mapping[str, Any]) -> Verdict:
    """The inverse of verdict_row."""
    return Verdict(
        case_id=row["case_id"],
        group=row["group"],
        predictions=tuple(map(_prediction_from, row["predictions"])),
        reading=Reading(row["reading"]),
        how=row["how"],
        gold=tuple(row["gold"]),
        strata=row["strata"],
    )


def read_verdicts(path: Path) -> Iterable[Verdict]:
    """Verdicts from their file. Raises BadInput when it is missing or a line is damaged."""
    if not path.is_file():
        raise BadInput(f"{path} is missing: the report's numbers can't be recomputed without it")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield verdict_from(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}, line {number} is not a verdict ({error!r})") from error
