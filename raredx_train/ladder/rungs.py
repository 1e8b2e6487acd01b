"""The models of a run: their names in the order of the recipe, and their folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from raredx_bench.compiled import digest_of, file_digest
from raredx_bench.domain import DataMissing, UnknownName, UsageError
from raredx_train import manifest
from raredx_train.manifest import Manifest

BASE = "base"  # the student before anything was taught
UNTAUGHT = f"evaluation/{BASE}"  # in a run's folder: where the last stage puts it, if it was built from nothing
LEARNT = ("knowledge-sft", "rejection-sft", "rers-sft", "rl", "dcrl")  # stages that make a model
ARMS = ("rejection-sft", "rl")  # what the recipe is compared with: no later stage stands on them
CRR = "crr"
_READ = (".safetensors", ".json", ".jinja")


class Rung(NamedTuple):
    """One model. run: the folder of its run; stage: what made it."""

    run: Path
    stage: str
    folder: Path

    @property
    def label(self) -> str:
        """What it is called: the recipe's name and the stage's."""
        try:
            name = yaml.safe_load((self.run / "config.yaml").read_text(encoding="utf-8"))["name"]
        except (OSError, yaml.YAMLError, KeyError, TypeError):
            name = self.run.name
        return f"{name} {self.stage}"

    @property
    def digest(self) -> str:
        """What stands for its weights, tokenizer and configuration."""
        made = manifest.read(self.run / self.stage)
        stated = {name: digest for name, digest in (made.outputs if made else {}).items() if name.startswith("model/")}
        files = stated or {path.name: file_digest(path) for path in self.folder.iterdir() if path.suffix in _READ}
        return digest_of([f"{name} {digest}" for name, digest in sorted(files.items())])[:8]


def rungs(run: Path) -> list[Rung]:
    """The models that a run's finished stages made, in the recipe's order; one that stands on an earlier state of another stage, as
    an arm that was not run again may, is none of them."""
    made = {stage.name: found for stage in run.glob("*") if (found := manifest.read(stage)) is not None}
    return [Rung(run, stage, run / stage / "model") for stage in LEARNT if stage in made and _is_current(made[stage], made)]


def _is_current(stage: Manifest, made: Mapping[str, Manifest]) -> bool:
    read = ((*name.split("/", 1), digest) for name, digest in stage.inputs.items())
    return all(before in made and made[before].outputs.get(file) == digest for before, file, digest in read)


def rung(path: Path, stage: str | None = None) -> Rung:
    """The model of a stage of a run: path is the run's folder, or that of one of its stages. stage None: the last of the recipe.
    A folder that holds a model itself is taken as it is.

    Raises DataMissing where there is none, UnknownName for no stage that makes a model.
    """
    if stage is None and (path / "config.json").is_file():
        return Rung(path.parent, path.name, path)
    if stage is None and path.name in LEARNT:
        path, stage = path.parent, path.name
    if stage is not None and stage not in (BASE, *LEARNT):
        raise UnknownName("stage with a model", stage, (BASE, *LEARNT))
    if stage == BASE and (path / UNTAUGHT / "config.json").is_file():
        return Rung(path, BASE, path / UNTAUGHT)
    found = {each.stage: each for each in rungs(path)}
    if stage is None:
        lasting = [each for name, each in found.items() if name not in ARMS] or list(found.values())
        if lasting:
            return lasting[-1]
        raise DataMissing(f"{path} holds no finished stage with a model: name the folder of a `raredx-train run`")
    if stage not in found:
        there = f"finished are {', '.join(found)}" if found else "no stage with a model is"
        raise DataMissing(f"{path} has no finished {stage} ({there}): `raredx-train run RECIPE --until {stage}` makes it")
    return found[stage]


def named(kind: str, path: str | None, stage: str | None, others: Mapping[str, Any]) -> Rung:
    """The rung that the arguments of a model type name. Raises UsageError when they name none, or weights of their own."""
    if not path:
        raise UsageError(f"{kind} names no run: write {kind}:RUN, or --model_args path=RUN,stage=dcrl")
    if "pretrained" in others:
        raise UsageError(f"{kind} takes its weights from the run: leave out pretrained, or use the model type of lm-eval itself")
    return rung(Path(path).expanduser(), stage)
