"""The compiled index of every name: sorted hashes of keys at several levels, each pointing to the diseases that carry it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from raredx_bench.cognates import Vocabulary, vocabulary
from raredx_bench.compiled import Arrays, Parts
from raredx_bench.domain import Disease, Scope
from raredx_bench.linking.words import (
    AD,
    ADULT,
    AR,
    CHILDHOOD,
    CONGENITAL,
    INFANTILE,
    JUVENILE,
    LATE,
    MT,
    NEONATAL,
    XL,
    base_of,
    wording,
)
from raredx_bench.naming import plain

FORMAT = "index-2"
LABEL, TITLE, SYNONYM = range(3)  # what a name is to a disease: its preferred name, another source's, an exact synonym
_DEFICIENCY = re.compile(r"\b(?:due to|caused by)\s+(?:an? )?(\S.* deficiency)$", re.IGNORECASE)
SQUEEZED_LENGTH = 8  # characters: shorter texts are not compared without their gaps
CORE_LENGTH = 4

# HPO's modes of inheritance and ages of onset
TRAITS = {
    "HP:0000006": AD, "HP:0012275": AD, "HP:0000007": AR, "HP:0001417": XL, "HP:0001419": XL, "HP:0001423": XL, "HP:0001427": MT,
    "HP:0030674": CONGENITAL, "HP:0003577": CONGENITAL, "HP:0003623": NEONATAL, "HP:0003593": INFANTILE, "HP:0011463": CHILDHOOD,
    "HP:0003621": JUVENILE, "HP:0003581": ADULT, "HP:0011462": ADULT, "HP:0003596": ADULT | LATE, "HP:0003584": ADULT | LATE,
}  # fmt: skip


class Carrier(NamedTuple):
    """A disease that carries a name: its position in the terminology, what the name is to it, the name's modifiers."""

    at: int
    tier: int
    mask: int


def is_acronym(text: str) -> bool:
    """True for names that only letter case tells from a word: ALS, CASK, MELAS, NF1."""
    return len(text) <= 8 and " " not in text and sum(char.isupper() for char in text) >= 2


def hashed(level: str, key: str) -> int:
    """64 bits of a key at a level; two of 10^6 keys collide once in 10^7 indexes."""
    return int.from_bytes(blake2b(f"{level}{key}".encode(), digest_size=8).digest(), "big")


def keys_of(name: str, tier: int) -> Iterator[tuple[str, str, int]]:
    """(level, key, mask) under which a name of the terminology can be found."""
    if is_acronym(name):
        yield "acronym", joined(name), 0
        return
    yield "plain", plain(name), 0
    parts = wording(name)
    yield "words", parts.key, 0
    if len(parts.squeezed) >= SQUEEZED_LENGTH:
        yield "squeezed", parts.squeezed, 0
    if len(parts.core_key) >= CORE_LENGTH:
        yield "core", parts.core_key, parts.mask
    if due := _DEFICIENCY.search(name):
        yield "cause", wording(due.group(1)).core_key, 0
    base = base_of(name) if tier <= TITLE else None
    if base:
        under = wording(base)
        if len(under.core_key) >= CORE_LENGTH:
            yield "base", under.core_key, under.mask


def joined(acronym: str) -> str:
    """An abbreviation without spaces and hyphens: SCA 3 and SCA-3 are SCA3."""
    return acronym.replace(" ", "").replace("-", "")


@dataclass(frozen=True)
class Index:
    """Names -> diseases. keys are sorted; rows of the other arrays are parallel to them."""

    _keys: memoryview
    _index: np.ndarray
    _tier: np.ndarray
    _mask: np.ndarray
    traits: np.ndarray  # (diseases,) modifiers' bits that the disease's inheritance and onset support
    words: tuple[str, ...]
    _word_start: np.ndarray  # (diseases + 1,)
    _word: np.ndarray  # positions in words of the words in each disease's names
    genes: dict[str, list[int]]
    children: dict[int, tuple[int, ...]]
    vocabulary: Vocabulary

    def words_of(self, index: int) -> frozenset[str]:
        """The words of all names of the disease at a position."""
        return frozenset(self.words[at] for at in self._word[self._word_start[index] : self._word_start[index + 1]].tolist())

    def carriers(self, level: str, key: str) -> list[Carrier]:
        """Every disease that carries a key at a level, in the terminology's order."""
        wanted = hashed(level, key)
        row = bisect_left(self._keys, wanted)
        found = []
        while row < len(self._keys) and self._keys[row] == wanted:
            found.append(Carrier(int(self._index[row]), int(self._tier[row]), int(self._mask[row])))
            row += 1
        return found


def opened(parts: Parts) -> Index:
    """The index from its compiled parts."""
    document, arrays = parts
    children = {int(parent): tuple(below) for parent, below in document["children"].items()}
    foreign = Vocabulary(frozenset(document["vocabulary"]), document["stems"])
    return Index(memoryview(arrays["keys"].data), arrays["index"], arrays["tier"], arrays["mask"], arrays["traits"],
                 tuple(document["words"]), arrays["word_start"], arrays["word"], document["genes"], children, foreign)  # fmt: skip


def compile_index(diseases: Iterable[Disease], findings: Iterable[str]) -> Parts:
    """The parts of the index over these diseases; findings are names of phenotypic abnormalities."""
    rows: dict[tuple[int, int, int], int] = {}
    inside: list[dict[str, None]] = []  # words of each disease's names
    genes: dict[str, list[int]] = {}
    traits: list[int] = []
    children: dict[int, list[int]] = {}
    diseases = list(diseases)
    position = {disease.id: index for index, disease in enumerate(diseases)}
    for index, disease in enumerate(diseases):
        for parent in disease.parents:
            children.setdefault(position[parent], []).append(index)
        inside.append({})
        traits.append(_mask(disease.traits))
        for symbol in disease.genes:
            genes.setdefault(symbol, []).append(index)
        for tier, name in named(disease):
            inside[-1] |= dict.fromkeys(wording(name).words)
            for level, key, mask in keys_of(name, tier):
                row = (hashed(level, key), index, mask)
                rows[row] = min(tier, rows.get(row, tier))
    for name in findings:
        rows[hashed("finding", plain(name)), 0, 0] = LABEL
    words = sorted(set().union(*inside))
    place = {word: at for at, word in enumerate(words)}
    foreign = vocabulary(words)
    ordered = sorted((*row, tier) for row, tier in rows.items())
    arrays: Arrays = {
        "keys": np.array([row[0] for row in ordered], np.uint64),
        "index": np.array([row[1] for row in ordered], np.int32),
        "mask": np.array([row[2] for row in ordered], np.int32),
        "tier": np.array([row[3] for row in ordered], np.uint8),
        "traits": np.array(traits, np.int32),
        "word_start": np.cumsum([0, *map(len, inside)], dtype=np.int32),
        "word": np.array([place[word] for each in inside for word in each], np.int32),
    }
    document: dict[str, Any] = {"words": words, "genes": genes, "children": children,
                                "vocabulary": sorted(foreign.words), "stems": foreign.stems}  # fmt: skip
    return document, arrays


def named(disease: Disease) -> Iterator[tuple[int, str]]:
    """(tier, name) of every name that means the disease itself; BROAD, NARROW and RELATED synonyms name another entity."""
    yield LABEL, disease.name
    for title in disease.titles:
        yield TITLE, title
    for synonym in disease.synonyms:
        if synonym.scope is Scope.EXACT:
            yield SYNONYM, synonym.name


def _mask(terms: Iterable[str]) -> int:
    mask = 0
    for term in terms:
        mask |= TRAITS.get(term, 0)
    return mask
