"""Answers made elsewhere -> RunReport: re-enters at parsing, so a better linker re-scores old runs without a model."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks import BENCHMARKS, available
from raredx_bench.compiled import file_digest
from raredx_bench.domain import BadInput, Case, Reading, UnknownName, UsageError, Verdict
from raredx_bench.harness import benchmark_report, data_environment, environment, terminology_document
from raredx_bench.judging import Judge, judge_for
from raredx_bench.naming import storable
from raredx_bench.report import RunReport, write_report
from raredx_bench.tasks import all_tasks, cases_of, checked_options


def score_file(
    path: Path,
    task: str,
    *,
    model: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    output: Path | str = "runs",
    data_dir: Path | str | None = None,
) -> RunReport:
    """The report on a file of answers: JSON lines with case_id and either answer (text) or names (ranked list).

    model: whose answers they are; the file's name when it isn't said.
    Every case of the task must be answered exactly once. Raises BadInput listing the ids that are missing, unknown or
    repeated, UnknownName for an unknown task, DataMissing when its cases are not there.
    """
    root = sources.data_dir(Path(data_dir) if data_dir else None)
    known = {name: each for name, each in all_tasks().items() if not each.members}
    members = all_tasks()[task].members if task in all_tasks() else ()
    if members:
        raise UsageError(f"{task} is a group: score its members one by one ({', '.join(members)})")
    if task not in known:
        raise UnknownName("task", task, known)
    metadata = checked_options(metadata)
    options = {**known[task].metadata, **metadata}
    with data_environment(root):
        available(str(options["benchmark"]), root)
        cases = cases_of(options)
    judge = judge_for(root)
    answers = _read(path, {case.id for case in cases}, task)
    verdicts = [_verdict(judge, case, answers[case.id]) for case in cases]
    key = file_digest(path)[:8]
    folder = Path(output) / f"scored-{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}-{key}"
    report = RunReport(
        id=folder.name,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        model={"name": model or path.stem, "args": None},
        request={"model": model or path.stem, "tasks": [task], "limit": None, "answers": key, "metadata": metadata},
        terminology=terminology_document(judge),
        environment=environment(),
        cost={"seconds": 0.0, "cases": len(cases)},
        skipped={},
        benchmarks={task: benchmark_report(task, options, cases, verdicts, judge, False, root)},
        folder=folder,
    )
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"can't write to the output folder {output}: {error.strerror}; name another with --output") from error
    write_report(report, folder)
    return report


def _read(path: Path, wanted: set[str], task: str) -> dict[str, Mapping[str, Any]]:
    try:
        lines = storable(path.read_text(encoding="utf-8-sig")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}") from error
    answers: dict[str, Mapping[str, Any]] = {}
    repeated = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row = {**row, "answer": storable(row["answer"])} if isinstance(row.get("answer"), str) else row
            case_id = str(row["case_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}, line {number}: expected a JSON object with case_id ({error!r})") from error
        names = row.get("names")
        listed = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not listed and not isinstance(row.get("answer"), str):
            raise BadInput(f"{path}, line {number}: expected answer (a text) or names (a list of texts)")
        if case_id in answers:
            repeated.append(case_id)
        answers[case_id] = row
    faults = {"missing": sorted(wanted - set(answers)), "unknown": sorted(set(answers) - wanted), "repeated": repeated}
    said = [f"{len(ids)} {what} ({', '.join(ids[:5])}{', …' if len(ids) > 5 else ''})" for what, ids in faults.items() if ids]
    if said:
        raise BadInput(f"{path} does not answer {task} case by case: {'; '.join(said)}")
    return answers


def _verdict(judge: Judge, case: Case, row: Mapping[str, Any]) -> Verdict:
    asked = BENCHMARKS[case.benchmark].asked
    if "names" in row:
        names = tuple(dict.fromkeys(storable(name.strip()) for name in row["names"] if name.strip()))[:asked]
        return judge.judge_names(case, names, Reading.LIST if names else Reading.EMPTY, "names")
    return judge.judge(case, row["answer"], asked)
