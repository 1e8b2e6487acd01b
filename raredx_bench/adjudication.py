"""Filled sheets -> agreement of clinicians with each other and with us."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from raredx_bench.agreement import Agreement, agreement, agreement_document
from raredx_bench.domain import BadInput
from raredx_bench.sampling import Pair, Sample
from raredx_bench.sheets import Sheet


@dataclass(frozen=True)
class ReaderAgreement:
    """One reader (theirs) against us (ours). sample: pairs as drawn; population: weighted to all occurrences.

    missing: strata of which nothing was read, so that population says nothing of them.
    """

    reader: str
    read: int
    unsure: int
    blank: int
    sample: Agreement
    population: Agreement
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Disagreement:
    """A pair on which a reader differs from us or from another reader."""

    pair: Pair
    said: Mapping[str, str]  # reader -> relation, or "?"
    comments: Mapping[str, str]


@dataclass(frozen=True)
class Adjudication:
    """Everything the sheets say. between: two readers (the first is theirs) -> agreement on what both read; None: nothing.

    majority: what more than half of at least two readers said, against us, on the pairs that have such a verdict; None: there
    is one reader, or no such pair.
    """

    readers: tuple[ReaderAgreement, ...]
    between: Mapping[tuple[str, str], Agreement | None]
    majority: ReaderAgreement | None
    disagreements: tuple[Disagreement, ...]


def adjudicate(sample: Sample, sheets: Sequence[Sheet]) -> Adjudication:
    """The agreement of each reader with us, of every two readers, of their majority with us, and what they disagree on.

    Verdicts marked "?" or left empty are counted and left out. Raises BadInput for a sheet without a verdict.
    """
    empty = [sheet.reader for sheet in sheets if not sheet.relations]
    if empty or not sheets:
        raise BadInput(f"no verdict (E, N, B or D) is filled in by {', '.join(empty) or 'anybody'}")
    most = _majority(sample, sheets)
    return Adjudication(
        readers=tuple(_reader(sample, sheet) for sheet in sheets),
        between={(one.reader, other.reader): _between(one, other) for one, other in itertools.combinations(sheets, 2)},
        majority=_reader(sample, most) if len(sheets) > 1 and most.relations else None,
        disagreements=tuple(_disagreements(sample, sheets)),
    )


def _reader(sample: Sample, sheet: Sheet) -> ReaderAgreement:
    read = [pair for pair in sample.pairs if pair.id in sheet.relations]
    theirs, ours = [sheet.relations[pair.id].value for pair in read], [pair.relation.value for pair in read]
    weights = sample.weights(sheet.relations)
    covered = {pair.stratum for pair in read}
    return ReaderAgreement(
        sheet.reader, len(read), len(sheet.unsure), len(sheet.blank), agreement(theirs, ours),
        agreement(theirs, ours, weights=[weights[pair.id] for pair in read]),
        tuple(name for name in sample.strata if name not in covered),
    )  # fmt: skip


def _between(one: Sheet, other: Sheet) -> Agreement | None:
    both = [each for each in one.relations if each in other.relations]
    return agreement([one.relations[i].value for i in both], [other.relations[i].value for i in both]) if both else None


def _majority(sample: Sample, sheets: Sequence[Sheet]) -> Sheet:
    """What more than half of all readers said; a pair without such a verdict counts as unsure."""
    relations, split = {}, []
    for pair in sample.pairs:
        votes = Counter(sheet.relations[pair.id] for sheet in sheets if pair.id in sheet.relations)
        chosen = next((relation for relation, count in votes.items() if 2 * count > len(sheets)), None)
        if chosen is None:
            split.append(pair.id)
        else:
            relations[pair.id] = chosen
    return Sheet("majority", relations, tuple(split))


def _disagreements(sample: Sample, sheets: Sequence[Sheet]) -> Iterator[Disagreement]:
    for pair in sample.pairs:
        said = {sheet.reader: sheet.relations[pair.id].value for sheet in sheets if pair.id in sheet.relations}
        if set(said.values()) - {pair.relation.value}:
            said |= {sheet.reader: "?" for sheet in sheets if pair.id in sheet.unsure}
            yield Disagreement(pair, said, {sheet.reader: sheet.comments[pair.id] for sheet in sheets if pair.id in sheet.comments})


def adjudication_document(found: Adjudication) -> dict[str, Any]:
    """The JSON form: no ids of cases and none of their text."""
    return {
        "readers": [_reader_document(each) for each in found.readers],
        "between": [{"readers": list(two), "agreement": agreement_document(each)} for two, each in found.between.items()],
        "majority": None if found.majority is None else _reader_document(found.majority),
        "disagreements": [
            {**asdict(each.pair), "said": dict(each.said), "comments": dict(each.comments)} for each in found.disagreements
        ],
    }


def _reader_document(reader: ReaderAgreement) -> dict[str, Any]:
    return {
        **{name: getattr(reader, name) for name in ("reader", "read", "unsure", "blank")},
        "missing": list(reader.missing),
        "sample": agreement_document(reader.sample),
        "population": agreement_document(reader.population),
    }
