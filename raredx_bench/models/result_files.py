"""Which file of a folder belongs to which case, by their names alone.

A file's name without its endings is the last part of the case's id: GENE/PMID_1_P1 is answered by PMID_1_P1.tsv, in the folder or
any folder below it. Where cases of several cohorts share that part, the folders above the file tell (GENE/PMID_1_P1.tsv); the whole
id with "_" for "/" does as well. Letter case and punctuation count only where several cases differ in nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

_TYPES = re.compile(r"(?:\.(?:gz|tsv|json|jsonl|parquet|genes|variants))+$", re.I)
_TOOL = re.compile(r"(?:[-_.](?:exomiser|lirical|pubcasefinder|pheval|pheval_disease_results?|disease_results?|hiphive))+$", re.I)
_INHERITANCE = re.compile(r"[-_](?:AD|AR|XD|XR|MT)$")  # of Exomiser's files before 13.1, one a mode of inheritance


class CaseNames:
    """The names that files of these cases may have."""

    def __init__(self, case_ids: Iterable[str]) -> None:
        self._exact: dict[str, set[str]] = {}
        self._plain: dict[str, set[str]] = {}
        for case_id in case_ids:
            for name in {case_id.rpartition("/")[2], case_id.replace("/", "_")}:
                self._exact.setdefault(name, set()).add(case_id)
                self._plain.setdefault(_plain(name), set()).add(case_id)

    def of(self, path: Path) -> list[str]:
        """The cases that a path (below the folder of files) may belong to, sorted; one, unless it is ambiguous or nobody's."""
        for stem in stems(path.name):
            if found := self._exact.get(stem) or self._plain.get(_plain(stem)):
                return sorted(_beneath(path, found))
        return []


def stems(name: str) -> Iterator[str]:
    """A file's name without the endings of its type, then also without its tool's, then without a mode of inheritance."""
    stem = _TYPES.sub("", name)
    yield stem
    shorter = _TOOL.sub("", stem)
    if shorter != stem:
        yield shorter
    if bare := _INHERITANCE.sub("", shorter):
        yield bare
        yield _TOOL.sub("", bare)


def _beneath(path: Path, case_ids: set[str]) -> set[str]:
    """Those whose cohort is a folder above the file, where there are several."""
    if len(case_ids) == 1:
        return case_ids
    folders = {_plain(part) for part in path.parent.parts}
    within = {each for each in case_ids if folders & {_plain(part) for part in PurePosixPath(each).parent.parts}}
    return within or case_ids


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.lower())
