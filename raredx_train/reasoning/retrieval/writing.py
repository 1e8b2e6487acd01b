"""A disease or a patient -> the record that is shown of it: what matches the case first, then what is most frequent."""

from __future__ import annotations

from collections.abc import Iterable

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


def disease_record(base: Base, disease: str, publication: str, seen: Findings, score: float) -> Record | None:
    """What is taught of a disease, for a case of this publication with these findings; None where nothing to show is.

    Findings that are, lie above or lie below what the case shows come first, then those it lacks, then the most frequent ones.
    Absent ones are shown where they bear on the case.
    """
    known = {kind: without(base.taught.of(disease, kind), publication) for kind in _SHOWN}
    if not any(known.values()):
        return None
    near, lacking = _Near(base, seen.observed), _Near(base, seen.excluded)
    findings = sorted(known[Kind.FINDING], key=lambda fact: (near.order(fact.value), lacking.order(fact.value),
                                                             *_by_frequency(fact)))[:FINDINGS]  # fmt: skip
    genes, modes, onsets = (tuple(fact.value for fact in known[kind]) for kind in (Kind.GENE, Kind.INHERITANCE, Kind.ONSET))
    return Record(
        disease, base.name(disease),
        tuple((fact.value, None if fact.frequency is None else round(fact.frequency, 3)) for fact in findings),
        _bearing((fact.value for fact in known[Kind.ABSENT]), near, lacking), genes[:GENES], modes[:TRAITS], onsets[:TRAITS],
        source=next(fact.source for facts in known.values() for fact in facts), score=score,
    )  # fmt: skip


def patient_record(base: Base, patient: Case, own: Findings, disease: str, seen: Findings, score: float) -> Record:
    """One training patient, with its diagnosis, for a case with these findings."""
    near, lacking = _Near(base, seen.observed), _Near(base, seen.excluded)
    observed = sorted(own.observed, key=lambda each: (near.order(each), lacking.order(each)))
    return Record(
        disease, base.name(disease), tuple((each, None) for each in observed[:FINDINGS]), _bearing(own.excluded, near, lacking),
        patient=True, source=patient.id, score=score,
    )  # fmt: skip


def _bearing(absent: Iterable[str], near: _Near, lacking: _Near) -> tuple[str, ...]:
    """Absent findings that the case has, then those that it lacks too."""
    orders = {each: (near.order(each), lacking.order(each)) for each in absent}
    bearing = [each for each, order in orders.items() if order != (_Near.FAR, _Near.FAR)]
    return tuple(sorted(bearing, key=lambda each: (orders[each], each))[:ABSENT])


def _by_frequency(fact: Fact) -> tuple[float, str]:
    return -(UNKNOWN_FREQUENCY if fact.frequency is None else fact.frequency), fact.value


class _Near:
    """How near a term is to any of some findings: the same, in one line with one (the more telling the higher term), or FAR."""

    FAR = (2, 0.0)

    def __init__(self, base: Base, findings: Iterable[str]) -> None:
        self._base, hpo = base, base.hpo
        self._same = frozenset(hpo.indices(findings))
        self._above = {above for index in self._same for above in base.above[index]} - base.above[hpo.position[ROOT]]

    def order(self, term: str) -> tuple[int, float]:
        """Smaller is nearer."""
        index = self._base.hpo.position[term]
        if index in self._same:
            return 0, 0.0
        if index in self._above:
            return 1, -self._depth(index)
        shared = self._base.above[index] & self._same
        return (1, -max(map(self._depth, shared))) if shared else self.FAR

    def _depth(self, index: int) -> float:
        """How special a term is: how many terms are above it."""
        return float(len(self._base.above[index]))
