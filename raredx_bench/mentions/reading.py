"""A text as words that can be compared with the words of a name, each with its place in the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from raredx_bench.linking.words import GREEK, JOINING, PHRASE_HEADS, ROMAN, ROMAN_AFTER_TYPE, ROMAN_LETTER, TYPE, root
from raredx_bench.naming import plain

_WORD = re.compile(r"[^\W_]+(?:['’](?=s\b))?")
_BREAK = re.compile(r"[.!?;:](?:\s|$)|\n\s*\n|\n\s*[-*•]")


class Word(NamedTuple):
    """A word of a text in the spelling of names, from start to end; sentence: the number of its sentence."""

    text: str
    start: int
    end: int
    sentence: int


@dataclass(frozen=True)
class Text:
    """A text and its words; joining words ("of", "type", "due to") are left out, as they are in names."""

    text: str
    words: tuple[Word, ...]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Word -> its positions among the words."""
        found: dict[str, list[int]] = {}
        for position, word in enumerate(self.words):
            found.setdefault(word.text, []).append(position)
        return found

    @cached_property
    def squeezed(self) -> str:
        """All words without the gaps between them."""
        return "".join(word.text for word in self.words)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for word in self.words:
            starts.append(at)
            at += len(word.text)
        return [*starts, at]

    def runs(self, squeezed: str) -> list[tuple[int, int]]:
        """(first, behind last) positions of the words that together spell a squeezed name within one sentence."""
        found, at = [], self.squeezed.find(squeezed)
        while at >= 0:
            first, behind = bisect_left(self._starts, at), bisect_left(self._starts, at + len(squeezed))
            if self._starts[first] == at and self._starts[behind] == at + len(squeezed) and self.is_together(first, behind):
                found.append((first, behind))
            at = self.squeezed.find(squeezed, at + 1)
        return found

    def is_together(self, first: int, behind: int) -> bool:
        """True when the words stand in one sentence without much between them."""
        inside = self.words[first:behind]
        return inside[0].sentence == inside[-1].sentence and all(
            later.start - earlier.end <= GAP for earlier, later in pairwise(inside)
        )


GAP = 16  # characters between two words of a name: " of the ", " due to the ", " - "


def read(text: str) -> Text:
    """The words of a text."""
    numbered: list[Word] = []
    sentence, behind = 0, 0
    for found in _WORD.finditer(text):
        sentence += bool(_BREAK.search(text, behind, found.start()))
        behind = found.end()
        end = found.end() - (found.group()[-1] in "'’")
        written = text[found.start() : end]
        for part in (written.lower(),) if written.isascii() and written.isalnum() else plain(written.translate(GREEK)).split():
            numbered.append(Word(part, found.start(), end, sentence))
    return Text(text, tuple(_rooted(_phrased([word for word in numbered if not _is_possessive(text, word)]), text)))


def _is_possessive(text: str, word: Word) -> bool:
    return word.text == "s" and word.start > 0 and text[word.start - 1] in "'’"


def _phrased(words: list[Word]) -> list[Word]:
    """The words with each phrase that has a word standing for it replaced by that word."""
    found: list[Word] = []
    position = 0
    while position < len(words):
        word = words[position]
        for old, new in PHRASE_HEADS.get(word.text, ()):
            inside = words[position : position + len(old)]
            if tuple(each.text for each in inside) == old and inside[-1].sentence == word.sentence:
                found += [Word(each, word.start, inside[-1].end, word.sentence) for each in new]
                position += len(old)
                break
        else:
            found.append(word)
            position += 1
    return found


def _rooted(words: list[Word], text: str) -> list[Word]:
    """The words at their roots, numerals Arabic, a capital letter behind a number joined to it, joining words left out."""
    found: list[Word] = []
    for position, word in enumerate(words):
        after_type = position > 0 and words[position - 1].text in TYPE
        written = text[word.start : word.end]
        numeral = (ROMAN_AFTER_TYPE if after_type else ROMAN).get(word.text)
        letter = ROMAN_LETTER.fullmatch(word.text) if after_type or (len(written) > 2 and written.isupper()) else None
        if numeral:
            found.append(word._replace(text=numeral))
        elif letter and written[:-1].isupper():
            found.append(word._replace(text=ROMAN_AFTER_TYPE[letter.group(1)] + letter.group(2)))
        elif len(written) == 1 and written.isupper() and found and found[-1].text.isdigit() and word.start - found[-1].end <= 1:
            found[-1] = found[-1]._replace(text=found[-1].text + word.text, end=word.end)
        elif (written == "A" and position and words[position - 1].sentence == word.sentence) or word.text not in JOINING:
            found.append(word._replace(text=root(word.text)))
    return found
