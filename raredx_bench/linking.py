"""Free-text disease name -> Link: the only place that knows how disease names vary.

A name is tried as written, then in the readings of `readings` (brackets, qualifiers, explanations taken off). For each
reading an exact map of every name in the terminology is asked first, then a map of normalised names, then rapidfuzz
over the names that share rare words. Numbers, single letters and type marks must always agree, a name that two unrelated
diseases share is not linked, and neither is a fuzzy match that another disease comes close to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from raredx_bench.cognates import LANGUAGES, Vocabulary, anglicised, language_of, vocabulary
from raredx_bench.compiled import compiled, digest_of
from raredx_bench.domain import Link, Scope
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

VERSION = "linker-1"
FUZZY_FLOOR = 90.0  # of 100, rapidfuzz ratio of sorted words
FUZZY_MARGIN = 3.0  # a second, unrelated disease this close makes the name ambiguous
FUZZY_LENGTH = 10  # characters: shorter names are matched exactly or not at all
WORD_SIMILARITY = 0.8  # of each word that differs, normalised Levenshtein
EXACT_STEPS = 3  # of _steps: those before rapidfuzz, the only ones for a name read from another language
LONGEST = 300  # characters: anything longer is prose, not a name

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "κ": "kappa", "λ": "lambda",
          "μ": "mu", "σ": "sigma", "ω": "omega"}  # fmt: skip
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12",
          "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18", "xix": "19"}  # fmt: skip
_ROMAN_AFTER_TYPE = {"i": "1", "v": "5", "x": "10", **_ROMAN}
_ROMAN_LETTER = re.compile(r"(i{1,3}|iv|vi{0,3}|ix|x)([a-h])")  # type IIA
_TYPE = {"type", "group", "form", "stage", "class", "subtype", "variant"}
_BRITISH = tuple((re.compile(old), new) for old, new in (
    (r"haem", "hem"), (r"aemi", "emi"), (r"oedem", "edem"), (r"oesoph", "esoph"), (r"tumour", "tumor"),
    (r"paed", "ped"), (r"foet", "fet"), (r"caec", "cec"), (r"leuco", "leuko"), (r"gynaec", "gynec"),
    (r"anaes", "anes"), (r"orthopaed", "orthoped"), (r"isation", "ization"), (r"fibre", "fiber"), (r"sulph", "sulf"),
    (r"colour", "color"), (r"dyskinaes", "dyskines"), (r"glycaem", "glycem"),
))  # fmt: skip
_JOINING = {"the", "of", "in", "with", "and", "due", "to", "by", "type", "form", "from", "for", "or"}
_KIND = {"syndrome", "disease", "disorder", "condition"}
_SPREAD = _KIND | {"familial", "hereditary", "inherited", "genetic", "classic", "classical", "primary"}
_QUALIFIER = re.compile(
    r"^(?:suspected|probable|possible|likely|presumed|atypical|classical?|confirmed|genetic|rule out|r/o|consider|"
    r"(?:less|more|most) likely|variant of|form of|a form of|diagnosis of)[:\s]+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:\(|\[|[–—]\s|-\s|:\s|;|due to |caused by |secondary to |associated with |such as |including |e\.g\.|i\.e\.|"
    r"vs\.? |versus |with (?:a )?(?:mutation|variant)s? )",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")


def normalise(text: str) -> tuple[str, ...]:
    """Words of a name, American spelling, singular, Arabic numerals, joining words left out, sorted."""
    words = plain("".join(_GREEK.get(char, char) for char in text)).split()
    found = []
    for position, word in enumerate(words):
        after_type = position > 0 and words[position - 1] in _TYPE
        last = position == len(words) - 1 and position > 0
        roman = _ROMAN_LETTER.fullmatch(word) if after_type else None
        if word in (_ROMAN_AFTER_TYPE if after_type or last else _ROMAN):
            found.append(_ROMAN_AFTER_TYPE[word])
        elif roman:
            found.append(_ROMAN_AFTER_TYPE[roman.group(1)] + roman.group(2))
        elif word not in _JOINING:
            found.append(_root(word))
    return tuple(sorted(found))


@lru_cache(maxsize=100_000)
def _root(word: str) -> str:
    """A word in American spelling and singular."""
    for pattern, new in _BRITISH:
        word = pattern.sub(new, word)
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is", "sis", "tes")):
        return word[:-1]
    return word


def _marks(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that must agree exactly: any with a digit, and single letters."""
    return tuple(word for word in words if len(word) == 1 or any(char.isdigit() for char in word))


