"""Where a text uses the patterns, abbreviations and gene symbols of a disease."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from raredx_bench.linking.index import joined
from raredx_bench.linking.words import KIND, MODIFIERS, root
from raredx_bench.mentions.patterns import ABBREVIATION, FINDING, GENE, KINDS, SHORT, STEM, SYNONYM, Pattern
from raredx_bench.mentions.reading import Text, Word
from raredx_bench.naming import plain

LONGEST_SHUFFLED = 7  # words of a name that is looked for in any order
_SHORT_FORM = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,8}(?:[- ]?(?:\d{1,3}|[IVX]{1,4}))?[A-Za-z]?(?![A-Za-z0-9])")
_SYMBOL = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9]{1,9}(?:-[A-Z0-9]{1,4})?(?![A-Za-z0-9])")
_SPEAKS_OF_GENES = re.compile(
    r"\b(?:genes?|genetic|genom\w+|exomes?|exons?|introns?|sequenc\w+|mutat\w+|variants?|alleles?|biallelic|pathogenic|missense|"
    r"nonsense|frameshift|splic\w+|deletion|duplication|homozyg\w+|heterozyg\w+|hemizyg\w+|de novo|polymorphism|"
    r"[cpgm]\.[A-Z\d*(_]\w*)",
    re.IGNORECASE,
)
_BESIDE_AFTER = re.compile(r"\s*(?:gene|mutation|variant|deletion|exon)")
_BESIDE_BEFORE = re.compile(r"(?:gene|mutations? (?:in|of)|variants? (?:in|of))\s+(?:the\s+)?$")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_NEGATING_PREFIX = re.compile(r"(?:non|anti|pseudo)[-\s]?$", re.IGNORECASE)
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
    """What to look for. shorts: abbreviation -> the name it stands for; symbols: of genes; words: all words of the own names."""

    patterns: tuple[Pattern, ...]
    shorts: Mapping[str, str]
    symbols: Collection[str]
    words: Collection[str]


def mentions_in(reading: Text, wanted: Wanted) -> Iterator[Mention]:
    """Every mention, overlapping ones too."""
    for pattern in wanted.patterns:
        for first, behind in _runs(reading, pattern):
            mention = _mention(reading, first, behind, pattern)
            if mention is not None:
                yield mention
    if wanted.shorts:
        yield from _short_forms(reading.text, wanted)
    if wanted.symbols:
        yield from _symbols(reading.text, wanted.symbols)


def _runs(reading: Text, pattern: Pattern) -> list[tuple[int, int]]:
    """Where the words of a pattern stand together: in its order, else, for a short name, in any order without a comma more."""
    found = reading.runs(pattern.squeezed)
    words = pattern.words
    if found or not 1 < len(words) <= LONGEST_SHUFFLED or not all(word in reading.places for word in words):
        return found
    wanted, anchor = sorted(words), max(words, key=len)
    for place in reading.places[anchor]:
        for first in range(max(0, place - len(words) + 1), place + 1):
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
    if _is_listed(reading.text, words[first:behind], pattern.name):
        if not in_order and not _is_turned(words[first:behind], pattern.words, written):
            return None
        kind = FINDING if in_order else kind
    follows = words[behind] if behind < len(words) else None
    if kind == STEM and follows and MODIFIERS.get(follows.text) == KIND and follows.start - end <= 1:
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
    return _LISTING.findall(written) == [","] and any(said == (*pattern[at:], *pattern[:at]) for at in range(1, len(pattern)))


def _is_eponym(reading: Text, at: int) -> bool:
    """True for a word with a capital inside a sentence that is not a person's name."""
    word = reading.words[at]
    before = reading.text[: word.start].rstrip()
    inside = bool(before) and before[-1] not in ".!?:;" and "\n" not in reading.text[len(before) : word.start]
    return inside and reading.text[word.start].isupper() and not _PERSON.search(before)


def _short_forms(text: str, wanted: Wanted) -> Iterator[Mention]:
    for found in _SHORT_FORM.finditer(text):
        short = joined(found.group())
        if short in wanted.shorts and not _is_short_for_other(text, found.group(), wanted.words):
            yield Mention(found.start(), found.end(), found.group(), ABBREVIATION, wanted.shorts[short])


def _symbols(text: str, symbols: Collection[str]) -> Iterator[Mention]:
    for found in _SYMBOL.finditer(text):
        symbol = found.group() if found.group() in symbols else found.group().partition("-")[0]
        if symbol in symbols and _means_gene(text, found.start(), found.start() + len(symbol)):
            yield Mention(found.start(), found.start() + len(symbol), symbol, GENE, symbol)


def _means_gene(text: str, start: int, end: int) -> bool:
    """True when a symbol stands in a sentence about genes; a short one, when the word gene or variant stands beside it."""
    if end - start < SHORT:
        return bool(_BESIDE_AFTER.match(text, end) or _BESIDE_BEFORE.search(text[max(0, start - 30) : start]))
    return bool(_SPEAKS_OF_GENES.search(_sentence(text, start, end)))


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a place in a text, without the place."""
    first = max((each.end() for each in _SENTENCE_END.finditer(text, max(0, start - 600), start)), default=max(0, start - 600))
    last = _SENTENCE_END.search(text, end)
    return f"{text[first:start]} {text[end : last.start() if last else len(text)]}"


def _is_short_for_other(text: str, short: str, own: Collection[str]) -> bool:
    """True when a text spells a short form out before a bracket, by words that no name of the disease has."""
    defined = re.search(rf"((?:[\w'’/-]+\s+){{1,{len(short) + 3}}})\({re.escape(short)}s?[),;]", text)
    if defined is None:
        return False
    words = plain(defined.group(1)).split()
    letters = [char.lower() for char in short if char.isalpha()]
    for at in range(len(words) - 1, -1, -1):
        if words[at][0] == letters[0] and _spells("".join(words[at:]), letters):
            return not any(root(word) in own for word in words[at:] if len(word) > SHORT)
    return False


def _spells(letters: str, wanted: Sequence[str]) -> bool:
    """True when the wanted letters stand among the letters in their order."""
    rest = iter(letters)
    return all(letter in rest for letter in wanted)


def apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions that don't overlap: the stronger kind, then the longer, then the earlier stays."""
    kept: list[Mention] = []
    for mention in sorted(set(mentions), key=lambda each: (KINDS.index(each.kind), each.start - each.end, each.start)):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda each: each.start)
