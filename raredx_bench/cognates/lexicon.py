"""English words for foreign ones: the table, the vocabulary, and the stem that cognates share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from rapidfuzz.distance import Levenshtein

from raredx_bench.compiled import compiled, digest_of
from raredx_bench.naming import plain

LANGUAGES = {"es": "Spanish", "de": "German", "it": "Italian", "fr": "French", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese"}
FORMAT = "cognates-1"
CHOICES = 3  # English words for one word
LONGEST_PHRASE = 10  # words of a table entry
TOKEN = re.compile(r"[^\W_]+(?:\.\d+)*")

_LETTERS = str.maketrans("äöüœæßłøçáàâãéèêëíìîïóòôõúùûñąęćńśźż", "eeueeslosaaaaeeeeiiiioooouuunaecnszz")
_SPELLING = tuple((re.compile(old), new) for old, new in (
    (r"oz[ay]$", "osis"), (r"^es(?=[cpqtfk])", "s"), (r"^pn", "n"), (r"^ps(?=[ei])", "s"), (r"^sopra", "supra"),
    (r"(?<=o)es(?=[cpqt])", "s"), (r"ae|oe", "e"), (r"ph", "f"), (r"cz(?=n)", "c"), (r"qu(?=[ei])|ch", "k"), (r"h", ""),
    (r"c(?=[eiyj])", "s"), (r"[ck]s|x|z", "s"), (r"c", "k"), (r"[yj]", "i"), (r"w", "v"), (r"kt", "t"),
    (r"n(?=[bpfm])", "m"), (r"u", "o"), (r"(.)\1", r"\1"),
))  # fmt: skip
_NOUN = re.compile(r"(?:(os)(?:is|i|e)|(it)(?:is|e|i)|([st]ion)(?:e|i|es|en)?|(sao)|(sis)|([ea]ns)(?:ia|ie|i|e|a))$")
_NOUN_MARKS = {"tion": "sion", "sao": "sion", "sis": "s"}
_OUS = re.compile(r"(?:os[oai]?s?|eos|eose?s?)$")
_INFLECTION = re.compile(r"(?:ias|ies|ien|iei|ia|ie|os|as|es|is|om|er|en|em|ei|ego|im|a|e|i|o|s)$")
_ADJECTIVE = re.compile(r"(?:ikal|ikn|isk|ik|eal|ial|aln|al|iar|ear|air|ar|iv|ief|if|ov|e)$")

# Words of other languages that are English words too, and so tell nothing.
_SHARED = {
    "primitive", "intoxication", "convulsions", "crisis", "crises", "articulation", "sensitive", "familiar", "superior", "inferior",
    "vena", "genu", "schisis", "rot", "dna", "mal", "long", "face", "main", "rate", "rein", "dent", "pied", "foot", "dun", "fat",
    "vet", "bot", "sal", "sang", "sel", "grand", "court", "mark", "form", "fame", "sole", "rim", "pie", "sensible", "excess",
    "grave", "intestine",
}  # fmt: skip


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """What cognates of one word share in all these languages: its spelling folded, its ending taken off, adjectives marked ~."""
    text = word.lower().translate(_LETTERS)
    for pattern, new in _SPELLING:
        text = pattern.sub(new, text)
    if len(text) < 5:
        return text
    noun = _NOUN.search(text)
    if noun:
        mark = next(group for group in noun.groups() if group)
        return text[: noun.start()] + _NOUN_MARKS.get(mark, mark)
    short = _OUS.sub("~", text)
    if short == text:
        bare = _INFLECTION.sub("", text)
        short = _ADJECTIVE.sub("~", bare if len(bare) > 3 else text)
    return short if len(short) > 3 else text


@dataclass(frozen=True)
class Vocabulary:
    """English words that a reading may be made of, and the same by their stems."""

    words: frozenset[str]
    stems: Mapping[str, Sequence[str]]

    def cognates(self, word: str) -> list[str]:
        """English words with the stem of a foreign one, the most alike first."""
        key = stem(word)
        found = self.stems.get(key) or self.stems.get(key.removesuffix("~") if key.endswith("~") else f"{key}~", ())
        return sorted(found, key=lambda each: -Levenshtein.normalized_similarity(each, plain(word)))[:CHOICES]


def vocabulary(words: Iterable[str] = ()) -> Vocabulary:
    """A vocabulary of the table's English words and these, in lower case; words of fewer than four letters have no cognates."""
    known = table().english.union(word for word in words if word.isalpha())
    stems: dict[str, list[str]] = {}
    for word in sorted(known):
        if len(word) > 3 and word.isascii():
            stems.setdefault(stem(word), []).append(word)
    return Vocabulary(known, stems)


@dataclass(frozen=True)
class Table:
    """embedded/cognates.tsv, read. english: every English word in it."""

    english: frozenset[str]
    phrases: dict[str, dict[str, tuple[str, ...]]]  # language -> stems of a form, by spaces -> English
    languages: dict[str, frozenset[str]]  # a form, as written and without accents, that is no English -> languages that have it


@cache
def table() -> Table:
    """The table that was written for this project, compiled once."""
    text = (resources.files("raredx_bench") / "embedded" / "cognates.tsv").read_text(encoding="utf-8")
    document, _ = compiled("cognates", digest_of([FORMAT, text]), lambda: (_read(text), {}))
    return Table(
        frozenset(document["english"]),
        {language: {key: tuple(each) for key, each in forms.items()} for language, forms in document["phrases"].items()},
        {form: frozenset(each) for form, each in document["languages"].items()},
    )


def _read(text: str) -> dict[str, Any]:
    """The table's three indexes as JSON can hold them."""
    head, *rows = (line.split("\t") for line in text.splitlines())
    english = {word for row in rows for word in re.findall(r"[a-z]+", row[0])}
    same = english | _SHARED | {plain(reading) for row in rows for reading in row[0].split("|")}
    phrases: dict[str, dict[str, tuple[str, ...]]] = {language: {} for language in LANGUAGES}
    languages: dict[str, set[str]] = {}
    for row in rows:
        for language, cell in zip(head[1:], row[1:], strict=True):
            for form in filter(None, cell.split("|")):
                key = " ".join(map(stem, TOKEN.findall(form)))
                phrases[language][key] = tuple(dict.fromkeys((*phrases[language].get(key, ()), *row[0].split("|"))))
                for spelling in {form, plain(form)} - same:
                    languages.setdefault(spelling, set()).add(language)
    return {
        "english": sorted(english),
        "phrases": phrases,
        "languages": {form: sorted(each) for form, each in sorted(languages.items())},
    }
