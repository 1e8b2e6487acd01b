"""A case's text -> what the teacher takes from it: the labels of a list, the series of a vignette, or the terms of free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from raredx_bench.benchmarks.forms import FORMS
from raredx_bench.findings import FindingReader
from raredx_bench.hpo import ROOT
from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base

LISTED, VIGNETTE = FORMS  # as raredx_bench/benchmarks/forms.py writes a case
_LISTS = (
    re.compile(r"The patient has these findings: (.+?)\.?\s*$", re.MULTILINE),
    re.compile(r"^These findings were looked for and are absent: (.+?)\.?\s*$", re.MULTILINE),
)
_NOTHING = "No abnormal finding is recorded."
_SEEN = re.compile(r"^A (?:male |female )?patient was seen")
_HAD = re.compile(r"(?:(?:He|She|The patient) had|There was also|Further findings were) (.+?)\.(?= [A-Z]|\s*$)")
_HAD_NOT = re.compile(r"(?:He|She|The patient) did not have (.+?)\.(?= [A-Z]|\s*$)")
_AND = re.compile(r", | and | or ")
_SEX = re.compile(r"\b(?:The patient is|A) (male|female)\b")
_AGE = re.compile(r"\bwas seen at the age of ([^.]+?)\.")


@dataclass(frozen=True, slots=True)
class Reading:
    """observed, excluded: HPO ids in the order of the text. sex: "male", "female" or empty; age: in words, or empty."""

    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    sex: str = ""
    age: str = ""


class CaseReader:
    """Reads cases; findings that HPO doesn't know are passed over."""

    def __init__(self, base: Base) -> None:
        self.hpo = base.hpo
        self.reader = FindingReader(base.hpo)
        top = self.hpo.position[ROOT]
        self._labels: dict[str, str] = {}
        for index, identifier in enumerate(self.hpo.ids):
            if top in self.hpo.ancestors(index) and index != top:
                for rank, name in enumerate((self.hpo.names[index], *self.hpo.synonyms[index])):
                    if rank == 0 or plain(name) not in self._labels:
                        self._labels[plain(name)] = identifier

    def read(self, text: str) -> Reading:
        """What a case says; the forms of the benchmarks exactly, any other text by the dictionary."""
        sex, age = _SEX.search(text), _AGE.search(text)
        observed, excluded = self._stated(text)
        observed = tuple(dict.fromkeys(observed))
        out = tuple(each for each in dict.fromkeys(excluded) if each not in observed)
        return Reading(observed, out, sex.group(1) if sex else "", age.group(1) if age else "")

    def _stated(self, text: str) -> tuple[Sequence[str], Sequence[str]]:
        lists = [list(pattern.finditer(text)) for pattern in _LISTS]
        if any(lists) or text.strip().endswith(_NOTHING):
            present, absent = ([self._labels.get(plain(each)) for match in side for each in match.group(1).split("; ")]
                               for side in lists)  # fmt: skip
            return _known(present), _known(absent)
        if _SEEN.match(text):
            present, absent = ([term for match in pattern.finditer(text) for term in self._series(match.group(1))]
                               for pattern in (_HAD, _HAD_NOT))  # fmt: skip
            return _known(present), _known(absent)
        found = self.reader.read(text)
        return found.observed, found.excluded

    def _series(self, text: str) -> Iterator[str | None]:
        """The labels in a series "a, b and c"; a label may hold commas and "and" itself: the longest that is one is taken."""
        cuts = [(0, 0), *((match.start(), match.end()) for match in _AND.finditer(text)), (len(text), len(text))]
        at = 0
        while at < len(cuts) - 1:
            for end in range(len(cuts) - 1, at, -1):
                if term := self._labels.get(plain(text[cuts[at][1] : cuts[end][0]])):
                    yield term
                    break
            at = end if term else at + 1


def _known(terms: Iterable[str | None]) -> list[str]:
    return [term for term in terms if term]
