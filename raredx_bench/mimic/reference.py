"""Coded diagnoses -> the reference diagnosis of each admission.

The reference of an admission is the rare disorder of its first code (lowest seq_num) that means one; further rare disorders are
comorbidities, and are counted. Where the mapping doesn't say which codes are exact (icd.Tie.UNMARKED), the code's own title has
to name the disorder or a form of it, as the judge sees it; a code whose title isn't at hand then means nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from raredx_bench.domain import BadInput, Relation
from raredx_bench.icd import CodeTable, Meaning, Reading, Tie
from raredx_bench.judging import Judge
from raredx_bench.mimic.tables import DIAGNOSES, TITLES, rows

UNCONFIRMED = "unmarked, title names another"


@dataclass(frozen=True, slots=True)
class Coded:
    """One diagnosis code of an admission that means a disorder. position: its seq_num, 1 for the principal diagnosis."""

    position: int
    code: str
    version: int
    meaning: Meaning

    @property
    def orpha(self) -> str:
        assert self.meaning.orpha is not None
        return self.meaning.orpha


@dataclass(slots=True)
class References:
    """Admissions that have a reference. admissions: hadm_id -> (subject_id, codes by position).

    The other fields count what was read.
    """

    admissions: dict[str, tuple[str, tuple[Coded, ...]]] = field(default_factory=dict)
    rows: int = 0
    read_admissions: int = 0
    ambiguous_only: int = 0  # admissions with ambiguous codes and no code that means one disorder
    codes: Counter[str] = field(default_factory=Counter)  # distinct codes by what became of them


class Reader:
    """Looks codes up, each once; titles: (version, code) -> title, for unmarked mappings."""

    def __init__(self, table: CodeTable, judge: Judge, titles: Mapping[tuple[int, str], str]) -> None:
        self._table, self._judge, self._titles = table, judge, titles
        self.seen: dict[tuple[int, str], str] = {}
        self.meaning = lru_cache(maxsize=None)(self._meaning)

    def _meaning(self, code: str, version: int) -> Meaning:
        found = self._table.meaning(code, version)
        if found.tie is Tie.UNMARKED and not self._confirmed(found, code, version):
            self.seen[version, code] = UNCONFIRMED
            return Meaning(Reading.NOT_RARE)
        self.seen[version, code] = str(found.reading)
        return found

    def _confirmed(self, found: Meaning, code: str, version: int) -> bool:
        title = self._titles.get((version, code))
        if title is None or found.orpha is None:
            return False
        return self._judge.match(title, (found.orpha,))[0].relation in (Relation.EXACT, Relation.NARROWER)


def read_titles(path: Path) -> dict[tuple[int, str], str]:
    """(ICD version, code) -> long title of d_icd_diagnoses."""
    return {(int(version), code.strip()): title for code, version, title in rows(path, TITLES)}


def read_references(path: Path, reader: Reader) -> References:
    """The references of a diagnoses_icd table, whose rows may come in any order. Raises BadInput for a row that isn't one."""
    found = References()
    coded: dict[str, tuple[str, list[Coded]]] = {}
    admissions, ambiguous = set[int](), set[int]()
    for subject, hadm, position, code, version in _checked(path):
        found.rows += 1
        admissions.add(int(hadm))
        meaning = reader.meaning(code.strip(), int(version))
        if meaning.orpha is not None:
            coded.setdefault(hadm, (subject, []))[1].append(Coded(int(position), code.strip(), int(version), meaning))
        elif meaning.reading is Reading.AMBIGUOUS:
            ambiguous.add(int(hadm))
    found.admissions = {
        hadm: (subject, tuple(sorted(codes, key=lambda each: each.position))) for hadm, (subject, codes) in coded.items()
    }
    found.read_admissions = len(admissions)
    found.ambiguous_only = len(ambiguous - {int(hadm) for hadm in coded})
    found.codes.update(reader.seen.values())
    return found


def _checked(path: Path) -> Iterator[tuple[str, ...]]:
    for number, row in enumerate(rows(path, DIAGNOSES), 2):
        if not (row[0].isdigit() and row[1].isdigit() and row[2].isdigit() and row[4] in ("9", "10")):
            raise BadInput(f"{path}, row {number}: expected numbers as subject_id, hadm_id and seq_num, and 9 or 10 as icd_version")
        yield row
