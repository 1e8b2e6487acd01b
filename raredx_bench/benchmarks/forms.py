"""The two forms a case is shown in: a list of HPO labels, or a written vignette."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from raredx_bench.domain import Case
from raredx_bench.findings import FindingReader

FORMS = ("hpo", "text")
_DURATION = re.compile(r"P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T.*)?$")
_UNITS = ("year", "month", "week", "day")
_OF_A_YEAR = (1, 1 / 12, 7 / 365.25, 1 / 365.25)


def shown(form: str, observed: Sequence[str], excluded: Sequence[str], sex: str = "", age: str = "", onset: str = "") -> str:
    """What a model reads of labelled findings in a form. sex: "male", "female" or empty; age, onset: in words, or empty."""
    return _vignette(observed, excluded, sex, age, onset) if form == "text" else _listed(observed, excluded, sex)


def as_labels(case: Case, reader: FindingReader) -> Case:
    """A free-text case as a list of HPO labels: its own codes, or, when it has none, the terms that the dictionary finds.

    A text in which nothing is recognised becomes "No abnormal finding is recorded."
    """
    hpo = reader.hpo
    if case.observed or case.excluded:
        observed, excluded = case.observed, case.excluded
    else:
        found = reader.read(case.presentation)
        observed, excluded = found.observed, found.excluded
    present, absent = ([name for each in side if (name := hpo.name(each))] for side in (observed, excluded))
    return replace(case, presentation=shown("hpo", present, absent), observed=observed, excluded=excluded)


def duration(text: str) -> str:
    """An ISO 8601 duration in words ("P7Y4M": "7 years and 4 months"); empty when it is none."""
    match = _DURATION.match(text.strip()) if text else None
    parts = [(float(number), unit) for number, unit in zip(match.groups(), _UNITS, strict=True) if number] if match else []
    parts = [each for each in parts if each[0] > 0]
    if not parts:
        return "0 days" if match and any(match.groups()) else ""
    return " and ".join(f"{number:g} {unit}{'' if number == 1 else 's'}" for number, unit in parts[:2])


def years(text: str) -> float | None:
    """An ISO 8601 duration in years ("P1Y6M": 1.5); None when it is none."""
    match = _DURATION.match(text.strip()) if text else None
    parts = match.groups() if match else ()
    return sum(float(number or 0) * part for number, part in zip(parts, _OF_A_YEAR, strict=True)) if any(parts) else None


def _listed(observed: Sequence[str], excluded: Sequence[str], sex: str) -> str:
    """Findings as labels, never bare codes."""
    intro = f"The patient is {sex}. " if sex else ""
    text = f"The patient has these findings: {'; '.join(observed)}." if observed else "No abnormal finding is recorded."
    return f"{intro}{text}" + (
        f"\nThese findings were looked for and are absent: {'; '.join(excluded)}." if excluded else ""
    )  # fmt: skip


def _vignette(observed: Sequence[str], excluded: Sequence[str], sex: str, age: str, onset: str) -> str:
    pronoun = {"male": "He", "female": "She"}.get(sex, "The patient")
    person = f"{sex} patient" if sex else "patient"
    intro = f"A {person} was seen at the age of {age}." if age else f"A {person} was seen."
    sentences = [intro]
    if onset:
        sentences.append(f"The first signs appeared {onset}.")
    said = [_lower(each) for each in observed]
    if not said:
        sentences.append("No abnormal finding is recorded.")
    for number, start in enumerate(range(0, len(said), 5)):
        opening = f"{pronoun} had" if number == 0 else "There was also" if number == 1 else "Further findings were"
        sentences.append(f"{opening} {_series(said[start : start + 5])}.")
    if excluded:
        sentences.append(f"{pronoun} did not have {_series([_lower(each) for each in excluded], 'or')}.")
    return " ".join(sentences)


def _series(parts: Sequence[str], word: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _lower(label: str) -> str:
    return label if len(label) > 1 and label[1].isupper() else label[:1].lower() + label[1:]
