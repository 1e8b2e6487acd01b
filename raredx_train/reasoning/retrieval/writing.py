"""A disease or a patient -> the record that is shown of it: what bears on the case first, then what is most frequent."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from raredx_bench.domain import Case
from raredx_bench.findings import Findings
from raredx_bench.hpo import ROOT
from raredx_bench.phenotype import UNKNOWN_FREQUENCY
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Kind
from raredx_train.reasoning.records import Record
from raredx_train.reasoning.retrieval.known import without

FINDINGS = 20  # in a record, at most
ABSENT, GENES, TRAITS = 6, 10, 4  # the same of absent findings, of genes, and of modes and of onsets
_SHOWN = (Kind.FINDING, Kind.GENE, Kind.INHERITANCE, Kind.ONSET, Kind.ABSENT)
_FAR = (2, 0)


class Writing:
    """Writes records for one case: it has these findings and comes from this publication, whose own statements it doesn't see."""

    def __init__(self, base: Base, seen: Findings, publication: str) -> None:
        self._base, self._publication = base, publication
        self._of = [_line(base, each) for each in (seen.observed, seen.excluded)]
        self._order = lru_cache(maxsize=None)(self._bearing)

    def disease(self, disease: str, score: float) -> Record | None:
        """What is taught of a disease; None where there is nothing to show.

        Findings that the case shows, or that lie above or below what it shows, come first, then those it lacks, then the most
        frequent. Absent ones are shown where they bear on the case.
        """
        known = {kind: without(self._base.taught.of(disease, kind), self._publication) for kind in _SHOWN}
        if not any(known.values()):
            return None
        findings = sorted(known[Kind.FINDING], key=lambda fact: (self._order(fact.value), *_by_frequency(fact)))[:FINDINGS]
        genes, modes, onsets = (tuple(fact.value for fact in known[kind]) for kind in (Kind.GENE, Kind.INHERITANCE, Kind.ONSET))
        return Record(
            disease, self._base.name(disease),
            tuple((fact.value, None if fact.frequency is None else round(fact.frequency, 3)) for fact in findings),
            self._absent(fact.value for fact in known[Kind.ABSENT]), genes[:GENES], modes[:TRAITS], onsets[:TRAITS],
            source=next(fact.source for facts in known.values() for fact in facts), score=score,
        )  # fmt: skip

    def patient(self, patient: Case, findings: Findings, disease: str, score: float) -> Record:
        """One training patient, with its diagnosis."""
        observed = sorted(findings.observed, key=self._order)[:FINDINGS]
        return Record(
            disease, self._base.name(disease), tuple((each, None) for each in observed), self._absent(findings.excluded),
            patient=True, source=patient.id, score=score,
        )  # fmt: skip

    def _absent(self, terms: Iterable[str]) -> tuple[str, ...]:
        """Those that the case has, then those that it lacks too."""
        bearing = (each for each in terms if self._order(each) != (_FAR, _FAR))
        return tuple(sorted(bearing, key=lambda each: (self._order(each), each))[:ABSENT])

    def _bearing(self, term: str) -> tuple[tuple[int, int], tuple[int, int]]:
        """How near a term is to what the case shows, and to what it lacks; smaller is nearer.

        (0, 0): the same term; (1, …): one is above the other, the more special the upper one the nearer; else _FAR.
        """
        index = self._base.hpo.position[term]
        one, other = (_near(self._base, index, *line) for line in self._of)
        return one, other


def _line(base: Base, findings: Iterable[str]) -> tuple[frozenset[int], frozenset[int]]:
    """Indices of the findings, and of all phenotypic abnormalities above them."""
    same = frozenset(base.hpo.indices(findings))
    return same, same.union(*(base.above[index] for index in same)) - base.above[base.hpo.position[ROOT]]


def _near(base: Base, index: int, same: frozenset[int], above: frozenset[int]) -> tuple[int, int]:
    if index in same:
        return 0, 0
    upper = [index] if index in above else list(base.above[index] & same)
    return (1, -max(len(base.above[each]) for each in upper)) if upper else _FAR


def _by_frequency(fact: Fact) -> tuple[float, str]:
    return -(UNKNOWN_FREQUENCY if fact.frequency is None else fact.frequency), fact.value
