"""The diagnoser: findings -> a differential in which every candidate carries its evidence. Not for clinical use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype import ratios
from raredx_bench.phenotype.ratios import Ranker

_LN10 = float(np.log(10))
MOST_MISSING = 5  # frequent findings of a disease that the patient wasn't said to have
FREQUENT = 0.5


@dataclass(frozen=True)
class Evidence:
    """What one finding says about one disease.

    finding: HPO id of the patient's finding, of a missing one the disease's; kind: "supports", "contradicts", "unexplained" (the
    disease isn't known for it) or "missing" (frequent in the disease, not mentioned of the patient: no part of the score).
    annotated: HPO id of the disease's annotation that matched, "" if none; frequency: share of its patients, None if unknown.
    weight: log likelihood ratio in nats.
    """

    finding: str
    kind: str
    annotated: str
    frequency: float | None
    weight: float


@dataclass(frozen=True)
class Candidate:
    """A ranked disease. ids: its OMIM, ORPHA and MONDO ids; probability: that it is the diagnosis, 0 to 1."""

    disease: str
    ids: tuple[str, ...]
    name: str
    score: float
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Diagnosis:
    """Candidates, best first; none_of_these: probability that the right one isn't listed; notes: what to know, in sentences."""

    candidates: tuple[Candidate, ...]
    none_of_these: float
    notes: tuple[str, ...]


class Diagnoser:
    """Ranks diseases for a patient's findings."""

    def __init__(self, hpo: Hpo, ontology: Ontology) -> None:
        self.hpo = hpo
        self.ontology = ontology
        self.ranker = Ranker(hpo, ontology)

    def diagnose(
        self, observed: Sequence[str], excluded: Sequence[str] = (), *, onset: str = "", sex: str = "", most: int = 10
    ) -> Diagnosis:
        """The differential for HPO ids; without an observed finding that this release knows: no candidate, and a note says so."""
        notes = self._notes(observed, excluded)
        if not self.hpo.indices(observed):
            return Diagnosis((), 1.0, (*notes, "no finding that this HPO release knows was observed: nothing can be ranked"))
        scores = self.ranker.scores(observed, excluded).astype(float)
        chance = np.exp(scores - scores.max())
        chance /= chance.sum()
        found = [
            Candidate(
                disease=each.id,
                ids=self._ids(each.id),
                name=each.name,
                score=each.score * _LN10,
                probability=float(chance[row]),
                evidence=(*self._weighed(each.evidence), *self._missing(row, observed, excluded)),
            )
            for each, row in zip(self.ranker.rank(observed, excluded, most), self.ranker.top(scores, most), strict=True)
        ]
        return Diagnosis(tuple(found), max(0.0, 1.0 - sum(each.probability for each in found)), tuple(notes))

    def _notes(self, observed: Sequence[str], excluded: Sequence[str]) -> list[str]:
        unknown = [each for each in dict.fromkeys([*observed, *excluded]) if self.hpo.current(each) is None]
        return [f"{each} is no term of HPO {self.hpo.release}: passed over" for each in unknown]

    def _ids(self, disease: str) -> tuple[str, ...]:
        known = self.ontology[disease]
        return tuple(dict.fromkeys(each for each in (known.id, *known.xrefs) if each.startswith(("OMIM:", "ORPHA:", "MONDO:"))))

    def _weighed(self, found: Sequence[ratios.Evidence]) -> list[Evidence]:
        return [
            Evidence(
                finding=each.finding,
                kind=("supports" if each.log10_ratio > 0 else "unexplained") if each.observed
                else "contradicts" if each.log10_ratio < 0 else "supports",
                annotated=each.matched or "",
                frequency=each.frequency if each.matched else None,
                weight=each.log10_ratio * _LN10,
            )
            for each in found if each.observed or each.matched
        ]  # fmt: skip

    def _missing(self, row: int, observed: Sequence[str], excluded: Sequence[str]) -> list[Evidence]:
        """The most frequent findings of a disease that the patient's findings neither state, nor lie below, nor exclude."""
        said = {above for term in self.hpo.indices(observed) for above in self.hpo.ancestors(term).tolist()}
        denied = set(self.hpo.indices(excluded))
        found = [
            (term, share) for term, share in self.ranker.profile(row)
            if share >= FREQUENT and term not in said and denied.isdisjoint(self.hpo.ancestors(term).tolist())
        ]  # fmt: skip
        found.sort(key=lambda each: (-each[1], self.hpo.ids[each[0]]))
        return [
            Evidence(self.hpo.ids[term], "missing", self.hpo.ids[term], share, self.ranker.absence(term, share))
            for term, share in found[:MOST_MISSING]
        ]
