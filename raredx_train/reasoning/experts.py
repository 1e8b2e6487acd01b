"""E of RERS: what other diagnosers make of a case, from the case alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from raredx_bench.domain import Case
from raredx_bench.phenotype import Ranker
from raredx_train.generate import Generator
from raredx_train.knowledge.base import Base
from raredx_train.reasoning import asking
from raredx_train.reasoning.trace import trace_of
from raredx_train.reasoning.views import annotated

SHOWN = 5  # names of one diagnoser in a prompt


class Expert(Protocol):
    """A diagnoser. name: how a prompt calls it."""

    @property
    def name(self) -> str:
        """The name in a prompt."""
        ...

    def differentials(self, cases: Sequence[Case]) -> list[tuple[str, ...]]:
        """Up to SHOWN names for each case, best first; none where it has none."""
        ...


class Baseline:
    """The phenotype baseline over the facts that are taught, so without what publications of held-out cases say."""

    name = "Phenotype baseline"

    def __init__(self, base: Base) -> None:
        self.ranker = Ranker(annotated(base.hpo, base.taught), base.ontology)

    def differentials(self, cases: Sequence[Case]) -> list[tuple[str, ...]]:
        """As Expert says."""
        return [self._names(case) for case in cases]

    def _names(self, case: Case) -> tuple[str, ...]:
        observed, excluded = case.observed, case.excluded
        if not observed:
            read = self.ranker.reader.read(case.presentation)
            observed, excluded = read.observed, read.excluded
        return tuple(each.name for each in self.ranker.rank(observed, excluded, SHOWN))


class Model:
    """Another model, asked once a case."""

    def __init__(self, name: str, generator: Generator) -> None:
        self.name, self.generator = name, generator

    def differentials(self, cases: Sequence[Case]) -> list[tuple[str, ...]]:
        """As Expert says. Raises RunIncomplete when it can't be asked now."""
        prompts = [asking.diagnose(case.presentation, SHOWN) for case in cases]
        return [trace_of(sample, SHOWN).names for (sample,) in self.generator.generate(prompts)]
