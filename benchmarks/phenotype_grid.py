"""How recall of the phenotype baseline moves with its constants: the grid behind docs/phenotype.md.

python benchmarks/phenotype_grid.py [--data-dir DIR] [--every N]    every Nth phenopacket (default 5), all of RareBench
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import ratios

RAREBENCH = ("rarebench_ramedis", "rarebench_mme", "rarebench_hms", "rarebench_lirical")


def recalls(ranker: ratios.Ranker, cases: Sequence[Case]) -> str:
    """recall@1/5/10 in percent; equivalent ids merged, ties by id."""
    ranks = []
    for case in cases:
        gold = {ranker.ontology.canonical(each) for each in case.answers}
        best = [ranker.diseases[row] for row in ranker.top(ranker.scores(case.observed, case.excluded), 10)]
        ranks.append(next((rank for rank, each in enumerate(best, 1) if each in gold), 11))
    return "/".join(f"{100 * sum(rank <= k for rank in ranks) / len(ranks):.1f}" for k in (1, 5, 10))


def main() -> None:
    """Print one row per setting."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path)
    arguments.add_argument("--every", type=int, default=5)
    given = arguments.parse_args()
    root = sources.data_dir(given.data_dir)
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    rarebench = [case for name in RAREBENCH for case in load_cases(name, root)]
    packets = load_cases("phenopacket_store", root)[:: given.every]
    print("unknown frequency | behind | least absent | RareBench @1/5/10 | phenopackets @1/5/10")
    for unknown in (0.3, 0.5, 0.7):
        ratios.UNKNOWN_FREQUENCY = unknown
        for behind in (1.0, 0.3, 0.1, 0.03, 0.01):
            ratios.BEHIND = behind
            for absent in (0.3, 0.05):
                ratios.LEAST_ABSENT = absent
                ranker = ratios.Ranker(hpo, ontology)
                print(f"{unknown} | {behind} | {absent} | {recalls(ranker, rarebench)} | {recalls(ranker, packets)}", flush=True)


if __name__ == "__main__":
    main()
