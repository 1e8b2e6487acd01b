"""The stages in their order; one whose manifest says that nothing changed is left alone, one that was killed goes on."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from raredx_bench.compiled import digest_of
from raredx_bench.domain import DataMissing, UnknownName, UsageError
from raredx_bench.reporting import environment
from raredx_train import manifest
from raredx_train.arguments import is_first, processes
from raredx_train.checkpoints import full_disk, no_space
from raredx_train.config import Config, digest
from raredx_train.manifest import Manifest
from raredx_train.reasoning.settings import Rers
from raredx_train.stages import STAGES, Progress, Stage, Work

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers", "vllm")


@dataclass(frozen=True)
class Ran:
    """What became of a stage. skipped: it was done before. moved: where the results of another configuration went."""

    stage: str
    folder: Path
    manifest: Manifest
    skipped: bool
    moved: Path | None = None


@dataclass(frozen=True)
class Listener:
    """Who is told: of a stage that begins, of one that ended, and how far the one that runs is."""

    begins: Callable[[str], None] = lambda stage: None
    ended: Callable[[Ran], None] = lambda ran: None
    progress: Progress = lambda done, total, said: None


def chosen(config: Config, until: str | None = None, only: str | None = None, arms: bool = False) -> list[Stage]:
    """The stages to run: those the recipe has a section for, up to one of them, or only that; arms: those to compare with, too.

    A stage that is named is run, whatever it is, with those that it needs. Raises UnknownName or UsageError.
    """
    named = [stage for stage in STAGES if stage.name in config.sections]
    last = only or until
    if last is not None and last not in {stage.name for stage in STAGES}:
        raise UnknownName("stage", last, [stage.name for stage in STAGES])
    if last is not None and last not in config.sections:
        raise UsageError(f"the recipe {config.run.name} has no section {last}: add one, or stop at {named[-1].name}")
    names = [stage.name for stage in named]
    upto = named if last is None else named[: names.index(last) + 1]
    wanted = _needed(last) if last is not None else frozenset()
    return [stage for stage in upto if (stage.name == only if only else arms or not stage.arm or stage.name in wanted)]


def _needed(name: str) -> frozenset[str]:
    """A stage and all that it reads, and what they read."""
    needs = next(stage.needs for stage in STAGES if stage.name == name)
    return frozenset({name}.union(*map(_needed, needs)))


def run(
    config: Config, stages: list[Stage], output: Path, data_dir: Path, listener: Listener = Listener()
) -> list[Ran]:  # fmt: skip
    """Every stage's outcome. Raises UsageError for what a recipe asks and a machine lacks, before anything is loaded."""
    waiting = _waiting(config, stages, output)
    checked = {stage.name: stage.check(config.sections[stage.name], config.place(stage.name, "trl")) for stage in waiting}
    if any(stage.torch for stage in waiting):
        _check_machine(config)
    if config.run.teacher is None and (asking := [each.name for each in waiting if each.kind is Rers]):
        raise UsageError(f"{asking[0]} needs a teacher, and the recipe {config.run.name} names none: give it a section teacher "
                         "(backend: ontology needs no language model)")  # fmt: skip
    with _alone(config, output) if is_first() else contextlib.nullcontext():
        return [_outcome(config, stage, checked, output, data_dir, listener) for stage in stages]


def _outcome(
    config: Config, stage: Stage, checked: dict[str, Any], output: Path, data_dir: Path, listener: Listener
) -> Ran:  # fmt: skip
    """What became of one stage, told to the listener."""
    folder, inputs = output / stage.name, inputs_of(stage, output)
    key = key_of(config, stage, inputs)
    before = manifest.done(folder, key)
    if before is not None:
        ran = Ran(stage.name, folder, before, skipped=True)
    else:
        listener.begins(stage.name)
        read = {name: output / name for name in stage.needs}
        work = Work(config.run, checked[stage.name], read, folder, data_dir, listener.progress)
        ran = _run(config, stage, work, key, inputs)
    listener.ended(ran)
    return ran


def key_of(config: Config, stage: Stage, inputs: dict[str, str]) -> str:
    """What stands for all that goes into a stage: its section, what it heeds of the run, the contents of its inputs."""
    heeds = (*stage.heeds, "teacher") if stage.asks(config.sections[stage.name]) else stage.heeds
    heeded = {name: value for name, value in asdict(config.run).items() if name in heeds}
    parts = [
        stage.name,
        digest(config.sections[stage.name]),
        json.dumps(heeded, sort_keys=True),
        json.dumps(inputs, sort_keys=True),
    ]
    return digest_of(parts)


