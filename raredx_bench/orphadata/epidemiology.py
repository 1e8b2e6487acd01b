"""How common a disorder is, at which age it begins and how it is inherited: Orphadata's product 9.

en_product9_prev.xml: JDBOR > DisorderList > Disorder with OrphaCode, DisorderGroup (Disorder, Group of disorders, Subtype of
disorder) and PrevalenceList > Prevalence: Source, PrevalenceType (Point prevalence, Prevalence at birth, Lifetime Prevalence,
Annual incidence, Cases/families), PrevalenceQualification, PrevalenceClass (empty for cases and families), ValMoy,
PrevalenceGeographic, PrevalenceValidationStatus (Validated, Not yet validated), each but Source and ValMoy with a Name.

en_product9_ages.xml: Disorder with AverageAgeOfOnsetList > AverageAgeOfOnset > Name and TypeOfInheritanceList >
TypeOfInheritance > Name. Elements and values: https://www.orphadata.com/epidemiology/ and https://www.orphadata.com/natural-history/
(the free-access product descriptions). Files of other languages have the same elements, but translated names; they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from raredx_bench.domain import BadInput
from raredx_bench.orphadata.files import disorders, identifier, text

BANDS = (">1 / 1000", "6-9 / 10 000", "1-5 / 10 000", "1-9 / 100 000", "1-9 / 1 000 000", "<1 / 1 000 000")  # commonest first
_UNKNOWN = {"", "unknown", "not yet documented"}
_BY_DIGITS = {re.sub(r"\s", "", band): band for band in BANDS}


@dataclass(frozen=True, slots=True)
class Prevalence:
    """One estimate of how common a disorder is.

    kind, qualification and area: as the source says, "" where it doesn't. band: one of BANDS, None where the class is unknown
    or the estimate is a count. mean: per 100,000 people, of Cases/families their number; None where not given.
    of_group: it is the estimate of a whole group of disorders.
    """

    kind: str
    band: str | None
    area: str = ""
    validated: bool = False
    qualification: str = ""
    mean: float | None = None
    of_group: bool = False


@dataclass(frozen=True, slots=True)
class NaturalHistory:
    """Ages of onset and modes of inheritance of a disorder, as the source names them."""

    onsets: tuple[str, ...]
    inheritances: tuple[str, ...]


def read_prevalences(path: Path) -> dict[str, tuple[Prevalence, ...]]:
    """ORPHA id -> its estimates, in the file's order; the file is streamed.

    Raises BadInput when it is no XML, cut short, another product, not the English file, or names an unknown class.
    """
    found = {}
    for orpha, disorder in _english(path, "epidemiology file (product 9, en_product9_prev.xml)"):
        group = text(disorder, "DisorderGroup/Name").lower() == "group of disorders"
        estimates = tuple(_prevalence(path, orpha, each, group) for each in disorder.findall("PrevalenceList/Prevalence"))
        if estimates:
            found[orpha] = estimates
    if not found:
        raise BadInput(f"{path} holds no prevalence: get Orphadata's epidemiology file (en_product9_prev.xml) again")
    return found


def read_natural_histories(path: Path) -> dict[str, NaturalHistory]:
    """ORPHA id -> its ages of onset and modes of inheritance; the file is streamed.

    Raises BadInput when it is no XML, cut short, another product or not the English file.
    """
    found = {}
    for orpha, disorder in _english(path, "natural history file (product 9, en_product9_ages.xml)"):
        onsets = _names(disorder, "AverageAgeOfOnsetList/AverageAgeOfOnset")
        inheritances = _names(disorder, "TypeOfInheritanceList/TypeOfInheritance")
        if onsets or inheritances:
            found[orpha] = NaturalHistory(onsets, inheritances)
    if not found:
        raise BadInput(f"{path} holds no age of onset: get Orphadata's natural history file (en_product9_ages.xml) again")
    return found


def band_of(stated: str) -> str | None:
    """The band a class names, however its thousands are set apart; None for an unknown one. Raises ValueError for no class."""
    if stated.lower() in _UNKNOWN:
        return None
    band = _BY_DIGITS.get(re.sub(r"[\s,.]", "", stated))
    if band is None:
        raise ValueError(stated)
    return band


def _english(path: Path, what: str) -> Iterator[tuple[str, ElementTree.Element]]:
    stream = disorders(path, what)
    next(stream)
    for disorder in stream:
        name = disorder.find("Name")
        language = name.get("lang", "en") if name is not None else "en"
        if language != "en":
            raise BadInput(f"{path} is in the language {language!r}, whose terms aren't read: get the English one (en_product9_…)")
        orpha = identifier(disorder)
        if orpha is not None:
            yield orpha, disorder


def _prevalence(path: Path, orpha: str, element: ElementTree.Element, group: bool) -> Prevalence:
    stated, mean = text(element, "PrevalenceClass/Name"), text(element, "ValMoy")
    try:
        return Prevalence(
            kind=text(element, "PrevalenceType/Name"),
            band=band_of(stated),
            area=text(element, "PrevalenceGeographic/Name"),
            validated=text(element, "PrevalenceValidationStatus/Name").lower() == "validated",
            qualification=text(element, "PrevalenceQualification/Name"),
            mean=float(mean) if mean else None,
            of_group=group,
        )
    except ValueError as error:
        raise BadInput(
            f"{path}: {orpha} has the prevalence class {stated!r} and mean {mean!r}, which aren't both readable: get the file again"
        ) from error


def _names(disorder: ElementTree.Element, path: str) -> tuple[str, ...]:
    return tuple(name for element in disorder.findall(path) if (name := text(element, "Name")))
