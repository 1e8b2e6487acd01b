"""A run's folder -> the stage to publish, and the stages that it learnt from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.domain import BadInput, DataMissing, UnknownName, UsageError
from raredx_train import manifest
from raredx_train.manifest import Manifest
from raredx_train.stages import STAGES, Stage


@dataclass(frozen=True)
class Published:
    """A stage that can be published. before: manifests of all that it learnt from, itself last; cards: stage -> its data card;
    recipe: the run's resolved configuration."""

    run: Path
    stage: str
    before: Mapping[str, Manifest]
    cards: Mapping[str, Mapping[str, Any]]
    recipe: Mapping[str, Any]

    @property
    def model(self) -> Path:
        """The folder of its weights."""
        return self.run / self.stage / "model"

    @property
    def manifest(self) -> Manifest:
        """Its own."""
        return self.before[self.stage]


def found(run: Path, stage: str | None = None) -> Published:
    """The stage of a run to publish: the named one, else the last of the recipe's own that is finished and has weights.

    Raises DataMissing for no run, UnknownName or UsageError for a stage that has no weights, is not finished or was changed since,
    or learnt from data under an agreement that a published model may break.
    """
    import yaml

    if not (run / "config.yaml").is_file():
        raise DataMissing(f"{run} is no run's folder (it has no config.yaml): name one that `raredx-train run` wrote")
    modelled = [each for each in STAGES if "model" in each.outputs]
    if stage is not None and stage not in {each.name for each in modelled}:
        raise UnknownName("stage with weights", stage, [each.name for each in modelled])
    if stage is None:
        done = [each.name for each in modelled if not each.arm and manifest.read(run / each.name) is not None]
        if not done:
            raise UsageError(f"no stage of {run} with weights is finished: `raredx-train run` goes on with it")
        stage = done[-1]
    before = {each.name: _finished(run, each, stage) for each in _learnt(stage)}
    _check_terms(stage, before)
    recipe = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    return Published(run, stage, before, {name: card for name in before if (card := _card(run / name)) is not None}, recipe)


def _learnt(name: str) -> list[Stage]:
    """The stage and all that it learnt from, in the recipe's order."""
    wanted, left = set(), [name]
    while left:
        each = left.pop()
        wanted.add(each)
        left += next(stage.needs for stage in STAGES if stage.name == each)
    return [stage for stage in STAGES if stage.name in wanted]


def _finished(run: Path, stage: Stage, asked: str) -> Manifest:
    found = manifest.read(run / stage.name)
    if found is None:
        raise UsageError(f"{stage.name} of {run} is not finished{'' if stage.name == asked else f', and {asked} learnt from it'}: "
                         f"`raredx-train run … --until {asked} -o {run}` goes on with it")  # fmt: skip
    if stage.name == asked:
        now = manifest.digests(run / stage.name, stage.outputs)
        changed = sorted(name for name in {**now, **found.outputs} if now.get(name) != found.outputs.get(name))
        if changed:
            raise UsageError(f"{stage.name} of {run} was changed after it was finished ({changed[0]}): run it again, or undo that")
    return found


def _check_terms(stage: str, before: Mapping[str, Manifest]) -> None:
    """Raise UsageError where a stage's settings name a benchmark whose agreement forbids that what it taught is shared."""
    for name, made in before.items():
        for each in made.config.get("benchmarks", ()):
            if each in BENCHMARKS and BENCHMARKS[each].private:
                raise UsageError(f"{name} learnt from {each}, whose data use agreement a published model may break: {stage} is not "
                                 "exported; train without it")  # fmt: skip


def _card(folder: Path) -> Mapping[str, Any] | None:
    """A stage's data card; None where it writes none. Raises BadInput for one that can't be read."""
    path = folder / "card.json"
    if not path.is_file():
        return None
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{path} is no JSON ({error}): run the stage again") from error
    return card
