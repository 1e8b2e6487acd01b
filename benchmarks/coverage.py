"""How often 95 % intervals hold the truth, and how often a test finds what isn't there: simulations with known truth, as Markdown.

python benchmarks/coverage.py                 everything, 1,000 draws a row
python benchmarks/coverage.py --draws 4000    with less noise
--only      intervals, differences or power

Clusters are of one case each, or of 1 to 460 by a power law with exponent -1.8, which gives about the mean (6) and the largest of
the Phenopacket Store's publications. A case's rank comes from a normal variable that shares a part with its cluster (in a pair of
runs, also a part with the other run's answer to the same case), cut so that ranks have the stated distribution.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from raredx_bench.comparing.paired import Difference, differences, values_of
from raredx_bench.comparing.power import visible_difference
from raredx_bench.domain import Estimate
from raredx_bench.metrics import rank_estimates, statistics_of

CLUSTERS = (20, 40, 88, 100, 400)
METRICS = ("recall@1", "recall@5", "recall@10", "mrr", "median_rank")
RANKS = {  # share of cases at ranks 1 to 10; the rest are misses
    0.05: (0.05, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01),
    0.35: (0.35, 0.08, 0.05, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01),
    0.8: (0.8, 0.06, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.0, 0.0),
}
TWO = (  # the ranks of two runs
    (RANKS[0.05], RANKS[0.05]),
    (RANKS[0.35], RANKS[0.35]),
    (RANKS[0.8], RANKS[0.8]),
    (RANKS[0.35], (0.45, *RANKS[0.35][1:])),
)


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
    ranks: np.ndarray = np.searchsorted(ndtri(np.minimum(np.cumsum(shares), 1)), latent) + 1
    return ranks


def latent_of(cluster: np.ndarray, alike: float, rng: np.random.Generator) -> np.ndarray:
    """A standard normal variable a case, whose correlation inside a cluster is alike."""
    shared = rng.standard_normal(cluster.max() + 1)[cluster]
    latent: np.ndarray = np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.standard_normal(len(cluster))
    return latent


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
            shares = {recall: covered(sizes, count, alike, ranks, draws, seed) for recall, ranks in RANKS.items()}
            yield sizes.name, str(count), str(alike), *(percent([each[name] for each in shares.values()]) for name in METRICS)

    print(f"\n### Coverage in percent, at recall@1 {' / '.join(map(str, RANKS))}; {draws} draws")
    table(("clusters of", "clusters", "alike", *METRICS), rows())


def covered(sizes: Sizes, count: int, alike: float, shares: Sequence[float], draws: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    truth = _truth(shares)
    hits = dict.fromkeys(METRICS, 0)
    for _ in range(draws):
        cluster = sizes.drawn(count, rng)
        found = rank_estimates(ranks_of(latent_of(cluster, alike, rng), shares), list(map(str, cluster)))
        for name in METRICS:
            hits[name] += held(found[name], truth[name])
    return {name: each / draws for name, each in hits.items()}


def _truth(shares: Sequence[float]) -> dict[str, float]:
    """The estimates of all cases there could be."""
    histogram = np.round(np.append(shares, 1 - sum(shares)) * 10**6)
    return {name: float(each) for name, each in statistics_of(histogram).items()}


def print_differences(draws: int, seed: int, clusters: Sequence[int]) -> None:
    """Coverage of the intervals of differences, and how often the test sees one that isn't there."""
    names = ("recall@1", "recall@5", "recall@10", "mrr")

    def rows() -> Iterator[Sequence[str]]:
        for sizes, count, alike in settings(clusters):
            found = [paired(sizes, count, alike, *each, draws, seed) for each in TWO]
            same = [each for each, (one, other) in zip(found, TWO, strict=True) if one == other]
            yield (
                sizes.name, str(count), str(alike), *(percent([each[name][0] for each in found]) for name in names),
                *(percent([each[name][1] for each in same]) for name in ("recall@1", "mrr")),
            )  # fmt: skip

    said = " / ".join(f"{one[0]:.2f} and {other[0]:.2f}" for one, other in TWO)
    print(f"\n### Differences: coverage in percent, recall@1 being {said}; p < 5 % where there is no difference; {draws} draws")
    table(("clusters of", "clusters", "alike", *names, "p: recall@1", "p: mrr"), rows())


