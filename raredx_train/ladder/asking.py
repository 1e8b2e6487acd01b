"""A model of a run -> the report of raredx_bench on its answers. What was answered once is not asked again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from raredx_bench import harness
from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, DataMissing
from raredx_bench.leaderboard import write_entries
from raredx_bench.progress import Live
from raredx_bench.report import RunReport, read_report
from raredx_bench.tasks import select_tasks
from raredx_train.ladder.rungs import BASE, CRR, Rung
from raredx_train.ladder.settings import Evaluation
from raredx_train.settings import FROM_SCRATCH, Run

ANSWERS = "answers"  # of all models, in the run's folder: they outlast another evaluation
REFINED = "refined"  # the model type
GENERAL = "general.json"  # beside a model's answers: lm-eval's own task
NOTED = "evaluation.json"  # beside a report: what was wanted of it
Heard = Callable[[int, int, str], None]  # (answers there, of how many, what is asked)


class Question(NamedTuple):
    """A model as raredx_bench is asked for it. folder: of its answers."""

    name: str
    model: str
    model_args: Mapping[str, Any]
    folder: Path


def at_hand(tasks: Sequence[str], root: Path) -> tuple[list[str], list[str]]:
    """(tasks whose data is here, why others are left out). Raises DataMissing when none is here."""
    here, missing = [], []
    for task in tasks:
        try:
            select_tasks([task], root)
        except DataMissing as why:
            missing.append(f"{task} is left out: {why}")
        else:
            here.append(task)
    if not here:
        raise DataMissing(f"there is nothing to evaluate on ({'; '.join(missing)}): add raredx_vignettes, which needs no data")
    return here, missing


def question(run: Run, section: Evaluation, rung: Rung) -> Question:
    """A stage's model, asked alone."""
    shared, sort = _shared(section), "" if section.vllm is None else "-vllm"
    if rung.stage == BASE and run.student.model != FROM_SCRATCH:
        named = {"pretrained": run.student.model, **({"revision": run.student.revision} if run.student.revision else {})}
        return Question(
            BASE,
            sort.removeprefix("-") or "hf",
            {**named, **shared},
            rung.run / ANSWERS / f"{BASE}-{digest_of(sorted(named.values()))[:8]}",
        )
    folder = rung.run / ANSWERS / f"{rung.stage}-{rung.digest}"
    return Question(rung.stage, f"raredx-train{sort}", {"path": str(rung.run), "stage": rung.stage, **shared}, folder)


def _shared(section: Evaluation) -> dict[str, Any]:
    """Arguments of every model, as its type has them."""
    if section.vllm is None:
        return {"dtype": section.dtype, "max_length": section.context}
    return {"dtype": section.dtype, "max_model_len": section.context, **section.vllm}


def refined(section: Evaluation, rung: Rung, way: str, root: Path) -> Question:
    """The last model as the lead of collaborative refinement, or of one of its controls."""
    folder = rung.run / ANSWERS / f"{rung.stage}-{rung.digest}-refined"
    shared = ";".join(f"{name}={value}" for name, value in _shared(section).items())
    lead = f"raredx-train{'' if section.vllm is None else '-vllm'}(path={rung.run};stage={rung.stage};{shared})"
    knowledge, kept = str(rung.run / "knowledge"), str(folder / "kept.jsonl")
    args = {"lead": lead, "experts": section.experts, "knowledge": knowledge, "how": way, "records": section.records,
            "shown": section.shown, "kept": kept, **({"data_dir": str(root)} if root.is_dir() else {})}  # fmt: skip
    return Question(CRR if way == CRR else f"{CRR}: {way}", REFINED, args, folder / way)


def asked(put: Question, section: Evaluation, tasks: Sequence[str], root: Path, heard: Heard) -> RunReport:
    """The report on a model's answers; entries for the leaderboard lie beside it. One that was stopped goes on.

    Raises what raredx_bench raises: UsageError for arguments, RunIncomplete for a model that can't be asked now.
    """
    if (found := before(put, section, tasks)) is not None:
        return found

    def listen(live: Live) -> None:
        heard(live.done, live.total, put.name)

    report = harness.run(
        put.model, list(tasks), model_args=put.model_args, limit=section.limit or None, batch_size=section.batch_size,
        device=section.device or None, gen_kwargs={"max_gen_toks": section.max_new}, metadata=section.options, output=put.folder,
        data_dir=root if root.is_dir() else None, listener=listen,
    )  # fmt: skip
    assert report.folder is not None
    with contextlib.suppress(BadInput):  # with a limit there is none
        write_entries(report, report.folder / "entries")
    (report.folder / NOTED).write_text(json.dumps(_wanted(put, section, tasks)), encoding="utf-8")
    return report


def before(put: Question, section: Evaluation, tasks: Sequence[str]) -> RunReport | None:
    """The report on answers that were made before; None: there are none to these tasks under these settings."""
    for path in sorted(put.folder.glob("*/report.json")):
        noted = path.parent / NOTED
        if noted.is_file() and json.loads(noted.read_text(encoding="utf-8")) == _wanted(put, section, tasks):
            return read_report(path)
    return None


def _wanted(put: Question, section: Evaluation, tasks: Sequence[str]) -> dict[str, Any]:
    """What of the settings changes a model's answers, beside what the folder stands for."""
    found: dict[str, Any] = {"tasks": list(tasks), "options": dict(section.options), "limit": section.limit}
    found |= {"max_new": section.max_new, "dtype": section.dtype, "context": section.context}
    if section.vllm is not None:
        found["vllm"] = dict(section.vllm)
    if put.model == REFINED:
        found |= {"experts": section.experts, "records": section.records, "shown": section.shown}
    return found


def generally(put: Question, section: Evaluation) -> dict[str, Any]:
    """What lm-eval's own task, against forgetting, says of a model; {} when none is asked for, a note why it can't be had."""
    if not section.general:
        return {}
    if found := before_generally(put, section):
        return found
    from lm_eval import simple_evaluate

    from raredx_bench.models import build_model

    lm = build_model(put.model, put.model_args, section.batch_size, section.device or None)
    try:
        results = simple_evaluate(model=lm, tasks=[section.general], limit=section.limit or None, log_samples=False)["results"]
    except Exception as error:  # whatever the task, its data or the hub raise: the ladder stands without it
        return {"note": f"{section.general} can't be asked: {' '.join(str(error).split())[:200]}"}
    figures = results.get(section.general) or next(iter(results.values()))  # a task's file has another name than its task
    found = {name: value for name, value in figures.items() if isinstance(value, float)}
    put.folder.mkdir(parents=True, exist_ok=True)
    document = {**_asked_generally(section), "found": found}
    (put.folder / GENERAL).write_text(json.dumps(document), encoding="utf-8")
    return found


def before_generally(put: Question, section: Evaluation) -> dict[str, Any]:
    """What was measured before of the task that is asked for; {}: nothing."""
    with contextlib.suppress(OSError, ValueError):
        document = json.loads((put.folder / GENERAL).read_text(encoding="utf-8"))
        if {name: document.get(name) for name in _asked_generally(section)} == _asked_generally(section):
            return dict(document["found"])
    return {}


def _asked_generally(section: Evaluation) -> dict[str, Any]:
    return {"task": section.general, "limit": section.limit, "dtype": section.dtype, "context": section.context}
