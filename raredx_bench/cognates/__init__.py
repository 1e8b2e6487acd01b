"""Disease names in Spanish, German, Italian, French, Dutch, Polish and Portuguese -> English readings.

Three sources of English words, for each word of a name: a table written for this project (embedded/cognates.tsv: one row
an English word or phrase, one column a language), the vocabulary itself where a word is the same in English, and cognates
of the vocabulary: medical words that differ only in spelling and ending (displasia, Dysplasie, dysplazja: dysplasia).
German and Dutch compounds are split into such words, Polish genitives of proper names undone. A reading is a proposal:
it means something only where it is, word for word, the name of a disease.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, product

from rapidfuzz.distance import Levenshtein

from raredx_bench.cognates.languages import is_remark, joining, joins, language_of
from raredx_bench.cognates.lexicon import (
    CHOICES,
    LANGUAGES,
    LONGEST_PHRASE,
    TOKEN,
    Vocabulary,
    stem,
    table,
    vocabulary,
)
from raredx_bench.naming import plain

__all__ = ["LANGUAGES", "Vocabulary", "anglicised", "language_of", "vocabulary"]

MOST = 24  # readings of one name
COMPOUND, LONGEST_COMPOUND = 8, 60  # letters: other words are not split
PIECE = 3  # letters: the shortest piece of a compound
ALIKE = 0.6  # of a compound's piece and its cognate, normalised Levenshtein

_INSIDE = ("de", "la", "von", "van", "der")  # particles that proper names hold
_MARK = re.compile(r"[a-z]?\d\S*|[ivx]+[a-h]?|[a-z]", re.IGNORECASE)  # what follows "type"
_ADJECTIVAL = re.compile(r"['’](sche[nrs]?)\b")  # Leber'sche
_GENITIVES = (("iego", ("i", "ie", "y")), ("ego", ("", "e", "y")), ("y", ("a",)), ("ka", ("k", "ek")), ("a", ("", "e")))  # Polish


def anglicised(name: str, known: Vocabulary | None = None) -> Iterator[str]:
    """English readings of a name in another language, the likeliest first, at most MOST; none for an English name. Never raises.

    known: words that readings may be made of; without it, the table's own.
    """
    language = language_of(name)
    if language is None or is_remark(name):
        return
    parts = _parts(_ADJECTIVAL.sub(r"\1", name), language, known or _own())
    seen = {plain(name)}
    for words in islice(product(*(choices for _, choices in parts)), MOST):
        reading = _in_order([kind for kind, _ in parts], words, language)
        if plain(reading) not in seen:
            seen.add(plain(reading))
            yield reading


@cache
def _own() -> Vocabulary:
    return vocabulary()


def _parts(name: str, language: str, known: Vocabulary) -> list[tuple[str, list[str]]]:
    """(kind, English choices) of each part of a name.

    Kinds: word, proper, joined (a word bound to the one before it by a hyphen or an "and"), of (a particle, one empty choice).
    """
    found = list(TOKEN.finditer(name))
    tokens = [match.group() for match in found]
    stems = [stem(token) for token in tokens]
    parts: list[tuple[str, list[str]]] = []
    position, bound = 0, False
    while position < len(tokens):
        token = tokens[position]
        named = position > 0 and token[0].isupper()  # a proper name, or a German noun
        bound = bound or (position > 0 and name[found[position].start() - 1] in "-–/")
        length, choices = _phrase(stems, position, language, named)
        if length == 1 and named and plain(token) in known.words:
            choices = [*choices, token] if language == "de" else [token, *choices]
        if length == 0 and joins(token, language):
            bound = True
            position += 1
            continue
        if length == 0 and token in joining()[language] and not (parts and parts[-1][1][0] == "type"):
            inside = parts and parts[-1][0] == "proper" and token in _INSIDE and _goes_on(tokens[position:])
            parts.append(("proper", [token]) if inside else ("of", [""]))
        else:
            kind = "proper" if named and not length else "joined" if bound else "word"
            parts.append((kind, choices or _words(token, named and language != "de", language, known)))
        position, bound = position + max(length, 1), False
    return parts


def _goes_on(tokens: list[str]) -> bool:
    """True when a proper name follows these particles: de Lange, de la Tourette."""
    return next((token[0].isupper() for token in tokens if token not in _INSIDE), False)


def _phrase(stems: list[str], position: int, language: str, named: bool) -> tuple[int, list[str]]:
    """Length and English of the longest table entry that starts here, of this language before any other; 0 when there is none."""
    phrases = table().phrases
    for length in range(min(LONGEST_PHRASE, len(stems) - position), 0, -1):
        key = " ".join(stems[position : position + length])
        for each in (language,) if named else (language, *LANGUAGES):
            if key in phrases[each]:
                return length, list(phrases[each][key])
    return 0, []


def _words(token: str, named: bool, language: str, known: Vocabulary) -> list[str]:
    """English choices for one word outside the table: itself, cognates, a compound's pieces, an uninflected proper name."""
    word = plain(token)
    found = [token if named else word] if word in known.words or (named and language != "pl") else []
    bases = list(_uninflected(word, language)) if token[0].isupper() else []
    bases = [each for each in bases if each in known.words] or bases[:CHOICES]
    if language == "pl":
        found += bases
    found += [each for each in known.cognates(token) if each not in found]
    if not found and language in ("de", "nl"):
        found += _pieces(token.lower(), language, known)
    found = found or bases
    return found if found and (token[0].islower() or token in found) else [*found, token]


