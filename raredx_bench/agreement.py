"""Two readings of the same pairs -> Agreement: confusion table, precision and recall of a hit, accuracy, kappa.

Shared by everything that compares our verdicts with somebody else's: clinicians, a language model, judged files.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from raredx_bench import intervals
from raredx_bench.domain import Estimate, Relation

RELATIONS = tuple(relation.value for relation in Relation)


@dataclass(frozen=True)
class Agreement:
    """How two readings of n pairs agree. The first label is the hit that precision and recall speak of ("exact").

    table: rows are their labels, columns ours, both in the order of labels; counts, or sums of weights.
    precision: share of our hits that are theirs; None: we called nothing a hit. recall: share of their hits that are ours;
    None: they called nothing a hit. kappa: Cohen's, from -1 to 1; None: not defined, both used one and the same label.
    """

    labels: tuple[str, ...]
    table: tuple[tuple[float, ...], ...]
    n: int
    accuracy: Estimate
    precision: Estimate | None
    recall: Estimate | None
    kappa: float | None


def agreement(
    theirs: Sequence[str], ours: Sequence[str], *, labels: Sequence[str] = RELATIONS, weights: Sequence[float] | None = None
) -> Agreement:
    """The agreement of two readings of the same pairs, in the same order.

    weights: how many pairs of the population each one stands for; the intervals then take the effective sample size.
    Raises ValueError when there is nothing to compare, the lengths differ, or a label is not among labels.
    """
    if not theirs:
        raise ValueError("no pairs: nothing to compare")
    place = {str(label): index for index, label in enumerate(labels)}
    strange = sorted({str(each) for each in (*theirs, *ours)} - set(place))
    if strange:
        raise ValueError(f"unknown labels: {', '.join(strange)}")
    weight = np.ones(len(theirs)) if weights is None else np.asarray(weights, float)
    rows, columns = np.array([place[each] for each in theirs]), np.array([place[each] for each in ours])
    if not len(rows) == len(columns) == len(weight):
        raise ValueError(f"{len(rows)} of theirs, {len(columns)} of ours, {len(weight)} weights: not the same pairs")
    table = np.zeros((len(place), len(place)))
    np.add.at(table, (rows, columns), weight)
    same, hit, claimed = rows == columns, rows == 0, columns == 0
    return Agreement(
        labels=tuple(place),
        table=tuple(tuple(float(each) for each in row) for row in table),
        n=len(rows),
        accuracy=rate(same, weight),
        precision=rate(hit[claimed], weight[claimed]) if claimed.any() else None,
        recall=rate(claimed[hit], weight[hit]) if hit.any() else None,
        kappa=_kappa(rows, columns, weight),
    )


def rate(hits: np.ndarray, weights: np.ndarray) -> Estimate:
    """The weighted share of hits with Wilson's interval; n is the number of pairs, not of the population.

    Weighted pairs count as their effective number, (sum of weights)² / sum of squares (Kish 1965), in the interval.
    """
    total = float(weights.sum())
    share = float((weights * hits).sum()) / total
    return Estimate(share, *wilson(share, total**2 / float((weights**2).sum())), len(hits))


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a share of n pairs; n need not be whole, which scipy's binomtest asks for."""
    low, high = intervals.wilson(share, n)
    return float(low), float(high)


def _kappa(rows: np.ndarray, columns: np.ndarray, weights: np.ndarray) -> float | None:
    from sklearn.metrics import cohen_kappa_score  # a second to import: only when something is compared

    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore")  # one label on both sides: not defined, which None says
        kappa = float(cohen_kappa_score(rows, columns, sample_weight=weights))
    return None if np.isnan(kappa) else kappa


def agreement_document(found: Agreement | None) -> dict[str, Any] | None:
    """The JSON form, numbers rounded to six digits; None for None."""
    if found is None:
        return None
    return {
        "n": found.n,
        "labels": list(found.labels),
        "table": [[round(each, 6) for each in row] for row in found.table],
        "accuracy": _estimate(found.accuracy),
        "precision": _estimate(found.precision),
        "recall": _estimate(found.recall),
        "kappa": None if found.kappa is None else round(found.kappa, 6),
    }


def _estimate(each: Estimate | None) -> dict[str, float] | None:
    if each is None:
        return None
    return {"value": round(each.value, 6), "low": round(each.low, 6), "high": round(each.high, 6), "n": each.n}
