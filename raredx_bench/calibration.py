"""Verdicts -> how far a model's stated confidence in its first diagnosis can be trusted, and what it does when it doesn't know.

A case is right when its first diagnosis is exact. Intervals of the measures are 95 % percentile bootstraps over clusters, those of
abstention as in metrics. Cases of one confidence have no order among themselves: risk and coverage are the mean over all their
orders.

Brier score: mean squared difference of confidence and outcome (Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2).
Expected calibration error (ECE): mean over cases of the difference between a bin's mean confidence and its accuracy (Guo et al.
2017, arXiv:1706.04599). Risk-coverage curve: El-Yaniv & Wiener (JMLR 11, 2010); the risk of answering only the surest cases and
the area under it (AURC) as Geifman & El-Yaniv (2017, arXiv:1705.08500).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from raredx_bench.domain import Estimate, Reading, Relation, Verdict
from raredx_bench.intervals import clustered
from raredx_bench.metrics import MISS, RESAMPLES, drawn_clusters, percentiles, rank_estimates, rank_of

BINS = 10
COVERAGES = (50, 80, 90, 100)  # percent of cases, the surest first
_CHUNK = 4_000_000  # numbers of a batch of resamples: 32 MB


@dataclass(frozen=True, slots=True)
class Bin:
    """The cases whose confidence is above low and at most high. confidence, accuracy: their means; None: it holds no case."""

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """Answering only at this confidence or above: the share of cases then answered, and the share of wrong ones among them."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How stated confidences fit what came true, over the n of all cases whose first diagnosis has one.

    brier, aurc, ece_mass (bins of as many cases each as equal confidences allow), ece_width (bins of equal width): 0 is best.
    An ECE is above 0 by chance alone, the more so the fewer the cases, and its resamples lie higher still: the interval is
    widened to hold the value.
    curve: from the surest cases to all. accuracy_at: percent of cases, the surest first -> share right among these.
    """

    cases: int
    n: int
    brier: Estimate
    ece_mass: Estimate
    ece_width: Estimate
    bins_mass: tuple[Bin, ...]
    bins_width: tuple[Bin, ...]
    aurc: Estimate
    curve: tuple[Point, ...]
    accuracy_at: Mapping[int, Estimate]


@dataclass(frozen=True, slots=True)
class Abstention:
    """What a model does when it doesn't know. answered: share of cases with a diagnosis; abstained: share that say there is none.

    The rest is unreadable, empty, cut off or refused. among_answered: recall@k, mrr and median_rank of the answered cases alone;
    empty when none is.
    """

    n: int
    answered: Estimate
    abstained: Estimate
    among_answered: Mapping[str, Estimate]


def calibration(verdicts: Sequence[Verdict], seed: int = 0) -> Calibration | None:
    """The calibration of the first diagnoses; None when none of them has a confidence."""
    stated = [each for each in verdicts if each.predictions and each.predictions[0].confidence is not None]
    if not stated:
        return None
    sample = _Sample(stated)
    rng = np.random.default_rng(seed)
    batch = max(1, _CHUNK // max(sample.clusters, len(sample.levels)))
    sizes = [min(batch, RESAMPLES - start) for start in range(0, RESAMPLES, batch)]
    resampled = np.concatenate([sample.measures(drawn_clusters(sample.clusters, size, rng)) for size in sizes])
    whole = sample.clusters == 1 and len(stated) > 1  # nothing can be said of how much clusters differ
    brier, mass, width, aurc, *at = (
        _estimate(value, (0.0, 1.0) if whole else percentiles(column), len(stated))
        for value, column in zip(sample.measures(sample.once)[0], resampled.T, strict=True)
    )
    return Calibration(
        cases=len(verdicts), n=len(stated), brier=brier, ece_mass=mass, ece_width=width, aurc=aurc,
        bins_mass=sample.bins(sample.mass), bins_width=sample.bins(sample.width), curve=sample.curve(),
        accuracy_at=dict(zip(COVERAGES, at, strict=True)),
    )  # fmt: skip


def abstention(verdicts: Sequence[Verdict]) -> Abstention:
    """How often a model answers and abstains, and how good it is when it answers. Raises ValueError when there are no verdicts."""
    groups = [each.group for each in verdicts]
    answered = [each for each in verdicts if each.reading is Reading.LIST]
    ranks = np.array([rank_of(each, Relation.EXACT) for each in answered])
    return Abstention(
        n=len(verdicts),
        answered=_share([each.reading is Reading.LIST for each in verdicts], groups),
        abstained=_share([each.reading is Reading.ABSTAINED for each in verdicts], groups),
        among_answered=rank_estimates(ranks, [each.group for each in answered]) if answered else {},
    )


def _share(holds: Sequence[bool], groups: Sequence[str]) -> Estimate:
    """The share of cases of which something holds, with the interval of a recall."""
    return rank_estimates(np.where(holds, 1, MISS), groups)["recall@1"]


def _estimate(value: float, interval: tuple[float, float], n: int) -> Estimate:
    return Estimate(float(value), min(interval[0], float(value)), max(interval[1], float(value)), n)


class _Sample:
    """Cases counted by cluster and confidence, made ready for many resamples.

    levels: the confidences that occur, the highest first. mass, width: edges of bins. once: every cluster drawn once.
    """

    def __init__(self, stated: Sequence[Verdict]) -> None:
        confidence = np.array([each.predictions[0].confidence for each in stated], float)
        right = np.array([each.predictions[0].relation is Relation.EXACT for each in stated], float)
        negative, level = np.unique(-confidence, return_inverse=True)
        cluster, self.clusters = clustered([each.group for each in stated])
        self.levels = -negative
        self.once = np.ones((1, self.clusters))
        tenth = -(-len(stated) * np.arange(BINS + 1) // BINS)  # rounded up
        self.mass = np.sort(confidence)[np.maximum(tenth - 1, 0)]
        self.width = np.linspace(0, 1, BINS + 1)
        shape = (self.clusters, len(self.levels))
        self._n = csr_array((np.ones(len(stated)), (cluster, level)), shape)
        self._right = csr_array((right, (cluster, level)), shape)

    def measures(self, drawn: np.ndarray) -> np.ndarray:
        """Brier score, both ECEs, AURC, accuracy at each coverage; times each cluster is drawn (rows, clusters) -> (rows, 8)."""
        n, right = drawn @ self._n, drawn @ self._right  # (rows, levels)
        total = n.sum(axis=1)
        brier = (n * self.levels**2 + right * (1 - 2 * self.levels)).sum(axis=1) / total
        errors = [np.abs((n * self.levels - right) @ self._members(edges)).sum(axis=1) / total for edges in (self.mass, self.width)]
        return np.column_stack([brier, *errors, *_risks(n, n - right)])

    def bins(self, edges: np.ndarray) -> tuple[Bin, ...]:
        """The cases in bins of these edges; those of no width only where they hold a case."""
        members = self._members(edges)
        n, right = (self.once @ self._n)[0], (self.once @ self._right)[0]
        rows = zip(edges[:-1], edges[1:], n @ members, (n * self.levels) @ members, right @ members, strict=True)
        return tuple(
            Bin(float(low), float(high), int(m), float(stated / m) if m else None, float(hits / m) if m else None)
            for low, high, m, stated, hits in rows
            if m or low < high
        )

    def curve(self) -> tuple[Point, ...]:
        """One point for each confidence that occurs, the highest first."""
        n, right = ((self.once @ each)[0].cumsum() for each in (self._n, self._right))
        rows = zip(self.levels, n / n[-1], 1 - right / n, strict=True)
        return tuple(Point(float(level), float(coverage), float(risk)) for level, coverage, risk in rows)

    def _members(self, edges: np.ndarray) -> np.ndarray:
        """Which bin holds which confidence, open below; (levels, bins) of 0 and 1."""
        found: np.ndarray = np.eye(len(edges) - 1)[np.searchsorted(edges[1:-1], self.levels)]
        return found


def _risks(n: np.ndarray, wrong: np.ndarray) -> list[np.ndarray]:
    """Area under the risk-coverage curve, then accuracy at each coverage, each (rows,); n, wrong: by confidence (rows, levels).

    Of equals, the wrong ones are spread evenly. Before a level stand m cases, e of them wrong; its own share of wrong ones is r.
    Then the risk after j of its cases is (e + r j) / (m + j) = r + (e - r m) / (m + j), whose sum has harmonic numbers.
    """
    total = n.sum(axis=1)
    behind = n.cumsum(axis=1)
    m, e, r = behind - n, wrong.cumsum(axis=1) - wrong, wrong / np.maximum(n, 1)
    harmonic = np.append(0, (1 / np.arange(1, total.max() + 1)).cumsum())
    area = (r * n + (e - r * m) * (harmonic[behind.astype(int)] - harmonic[m.astype(int)])).sum(axis=1) / total
    found, rows = [area], np.arange(len(n))
    for coverage in COVERAGES:
        k = -(-total * coverage // 100)  # rounded up
        at = rows, (behind >= k[:, None]).argmax(axis=1)
        found.append(1 - (e[at] + r[at] * (k - m[at])) / k)
    return found
