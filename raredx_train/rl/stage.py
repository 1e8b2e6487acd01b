"""A model folder, and patients -> the policy: rounds of DAPO on what the curriculum puts next.

The stage's folder holds model/ (the best round's, with tokenizer and card; of LoRA the merged model, and the adapter beside it),
rounds.json and rounds.svg, curriculum.json, log.json and TensorBoard's logs.
"""

from __future__ import annotations

import gc
import json
import shutil
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from raredx_bench.domain import Case, DataMissing
from raredx_bench.judging import judge_for
from raredx_train import curriculum
from raredx_train.arguments import adapter, dtype_of, is_first
from raredx_train.checkpoints import check_space, usable
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.grounds import load_grounds
from raredx_train.reasoning.cases import Wanted, apart_from, of_common, training_cases, validation_cases
from raredx_train.reward import rewards_for
from raredx_train.rl import plots
from raredx_train.rl.card import card
from raredx_train.rl.configured import arguments
from raredx_train.rl.course import COURSE, Course
from raredx_train.rl.prompts import fitting, rows
from raredx_train.rl.settings import Rl
from raredx_train.settings import Run
from raredx_train.students import Loaded, loaded

Told = Callable[[int, int, str], None]  # (steps done, of how many, the last figures)


@dataclass(frozen=True)
class Patients:
    """Cases to train on, and cases that each round is validated on. gone: cases that were left out, by reason."""

    training: tuple[Case, ...]
    validation: tuple[Case, ...]
    gone: Counter[str]


def train(
    run: Run, section: Rl, knowledge: Knowledge, start: Path, folder: Path, root: Path,
    told: Told = lambda done, total, said: None,
) -> dict[str, Any]:  # fmt: skip
    """Train the policy in the folder start, and return the stage's figures. One that was stopped goes on from its last round.

    knowledge: settings of the stage whose facts simulated patients are drawn from. Raises UsageError for arguments that can't be,
    DataMissing where there is no case, BadInput for prompts that don't fit.
    """
    return practise(run, section, patients_for(section, knowledge, root), start, folder, root, told)


def patients_for(section: Rl, knowledge: Knowledge, root: Path) -> Patients:
    """The patients that a recipe names. Raises DataMissing where there are none."""
    gone: Counter[str] = Counter()
    grounds = load_grounds(knowledge, root, Counter())
    wanted = Wanted(section.benchmarks, section.simulated, section.cases, section.seed, section.diseases, section.beside)
    taught = training_cases(wanted, grounds.cases, grounds.base, gone)
    training = of_common(taught, section.benchmarks, section.common, grounds.base)
    looked_at = replace(
        wanted, cases=section.validation, simulated=max(wanted.simulated, section.validation) if wanted.simulated else 0
    )
    validation = validation_cases(looked_at, grounds.cases, grounds.base, training)
    if not validation:
        raise DataMissing(f"there is no case to validate on: {', '.join(section.benchmarks)} has none in the part validation: set "
                          "rl.simulated")  # fmt: skip
    return Patients(apart_from(training, validation), validation, gone)


def practise(
    run: Run, section: Rl, patients: Patients, start: Path, folder: Path, root: Path,
    told: Told = lambda done, total, said: None,
) -> dict[str, Any]:  # fmt: skip
    """As train does, with these patients."""
    import torch

    if run.threads:
        torch.set_num_threads(run.threads)
    section = replace(section, reward=replace(section.reward, length=section.reward.length or section.max_completion))
    student = loaded(str(start), dtype_of(section))
    checkpoint = usable(folder / "checkpoints", remove=is_first())
    trainer, figures = _trainer(run, section, patients, student, checkpoint, folder, root, told)
    with warnings.catch_warnings():  # TRL asks transformers by a name of before, once a round
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    course, state = trainer.course, trainer.state
    if state.best_model_checkpoint is not None:  # TRL has loaded it
        trainer.save_model(str(folder / ("adapter" if section.lora else "model")))
    notes = [note for note in (*student.notes, course.barren) if note]
    figures |= {"parameters": student.model.num_parameters(), "notes": notes, **_figures(course, state)}
    if trainer.args.device.type == "cuda":
        figures["GPU memory, MiB"] = torch.cuda.max_memory_allocated(trainer.args.device) // 2**20
    del trainer, student
    gc.collect()
    if is_first():
        _finish(run, section, course, state, start, folder, figures)
    return figures


