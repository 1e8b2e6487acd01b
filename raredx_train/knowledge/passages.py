"""Texts that a generator writes pairs from: abstracts that are about one disease, and definitions of diseases and findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from raredx_bench.mentions import FINDING, PARENT, MentionFinder
from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.diseases import is_rare
from raredx_train.knowledge.facts import Kind, place
from raredx_train.knowledge.pubmed import Abstract

LONGEST_NAME = 10  # words
SHORTEST_NAME = 6  # letters: shorter names are abbreviations that may mean something else
SHORTEST = 12  # words of a text worth asking about


@dataclass(frozen=True, slots=True)
class Passage:
    """A text about one subject (a disease, or a finding by its HPO id). source, record: where it is from."""

    subject: str
    text: str
    source: str
    record: str


def from_abstracts(
    abstracts: Iterable[Abstract], finder: MentionFinder, withheld: Collection[str], gone: Counter[str]
) -> Iterator[Passage]:
    """Abstracts whose title, or whose text twice, names one rare disease; those of withheld publications are left out, counted."""
    for abstract in abstracts:
        if f"PMID:{abstract.pmid}" in withheld:
            gone["abstract of a held-out case's publication"] += 1
            continue
        disease = about(abstract, finder)
        if disease is None:
            gone["abstract about no one rare disease"] += 1
        else:
            yield Passage(disease, f"{abstract.title} {abstract.text}".strip(), "PubMed", f"PMID:{abstract.pmid}")


def about(abstract: Abstract, finder: MentionFinder) -> str | None:
    """The rare disease that an abstract is about; None where it names none, or several equally."""
    counts: Counter[str] = Counter()
    for text, weight in ((abstract.title, 2), (abstract.text, 1)):
        named = candidates(text, finder)
        for disease in named:
            strong = [each for each in finder.find(text, [disease]) if each.kind not in (FINDING, PARENT)]
            counts[disease] += weight * len(strong)
    best = counts.most_common(2)
    if not best or best[0][1] < 2 or (len(best) > 1 and best[0][1] == best[1][1]):
        return None
    return best[0][0]


def candidates(text: str, finder: MentionFinder) -> list[str]:
    """Rare diseases that a text may name: every run of its words that is the name of exactly one."""
    words = plain(text).split()
    found: dict[str, None] = {}
    for start in range(len(words)):
        for length in range(min(LONGEST_NAME, len(words) - start), 0, -1):
            name = " ".join(words[start : start + length])
            if len(name) < SHORTEST_NAME:
                continue
            named = finder.ontology.named(name)
            if len(named) == 1 and is_rare(finder.ontology, named[0]):
                found[named[0]] = None
                break
    return list(found)


def from_definitions(base: Base) -> list[Passage]:
    """Definitions that are taught, in a shuffled order: diseases first."""
    found = [Passage(fact.subject, fact.value, fact.source, fact.record) for fact in base.taught
             if fact.kind in (Kind.DEFINITION, Kind.TERM_DEFINITION) and len(fact.value.split()) >= SHORTEST]  # fmt: skip
    return sorted(found, key=lambda each: (not base.is_disease(each.subject), place(base.seed, "passage", each.record)))
