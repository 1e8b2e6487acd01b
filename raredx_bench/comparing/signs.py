"""Values of several runs by cluster -> how probable their differences are by chance: one test for rates and the MRR.

If two runs are equally good, each cluster's difference (a family's, a publication's) might as well have the other sign. With signs
drawn by chance the sum of the differences D has mean 0 and variance sum(D²), so (sum D)² / sum(D²) is chi-square with one degree of
freedom. Of hits in independent cases that is McNemar's test (1947) without a correction; with clusters it is Obuchowski's (1998,
Stat Med 17:1495) with the variance under the hypothesis (Yang, Sun & Hardin 2010, Biom J 52:638). Where fewer than 25 clusters
differ, all draws of signs are counted: the exact McNemar test, and Fisher's permutation test where differences have other sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import bdtr, chdtrc

from raredx_bench.intervals import clustered

FEW = 25  # fewer clusters that differ are counted out
ALPHA = 0.05
_DIGITS = 9  # sums of reciprocal ranks are equal up to rounding


def cluster_sums(values: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Each run's values summed by cluster; (runs, cases) -> (runs, clusters)."""
    cluster, clusters = clustered(groups)
    sums = [np.bincount(cluster, each, clusters) for each in values]
    return np.round(np.array(sums).reshape(len(values), clusters), _DIGITS)


def chances(sums: np.ndarray) -> np.ndarray:
    """p of each pair of runs, two-sided, in the order of pairs(); (runs, clusters) -> (pairs,)."""
    first, second = pairs(len(sums))
    total = sums.sum(axis=1)
    distance = np.round(total[first] - total[second], _DIGITS)
    own = np.einsum("ij,ij->i", sums, sums)
    square = np.round((own[:, None] + own - 2 * sums @ sums.T)[first, second], _DIGITS)
    differing = np.concatenate([(sums[row + 1 :] != sums[row]).sum(axis=1) for row in range(len(sums))])
    p = chdtrc(1, distance**2 / np.where(square > 0, square, 1))
    few = (differing < FEW) & (differing > 0)
    single = few & (square == differing) & bool((sums % 1 == 0).all())  # each differing cluster by one hit
    fewer = (differing - np.abs(distance)) / 2
    p[single] = np.minimum(1, 2 * bdtr(fewer[single], differing[single], 0.5))
    for place in np.flatnonzero(few & ~single & (p < ALPHA)):  # the rest is not significant in any case
        p[place] = _counted(sums[first[place]] - sums[second[place]])
    return np.where(differing > 0, p, 1.0)


def pairs(runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of the first and second run of every pair, in order."""
    first, second = np.triu_indices(runs, 1)
    return first, second


def _counted(difference: np.ndarray) -> float:
    """The share of all draws of signs whose sum is as far from 0 as the one seen; fewer than FEW differences other than 0.

    Half of the signs make a sorted list, in which each draw of the other half finds its place: 2 × 4,096 sums for 24 clusters.
    """
    sizes = np.abs(difference[difference != 0])
    seen = abs(float(difference.sum())) - 10.0**-_DIGITS
    left, right = (_sums(part) for part in (sizes[::2], sizes[1::2]))
    right.sort()
    above = len(right) - np.searchsorted(right, seen - left)
    below = np.searchsorted(right, -seen - left, side="right")
    return min(1.0, float((above + below).sum()) / (len(left) * len(right)))


def _sums(sizes: np.ndarray) -> np.ndarray:
    """The sums of all draws of signs."""
    found = np.zeros(1)
    for size in sizes:
        found = np.concatenate([found - size, found + size])
    return found


def holm(p: np.ndarray) -> np.ndarray:
    """p adjusted for that many comparisons (Holm 1979, Scand J Stat 6:65).

    statsmodels has it too, but takes five seconds to load and collects all garbage, 0.6 s, at each call.
    """
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def rank_ranges(hits: np.ndarray, groups: Sequence[str]) -> list[tuple[int, int]]:
    """The best and the worst place that each row may have, from 1; hits: of all rows on the same cases (rows, cases).

    A row's best place is 1 more than the rows that are significantly better, its worst the number of rows less those significantly
    worse, at 5 % over all pairs of the table (Holm).
    """
    sums = cluster_sums(np.asarray(hits, float), groups)
    rows = len(sums)
    first, second = pairs(rows)
    apart = holm(chances(sums)) < ALPHA
    distance = sums.sum(axis=1)
    ahead = distance[first] > distance[second]
    beaten = np.bincount(np.where(ahead, second, first)[apart], minlength=rows)
    ahead_of = np.bincount(np.where(ahead, first, second)[apart], minlength=rows)
    return [(1 + int(better), rows - int(worse)) for better, worse in zip(beaten, ahead_of, strict=True)]
