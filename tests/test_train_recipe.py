"""A recipe runs its stages once: what is done is left alone, what was stopped goes on to the same weights."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from raredx_bench.domain import BadInput, DataMissing, UnknownName, UsageError
from raredx_bench.hpo import Hpo
from raredx_train import recipe
from raredx_train.checkpoints import LISTING, check_space, fault, newest_sound
from raredx_train.config import load
from raredx_train.manifest import read
from raredx_train.recipe import Listener, Ran
from raredx_train.stages import STAGES, Stage, Work
from tests.conftest import NOWHERE
from tests.knowing import written

ROOT = Path(__file__).parents[1]
SMALLEST = """
name: smallest
threads: 1
student:
  shape: {vocabulary: 400, width: 32, layers: 1, heads: 2, key_value_heads: 1, head: 16, mlp: 64, context: 128}
knowledge: {diseases: 60}
knowledge-sft: {epochs: 2, batch: 16, saves: 3, evaluated: 8, length: 96, recall: 0, trl: {learning_rate: 1.0e-2, logging_steps: 1}}
"""


@dataclass(frozen=True)
class Asked:
    """Settings of a first stage that writes real questions without reading a terminology."""

    diseases: int = 60


@pytest.fixture
def stages(hpo: Hpo) -> list[Stage]:
    def ask(work: Work) -> dict[str, Any]:
        written(work.folder, hpo, work.section.diseases)
        return {"diseases": work.section.diseases}

    return [Stage("knowledge", Asked, ask, outputs=("train.parquet", "heldout.parquet")), STAGES[1]]


SILENT = Listener()
Go = Callable[..., list[Ran]]


@pytest.fixture
def go(tmp_path: Path, stages: list[Stage]) -> Go:
    """Runs the smallest recipe with changes, into a folder."""
    path = tmp_path / "smallest.yaml"
    path.write_text(SMALLEST)

    def run(*changes: str, output: str = "run", listener: Listener = SILENT) -> list[Ran]:
        config = load(str(path), changes, {stage.name: stage.kind for stage in stages})
        return recipe.run(config, stages, tmp_path / output, NOWHERE, listener)

    return run


def weights(ran: Sequence[Ran]) -> bytes:
    return (ran[1].folder / "model" / "model.safetensors").read_bytes()


def stopping(at: int) -> Listener:
    """Stops a training after so many steps, as Ctrl-C would."""

    def told(done: int, total: int, said: str) -> None:
        if done == at:
            raise KeyboardInterrupt

    return Listener(progress=told)


def test_it_trains_writes_what_it_says_and_a_second_call_does_nothing(go: Go) -> None:
    heard: list[str] = []
    first = go("knowledge-sft.recall=4", listener=Listener(begins=heard.append))
    assert heard == ["knowledge", "knowledge-sft"]
    folder, figures = first[1].folder, first[1].manifest.figures
    assert figures["loss"][1] < figures["loss"][0]
    assert {"model.safetensors", "tokenizer.json", "chat_template.jinja", "README.md"} <= {
        path.name for path in (folder / "model").iterdir()
    }
    assert not (folder / "model" / "training_args.bin").exists()
    assert "Not for clinical use" in (folder / "model" / "README.md").read_text()
    assert "<svg" in (folder / "losses.svg").read_text()
    assert list((folder / "tensorboard").iterdir())
    assert not (folder / "checkpoints").exists()
    assert figures["recall"]["after"]["choice"]["all"]["n"] == 4
    assert {"config.yaml", "environment.json"} <= {path.name for path in folder.parent.iterdir()}
    second = go("knowledge-sft.recall=4", listener=Listener(begins=heard.append))
    assert all(ran.skipped for ran in second)
    assert len(heard) == 2
    assert [ran.manifest.key for ran in second] == [ran.manifest.key for ran in first]


def test_a_training_that_was_stopped_goes_on_to_the_same_weights(go: Go, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = go(output="whole")
    with pytest.raises(KeyboardInterrupt):
        go(listener=stopping(9))
    checkpoints = tmp_path / "run" / "knowledge-sft" / "checkpoints"
    assert read(checkpoints.parent) is None
    (checkpoints / "checkpoint-8" / "optimizer.pt").write_bytes(b"damaged")
    ran = go()
    assert "checkpoint-8 can't be used: optimizer.pt is damaged" in caplog.text
    assert "goes on from checkpoint-4" in caplog.text
    assert weights(ran) == weights(whole)
    assert len(ran[1].manifest.begun) == 2
    assert [each["step"] for each in json.loads((ran[1].folder / "log.json").read_text()) if "loss" in each] == list(range(1, 13))


def test_another_configuration_begins_anew_and_loses_nothing(go: Go) -> None:
    first = go()
    second = go("knowledge-sft.epochs=1")
    assert [ran.skipped for ran in second] == [True, False]
    assert second[1].moved is not None
    assert (second[1].moved / "model" / "model.safetensors").read_bytes() != weights(second)
    assert second[1].moved.name == f"knowledge-sft@{first[1].manifest.key[:8]}"
    third = go("knowledge-sft.epochs=1", "knowledge.diseases=61")
    assert not any(ran.skipped for ran in third)


def test_adapters_are_merged_into_a_model_of_its_own(go: Go) -> None:
    ran = go("knowledge-sft.lora={rank: 4}")
    assert (ran[1].folder / "adapter" / "adapter_model.safetensors").is_file()
    assert not (ran[1].folder / "model" / "adapter_config.json").exists()
    assert weights(ran)
    with pytest.raises(UsageError, match=r"peft refuses lora\.peft"):
        go("knowledge-sft.lora={rank: 4, peft: {ranks: 3}}", output="other")


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 40 kB, which the weights do: what a full disk looks like to a program."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_one_sentence(go: Go, small_files: None) -> None:
    with pytest.raises(UsageError, match=r"no space is left for .*knowledge-sft: free some, and the same command goes on"):
        go()


def test_a_stage_that_would_not_fit_is_refused_before_it_begins(tmp_path: Path) -> None:
    check_space(tmp_path, 2**30, free=2**31)
    with pytest.raises(UsageError, match=r"has 1.0 GiB free and the stage writes about 2.0: free some"):
        check_space(tmp_path, 2**31, free=2**30)


def test_a_checkpoint_that_was_not_finished_is_not_used(tmp_path: Path) -> None:
    for step in (5, 10):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "model.safetensors").write_bytes(b"weights")
    assert fault(tmp_path / "checkpoint-10") == "it was not finished"
    assert newest_sound(tmp_path) == (None, dict.fromkeys(("checkpoint-10", "checkpoint-5"), "it was not finished"))
    assert not (tmp_path / "checkpoint-5" / LISTING).exists()


@pytest.mark.parametrize(("changes", "error", "said"), [
    (["needs=cuda", "memory=24", "knowledge-sft.epochs=3"], UsageError, "smallest needs 1 CUDA GPU(s) with 24 GiB and"),
    (["knowledge-sft.trl.optimizer=adam"], UnknownName, "trl.SFTConfig in knowledge-sft.trl (the command line) 'optimizer'"),
    (["knowledge-sft.batch=1000"], BadInput, "examples are fewer than one batch of 1000"),
    (["knowledge-sft.micro_batch=5"], UsageError, "choose a micro_batch that divides 16"),
    (["knowledge-sft.length=8"], BadInput, "longer than 8 tokens: raise length"),
])  # fmt: skip
def test_what_can_not_be_is_one_sentence(go: Go, tmp_path: Path, changes: list[str], error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        go(*changes)
    assert said in str(caught.value)
    if error is UnknownName or "needs=cuda" in changes:
        assert not (tmp_path / "run" / "knowledge").exists()  # said before anything is done


def test_a_stage_alone_says_what_it_lacks(go: Go, stages: list[Stage], tmp_path: Path) -> None:
    config = load(str(tmp_path / "smallest.yaml"), [], {stage.name: stage.kind for stage in stages})
    with pytest.raises(DataMissing, match=r"knowledge-sft reads knowledge, which .* does not have"):
        recipe.run(config, stages[1:], tmp_path / "run", NOWHERE)


def test_two_commands_do_not_share_a_folder(go: Go, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"), pytest.raises(UsageError, match="another command is running in"):
        go()


def test_the_stages_are_chosen_by_name() -> None:
    config = load("tiny", [], {stage.name: stage.kind for stage in STAGES})
    line = ["knowledge", "knowledge-sft", "rers", "rers-sft", "dcrl", "evaluation"]
    assert [stage.name for stage in recipe.chosen(config)] == line
    assert [stage.name for stage in recipe.chosen(config, arms=True)] == [stage.name for stage in STAGES]
    assert [stage.name for stage in recipe.chosen(config, until="rers")] == line[:3]
    needed = ["knowledge", "knowledge-sft", "rejection", "rejection-sft"]  # an arm that is named runs with what it needs
    assert [stage.name for stage in recipe.chosen(config, until="rejection-sft")] == needed
    assert [stage.name for stage in recipe.chosen(config, until="knowledge")] == ["knowledge"]
    assert [stage.name for stage in recipe.chosen(config, only="knowledge-sft")] == ["knowledge-sft"]
    with pytest.raises(UnknownName, match="did you mean knowledge-sft"):
        recipe.chosen(config, until="knowledge_sft")
    without = replace(config, sections={"knowledge": config.sections["knowledge"]})
    with pytest.raises(UsageError, match="has no section knowledge-sft"):
        recipe.chosen(without, until="knowledge-sft")


def test_two_processes_train_as_one_does(go: Go, tmp_path: Path) -> None:
    alone = go()
    shutil.copytree(alone[0].folder, tmp_path / "two" / "knowledge")
    path = tmp_path / "two.yaml"
    path.write_text(SMALLEST.replace("knowledge: {diseases: 60}\n", ""))
    subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m",
         "raredx_train", "sft", str(path), "--output", str(tmp_path / "two")],
        check=True, capture_output=True, timeout=300, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    one, both = (
        [each["loss"] for each in json.loads((folder / "log.json").read_text()) if "loss" in each]
        for folder in (alone[1].folder, tmp_path / "two" / "knowledge-sft")
    )
    assert len(one) == 12
    assert both == pytest.approx(one, rel=1e-4)
    environment = json.loads((tmp_path / "two" / "environment.json").read_text())
    assert environment["processes"] == 2