def readings(text: str) -> Iterator[tuple[str, str]]:
    """(how, name) for each way to read a predicted name, the most literal first."""
    text = text.strip()
    yield "as written", text
    bare = _QUALIFIER.sub("", text)
    if bare != text:
        yield "without its qualifier", bare
    unbracketed = _BRACKETS.sub("", bare).strip()
    if unbracketed and unbracketed != bare:
        yield "without its brackets", unbracketed
    head = _TAIL.split(unbracketed, maxsplit=1)[0].strip(" ,;:-")
    if head and head != unbracketed:
        yield "without its explanation", head
    for inner in _BRACKETS.findall(bare):
        if len(inner) > FUZZY_LENGTH:
            yield "by its bracketed synonym", inner.strip()


class Linker:
    """Links names to one terminology; the same name always gives the same Link."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        document, arrays = compiled("linker", digest_of([VERSION, ontology.digest]), self._compile)
        self._exact: dict[str, list[int]] = document["exact"]
        self._acronyms: dict[str, list[int]] = document["acronyms"]
        self._normal: dict[str, list[int]] = document["normal"]
        self._spread: dict[str, list[int]] = document["spread"]
        self._keys: list[str] = document["keys"]
        self._owners = arrays["owners"]  # (keys,) disease index of each normalised name
        self._words: dict[str, int] = {word: row for row, word in enumerate(document["words"])}
        self._posting_start, self._postings = arrays["posting_start"], arrays["postings"]
        self._ids = tuple(ontology)
        self.link = lru_cache(maxsize=200_000)(self._link)

    @property
    def version(self) -> str:
        """Changes whenever a link could change: linker version and terminology digest."""
        return f"{VERSION}+{self.ontology.digest[:12]}"

    def _link(self, name: str) -> Link:
        """The disease a name means. Never raises; id None when nothing is meant clearly enough."""
        if not name.strip() or len(name) > LONGEST:
            return Link(name, None, "empty" if not name.strip() else f"longer than {LONGEST} characters")
        ambiguous = ""
        for how, reading in readings(name):
            for step, found, score in self._steps(reading):
                chosen = self._one_of(found)
                if chosen is not None:
                    identifier = self._ids[chosen]
                    label = self.ontology.name(identifier)
                    return Link(name, identifier, f"{step}, {how}", score, label)
                if found and not ambiguous:
                    labels = " / ".join(self.ontology.name(self._ids[index]) for index in found[:3])
                    ambiguous = f"ambiguous: {labels}"
            if ambiguous:
                break
        return self._foreign(name) or Link(name, None, ambiguous or "no such name in the terminology")

    def _foreign(self, name: str) -> Link | None:
        """The disease that a name in another language means, word for word; None when there is none."""
        for _, reading in readings(name):
            for english in anglicised(reading, self._vocabulary) if language_of(reading) else ():
                for step, found, score in islice(self._steps(english), EXACT_STEPS):
                    if (chosen := self._one_of(found)) is not None:
                        how = f"{step}, read from {LANGUAGES[language_of(reading) or '']}: {english}"
                        return Link(name, self._ids[chosen], how, score, self.ontology.name(self._ids[chosen]))
        return None

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return vocabulary({word for name in self._exact for word in name.split()})

    def _steps(self, reading: str) -> Iterator[tuple[str, list[int], float]]:
        if _is_acronym(reading):
            yield "abbreviation", self._acronyms.get(reading, []), 100.0
            return
        yield "exact name", self._exact.get(plain(reading), []), 100.0
        words = normalise(reading)
        yield "normalised name", self._normal.get(" ".join(words), []), 99.0
        core = " ".join(word for word in words if word not in _SPREAD)
        if len(core) >= 5:
            yield "name without 'disease' or 'syndrome'", self._spread.get(core, []), 97.0
        yield from self._fuzzy(words)

    def _fuzzy(self, words: tuple[str, ...]) -> Iterator[tuple[str, list[int], float]]:
        key = " ".join(words)
        if len(key) < FUZZY_LENGTH:
            return
        rows = self._candidates(words)
        choices = {row: self._keys[row] for row in rows}
        hits = process.extract(key, choices, scorer=fuzz.ratio, score_cutoff=FUZZY_FLOOR - FUZZY_MARGIN, limit=12)
        good = [(score, row) for text, score, row in hits if _alike(words, tuple(text.split()))]
        if good and good[0][0] >= FUZZY_FLOOR:
            best = good[0][0]
            close = dict.fromkeys(int(self._owners[row]) for score, row in good if score > best - FUZZY_MARGIN)
            yield "spelling close to a name", list(close), round(best, 1)

    def _candidates(self, words: tuple[str, ...]) -> list[int]:
        """Rows of names that share one of the three rarest words."""
        known = [self._words[word] for word in words if word in self._words and not word.isdigit() and len(word) > 2]
        known.sort(key=lambda word: int(self._posting_start[word + 1] - self._posting_start[word]))
        rows: dict[int, None] = {}
        for word in known[:3]:
            posting = self._postings[self._posting_start[word] : self._posting_start[word + 1]]
            if len(posting) > 3000:
                break
            rows.update(dict.fromkeys(posting.tolist()))
        return list(rows)

    def _one_of(self, found: list[int]) -> int | None:
        """The single disease meant by these, the most general one when the others lie below it; None: ambiguous."""
        if len(found) <= 1:
            return found[0] if found else None
        names = {self._ids[index] for index in found}
        for index in found:
            identifier = self._ids[index]
            if all(other == identifier or identifier in self.ontology.ancestors(other) for other in names):
                return index
        return None

    def _compile(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        ranked: list[tuple[int, int, str]] = []
        for index, disease in enumerate(self.ontology.values()):
            ranked.append((0, index, disease.name))
            for synonym in disease.synonyms:
                ranked.append((1 if synonym.scope is Scope.EXACT else 2, index, synonym.name))
        ranked.sort()
        exact, acronyms, normal, spread = _Ranked(), _Ranked(), _Ranked(), _Ranked()
        keys: dict[tuple[str, int], None] = {}
        for rank, index, name in ranked:
            if rank > 1:
                continue  # BROAD, NARROW and RELATED synonyms name another entity
            if _is_acronym(name):
                acronyms.add(name, rank, index)
                continue
            exact.add(plain(name), rank, index)
            for _, text in readings(name) if rank == 0 else [("", name)]:
                words = normalise(text)
                normal.add(" ".join(words), rank + (text != name), index)
                core = " ".join(word for word in words if word not in _SPREAD)
                if len(core) >= 5:
                    spread.add(core, rank, index)
                if len(words) > 0:
                    keys.setdefault((" ".join(words), index))
        postings: dict[str, list[int]] = {}
        for row, (key, _) in enumerate(keys):
            for word in dict.fromkeys(key.split()):
                postings.setdefault(word, []).append(row)
        starts = np.cumsum([0, *(len(rows) for rows in postings.values())])
        document = {
            "exact": exact.best(), "acronyms": acronyms.best(), "normal": normal.best(), "spread": spread.best(),
            "keys": [key for key, _ in keys], "words": list(postings),
        }  # fmt: skip
        return document, {
            "owners": np.array([owner for _, owner in keys], np.int32),
            "posting_start": starts.astype(np.int32),
            "postings": np.array([row for rows in postings.values() for row in rows], np.int32),
        }


class _Ranked:
    """Text -> disease indices of the best rank that carries it."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, list[int]]] = {}

    def add(self, text: str, rank: int, index: int) -> None:
        if not text:
            return
        best, owners = self._found.setdefault(text, (rank, []))
        if rank == best and index not in owners:
            owners.append(index)

    def best(self) -> dict[str, list[int]]:
        return {text: owners for text, (_, owners) in self._found.items()}


def _is_acronym(text: str) -> bool:
    """True for names that only letter case tells from a word: ALS, CASK, MELAS, NF1."""
    return len(text) <= 8 and " " not in text and sum(char.isupper() for char in text) >= 2


def _alike(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """True when marks agree and every word that differs is a misspelling of one on the other side."""
    if _marks(words) != _marks(others):
        return False
    left = [word for word in words if word not in others]
    right = [word for word in others if word not in words]
    for word in tuple(left):
        near = max(right, key=lambda other: Levenshtein.normalized_similarity(word, other), default="")
        if min(len(word), len(near)) >= 5 and Levenshtein.normalized_similarity(word, near) >= WORD_SIMILARITY:
            left.remove(word)
            right.remove(near)
    return all(word in _SPREAD for word in (*left, *right))
