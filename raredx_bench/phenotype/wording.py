"""What the words of a description say of each row, whether a finding was recognised in them or not.

Four documents stand for a row: its names with the labels of its findings, these labels with their synonyms, its names alone, and
its names with its definition. Each is scored by BM25 (Robertson and Zaragoza 2009, doi:10.1561/1500000019), once for every
different word of the text, and counts relative to the best row on the shortlist: longer texts have higher scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from raredx_bench.bm25 import Bm25, words
from raredx_bench.compiled import Parts, compiled, digest_of
from raredx_bench.phenotype.features import NAMES, Seen
from raredx_bench.phenotype.profiles import Profiles
from raredx_bench.phenotype.ratios import best

FORMAT = "wording-2"
PARTS = ("names and findings", "findings and synonyms", "names", "names and definition")
PROPOSING = (0, 3)  # the parts whose best rows are on the shortlist
BY_FINDINGS = "by findings"  # the score of the ranking by findings alone
TEXT_NAMES = (BY_FINDINGS, *NAMES, *(f"words of {part}" for part in PARTS), "group")


class Wording:
    """The documents of all rows. definitions: canonical id -> text."""

    def __init__(self, profiles: Profiles, definitions: Mapping[str, str]) -> None:
        self._groups, self._owner = profiles.groups, profiles.owner
        key = digest_of([FORMAT, profiles.digest, *(f"{each}\x1e{text}" for each, text in sorted(definitions.items()))])
        document, arrays = compiled("wording", key, lambda: _compile(profiles, definitions))
        self._indexes = [
            Bm25(parts=(each, {name: arrays[f"{place} {name}"] for name in ("data", "indices", "indptr")}))
            for place, each in enumerate(document)
        ]

    def scores(self, text: str) -> np.ndarray:
        """Of each part and row; (PARTS, rows) float32. A row without a publication has its disease's names, and no findings."""
        asked = sorted(set(words(text)))
        real = np.stack([each.scores(asked) for each in self._indexes])
        further = real[:, self._owner[self._groups.stop :]]
        further[0], further[1] = further[2], 0
        return np.concatenate((real, further), axis=1)

    def named(self, text: str, most: int) -> list[int]:
        """The rows whose names the text has most of, best first."""
        said = self._indexes[PARTS.index("names")].scores(sorted(set(words(text))))
        return [row for row in best(said, most).tolist() if said[row] > 0]

    def known(self, text: str) -> int:
        """How many different words of the text are in documents whose best rows are on the shortlist."""
        return sum(any(self._indexes[part].knows(each) for part in PROPOSING) for each in set(words(text)))

    def table(self, seen: Seen, said: np.ndarray, by_findings: np.ndarray) -> np.ndarray:
        """What the ranking of texts sees of the shortlist; (shortlist, TEXT_NAMES) float32. said: `scores` of the text;
        by_findings: the shortlist's scores by findings alone."""
        here = said[:, seen.rows]
        relative = here / np.maximum(here.max(axis=1, keepdims=True), 1e-9)
        group = (seen.rows >= self._groups.start) & (seen.rows < self._groups.stop)
        found: np.ndarray = np.column_stack([by_findings, seen.table, *relative, group]).astype(np.float32)
        return found

    def common(self, text: str, rows: Sequence[int], most: int) -> list[tuple[str, ...]]:
        """Of each row the words of the text that speak for it most, in all parts together."""
        asked = sorted(set(words(text)))
        if not asked:
            return [() for _ in rows]
        owners = self._owner[np.asarray(rows, int)]
        told = np.stack([sum(index.scores([each])[owners] for index in self._indexes) for each in asked])
        order = np.argsort(-told, axis=0, kind="stable")[:most]
        return [tuple(asked[each] for each in order[:, place] if told[each, place] > 0) for place in range(len(rows))]


def _compile(profiles: Profiles, definitions: Mapping[str, str]) -> Parts:
    documents = [_documents(profiles, row, definitions) for row in range(profiles.groups.stop)]
    found: list[Any] = []
    arrays: dict[str, np.ndarray] = {}
    for place in range(len(PARTS)):
        described, named = Bm25(words(each[place]) for each in documents).parts()
        found.append(described)
        arrays |= {f"{place} {name}": array for name, array in named.items()}
    return found, arrays


def _documents(profiles: Profiles, row: int, definitions: Mapping[str, str]) -> tuple[str, ...]:
    """The text of each part."""
    hpo, disease = profiles.hpo, profiles.diseases[row]
    known = profiles.ontology.get(disease)
    names = " ".join((known.name, *(each.name for each in known.synonyms))) if known else ""
    terms = profiles.own(row)[0].tolist()
    labels = " ".join(hpo.names[term] for term in terms)
    synonyms = " ".join(dict.fromkeys(name for term in terms for name in (hpo.names[term], *hpo.synonyms[term])))
    return f"{names} {labels}", synonyms, names, f"{names} {definitions.get(disease, '')}"
