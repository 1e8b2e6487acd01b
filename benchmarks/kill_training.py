"""A training that is killed again and again ends with the very ladder of one that is left alone.

python benchmarks/kill_training.py [RECIPE] --output OUT [--kills 10] [--seed 7] [--data-dir DIR]

Runs RECIPE (default: ci) once, undisturbed, then once more with SIGKILL at random moments over its whole length (as many as asked
for, drawn evenly over the time that the first run took), each followed by the same command. Compares ladder.json, the weights of
every stage and the verdicts of every entry.
"""

from __future__ import annotations

import argparse
import hashlib
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
    whole = time.monotonic() - started
    print(f"undisturbed: {whole:.0f} s", flush=True)
    rng = random.Random(asked.seed)
    moments = sorted(rng.uniform(0, whole) for _ in range(asked.kills))
    waits = [moment - before for before, moment in zip([0.0, *moments], moments, strict=False)]
    startup = 15.0  # of every attempt: imports, before it is where the last one was
    for number, wait in enumerate(waits, 1):
        process = begun(asked.recipe, killed, asked.data_dir)
        try:
            process.wait(timeout=wait + startup)
            print(f"kill {number}: the run had ended", flush=True)
            break
        except subprocess.TimeoutExpired:
            at = stage_of(killed)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            print(f"kill {number}: {wait + startup:.0f} s after its start, in {at}", flush=True)
    finished(begun(asked.recipe, killed, asked.data_dir))
    first, second = contents(alone), contents(killed)
    different = [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]
    print(f"{len(first)} files compared, {len(different)} differ: {', '.join(different) or 'none'}")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
