"""HPO's labels and synonyms, laypersons' among them, as a text writes them: exactly, in another order or form, or shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from raredx_bench.findings import TOO_GENERAL, entries, stem
from raredx_bench.hpo import Hpo
from raredx_bench.naming import plain
from raredx_bench.recognition.words import JOINING, MODIFIERS, bag, form

LONGEST = 9  # words of a window
SHORTS = {
    "VSD": "HP:0001629", "PDA": "HP:0001643", "PFO": "HP:0001655", "ADHD": "HP:0007018", "IUGR": "HP:0001511",
    "OSA": "HP:0002870", "DVT": "HP:0002625", "HCC": "HP:0001402", "SNHL": "HP:0000407", "NAFLD": "HP:0001397",
    "CKD": "HP:0012622", "AKI": "HP:0001919", "ESRD": "HP:0003774", "LVH": "HP:0001712", "DCM": "HP:0001644",
    "HCM": "HP:0001639", "T2DM": "HP:0005978", "T1DM": "HP:0100651", "SCID": "HP:0004430", "GERD": "HP:0002020",
}  # fmt: skip
VAGUE = TOO_GENERAL | frozenset(
    "abnormality onset death diagnosis syndrome healthy stable family history mild severe carcinoma scar positive negative "
    "neoplasm tumor tumour neoplasia lesions masses mutism walking obstruction edematous".split()
)  # words that name no finding by themselves
_WORD = re.compile(r"[^\W_]+(?:'s)?")
_PAUSE = re.compile(r"[,;:()\[\].]")


class Word(NamedTuple):
    """A word of a text and its place."""

    text: str
    start: int
    end: int


class Found(NamedTuple):
    """A term and where the text names it."""

    term: str
    start: int
    end: int


class Lexicon:
    """Finds names of HPO's findings in a text, whatever is said of them."""

    def __init__(self, hpo: Hpo) -> None:
        self.hpo = hpo

    @cached_property
    def _tables(self) -> tuple[dict[str, tuple[str, bool]], dict[tuple[str, ...], str], dict[tuple[str, ...], str]]:
        """Exact names (with whether they are written in capitals), bags of words, and what is abnormal, by bag."""
        exact: dict[str, tuple[str, bool]] = {}
        loose: dict[tuple[str, ...], tuple[bool, str]] = {}
        normal: dict[tuple[str, ...], str] = {}
        for identifier, name, is_label in entries(self.hpo):
            words = tuple(plain(name).split())
            key = " ".join(map(stem, words))
            if len(key) <= 3 or key in VAGUE:
                continue
            if is_label or key not in exact:
                exact[key] = (identifier, len(words) == 1 and name.isupper())
            forms = bag(words)
            if len(forms) > 1 or len(words[0]) > 6:
                if forms not in loose or (is_label and not loose[forms][0]):
                    loose[forms] = (is_label, identifier)
                if words[0] in ("abnormal", "abnormality"):
                    normal.setdefault(bag(words[1:]), identifier)
        return exact, {key: term for key, (_, term) in loose.items()}, normal

    def find(self, text: str) -> list[Found]:
        """The longest names, left to right, without overlap."""
        words = [Word(each.group(), each.start(), each.end()) for each in _WORD.finditer(text)]
        found, position = [], 0
        while position < len(words):
            for length in range(min(LONGEST, len(words) - position), 0, -1):
                term = self._term(text, words[position : position + length])
                if term is not None:
                    found.append(Found(term, words[position].start, words[position + length - 1].end))
                    found += self._listed(text, words, position, position + length)
                    position += length
                    break
            else:
                found += self._shared(text, words, position)
                position += 1
        return found

    def _term(self, text: str, words: list[Word]) -> str | None:
        exact, loose, _ = self._tables
        plains = tuple(plain(word.text) for word in words)
        if len(words) == 1 and words[0].text in SHORTS:
            return None if f"({words[0].text})" in text else self.hpo.current(SHORTS[words[0].text])
        known = exact.get(" ".join(map(stem, plains)))
        if known is not None and (not known[1] or words[0].text.isupper()):
            return known[0]
        if plains[0] in JOINING or plains[-1] in JOINING or _PAUSE.search(text, words[0].end, words[-1].start):
            return None
        if len(words) == 1 and (len(plains[0]) <= 6 or plains[0] in VAGUE):
            return None
        term = loose.get(bag(plains))
        if term is None and len(plains) > 2:
            inner = tuple(word for word in plains[1:-1] if word not in MODIFIERS)
            term = loose.get(bag((plains[0], *inner, plains[-1]))) if len(inner) < len(plains) - 2 else None
        return term

    def _listed(self, text: str, words: list[Word], first: int, after: int) -> Iterator[Found]:
        """More of the kind behind a name with its place: "contractures at elbows, wrists and knees"."""
        head = tuple(plain(word.text) for word in words[first : after - 1])
        if len(head) < 2 or head[-1] not in JOINING:
            return
        for place in range(after, min(after + 6, len(words))):
            if plain(words[place].text) in ("and", "or"):
                continue
            if not re.fullmatch(r"\W*(?:,|and|or|/)\W*(?:and|or)?\W*", text[words[place - 1].end : words[place].start]) and plain(
                words[place - 1].text
            ) not in ("and", "or"):
                return
            term = self._tables[1].get(bag((*head, plain(words[place].text))))
            if term is None:
                return
            yield Found(term, words[place].start, words[place].end)

    def _shared(self, text: str, words: list[Word], position: int) -> Iterator[Found]:
        """The first of two that share their last word: "muscle and joint pain"."""
        if position + 3 >= len(words) or plain(words[position + 1].text) not in ("and", "or"):
            return
        if _PAUSE.search(text, words[position].end, words[position + 3].start):
            return
        one, _, two, last = (plain(word.text) for word in words[position : position + 4])
        term = self._tables[1].get(bag((one, last)))
        if term is not None and self._tables[1].get(bag((two, last))) is not None:
            yield Found(term, words[position].start, words[position].end)

    def healthy(self, text: str) -> Iterator[Found]:
        """What a text calls normal: the term for its being abnormal ("a normal electrocardiogram": Abnormal EKG)."""
        normal = self._tables[2]
        words = [Word(each.group(), each.start(), each.end()) for each in _WORD.finditer(text)]
        for place, word in enumerate(words):
            if plain(word.text) not in ("normal", "unremarkable"):
                continue
            behind = (words[place + 1 : place + 1 + length] for length in range(5, 0, -1))
            end = place
            while end and plain(words[end - 1].text) in ("was", "were", "is", "are", "within", "all", "entirely", "completely",
                                                          "results", "findings", "otherwise"):  # fmt: skip
                end -= 1
            ahead = (words[end - length : end] for length in range(5, 0, -1) if length <= end) if end < place else ()
            for window in (*behind, *ahead):
                if not window or _PAUSE.search(text, window[0].end, window[-1].start):
                    continue
                term = normal.get(bag(tuple(plain(each.text) for each in window)))
                if term is not None:
                    yield Found(term, window[0].start, window[-1].end)
                    break


__all__ = ["Found", "Lexicon", "form"]
