"""What a disease's patients are expected to show: by its annotations, by its own names, by what its siblings share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from raredx_bench.findings import FindingReader
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype.ratios import expected

Shares = Mapping[int, float]  # term index -> share
NAMED = 0.7  # share of patients assumed for a finding that a disease's name states
KIN = 0.6  # what the mean share among siblings is multiplied by
KIN_LEAST = 0.15  # a sibling's finding below this mean is left out
MOST_KIN = 400  # diseases below a parent that still tells something of its children
GROUP_LEAST = 0.05  # a finding of a group's diseases below this mean is left out
MOST_IN_GROUP = 60  # diseases below the widest group
# What OMIM's titles call a finding by another name than HPO.
TITLED = {
    "neurodevelopmental disorder": "HP:0012758",
    "intellectual developmental disorder": "HP:0001249",
    "epileptic encephalopathy": "HP:0200134",
    "spastic paraplegia": "HP:0001258",
    "spinocerebellar ataxia": "HP:0001251",
    "retinitis pigmentosa": "HP:0000510",
    "dysmorphic facies": "HP:0001999",
    "dysmorphic features": "HP:0001999",
    "behavioral abnormalities": "HP:0000708",
    "brain abnormalities": "HP:0012443",
    "brain anomalies": "HP:0012443",
    "speech delay": "HP:0000750",
    "poor speech": "HP:0000750",
    "poor growth": "HP:0001510",
    "growth impairment": "HP:0001510",
    "skeletal anomalies": "HP:0000924",
    "ocular anomalies": "HP:0000478",
    "immunodeficiency": "HP:0002721",
    "muscular dystrophy": "HP:0003560",
    "neuronopathy, distal hereditary motor": "HP:0007141",
    "charcot-marie-tooth": "HP:0009830",
    "deafness": "HP:0000365",
}
_PARTS = re.compile(r"[,;/]|\b(?:and|with|or)\b")


def stated_shares(hpo: Hpo, ontology: Ontology) -> dict[str, dict[int, float]]:
    """Canonical id -> {term: share}, the mean over its entries' annotations."""
    keep = np.flatnonzero(~hpo.negated)
    shares = expected(hpo.frequency[keep], hpo.patients[keep])
    owners = [ontology.canonical(each) or each for each in hpo.diseases]
    found: dict[str, dict[int, list[float]]] = {}
    for disease, term, share in zip(hpo.disease[keep].tolist(), hpo.term[keep].tolist(), shares.tolist(), strict=True):
        found.setdefault(owners[disease], {}).setdefault(term, []).append(share)
    return {each: {term: sum(rows) / len(rows) for term, rows in terms.items()} for each, terms in found.items()}


def candidates(ontology: Ontology) -> list[str]:
    """Diseases with an OMIM or ORPHA id and none below them."""
    return [
        each for each in ontology
        if not ontology.size_below(each) and any(x.startswith(("OMIM:", "ORPHA:")) for x in (each, *ontology[each].xrefs))
    ]  # fmt: skip


def groups(ontology: Ontology, stated: Mapping[str, Shares]) -> list[str]:
    """Orphanet's entries that HPO doesn't annotate itself while it annotates diseases below them, at most MOST_IN_GROUP."""
    return [
        each for each in ontology
        if each not in stated and 0 < ontology.size_below(each) <= MOST_IN_GROUP
        and any(x.startswith("ORPHA:") for x in (each, *ontology[each].xrefs))
        and not stated.keys().isdisjoint(ontology.below(each))
    ]  # fmt: skip


def group_shares(ontology: Ontology, stated: Mapping[str, Shares], wanted: Iterable[str]) -> dict[str, dict[int, float]]:
    """The mean shares of the annotated diseases below each group."""
    return {
        each: _mean([stated[one] for one in sorted(ontology.below(each)) if one in stated], GROUP_LEAST) for each in wanted
    }  # fmt: skip


def named_shares(hpo: Hpo, ontology: Ontology, wanted: Iterable[str]) -> dict[str, dict[int, float]]:
    """Findings that a disease's names state; those of a disease that is named like a finding included."""
    reader = FindingReader(hpo)
    found: dict[str, dict[int, float]] = {}
    for identifier in dict.fromkeys(wanted):
        if identifier in ontology:
            disease = ontology[identifier]
            texts = dict.fromkeys((disease.name, *disease.titles, *(each.name for each in disease.synonyms)))
            pieces = dict.fromkeys((*texts, *(piece for text in (disease.name, *disease.titles) for piece in _PARTS.split(text))))
            terms = {term for text in pieces for term in hpo.indices(reader.read(text).observed)}
            low = disease.name.lower()
            terms.update(hpo.indices(term for words, term in TITLED.items() if words in low))
            if terms:
                found[identifier] = dict.fromkeys(sorted(terms), NAMED)
    return found


def kin_shares(ontology: Ontology, stated: Mapping[str, Shares], wanted: Iterable[str]) -> dict[str, dict[int, float]]:
    """For diseases without annotations: what the annotated diseases below their nearest informative parent share."""
    means: dict[str, dict[int, float]] = {}
    found = {}
    for disease in wanted:
        parents = [each for each in ontology[disease].parents if each in ontology and ontology.size_below(each) <= MOST_KIN]
        for parent in sorted(parents, key=lambda each: (ontology.size_below(each), each))[:1]:
            if parent not in means:
                kin = [stated[each] for each in sorted(ontology.below(parent)) if each in stated]
                means[parent] = _mean(kin, KIN_LEAST, KIN) if len(kin) > 1 else {}
            if means[parent]:
                found[disease] = means[parent]
    return found


def _mean(profiles: list[Shares], least: float, factor: float = 1.0) -> dict[int, float]:
    total: dict[int, float] = {}
    for profile in profiles:
        for term, share in profile.items():
            total[term] = total.get(term, 0.0) + share / len(profiles)
    return {term: factor * share for term, share in sorted(total.items()) if share >= least}
