"""Share of cases whose level is known, by benchmark and stratum, and the seconds that stratifying takes.

python benchmarks/strata.py [--data-dir DIR]     (default: RAREDX_DATA; without it, the embedded default)
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from raredx_bench import sources
from raredx_bench.benchmarks import BENCHMARKS, available, load_cases
from raredx_bench.domain import DataMissing
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.strata import NOT_KNOWN, stratified


def main() -> None:
    """Print a row a benchmark and stratum: share known, then the levels with their counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    root = sources.data_dir(parser.parse_args().data_dir)
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    for name, benchmark in BENCHMARKS.items():
        try:
            available(name, root, {})
        except DataMissing:
            continue
        cases = load_cases(name, root)
        start = time.perf_counter()
        found = stratified(cases, ontology, hpo, root, text=benchmark.form == "text")
        print(f"{name}: {len(cases)} cases in {time.perf_counter() - start:.2f} s")
        for stratum in sorted({key for case in found for key in case.strata}):
            levels = Counter(case.strata.get(stratum, NOT_KNOWN) for case in found)
            known = 1 - levels[NOT_KNOWN] / len(cases)
            print(f"  {stratum:<18} {100 * known:5.1f} %  " + ", ".join(f"{level} {n}" for level, n in levels.most_common(20)))


if __name__ == "__main__":
    main()
