"""The stages of the recipe in their order: adding one is a line in STAGES."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from raredx_bench.domain import UsageError
from raredx_train import manifest, sft
from raredx_train.arguments import check_trl
from raredx_train.config import filled
from raredx_train.generate import Generator, generator_for
from raredx_train.knowledge import Knowledge
from raredx_train.ladder.rungs import LEARNT
from raredx_train.ladder.settings import Evaluation
from raredx_train.reasoning.settings import Rers
from raredx_train.rl import Rl
from raredx_train.rl.configured import checked as checked_rl
from raredx_train.settings import Run, Sft

Progress = Callable[[int, int, str], None]  # (done, of how many, what stands beside it)


@dataclass(frozen=True)
class Work:
    """What a stage is given. section: its part of the recipe, checked; inputs: stage -> its folder; folder: its own."""

    run: Run
    section: Any
    inputs: Mapping[str, Path]
    folder: Path
    data_dir: Path
    progress: Progress


@dataclass(frozen=True)
class Stage:
    """One step of the recipe.

    kind: the dataclass of its section. run: does it and returns its figures. needs: the stages it reads; reads: those it reads as
    well where they were run. outputs: files and folders it writes. heeds: fields of Run that change what comes out. asks: whether a
    section asks the run's teacher. arm: it is no part of the recipe but something to compare it with, run when it is asked for.
    torch: it needs PyTorch (and a GPU where the recipe does); spread: it may run in several processes. check: the section with the
    arguments of other libraries checked; place: where they stand.
    """

    name: str
    kind: type
    run: Callable[[Work], dict[str, Any]]
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    heeds: tuple[str, ...] = ()
    asks: Callable[[Any], bool] = lambda section: False
    arm: bool = False
    torch: bool = False
    spread: bool = False
    check: Callable[[Any, str], Any] = lambda section, place: section


class _Writing:
    """A generator as the stage knowledge calls it: one text for each prompt."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    def generate(self, prompts: Sequence[list[dict[str, str]]]) -> list[str]:
        return [sample.text for (sample,) in self.generator.generate(prompts)]


def _knowledge(work: Work) -> dict[str, Any]:
    from raredx_train.knowledge import build_knowledge  # with it comes the whole stage

    teacher = work.run.teacher
    writer = _Writing(generator_for(teacher, work.folder / "replies")) if teacher is not None and work.section.written else None
    return asdict(build_knowledge(work.section, work.folder, work.data_dir if work.data_dir.is_dir() else None, writer))


def _reasoning(work: Work) -> dict[str, Any]:
    from raredx_train.reasoning.building import build_reasoning  # with it comes the whole stage

    assert work.run.teacher is not None  # recipe.run saw to it
    return build_reasoning(work.section, work.run.teacher, _facts(work), work.folder, work.data_dir, work.progress)


def _sft(work: Work) -> dict[str, Any]:
    return sft.train(work.run, work.section, sft.Lesson(work.inputs["knowledge"]), work.folder, work.data_dir, work.progress)


def _sft_on(traces: str, work: Work) -> dict[str, Any]:
    lesson = sft.Lesson(work.inputs["knowledge"], work.inputs[traces], work.inputs["knowledge-sft"] / "model")
    return sft.train(work.run, work.section, lesson, work.folder, work.data_dir, work.progress)


def _rl(work: Work) -> dict[str, Any]:
    from raredx_train.rl import train  # with it comes the whole stage

    return train(work.run, work.section, _facts(work), work.inputs["rers-sft"] / "model", work.folder, work.data_dir, work.progress)


def _evaluation(work: Work) -> dict[str, Any]:
    from raredx_train.ladder.stage import evaluate

    return evaluate(work.run, work.section, work.folder.parent, work.data_dir, work.progress)


def _facts(work: Work) -> Knowledge:
    """The settings of the run's stage knowledge, of all diseases: what is known when reasoning on a case."""
    before = manifest.read(work.inputs["knowledge"])
    assert before is not None  # recipe.run saw to it
    return filled(Knowledge, before.config, ("knowledge",), {}).of_all


def _checked_sft(section: Sft, place: str) -> Sft:
    return replace(section, trl=check_trl(section.trl, place))


def _checked_rejection(section: Rers, place: str) -> Rers:
    if section.rounds:
        raise UsageError(
            f"{place.replace('.trl', '')}: rejection sampling does not reflect: set rounds to 0, or name the section rers"
        )
    return section


def _teaching(name: str, traces: str, arm: bool = False) -> Stage:
    """A stage that learns the reasoning of another one."""
    return Stage(name, Sft, partial(_sft_on, traces), ("knowledge", "knowledge-sft", traces), outputs=("model",), heeds=("seed",),
                 arm=arm, torch=True, spread=True, check=_checked_sft)  # fmt: skip


def _practising(name: str, arm: bool = False) -> Stage:
    """A stage of reinforcement learning on what rers-sft has learnt."""
    return Stage(name, Rl, _rl, ("knowledge", "rers-sft"), outputs=("model", "rounds.json", "curriculum.json"), heeds=("seed",),
                 arm=arm, torch=True, spread=True, check=checked_rl)  # fmt: skip


CORPUS = ("train.parquet", "heldout.parquet")
STAGES: tuple[Stage, ...] = (
    Stage("knowledge", Knowledge, _knowledge, outputs=(*CORPUS, "names.txt"), asks=lambda section: section.written > 0),
    Stage("knowledge-sft", Sft, _sft, ("knowledge",), outputs=("model",), heeds=("student", "seed"), torch=True, spread=True,
          check=_checked_sft),
    Stage("rejection", Rers, _reasoning, ("knowledge",), outputs=CORPUS, asks=lambda section: True, arm=True,
          check=_checked_rejection),
    _teaching("rejection-sft", "rejection", arm=True),
    Stage("rers", Rers, _reasoning, ("knowledge",), outputs=CORPUS, asks=lambda section: True),
    _teaching("rers-sft", "rers"),
    _practising("rl", arm=True),
    _practising("dcrl"),
    Stage("evaluation", Evaluation, _evaluation, ("knowledge", "knowledge-sft"), reads=LEARNT[1:], heeds=("student", "seed"),
          torch=True),
)  # fmt: skip
KINDS = {stage.name: stage.kind for stage in STAGES}
