"""What the stage evaluation can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from raredx_bench.domain import UnknownName, UsageError

WAYS = ("crr", "k", "e", "rrf", "majority")  # of the model type refined


@dataclass(frozen=True)
class Evaluation:
    """The benchmark at the end of a run.

    tasks: of raredx_bench; those whose data isn't at hand are left out, and said; options: theirs (--metadata). limit: first cases
    of each, 0: all. batch_size: of generation by transformers, which answers on one GPU; vllm: arguments of lm-eval's model type
    `vllm`, which answers instead ({tensor_parallel_size: 4}; null: it doesn't); max_new: tokens of an answer at most; context:
    tokens of prompt and answer. device: as lm-eval has it, empty: its choice. dtype: of the weights.
    refined: ways of refinement with the last model as lead ("crr", and its controls k, e, rrf, majority; none: it is left out);
    experts, records, shown: as the model type `refined` has them. general: a task of lm-eval that every model answers, against
    forgetting (medmcqa, pubmedqa …, whose data lm-eval downloads, or the YAML file of one on data at hand); empty: none.
    """

    tasks: tuple[str, ...] = ("phenopacket_store@seen", "phenopacket_store@unseen@small:300", "raredx_vignettes")
    options: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 0
    batch_size: int = 64
    max_new: int = 512
    context: int = 4096
    device: str = ""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    vllm: Mapping[str, Any] | None = None
    refined: tuple[str, ...] = WAYS
    experts: str = "baseline+phenotype"
    records: int = 3
    shown: int = 5
    general: str = ""

    def __post_init__(self) -> None:
        if not self.tasks:
            raise UsageError("evaluation.tasks is empty: name one at least, raredx_vignettes comes with the package")
        for name in ("batch_size", "max_new", "records", "shown"):
            if getattr(self, name) < 1:
                raise UsageError(f"evaluation.{name} is {getattr(self, name)}: give a number of 1 or more")
        if self.limit < 0:
            raise UsageError(f"evaluation.limit is {self.limit}: give 0 or more")
        if self.max_new >= self.context:
            raise UsageError(f"evaluation.max_new is {self.max_new}, which leaves no room for a prompt in {self.context} tokens")
        for way in self.refined:
            if way not in WAYS:
                raise UnknownName("way of refinement", way, WAYS)
