"""A run in two parts at the same time, put together, against the run in one: are the reports the same, and what does it save?

python benchmarks/sharded.py                   # 2,000 simulated patients and the vignettes, the built-in diagnoser
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-c", "from raredx_bench.cli import main; main()")


def started(output: Path, size: int, *more: str) -> subprocess.Popen[bytes]:
    """A run that has begun."""
    arguments = ["run", "--model", "phenotype", "--tasks", "raredx_sim,raredx_vignettes", "--metadata", json.dumps({"sim_n": size})]
    return subprocess.Popen([*COMMAND, *arguments, "--output", str(output), *more], stdout=subprocess.DEVNULL)


def told(folder: Path) -> dict[str, Any]:
    """A report without what no two runs share: id, time, seconds, and the energy of processors."""
    report = json.loads(next(folder.glob("*/report.json")).read_text(encoding="utf-8"))
    for key in ("id", "created"):
        report.pop(key)
    for key in ("seconds", "tokens_per_second", "energy_joules"):
        report["cost"].pop(key, None)
    return dict(report)


def main() -> None:
    """Prints the seconds of both ways, and whether report and verdicts are the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        begun = time.perf_counter()
        assert started(root / "whole", options.cases).wait() == 0
        whole = time.perf_counter() - begun
        begun = time.perf_counter()
        parts = [started(root / f"part{number}", options.cases, "--shard", f"{number}/2") for number in (1, 2)]
        assert [part.wait() for part in parts] == [0, 0]
        apart = time.perf_counter() - begun
        folders = [str(next((root / f"part{number}").glob("*/report.json")).parent) for number in (1, 2)]
        subprocess.run([*COMMAND, "merge", *folders, "--output", str(root / "merged")], check=True, stdout=subprocess.DEVNULL)
        same = told(root / "whole") == told(root / "merged")
        verdicts = {path.name: path.read_bytes() for path in (root / "whole").glob("*/verdicts/*.jsonl")}
        merged = {path.name: path.read_bytes() for path in (root / "merged").glob("*/verdicts/*.jsonl")}
        print(
            f"{options.cases} + 135 cases: in one {whole:.1f} s, in two parts at the same time {apart:.1f} s (everything included)"
        )
        print(f"report the same apart from id and times: {same}; verdicts byte for byte: {verdicts == merged}")
    raise SystemExit(0 if same and verdicts == merged else 1)


if __name__ == "__main__":
    main()
