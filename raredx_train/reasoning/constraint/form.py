"""Faults of form: what is wrong with a trajectory whatever it is about."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from raredx_bench.naming import plain
from raredx_train.reasoning.constraint.faults import Fault, FaultKind
from raredx_train.reasoning.constraint.prose import sentences

SHORTEST = 8  # words of a reasoning
SAME = 5  # words of a sentence that must not stand twice
RUN, RUNS = 10, 3  # words in a row, and how often they may stand
LOOP, DISTINCT = 60, 0.6  # words from which on the share of distinct word triples is looked at, and the least share
_SOURCES = re.compile(
    r"\b(?:the|these|those|given|provided|reference|retrieved|similar|matching|first|second|third|\w+'s) records?\b(?! of)|"
    r"\brecords? (?:\[?\d|shows?|lists?|states?|says?|of similar)|"
    r"\breference (?:records?|texts?|entr(?:y|ies)|materials?|documents?)|\b(?:the|these|provided|given|per) references?\b|"
    r"\bdata ?bases?\b|\bknowledge ?bases?\b|\bretriev\w+|\borpha(?:net|data|:\s?\d+)|\bomim\b|\bmim:? ?\d+|\bmondo\b|\bhpo\b|"
    r"\bhp:\d+|\bpmid\b|\bpubmed\b|\b(?:ncbi|genereviews|clinvar|uptodate)\b|\bhuman phenotype ontology\b|"
    r"\b(?:other|another|second|different) (?:diagnosers?|diagnosticians?|models?|experts?|systems?|tools?)\b|\bdiagnosers?\b|"
    r"\b(?:expert|second|other) opinions?\b|\bopinions? (?:of|from|given|provided|lists?)\b|\bthe opinions\b|"
    r"\bphenotype baseline\b|"
    r"\b(?:earlier|previous|prior|first|initial|original|last|failed) (?:attempts?|reasoning|answers?|lists?|ranking|"
    r"differentials?|"
    r"thinking|thoughts?|conclusions?|analys[ie]s|response)\b|\bmy (?:earlier|previous|prior|first|initial|original)\b|"
    r"\b(?:upon|on|after) (?:reflection|reconsideration|closer look|second thought)\b|\bsecond look\b|\blooking again\b|"
    r"\bi (?:was wrong|missed|overlooked|misjudged|made a mistake|had (?:missed|overlooked|weighed|ranked|thought|"
    r"said|placed))\b|"
    r"\b(?:my|a|the) (?:mistake|error)(?! of)\b|\b(?:was|were) (?:missed|overlooked|weighed wrongly|"
    r"misjudged) (?:before|earlier|the "
    r"first time|at first)\b|\breconsider\w*|\bthe correct (?:answer|diagnosis) (?:was|is given)\b|\bas an ai\b|\bthe prompt\b|"
    r"\[\d+\]",
    re.IGNORECASE,
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(_WORD.findall(
    "the a an of and or is are was were in on with to for by it this that which not no as at be has have from its "
    "than most more also "
    "would can but these those both all here while points point"
))  # fmt: skip
_FOREIGN = frozenset(_WORD.findall(  # small words of Spanish, Portuguese, French, Italian, German, Dutch, Polish that English lacks
    "el los las una uno que por para como con sin pero esta este muy más entre también paciente presenta em uma não são mais com "
    "pela pelo les est une dans pour qui avec sur pas ce cette sont gli che della dei nel più sono der das und ist "
    "nicht mit ein eine "
    "von zu dem auf für auch sich als het een niet voor zijn dat jest nie się że oraz przez el"
))  # fmt: skip
_END = re.compile(r"[.!?…][\"'”’)\]*_]*$")


def of_form(think: str) -> Iterator[Fault]:
    """The faults of a reasoning's form, each kind at most once."""
    if len(think.split()) < SHORTEST:
        yield Fault(FaultKind.NO_REASONING, think.strip(), f"fewer than {SHORTEST} words of reasoning")
        return
    if found := _SOURCES.search(think):
        yield Fault(
            FaultKind.SOURCE, found.group(), "a reasoning stands on the case and on what is known, and names neither source"
        )
    if fault := _foreign(think):
        yield fault
    if not _END.search(think.rstrip()):
        yield Fault(FaultKind.UNFINISHED, think.rstrip()[-40:], "the last sentence has no end")


def _foreign(think: str) -> Fault | None:
    """A letter of another script (single Greek letters aside), or a sentence whose small words are another language's."""
    why = "a reasoning is in English alone"
    if not think.isascii():
        for word in _WORD.findall(think):
            if not word.isascii() and any(_is_strange(char, len(word)) for char in word):
                return Fault(FaultKind.LANGUAGE, word, why)
    for sentence in sentences(think):
        words = [word.lower() for word in _WORD.findall(sentence.text)]
        english, foreign = sum(word in _ENGLISH for word in words), sum(word in _FOREIGN for word in words)
        if foreign >= 3 and foreign > english:
            return Fault(FaultKind.LANGUAGE, sentence.text, why)
    return None


def _words(think: str, names: Sequence[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in names:
        yield from plain(think[at:start]).split()
        yield plain(think[start:end])
        at = max(at, end)
    yield from plain(think[at:]).split()


def _is_strange(char: str, length: int) -> bool:
    if char.isascii() or not char.isalpha():
        return False
    name = unicodedata.name(char, "")
    return not name.startswith(("LATIN", "MICRO", "MODIFIER", "FEMININE", "MASCULINE")) and not (
        name.startswith("GREEK") and length <= 2
    )


def repeated(think: str, names: Sequence[tuple[int, int]]) -> Fault | None:
    """A sentence that stands twice, words in a row that stand too often, or a text that goes round in circles; else None.

    names: places of diseases and findings in the text's order; each counts as one word.
    """
    known: set[str] = set()
    for sentence in sentences(think):
        key = plain(sentence.text)
        if key in known and len(key.split()) >= SAME:
            return Fault(FaultKind.REPETITION, sentence.text, "the sentence stands twice")
        known.add(key)
    words = list(_words(think, names))
    runs = Counter(zip(*(words[at:] for at in range(RUN)), strict=False))
    run, often = max(runs.items(), key=lambda each: each[1], default=((), 0))
    if often > RUNS:
        return Fault(FaultKind.REPETITION, " ".join(run), f"{RUN} words in a row stand {often} times")
    triples = list(zip(words, words[1:], words[2:], strict=False))
    if len(words) >= LOOP and len(set(triples)) < DISTINCT * len(triples):
        return Fault(FaultKind.REPETITION, " ".join(words[-RUN:]), f"under {DISTINCT:.0%} of its word triples are distinct")
    return None
