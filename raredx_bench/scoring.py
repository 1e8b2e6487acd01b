"""Answers made elsewhere -> RunReport: re-enters at parsing, so a better linker re-scores old runs without a model."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.answers import AnswerStore
from raredx_bench.answers_file import answers_for, read_answers
from raredx_bench.benchmarks import BENCHMARKS, available
from raredx_bench.compiled import digest_of, file_digest
from raredx_bench.domain import Case, DataMissing, Note, UnknownName, UsageError, Verdict
from raredx_bench.harness import data_environment
from raredx_bench.judging import Judge, judge_for
from raredx_bench.naming import filename
from raredx_bench.protocols import chosen
from raredx_bench.report import RunReport, read_report, write_report
from raredx_bench.reporting import OURS, benchmark_report, chatted, environment, pooled, terminology_document
from raredx_bench.tasks import checked_options, shown_cases, task_named, whole


def score_file(
    path: Path,
    task: str,
    *,
    model: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    protocols: Sequence[str] = OURS,
    output: Path | str = "runs",
    data_dir: Path | str | None = None,
) -> RunReport:
    """The report on a file of answers: JSON lines with case_id and either answer (text) or names (ranked list; answers_file.py).

    model: whose answers they are; the file's name when it isn't said. protocols: scoring rules by name, or "all".
    Every case of the task must be answered exactly once. Raises BadInput listing the ids that are missing, unknown or
    repeated, UnknownName for an unknown task or protocol, DataMissing when its cases are not there.
    """
    root = sources.data_dir(Path(data_dir) if data_dir else None)
    metadata, protocols = checked_options(metadata), [each.name for each in chosen(protocols)]
    task = task_named(task).name
    asked = {name: task_cases(name, metadata, root) for name in dict.fromkeys((whole(task), task))}
    judge = judge_for(root)
    answers = answers_for(read_answers(path), {whole(task): [case.id for case in asked[whole(task)][1]]}, str(path))
    parts = {
        name: benchmark_report(
            name, options, cases,
            [judge.judge(case, answers[whole(task), case.id].text, BENCHMARKS[case.benchmark].asked) for case in cases],
            judge, root, protocols=protocols, notes={case.id: answers[whole(task), case.id].note for case in cases},
        )
        for name, (options, cases) in asked.items()
    }  # fmt: skip
    key = file_digest(path)[:8]
    request = {"model": model or path.stem, "tasks": list(parts), "limit": None, "answers": key, "metadata": metadata}
    return _written(
        Path(output), key, judge,
        model={"name": model or path.stem, "args": None},
        request={**request, "protocols": protocols},
        cost={"seconds": 0.0, "cases": len(answers)},
        benchmarks=parts,
    )  # fmt: skip


def score_run(
    path: Path,
    tasks: Sequence[str] = (),
    *,
    model: str | None = None,
    protocols: Sequence[str] = OURS,
    output: Path | str = "runs",
    data_dir: Path | str | None = None,
) -> RunReport:
    """The report on an earlier run (its folder or report.json), linked and judged anew: nothing is asked again.

    tasks: which of the run's; all of them unless said. Answers are read anew where the run keeps them, else the names that the
    run's verdicts hold are taken; these lack names that meant a disease named before.
    Raises DataMissing when the run's cases are not at hand, BadInput when its files can't be read, UnknownName for a task that
    the run doesn't have or an unknown protocol.
    """
    root = sources.data_dir(Path(data_dir) if data_dir else None)
    protocols = [each.name for each in chosen(protocols)]
    old = read_report(path)
    assert old.folder is not None
    for task in tasks:
        if task not in old.benchmarks:
            raise UnknownName(f"task of {old.id}", task, old.benchmarks)
    judge = judge_for(root)
    metadata = checked_options(old.request.get("metadata"))
    parts, verdicts = {}, {}
    for task in tasks or old.benchmarks:
        options, cases = task_cases(task, metadata, root)
        cases = _answered(old, task, cases)
        before = (old.benchmarks[task].verdicts, *old.benchmarks[task].rounds)
        kept = [_kept(old.folder, number, task) for number in range(1, len(before) + 1)]
        rounds = [_judged_anew(judge, cases, each, texts) for each, (texts, _) in zip(before, kept, strict=True)]
        verdicts[task] = rounds[0]
        parts[task] = benchmark_report(
            task, options, cases, rounds[0], judge, root, protocols=protocols, chat_template=chatted(old.model, old.request),
            answered=old.benchmarks[task].cases, notes=kept[0][1], rounds=rounds, request=old.request,
            cutoff=old.model.get("card", {}).get("cutoff"),
        )  # fmt: skip
    return _written(
        Path(output), digest_of([old.id, judge.version, *parts])[:8], judge,
        model={**old.model, "name": model or old.model["name"]},
        request={**old.request, "tasks": list(parts), "protocols": protocols, "rescored": old.id},
        cost={**old.cost, "cases": sum(part.n for part in parts.values())},
        benchmarks=parts,
        groups=pooled(list(old.groups), verdicts),
    )  # fmt: skip


def is_run(path: Path) -> bool:
    """True for what score_run reads, by its name: a folder, or a report.json."""
    return path.is_dir() or path.name == "report.json"


def task_cases(task: str, metadata: Mapping[str, Any], root: Path) -> tuple[Mapping[str, Any], tuple[Case, ...]]:
    """A single task's options and cases. Raises UsageError for a group, UnknownName, DataMissing."""
    known = task_named(task)
    if known.members:
        raise UsageError(f"{task} is a group: score its members one by one ({', '.join(known.members)})")
    options = {**known.metadata, **metadata}
    with data_environment(root):
        available(str(options["benchmark"]), root, options)
        return options, shown_cases(options)


