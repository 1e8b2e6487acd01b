"""Data directory -> what everything else stands on: facts without what is withheld, and the cases that nothing may repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from raredx_bench.domain import Case, DataMissing
from raredx_bench.fingerprints import Fingerprint, fingerprints, read_fingerprints
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import Ontology, load_ontology
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.diseases import disease_facts, is_taught
from raredx_train.knowledge.facts import Fact, Facts, Kind, place
from raredx_train.knowledge.records import annotation_facts, gene_facts, term_facts
from raredx_train.knowledge.settings import Knowledge
from raredx_train.knowledge.similar import RICH
from raredx_train.knowledge.terms import load_glossary
from raredx_train.knowledge.withheld import UNSEEN, cases_at_hand, cases_of_part, part_of, publications, unseen_diseases


@dataclass(frozen=True)
class Grounds:
    """What everything else stands on: the base of facts, the publications that are withheld, and the cases of all benchmarks."""

    base: Base
    withheld: frozenset[str]
    cases: Mapping[str, tuple[Case, ...]]


def load_grounds(config: Knowledge, root: Path, gone: Counter[str]) -> Grounds:
    """The facts of all sources at hand, without what is withheld; gone counts that."""
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    glossary = load_glossary(root, hpo)
    cases = cases_at_hand(root)
    withheld = publications(cases.values())
    taught, every, out = annotation_facts(root, hpo, ontology, withheld)
    gone["annotation row that cites a held-out case's publication"] = out
    rest = [*gene_facts(hpo, ontology), *term_facts(hpo, glossary), *disease_facts(root, ontology)]
    dropped = unseen_diseases(ontology) if config.unseen_diseases == "drop" else frozenset()
    other = {identifier for identifier in ontology if not is_taught(ontology, identifier)}
    kept: list[Fact] = []
    for fact in (*taught, *rest):
        if fact.subject in dropped or fact.value in dropped:
            gone["fact of a disease of the split unseen"] += 1
        elif fact.subject in other:
            gone["fact of a trait, a wide group, or an entry that neither OMIM nor Orphanet has"] += 1
        elif part_of(fact, config.heldout_share, config.seed) == UNSEEN:
            gone["fact kept for the held-out part unseen"] += 1
        else:
            kept.append(fact)
    if config.diseases:
        fewer = fewer_diseases(kept, config.diseases, config.seed, diseases_of(config.benchmarks, cases, ontology))
        gone["fact of a disease or finding beyond the number asked for"] = len(kept) - len(fewer)
        kept = fewer
    base = Base(ontology, hpo, glossary, Facts(kept), Facts([*every, *rest]), config.seed, config.combinations)
    return Grounds(base, withheld, cases)


def diseases_of(benchmarks: Sequence[str], cases: Mapping[str, tuple[Case, ...]], ontology: Ontology) -> frozenset[str]:
    """Canonical ids of the answers to the benchmarks' training cases."""
    found = (ontology.canonical(each) for case in cases_of_part("train", benchmarks, cases) for each in case.answers)
    return frozenset(known for known in found if known is not None)


def fewer_diseases(facts: Sequence[Fact], wanted: int, seed: int, first: Collection[str] = ()) -> list[Fact]:
    """The facts of so many diseases, drawn by the seed from those with RICH findings or more, and of the findings they have.

    first: these before any other.
    """
    findings = Counter(fact.subject for fact in facts if fact.kind is Kind.FINDING)
    rich = sorted((each for each, count in findings.items() if count >= RICH),
                  key=lambda each: (each not in first, place(seed, "disease", each)))  # fmt: skip
    chosen = set(rich[:wanted])
    chosen |= {fact.value for fact in facts if fact.kind is Kind.FINDING and fact.subject in chosen}
    return [fact for fact in facts if fact.subject in chosen]


def fingerprints_at_hand(files: Sequence[str], cases: Iterable[Iterable[Case]]) -> tuple[Fingerprint, ...]:
    """Fingerprints of cases, set by set, and of files of fingerprints. Raises DataMissing for a file that isn't there."""
    found = [each for benchmark in cases for each in fingerprints(benchmark)]
    for name in files:
        if not Path(name).is_file():
            raise DataMissing(f"{name} is not there: name files that `raredx-bench audit` wrote in fingerprints")
        found += read_fingerprints(Path(name))
    return tuple(found)
