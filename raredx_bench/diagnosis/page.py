"""The document of a diagnosis -> one HTML page that needs no other file and asks no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jinja2

KINDS = {
    "supports": "supports",
    "contradicts": "contradicts",
    "unexplained": "not known of it",
    "missing": "frequent, not mentioned",
}
POLARITIES = {"observed": "observed", "excluded": "absent", "family": "relative", "hypothetical": "supposed"}


def page_of(document: Mapping[str, Any]) -> str:
    """The page; every text is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("raredx_bench"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(percent=percent, supporting=supporting)
    return environment.get_template("diagnosis.html").render(
        said=document, parts=list(parts(document["patient"])), kinds=KINDS, polarities=POLARITIES
    )


def percent(share: float | None) -> str:
    """ "12.3 %"; a share that is not 0 never reads 0; "" for None."""
    if share is None:
        return ""
    return "< 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def supporting(candidate: Mapping[str, Any], most: int | None = None) -> list[str]:
    """Labels of the findings that speak for a candidate, the weightiest first."""
    found = [each for each in candidate["evidence"] if each["kind"] == "supports"]
    return [each["finding"]["label"] for each in sorted(found, key=lambda each: -each["weight"])[:most]]


def parts(patient: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """(text, its mention or None) of consecutive stretches that make up the patient's text."""
    at, text = 0, patient["text"] or ""
    for mention in sorted(patient["mentions"], key=lambda each: each["start"]):
        if mention["start"] >= at:
            yield text[at : mention["start"]], None
            yield text[mention["start"] : mention["end"]], mention
            at = mention["end"]
    yield text[at:], None
