"""Verdicts -> estimates with 95 % intervals.

Everything is computed from one histogram of ranks per cluster (a family, a publication). Rates and the MRR are means and get the
interval of intervals.py. The median gets the ranks that those intervals of the distribution leave possible (Woodruff 1952,
doi:10.1080/01621459.1952.10483443). Several cases of a single cluster get the whole range: nothing can be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from raredx_bench.domain import MAX_RANK, Estimate, Reading, Relation, Verdict
from raredx_bench.intervals import clustered, mean_intervals

KS = (1, 3, 5, 10)
MISS = MAX_RANK + 1  # the rank a miss counts as, as in RareBench
RESAMPLES = 2000
RECIPROCAL = np.append(1 / np.arange(1, MISS), 0.0)  # what a case of each rank adds to the MRR
CREDITS: dict[str, tuple[Relation, ...]] = {
    "": (Relation.EXACT,),
    "/narrower": (Relation.EXACT, Relation.NARROWER),
    "/broader": (Relation.EXACT, Relation.NARROWER, Relation.BROADER),
}


def rank_of(verdict: Verdict, *relations: Relation) -> int:
    """Rank of the first prediction with one of these relations, from 1; a miss is MISS."""
    return verdict.rank(*relations) or MISS


def case_metrics(verdict: Verdict) -> dict[str, float]:
    """What one case adds to the headline numbers; recall and mrr from 0 to 1, rank from 1 to MISS."""
    rank = rank_of(verdict, Relation.EXACT)
    return {
        **{f"recall@{k}": float(rank <= k) for k in KS},
        "mrr": 1 / rank if rank < MISS else 0.0,
        "median_rank": float(rank),
    }


def estimates(verdicts: Sequence[Verdict]) -> dict[str, Estimate]:
    """recall@k for exact hits, with narrower (`/narrower`) and then broader (`/broader`) ones counted too, mrr and median rank."""
    groups = [verdict.group for verdict in verdicts]
    found: dict[str, Estimate] = {}
    for suffix, relations in CREDITS.items():
        ranks = np.array([rank_of(verdict, *relations) for verdict in verdicts])
        found |= {f"{name}{suffix}": each for name, each in rank_estimates(ranks, groups).items()
                  if not suffix or name.startswith("recall")}  # fmt: skip
    return found


def rank_estimates(ranks: np.ndarray, groups: Sequence[str]) -> dict[str, Estimate]:
    """recall@k, mrr and median_rank of a vector of ranks (1 to MISS), with the cases' clusters.

    Raises ValueError for an empty vector: there is nothing to estimate.
    """
    n = len(ranks)
    if n == 0:
        raise ValueError("no verdicts: nothing to estimate")
    histogram = histograms(ranks, *clustered(groups))
    within = histogram[:, :-1].cumsum(axis=1)  # hits up to each rank, (clusters, MAX_RANK)
    sums = np.column_stack([within, histogram @ RECIPROCAL])
    squares = np.append(within.sum(axis=0), histogram.sum(axis=0) @ RECIPROCAL**2)
    low, high = mean_intervals(sums, squares, histogram.sum(axis=1))
    value = sums.sum(axis=0) / n
    found = {f"recall@{k}": Estimate(float(value[k - 1]), float(low[k - 1]), float(high[k - 1]), n) for k in KS}
    median = float(_median(histogram.sum(axis=0)))
    return {
        **found,
        "mrr": Estimate(float(value[-1]), float(low[-1]), float(high[-1]), n),
        "median_rank": Estimate(median, *_ranks_possible(low[:-1], high[:-1]), n),
    }


def _ranks_possible(low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """The lowest and highest rank that may be the median, from the intervals of the share of cases up to each rank."""
    return float(1 + (high < 0.5).sum()), float(1 + (low <= 0.5).sum())


def mean_estimates(values: Mapping[str, np.ndarray], groups: Sequence[str]) -> dict[str, Estimate]:
    """The mean of each vector of one value a case, from 0 to 1.

    Raises ValueError for empty vectors: there is nothing to estimate.
    """
    if not groups:
        raise ValueError("no values: nothing to estimate")
    cluster, clusters = clustered(groups)
    sums = np.column_stack([np.bincount(cluster, each, clusters) for each in values.values()])
    squares = np.array([np.square(np.asarray(each, float)).sum() for each in values.values()])
    low, high = mean_intervals(sums, squares, np.bincount(cluster).astype(float))
    n = len(groups)
    return {name: Estimate(float(np.clip(np.mean(each), one, other)), float(one), float(other), n)
            for (name, each), one, other in zip(values.items(), low, high, strict=True)}  # fmt: skip


def drawn_clusters(clusters: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    """How often each cluster is drawn in so many resamples with replacement; (rows, clusters) of whole numbers."""
    place = np.arange(rows)[:, None] * clusters + rng.integers(clusters, size=(rows, clusters))
    counts: np.ndarray = np.bincount(place.ravel(), minlength=rows * clusters).reshape(rows, clusters).astype(float)
    return counts


def histograms(ranks: np.ndarray, cluster: np.ndarray, clusters: int) -> np.ndarray:
    """How many cases of each cluster have each rank; (clusters, MISS)."""
    found = np.zeros((clusters, MISS))
    np.add.at(found, (cluster, ranks - 1), 1)
    return found


def statistics_of(histogram: np.ndarray) -> dict[str, np.ndarray]:
    """recall@k, mrr and median_rank of each histogram of ranks; (..., MISS) -> (...) by name."""
    n = histogram.sum(axis=-1)
    return {
        **{f"recall@{k}": histogram[..., :k].sum(axis=-1) / n for k in KS},
        "mrr": histogram @ RECIPROCAL / n,
        "median_rank": _median(histogram),
    }


def unsure(name: str, estimate: Estimate) -> Estimate:
    """Several cases of one cluster tell nothing of how much clusters differ: the interval is all that is possible."""
    low, high = (1.0, float(MISS)) if name == "median_rank" else (0.0, 1.0)
    return Estimate(estimate.value, low, high, estimate.n)


def percentiles(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _median(histogram: np.ndarray) -> np.ndarray:
    """Median rank of each row of counts; (..., MISS) -> (...). An even count takes the mean of the middle two."""
    cumulative = histogram.cumsum(axis=-1)
    n = cumulative[..., -1:]
    lower = (cumulative < (n + 1) // 2).sum(axis=-1) + 1
    upper = (cumulative < n // 2 + 1).sum(axis=-1) + 1
    middle: np.ndarray = (lower + upper) / 2
    return middle


def counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many answers failed in which way; all of them stay in the denominator."""
    readings = [verdict.reading for verdict in verdicts]
    names = [prediction for verdict in verdicts for prediction in verdict.predictions]
    return {
        "cases": len(verdicts),
        "unparsed": sum(reading is not Reading.LIST for reading in readings),
        **{reading.value: readings.count(reading) for reading in Reading if reading is not Reading.LIST},
        "names": len(names),
        "unlinked names": sum(each.link.id is None for each in names),
        "gold unknown to the terminology": sum(not verdict.gold for verdict in verdicts),
    }


