"""Speed and memory: seconds to first use with a cold and a warm cache, peak memory, milliseconds per case of ranking alone.

python benchmarks/speed.py [--data-dir DIR]     (default: RAREDX_DATA; without it, the embedded default and simulated cases)
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from raredx_bench import sources
from raredx_bench.benchmarks import available, load_cases
from raredx_bench.domain import DataMissing
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Ranker

FIRST_USE = """
import resource, time
start = time.perf_counter()
from pathlib import Path
from raredx_bench import sources
from raredx_bench.hpo import load_hpo
from raredx_bench.judging import judge_for
from raredx_bench.phenotype import Ranker
root = sources.data_dir()
judge = judge_for(root)
ranker = Ranker(load_hpo(root), judge.ontology)
judge.linker.link(ranker.rank(["HP:0001166"])[0].name)
print(f"{time.perf_counter() - start:.2f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
"""


def first_use(cache: Path) -> str:
    """Seconds and peak memory of terminology, linker and ranker in a fresh process."""
    done = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True, check=True,
                          env={**os.environ, "RAREDX_CACHE": str(cache)})  # fmt: skip
    return done.stdout.strip()


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path)
    named = arguments.parse_args().data_dir
    if named:
        os.environ["RAREDX_DATA"] = str(named.resolve())
    root = sources.data_dir()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        print("first use, cold cache:", first_use(Path(folder)))
        print("first use, warm cache:", first_use(Path(folder)))
    hpo = load_hpo(root)
    ranker = Ranker(hpo, load_ontology(root, hpo))
    try:
        available("phenopacket_store", root, {})
        name = "phenopacket_store"
    except DataMissing:
        name = "raredx_sim"
    cases = load_cases(name, root, sim_n=2000)
    for label in ("first pass", "second pass"):
        start = time.perf_counter()
        for case in cases:
            ranker.top(ranker.scores(case.observed, case.excluded), 10)
        print(
            f"ranking alone, {name}, {len(cases)} cases, {label}: {1000 * (time.perf_counter() - start) / len(cases):.2f} ms a case"
        )


if __name__ == "__main__":
    main()
