"""What a recipe takes, reckoned from its sizes before anything is loaded: parameters, memory of each process, time.

The formulas count what grows with the model; a real run adds one to two GiB for CUDA's own and what the allocator can't fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from raredx_train.arguments import split
from raredx_train.config import Config
from raredx_train.reasoning.settings import Rers
from raredx_train.settings import Lora, Run, Sft, Shape
from raredx_train.students import parameters

GIB = 2**30
ADAM, MASTER = 8, 4  # bytes a trained parameter: AdamW's two moments and the weight, all float32
BF16 = 2
FLOPS_OF_A_CORE = 3e10  # float32, measured with the preset tiny (docs/training.md)
FLOPS_OF_A_GPU = (
    0.35 * 312e12
)  # bfloat16: a third of what an A100 is sold as (https://www.nvidia.com/en-us/data-center/a100/), our guess
EXAMPLE_TOKENS = 52  # question and answer of the stage knowledge; measured with the tokenizer of tiny
TRACE_TOKENS = 480  # question, thought and list of ten; measured with the tokenizer of tiny
_LOGIT_TILE = 4096  # tokens that TRL projects onto the vocabulary at a time
_VOCABULARY_TILE = 16384  # of which it takes so many entries; float32 and its working copies


@dataclass(frozen=True)
class Memory:
    """Bytes of one process. weights, gradients, optimizer, activations as they are at the worst moment of a step."""

    weights: float
    gradients: float
    optimizer: float
    activations: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations


def adapter_parameters(shape: Shape, lora: Lora) -> int:
    """Parameters of LoRA on every linear layer of a block: rank times the sum of each matrix's two sides."""
    query, key_value = shape.heads * shape.head, shape.key_value_heads * shape.head
    sides = (shape.width + query) * 2 + (shape.width + key_value) * 2 + (shape.width + shape.mlp) * 3
    return shape.layers * lora.rank * sides


def memory(shape: Shape, sft: Sft, processes: int = 1, sharded: bool = False, cuda: bool = True) -> Memory:
    """What one process holds. sharded: FSDP or ZeRO-3 spread weights, gradients and optimizer over all processes.

    Trained weights are float32 (bfloat16 only while they compute), frozen ones under LoRA bfloat16. Activations: with checkpointing
    on a GPU, two bytes for each layer's input and 34 for one layer at work (Korthikanti et al. 2022, arXiv 2205.05198, eq. 2
    without the attention matrix, which flash attention never writes).
    """
    every = parameters(shape)
    trained = every if sft.lora is None else adapter_parameters(shape, sft.lora)
    frozen = 0 if sft.lora is None else every * (BF16 if cuda else 4)
    held, _ = split(sft, processes)
    tokens = held * sft.length
    size = BF16 if cuda else 4
    layers = tokens * shape.width * (size * shape.layers + 17 * size if cuda else 17 * size * shape.layers)
    logits = 3 * 4 * min(tokens, _LOGIT_TILE) * min(shape.vocabulary, _VOCABULARY_TILE)
    share = processes if sharded else 1
    gathered = BF16 * 2 * every / shape.layers if sharded else 0  # two layers are whole at a time
    return Memory((frozen + trained * MASTER) / share + gathered, trained * 4 / share, trained * ADAM / share, layers + logits)


def seconds(shape: Shape, sft: Sft, tokens: float, run: Run, cuda: bool) -> float:
    """How long a stage trains: six operations a parameter and token, eight where activations are computed twice."""
    body = parameters(shape) - shape.vocabulary * shape.width * (0 if shape.tied else 1)
    work = (8 if cuda else 6) * body * sft.epochs * tokens
    return work / (FLOPS_OF_A_GPU * run.processes if cuda else FLOPS_OF_A_CORE * (run.threads or 1))


def tables(config: Config) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """(title, headers, rows) of what `raredx-train plan` prints."""
    run = config.run
    shape, cuda = run.student.shape, run.needs == "cuda"
    rows: list[tuple[str, ...]] = []
    for name in config.sections:
        settings = [f"{key} {value}" for key, value in config.document[name].items() if not isinstance(value, dict)]
        rows.append((name, ", ".join(settings)))
    yield f"{run.name}: stages", ("stage", "settings"), rows
    sections = {name: section for name, section in config.sections.items() if isinstance(section, Sft)}
    if shape is None or not sections:
        return
    every = parameters(shape)
    title = f"{run.student.model}: {every / 1e6:,.1f} M parameters, {every * BF16 / GIB:,.1f} GiB in bfloat16"
    headers = ("stage", "how", "GPUs" if cuda else "processes", "weights", "gradients", "optimizer", "activations", "GiB each")
    yield title, headers, [row for name, sft in sections.items() for row in _memory_rows(name, sft, shape, run, cuda)]


def _memory_rows(name: str, sft: Sft, shape: Shape, run: Run, cuda: bool) -> Iterator[tuple[str, ...]]:
    """The recipe's own way first, then others for comparison."""
    many = run.processes
    ways = [(f"LoRA {sft.lora.rank}" if sft.lora else "full", sft, many, False)]
    if many > 1:
        ways.append(("  FSDP or ZeRO-3", sft, many, True))
    for label, each, count, sharded in ways:
        found = memory(shape, each, count, sharded, cuda)
        parts = (found.weights, found.gradients, found.optimizer, found.activations, found.total)
        yield (name, label, str(count), *(f"{part / GIB:,.2f}" for part in parts))


def _taught(config: Config, name: str) -> tuple[int, int]:
    """(examples that a stage learns at most, 0: that depends on the cases at hand; tokens of one)."""
    traces = config.sections.get(name.removesuffix("-sft"))
    if not isinstance(traces, Rers):
        return (config.sections["knowledge"].pairs if "knowledge" in config.sections else 1000), EXAMPLE_TOKENS
    return traces.size or traces.cases * (1 + traces.variants) * traces.per_case, TRACE_TOKENS


def checks(config: Config) -> Iterator[str]:
    """What speaks for or against a recipe on the machine that it is planned for."""
    run = config.run
    shape = run.student.shape
    if shape is None:
        yield f"student.shape is not given, so nothing can be reckoned: state the sizes of {run.student.model}"
        return
    cuda = run.needs == "cuda"
    for name, sft in config.sections.items():
        if not isinstance(sft, Sft):
            continue
        need = memory(shape, sft, run.processes, run.processes > 1, cuda).total / GIB
        if run.memory is not None:
            fits = "fits in" if need < 0.92 * run.memory else "does NOT fit in"
            yield f"{name}: {need:.1f} GiB a process {fits} the {run.memory:g} GiB it is planned for"
        if sft.length > shape.context:
            yield f"{name}: length {sft.length} is more than the model's context of {shape.context}"
        held, rounds = split(sft, run.processes)
        yield f"{name}: a step of {sft.batch} is {run.processes} x {held} at once x {rounds} rounds"
        many, tokens = _taught(config, name)
        hours = seconds(shape, sft, (many or 1000) * tokens, run, cuda) / 3600
        count = f"up to {many:,} examples" if many else "each 1,000 of the examples that come"
        yield f"{name}: {count} of about {tokens} tokens, {sft.epochs:g} epochs: about {hours:.2g} hours"
    yield "for research only, not for clinical use"
