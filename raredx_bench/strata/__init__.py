"""Cases -> the same cases with their strata: what kind of patient and disease each is, so that results can be told apart.

prevalence         Orphanet's class of the gold disease, as far as a source of prevalences is there at all
inheritance        its mode of inheritance; several modes: "several"
age of onset       the earliest one stated
body system        where the disease lies (systems.py has the rule)
findings           number of observed findings, for cases that have them
words              length of the presentation, for cases shown as text
published          year of publication in bands, for cases whose stratum "year" says it; "year" itself stays as it is

A gold of several ids is one disease: what is known of any of them is united. Where nothing is known the level is "not known". A
stratum that a case already has is kept: its benchmark knows better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from raredx_bench.domain import Case
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.strata.levels import NOT_KNOWN, SEVERAL, commonest, earliest, mode
from raredx_bench.strata.systems import main_system
from raredx_bench.strata.tables import Tables, load_tables

__all__ = ["NOT_KNOWN", "SEVERAL", "findings_band", "stratified", "words_band", "years_band"]

_YEARS = ((2000, "before 2000"), (2010, "2000-2009"), (2015, "2010-2014"), (2020, "2015-2019"), (2023, "2020-2022"))


def stratified(cases: Sequence[Case], ontology: Ontology, hpo: Hpo, root: Path, text: bool = False) -> tuple[Case, ...]:
    """The same cases, in order, with every stratum that can be filled.

    text: the cases are shown as free text, so that the length of the presentation is a stratum.
    Raises BadInput for a source in the data directory that can't be read.
    """
    tables = load_tables(ontology, hpo, root)
    return tuple(replace(case, strata={**_strata(case, ontology, tables, text), **case.strata}) for case in cases)


def findings_band(count: int) -> str:
    """The level of a number of observed findings."""
    return "1-4" if count < 5 else "5-9" if count < 10 else "10 or more"


def words_band(presentation: str) -> str:
    """The level of a presentation's length in words."""
    words = len(presentation.split())
    return "under 150" if words < 150 else "150-299" if words < 300 else "300 or more"


def years_band(year: int) -> str:
    """The level of a year of publication."""
    return next((band for end, band in _YEARS if year < end), f"{_YEARS[-1][0]} or later")


def _strata(case: Case, ontology: Ontology, tables: Tables, text: bool) -> dict[str, str]:
    gold = {canonical for answer in case.answers if (canonical := ontology.canonical(answer)) is not None}
    found = {
        "inheritance": mode(level for each in gold for level in tables.inheritance.get(each, ())),
        "age of onset": earliest(level for each in gold for level in tables.onset.get(each, ())),
        "body system": _system(gold, tables),
    }
    if tables.has_prevalences:
        found["prevalence"] = commonest(tables.prevalence[each] for each in gold if each in tables.prevalence)
    if case.observed:
        found["findings"] = findings_band(len(case.observed))
    if text:
        found["words"] = words_band(case.presentation)
    if case.strata.get("year", "").isdigit():
        found["published"] = years_band(int(case.strata["year"]))
    return found


def _system(gold: set[str], tables: Tables) -> str:
    counts: Counter[str] = Counter()
    for each in gold:
        counts.update(tables.annotated.get(each, {}))
    return main_system({system for each in gold for system in tables.classified.get(each, ())}, counts)
