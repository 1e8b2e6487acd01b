"""A training that is killed again and again ends with the very ladder of one that is left alone.

python benchmarks/kill_training.py [RECIPE] --output OUT [--kills 10] [--seed 7] [--data-dir DIR]

Runs RECIPE (default: ci) once, undisturbed, then once more with SIGKILL at random moments, each followed by the same command. The
stages take turns (every one is hit when there are as many kills as stages), the moment is drawn evenly over the time that the stage
took undisturbed, and counted from when it goes on; one that goes on near its end is over before, and the kill falls behind it.
Compares ladder.json, the weights of every stage and the verdicts of every entry.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path


def begun(recipe: str, folder: Path, data_dir: Path | None) -> subprocess.Popen[bytes]:
    """The training, in a process group of its own."""
    command = [sys.executable, "-m", "raredx_train", "run", recipe, "threads=1", "-o", str(folder)]
    command += ["--data-dir", str(data_dir)] if data_dir else []
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finished(process: subprocess.Popen[bytes]) -> None:
    """Wait for a training that nobody disturbs. Raises SystemExit with what it said when it fails."""
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(said.decode(errors="replace")[-2000:])


def stage_of(folder: Path) -> str:
    """What a run is at: its newest stage that is not finished."""
    stages = [path.parent for path in folder.glob("*/begun.json") if not (path.parent / "manifest.json").is_file()]
    return max(stages, key=lambda each: (each / "begun.json").stat().st_mtime).name if stages else "between two stages"


def drawn(folder: Path, kills: int, rng: random.Random) -> list[tuple[str, float]]:
    """(stage, seconds after it goes on) of each kill, in the order of the stages. folder: of the undisturbed run."""
    made = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*/manifest.json")}
    stages = sorted(made, key=lambda stage: made[stage]["finished"])
    turns = [stage for stage in stages for _ in range(kills // len(stages))] + rng.sample(stages, kills % len(stages))
    return sorted(((stage, rng.uniform(0, made[stage]["seconds"])) for stage in turns), key=lambda each: stages.index(each[0]))


def times_begun(folder: Path, stage: str) -> int:
    """How often a stage was begun."""
    with contextlib.suppress(OSError, ValueError):  # it is not there, or being written
        return len(json.loads((folder / stage / "begun.json").read_text(encoding="utf-8"))["begun"])
    return 0


def killed_at(process: subprocess.Popen[bytes], folder: Path, stage: str, offset: float) -> bool:
    """Kill a training so many seconds after it went on with a stage; False: it ended before."""
    before = times_begun(folder, stage)
    while times_begun(folder, stage) == before:
        if process.poll() is not None or (folder / stage / "manifest.json").is_file():
            break
        time.sleep(0.05)
    try:
        process.wait(timeout=offset)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def contents(folder: Path) -> dict[str, str]:
    """What must be alike: the ladder, the weights of every stage, the verdicts behind every entry; file -> SHA-256."""
    paths = {"ladder.json": folder / "ladder.json"}
    paths |= {f"{path.parts[-3]}: weights": path for path in folder.glob("*/model/model.safetensors")}
    for path in sorted(folder.glob("answers/**/verdicts/*.jsonl")):
        paths["/".join((*path.relative_to(folder).parts[1:-3], path.name))] = path
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(paths.items())}


def main() -> None:
    """Print each kill, and what differs in the end; exit code 1 when anything does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="?", default="ci")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data-dir", type=Path)
    asked = parser.parse_args()
    alone, killed = asked.output / "alone", asked.output / "killed"
    started = time.monotonic()
    finished(begun(asked.recipe, alone, asked.data_dir))
    print(f"undisturbed: {time.monotonic() - started:.0f} s", flush=True)
    for number, (stage, offset) in enumerate(drawn(alone, asked.kills, random.Random(asked.seed)), 1):
        if not killed_at(begun(asked.recipe, killed, asked.data_dir), killed, stage, offset):
            print(f"kill {number}: the run had ended", flush=True)
            break
        print(f"kill {number}: {offset:.1f} s after {stage} went on, in {stage_of(killed)}", flush=True)
    finished(begun(asked.recipe, killed, asked.data_dir))
    first, second = contents(alone), contents(killed)
    different = [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]
    print(f"{len(first)} files compared, {len(different)} differ: {', '.join(different) or 'none'}")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
