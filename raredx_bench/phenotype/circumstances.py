"""Onset and sex against what is known of a disease. The two constants are set by hand; their use is not measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology

ONSET, INHERITANCE, RECESSIVE_X = "HP:0003674", "HP:0000005", "HP:0001419"
AGREES = 0.3  # in the units of the ranking's scores: added when the onset is one that the disease is known for, else taken off
WRONG_SEX = 0.5  # taken off a disease known only as X-linked recessive, for a girl or woman


class Circumstances:
    """Known ages of onset and modes of inheritance by canonical id."""

    def __init__(self, hpo: Hpo, ontology: Ontology) -> None:
        self.hpo = hpo
        self._traits: dict[str, set[str]] = {}
        for identifier, traits in zip(hpo.diseases, hpo.traits, strict=True):
            self._traits.setdefault(ontology.canonical(identifier) or identifier, set()).update(traits)

    def bonus(self, diseases: Sequence[str], onset: str, sex: str) -> np.ndarray:
        """What onset (HPO id) and sex add to the score of each disease; (diseases,) float64, 0 where nothing is known."""
        begun = set(self._above(onset))
        return np.array([self._onset(each, begun) + self._sex(each, sex) for each in diseases], np.float64)

    def _onset(self, disease: str, begun: set[str]) -> float:
        known = self._below(disease, ONSET)
        if not begun or not known:
            return 0.0
        return AGREES if begun & known or any(begun & set(self._above(each)) - {ONSET} for each in known) else -AGREES

    def _sex(self, disease: str, sex: str) -> float:
        return -WRONG_SEX if sex == "female" and self._below(disease, INHERITANCE) == {RECESSIVE_X} else 0.0

    def _below(self, disease: str, root: str) -> set[str]:
        return {each for each in self._traits.get(disease, ()) if root in self._above(each)}

    def _above(self, identifier: str) -> list[str]:
        return [self.hpo.ids[each] for term in self.hpo.indices([identifier]) for each in self.hpo.ancestors(term).tolist()]
