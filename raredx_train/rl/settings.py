"""What the stage of reinforcement learning can be told: frozen dataclasses that YAML fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from raredx_bench.domain import MAX_RANK, UsageError
from raredx_bench.prompts import WORDINGS
from raredx_train.curriculum import Curriculum
from raredx_train.reward.settings import Reward
from raredx_train.settings import Lora

BETA = {"dapo": 0.0, "grpo": 0.04}  # of the KL term: DAPO has none (arXiv 2503.14476), GRPO 0.04 (arXiv 2402.03300, section 4.2)


@dataclass(frozen=True)
class Collapse:
    """When a training stops itself: validation figures against those of the policy it began with; all numbers are ours.

    unlinked: by how much the share of names that mean no disease may rise. diversity: the least share of the first lists'
    diversity. shorter, longer: bounds of the mean length, as shares of the first. flat, wild: those of the entropy.
    patience: validations in a row with a sign before it stops. on: False only writes the signs down.
    """

    unlinked: float = 0.2
    diversity: float = 0.5
    shorter: float = 0.33
    longer: float = 3.0
    flat: float = 0.1
    wild: float = 3.0
    patience: int = 1
    on: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.shorter < 1 < self.longer or not 0 < self.flat < 1 < self.wild:
            raise UsageError("collapse.shorter and flat are shares below 1, longer and wild above 1, of what the first policy had")
        if self.patience < 1:
            raise UsageError(f"collapse.patience is {self.patience}: give 1 or more")


@dataclass(frozen=True)
class Rl:
    """DCRL; the defaults fit a student of a million parameters on two cores.

    rounds: of the course. generations: how often completions are sampled in a round; prompts: cases each time, over all processes;
    n: completions of each. updates: optimizer steps for each generation: with 1 the policy is the one that sampled, and no
    clipping happens; micro_batch: completions that a process holds at once while it trains, None: all it gets.
    max_completion: tokens. temperature: of sampling, in validation too. learning_rate, epsilon, epsilon_high, lora, precision: as
    TRL and peft have them; epsilon_high is DAPO's alone.
    algorithm: "dapo", or "grpo" for the ablation: loss averaged over completions, clipped alike on both sides, truncated
    completions counted, no dynamic sampling. beta: of the KL term, None: as the algorithm has it.
    spare: cases planned for a round beside its prompts, as a share, that replace groups without variance; tries: how often in a
    generation; either 0: none are replaced.
    curriculum, reward, collapse: see there. The ablations: curriculum.task=false, curriculum.case=false, both, algorithm=grpo,
    reward.gates=false.
    benchmarks, simulated, beside, cases, diseases: which patients, as the section rers has them; seed: of their draw (that of the
    training is the recipe's). common: of diseases alone of which the benchmarks have so many training cases: what is practised once
    or twice carries over to no other patient.
    validation: cases that each round ends with; samples: completions of each, beside the greedy one. best: whose highest greedy
    validation recall the model is taken at. kl: measure the divergence from the first policy (it keeps its weights in memory).
    asked: names in an answer; wording: of the benchmark's prompts, from 1. vllm: who samples: "none" is transformers in this
    process, "colocate" vLLM on the same GPU, "server" `trl vllm-serve` elsewhere. trl: arguments of trl.GRPOConfig beside those
    that the fields above set.
    """

    rounds: int = 8
    generations: int = 4
    prompts: int = 32
    n: int = 8
    updates: int = 1
    micro_batch: int | None = None
    max_completion: int = 448
    temperature: float = 1.0
    learning_rate: float = 2.0e-4
    epsilon: float = 0.2
    epsilon_high: float = 0.28
    algorithm: Literal["dapo", "grpo"] = "dapo"
    beta: float | None = None
    spare: float = 0.5
    tries: int = 2
    lora: Lora | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    curriculum: Curriculum = field(default_factory=Curriculum)
    reward: Reward = field(default_factory=Reward)
    collapse: Collapse = field(default_factory=Collapse)
    benchmarks: tuple[str, ...] = ("phenopacket_store",)
    simulated: int = 0
    beside: bool = False
    cases: int = 0
    diseases: int = 0
    common: int = 0
    seed: int = 1
    validation: int = 100
    samples: int = 2
    best: Literal["recall@1", "recall@10"] = "recall@1"
    kl: bool = True
    asked: int = MAX_RANK
    wording: int = 1
    vllm: Literal["none", "colocate", "server"] = "none"
    trl: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("rounds", "generations", "prompts", "updates", "max_completion", "validation"):
            if getattr(self, name) < 1:
                raise UsageError(f"rl.{name} is {getattr(self, name)}: give a number of 1 or more")
        for name in ("simulated", "cases", "diseases", "common", "spare", "tries"):
            if getattr(self, name) < 0:
                raise UsageError(f"rl.{name} is {getattr(self, name)}: give 0 or more")
        for name in ("n", "samples"):
            if getattr(self, name) < 2:
                raise UsageError(f"rl.{name} is {getattr(self, name)}: a group needs 2 completions or more to be compared")
        if not 1 <= self.asked <= MAX_RANK:
            raise UsageError(f"rl.asked is {self.asked}: give a number from 1 to {MAX_RANK}")
        if not 1 <= self.wording <= len(WORDINGS):
            raise UsageError(f"rl.wording is {self.wording}: the benchmark has the wordings 1 to {len(WORDINGS)}")
        if not self.benchmarks and not self.simulated:
            raise UsageError("rl has neither benchmarks nor simulated patients: name one, or say how many to simulate")

    @property
    def kl_weight(self) -> float:
        """beta, where the recipe leaves it to the algorithm."""
        return BETA[self.algorithm] if self.beta is None else self.beta

    @property
    def replaces(self) -> bool:
        """True where groups without variance are replaced."""
        return self.algorithm == "dapo" and self.spare > 0 and self.tries > 0
