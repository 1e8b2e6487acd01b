"""Two or more runs on the same cases -> their differences with intervals, tests and what so many cases can show.

A case's value is its mean over a run's rounds. Differences get the paired interval of intervals.py, p the test of signs.py; p are
adjusted over all pairs of runs for each metric (Holm). The interval and the test look at the same differences by other means: near
5 % one of them may see a difference where the other doesn't.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from raredx_bench.comparing.power import cases_needed, visible_difference
from raredx_bench.comparing.runs import Run, aligned_ranks, check_comparable
from raredx_bench.comparing.signs import chances, cluster_sums, holm
from raredx_bench.domain import Estimate, UsageError
from raredx_bench.intervals import clustered, difference_intervals, variances
from raredx_bench.metrics import KS, MISS, RECIPROCAL, RESAMPLES, mean_estimates


@dataclass(frozen=True, slots=True)
class Difference:
    """The first run's value less the second's: fractions from -1 to 1, n cases.

    resampled: the interval by a percentile bootstrap over clusters, which is too narrow below a hundred of them.
    p: two-sided; adjusted: over all pairs of runs. won, lost: cases at which the first run's value is the higher, the lower.
    effect: how much less a case counts than an independent one (1 or more). visible: the smallest difference that so many cases
    show; needed: how many cases show this one. Both for 80 % power; None: no difference is large enough, this one is 0.
    """

    estimate: Estimate
    resampled: tuple[float, float]
    p: float
    adjusted: float
    won: int
    lost: int
    effect: float
    visible: float | None
    needed: int | None


@dataclass(frozen=True, slots=True)
class Discordant:
    """A case that one run hits and the other doesn't, within some k. first, second: their ranks, one a round; MISS for a miss."""

    case_id: str
    first: tuple[int, ...]
    second: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs. differences: by metric. wins, ties, losses: cases the first run ranks higher, alike, lower, on average over rounds.

    discordant: those whose reciprocal ranks differ most come first.
    """

    first: str
    second: str
    differences: Mapping[str, Difference]
    wins: int
    ties: int
    losses: int
    discordant: tuple[Discordant, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs of one task. rounds: how many each has. estimates: of each run, by name, means over its rounds."""

    task: str
    n: int
    clusters: int
    rounds: Mapping[str, int]
    estimates: Mapping[str, Mapping[str, Estimate]]
    pairs: tuple[Pair, ...]


def compared(runs: Sequence[Run], ks: Sequence[int] = KS) -> Compared:
    """What the runs' verdicts say of every two of them, in their order; at recall@k of these k, and by the MRR.

    Raises UsageError for fewer than two runs, runs of different signatures or another k, BadInput for runs of other cases.
    """
    if len(runs) < 2:
        raise UsageError("a comparison needs two runs at least: name another")
    if not ks or not set(ks) <= set(range(1, MISS)):
        raise UsageError(f"k is a rank from 1 to {MISS - 1}: {', '.join(map(str, ks)) or 'none was named'}")
    check_comparable(runs)
    ids, groups, listed = aligned_ranks(runs)
    ranks = [np.array(each) for each in listed]  # (rounds, cases) each
    values = values_of(ranks, ks)
    found = {name: differences(each, groups) for name, each in values.items()}
    pairs = [
        _pair(runs[a].name, runs[b].name, {name: each[place] for name, each in found.items()}, _Cases(ids, ranks[a], ranks[b], ks))
        for place, (a, b) in enumerate(combinations(range(len(runs)), 2))
    ]
    return Compared(
        task=runs[0].task,
        n=len(ids),
        clusters=len(set(groups)),
        rounds={run.name: len(run.rounds) for run in runs},
        estimates={run.name: mean_estimates({name: each[place] for name, each in values.items()}, groups)
                   for place, run in enumerate(runs)},
        pairs=tuple(pairs),
    )  # fmt: skip


def differences(values: np.ndarray, groups: Sequence[str]) -> list[Difference]:
    """The differences of every two runs in one metric, in the order of pairs; values: (runs, cases), from 0 to 1."""
    p = chances(cluster_sums(values, groups))
    adjusted = holm(p)
    cluster, clusters = clustered(groups)
    sizes = np.bincount(cluster).astype(float)
    found = []
    for place, (a, b) in enumerate(combinations(values, 2)):
        each = a - b
        sums, squares = np.bincount(cluster, each, clusters)[:, None], np.array([np.square(each).sum()])
        (low,), (high,) = difference_intervals(sums, squares, sizes)
        estimate = Estimate(float(np.clip(each.mean(), low, high)), float(low), float(high), len(each))
        tested = float(p[place]), float(adjusted[place])
        found.append(_difference(each, estimate, resampled(sums[:, 0], sizes), tested, design_effect(sums, squares, sizes)))
    return found


