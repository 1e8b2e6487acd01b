"""Onset and sex against what is known of a disease; benchmarks/phenotype_circumstances.py fits the constants and measures.

Stages and their bounds are HPO's (definitions of the terms below HP:0003674, Onset).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology

RECESSIVE_X, INHERITANCE = "HP:0001419", "HP:0000005"
# HPO id -> the first and the last of the stages 0 antenatal, 1 congenital, 2 neonatal, 3 infantile, 4 childhood, 5 juvenile,
# 6 young adult, 7 middle age, 8 late.
STAGES = {
    "HP:0030674": (0, 0), "HP:0003577": (1, 1), "HP:0003623": (2, 2), "HP:0003593": (3, 3), "HP:0011463": (4, 4),
    "HP:0003621": (5, 5), "HP:0011462": (6, 6), "HP:0003596": (7, 7), "HP:0003584": (8, 8), "HP:0003581": (6, 8),
    "HP:0410280": (3, 5),
}  # fmt: skip
# Added to a score, by how many stages lie between the patient's onset and the nearest that the disease is known for.
APART = (0.29, -0.88, -0.87, -0.78)  # the last: three or more
WRONG_SEX = 1.06  # taken off a disease known only as X-linked recessive, for a girl or woman


def weighed(apart: np.ndarray, unlikely: np.ndarray, constants: Sequence[float] = (*APART, WRONG_SEX)) -> np.ndarray:
    """What rows get by stages apart (-1: nothing) and by an unlikely sex; (rows,) float64. constants: of APART, then WRONG_SEX."""
    late = np.where(apart < 0, 0.0, np.asarray(constants)[np.clip(apart, 0, len(APART) - 1)])
    found: np.ndarray = late - constants[-1] * unlikely
    return found


class Circumstances:
    """Known ages of onset and modes of inheritance by canonical id."""

    def __init__(self, hpo: Hpo, ontology: Ontology) -> None:
        self.hpo = hpo
        traits: dict[str, set[str]] = {}
        for identifier, known in zip(hpo.diseases, hpo.traits, strict=True):
            traits.setdefault(ontology.canonical(identifier) or identifier, set()).update(known)
        above = {trait: set(self._above(trait)) for trait in {trait for known in traits.values() for trait in known}}
        spans = {trait: self.span(trait) for trait in above}
        self._spans = {each: [span for trait in sorted(known) if (span := spans[trait])] for each, known in traits.items()}
        modes = {each: {trait for trait in known if INHERITANCE in above[trait]} for each, known in traits.items()}
        self._recessive = {each for each, known in modes.items() if known == {RECESSIVE_X}}

    def bonus(self, diseases: Sequence[str], onset: str, sex: str) -> np.ndarray:
        """What onset (HPO id) and sex add to the score of each disease; (diseases,) float64, 0 where nothing is known."""
        return weighed(self.apart(diseases, onset), self.unlikely(diseases, sex))

    def apart(self, diseases: Sequence[str], onset: str) -> np.ndarray:
        """Stages between the onset and the nearest one that each disease is known for; (diseases,) int, -1 where unknown."""
        begun = self.span(onset)
        if begun is None:
            return np.full(len(diseases), -1)
        return np.array([
            min((max(0, first - begun[1], begun[0] - last) for first, last in self._spans.get(each, ())), default=-1)
            for each in diseases
        ])  # fmt: skip

    def unlikely(self, diseases: Sequence[str], sex: str) -> np.ndarray:
        """Which diseases are known only as X-linked recessive while the patient is female; (diseases,) bool."""
        return np.array([sex == "female" and each in self._recessive for each in diseases], bool)

    def span(self, onset: str) -> tuple[int, int] | None:
        """First and last stage of an onset's HPO id; None for one that names no stage."""
        return next((STAGES[each] for each in self._above(onset) if each in STAGES), None)

    def _above(self, identifier: str) -> list[str]:
        return [self.hpo.ids[each] for term in self.hpo.indices([identifier]) for each in self.hpo.ancestors(term).tolist()]
