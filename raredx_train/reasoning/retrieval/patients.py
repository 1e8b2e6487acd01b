"""Training patients by how alike their findings are to a case's: BM25 over HPO terms and all that lies above them.

A term that few patients have counts more than a common one, as a rare word does; a general term is common, since everything below
it implies it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np

from raredx_bench.bm25 import Bm25
from raredx_bench.domain import Case
from raredx_bench.findings import Findings
from raredx_bench.hpo import ROOT
from raredx_train.knowledge.base import Base

VARIANT = "#"  # what stands between a case's id and the number of a variant of it


class Patients:
    """Patients with a known diagnosis, searched by findings; read when first searched."""

    def __init__(self, base: Base, cases: Sequence[Case], findings: Callable[[Case], Findings]) -> None:
        self._base, self._findings = base, findings
        known = ((each, next((found for answer in each.answers if (found := base.ontology.canonical(answer))), None))
                 for each in cases)  # fmt: skip
        self._cases = [(each, disease) for each, disease in known if disease is not None]

    def like(self, case: Case, seen: Findings, limit: int) -> list[tuple[Case, str, float]]:
        """(patient, diagnosis, score) of those most alike, best first; one of each publication, none of the case's own."""
        if not (limit and self._cases and seen.observed):
            return []
        scores = self._index.scores(self._tokens(seen.observed))
        found: list[tuple[Case, str, float]] = []
        for patient, disease, score in self._by_score(scores):
            if score <= 0 or len(found) == limit:
                break
            if all(_apart(patient, other) for other in (case, *(each for each, *_ in found))):
                found.append((patient, disease, score))
        return found

    def _by_score(self, scores: np.ndarray) -> Iterator[tuple[Case, str, float]]:
        for row in np.argsort(-scores, kind="stable").tolist():
            yield (*self._cases[row], float(scores[row]))

    @cached_property
    def _index(self) -> Bm25:
        return Bm25(self._tokens(self._findings(case).observed) for case, _ in self._cases)

    def _tokens(self, terms: Sequence[str]) -> list[str]:
        """Ids of the terms and of all above them, phenotypic abnormalities alone, each once, in order."""
        hpo = self._base.hpo
        top = self._base.above[hpo.position[ROOT]]
        above = dict.fromkeys(index for term in hpo.indices(terms) for index in hpo.ancestors(term).tolist())
        return [hpo.ids[index] for index in above if index not in top]


def _apart(one: Case, other: Case) -> bool:
    """True for two patients of different publications who are no variants of one another."""
    return one.group != other.group and one.id.partition(VARIANT)[0] != other.id.partition(VARIANT)[0]
