"""What answers to the audit's cases are made of: the terminology, the built-in diagnoser's lists, the commonest diseases."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from raredx_bench.domain import Case, Relation
from raredx_bench.judging import Judge
from raredx_bench.phenotype import Ranker
from raredx_train.audit.names import invented_names

RANKED = 30  # names that the diagnoser's list is cut from


@dataclass
class World:
    """cases: those that are answered; known: those that "commonest" is counted over."""

    judge: Judge
    ranker: Ranker
    cases: Sequence[Case]
    seed: int
    k: int
    _ranked: dict[str, list[str]] = field(default_factory=dict)

    def rng(self, case: Case) -> Random:
        """Chance of one case's own."""
        return Random(f"{self.seed} {case.id}")

    def gold(self, case: Case) -> tuple[str, ...]:
        """Canonical ids of a case's diagnosis."""
        return self.judge.gold(case.answers)

    def name(self, identifier: str) -> str:
        """A disease's own name."""
        return self.judge.ontology.name(identifier)

    def relation(self, case: Case, name: str) -> Relation:
        """What the judge says of a name."""
        return self.judge.match(name, case.answers)[0].relation

    def ranked(self, case: Case) -> list[str]:
        """Names in the order of the built-in diagnoser, RANKED at most."""
        if case.id not in self._ranked:
            coded = case.observed or case.excluded
            found = (self.ranker.rank(case.observed, case.excluded, RANKED) if coded
                     else self.ranker.diagnose(case.presentation, RANKED))  # fmt: skip
            self._ranked[case.id] = [each.name for each in found]
        return self._ranked[case.id]

    def wrong(self, case: Case) -> list[str]:
        """The diagnoser's names without those that are related to the diagnosis."""
        return [name for name in self.ranked(case) if self.relation(case, name) is Relation.DIFFERENT]

    def findings(self, case: Case) -> list[str]:
        """The labels of a case's findings; of a text without codes, its sentences."""
        labels = [name for each in case.observed if (name := self.ranker.hpo.name(each))]
        return labels or [part.strip() for part in case.presentation.replace("\n", " ").split(". ") if part.strip()]

    def above(self, case: Case) -> list[str]:
        """Names of the families above a diagnosis that are broader ones, the narrowest first."""
        ontology = self.judge.ontology
        found = sorted({each for gold in self.gold(case) for each in ontology.ancestors(gold)}, key=lambda each: (
            ontology.size_below(each), each))  # fmt: skip
        return [self.name(each) for each in found if self.relation(case, self.name(each)) is Relation.BROADER]

    def beside(self, case: Case) -> list[str]:
        """Names of diseases that share a parent with a diagnosis and are not judged the same, RANKED at most, in random order."""
        ontology = self.judge.ontology
        gold = set(self.gold(case))
        near = {child for each in gold for parent in ontology[each].parents if ontology.size_below(parent) < len(ontology) / 50
                for child in ontology.below(parent) if parent in ontology[child].parents} - gold  # fmt: skip
        names = sorted(self.name(each) for each in near)
        drawn = self.rng(case).sample(names, min(RANKED, len(names)))
        return [name for name in drawn if self.relation(case, name) is not Relation.EXACT]

    def below(self, case: Case) -> list[str]:
        """Names of forms of the diagnosis."""
        ontology = self.judge.ontology
        names = sorted(self.name(each) for gold in self.gold(case) for each in ontology.below(gold))
        return [name for name in names if self.relation(case, name) is Relation.NARROWER]

    def drawn(self, case: Case, size: int) -> list[str]:
        """Names of so many diseases drawn at random."""
        return [self.name(each) for each in self.rng(case).sample(self.everything, size)]

    def synonyms(self, case: Case, size: int) -> list[str]:
        """Names of one wrong disease, at most so many: of the drawn one that has most."""
        drawn = [each for each in self.rng(case).sample(self.everything, 200) if each not in self.gold(case)]
        one = self.judge.ontology[max(drawn, key=lambda each: (len(self.judge.ontology[each].synonyms), each))]
        return list(dict.fromkeys([one.name, *(each.name for each in one.synonyms)]))[:size]

    def imagined(self, case: Case, size: int) -> list[str]:
        """Names that no disease has, other ones for each case."""
        at = self._place[case.id] * size
        return self._imagined[at : at + size]

    @cached_property
    def everything(self) -> list[str]:
        """The ids of all diseases."""
        return sorted(self.judge.ontology)

    @cached_property
    def commonest(self) -> list[str]:
        """The names of the 50 commonest diagnoses of the cases; where there are fewer, filled up with others."""
        counted = Counter(each for case in self.cases for each in self.gold(case))
        names = [self.name(each) for each, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]
        return list(dict.fromkeys([*names, *map(self.name, self.everything[:50])]))[:50]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {case.id: at for at, case in enumerate(self.cases)}

    @cached_property
    def _imagined(self) -> list[str]:
        return invented_names(len(self.cases) * self.k, self.seed)


def tokens(text: str) -> int:
    """About how many tokens a text has: four characters each."""
    return math.ceil(len(text) / 4)
