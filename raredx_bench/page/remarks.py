"""An entry -> what else it says of a run, in sentences: repeats, the knowledge cut-off, calibration, abstentions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from raredx_bench.page.figures import percent

Part = Mapping[str, Any]


def remarks(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what it is about, sentence) of every part that the entry has."""
    calibration = document.get("calibration") or {}
    parts = (
        ("repeats", document.get("repeats"), _repeats),
        ("knowledge cut-off", document.get("cutoff"), _cutoff),
        ("calibration", calibration.get("confidences"), _calibration),
        ("abstentions", calibration.get("abstention"), _abstention),
        ("rescored", document.get("rescored"), lambda part: iter([f"from {part['from']} on {part['date']}"])),
    )
    return [(name, "; ".join(sentences)) for name, part, said in parts if part and (sentences := list(said(part)))]


def _repeats(part: Part) -> Iterator[str]:
    yield f"means of {part['runs']} rounds"
    if spread := part.get("spread", {}).get("recall@1"):
        yield f"standard deviation of recall@1 between them {percent(spread)} points"
    if same := part.get("same", {}).get("hit@1"):
        yield f"the same verdict at rank 1 in {percent(same['value'])} % of cases"


def _cutoff(part: Part) -> Iterator[str]:
    yield str(part["cutoff"])
    for side in ("before", "after"):
        if each := part.get(side, {}).get("recall@1"):
            interval = f"{percent(each['low'])}–{percent(each['high'])}"
            yield f"recall@1 on cases {side} it {percent(each['value'])} ({interval}, {each['n']} cases)"
    if part.get("undated"):
        yield f"{part['undated']} cases carry no date"


def _calibration(part: Part) -> Iterator[str]:
    yield f"{part['n']} stated confidences"
    for key, name in (
        ("brier", "Brier score"),
        ("ece_mass", "expected calibration error"),
        ("aurc", "area under risk and coverage"),
    ):
        if key in part:
            yield f"{name} {part[key]['value']:.3f}"


def _abstention(part: Part) -> Iterator[str]:
    yield f"{percent(part['answered']['value'])} % answered"
    if among := part.get("among_answered", {}).get("recall@1"):
        yield f"recall@1 {percent(among['value'])} among them"
