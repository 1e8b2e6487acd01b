"""E of RERS: what other diagnosers make of a case, from the case alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from raredx_bench.domain import Case
from raredx_train.generate import Generator
from raredx_train.reasoning import asking
from raredx_train.reasoning.retrieval import Retriever
from raredx_train.reasoning.trace import trace_of

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
    """The phenotype baseline over what is taught, as K sees it: without what the case's own publication alone says of a disease."""

    name = "Phenotype baseline"

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever

    def differentials(self, cases: Sequence[Case]) -> list[tuple[str, ...]]:
        """As Expert says."""
        return [self._names(case) for case in cases]

    def _names(self, case: Case) -> tuple[str, ...]:
        scores = self.retriever.rankings(case).get("profile")
        if scores is None:
            return ()
        best = np.argsort(-scores, kind="stable")[:SHOWN]  # ties in the order of the ids
        return tuple(self.retriever.base.name(self.retriever.diseases[row]) for row in best)


class Model:
    """Another model, asked once a case."""

    def __init__(self, name: str, generator: Generator) -> None:
        self.name, self.generator = name, generator

    def differentials(self, cases: Sequence[Case]) -> list[tuple[str, ...]]:
        """As Expert says. Raises RunIncomplete when it can't be asked now."""
        prompts = [asking.diagnose(case.presentation, SHOWN) for case in cases]
        return [trace_of(sample, SHOWN).names for (sample,) in self.generator.generate(prompts)]
