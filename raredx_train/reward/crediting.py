"""What the judge said of a list -> its credit, 0 to 1."""

from __future__ import annotations

import math

from raredx_bench.domain import Prediction, Relation
from raredx_bench.ontology import Ontology
from raredx_train.reward.grading import Graded
from raredx_train.reward.settings import Reward


def credit(graded: Graded, ontology: Ontology, settings: Reward, *, final: bool = False) -> float:
    """The maximum over the ranks, so that no number of related names adds up to the diagnosis. final: rank 1 alone counts.

    A name that doesn't link is worth nothing, whatever it may mean among others.
    """
    counted = graded.predictions[: 1 if final else settings.k]
    return max(
        (_worth(each, ontology, settings) / math.log2(rank + 1) for rank, each in enumerate(counted, 1)
         if each.relation is not Relation.DIFFERENT and each.link.id is not None),
        default=0.0,
    )  # fmt: skip


def _worth(named: Prediction, ontology: Ontology, settings: Reward) -> float:
    """What a related name is worth at rank 1. A wide family is worth less than a narrow one: naming families must be no way to
    cover the terminology.
    """
    if named.relation is Relation.BROADER:
        assert named.link.id is not None
        return settings.broader / math.log2(max(ontology.size_below(named.link.id), 1) + 1)
    return 1.0 if named.relation is Relation.EXACT else settings.narrower
