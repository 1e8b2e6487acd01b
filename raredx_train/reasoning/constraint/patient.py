"""What a case states, as sets that a reasoning's findings are looked up in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from raredx_bench.domain import Case
from raredx_bench.findings import FindingReader
from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base


@dataclass(frozen=True)
class Patient:
    """observed, excluded: indices of the case's own terms; above: of the observed ones and everything above them; text: plain."""

    base: Base
    observed: frozenset[int]
    excluded: frozenset[int]
    above: frozenset[int]
    presentation: str

    @cached_property
    def terms(self) -> frozenset[str]:
        """HPO ids of all that the case speaks of."""
        return frozenset(self.base.hpo.ids[index] for index in self.observed | self.excluded)

    @cached_property
    def terms_out(self) -> frozenset[str]:
        """HPO ids of the case's excluded terms."""
        return frozenset(self.base.hpo.ids[index] for index in self.excluded)

    @cached_property
    def text(self) -> str:
        """The words of the presentation, with a blank at both ends."""
        return f" {plain(self.presentation)} "

    def rules_out(self, term: str) -> bool:
        """True for a finding that the case excludes, itself or by one above it."""
        return not self.excluded.isdisjoint(self.base.above[self.base.hpo.position[term]])

    def has(self, term: str, words: str = "") -> bool:
        """True for a finding that the case states, or a more general one; or whose words stand in it and aren't excluded."""
        if self.base.hpo.position[term] in self.above:
            return True
        return bool(words) and f" {plain(words)} " in self.text and not self.rules_out(term)


def patient_of(case: Case, base: Base, reader: FindingReader) -> Patient:
    """What a case states: its terms, where it has any, else what is read in its text."""
    observed, excluded = case.observed, case.excluded
    if not observed and not excluded:
        found = reader.read(case.presentation)
        observed, excluded = found.observed, found.excluded
    seen, out = frozenset(base.hpo.indices(observed)), frozenset(base.hpo.indices(excluded))
    return Patient(base, seen, out, frozenset().union(*(base.above[each] for each in seen)), case.presentation)
