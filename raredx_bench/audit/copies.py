"""Cases that repeat one another, within a benchmark and across benchmarks, and texts of other files that repeat cases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench.domain import BadInput, Case
from raredx_bench.fingerprints import (
    THRESHOLD,
    Fingerprint,
    Match,
    fingerprints,
    is_fingerprint_file,
    overlaps,
    read_fingerprints,
    shingles,
    words_of,
)
from raredx_bench.ontology import Ontology

FIELDS = ("text", "presentation", "case_report", "prompt", "completion", "messages", "conversations", "content", "value")


@dataclass(frozen=True, slots=True)
class Copy:
    """Two cases that are alike. similarity: share of their runs of words, 0 to 1; 1.0 and exact for the same words or findings."""

    first: Case
    second: Case
    similarity: float
    exact: bool


def copies_of_texts(cases: Sequence[Case]) -> list[Copy]:
    """Pairs of cases with much of the same text, each once; the similarity is exact, not estimated."""
    known = fingerprints(cases)
    places = {(each.benchmark, each.case): at for at, each in enumerate(known)}
    found = []
    for match in overlaps(known, (case.presentation for case in cases)):
        first = places[match.benchmark, match.case]
        if first >= match.text:
            continue
        one, other = (shingles(words_of(cases[at].presentation)) for at in (first, match.text))
        similarity = len(one & other) / len(one | other)
        if match.exact or similarity >= THRESHOLD:
            found.append(Copy(cases[first], cases[match.text], 1.0 if match.exact else similarity, match.exact))
    return found


def copies_of_findings(cases: Iterable[Case], ontology: Ontology) -> list[Copy]:
    """Pairs of cases with the same findings, present and absent, and an answer in common; each case with the first like it."""
    first: dict[tuple[frozenset[str], frozenset[str], str], Case] = {}
    found: dict[tuple[str, str], Copy] = {}
    for case in cases:
        for answer in case.answers if case.observed else ():
            gold = ontology.canonical(answer) or answer
            other = first.setdefault((frozenset(case.observed), frozenset(case.excluded), gold), case)
            if other is not case:
                found.setdefault((other.id, case.id), Copy(other, case, 1.0, True))
    return list(found.values())


def matches_in(path: Path, cases: Sequence[Case]) -> list[Match]:
    """Matches of cases with a file of fingerprints or of texts (JSON lines, gzipped or not). Match.text counts its rows from 0.

    Raises BadInput for a file that can't be read or holds no text.
    """
    known = fingerprints(cases)
    if is_fingerprint_file(path):
        return list(_between(known, read_fingerprints(path)))
    return list(overlaps(known, texts_in(path)))


def _between(known: Sequence[Fingerprint], others: Sequence[Fingerprint]) -> Iterator[Match]:
    """Matches of fingerprints with one another."""
    table = np.array([each.signature for each in others])
    hashes: dict[str, int] = {}
    for at, each in enumerate(others):
        hashes.setdefault(each.sha256, at)
    for each in known:
        exact = hashes.get(each.sha256)
        shares = (table == each.signature).mean(axis=1)
        at = int(shares.argmax()) if exact is None else exact
        if exact is not None or shares[at] >= THRESHOLD:
            yield Match(each.benchmark, each.case, at, 1.0 if exact is not None else float(shares[at]), exact is not None)


def texts_in(path: Path) -> Iterator[str]:
    """The text of every row of JSON lines: what its fields of FIELDS hold, chats in their order."""
    rows = 0
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput(f"{path}, line {number}: not JSON ({error}): give JSON lines, one example a line") from error
            text = "\n".join(_texts(row))
            if not text:
                raise BadInput(f"{path}, line {number}: no text in any of the fields {', '.join(FIELDS)}: rename one")
            rows += 1
            yield text
    if not rows:
        raise BadInput(f"{path} holds no row: give JSON lines, one example a line")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, Mapping):
        for field in FIELDS:
            yield from _texts(value.get(field))
