"""A misspelt word -> the words of the terminology it may be. Words that the terminology knows are never changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

SHORTEST = 5  # letters: shorter words are too close to one another
LONG = 9  # letters: from here on two edits are a slip, below only one
CANDIDATES = 3


class Speller:
    """Corrects words against a vocabulary, blocked by first letter and length."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._known = frozenset(vocabulary)
        self.corrections = lru_cache(maxsize=100_000)(self._corrections)

    @cached_property
    def _blocks(self) -> dict[tuple[str, int], list[str]]:
        found: dict[tuple[str, int], list[str]] = {}
        for word in self._known:
            if len(word) >= SHORTEST - 1 and word.isalpha():
                found.setdefault((word[0], len(word)), []).append(word)
        for block in found.values():
            block.sort()
        return found

    def knows(self, word: str) -> bool:
        """True for a word of the vocabulary."""
        return word in self._known

    def _corrections(self, word: str) -> tuple[str, ...]:
        """The nearest words within the edits that a slip of the pen makes, all at the same distance; none for a known word."""
        if len(word) < SHORTEST or not word.isalpha() or word in self._known:
            return ()
        edits = 2 if len(word) >= LONG else 1
        near = [text for size in range(len(word) - edits, len(word) + edits + 1) for text in self._blocks.get((word[0], size), ())]
        hits = process.extract(word, near, scorer=DamerauLevenshtein.distance, score_cutoff=edits, limit=CANDIDATES + 1)
        closest = [text for text, distance, _ in hits if distance == hits[0][1]]
        return tuple(closest) if len(closest) <= CANDIDATES else ()
