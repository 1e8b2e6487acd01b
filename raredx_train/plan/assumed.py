"""What a plan is reckoned with and for."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from raredx_train.plan.sizes import GIB
from raredx_train.rl import Rl
from raredx_train.settings import Run

GPUS = {  # a part of the name that CUDA gives: bfloat16 teraflop/s without sparsity, gigabytes/s of memory (NVIDIA's data sheets)
    "A100": (312.0, 2039.0),  # https://www.nvidia.com/en-us/data-center/a100/ (80 GB SXM)
    "H100": (989.0, 3350.0),  # https://www.nvidia.com/en-us/data-center/h100/ (SXM)
    "H200": (989.0, 4800.0),  # https://www.nvidia.com/en-us/data-center/h200/
    "L40S": (362.0, 864.0),  # https://www.nvidia.com/en-us/data-center/l40s/
    "A10": (125.0, 600.0),  # https://www.nvidia.com/en-us/data-center/products/a10-gpu/
}
UNKNOWN = "A100"
PROMPT = 900  # tokens of a case report as it is asked about; our guess
MADE = 200  # of a simulated note, by a tokenizer that was learnt from such texts (docs/rl.md)


@dataclass(frozen=True)
class Assumed:
    """What can't be known before a run; each is an option of `raredx-train plan`. The defaults are this project's guesses.

    gpu: which row of GPUS is reckoned with. mfu: share of a GPU's arithmetic that training gets. bandwidth: share of a GPU's memory
    bandwidth that vLLM's decoding gets. filled: mean completion as a share of max_completion. dull: share of groups without
    variance, which are sampled again (10 to 46 % in docs/rl.md). teacher_rate: tokens a second that the teacher's servers write in
    all: a tenth of the 2,200 for each of 8 H200 that vLLM reports of a large cluster (blog.vllm.ai, 2025-12-17). prompt: tokens of
    a case's prompt; None: PROMPT, or MADE for a student that is built from nothing. train_share: of a benchmark's cases that are
    trained on (3,644 of the Phenopacket Store's 7,623: docs/splits.md). solved: cases whose first answers hold an accepted one (the
    paper's teacher names the diagnosis first in 44 %). price: of an hour of one GPU, in any currency; None: no cost is reckoned.
    teacher_price: of a million tokens of the teacher.
    """

    gpu: str = UNKNOWN
    mfu: float = 0.35
    bandwidth: float = 0.5
    filled: float = 0.5
    dull: float = 0.3
    teacher_rate: float = 1760.0
    prompt: int | None = None
    train_share: float = 0.48
    solved: float = 0.44
    price: float | None = None
    teacher_price: float | None = None

    @property
    def flops(self) -> float:
        """Operations a second that one GPU trains with."""
        return self.mfu * GPUS[self.gpu][0] * 1e12

    @property
    def bytes_read(self) -> float:
        """Bytes a second that one GPU decodes with."""
        return self.bandwidth * GPUS[self.gpu][1] * 1e9


@dataclass(frozen=True)
class Machine:
    """What a plan is for. gpus: in all; room: GiB of each; host, disk: GiB of memory, and free where the run is written.

    how: "seen" by CUDA, "told" by options, or "recipe": neither, so what the recipe names is taken for granted.
    """

    gpus: int
    room: float | None
    host: float
    disk: float
    how: str
    gpu: str = UNKNOWN


def machine(run: Run, serving: int, output: Path, gpus: int | None, room: float | None) -> Machine:
    """The machine that a plan is for. serving: GPUs that the recipe wants beside those that train. gpus, room: as told."""
    seen, memory, name = (0, None, "") if gpus is not None else _seen()
    folder = next(each for each in (output, *output.absolute().parents) if each.is_dir())
    host = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    free = shutil.disk_usage(folder).free / GIB
    gpu = next((each for each in GPUS if each in name), UNKNOWN)
    if gpus is not None or room is not None:
        wanted = run.processes + serving if run.needs == "cuda" else 0
        return Machine(wanted if gpus is None else gpus, room or run.memory, host, free, "told", gpu)
    if seen:
        return Machine(seen, memory, host, free, "seen", gpu)
    return Machine(run.processes + serving if run.needs == "cuda" else 0, run.memory, host, free, "recipe", gpu)


def serving(sections: list[Rl], processes: int) -> int:
    """GPUs that serve rollouts beside those that train, where nobody says how many: half as many; 0 without a server."""
    return max(1, processes // 2) if any(rl.vllm == "server" for rl in sections) else 0


def _seen() -> tuple[int, float | None, str]:
    """(GPUs, GiB of the smallest, the first one's name) as CUDA says; none where PyTorch isn't installed."""
    try:
        import torch
    except ImportError:
        return 0, None, ""
    if not torch.cuda.is_available():
        return 0, None, ""
    each = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    return len(each), min(found.total_memory for found in each) / GIB, each[0].name
