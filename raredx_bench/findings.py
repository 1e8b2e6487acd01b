"""Clinical text -> HPO terms, observed and excluded: a dictionary of labels and synonyms with negation scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.naming import plain

LONGEST_TERM = 8  # words; 99.5 % of labels and synonyms are shorter
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_CLAUSE_END = re.compile(r"\b(?:but|however|although|except|though|apart from|besides|and (?:has|had|was|is|shows?))\b|[:]")
_NEGATION = re.compile(
    r"\b(?:no|not|denie[sd]|denying|without|never(?: had)?|absence of|absent|negative for|free of|neither|nor|"
    r"ruled out|excluded?|lack(?:s|ed|ing)?(?: of)?|were normal|was normal|unremarkable)\b",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(r"^\W*(?:(?:was|were|is|are|has been|have been) )?(?:not (?:seen|present|found|noted|observed)|absent|"
                            r"excluded|ruled out|denied|negative)\b", re.IGNORECASE)  # fmt: skip
_OTHER_PERSON = re.compile(r"\b(?:family history|mother|father|parents?|brother|sister|siblings?|uncles?|aunts?|cousins?|"
                           r"grand(?:mother|father|parents?))\b", re.IGNORECASE)  # fmt: skip
TOO_GENERAL = {"disease", "pain", "sign", "mass", "all", "normal", "left", "right", "other", "lesion", "short", "cold"}


@dataclass(frozen=True, slots=True)
class Findings:
    """HPO ids in the order of the text, without repeats; a term both observed and excluded counts as observed."""

    observed: tuple[str, ...]
    excluded: tuple[str, ...]


class FindingReader:
    """Reads HPO terms from English clinical text."""

    def __init__(self, hpo: Hpo) -> None:
        self.hpo = hpo

    @cached_property
    def _dictionary(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for identifier, name, is_label in entries(self.hpo):
            key = _key(name)
            if len(key) > 3 and key not in TOO_GENERAL and (is_label or key not in found):
                found[key] = identifier
        return found

    def read(self, text: str) -> Findings:
        """Terms that the text states of the patient; relatives' findings are left out."""
        observed: dict[str, None] = {}
        excluded: dict[str, None] = {}
        for sentence in _SENTENCE.split(text):
            for clause in _CLAUSE_END.split(sentence):
                relative = _OTHER_PERSON.search(clause)
                for identifier, start, end in self.mentions(clause):
                    if relative and relative.start() < start:
                        continue
                    before = clause[:start]
                    negated = _NEGATION.search(before) or _NEGATED_AFTER.match(clause[end:])
                    (excluded if negated else observed)[identifier] = None
        return Findings(tuple(observed), tuple(each for each in excluded if each not in observed))

    def mentions(self, clause: str) -> list[tuple[str, int, int]]:
        """(term id, start, end) of the longest dictionary entries, left to right, without overlap."""
        words = [(match.group(), match.start(), match.end()) for match in re.finditer(r"[^\W_]+", clause)]
        keys = [stem(plain(word)) for word, _, _ in words]
        found, position = [], 0
        while position < len(words):
            for length in range(min(LONGEST_TERM, len(words) - position), 0, -1):
                identifier = self._dictionary.get(" ".join(keys[position : position + length]))
                if identifier is not None:
                    found.append((identifier, words[position][1], words[position + length - 1][2]))
                    position += length
                    break
            else:
                position += 1
        return found


def entries(hpo: Hpo) -> Iterator[tuple[str, str, bool]]:
    """(term id, name, whether it is the label) of every term below the root of abnormalities; a term's label comes first."""
    phenotypes = hpo.position[ROOT]
    for index, identifier in enumerate(hpo.ids):
        if index == phenotypes or phenotypes not in hpo.ancestors(index):
            continue
        for rank, name in enumerate((hpo.names[index], *hpo.synonyms[index])):
            yield identifier, name, rank == 0


def _key(name: str) -> str:
    return " ".join(stem(word) for word in plain(name).split())


def stem(word: str) -> str:
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word.replace("aemia", "emia").replace("oedema", "edema").replace("haem", "hem").replace("tumour", "tumor")
