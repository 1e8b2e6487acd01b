"""Reasoning in prose -> sentences, and clauses that each speak of the patient, of a disease, or of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from raredx_bench.findings import FindingReader
from raredx_train.reasoning.constraint.diseases import Spot

_SENTENCE = re.compile(r"(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<=[.!?])[\"'”)\]*]*\s+(?=[\"'“(\[*A-Z0-9])|\n+")
_CLAUSE = re.compile(r";\s+|,?\s+(?:whereas|while|but|however|although|though|yet|where)\b,?")
_MARKER = re.compile(r"^(?:[-*•]+|\d{1,2}[.)])\s+")
DISEASE, FINDING = "_", "¤"  # what stands for the letters of each in a clause's text


@dataclass(frozen=True, slots=True)
class Sentence:
    """Where a sentence stands in its text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in a clause: its HPO id, and where it stands there."""

    term: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """raw: as written. text: in lower case, with DISEASE and FINDING for the names of each; places are the same in both.

    sentence: the text of the whole sentence, in the same form. named: ids of the diseases that it names, those only compared with
    left out; context: ids of the disease that the text last spoke of.
    """

    raw: str
    text: str
    sentence: str
    findings: tuple[Said, ...]
    named: tuple[str, ...]
    context: tuple[str, ...]


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences and lines of a text, without list markers."""
    at = 0
    for match in [*_SENTENCE.finditer(text), None]:
        end = match.start() if match else len(text)
        marker = _MARKER.match(text[at:end])
        start = at + (marker.end() if marker else 0)
        if text[start:end].strip():
            yield Sentence(text[start:end], start, end)
        at = match.end() if match else end


def clauses(text: str, spots: Sequence[Spot], reader: FindingReader) -> Iterator[Clause]:
    """The clauses of a text in their order. spots: where it names diseases, in the text's order."""
    masked = list(text)
    for spot in spots:
        masked[spot.start : spot.end] = DISEASE * (spot.end - spot.start)
    body = "".join(masked)
    context: tuple[str, ...] = ()
    for sentence in sentences(text):
        here = [spot for spot in spots if sentence.start <= spot.start < sentence.end]
        subject = next((spot for spot in here if not spot.compared), None)
        context = subject.ids if subject else context
        whole, findings = _marked(body[sentence.start : sentence.end], reader)
        before: tuple[str, ...] = tuple(dict.fromkeys(each for spot in here if not spot.compared for each in spot.ids))
        for start, end in _parts(whole):
            named = tuple(dict.fromkeys(
                each for spot in here if start <= spot.start - sentence.start < end and not spot.compared for each in spot.ids
            ))  # fmt: skip
            inside = tuple(Said(each.term, each.start - start, each.end - start) for each in findings if start <= each.start < end)
            yield Clause(sentence.text[start:end], whole[start:end], whole, inside, named or before, context)
            before = named or before


def _marked(text: str, reader: FindingReader) -> tuple[str, list[Said]]:
    """A sentence in lower case with FINDING for the letters of its findings, and these."""
    found = [Said(term, start, end) for term, start, end in reader.mentions(text)]
    marked = list(text.lower()) if len(text.lower()) == len(text) else list(text)
    for each in found:
        marked[each.start : each.end] = FINDING * (each.end - each.start)
    return "".join(marked), found


def _parts(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _CLAUSE.finditer(text):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < len(text):
        yield at, len(text)
