"""What is known of each disease: prevalence, inheritance, age of onset and body system, compiled once from all sources.

Sources: HPO's annotations, always; Orphadata's product 9 and product 3 where they are in the data directory (else in what was
pulled); ORDO's own relations where there is no product 9. HPO's and Orphanet's statements of a disease are united.

Prevalence of one disease: estimates with a class; validated ones first; then point prevalence, prevalence at birth, lifetime
prevalence; then worldwide, Europe, elsewhere. Of equals the class that most of them state, then the rarer one. Annual incidences
and counts of cases or families aren't used: they measure something else. A disease without an estimate has that of its parents
where they are single disorders: Orphanet counts a disorder, OMIM numbers its forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from raredx_bench import sources
from raredx_bench.compiled import compiled, digest_of, file_digest
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.orphadata import (
    BANDS,
    NaturalHistory,
    Prevalence,
    read_classifications,
    read_natural_histories,
    read_ordo_epidemiology,
    read_prevalences,
)
from raredx_bench.strata.levels import inheritance_levels, onset_levels, prevalence_level
from raredx_bench.strata.systems import HPO_CLASSES, classified_system

FORMAT = "strata-1"
_KINDS = ("point prevalence", "prevalence at birth", "birth prevalence", "lifetime prevalence")
_AREAS = ("worldwide", "europe")
Prevalences = Mapping[str, tuple[Prevalence, ...]]
T = TypeVar("T")


@dataclass(frozen=True)
class Tables:
    """By canonical id, for the diseases of which something is known. has_prevalences: some source states prevalences.

    prevalence: one level; inheritance and onset: all levels stated; classified: the systems of Orphanet's classifications;
    annotated: distinct HPO annotations by system.
    """

    has_prevalences: bool
    prevalence: Mapping[str, str]
    inheritance: Mapping[str, list[str]]
    onset: Mapping[str, list[str]]
    classified: Mapping[str, list[str]]
    annotated: Mapping[str, dict[str, int]]


def load_tables(ontology: Ontology, hpo: Hpo, root: Path) -> Tables:
    """The tables of a terminology and data directory. Raises BadInput for a source that can't be read."""
    prevalences, ages = _english("product9_prev", root), _english("product9_ages", root)
    ordo = [] if prevalences and ages else _found("ordo", root)[:1]
    classifications = _found("product3", root)
    files = {"prevalences": prevalences, "ages": ages, "ordo": ordo, "classifications": classifications}
    digests = [f"{kind}:{file_digest(path)}" for kind, paths in files.items() for path in paths]
    key = digest_of([FORMAT, ontology.digest, hpo.digest, *digests])
    document, _ = compiled("strata", key, lambda: (_document(files, ontology, hpo), {}))
    return Tables(**document)


def best_band(estimates: Iterable[Prevalence]) -> str | None:
    """The class of a disorder by the rule above; None where no estimate has one."""
    usable = [each for each in estimates if each.band is not None and each.kind.lower() in _KINDS]
    if not usable:
        return None
    first = min(map(_rank, usable))
    votes = Counter(each.band for each in usable if _rank(each) == first and each.band is not None)
    return max(votes, key=lambda band: (votes[band], BANDS.index(band)))


def _rank(estimate: Prevalence) -> tuple[bool, int, int]:
    area = estimate.area.lower()
    return not estimate.validated, _KINDS.index(estimate.kind.lower()), _AREAS.index(area) if area in _AREAS else len(_AREAS)


def _found(name: str, root: Path) -> list[Path]:
    return next(filter(None, (sources.find_all(name, each) for each in sources.looked_through(root))), [])


def _english(name: str, root: Path) -> list[Path]:
    """The English file of a product, as a list of none or one; else the first, whose reader then says what is wrong with it."""
    paths = _found(name, root)
    return ([path for path in paths if path.name.startswith("en_")] or paths)[:1]


