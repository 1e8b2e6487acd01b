"""Reasoning in prose -> sentences, and clauses that each speak of the patient, of a disease, or of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from raredx_bench.findings import FindingReader
from raredx_train.reasoning.constraint.diseases import Place, Spot

_SENTENCE = re.compile(r"(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<=[.!?])[\"'”)\]*]*\s+(?=[\"'“(\[*A-Z0-9])|\n+")
_CLAUSE = re.compile(r";\s+|,?\s+(?:whereas|while|but(?! not)|however|although|though|yet|where)\b,?")
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


def places(text: str, reader: FindingReader) -> list[Place]:
    """Where a text names findings."""
    return [(term, sentence.start + start, sentence.start + end) for sentence in sentences(text)
            for term, start, end in reader.mentions(sentence.text)]  # fmt: skip


def clauses(text: str, spots: Sequence[Spot], findings: Sequence[Place], reader: FindingReader) -> Iterator[Clause]:
    """The clauses of a text in their order. spots, findings: where it names diseases and findings, in the text's order."""
    context: tuple[str, ...] = ()
    for sentence in sentences(text):
        here = [replace(spot, start=spot.start - sentence.start, end=spot.end - sentence.start)
                for spot in spots if sentence.start <= spot.start < sentence.end]  # fmt: skip
        inside = [(term, start - sentence.start, end - sentence.start) for term, start, end in findings
                  if sentence.start <= start < sentence.end]  # fmt: skip
        yield from _clauses(sentence.text, here, inside, reader, context)
        context = next((spot.ids for spot in here if not spot.compared), context)


def _clauses(
    text: str, spots: Sequence[Spot], findings: Sequence[Place], reader: FindingReader, context: tuple[str, ...]
) -> Iterator[Clause]:
    """The clauses of one sentence."""
    masked = list(text.lower()) if len(text.lower()) == len(text) else list(text)
    hiding = [spot for spot in spots if not spot.stated]
    for spot in hiding:
        masked[spot.start : spot.end] = DISEASE * (spot.end - spot.start)
    if any(start < spot.end and spot.start < end for spot in hiding for _, start, end in findings):
        findings = reader.mentions("".join(masked))
    for _, start, end in findings:
        masked[start:end] = FINDING * (end - start)
    whole = "".join(masked)
    meant = [spot for spot in spots if not spot.compared]
    before = _ids(meant)
    context = next((spot.ids for spot in meant), context)
    for start, end in _parts(whole):
        said = tuple(Said(term, first - start, last - start) for term, first, last in findings if start <= first < end)
        named = _ids(spot for spot in meant if start <= spot.start < end) or before
        yield Clause(text[start:end], whole[start:end], whole, said, named, context)
        before = named


def _ids(spots: Iterable[Spot]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for spot in spots for each in spot.ids))


def _parts(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _CLAUSE.finditer(text):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < len(text):
        yield at, len(text)