def _trainer(
    run: Run, section: Rl, patients: Patients, student: Loaded, checkpoint: Path | None, folder: Path, root: Path, told: Told
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """(the trainer, its course where the checkpoint has it; counts of what it trains on)."""
    from datasets import Dataset
    from transformers import PrinterCallback

    from raredx_train.rl.following import Following, Keeping
    from raredx_train.training import tensorboard

    room = student.model.config.get_text_config().max_position_embeddings - section.max_completion
    taught, long = fitting(rows(patients.training, section.asked, section.wording), student.tokenizer, room)
    asked, longer = fitting(rows(patients.validation, section.asked, section.wording), student.tokenizer, room)
    functions, weights = rewards_for(section.reward, root)
    judge, cases = judge_for(root), {case.id: case for case in (*patients.validation, *patients.training)}
    diseases = {case: (*judge.gold(cases[case].answers), case)[0] for case in taught}
    course = _course(
        section, diseases, run.seed, {part.name: weight for part, weight in zip(functions, weights, strict=True)}, checkpoint
    )
    rounds = course.state.round if course.done else section.rounds
    check_space(folder, 9 * sum(each.numel() * each.element_size() for each in student.model.parameters()))  # three checkpoints
    blanks = Dataset.from_dict({"prompt": [[{"role": "user", "content": ""}]] * (rounds * section.generations * section.prompts)})
    trainer = Following(
        course=course, rows=taught, cases=cases, judge=judge, model=student.model, processing_class=student.tokenizer,
        args=arguments(run, section, weights, rounds, folder, fresh=checkpoint is None), reward_funcs=list(functions),
        train_dataset=blanks, eval_dataset=Dataset.from_list(list(asked.values())), peft_config=adapter(section.lora),
        callbacks=[Keeping(course, told), *([tensorboard(folder)] if is_first() else [])],
    )  # fmt: skip
    trainer.remove_callback(PrinterCallback)  # Keeping tells
    left_out = {reason: count for reason, count in patients.gone.items() if count}
    return trainer, {"cases": len(taught), "validation": len(asked), "too long": long + longer, "left out": left_out}


def _course(section: Rl, diseases: Mapping[str, str], seed: int, parts: Mapping[str, float], checkpoint: Path | None) -> Course:
    """The course, where a checkpoint has it."""
    course = Course(section, diseases, seed, parts)
    if checkpoint is not None:
        course.restore(json.loads((checkpoint / COURSE).read_text(encoding="utf-8")))
    return course


def _figures(course: Course, state: Any) -> dict[str, Any]:
    """What the manifest and the card say of a training."""
    best = next((record for record in course.records if record["step"] == state.best_global_step), None)
    assert course.first is not None
    return {
        "steps": state.global_step, "rounds": len(course.records), "best round": best["round"] + 1 if best else 0,
        "stopped": course.records[-1]["signs"] if course.stopped else [],
        "recall": {"first": course.first, "best": best["validation"] if best else course.first,
                   "last": course.records[-1]["validation"]},
        "zero variance": [record["zero variance"] for record in course.records],
        "zero variance trained": [record["zero variance trained"] for record in course.records],
        "tasks": [record["task"] for record in course.records],
    }  # fmt: skip


def _finish(run: Run, section: Rl, course: Course, state: Any, start: Path, folder: Path, figures: dict[str, Any]) -> None:
    """Write the model, the rounds, picture and card. Of the process that writes."""
    model = folder / "model"
    if state.best_model_checkpoint is None:
        shutil.copytree(start, model, dirs_exist_ok=True)
    elif section.lora:
        _merge(loaded(str(start), dtype_of(section)), folder)
    (model / "training_args.bin").unlink(missing_ok=True)  # a pickle that names this machine's folders
    texts = {
        "rounds.json": json.dumps({"first": course.first, "rounds": course.records}, indent=1),
        "curriculum.json": json.dumps(curriculum.as_document(course.state), indent=1),
        "log.json": json.dumps(state.log_history, indent=1), "model/README.md": card(run, section, figures),
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    plots.drawn(course.records, folder / "rounds.svg", f"{run.name}, {folder.name}")
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _merge(base: Loaded, folder: Path) -> None:
    """Write the student with its adapter worked in as a model of its own."""
    from peft import PeftModel

    PeftModel.from_pretrained(base.model, str(folder / "adapter")).merge_and_unload().save_pretrained(str(folder / "model"))
    base.tokenizer.save_pretrained(str(folder / "model"))
