"""raredx-train: one sentence for a mistake, a summary at the end, a plan without running anything."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from raredx_bench.domain import UsageError
from raredx_train import cli
from raredx_train.config import recipes
from tests.conftest import NOWHERE
from tests.test_train_recipe import SMALLEST


def out_of(*arguments: str) -> str:
    found = CliRunner().invoke(cli.app, list(arguments), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return " ".join(found.output.split())


@pytest.mark.parametrize("recipe", sorted(recipes()))
def test_a_plan_says_sizes_memory_time_and_commands(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))
    found = CliRunner().invoke(cli.app, ["plan", recipe], catch_exceptions=False)
    said = " ".join(found.output.split())
    for part in (
        "M parameters",
        "GiB each",
        "together",
        "raredx_train" if "14b" in recipe else "raredx-train run",
        "not for clinical use",
    ):
        assert part in said
    assert "does NOT fit" not in said
    assert found.exit_code == (1 if "can't run as it is" in said else 0)
    assert (found.exit_code == 1) == (recipe in ("qwen3-4b-lora", "raredxr1-14b"))  # their cases have to be fetched


def test_a_plan_for_a_card_that_is_too_small_says_so_and_is_written_as_json(tmp_path: Path) -> None:
    words = ["plan", "qwen3-4b-lora", "--gpus", "1", "--gpu-memory", "8", "--json", str(tmp_path / "plan.json")]
    found = CliRunner().invoke(cli.app, words, catch_exceptions=False)
    assert found.exit_code == 1
    assert "does NOT fit in 8 GiB" in " ".join(found.output.split())
    document = json.loads((tmp_path / "plan.json").read_text())
    assert (document["schema"], document["runs"], document["machine"]["how"]) == ("raredx-plan-1", False, "told")
    assert [each["stage"] for each in document["stages"][-2:]] == ["dcrl", "evaluation"]
    assert "gpu" in document["assumed"]


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
