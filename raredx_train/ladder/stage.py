"""The stage evaluation: every model of a run through the benchmark, and the ladder of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from raredx_bench.domain import DataMissing
from raredx_bench.report import RunReport
from raredx_train.ladder import report
from raredx_train.ladder.asking import (
    REFINED,
    Heard,
    Question,
    asked,
    at_hand,
    before,
    before_generally,
    generally,
    question,
    refined,
)
from raredx_train.ladder.between import Tally, judged, tallied
from raredx_train.ladder.rungs import BASE, UNTAUGHT, Rung, rung, rungs
from raredx_train.ladder.settings import Evaluation
from raredx_train.settings import FROM_SCRATCH, Run

LADDER = ("ladder.json", "ladder.md", "ladder.svg")


def evaluate(
    run: Run, section: Evaluation, output: Path, root: Path, told: Heard = lambda done, total, said: None
) -> dict[str, Any]:  # fmt: skip
    """The figures of the stage; the ladder is written into the run's folder, answers and entries below it.

    output: the run's folder. Raises DataMissing where no task's data is at hand, what raredx_bench raises for what can't be asked.
    """
    tasks, notes = at_hand(section.tasks, root)
    put = _questions(run, section, output, root)
    reports: dict[str, RunReport] = {}
    general: dict[str, dict[str, Any]] = {}
    for each in put:
        told(0, 0, each.name)
        reports[each.name] = asked(each, section, tasks, root, told)
        missing = any("note" in found for found in general.values())  # what one can't be asked, no other can
        if each.model != REFINED and not missing and (found := generally(each, section)):
            general[each.name] = found
    between = [row for kept in _kept(put) for row in tallied(judged(kept, section, tasks, root))]
    document = _written(run, output, reports, general, between, notes)
    return {"models": len(put), "answers": sum(part.n for each in reports.values() for part in each.benchmarks.values()),
            "notes": notes, "ladder": document}  # fmt: skip


def rebuilt(run: Run, section: Evaluation, output: Path, root: Path) -> dict[str, Any]:
    """The ladder of the answers that are there, written once more. Raises DataMissing when no model was evaluated."""
    tasks, notes = at_hand(section.tasks, root)
    put = _questions(run, section, output, root)
    reports = {each.name: found for each in put if (found := before(each, section, tasks)) is not None}
    if not reports:
        raise DataMissing(f"no model of {output} was evaluated: `raredx-train run {run.name} --output {output}` does")
    general = {each.name: said for each in put if each.name in reports and (said := before_generally(each, section))}
    between = [row for kept in _kept(put) for row in tallied(judged(kept, section, tasks, root))]
    return _written(run, output, reports, general, between, notes)


def _questions(run: Run, section: Evaluation, output: Path, root: Path) -> list[Question]:
    models = rungs(output)
    if not models:
        raise DataMissing(f"{output} holds no model that was taught: run the stages before evaluation")
    alone = [question(run, section, each) for each in (_base(run, output), *models)]
    return alone + [refined(section, rung(output), way, root) for way in section.refined]


def _kept(put: Sequence[Question]) -> list[Path]:
    """The files of answers in between."""
    return sorted({Path(each.model_args["kept"]) for each in put if each.model == REFINED})


def _written(
    run: Run, output: Path, reports: dict[str, RunReport], general: dict[str, dict[str, Any]], between: Sequence[Tally],
    notes: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """Write the ladder of these reports; its document comes back."""
    document = report.document_of(reports, general)
    (output / LADDER[0]).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    title = f"# {run.name}: the ladder\n\nFrom `raredx-train run {run.name}`, written by `raredx-train report`.\n\n"
    page = title + report.markdown(output, document, reports, between, notes)
    (output / LADDER[1]).write_text(page, encoding="utf-8")
    report.drawn(document, output / LADDER[2], f"{run.name}, recall with 95 % intervals")
    return document


def _base(run: Run, output: Path) -> Rung:
    """The student before anything was taught; one built from nothing is built once more, by the seed of the recipe."""
    folder = output / UNTAUGHT
    if run.student.model == FROM_SCRATCH and not (folder / "model.safetensors").is_file():
        from transformers import AutoTokenizer

        from raredx_train.students import qwen3

        assert run.student.shape is not None  # the stage that taught it saw to that
        tokenizer = AutoTokenizer.from_pretrained(output / "knowledge-sft" / "model")
        partial = folder.with_name(f"{BASE}.part")  # moved when it is whole: a killed run leaves no cut weights under the name
        shutil.rmtree(partial, ignore_errors=True)
        tokenizer.save_pretrained(str(partial))
        qwen3(run.student.shape, tokenizer, run.seed).save_pretrained(str(partial))
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return Rung(output, BASE, folder)
