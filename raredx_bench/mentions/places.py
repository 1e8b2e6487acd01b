"""Where a text uses the patterns, abbreviations and gene symbols of a disease."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from raredx_bench.linking.words import KIND, MODIFIERS
from raredx_bench.mentions.patterns import FINDING, GENE, KINDS, PARENT, STEM, SYNONYM, Pattern
from raredx_bench.mentions.reading import Text, Word
from raredx_bench.mentions.shorts import Short, short_forms, symbols_in

LONGEST_SHUFFLED = 7  # words of a name that is looked for in any order
_NEGATING_PREFIX = re.compile(r"(?:non|anti|pseudo)[-\s]?$", re.IGNORECASE)
_CLOSE = re.compile(r"(?:['’]s)?[ -]")
_LISTING = re.compile(r"[,;/]|\b(?:and|or|with|without|plus)\b")
_PERSON = re.compile(r"\b(?:Dr|Prof|Professor|Mr|Mrs|Ms|Miss)\.?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a text names a disease. text: the characters from start to end; name: the terminology's name that matched."""

    start: int
    end: int
    text: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. shorts: by their keys; symbols: of genes; words: all words of the own names."""

    patterns: tuple[Pattern, ...]
    shorts: Mapping[str, Short]
    symbols: Collection[str]
    words: Collection[str]


def mentions_in(reading: Text, wanted: Wanted) -> Iterator[Mention]:
    """Every mention, overlapping ones too."""
    for pattern in wanted.patterns:
        for first, behind in _runs(reading, pattern):
            mention = _mention(reading, first, behind, pattern)
            if mention is not None:
                yield mention
    text = reading.text
    for start, end, short in short_forms(text, wanted.shorts, wanted.words):
        yield Mention(start, end, text[start:end], short.kind, short.name)
    for start, end, symbol in symbols_in(text, wanted.symbols):
        yield Mention(start, end, symbol, GENE, symbol)


def _runs(reading: Text, pattern: Pattern) -> list[tuple[int, int]]:
    """Where the words of a pattern stand together: in its order and, elsewhere, of a short name, in any order."""
    found = reading.runs(pattern.squeezed)
    in_order = tuple(found)
    words = pattern.words
    if not 1 < len(words) <= LONGEST_SHUFFLED or not all(word in reading.places for word in words):
        return found
    wanted, anchor = sorted(words), max(words, key=len)
    for place in reading.places[anchor]:
        for first in range(max(0, place - len(words) + 1), place + 1):
            if any(first < last and start < first + len(words) for start, last in in_order):
                continue
            window = reading.words[first : first + len(words)]
            if sorted(word.text for word in window) == wanted and reading.is_together(first, first + len(words)):
                found.append((first, first + len(words)))
                break
    return found


def _mention(reading: Text, first: int, behind: int, pattern: Pattern) -> Mention | None:
    """The mention of a pattern by the words from first to before behind; None when they mean something else."""
    words = reading.words
    start, end, kind = words[first].start, words[behind - 1].end, pattern.kind
    written = reading.text[start:end]
    in_order = "".join(word.text for word in words[first:behind]) == pattern.squeezed
    if _NEGATING_PREFIX.search(reading.text[max(0, start - 7) : start]):
        return None
    if not in_order and _LISTING.search(written) and not _is_turned(words[first:behind], pattern.words, written):
        return None
    if in_order and _is_listed(reading.text, words[first:behind], pattern.written):
        if kind == PARENT:
            return None
        kind = FINDING
    follows = words[behind] if behind < len(words) else None
    if kind == STEM and follows and MODIFIERS.get(follows.text) == KIND and _CLOSE.fullmatch(reading.text, end, follows.start):
        return Mention(start, follows.end, reading.text[start : follows.end], SYNONYM, pattern.name)
    if len(pattern.words) == 1 and kind == STEM and not _is_eponym(reading, first):
        return None
    return Mention(start, end, written, kind, pattern.name)


def _is_listed(text: str, words: Sequence[Word], name: str) -> bool:
    """True when a text puts something between the words that makes them a list, and the name doesn't."""
    gaps = " ".join(text[earlier.end : later.start] for earlier, later in pairwise(words))
    own = frozenset(_LISTING.findall(name.lower()))
    return any(each not in own for each in _LISTING.findall(gaps.lower()))


def _is_turned(words: Sequence[Word], pattern: tuple[str, ...], written: str) -> bool:
    """True for a name with its end put first behind one comma: "anemia, Fanconi"."""
    said = tuple(word.text for word in words)
    return (
        _LISTING.findall(written) == [","]
        and said[0].isalpha()
        and any(said == (*pattern[at:], *pattern[:at]) for at in range(1, len(pattern)))
    )


def _is_eponym(reading: Text, at: int) -> bool:
    """True for a word with a capital inside a sentence that is not a person's name."""
    word = reading.words[at]
    before = reading.text[: word.start].rstrip()
    inside = bool(before) and before[-1] not in ".!?:;" and "\n" not in reading.text[len(before) : word.start]
    return inside and reading.text[word.start].isupper() and not _PERSON.search(before)


def apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions that don't overlap: the longer, then the stronger kind, then the earlier stays."""
    kept: list[Mention] = []
    for mention in sorted(set(mentions), key=lambda each: (each.start - each.end, KINDS.index(each.kind), each.start)):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda each: each.start)
