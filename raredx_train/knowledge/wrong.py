"""Values that a subject is surely not recorded with: for "no" answers and for wrong options.

An annotation that is missing is not a finding that is missing. So a finding counts as wrong for a disease only when nothing above
or below it is recorded in the disease or its relatives, when at most one of the diseases most like it has it, and, for a finding
that more than COMMON diseases have, when the disease is well described (DESCRIBED findings). OMIM and Orphanet may list one disease
under names that the terminology in force doesn't join (HPO's names alone join few): what is recorded of such a possible twin isn't
wrong either. All facts are looked through, also those that no pair teaches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random

from raredx_bench.naming import plain
from raredx_bench.strata.levels import inheritance_levels, onset_levels
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.knowledge.similar import COMMON

DESCRIBED = 15  # findings
TRIED = 32  # draws for a few wrong values
Similar = Mapping[str, Sequence[str]]


class Wrong:
    """Wrong values over all facts. similar: diseases like a disease, likest first; twins: those that may be the same disease."""

    def __init__(self, base: Base, similar: Similar, twins: Similar) -> None:
        self.base, self.similar, self.twins = base, similar, twins
        self._level = lru_cache(maxsize=4096)(self._levels_of)
        self._values = {kind: sorted(base.every.known_values(kind)) for kind in Kind}

    def is_wrong(self, kind: Kind, subject: str, value: str) -> bool:
        """True when a value is surely none of what a subject is recorded with."""
        return all(self._is_wrong(kind, each, value) for each in (subject, *self.twins.get(subject, ())))

    def _is_wrong(self, kind: Kind, subject: str, value: str) -> bool:
        base = self.base
        if kind is Kind.FINDING:
            return self._lacks(subject, value)
        if kind is Kind.PARENT:
            return value != subject and not base.ontology.is_above(value, subject) and value not in base.relatives(subject)
        if kind is Kind.TERM_PARENT:
            return self._apart(subject, value)
        if kind in (Kind.TERM_SYNONYM, Kind.TERM_LAY, Kind.TERM_DEFINITION):
            return all(self._apart(subject, fact.subject) for fact in base.every.stating(kind, value))
        if kind is Kind.SYNONYM:
            return not set(base.ontology.named(value)) & base.relatives(subject) and plain(value) != plain(base.name(subject))
        stated = [fact.value for each in base.relatives(subject) for fact in base.every.of(each, kind)]
        if kind in (Kind.INHERITANCE, Kind.ONSET):
            return self._levels(kind, [value]).isdisjoint(self._levels(kind, stated)) and bool(self._levels(kind, [value]))
        return value not in stated

    def values(self, kind: Kind, subject: str, size: int, rng: Random) -> list[str]:
        """Up to so many wrong values for a subject, those of similar subjects first."""
        near = [fact.value for other in self.near(subject) for fact in self.base.every.of(other, kind)]
        found: list[str] = []
        for value in mixed(near, self._values[kind], size, rng):
            if len(found) == size:
                break
            if value not in found and value not in self.base.systems and self.is_wrong(kind, subject, value):
                found.append(value)
        return found

    def subjects(self, kind: Kind, subject: str, value: str, size: int, rng: Random) -> list[str]:
        """Up to so many other subjects that a value is surely wrong for, those similar to its own first."""
        pool = self.base.diseases if self.base.is_disease(subject) else self.base.findings
        found: list[str] = []
        for other in mixed(list(self.near(subject)), pool, size, rng):
            if len(found) == size:
                break
            if other != subject and other not in found and self.is_wrong(kind, other, value):
                found.append(other)
        return found

    def near(self, subject: str) -> Sequence[str]:
        """Diseases like a disease; the siblings of a finding."""
        if self.base.is_disease(subject):
            return self.similar.get(subject, ())
        parents = self.base.glossary.parents.get(subject, ())
        return [each for parent in parents for each in self.base.glossary.children[parent] if each != subject]

    def _lacks(self, disease: str, term: str) -> bool:
        if len(self.base.carried_by(term)) > COMMON and len(self.base.every.of(disease, Kind.FINDING)) < DESCRIBED:
            return False
        having = self.base.carried_by(term)
        return sum(each in having for each in self.similar.get(disease, ())) <= 1 and self.base.lacks(disease, term)

    def _levels(self, kind: Kind, values: Sequence[str]) -> set[str]:
        return set().union(*(self._level(kind, value) for value in values))

    def _levels_of(self, kind: Kind, value: str) -> frozenset[str]:
        return frozenset((inheritance_levels if kind is Kind.INHERITANCE else onset_levels)([value], (), self.base.hpo))

    def _apart(self, term: str, other: str) -> bool:
        """True for two findings of which neither lies above the other."""
        one, two = self.base.hpo.position[term], self.base.hpo.position[other]
        return one not in self.base.above[two] and two not in self.base.above[one]


def mixed(near: list[str], pool: Sequence[str], size: int, rng: Random) -> Iterator[str]:
    """Some of what is near, shuffled, then draws from the pool; with repeats."""
    rng.shuffle(near)
    yield from near[: 4 * size]
    if len(pool) <= TRIED:
        yield from rng.sample(pool, len(pool))
    else:
        yield from (pool[rng.randrange(len(pool))] for _ in range(TRIED))
