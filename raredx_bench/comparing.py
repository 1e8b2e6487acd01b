"""Entries side by side: which may be compared, and which places each may hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def comparable(signature: str) -> str:
    """What two rows must share to stand in one table: everything but the chat template and the package version."""
    return "|".join(part for part in signature.split("|") if not part.startswith(("chat:", "raredx:")))


def rank_ranges(hits: np.ndarray, groups: Sequence[str]) -> list[tuple[int, int]]:
    """For each entry (a row of hits) the best and the worst place it may hold, from 1: Holm-corrected paired differences of means.

    Differences are tested with a normal approximation of their mean over groups.
    """
    from scipy.stats import norm

    _, group = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.stack([np.bincount(group, row.astype(float)) for row in hits])
    count = len(hits)
    upper = np.triu_indices(count, 1)
    differences = sums[upper[0]] - sums[upper[1]]
    total = differences.sum(axis=1)
    spread = np.sqrt((differences**2).sum(axis=1) - total**2 / max(1, sums.shape[1]))
    chance = np.ones(len(total))
    some = spread > 0
    chance[some] = 2 * norm.sf(np.abs(total[some]) / spread[some])
    order = np.argsort(chance)
    adjusted = np.empty_like(chance)
    adjusted[order] = np.maximum.accumulate(chance[order] * np.arange(len(chance), 0, -1))
    better = np.zeros((count, count), bool)
    surely = adjusted < 0.05
    better[upper[0], upper[1]] = surely & (total > 0)
    better[upper[1], upper[0]] = surely & (total < 0)
    return [(1 + int(better[:, each].sum()), count - int(better[each].sum())) for each in range(count)]
