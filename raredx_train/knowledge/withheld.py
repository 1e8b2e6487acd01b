"""What the training set must not teach: publications of held-out cases, and facts kept back to measure what was learnt.

Publications: those of the Phenopacket Store's cases in `validation`, `test`, `unseen` and `seen` (publications.txt, from the
published list docs/splits/phenopacket_store.tsv), and of every benchmark at hand. What is known of a disease may be taught, its
held-out cases may not: rows of phenotype.hpoa that were made from such a case report cite it.

Facts fall by a hash into three parts: `unseen` facts are in no pair; `rephrased` ones are taught, and asked about again in words
that no pair uses; the others are only taught.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

from raredx_bench.benchmarks import BENCHMARKS, available, load_cases
from raredx_bench.domain import Case, DataMissing, UnknownName, UsageError
from raredx_bench.ontology import Ontology
from raredx_bench.splits import SEEN, held_out, parts, set_aside
from raredx_train.knowledge.facts import Fact, Kind, place

HELD_OUT_PARTS = ("validation", "test", "unseen", SEEN)
UNSEEN, REPHRASED, TAUGHT = "unseen", "rephrased", "taught"
ASKED = frozenset({  # kinds of facts that are held out: those that a wrong option can be found for
    Kind.FINDING, Kind.GENE, Kind.INHERITANCE, Kind.ONSET, Kind.SYNONYM, Kind.PARENT, Kind.PREVALENCE, Kind.TERM_DEFINITION,
    Kind.TERM_PARENT, Kind.TERM_SYNONYM, Kind.TERM_LAY,
})  # fmt: skip


@lru_cache(maxsize=1)
def listed_publications() -> frozenset[str]:
    """PubMed ids ("PMID:…") of held-out cases that come with this package."""
    text = resources.files("raredx_train.knowledge").joinpath("publications.txt").read_text(encoding="ascii")
    return frozenset(f"PMID:{line}" for line in text.split("\n") if line and not line.startswith("#"))


def cases_at_hand(root: Path) -> dict[str, tuple[Case, ...]]:
    """The cases of every benchmark whose source is in the data directory or in the package; those behind an agreement left out."""
    found = {}
    for name, benchmark in BENCHMARKS.items():
        if name == "custom" or benchmark.private:
            continue
        try:
            available(name, root, {})
        except DataMissing:
            continue
        found[name] = load_cases(name, root)
    return found


def cases_of_part(part: str, benchmarks: Iterable[str], at_hand: Mapping[str, tuple[Case, ...]]) -> list[Case]:
    """The cases of one part of the split, those set aside for `seen` left out, of benchmarks by name; not at hand: none.

    Raises UnknownName for no benchmark, UsageError for one under an agreement.
    """
    found: list[Case] = []
    for name in benchmarks:
        if name not in BENCHMARKS:
            raise UnknownName("benchmark", name, BENCHMARKS)
        if BENCHMARKS[name].private:
            raise UsageError(f"{name} is under a data use agreement that a trained model may break: leave it out of benchmarks")
        cases = at_hand.get(name, ())
        where = parts(cases)
        away = set_aside(cases, where)
        found += [case for case in cases if where[case.id] == part and case.id not in away]
    return found


def publications(cases: Iterable[tuple[Case, ...]]) -> frozenset[str]:
    """PubMed ids of the held-out cases of whole benchmarks and of the packaged list."""
    found = set(listed_publications())
    for benchmark in cases:
        where = parts(benchmark)
        away = set_aside(benchmark, where)
        found |= {case.group for case in benchmark
                  if case.group.startswith("PMID:") and (where[case.id] in HELD_OUT_PARTS or case.id in away)}  # fmt: skip
    return frozenset(found)


def unseen_diseases(ontology: Ontology) -> frozenset[str]:
    """Canonical ids of the diseases that the splits hold out as `unseen`."""
    return frozenset(known for each in held_out("unseen") if (known := ontology.canonical(each)) is not None)


def part_of(fact: Fact, share: float, seed: int) -> str | None:
    """unseen, rephrased, or None: taught and not asked about. share: of each of the two, 0 to 0.25."""
    if fact.kind not in ASKED:
        return None
    at = place(seed, "part", fact.key)
    return UNSEEN if at < share else REPHRASED if at < 2 * share else None