def strata(verdicts: Sequence[Verdict]) -> dict[str, dict[str, dict[str, Estimate]]]:
    """recall@k by stratum and level, for every stratum that the cases carry."""
    levels: dict[str, dict[str, list[Verdict]]] = {}
    for verdict in verdicts:
        for name, level in verdict.strata.items():
            levels.setdefault(name, {}).setdefault(level, []).append(verdict)
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    for name, members in sorted(levels.items()):
        for level, inside in sorted(members.items()):
            ranks = np.array([rank_of(verdict, Relation.EXACT) for verdict in inside])
            every = rank_estimates(ranks, [verdict.group for verdict in inside])
            found.setdefault(name, {})[level] = {key: each for key, each in every.items() if key.startswith("recall")}
    return found


def prior_only(verdicts: Sequence[Verdict]) -> dict[str, Estimate]:
    """The best list that ignores the case: the benchmark's own commonest answers, the same for every case.

    It is chosen with the answers in hand, so it bounds from above whatever a model can get without reading.
    """
    seen: dict[str, int] = {}
    for verdict in verdicts:
        for gold in verdict.gold[:1]:
            seen[gold] = seen.get(gold, 0) + 1
    common = sorted(seen, key=lambda gold: (-seen[gold], gold))[:MAX_RANK]
    ranks = np.array([
        next((rank for rank, each in enumerate(common, 1) if each in verdict.gold), MISS) for verdict in verdicts
    ])  # fmt: skip
    return rank_estimates(ranks, [verdict.group for verdict in verdicts])
