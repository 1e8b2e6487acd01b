"""HPO's labels and synonyms, laypersons' among them, as a text writes them: exactly, in another order or form, or shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from raredx_bench.findings import TOO_GENERAL, entries, stem
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.naming import plain
from raredx_bench.recognition.words import JOINING, MODIFIERS, bag, form

LONGEST = 9  # words of a window
SHORTS = {
    "VSD": "HP:0001629", "PDA": "HP:0001643", "PFO": "HP:0001655", "ADHD": "HP:0007018", "IUGR": "HP:0001511",
    "OSA": "HP:0002870", "DVT": "HP:0002625", "HCC": "HP:0001402", "SNHL": "HP:0000407", "NAFLD": "HP:0001397",
    "CKD": "HP:0012622", "AKI": "HP:0001919", "ESRD": "HP:0003774", "LVH": "HP:0001712", "DCM": "HP:0001644",
    "HCM": "HP:0001639", "T2DM": "HP:0005978", "T1DM": "HP:0100651", "SCID": "HP:0004430", "GERD": "HP:0002020",
    "MTC": "HP:0002865",
}  # fmt: skip
EXTRA = {
    "duck-like gait": "HP:0002515",
    "stunted growth": "HP:0001510",
    "stunting": "HP:0001510",
    "no speech": "HP:0001344",
    "aged appearance": "HP:0007495",
    "older appearance": "HP:0007495",
    "left ventricular enlargement": "HP:4000141",
    "pedal oedema": "HP:0010741",
    "leg edema": "HP:0010741",
    "failed to thrive": "HP:0001508",
    "lag behind in development": "HP:0001263",
    "delayed milestones": "HP:0001263",
    "mentally retarded": "HP:0001249",
    "unable to walk": "HP:0002540",
    "white matter high signal": "HP:0030890",
    "bone marrow failure": "HP:0005528",
    "loss of vision": "HP:0000572",
    "difficulty breathing": "HP:0002098",
    "deranged liver function": "HP:0001410",
    "kidney failure": "HP:0000083",
    "hemolysis": "HP:0001878",
    "tear drop cells": "HP:0032563",
    "hyperpigmentation": "HP:0000953",
    "pathological reflexes": "HP:0031826",
}  # names that texts use and HPO lacks
HEALTHY = {
    "neurological examination": "HP:0000707",
    "neurological evaluation": "HP:0000707",
    "neurologic examination": "HP:0000707",
    "blood pressure": "HP:0030972",
    "ecg": "HP:0003115",
    "ekg": "HP:0003115",
    "electrocardiogram": "HP:0003115",
    "electrocardiography": "HP:0003115",
    "emg": "HP:0003457",
    "electromyography": "HP:0003457",
    "eeg": "HP:0002353",
    "renal function": "HP:0000083",
    "cognitive function": "HP:0100543",
    "cognition": "HP:0100543",
    "intelligence": "HP:0001249",
    "growth": "HP:0001507",
    "development": "HP:0001263",
    "growth development": "HP:0001507",
    "hearing": "HP:0000365",
    "vision": "HP:0000505",
    "oximetry": "HP:0012418",
    "oxygen saturation": "HP:0012418",
    "gait": "HP:0001288",
    "liver function": "HP:0002910",
}  # what is called normal without HPO naming its being abnormal so
VAGUE = TOO_GENERAL | frozenset(
    [
        "abnormality",
        "onset",
        "death",
        "diagnosis",
        "syndrome",
        "healthy",
        "stable",
        "family",
        "history",
        "mild",
        "severe",
        "carcinoma",
        "scar",
        "positive",
        "negative",
        "neoplasm",
        "tumor",
        "tumour",
        "neoplasia",
        "lesions",
        "masses",
        "mutism",
        "walking",
        "obstruction",
        "edematous",
        "alcohol",
        "urinary",
        "collection",
        "aggressive",
        "leukocyte",
        "leukocytes",
        "meninges",
        "autoimmune",
        "allergic",
        "central",
    ]
)  # words that name no finding by themselves
NO_NOUN = ("ed", "ing", "philic", "phil", "phils")  # "collected" is not collectionism, "basophilic" no count
SHARING = frozenset(map(form, ("impaired", "increased", "decreased", "abnormal", "absent", "delayed", "recurrent")))
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
        for identifier, name, is_label in self._names():
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
        normal.update({bag(tuple(name.split())): term for name, term in HEALTHY.items()})
        return exact, {key: term for key, (_, term) in loose.items()}, normal

    def _names(self) -> Iterator[tuple[str, str, bool]]:
        yield from entries(self.hpo)
        findings = {self.hpo.ids[each] for each in range(len(self.hpo.ids)) if self._is_finding(each)}
        for identifier, names in self.hpo.related.items():
            if identifier in findings:
                yield from ((identifier, name, False) for name in names)
        yield from ((term, name, False) for name, term in EXTRA.items() if term in findings)

    def _is_finding(self, index: int) -> bool:
        root = self.hpo.position[ROOT]
        return index != root and root in self.hpo.ancestors(index)

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
                if not found or found[-1].end <= words[position].start:
                    found += self._shared(text, words, position)
                position += 1
        return found

    def _term(self, text: str, words: list[Word]) -> str | None:
        exact, loose, _ = self._tables
        plains = tuple(plain(word.text) for word in words)
        if len(words) == 1 and plains[0] in VAGUE:
            return None
        if len(words) == 1 and words[0].text in SHORTS:
            return None if f"({words[0].text})" in text else self.hpo.current(SHORTS[words[0].text])
        known = exact.get(" ".join(map(stem, plains)))
        inside = text[words[0].end : words[-1].start]
        apart = ";" in inside or (plains[0] == "absent" and ":" in inside)  # "short foot; hand", "absent: hallux valgus"
        if known is not None and (not known[1] or words[0].text.isupper()) and not apart:
            return known[0]
        if plains[0] in JOINING or plains[-1] in JOINING or _PAUSE.search(text, words[0].end, words[-1].start):
            return None
        if len(words) == 1 and (len(plains[0]) <= 6 or plains[0].endswith(NO_NOUN)):
            return None
        if plains[0] == "abnormal" and plains[-1].endswith(("al", "ic")):
            return None  # "abnormal facial" goes on
        if text[words[0].end : words[0].end + 1] == "-" and plains[0] in ("extra", "non", "pre", "post"):
            return None
        term = loose.get(bag(plains))
        if term is None and len(plains) > 2:
            inner = tuple(word for word in plains[1:-1] if word not in MODIFIERS)
            term = loose.get(bag((plains[0], *inner, plains[-1]))) if len(inner) < len(plains) - 2 else None
        return term

    def _listed(self, text: str, words: list[Word], first: int, after: int) -> Iterator[Found]:
        """More of the kind behind a name with its place: "contractures at elbows, wrists and knees"."""
        head = tuple(plain(word.text) for word in words[first : after - 1])
        if not head or (head[-1] not in JOINING and (len(head) > 1 or form(head[0]) not in SHARING)):
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
        """The first of two that share their last word: "muscle and joint pain", "factor V and factor VIII deficiency"."""
        plains = [plain(word.text) for word in words[position : position + 6]]
        middle = next((place for place in (1, 2) if place < len(plains) and plains[place] in ("and", "or")), 0)
        for last in range(middle + 2, len(plains)) if middle else ():
            if _PAUSE.search(text, words[position].end, words[position + last].start):
                return
            loose = self._tables[1]
            if loose.get(bag(tuple(plains[middle + 1 : last + 1]))) is None:
                continue
            if (term := loose.get(bag((*plains[:middle], plains[last])))) is not None:
                yield Found(term, words[position].start, words[position + middle - 1].end)
            return

    def healthy(self, text: str) -> Iterator[Found]:
        """What a text calls normal: the term for its being abnormal ("a normal electrocardiogram": Abnormal EKG)."""
        normal = self._tables[2]
        words = [Word(each.group(), each.start(), each.end()) for each in _WORD.finditer(text)]
        for place, word in enumerate(words):
            if plain(word.text) not in ("normal", "unremarkable", "preserved"):
                continue
            behind = (words[place + 1 : place + 1 + length] for length in range(5, 0, -1))
            end = place
            while end and plain(words[end - 1].text) in ("was", "were", "is", "are", "within", "all", "entirely", "completely",
                                                          "results", "findings", "remained", "otherwise"):  # fmt: skip
                end -= 1
            ahead = (words[end - length : end] for length in range(5, 0, -1) if length <= end) if end < place else ()
            for window in (*behind, *ahead):
                if not window or _PAUSE.search(text, window[0].end, window[-1].start):
                    continue
                term = normal.get(bag(tuple(plain(each.text) for each in window)))
                if term is not None:
                    yield Found(term, window[0].start, window[-1].end)
                    break
