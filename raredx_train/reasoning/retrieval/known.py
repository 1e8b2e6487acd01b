"""What is taught of a disease, and the same without what one publication alone says of it.

HPO's annotations of a rare disease often come from the very publication that a training case is taken from: looked up for that
case, they would tell its diagnosis. So such a disease has a second row, which is the one that cases of that publication see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Facts, Kind

_TEXT = (Kind.SYNONYM, Kind.DEFINITION, Kind.FINDING, Kind.GENE, Kind.INHERITANCE, Kind.ONSET, Kind.COURSE)


def without(facts: Iterable[Fact], publication: str) -> list[Fact]:
    """The facts that other records state too, or that cite no publication; a pooled frequency stays what it is."""
    return [fact for fact in facts if fact.references != (publication,)]


class Rows:
    """Diseases in the order of their ids, then one row for each disease of which a publication alone says something.

    keys: what each row is called, the disease's id first; diseases: those of the first rows; row: the row of each of them.
    """

    def __init__(self, base: Base, publications: Iterable[str]) -> None:
        self._base = base
        wanted = frozenset(publications)
        self.diseases = tuple(sorted(base.diseases))
        self.row = {disease: row for row, disease in enumerate(self.diseases)}
        pairs = {(fact.subject, fact.references[0]) for fact in base.taught
                 if len(fact.references) == 1 and fact.references[0] in wanted and fact.subject in self.row}  # fmt: skip
        self._pairs = tuple(sorted(pairs))
        self._second: dict[str, list[tuple[int, int]]] = {}
        for number, (disease, publication) in enumerate(self._pairs, len(self.diseases)):
            self._second.setdefault(publication, []).append((self.row[disease], number))
        self.keys = (*self.diseases, *(f"{disease}|{publication}" for disease, publication in self._pairs))

    def facts(self) -> Iterator[Fact]:
        """The facts of every row, those of second rows with its key as their subject and of findings alone."""
        taught = self._base.taught
        yield from (fact for fact in taught if fact.subject in self.row)
        for disease, publication in self._pairs:
            own = (*taught.of(disease, Kind.FINDING), *taught.of(disease, Kind.ABSENT))
            yield from (replace(fact, subject=f"{disease}|{publication}") for fact in without(own, publication))

    def texts(self) -> list[str]:
        """The words of every row: the disease's name, and everything that is taught of it."""
        return [self._text(*each) for each in (*((disease, "") for disease in self.diseases), *self._pairs)]

    def seen(self, scores: np.ndarray, publication: str) -> np.ndarray:
        """The scores of the diseases as a case of a publication sees them; (rows,) -> (diseases,)."""
        found: np.ndarray = scores[: len(self.diseases)].copy()
        for row, second in self._second.get(publication, ()):
            found[row] = scores[second]
        return found

    def _text(self, disease: str, publication: str) -> str:
        taught: Facts = self._base.taught
        values = (fact.value for kind in _TEXT for fact in without(taught.of(disease, kind), publication))
        return "\n".join([self._base.name(disease), *map(self._base.name, values)])
