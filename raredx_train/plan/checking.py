"""What speaks for or against a plan, each with what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal
from urllib.parse import urlsplit

from raredx_bench.domain import UsageError
from raredx_train.arguments import split
from raredx_train.config import Config
from raredx_train.plan.memory import held
from raredx_train.plan.sizes import BF16, COLOCATED, GIB, disk, tensor_parallel
from raredx_train.plan.work import Reckoned
from raredx_train.reasoning.settings import Rers
from raredx_train.rl import Rl
from raredx_train.rl.configured import shared
from raredx_train.settings import FROM_SCRATCH, Sft
from raredx_train.students import parameters

Level = Literal["problem", "warning", "fine"]
FILLED = 0.92  # of a GPU's memory; the rest is CUDA's own and what the allocator can't fill


@dataclass(frozen=True)
class Said:
    """One check. level: "problem": the plan can't run; "warning": it may not, or is not known. todo: what to do; empty: nothing."""

    level: Level
    about: str
    says: str
    todo: str = ""


def graded(reckoned: Reckoned) -> Level:
    """How bad it is when this machine lacks something: a warning where the plan is for another one."""
    return "problem" if reckoned.machine.how == "seen" or not reckoned.cuda else "warning"


def checks(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    """Everything about sizes and the machine."""
    yield from _gpus(config, reckoned)
    for name, section in config.sections.items():
        if isinstance(section, Sft | Rl):
            yield from _stage(name, section, reckoned)
    yield from _rollouts(config, reckoned)
    yield from _teacher(config, reckoned)
    yield from _disk(config, reckoned)
    yield from _host(config, reckoned)
    yield from _packages(config, reckoned)


def _gpus(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    run, machine = reckoned.run, reckoned.machine
    if not reckoned.cuda:
        return
    room = f" of {machine.room:g} GiB" if machine.room else ""
    if machine.how == "recipe":
        yield Said("warning", "GPUs", f"PyTorch sees none here: the plan is for {machine.gpus}{room}, as the recipe wants them",
                   "say what the cluster has: --gpus 8 --gpu-memory 80")  # fmt: skip
    elif machine.gpus < run.processes:
        yield Said("problem", "GPUs", f"{machine.gpus}{room} are {machine.how}, and {run.name} trains on {run.processes}",
                   f"processes={machine.gpus} plans for those; the batches must divide by it")  # fmt: skip
    else:
        yield Said("fine", "GPUs", f"{machine.gpus}{room} {machine.how}, {run.processes} of them train")


def _stage(name: str, section: Sft | Rl, reckoned: Reckoned) -> Iterator[Said]:
    run, shape, room = reckoned.run, reckoned.shape, reckoned.machine.room
    try:
        at_once, rounds = split(section, run.processes) if isinstance(section, Sft) else shared(section, run.processes)
        need = held(section, reckoned, run.processes > 1).total / GIB
    except UsageError as error:
        yield Said("problem", name, str(error))
        return
    if room is not None:
        fits = need < FILLED * room
        todo = "" if fits else "a smaller micro_batch, lora: {rank: 32}, or more processes"
        yield Said("fine" if fits else "problem", name,
                   f"{need:.1f} GiB a process {'fits in' if fits else 'does NOT fit in'} {room:g} GiB", todo)  # fmt: skip
    elif not reckoned.cuda:
        yield Said("fine", name, f"{need:.1f} GiB a process")
    if isinstance(section, Sft) and section.recall and run.processes > 1 and reckoned.cuda:
        waits = section.trl.get("ddp_timeout", 1800)  # transformers' default, in seconds
        yield Said("warning", name, f"the first process asks {section.recall} questions before and after training, and the others "
                   f"wait {waits} s at most", f"{name}.recall=0, or a larger {name}.trl.ddp_timeout")  # fmt: skip
    of = f"a step of {section.batch}" if isinstance(section, Sft) else f"{section.prompts} x {section.n} completions"
    times = rounds if isinstance(section, Sft) else rounds * section.updates
    yield Said("fine", name, f"{of} is {run.processes} x {at_once} at once x {times}")
    length = section.length if isinstance(section, Sft) else section.max_completion + reckoned.prompt
    if length - (reckoned.prompt if isinstance(section, Rl) else 0) > shape.context:
        yield Said("problem", name, f"{length} tokens are more than the model's context of {shape.context}", "a smaller length")
    elif length > shape.context:
        yield Said("warning", name, f"{length} tokens with a prompt of {reckoned.prompt} are more than the model's context "
                   f"of {shape.context}: longer prompts are left out", "a smaller max_completion")  # fmt: skip


def _rollouts(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    """Whether vLLM has room, beside the training or on GPUs of its own."""
    run, machine, weights = reckoned.run, reckoned.machine, parameters(reckoned.shape) * BF16
    for name, section in config.sections.items():
        if not isinstance(section, Rl) or section.vllm == "none":
            continue
        if section.vllm == "server":
            least, left = tensor_parallel(weights, machine.room or 80), machine.gpus - run.processes
            if left < least:
                yield Said("problem", name, f"`trl vllm-serve` needs {least} GPU(s) that do not train, and {max(0, left)} are left",
                           f"--gpus {run.processes + least} or more, or {name}.vllm=colocate "
                           f"{name}.trl.vllm_tensor_parallel_size={min(4, run.processes)}")  # fmt: skip
            else:
                yield Said("fine", name, f"{left} GPU(s) beside the training ones sample")
            continue
        spread = int(section.trl.get("vllm_tensor_parallel_size", 1))
        share = float(section.trl.get("vllm_gpu_memory_utilization", COLOCATED)) * (machine.room or 0) * GIB
        if run.processes % spread:
            yield Said(
                "problem", name, f"vllm_tensor_parallel_size {spread} does not divide {run.processes} processes", "a divisor"
            )
        elif weights / spread > 0.8 * share:
            yield Said("problem", name, f"vLLM's share of a GPU is {share / GIB:.0f} GiB, and weights of "
                       f"{weights / spread / GIB:.0f} GiB leave no room for keys and values",
                       f"{name}.trl.vllm_tensor_parallel_size or {name}.trl.vllm_gpu_memory_utilization larger")  # fmt: skip
        else:
            yield Said("fine", name, f"vLLM samples on the training GPUs, in {share / GIB:.0f} GiB of each")


def _teacher(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    teacher = reckoned.run.teacher
    asking = [name for name, section in config.sections.items() if isinstance(section, Rers)]
    if asking and teacher is None:
        yield Said("problem", asking[0], "no teacher is named", "a section teacher (backend: ontology needs no language model)")
    if teacher is None or teacher.backend != "endpoint":
        return
    ports = {urlsplit(each).port for each in (teacher.base_url or "", *teacher.more_urls) if is_here(each)}
    for name, section in config.sections.items():
        if isinstance(section, Rl) and section.vllm == "server" and (port := rollout_port(section)) in ports:
            yield Said("warning", name, f"its server and the teacher's both want port {port} of this machine",
                       f"stop the teacher when rers is done, or {name}.trl.vllm_server_port={port + 1}")  # fmt: skip


def rollout_port(section: Rl) -> int:
    """The port that the policy is sampled at: trl.GRPOConfig's default where the recipe names none."""
    address = section.trl.get("vllm_server_base_url")
    return (urlsplit(str(address)).port or 8000) if address else int(section.trl.get("vllm_server_port", 8000))


def is_here(address: str) -> bool:
    """Whether an address is this machine's."""
    return urlsplit(address).hostname in ("localhost", "127.0.0.1", "0.0.0.0", "::1")


def _disk(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    """All models stay, the checkpoints of one stage at a time."""
    shape, sections = reckoned.shape, [each for each in config.sections.values() if isinstance(each, Sft | Rl)]
    if not sections:
        return
    every = parameters(shape)
    models = [every * (4 if section.lora is None else BF16) for section in sections]
    most = max(disk(shape, section) - model for section, model in zip(sections, models, strict=True))
    fetched = 0 if reckoned.run.student.model == FROM_SCRATCH else every * BF16
    need, free = (sum(models) + most + fetched) / GIB, reckoned.machine.disk
    if need <= free:
        yield Said("fine", "disk", f"{need:,.1f} GiB of {free:,.0f} free: models, three checkpoints of one stage"
                   f"{', the downloaded student' if fetched else ''}")  # fmt: skip
    else:
        yield Said(graded(reckoned), "disk", f"{need:,.1f} GiB are written (three checkpoints at once: {most / GIB:,.1f}) and "
                   f"{free:,.1f} are free here", "another folder: --output")  # fmt: skip


def _host(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    """Every process loads the student before it is spread: float32, or bfloat16 under LoRA."""
    sections = [each for each in config.sections.values() if isinstance(each, Sft | Rl)]
    if not sections:
        return
    size = 4 if any(section.lora is None for section in sections) else BF16
    need = parameters(reckoned.shape) * size * reckoned.run.processes / GIB
    level: Level = "fine" if need < reckoned.machine.host else graded(reckoned)
    yield Said(level, "host memory", f"{need:,.1f} GiB while {reckoned.run.processes} process(es) load the student, of "
               f"{reckoned.machine.host:,.0f} here", "" if level == "fine" else "a machine with more memory")  # fmt: skip


def _packages(config: Config, reckoned: Reckoned) -> Iterator[Said]:
    wanted = {"trl": "'raredx[train]'"}
    if any(isinstance(each, Rl) and each.vllm != "none" for each in config.sections.values()):
        wanted["vllm"] = "'raredx[vllm]'"
    for package, extra in wanted.items():
        if find_spec(package) is None:
            yield Said(graded(reckoned), "packages", f"{package} is not installed here", f"pip install {extra}")
