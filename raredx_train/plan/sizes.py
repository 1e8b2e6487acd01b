"""Sizes of a student -> bytes: of one process's memory, of what lies on the disk.

The formulas count what grows with the model; a real run adds one to two GiB for CUDA's own and what the allocator can't fill.
"""

from __future__ import annotations

from dataclasses import dataclass

from raredx_train.arguments import split
from raredx_train.rl import Rl
from raredx_train.rl.configured import shared
from raredx_train.settings import Lora, Sft, Shape
from raredx_train.students import parameters

GIB = 2**30
ADAM, MASTER = 8, 4  # bytes a trained parameter: AdamW's two moments and the weight, all float32
BF16 = 2
_LOGIT_TILE = 4096  # tokens that TRL projects onto the vocabulary at a time
_VOCABULARY_TILE = 16384  # of which it takes so many entries; float32 and its working copies
COLOCATED = 0.3  # share of the GPU that vLLM takes beside a training: trl.GRPOConfig.vllm_gpu_memory_utilization's default
SERVED = 0.9  # the same of a GPU that serves alone: trl vllm-serve's default, and vLLM's
_CHECKPOINTS = 3  # two are kept while the next is written


@dataclass(frozen=True)
class Memory:
    """Bytes of one process. weights, gradients, optimizer, activations as they are at the worst moment of a step.

    reference: the first policy, kept to measure the divergence; sampler: what vLLM takes of the same GPU.
    """

    weights: float
    gradients: float
    optimizer: float
    activations: float
    reference: float = 0.0
    sampler: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.reference + self.sampler


def adapter_parameters(shape: Shape, lora: Lora) -> int:
    """Parameters of LoRA on every linear layer of a block: rank times the sum of each matrix's two sides."""
    query, key_value = shape.heads * shape.head, shape.key_value_heads * shape.head
    sides = (shape.width + query) * 2 + (shape.width + key_value) * 2 + (shape.width + shape.mlp) * 3
    return shape.layers * lora.rank * sides


def memory(shape: Shape, sft: Sft, processes: int = 1, sharded: bool = False, cuda: bool = True) -> Memory:
    """What one process holds. sharded: FSDP or ZeRO-3 spread weights, gradients and optimizer over all processes."""
    held, _ = split(sft, processes)
    return _training(shape, sft.lora, held * sft.length, processes if sharded else 1, cuda)


def rl_memory(
    shape: Shape, rl: Rl, prompt: int, processes: int = 1, sharded: bool = False, cuda: bool = True, room: float | None = None
) -> Memory:  # fmt: skip
    """The same of reinforcement learning. prompt: tokens of one; room: GiB of the GPU, of which a colocated vLLM takes its share.

    The first policy is a second model in the trained weights' type (TRL loads it so), under LoRA the model with its adapter off.
    Without vLLM, transformers samples with a cache of keys and values for each of a process's completions.
    """
    held, times = shared(rl, processes)
    length = prompt + rl.max_completion
    found = _training(shape, rl.lora, held * length, processes if sharded else 1, cuda)
    reference = parameters(shape) * MASTER / (processes if sharded else 1) if rl.kl and rl.lora is None else 0.0
    sampler = 0.0
    if rl.vllm == "colocate":
        sampler = float(rl.trl.get("vllm_gpu_memory_utilization", COLOCATED)) * (room or 0) * GIB
    elif rl.vllm == "none":
        sampler = cache_bytes(shape, cuda) * length * held * times * rl.updates
    return Memory(found.weights, found.gradients, found.optimizer, found.activations, reference, sampler)


def _training(shape: Shape, lora: Lora | None, tokens: int, share: int, cuda: bool) -> Memory:
    """What a training holds of so many tokens at once.

    Trained weights are float32 (bfloat16 only while they compute), frozen ones under LoRA bfloat16. Activations: with checkpointing
    on a GPU, two bytes for each layer's input and 34 for one layer at work (Korthikanti et al. 2022, arXiv 2205.05198, eq. 2
    without the attention matrix, which flash attention never writes).
    """
    every = parameters(shape)
    trained = every if lora is None else adapter_parameters(shape, lora)
    frozen = 0 if lora is None else every * (BF16 if cuda else 4)
    size = BF16 if cuda else 4
    layers = tokens * shape.width * (size * shape.layers + 17 * size if cuda else 17 * size * shape.layers)
    logits = 3 * 4 * min(tokens, _LOGIT_TILE) * min(shape.vocabulary, _VOCABULARY_TILE)
    gathered = BF16 * 2 * every / shape.layers if share > 1 else 0  # two layers are whole at a time
    return Memory((frozen + trained * MASTER) / share + gathered, trained * 4 / share, trained * ADAM / share, layers + logits)


def cache_bytes(shape: Shape, cuda: bool = True) -> int:
    """Bytes of keys and values that a model keeps for each token that it has read."""
    return 2 * shape.layers * shape.key_value_heads * shape.head * (BF16 if cuda else 4)


def disk(shape: Shape, section: Sft | Rl) -> float:
    """Bytes that a stage writes: three checkpoints at the worst moment, then the model; of LoRA adapters and the merged model.

    A checkpoint is weights and both moments in float32; the model keeps the type that its weights were trained in.
    """
    every = parameters(shape)
    if section.lora is None:
        return every * (_CHECKPOINTS * (MASTER + ADAM) + MASTER)
    return adapter_parameters(shape, section.lora) * (_CHECKPOINTS * (MASTER + ADAM) + MASTER) + every * BF16


def tensor_parallel(weights: float, room: float, share: float = SERVED) -> int:
    """Over how many GPUs of so many GiB a server spreads weights of so many bytes: the least power of two that leaves a third of
    its memory to keys and values."""
    gpus = 1
    while weights * 1.5 > gpus * room * GIB * share:
        gpus *= 2
    return gpus