def _uninflected(word: str, language: str) -> Iterator[str]:
    """Proper names without a Polish genitive (Marfana, Williego) or a German adjective's ending (Huntingtonsche)."""
    for ending, bases in _GENITIVES if language == "pl" else ():
        if word.endswith(ending):
            yield from (word.removesuffix(ending) + base for base in bases)
    if language == "de" and (match := re.fullmatch(r"(\w{3,}?)(?:i?sche[nrs]?|s)", word)):
        yield match.group(1)


def _pieces(word: str, language: str, known: Vocabulary, most: int = 3) -> list[str]:
    """English of a compound of two to `most` known words, with or without a joining s, n or en; empty when it is none.

    A split whose last piece is in the table is taken before one into cognates (Biotinidase-mangel, not Biotinidasem-angel).
    """
    splits: list[tuple[bool, list[str]]] = []
    for cut in range(len(word) - PIECE, PIECE - 1, -1) if COMPOUND <= len(word) <= LONGEST_COMPOUND else ():
        head = _piece(word[:cut], language, known)
        for joint in ("", "s", "en", "n") if head else ():
            rest = word[cut:].removeprefix(joint)
            if len(rest) < PIECE or not word[cut:].startswith(joint):
                continue
            sure = stem(rest) in table().phrases[language]
            tail = _piece(rest, language, known) or (_pieces(rest, language, known, most - 1) if most > 2 else [])
            if tail:
                splits.append((sure, [f"{left} {right}" for left in head for right in tail]))
    return min(splits, key=lambda each: not each[0], default=(False, []))[1][:CHOICES]


def _piece(text: str, language: str, known: Vocabulary) -> list[str]:
    """English of a compound's piece: the table's, else cognates that look like it."""
    found = table().phrases[language].get(stem(text), ())
    if found:
        return list(found)
    cognates = known.cognates(text) if len(text) > PIECE + 1 else []
    return [each for each in cognates if Levenshtein.normalized_similarity(each, plain(text)) > ALIKE]


def _in_order(kinds: list[str], words: tuple[str, ...], language: str) -> str:
    """The words in English order: what stood behind a particle first, adjectives before their noun, a type's number last."""
    groups: list[list[tuple[str, str]]] = [[]]
    tail: list[str] = []
    for kind, word in zip(kinds, words, strict=True):
        if kind == "of":
            groups.append([])
        elif word in ("type", "form", "group") or (_MARK.fullmatch(word) and (tail or len(word) == 1)):
            tail.append(word)
        else:
            groups[-1].append((kind, word))
    if language == "de":
        flat = [word for group in groups for _, word in group]
        return " ".join((flat[1:] + flat[:1] if flat[:1] == ["disease"] else flat) + tail)
    ordered = [word for group in reversed(groups) for word in _flipped(group, language)]
    return " ".join(ordered + tail)


def _flipped(group: list[tuple[str, str]], language: str) -> list[str]:
    """Words between two particles: proper names in their order, then, where adjectives follow their noun, the others backwards."""
    if language == "nl" or not group or group[0][0] == "proper":
        return [word for _, word in group]
    units: list[str] = []
    for kind, word in group:
        if kind == "joined" and units:
            units[-1] += f" {word}"
        elif kind != "proper":
            units.append(word)
    return [word for kind, word in group if kind == "proper"] + units[::-1]
