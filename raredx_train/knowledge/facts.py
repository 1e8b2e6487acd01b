"""One thing that is known of a disease or of a finding, with where it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")

MEASURED = 5  # patients: a share of fewer says little, "1 of 1" is no obligate finding
BANDS = (  # lowest share of a band, its name and its words: https://hpo.jax.org/data/annotations
    (1.0, "obligate", "100 %"),
    (0.8, "very frequent", "80 to 99 %"),
    (0.3, "frequent", "30 to 79 %"),
    (0.05, "occasional", "5 to 29 %"),
    (0.0, "very rare", "1 to 4 %"),
)


class Kind(StrEnum):
    """What a fact says of its subject. The subject of the last five is a finding (HPO id), of the others a disease."""

    FINDING = "finding"
    ABSENT = "absent finding"
    GENE = "gene"
    INHERITANCE = "inheritance"
    ONSET = "onset"
    COURSE = "clinical course"
    SYNONYM = "synonym"
    IDENTIFIER = "identifier"
    PARENT = "parent"
    PREVALENCE = "prevalence"
    DEFINITION = "definition"
    TERM_DEFINITION = "definition of a finding"
    TERM_PARENT = "parent of a finding"
    TERM_SYNONYM = "synonym of a finding"
    TERM_LAY = "lay term of a finding"
    TERM_SYSTEM = "organ system of a finding"


@dataclass(frozen=True, slots=True)
class Fact:
    """subject and value: ids where there are ids (canonical disease, HPO, gene symbol), else text.

    source: the release it comes from; record: the entry there. references: what the record itself cites (PMID, OMIM, ORPHA ids).
    Of findings alone: frequency, the share of patients, 0 to 1, None where not stated; patients, how many that share rests on, 0
    where unknown; sex, "male" or "female" where it is recorded of one alone; onset, an HPO id or empty.
    """

    subject: str
    kind: Kind
    value: str
    source: str
    record: str
    references: tuple[str, ...] = ()
    frequency: float | None = None
    patients: int = 0
    sex: str = ""
    onset: str = ""

    @property
    def key(self) -> str:
        """What tells one fact from another, whichever record states it."""
        return f"{self.subject}|{self.kind}|{self.value}"

    @property
    def band(self) -> str | None:
        """The class of its frequency; None where it isn't stated or rests on fewer than MEASURED patients."""
        if self.frequency is None or 0 < self.patients < MEASURED:
            return None
        return next(name for least, name, _ in BANDS if self.frequency >= least)


class Facts:
    """Facts by what they are about, in the order given."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.all = tuple(facts)
        self._of: dict[tuple[str, Kind], list[Fact]] = {}
        self._stating: dict[tuple[Kind, str], list[Fact]] = {}
        self.subjects: dict[str, None] = {}
        self._values: dict[Kind, dict[str, None]] = {}
        for fact in self.all:
            self._values.setdefault(fact.kind, {})[fact.value] = None
            self._of.setdefault((fact.subject, fact.kind), []).append(fact)
            self._stating.setdefault((fact.kind, fact.value), []).append(fact)
            self.subjects[fact.subject] = None

    def of(self, subject: str, kind: Kind) -> Sequence[Fact]:
        """What is known of a subject."""
        return self._of.get((subject, kind), ())

    def stating(self, kind: Kind, value: str) -> Sequence[Fact]:
        """The facts of all subjects that have this value."""
        return self._stating.get((kind, value), ())

    def values(self, subject: str, kind: Kind) -> tuple[str, ...]:
        """The values of what is known of a subject."""
        return tuple(fact.value for fact in self.of(subject, kind))

    def known_values(self, kind: Kind) -> Collection[str]:
        """Every value of a kind, each once."""
        return self._values.get(kind, {}).keys()

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)


def place(*key: object) -> float:
    """Where a key falls between 0 (included) and 1, the same on every machine: the first 8 bytes of its BLAKE2b digest."""
    text = "|".join(map(str, key))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def draw(*key: object) -> Random:
    """Random numbers that follow from a key."""
    return Random("|".join(map(str, key)))


def sample(rng: Random, choices: Sequence[T], size: int) -> list[T]:
    """Up to so many of the choices, in their order."""
    if len(choices) <= size:
        return list(choices)
    return [choices[at] for at in sorted(rng.sample(range(len(choices)), size))]
