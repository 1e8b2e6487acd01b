"""The shape of raredx_train: imports go one way, files stay short, the wheel carries what is not code."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from raredx_train.stages import STAGES
from tests.test_architecture import imported

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "raredx_train"
LAYERS = (
    "settings", "config", "knowledge", "generate", "reasoning", "reward", "audit", "students", "examples", "recall", "checkpoints",
    "curves", "modelcard", "arguments", "training", "sft", "curriculum", "sampling", "rl", "manifest", "refining", "ladder",
    "stages", "recipe", "plan", "exporting", "cli_plan", "cli_export", "cli_report", "cli", "__main__",
)  # fmt: skip
LONGEST = 250  # lines of a file


def test_every_module_has_its_layer() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {path.stem for path in PACKAGE.glob("*.py")} | folders == {*LAYERS, "__init__"}


@pytest.mark.parametrize("module", LAYERS)
def test_a_module_imports_only_from_the_layers_above_it(module: str) -> None:
    allowed = set(LAYERS[: LAYERS.index(module)])
    folder = PACKAGE / module
    for path in folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]:
        assert imported(path, "raredx_train") <= allowed | ({module} if folder.is_dir() else set()), path


def test_files_stay_short() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, path


def test_the_command_line_loads_no_torch_before_it_needs_it() -> None:
    code = (
        "import sys, raredx_train.cli; print(sorted({'torch', 'transformers', 'trl', 'lm_eval', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == "[]"


def test_hooks_hold_no_logic() -> None:
    tree = ast.parse((PACKAGE / "tasks" / "hooks.py").read_text(encoding="utf-8"))
    assert all(isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign) for node in tree.body)


def test_a_stage_reads_only_stages_before_it() -> None:
    for place, stage in enumerate(STAGES):
        assert set(stage.needs) <= {each.name for each in STAGES[:place]}


def test_the_wheel_carries_recipes_prompts_templates_and_tasks(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True,
                   capture_output=True)  # fmt: skip
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    parts = [*(PACKAGE / "recipes").rglob("*"), *(PACKAGE / "tasks").rglob("*")]
    assert {str(path.relative_to(ROOT)) for path in parts if path.is_file() and path.suffix != ".pyc"} <= names
