"""How often 95 % intervals hold the truth, and how often a test finds what isn't there: simulations with known truth, as Markdown.

python benchmarks/coverage.py                 everything, 1,000 draws a row
python benchmarks/coverage.py --draws 4000    with less noise
--only      intervals, differences or power

Clusters are of one case each, or of 1 to 460 by a power law with exponent -1.8, which gives the mean of 6 and the largest ones of the
Phenopacket Store's publications. A case's rank comes from a normal variable that shares a part with its cluster (and, in a pair of
runs, a part with the other run's answer to the same case), cut so that ranks have the stated distribution.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from raredx_bench.domain import Estimate
from raredx_bench.metrics import MISS, rank_estimates, statistics_of

CLUSTERS = (20, 40, 88, 100, 400)
METRICS = ("recall@1", "recall@5", "recall@10", "mrr", "median_rank")
RANKS = {  # share of cases at ranks 1 to 10; the rest are misses
    0.05: (0.05, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01),
    0.35: (0.35, 0.08, 0.05, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01),
    0.8: (0.8, 0.06, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.0, 0.0),
}


@dataclass(frozen=True)
class Sizes:
    """How many cases clusters have. alike: correlations of a cluster's cases that are tried."""

    name: str
    largest: int
    alike: tuple[float, ...]

    def drawn(self, clusters: int, rng: np.random.Generator) -> np.ndarray:
        """The cluster of each case; (cases,)."""
        size = np.arange(1, self.largest + 1)
        chance = size**-1.8
        return np.repeat(np.arange(clusters), rng.choice(size, size=clusters, p=chance / chance.sum()))


ALONE, PUBLICATIONS = Sizes("one case", 1, (0.0,)), Sizes("publications", 460, (0.0, 0.3, 0.8))


def ranks_of(latent: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Ranks with these shares, the best for the lowest values."""
    return np.searchsorted(ndtri(np.minimum(np.cumsum(shares), 1)), latent) + 1


def latent_of(cluster: np.ndarray, alike: float, rng: np.random.Generator, own: np.ndarray | None = None) -> np.ndarray:
    """A standard normal variable a case, whose correlation inside a cluster is alike; own: what is the case's own."""
    shared = rng.standard_normal(cluster.max() + 1)[cluster]
    own = rng.standard_normal(len(cluster)) if own is None else own
    return np.sqrt(alike) * shared + np.sqrt(1 - alike) * own


def held(found: Estimate, truth: float) -> bool:
    """Whether an interval holds the truth."""
    return found.low - 1e-12 <= truth <= found.high + 1e-12


def settings(clusters: Sequence[int]) -> Iterator[tuple[Sizes, int, float]]:
    """Kinds of clusters, how many of them, how alike their cases are."""
    for sizes in (ALONE, PUBLICATIONS):
        for count in clusters:
            for alike in sizes.alike:
                yield sizes, count, alike


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Print Markdown, line by line."""
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def percent(shares: Sequence[float]) -> str:
    """Shares as percent, joined by a slash."""
    return " / ".join(f"{100 * each:.1f}" for each in shares)


def print_intervals(draws: int, seed: int, clusters: Sequence[int]) -> None:
    """Coverage of the intervals of a run's estimates."""

    def rows() -> Iterator[Sequence[str]]:
        for sizes, count, alike in settings(clusters):
            shares = {recall: _covered(sizes, count, alike, ranks, draws, seed) for recall, ranks in RANKS.items()}
            yield sizes.name, str(count), str(alike), *(percent([each[name] for each in shares.values()]) for name in METRICS)

    print(f"\n### Coverage in percent, at recall@1 {' / '.join(map(str, RANKS))}; {draws} draws")
    table(("clusters of", "clusters", "alike", *METRICS), rows())


def _covered(sizes: Sizes, count: int, alike: float, shares: Sequence[float], draws: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    histogram = np.append(shares, 1 - sum(shares))
    truth = {name: float(each) for name, each in statistics_of(np.round(histogram * 10**6)).items()}
    hits = dict.fromkeys(METRICS, 0)
    for _ in range(draws):
        cluster = sizes.drawn(count, rng)
        found = rank_estimates(ranks_of(latent_of(cluster, alike, rng), shares), cluster)
        for name in METRICS:
            hits[name] += held(found[name], truth[name])
    return {name: each / draws for name, each in hits.items()}


PARTS: dict[str, Callable[[int, int, Sequence[int]], None]] = {"intervals": print_intervals}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clusters", type=lambda text: [int(each) for each in text.split(",")], default=CLUSTERS)
    parser.add_argument("--only", choices=PARTS)
    asked = parser.parse_args(arguments)
    for name, part in PARTS.items():
        if asked.only in (None, name):
            part(asked.draws, asked.seed, asked.clusters)


if __name__ == "__main__":
    main()
