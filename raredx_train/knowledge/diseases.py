"""The terminology's and Orphanet's records -> facts: names, ids, families, how common a disease is, and definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from raredx_bench import sources
from raredx_bench.definitions import definitions
from raredx_bench.domain import Scope
from raredx_bench.judging import VAGUE
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology
from raredx_bench.orphadata import read_ordo_epidemiology, read_prevalences
from raredx_bench.strata.levels import prevalence_level
from raredx_bench.strata.tables import best_band
from raredx_train.knowledge.facts import Fact, Kind

RARE = ("OMIM", "OMIMPS", "ORPHA")  # a disease with an id in none of them isn't taught
_MARKUP = frozenset("<>")
_ASIDE = re.compile(r"\s*\(see (?:this|these) terms?\)", re.IGNORECASE)
_CUT = re.compile(r"(?:And|Or|That|Which|It)\b")  # how a definition without its beginning starts
SHORTEST = 4  # characters of a synonym: shorter ones are abbreviations that many diseases share

_TRAIT = re.compile(r"\b(?:quantitative trait locus|blood group|polymorphism of|aptitude for|level in plasma)\b", re.IGNORECASE)


def is_trait(name: str) -> bool:
    """True for a name of OMIM's entries that are no disease: quantitative traits, blood groups and their like."""
    return _TRAIT.search(name) is not None


def is_rare(ontology: Ontology, identifier: str) -> bool:
    """True for a disease that OMIM or Orphanet has an entry of."""
    return any(each.partition(":")[0] in RARE for each in (identifier, *ontology[identifier].xrefs))


def is_taught(ontology: Ontology, identifier: str) -> bool:
    """True for a disease or narrow family that OMIM or Orphanet has; False for traits, and with more than VAGUE diseases below.

    False too where HPO glues OMIM's included titles to the name ("Branchial cleft anomaliesbranchial cysts, included").
    """
    narrow, name = ontology.size_below(identifier) <= VAGUE, ontology.name(identifier)
    return narrow and is_rare(ontology, identifier) and not is_trait(name) and not name.lower().endswith(", included")


def disease_facts(root: Path, ontology: Ontology) -> Iterator[Fact]:
    """Facts of every rare disease from the terminology in force and, where they are at hand, Orphanet's prevalences."""
    for identifier in ontology:
        if is_rare(ontology, identifier):
            yield from _named(ontology, identifier)
    yield from prevalence_facts(root, ontology)
    yield from definition_facts(root, ontology)


def prevalence_facts(root: Path, ontology: Ontology) -> Iterator[Fact]:
    """The prevalence class of each disease with an estimate of its own, chosen as raredx_bench.strata does; none is inherited."""
    path, ordo = _found("product9_prev", root), _found("ordo", root)
    estimates = read_prevalences(path) if path else read_ordo_epidemiology(ordo)[0] if ordo else {}
    for orpha, found in sorted(estimates.items()):
        disease, band = ontology.canonical(orpha), best_band(found)
        if disease is not None and band is not None:
            yield Fact(disease, Kind.PREVALENCE, prevalence_level(band), (path or ordo or root).name, orpha)


def _named(ontology: Ontology, identifier: str) -> Iterator[Fact]:
    disease = ontology[identifier]
    source = ontology.release
    names = dict.fromkeys((*(each.name for each in disease.synonyms if each.scope is Scope.EXACT), *disease.titles))
    seen = {plain(disease.name)}
    for name in names:
        if len(name) >= SHORTEST and plain(name) not in seen and name.isascii() and not _MARKUP & set(name):
            seen.add(plain(name))
            yield Fact(identifier, Kind.SYNONYM, name, source, identifier)
    for other in sorted({identifier, *disease.xrefs}):
        if other.partition(":")[0] in (*RARE, "MONDO") and ontology.canonical(other) == identifier:
            yield Fact(identifier, Kind.IDENTIFIER, other, source, identifier)
    for parent in disease.parents:
        if 0 < ontology.size_below(parent) <= VAGUE:
            yield Fact(identifier, Kind.PARENT, parent, source, identifier)


def definition_facts(root: Path, ontology: Ontology) -> Iterator[Fact]:
    """Definitions of diseases that Mondo's or Orphanet's file holds; nothing where neither is at hand."""
    for disease, said, source, entry in definitions(root, ontology):
        text = _ASIDE.sub("", said)
        if is_rare(ontology, disease) and not _CUT.match(text):
            yield Fact(disease, Kind.DEFINITION, text, source, entry)


def _found(name: str, root: Path) -> Path | None:
    """The English file of a source in the data directory, else in what was pulled; None where there is none."""
    return next((path for folder in (root, sources.data_dir_default()) if (path := sources.find(name, folder))), None)
