"""What a recipe says, as frozen dataclasses: the run, the student, the generator and each training stage. config.py fills them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FROM_SCRATCH = "from_scratch"


@dataclass(frozen=True)
class Shape:
    """The sizes of a Qwen3-architecture model. vocabulary: tokens; width: of the residual stream; head: width of one head."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    key_value_heads: int
    head: int
    mlp: int
    context: int
    tied: bool = True


@dataclass(frozen=True)
class Student:
    """The model that is trained.

    model: "from_scratch", a hub id or a folder. shape: what from_scratch builds; of a named model, what `plan` reckons with before
    anything is downloaded. revision: a commit of the hub's repository, None: its newest.
    """

    model: str = FROM_SCRATCH
    shape: Shape | None = None
    revision: str | None = None


@dataclass(frozen=True)
class Teacher:
    """Who writes what is generated, and how it is asked.

    backend: "endpoint" (OpenAI-compatible), "vllm" or "transformers" (both in this process), or "ontology" (no language model: the
    programmatic diagnoser of reasoning/teacher). more_urls: further servers of the same model; the one with the fewest requests is
    asked, and another one where that fails. temperature, top_p, seed, max_tokens None: not sent. workers: requests in flight, over
    all servers. timeout: seconds. options: further arguments of the backend (of vllm.LLM, of from_pretrained, or of the request's
    body).
    """

    backend: Literal["endpoint", "vllm", "transformers", "ontology"]
    model: str
    base_url: str | None = None
    more_urls: tuple[str, ...] = ()
    temperature: float | None = 1.0
    top_p: float | None = None
    max_tokens: int | None = 1024
    seed: int | None = 0
    workers: int = 32
    retries: int = 5
    timeout: float = 600.0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What holds for all stages.

    needs: "cuda" refuses to begin without a GPU. threads: of the CPU, None: as PyTorch chooses. memory: GiB of the GPU that the
    preset is planned for, None: planned for a CPU. processes: GPUs it is planned for. teacher: who writes what is generated, None:
    nothing is.
    """

    name: str
    student: Student
    seed: int = 1
    needs: Literal["nothing", "cuda"] = "nothing"
    threads: int | None = None
    memory: float | None = None
    processes: int = 1
    teacher: Teacher | None = None


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters in place of full training. peft: further arguments of peft.LoraConfig."""

    rank: int = 32
    alpha: int = 64
    dropout: float = 0.0
    targets: str | tuple[str, ...] = "all-linear"
    peft: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sft:
    """Supervised fine-tuning, the loss on the answers alone.

    batch: examples of one step over all processes; micro_batch: examples that one process holds at a time, None: all it gets.
    length: tokens of an example at most. packing: several examples in one row of `length`; batch counts rows then.
    saves: checkpoints (and evaluations on held-out examples) over the whole stage. evaluated: held-out examples in each evaluation.
    patience: evaluations without a lower loss before it stops, None: it never does. recall: held-out questions asked before and
    after. replayed: knowledge pairs mixed in for each trace, where reasoning is learnt. trl: arguments of trl.SFTConfig beside
    those the fields above set.
    """

    epochs: float = 1.0
    batch: int = 32
    micro_batch: int | None = None
    length: int = 512
    packing: bool = False
    lora: Lora | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    saves: int = 5
    evaluated: int = 512
    patience: int | None = None
    recall: int = 400
    replayed: float = 0.5
    trl: Mapping[str, Any] = field(default_factory=dict)
