"""Sums over clusters -> 95 % intervals of means: the one place where an interval of scores is made.

Cases of one cluster (a family, a publication) are alike, and clusters are of very different sizes: many hold one case, few hold
hundreds. A mean of values between 0 and 1 gets Wilson's interval (1927) with the effective number of cases, mean (1 - mean) /
variance, and Student's quantile with clusters - 1 degrees of freedom, as surveys do (Korn & Graubard 1998; Franco, Little, Louis
& Slud 2019, J Surv Stat Methodol 7:334). Hits of independent cases are Wilson's own: nothing is estimated, the quantile is normal.

The variance is the mean of two estimates, since each fails where the other doesn't: the jackknife over clusters, which asks nothing
of how cases of a cluster are alike but sees little beside the large ones; and that of the intraclass correlation by analysis of
variance (Donner 1986, Int Stat Rev 54:67), which learns how alike cases are from all clusters but takes it to be the same in all.
It is never below the variance of independent cases. Where all values are one (all misses) neither says anything, and the cases
count as (sum of sizes)² / sum of squared sizes, as if those of a cluster were the same. Coverage, measured: docs/comparing.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import ndtri, stdtrit

VERSION = "intervals-2"  # of the methods: part of every signature; scores with other intervals may still be compared
Z = float(ndtri(0.975))


def clustered(groups: Sequence[str]) -> tuple[np.ndarray, int]:
    """The number of each case's cluster, from 0, and how many clusters there are; (cases,)."""
    names, cluster = np.unique(np.asarray(groups), return_inverse=True)
    return cluster, len(names)


def wilson(share: np.ndarray | float, n: np.ndarray | float, quantile: float = Z) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of Wilson's interval of shares of n cases; n need not be whole. They hold the share and stay within 0 and 1."""
    square = quantile**2 / n
    middle = (share + square / 2) / (1 + square)
    half = np.sqrt(square * share * (1 - np.asarray(share)) + square**2 / 4) / (1 + square)
    return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


@lru_cache(maxsize=4096)
def student(clusters: int) -> float:
    """The 97.5 % quantile of Student's t for a mean over so many clusters, two at least."""
    return float(stdtrit(clusters - 1, 0.975))


def variances(sums: np.ndarray, squares: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The variance of each mean, and what it would be of independent cases; the first is never the smaller, (means,) each.

    sums: of each cluster's values (clusters, means); squares: of all values' squares (means,); sizes: cases of each cluster, of
    which there are two at least.
    """
    clusters, n, size = len(sizes), sizes.sum(), sizes[:, None]
    mean = sums.sum(axis=0) / n
    independent = np.maximum(squares / n - mean**2, 0) / n
    off = sums - mean * size
    jackknife = (clusters - 1) / clusters * ((off / (n - size)) ** 2).sum(axis=0)
    if clusters == n:
        return np.maximum(jackknife, independent), independent
    alike = _alike((off**2 / size).sum(axis=0) / (clusters - 1), squares - (sums**2 / size).sum(axis=0), sizes)
    model = independent * (1 + alike * ((sizes**2).sum() / n - 1))
    return np.maximum((jackknife + model) / 2, independent), independent


def _alike(between: np.ndarray, inside: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The intraclass correlation, 0 to 1, from the mean square between clusters and the sum of squares inside them; (means,)."""
    clusters, n = len(sizes), sizes.sum()
    inside = np.maximum(inside, 0) / (n - clusters)
    typical = (n - (sizes**2).sum() / n) / (clusters - 1)
    whole = between + (typical - 1) * inside
    alike: np.ndarray = np.clip(np.divide(between - inside, whole, out=np.ones_like(whole), where=whole > 0), 0, 1)
    return alike


def mean_intervals(sums: np.ndarray, squares: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the 95 % interval of the mean of values between 0 and 1; as variances takes them, (means,) each.

    Several cases of a single cluster tell nothing of how much clusters differ: their interval is all that is possible.
    """
    clusters, n = len(sizes), sizes.sum()
    total = sums.sum(axis=0)
    mean = np.clip(total / n, 0, 1)
    hits = np.isclose(squares, total)  # only 0 and 1 are their own squares
    low, high = np.zeros_like(mean), np.ones_like(mean)
    if clusters > 1:
        low, high = wilson(mean, _effective(mean, variances(sums, squares, sizes)[0], sizes), student(clusters))
    if clusters == n:
        sure_low, sure_high = wilson(mean, n)
        low, high = np.where(hits, sure_low, low), np.where(hits, sure_high, high)
    return low, high


def _effective(mean: np.ndarray, variance: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How many independent hits or misses would have this variance; (means,).

    Values other than 0 and 1 vary less than hits do, but a few of them can't show it: until about two hits' worth of cases were
    seen, the variance is taken to be nearer to that of hits.
    """
    n, fewest = sizes.sum(), sizes.sum() ** 2 / (sizes**2).sum()
    hits = mean * (1 - mean)
    unsure = 1 / (1 + (fewest * hits / 2) ** 2)
    variance = (1 - unsure) * variance + unsure * np.maximum(variance, hits / n)
    effective: np.ndarray = np.divide(hits, variance, out=np.full_like(mean, fewest), where=variance > 1e-15)
    return effective


def difference_intervals(sums: np.ndarray, squares: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the 95 % interval of the mean of differences between -1 and 1, paired by case; as mean_intervals.

    Bonett & Price's interval (2012, J Educ Behav Stat 37:479): one case more is won and one lost, so that runs that never differ
    get no interval of width 0. Its number of cases is the effective one, its quantile Student's.
    """
    clusters, n = len(sizes), sizes.sum()
    mean, square = sums.sum(axis=0) / n, squares / n
    if clusters < 2:
        return np.full_like(mean, -1), np.full_like(mean, 1)
    variance, independent = variances(sums, squares, sizes)
    alike = np.divide(independent, variance, out=np.full_like(mean, n / (sizes**2).sum()), where=variance > 1e-15)
    effective = n * alike
    middle = effective * mean / (effective + 2)
    spread = np.maximum((effective * square + 2) / (effective + 2) - middle**2, 0)
    half = student(clusters) * np.sqrt(spread / (effective + 2))
    return np.clip(middle - half, -1, mean), np.clip(middle + half, mean, 1)