def _document(files: Mapping[str, list[Path]], ontology: Ontology, hpo: Hpo) -> dict[str, Any]:
    prevalences: Prevalences = {}
    histories: Mapping[str, NaturalHistory] = {}
    if files["ordo"]:
        prevalences, histories = read_ordo_epidemiology(files["ordo"][0])
    if files["prevalences"]:
        prevalences = read_prevalences(files["prevalences"][0])
    if files["ages"]:
        histories = read_natural_histories(files["ages"][0])
    by_disease = _by_disease(histories.items(), ontology)
    onset, inheritance = {}, {}
    for identifier, disease in ontology.items():
        stated = by_disease.get(identifier, [])
        onset[identifier] = onset_levels(disease.traits, (name for each in stated for name in each.onsets), hpo)
        inheritance[identifier] = inheritance_levels(disease.traits, (name for each in stated for name in each.inheritances), hpo)
    return {
        "has_prevalences": bool(prevalences),
        "prevalence": _prevalences(prevalences, ontology),
        "inheritance": {identifier: sorted(levels) for identifier, levels in inheritance.items() if levels},
        "onset": {identifier: sorted(levels) for identifier, levels in onset.items() if levels},
        "classified": _classified(files["classifications"], ontology),
        "annotated": _annotated(ontology, hpo),
    }


def _by_disease(pairs: Iterable[tuple[str, T]], ontology: Ontology) -> dict[str, list[T]]:
    """What is stated of an id, by canonical id; ids that the terminology doesn't know are left out."""
    found: dict[str, list[T]] = {}
    for identifier, stated in pairs:
        canonical = ontology.canonical(identifier)
        if canonical is not None:
            found.setdefault(canonical, []).append(stated)
    return found


def _prevalences(stated: Prevalences, ontology: Ontology) -> dict[str, str]:
    estimates = {
        identifier: [each for part in parts for each in part] for identifier, parts in _by_disease(stated.items(), ontology).items()
    }
    own = {identifier: band for identifier, each in estimates.items() if (band := best_band(each)) is not None}
    single = {identifier: band for identifier, band in own.items() if not any(each.of_group for each in estimates[identifier])}
    for identifier, disease in ontology.items():
        if identifier not in own:
            bands = [single[parent] for parent in disease.parents if parent in single]
            if bands:
                own[identifier] = max(bands, key=BANDS.index)  # a form is no commoner than the rarest disorder above it
    return {identifier: prevalence_level(band) for identifier, band in own.items()}


def _classified(paths: Iterable[Path], ontology: Ontology) -> dict[str, list[str]]:
    """Systems by disease; a disease that stands in no classification has those of the nearest diseases above it that do."""
    own: dict[str, set[str]] = {}
    for path in paths:
        for classification in read_classifications(path):
            system = classified_system(classification.name)
            for orpha in classification.members if system else ():
                canonical = ontology.canonical(orpha)
                if canonical is not None and system is not None:
                    own.setdefault(canonical, set()).add(system)
    found = {identifier: sorted(_nearest(identifier, own, ontology)) for identifier in ontology} if own else {}
    return {identifier: systems for identifier, systems in found.items() if systems}


def _nearest(identifier: str, own: Mapping[str, set[str]], ontology: Ontology) -> set[str]:
    level = {identifier}
    while level:
        systems = set().union(*(own[each] for each in level if each in own))
        if systems:
            return systems
        level = {parent for each in level for parent in ontology[each].parents}
    return set()


def _annotated(ontology: Ontology, hpo: Hpo) -> dict[str, dict[str, int]]:
    canonical = [ontology.canonical(identifier) for identifier in hpo.diseases]
    systems = {term: tuple(_systems_above(term, hpo)) for term in map(int, np.unique(hpo.term))}
    terms: dict[str, set[int]] = {}
    for disease, term in zip(hpo.disease[~hpo.negated].tolist(), hpo.term[~hpo.negated].tolist(), strict=True):
        identifier = canonical[disease]
        if identifier is not None:
            terms.setdefault(identifier, set()).add(term)
    counts = {identifier: Counter(system for term in each for system in systems[term]) for identifier, each in terms.items()}
    return {identifier: dict(sorted(each.items())) for identifier, each in sorted(counts.items()) if each}


def _systems_above(term: int, hpo: Hpo) -> Iterator[str]:
    above = {hpo.ids[index] for index in hpo.ancestors(term)}
    yield from {system for identifier, system in HPO_CLASSES.items() if identifier in above}