def paired(
    sizes: Sizes, count: int, alike: float, one: Sequence[float], other: Sequence[float], draws: int, seed: int
) -> dict[str, tuple[float, float]]:
    """By metric the coverage, and the share of draws with p below 5 %."""
    rng = np.random.default_rng(seed)
    truth = {name: _truth(one)[name] - _truth(other)[name] for name in METRICS[:-1]}
    hits = {name: np.zeros(2) for name in truth}
    for _ in range(draws):
        for name, found in _difference_of(sizes, count, alike, one, other, rng).items():
            hits[name] += held(found.estimate, truth[name]), found.p < 0.05
    return {name: (each[0] / draws, each[1] / draws) for name, each in hits.items()}


def _difference_of(
    sizes: Sizes, count: int, alike: float, one: Sequence[float], other: Sequence[float], rng: np.random.Generator
) -> dict[str, Difference]:
    """The differences of two runs whose answers have half of what varies in common, of clusters and of cases."""
    cluster = sizes.drawn(count, rng)
    groups = list(map(str, cluster))
    hard, shared = rng.standard_normal(count), rng.standard_normal(len(cluster))
    ranks = []
    for shares in (one, other):
        of_cluster = np.sqrt(0.5) * (hard + rng.standard_normal(count))
        of_case = np.sqrt(0.5) * (shared + rng.standard_normal(len(cluster)))
        ranks.append(ranks_of(np.sqrt(alike) * of_cluster[cluster] + np.sqrt(1 - alike) * of_case, shares)[None])
    return {name: differences(each, groups)[0] for name, each in values_of(ranks, (1, 5, 10)).items()}


def print_power(draws: int, seed: int, clusters: Sequence[int]) -> None:
    """How often the difference that power calls visible is seen; it should be 80 %."""

    def rows() -> Iterator[Sequence[str]]:
        for sizes, count, alike in settings(clusters):
            rng = np.random.default_rng(seed)
            first, visible = RANKS[0.35], 0.1
            for _ in range(4):  # how many cases are discordant depends on the difference itself
                found = [_difference_of(sizes, count, alike, _better(visible), first, rng)["recall@1"] for _ in range(draws)]
                n = float(np.mean([each.estimate.n for each in found]))
                square = float(np.mean([(each.won + each.lost) / each.estimate.n for each in found]))
                effect = float(np.mean([each.effect for each in found]))
                visible = min(visible_difference(int(n), square, effect) or 1.0, sum(first[1:]) + 1 - sum(first))
            seen = np.mean([_difference_of(sizes, count, alike, _better(visible), first, rng)["recall@1"].p < 0.05
                            for _ in range(draws)])  # fmt: skip
            yield sizes.name, str(count), str(alike), f"{n:.0f}", f"{100 * visible:.1f}", f"{100 * seen:.1f}"

    print(f"\n### Power in percent at the difference called visible, recall@1 of one run being 0.35; {draws} draws")
    table(("clusters of", "clusters", "alike", "cases", "visible, points", "seen"), rows())


def _better(difference: float) -> list[float]:
    """The middle distribution of ranks with so much more at rank 1, taken from the misses, then from the other ranks."""
    first, *rest = RANKS[0.35]
    left = max(0.0, 1 - first - difference)
    return [first + difference, *(each * min(1.0, left / sum(rest)) for each in rest)]


PARTS: dict[str, Callable[[int, int, Sequence[int]], None]] = {
    "intervals": print_intervals,
    "differences": print_differences,
    "power": print_power,
}


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