def _run(config: Config, stage: Stage, work: Work, key: str, inputs: dict[str, str]) -> Ran:
    """Run one stage and write its manifest (of the first process alone)."""
    if processes() > 1 and not stage.spread:
        raise UsageError(f"{stage.name} runs in one process: `raredx-train run {config.run.name} --until {stage.name}` does, then "
                         "launch those behind it in several")  # fmt: skip
    begun, moved = manifest.begin(work.folder, key) if is_first() else ((), None)
    manifest.reset_peak()
    started, worked = time.perf_counter(), time.process_time()
    try:
        figures = stage.run(work)
    except Exception as error:  # torch, safetensors and the system each say in their own way that a file can't grow
        if not full_disk(error):
            raise
        raise no_space(work.folder) from error
    made = Manifest(
        stage.name, key, config.document[stage.name], inputs, manifest.digests(work.folder, stage.outputs) if is_first() else {},
        config.run.seed, figures, begun, manifest.now(), round(time.perf_counter() - started, 1),
        round(time.process_time() - worked, 1), round(manifest.peak(), 1),
        manifest.revision(), version("raredx"),
    )  # fmt: skip
    if is_first():
        manifest.finish(work.folder, made)
    _together()
    return Ran(stage.name, work.folder, made, skipped=False, moved=moved)


def _waiting(config: Config, stages: list[Stage], output: Path) -> list[Stage]:
    """The stages that have to run; one that reads such a stage has to run, too."""
    found: list[Stage] = []
    for stage in stages:
        stale = {each.name for each in found}
        missing = [name for name in stage.needs if name not in stale and manifest.read(output / name) is None]
        if missing and missing[0] not in {each.name for each in stages}:
            raise DataMissing(f"{stage.name} reads {missing[0]}, which {output} does not have: `raredx-train run {config.run.name} "
                              f"--until {stage.name}` runs both")  # fmt: skip
        fresh = stale & {*stage.needs, *stage.reads} or missing
        if fresh or manifest.done(output / stage.name, key_of(config, stage, inputs_of(stage, output))) is None:
            found.append(stage)
    return found


def inputs_of(stage: Stage, output: Path) -> dict[str, str]:
    """The files that a stage reads, by "stage/file", with their SHA-256; those that are not there yet are left out."""
    outputs = {each.name: each.outputs for each in STAGES}
    return {f"{name}/{file}": found for name in (*stage.needs, *(each for each in stage.reads if manifest.read(output / each)))
            for file, found in manifest.digests(output / name, outputs[name]).items()}  # fmt: skip


def _check_machine(config: Config) -> None:
    """Raise UsageError for a recipe that needs a GPU on a machine without one, or for a missing package."""
    try:
        import torch
        import trl  # noqa: F401
    except ImportError as error:
        raise UsageError(f"training needs the package {error.name}: pip install 'raredx[train]'") from error
    if config.run.needs == "cuda" and not torch.cuda.is_available():
        room = f" with {config.run.memory:g} GiB" if config.run.memory else ""
        raise UsageError(f"{config.run.name} needs {config.run.processes} CUDA GPU(s){room} and PyTorch sees none here: "
                         f"`raredx-train plan {config.run.name}` says what it takes, and tiny runs without one")  # fmt: skip


@contextmanager
def _alone(config: Config, output: Path) -> Iterator[None]:
    """Writes the resolved configuration and the environment; nobody else may run in the folder meanwhile.

    Raises UsageError when somebody does, or when the folder can't be written.
    """
    document: dict[str, Any] = {**environment(), "processes": processes()}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            document[name] = version(name)
    torch = sys.modules.get("torch")  # whoever trains has loaded it
    if torch is not None and torch.cuda.is_available():
        document["accelerators"] = f"{torch.cuda.device_count()} x {torch.cuda.get_device_name(0)}"
    lock = FileLock(output / ".lock")
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        (output / "config.yaml").write_text(yaml.safe_dump(config.document, sort_keys=False, allow_unicode=True), encoding="utf-8")
        (output / "environment.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    except Timeout as error:
        raise UsageError(f"another command is running in {output}: wait for it, or name another folder with --output") from error
    except OSError as error:
        raise UsageError(f"{output} can't be written ({error.strerror}): name another folder with --output") from error
    try:
        yield
    finally:
        lock.release()


def _together() -> None:
    """Wait until every process is here."""
    if processes() > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()