def resampled(sums: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile bootstrap of a mean of paired differences over clusters, drawn whole (Davison & Hinkley 1997, 2.4).

    sums: of each cluster's differences; sizes: its cases. One cluster tells nothing: from -1 to 1.
    """
    from scipy.stats import bootstrap  # half a second to import: only when something is compared

    if len(sizes) < 2:
        return -1.0, 1.0
    if not np.ptp(sums / sizes):  # the same in every cluster: nothing varies, which scipy warns of
        return float(sums[0] / sizes[0]), float(sums[0] / sizes[0])

    def mean(drawn: np.ndarray, cases: np.ndarray, axis: int = -1) -> np.ndarray:
        found: np.ndarray = drawn.sum(axis=axis) / cases.sum(axis=axis)
        return found

    found = bootstrap((sums, sizes), mean, paired=True, vectorized=True, n_resamples=RESAMPLES, batch=200, method="percentile",
                      rng=np.random.default_rng(0)).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def design_effect(sums: np.ndarray, squares: np.ndarray, sizes: np.ndarray) -> float:
    """How much less a case counts than an independent one, 1 or more; of the first mean, as variances takes it.

    It is the larger one of the interval's and of the test's, which in very unequal clusters sees less. Where nothing differs, it is
    what cases would count that are the same throughout a cluster.
    """
    n = sizes.sum()
    if len(sizes) < 2:
        return float(n)
    (variance, *_), (independent, *_) = variances(sums, squares, sizes)
    if not independent > 0:
        return float((sizes**2).sum() / n)
    return float(max(variance / independent, (sums**2).sum() / squares[0]))


def _difference(
    each: np.ndarray, estimate: Estimate, drawn: tuple[float, float], tested: tuple[float, float], effect: float
) -> Difference:
    square = float(np.square(each).mean())
    return Difference(
        estimate=estimate,
        resampled=drawn,
        p=tested[0],
        adjusted=tested[1],
        won=int((each > 0).sum()),
        lost=int((each < 0).sum()),
        effect=effect,
        visible=visible_difference(len(each), square, effect),
        needed=cases_needed(estimate.value, square, effect) if estimate.value else None,
    )


@dataclass(frozen=True, slots=True)
class _Cases:
    """The ranks of two runs, (rounds, cases) each, and the k at which they are looked at."""

    ids: Sequence[str]
    first: np.ndarray
    second: np.ndarray
    ks: Sequence[int]


def _pair(first: str, second: str, found: Mapping[str, Difference], cases: _Cases) -> Pair:
    ahead = np.round(cases.second.mean(axis=0) - cases.first.mean(axis=0), 9)  # lower ranks are better
    return Pair(first, second, found, int((ahead > 0).sum()), int((ahead == 0).sum()), int((ahead < 0).sum()), _discordant(cases))


def _discordant(cases: _Cases) -> tuple[Discordant, ...]:
    at = [(cases.first <= k).mean(axis=0) != (cases.second <= k).mean(axis=0) for k in cases.ks]
    apart = np.abs(RECIPROCAL[cases.first - 1].mean(axis=0) - RECIPROCAL[cases.second - 1].mean(axis=0))
    places = np.flatnonzero(np.any(at, axis=0))
    return tuple(
        Discordant(cases.ids[place], tuple(map(int, cases.first[:, place])), tuple(map(int, cases.second[:, place])))
        for place in places[np.argsort(-apart[places], kind="stable")]
    )


def values_of(ranks: Sequence[np.ndarray], ks: Sequence[int]) -> dict[str, np.ndarray]:
    """Each run's value at each case, by metric; ranks: (rounds, cases) of each run -> (runs, cases)."""
    return {
        **{f"recall@{k}": np.array([(each <= k).mean(axis=0) for each in ranks]) for k in ks},
        "mrr": np.array([RECIPROCAL[each - 1].mean(axis=0) for each in ranks]),
    }
