"""Time and peak memory of loading a set of RareArena's full size, made here in its record format.

python benchmarks/load.py                  # 50,000 cases through the loader, then as lm-eval's dataset
python benchmarks/load.py --cases 5000
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from pathlib import Path

from raredx_bench.hpo import load_hpo

WORDS = 290  # of a report on average: RDS.json has 79.8 MB for 49,760 records


def write(path: Path, size: int, seed: int) -> None:
    """A file of made-up reports: sentences of HPO labels, answers out of the annotated Orphanet diseases."""
    hpo = load_hpo(path.parent)
    rng = random.Random(seed)
    diseases = [each.removeprefix("ORPHA:") for each in hpo.diseases if each.startswith("ORPHA:")]
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as handle:
        for number in range(size):
            words: list[str] = []
            while len(words) < rng.randint(WORDS // 2, WORDS * 3 // 2):
                words += f"The patient was found to have {rng.choice(hpo.names).lower()}.".split()
            row = {"_id": f"{10_000_000 + number // 2}-{number % 2 + 1}", "case_report": " ".join(words), "diagnosis": "made up",
                   "Orpha_name": "made up", "Orpha_id": rng.choice(diseases), "age": [[rng.randint(1, 80), "year"]], "gender": "F",
                   "pub_date": f"{rng.randint(2005, 2024)}-{rng.randint(1, 12):02}-01"}  # fmt: skip
            handle.write(json.dumps(row) + "\n")


def peak() -> float:
    """Highest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Prints one line a step: seconds, and the peak after it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rarearena/RDS.json"
        if os.fork() == 0:  # so that writing doesn't count
            write(path, options.cases, options.seed)
            os._exit(0)
        os.wait()
        print(f"{options.cases} cases, {path.stat().st_size / 1e6:.0f} MB; peak before loading {peak():.0f} MB")
        os.environ["RAREDX_DATA"] = folder
        started = time.perf_counter()
        from raredx_bench.tasks import cases_of, dataset, task_named

        metadata = dict(task_named("rarearena_rds").metadata)
        cases = cases_of(metadata)
        print(f"loaded {len(cases)}: {time.perf_counter() - started:.1f} s (imports included), peak {peak():.0f} MB")
        started = time.perf_counter()
        rows = dataset(**metadata)["test"]
        print(f"as a dataset of {len(rows)} rows: {time.perf_counter() - started:.1f} s more, peak {peak():.0f} MB")


if __name__ == "__main__":
    main()
