"""The stage evaluation of a recipe -> cases, answers and the time that they take."""

from __future__ import annotations

from raredx_bench.splits import SEEN, SMALL
from raredx_bench.tasks import task_named
from raredx_train.ladder.rungs import ARMS, LEARNT
from raredx_train.ladder.settings import Evaluation
from raredx_train.plan.work import SEQUENCES, Reckoned, Taken, cost, decoding_rate, published

ASKED_TWICE = ("crr", "k", "e")  # ways of refinement that put a last question; the lead's first answer is asked for once for all
SHARES = {"train": 0.52, "validation": 0.08, "test": 0.23, "unseen": 0.12, SEEN: 0.043}  # of the Phenopacket Store (docs/splits.md)
SUBSETS = {"rarearena_rds": 8562, "rarearena_rdc": 4376}  # docs/benchmarks/rarearena.md
REFINED_PROMPT = 3  # times a case's prompt: records and opinions stand in it; our guess


def cases(name: str) -> float:
    """Cases of a task, as far as its name tells without its data: a size in its name, else what its benchmark publishes, of a part
    its share."""
    task = task_named(name)
    if task.members:
        return sum(map(cases, task.members))
    benchmark = str(task.metadata["benchmark"])
    found = float(SUBSETS[benchmark] if task.metadata.get("subset") else published(benchmark))
    for part in str(task.metadata.get("split") or "").split("@"):
        stem, _, size = part.partition(":")
        found = min(found, int(size or SMALL[1])) if stem == "small" else found * SHARES.get(stem, 1.0)
    return found


def evaluation(name: str, section: Evaluation, stages: tuple[str, ...], reckoned: Reckoned) -> Taken:
    """What answering takes: every model answers every case once, the last one leads the refinement besides.

    Sampled tokens: `filled` of max_new each; prompts are read with two operations a parameter and token. Transformers answer on
    one GPU (UNASSISTED in work.py), vLLM on as many as its arguments say; arms answer where they are run.
    """
    each = sum(map(cases, section.tasks))
    each = min(each, section.limit * len(section.tasks)) if section.limit else each
    models = 1 + sum(stage in LEARNT and stage not in ARMS for stage in stages)
    refined = sum(way in ASKED_TWICE for way in section.refined)
    answers = each * (models + bool(section.refined) + refined)
    sampled = answers * section.max_new * reckoned.assumed.filled
    read = each * reckoned.prompt * (models + bool(section.refined) + refined * REFINED_PROMPT)
    copies = int((section.vllm or {}).get("data_parallel_size", 1))
    gpus = copies * int((section.vllm or {}).get("tensor_parallel_size", 1)) if reckoned.cuda else 0
    at_once = section.batch_size if section.vllm is None else SEQUENCES * copies
    rate = decoding_rate(reckoned, at_once, gpus, section.max_new, copies, assisted=section.vllm is not None)
    flops = reckoned.assumed.flops * gpus if reckoned.cuda else reckoned.flops
    seconds = sampled / rate + 2 * reckoned.body * read / flops
    does = f"{each:,.0f} cases, {answers:,.0f} answers of {models} models and of refinement"
    return Taken(name, does, 0, sampled, seconds / 3600, gpus, cost(reckoned, seconds / 3600, gpus, 0))
