"""What the reward can be told: a frozen dataclass that the recipe's section of the RL stage fills."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Literal

from raredx_bench.domain import MAX_RANK, UsageError


@dataclass(frozen=True)
class Weights:
    """What each part is multiplied by before they are added up; 0 leaves a part out. Only accuracy and overlap give more than 0."""

    accuracy: float = 1.0
    guards: float = 0.5
    format: float = 0.2
    language: float = 0.2
    repetition: float = 0.2
    overlength: float = 0.2
    overlap: float = 0.0


@dataclass(frozen=True)
class Reward:
    """Settings of the reward. Shares and credits are from 0 to 1.

    k: names that are judged; a name beyond them earns nothing and costs `cost`. narrower, broader: credit of a related disease at
    rank 1, where an exact one has 1; a broader one of n diseases has broader / log2(n + 1); at rank r each is divided by
    log2(r + 1). overlap: most that shared findings earn at rank 1.
    gates: names that don't link, repeats, copies of the prompt and lists that ignore the case cost, and the last two earn nothing.
    cost: of a name that doesn't link, is too many or repeats another, in the part guards, which goes down to -1.
    copied: share of an answer's words that stand in the case as runs of five; from here on it is a copy.
    alike, same, others: a list ignores its case when it shares `alike` of its names with a list of `same` of the other diagnoses in
    the batch, of which there are at least `others`.
    thought: "required" before the list, "optional", or "opened": the prompt's template begins it. language: "en", or "" for any.
    ngram, repeats: words of a run, and the share of repeated runs that is free.
    length: tokens of a completion at most, None: no part overlength. soft: share of `length`, its end, over which the penalty
    grows.
    """

    weights: Weights = field(default_factory=Weights)
    k: int = MAX_RANK
    narrower: float = 0.15
    broader: float = 0.2
    overlap: float = 0.05
    gates: bool = True
    cost: float = 0.1
    copied: float = 0.5
    alike: float = 0.8
    same: float = 0.2
    others: int = 4
    thought: Literal["required", "optional", "opened"] = "required"
    language: Literal["en", ""] = "en"
    ngram: int = 6
    repeats: float = 0.2
    length: int | None = None
    soft: float = 0.2

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MAX_RANK:
            raise UsageError(f"reward.k is {self.k}: give a number from 1 to {MAX_RANK}")
        for name in ("narrower", "broader", "overlap", "cost", "copied", "alike", "same", "repeats", "soft"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"reward.{name} is {getattr(self, name)}: give a share from 0 to 1")
        for weight in fields(self.weights):
            if not 0 <= getattr(self.weights, weight.name) < math.inf:
                raise UsageError(f"reward.weights.{weight.name} is {getattr(self.weights, weight.name)}: give 0 or more")
        if not self.alike:
            raise UsageError("reward.alike is 0: any two lists would be alike, give a share above 0")
        if self.ngram < 2 or self.others < 1 or (self.length is not None and self.length < 1):
            raise UsageError("reward.ngram must be 2 or more, reward.others and reward.length 1 or more")
        self._check_caps()

    def _check_caps(self) -> None:
        """An exact name at the last rank must earn more than all that names which are not exact can earn."""
        least = self.weights.accuracy / math.log2(self.k + 1)
        most = self.weights.accuracy * max(self.narrower, self.broader) + self.weights.overlap * self.overlap
        if self.weights.accuracy and most >= least:
            raise UsageError(f"reward: related names earn up to {most:.3f}, an exact one at rank {self.k} only {least:.3f}: lower "
                             "narrower, broader, overlap or k")  # fmt: skip