def _answered(old: RunReport, task: str, cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases that a run answered, in their order. Raises DataMissing when some of them are not at hand."""
    wanted = {verdict.case_id for verdict in old.benchmarks[task].verdicts}
    found = tuple(case for case in cases if case.id in wanted)
    missing = sorted(wanted - {case.id for case in found})
    if missing:
        raise DataMissing(f"{len(missing)} of the {len(wanted)} cases of {task} that {old.id} answered are not at hand (the first: "
                          f"{missing[0]}): get the release it was run on, and name its folder with --data-dir")  # fmt: skip
    return found


def _kept(folder: Path, number: int, task: str) -> tuple[dict[str, str], dict[str, Note]]:
    """Answers and their notes by case id, of a round as a run keeps them; empty where it keeps none."""
    place = folder / (f"answers.{number}" if number > 1 else "answers")
    if not (place / f"{filename(whole(task))}.jsonl").is_file():
        return {}, {}
    store = AnswerStore(place)
    return store.texts(whole(task)), store.notes(whole(task))


def _judged_anew(judge: Judge, cases: Sequence[Case], old: Sequence[Verdict], texts: Mapping[str, str]) -> list[Verdict]:
    before = {verdict.case_id: verdict for verdict in old}
    return [
        judge.judge(case, texts[case.id], BENCHMARKS[case.benchmark].asked)
        if case.id in texts
        else judged_by_names(judge, case, before[case.id])
        for case in cases
    ]


def judged_by_names(judge: Judge, case: Case, before: Verdict) -> Verdict:
    """The verdict on the names that an earlier one holds, linked and judged anew."""
    stated = tuple(each.confidence for each in before.predictions)
    return judge.judge_names(case, _names(before), before.reading, before.how, stated)


def _names(verdict: Verdict) -> tuple[str, ...]:
    return tuple(each.link.name for each in verdict.predictions)


def _written(output: Path, key: str, judge: Judge, **parts: Any) -> RunReport:
    """The report of these parts, written to a folder of its own under output. Raises UsageError when it can't be made."""
    now = datetime.datetime.now(datetime.UTC)
    name = f"scored-{now:%Y%m%d-%H%M%S}"
    free = (output / f"{name}{f'.{number}' if number else ''}-{key}" for number in itertools.count())
    folder = next(each for each in free if not each.exists())
    report = RunReport(
        id=folder.name, created=now.isoformat(timespec="seconds"), terminology=terminology_document(judge),
        environment=environment(), skipped={}, folder=folder, **parts,
    )  # fmt: skip
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"can't write to the output folder {output}: {error.strerror}; name another with --output") from error
    write_report(report, folder)
    return report
