"""The commands that serve the teacher and the rollouts, with what the recipe asks of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from raredx_train.config import Config
from raredx_train.knowledge import Knowledge
from raredx_train.plan.checking import is_here, rollout_port
from raredx_train.plan.sizes import BF16, GIB, tensor_parallel
from raredx_train.plan.work import Reckoned
from raredx_train.reasoning.settings import Rers
from raredx_train.rl import Rl
from raredx_train.settings import Teacher
from raredx_train.students import parameters

NODE = 8  # GPUs of one machine: tensors are spread within it, layers over several


@dataclass(frozen=True)
class Served:
    """A model whose weights are known: bytes, tokens of its context (its config.json on the hub)."""

    weights: float
    context: int


KNOWN = {
    "deepseek-ai/DeepSeek-R1": Served(685e9, 163_840),  # FP8, with the layer that predicts further tokens: the hub counts 685 B
    "Qwen/Qwen3-32B": Served(65.5e9, 40_960),  # 32.8 B in bfloat16
}


@dataclass(frozen=True)
class Command:
    """What to run. what: in words; shell: the command; note: what is to be known of it, empty: nothing."""

    what: str
    shell: str
    note: str = ""


def commands(config: Config, reckoned: Reckoned, output: Path) -> Iterator[Command]:
    """Every server that the recipe asks. output: the run's folder, whose models are served."""
    teacher = config.run.teacher
    asking = any(isinstance(each, Rers) or (isinstance(each, Knowledge) and each.written) for each in config.sections.values())
    if teacher is not None and teacher.backend == "endpoint" and asking:
        for address in (teacher.base_url or "http://127.0.0.1:8000/v1", *teacher.more_urls):
            yield _teacher(teacher, address, reckoned)
    for name, section in config.sections.items():
        if isinstance(section, Rl) and section.vllm == "server":
            yield _rollouts(name, section, reckoned, output)


def _teacher(teacher: Teacher, address: str, reckoned: Reckoned) -> Command:
    """`vllm serve`: context for a failed thought that is read again, records and opinions beside it, and a new answer."""
    known, wanted = KNOWN.get(teacher.model), -(-(2 * (teacher.max_tokens or 1024) + 4 * reckoned.prompt) // 1024) * 1024
    words = ["vllm", "serve", teacher.model, "--served-model-name", teacher.model, "--host",
             "127.0.0.1" if is_here(address) else "0.0.0.0", "--port", str(urlsplit(address).port or 8000)]  # fmt: skip
    room, note = reckoned.machine.room or 80, f"at {address}"
    if known is not None:
        gpus = tensor_parallel(known.weights, room)
        words += ["--tensor-parallel-size", str(min(gpus, NODE))]
        words += ["--pipeline-parallel-size", str(gpus // NODE)] if gpus > NODE else []
        note += f"; {known.weights / GIB:,.0f} GiB of weights want {gpus} GPU(s) of {room:g} GiB"
        note += f", {gpus // NODE} machines joined by Ray" if gpus > NODE else ""
        wanted = min(wanted, known.context)
    else:
        note += "; the size of its weights isn't known here: --tensor-parallel-size as they need"
    words += ["--max-model-len", str(wanted), "--max-num-seqs", str(max(1, teacher.workers // (1 + len(teacher.more_urls))))]
    words += ["--reasoning-parser", "deepseek_r1"] if "deepseek-r1" in teacher.model.lower() else []
    words += ["--reasoning-parser", "qwen3"] if "qwen3" in teacher.model.lower() else []
    return Command("the teacher", shlex.join(words), note)


def _rollouts(name: str, section: Rl, reckoned: Reckoned, output: Path) -> Command:
    """`trl vllm-serve` on the GPUs that do not train; it starts with the weights that the stage begins with.

    TRL refuses data parallelism for dense models, so all of its GPUs share one copy: the largest power of two of them.
    """
    run, left = reckoned.run, reckoned.machine.gpus - reckoned.run.processes
    least = tensor_parallel(parameters(reckoned.shape) * BF16, reckoned.machine.room or 80)
    spread = max(least, 1 << (max(1, left).bit_length() - 1))
    visible = ",".join(str(run.processes + place) for place in range(spread))
    length = min(reckoned.shape.context, -(-(section.max_completion + 2 * reckoned.prompt) // 1024) * 1024)
    words = ["trl", "vllm-serve", "--model", str(output / "rers-sft" / "model"), "--tensor_parallel_size", str(spread), "--port",
             str(rollout_port(section)), "--max_model_len", str(length), "--dtype", "bfloat16"]  # fmt: skip
    note = f"GPUs {visible}; started when rers-sft is done, stopped after {name}"
    return Command(f"the rollouts of {name}", f"CUDA_VISIBLE_DEVICES={visible} {shlex.join(words)}", note)
