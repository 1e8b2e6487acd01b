"""raredx-train: one sentence for a mistake, a summary at the end, a plan without running anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from raredx_bench.domain import UsageError
from raredx_train import cli
from raredx_train.config import recipes
from tests.test_train_recipe import SMALLEST


def out_of(*arguments: str) -> str:
    found = CliRunner().invoke(cli.app, list(arguments), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return " ".join(found.output.split())


@pytest.mark.parametrize("recipe", sorted(recipes()))
def test_a_plan_says_sizes_memory_and_time(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = out_of("plan", recipe)
    assert "M parameters" in said
    assert "GiB each" in said
    assert "hours" in said
    assert "does NOT fit" not in said


def test_a_plan_for_a_card_that_is_too_small_says_so() -> None:
    assert "does NOT fit in the 8 GiB" in out_of("plan", "qwen3-4b-lora", "memory=8")


def test_a_mistake_is_one_sentence_and_exit_code_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["raredx-train", "run", "tiny", "knowledge-sft.epoch=2"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 2
    assert "did you mean epochs?" in capsys.readouterr().err


def test_a_preset_for_a_gpu_is_refused_on_a_machine_without_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="raredxr1-14b needs 8 CUDA GPU"):
        out_of("run", "raredxr1-14b", "--output", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_stage_without_its_input_says_how_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "smallest.yaml"
    path.write_text(SMALLEST.replace("knowledge: {diseases: 60}\n", ""))
    with pytest.raises(UsageError, match="reads knowledge"):
        out_of("sft", str(path), "--output", str(tmp_path))
