"""What questions are made from: the facts that are taught, the names of things, and who is related to whom.

The relatives of a disease are its namesakes, what lies below it and the families above it: what is recorded of them may hold of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np

from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.judging import VAGUE
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology
from raredx_train.knowledge.facts import Fact, Facts, Kind
from raredx_train.knowledge.terms import Glossary, systems_of


class Base:
    """taught: facts that pairs may state; every: all facts, for checking alone; seed: of every draw.

    combinations: how many sets of findings are drawn of each disease to ask which disease has them.
    """

    def __init__(
        self, ontology: Ontology, hpo: Hpo, glossary: Glossary, taught: Facts, every: Facts, seed: int, combinations: int = 2
    ) -> None:  # fmt: skip
        self.ontology, self.hpo, self.glossary = ontology, hpo, glossary
        self.taught, self.every, self.seed, self.combinations = taught, every, seed, combinations
        self.systems = systems_of(hpo, glossary)
        self.relatives = lru_cache(maxsize=65536)(self._relatives)
        self._closure = lru_cache(maxsize=65536)(self._make_closure)

    def name(self, identifier: str) -> str:
        """The preferred name of a disease or finding; a gene symbol or a text stands for itself."""
        if identifier in self.hpo.position:
            return self.hpo.names[self.hpo.position[identifier]]
        return self._diseases.get(identifier, identifier)

    def term(self, name: str) -> str | None:
        """The HPO id of a term's own name; None for any other text."""
        return self._terms.get(name)

    @cached_property
    def _terms(self) -> dict[str, str]:
        return dict(zip(self.hpo.names, self.hpo.ids, strict=True))

    def is_disease(self, identifier: str) -> bool:
        """True for the canonical id of a disease."""
        return identifier in self._diseases

    @cached_property
    def _diseases(self) -> dict[str, str]:
        return {identifier: self.ontology.name(identifier) for identifier in self.ontology}

    @cached_property
    def above(self) -> tuple[frozenset[int], ...]:
        """Term index -> indices of the term and everything above it."""
        return tuple(frozenset(self.hpo.ancestors(index).tolist()) for index in range(len(self.hpo.ids)))

    def names(self, facts: Sequence[Fact]) -> list[str]:
        """The names of the facts' values."""
        return [self.name(fact.value) for fact in facts]

    @cached_property
    def diseases(self) -> tuple[str, ...]:
        """Canonical ids of the diseases that something is known of."""
        return tuple(each for each in self.taught.subjects if self.is_disease(each))

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """HPO ids of the findings that something is known of."""
        return tuple(each for each in self.taught.subjects if each in self.hpo.position)

    @cached_property
    def labels(self) -> frozenset[str]:
        """The names of all terms, plain."""
        return frozenset(map(plain, self.hpo.names))

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Canonical ids of everything that something lies directly below."""
        return tuple(sorted(self.every.known_values(Kind.PARENT)))

    @cached_property
    def carriers(self) -> dict[int, set[str]]:
        """Term index -> the diseases that are recorded with it or with a finding below it."""
        found: dict[int, set[str]] = {}
        for fact in self.every:
            if fact.kind is Kind.FINDING:
                for index in self.above[self.hpo.position[fact.value]]:
                    found.setdefault(index, set()).add(fact.subject)
        return found

    def carried_by(self, term: str) -> set[str]:
        """The diseases that are recorded with a finding or one below it."""
        return self.carriers.get(self.hpo.position[term], set())

    @cached_property
    def _content(self) -> np.ndarray:
        total = max(1, len(self.carriers.get(self.hpo.position[ROOT], ())))
        counts = np.array([len(self.carriers.get(index, ())) for index in range(len(self.hpo.ids))])
        return np.asarray(np.log(total / np.maximum(counts, 1)))

    def content(self, term: str) -> float:
        """How much a finding tells: the natural logarithm of one over its share of all diseases."""
        return float(self._content[self.hpo.position[term]])

    def systems_above(self, term: str) -> list[str]:
        """The organ systems a finding belongs to."""
        return [fact.value for fact in self.every.of(term, Kind.TERM_SYSTEM)]

    def is_plainly_named(self, disease: str) -> bool:
        """True when no other disease has the same preferred name or synonym, so that the name asks for this disease alone."""
        return set(self.ontology.named(self.name(disease))) <= {disease}

    def _relatives(self, disease: str) -> frozenset[str]:
        families = (each for each in self.ontology.ancestors(disease) if self.ontology.size_below(each) <= VAGUE)
        near = {disease, *self.ontology.named(self.name(disease)), *families}
        return frozenset(near.union(*(self.ontology.below(each) for each in self.ontology.named(self.name(disease)))))

    def _make_closure(self, disease: str) -> tuple[frozenset[int], frozenset[int]]:
        """Indices of the findings of a disease and its relatives, and of these with everything above them."""
        own = {self.hpo.position[value] for each in self.relatives(disease) for value in self.every.values(each, Kind.FINDING)}
        return frozenset(own), frozenset(own.union(*(self.above[index] for index in own)))

    def lacks(self, disease: str, term: str) -> bool:
        """True when neither a finding nor anything above or below it is recorded in a disease or its relatives."""
        own, above = self._closure(disease)
        index = self.hpo.position[term]
        return index not in above and own.isdisjoint(self.above[index])
