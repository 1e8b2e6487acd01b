"""A disease and findings -> how far they overlap: Jaccard of all terms at or above them, weighed by their information content."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from raredx_bench.hpo import ROOT, Hpo, load_hpo
from raredx_bench.judging import judge_for
from raredx_bench.ontology import Ontology


class Overlap:
    """The findings of every annotated disease, as sets of terms."""

    def __init__(self, hpo: Hpo, ontology: Ontology) -> None:
        self.hpo = hpo
        self._own: dict[str, set[int]] = {}
        for row in np.flatnonzero(~hpo.negated):
            identifier = hpo.diseases[hpo.disease[row]]
            self._own.setdefault(ontology.canonical(identifier) or identifier, set()).add(int(hpo.term[row]))
        self._of = lru_cache(maxsize=16384)(lambda disease: self._closed(self._own.get(disease, ())))
        self._case = lru_cache(maxsize=4096)(lambda observed: self._closed(hpo.indices(observed)))
        counts = np.zeros(len(hpo.ids))
        for terms in self._own.values():
            counts[list(self._closed(terms))] += 1
        self._content = np.log(max(len(self._own), 1) / np.maximum(counts, 1))  # (terms,), nats

    def share(self, disease: str, observed: tuple[str, ...]) -> float:
        """0 to 1; 0 where nothing is known of either."""
        one, other = self._of(disease), self._case(observed)
        both = self._weight(one & other)
        return both / either if both and (either := self._weight(one | other)) else 0.0

    def _weight(self, terms: Iterable[int]) -> float:
        return float(self._content[list(terms)].sum())

    def _closed(self, terms: Iterable[int]) -> frozenset[int]:
        return frozenset(int(above) for term in terms for above in self.hpo.ancestors(term)) - {self.hpo.position[ROOT]}


@lru_cache(maxsize=2)
def overlap_for(root: Path) -> Overlap:
    """The overlaps over a data directory's annotations, loaded once a process."""
    return Overlap(load_hpo(root), judge_for(root).ontology)
