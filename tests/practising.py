"""A student that lists diseases of the small world, right by chance, and patients to practise on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from raredx_bench.domain import Case
from raredx_bench.hpo import load_hpo
from raredx_bench.simulation import simulate
from raredx_train.rl import Patients
from raredx_train.rl.prompts import rows
from raredx_train.settings import Shape
from raredx_train.students import qwen3, tokenizer_from
from tests.knowledge_world import TREES

SHAPE = Shape(vocabulary=700, width=32, layers=1, heads=2, key_value_heads=1, head=16, mlp=64, context=256)
NAMED = 3  # names in an answer


def patients(root: Path, training: int = 40, validation: int = 6) -> Patients:
    """Simulated patients of the small world."""
    hpo = load_hpo(root)
    found = [replace(case, presentation=case.presentation[:200]) for case in simulate(hpo, training + validation, 3)]
    return Patients(tuple(found[validation:]), tuple(found[:validation]), Counter())


def answer(rng: Random) -> str:
    """A list of diseases drawn by chance."""
    return "\n".join(f"{rank}. {tree} syndrome" for rank, tree in enumerate(rng.sample(TREES[:5], NAMED), 1))


def taught(folder: Path, cases: tuple[Case, ...], steps: int = 90) -> Path:
    """The student's folder: it has learnt to write lists, not which list goes with which case."""
    import torch

    torch.set_num_threads(1)
    rng = Random(1)
    prompts = [row["prompt"] for row in rows(cases, NAMED, 1).values()]
    texts = [each["content"] for prompt in prompts for each in prompt] + [answer(rng) for _ in range(50)]
    tokenizer = tokenizer_from(texts, SHAPE)
    model = qwen3(SHAPE, tokenizer, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(steps):
        batch = [_example(tokenizer, rng.choice(prompts), answer(rng)) for _ in range(16)]
        longest = max(len(ids) for ids, _ in batch)
        ids = torch.tensor([[0] * (longest - len(each)) + each for each, _ in batch])
        labels = torch.tensor([[-100] * (longest - len(each)) + each for _, each in batch])
        model(input_ids=ids, attention_mask=(ids != 0).long(), labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _example(tokenizer: Any, prompt: Any, text: str) -> tuple[list[int], list[int]]:
    """(ids, labels) of one conversation, the answer's alone taught."""
    before = tokenizer(tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True))["input_ids"]
    after = tokenizer(f"{text}<|im_end|>")["input_ids"]
    return before + after, [-100] * len(before) + after
