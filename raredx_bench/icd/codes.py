"""What a code can mean, and the rules by which it means one disorder (the package's docstring has them)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

CODE_RULES = "icd-1"
CATEGORY = 3  # characters of an ICD-10 category; nothing shorter is a code
_CODE = re.compile(r"^([A-Z]\d[0-9A-Z])[.,]?([0-9A-Z]{0,4})\+?$")


class Tie(StrEnum):
    """What a source says of a code and a disorder."""

    EXACT = "E"
    NARROWER = "NTBT"  # the disorder is narrower than the code
    BROADER = "BTNT"
    UNDECIDED = "ND"
    UNMARKED = "unmarked"


class Reading(StrEnum):
    """What became of a code."""

    WHOLE = "whole code"
    PREFIX = "WHO prefix"
    GIVEN = "own table"
    EQUIVALENT = "equivalence mapping"
    AMBIGUOUS = "ambiguous"
    UNMAPPED = "ICD-9 without a mapping"
    NOT_RARE = "no rare disease"


@dataclass(frozen=True, slots=True)
class Statement:
    """One source's line: an ICD-10 code (no dot), the disorder that states it, how, and whether that is its own code.

    own: False for inclusion terms and codes attributed by Orphanet. group: the entry is a group of disorders.
    """

    code: str
    orpha: str
    tie: Tie
    own: bool = True
    group: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a patient's code means. orpha and tie: None unless it means one disorder; stated: the code that decided."""

    reading: Reading
    stated: str = ""
    orpha: str | None = None
    tie: Tie | None = None


@dataclass(frozen=True)
class CodeTable:
    """Codes and the one disorder each of them means. release: of the source, for people; marked: the source says which are exact.

    single: code -> (disorder, tie). known: every code that any disorder states. given, equivalent: by (version, code).
    """

    release: str
    marked: bool
    single: Mapping[str, tuple[str, Tie]]
    known: frozenset[str]
    given: Mapping[tuple[int, str], tuple[str, Tie]] = field(default_factory=dict)
    equivalent: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, code: str, version: int) -> Meaning:
        """What a code of ICD-9 or ICD-10 means, by the rules above; dots and letter case don't matter."""
        bare = code.strip().upper().replace(".", "")
        if (version, bare) in self.given:
            orpha, tie = self.given[version, bare]
            return Meaning(Reading.GIVEN, bare, orpha, tie)
        if version != 10:
            target = self.equivalent.get(bare)
            found = self._looked_up(target) if target else Meaning(Reading.UNMAPPED, bare)
            return replace(found, reading=Reading.EQUIVALENT) if found.orpha else found
        return self._looked_up(bare)

    def _looked_up(self, code: str) -> Meaning:
        for length in range(len(code), CATEGORY - 1, -1):
            part = code[:length]
            if part in self.single:
                return Meaning(Reading.WHOLE if part == code else Reading.PREFIX, part, *self.single[part])
            if part in self.known:
                return Meaning(Reading.AMBIGUOUS, part)
        return Meaning(Reading.NOT_RARE)


def code_table(
    statements: Iterable[Statement], release: str, below: Mapping[str, set[str]] | None = None, *, narrower: bool = False
) -> CodeTable:
    """The codes that mean one disorder, by the rules above. below: disorder -> everything under it, for unmarked statements."""
    by_code: dict[str, list[Statement]] = {}
    for statement in statements:
        by_code.setdefault(statement.code, []).append(statement)
    marked = any(each.tie is not Tie.UNMARKED for stated in by_code.values() for each in stated)
    single = {}
    for code, stated in by_code.items():
        found = _exact(stated) if marked else _head(stated, below or {})
        tie = Tie.EXACT if marked else Tie.UNMARKED
        if found is None and narrower and marked:
            found, tie = _only_narrower(stated), Tie.NARROWER
        if found is not None:
            single[code] = (found, tie)
    return CodeTable(release, marked, single, frozenset(by_code))


def _exact(stated: list[Statement]) -> str | None:
    exact = {each.orpha for each in stated if each.tie is Tie.EXACT and each.own and not each.group}
    return next(iter(exact)) if len(exact) == 1 else None


def _only_narrower(stated: list[Statement]) -> str | None:
    alone = stated[0] if len({each.orpha for each in stated}) == 1 else None
    return alone.orpha if alone and alone.tie is Tie.NARROWER and alone.own and not alone.group else None


def _head(stated: list[Statement], below: Mapping[str, set[str]]) -> str | None:
    """The one entry, groups aside, that has all the others below it."""
    entries = {each.orpha for each in stated if not each.group}
    heads = [each for each in entries if entries - {each} <= below.get(each, set())]
    return heads[0] if len(heads) == 1 else None


def bare_code(text: str) -> str | None:
    """An ICD-10 code without its dot and dagger ("E10.5+" -> "E105"); None for a manifestation's (M14.8*), a range or no code."""
    match = _CODE.match(text.strip().upper())
    return "".join(match.groups()) if match else None
