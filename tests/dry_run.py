"""raredxr1-14b's stand-in on the small world: in two processes what the recipe spreads, in one what `plan` says runs in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from raredx_train import recipe
from raredx_train.config import load
from raredx_train.stages import KINDS

ROOT = Path(__file__).parents[1]
SMALLER = (
    "student.shape.vocabulary=700", "student.shape.width=32", "student.shape.layers=1", "student.shape.mlp=64",
    "knowledge.pairs=120", "knowledge.diseases=0", "knowledge.heldout=20", "knowledge-sft.recall=0", "knowledge-sft.saves=1",
    "rers.diseases=0", "rers.simulated=20", "rers-sft.recall=0", "rers-sft.saves=1", "rers-sft.lora.rank=4", "dcrl.diseases=0",
    "dcrl.simulated=20", "dcrl.rounds=1", "dcrl.max_completion=24", "dcrl.validation=4", "dcrl.collapse.on=false",
)  # fmt: skip


def ran(output: Path, root: Path) -> Path:
    """The run's folder, all stages done."""
    config = load("raredxr1-14b-dry", SMALLER, KINDS)
    for stage in ("knowledge", "rers"):
        recipe.run(config, recipe.chosen(config, only=stage), output, root)
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--main_process_port", "0",
        "-m", "raredx_train", "run", "raredxr1-14b-dry", *SMALLER, "--until", "dcrl", "--output", str(output),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return output
