"""Question-answer pairs on disk -> rows for a trainer: checked, tokenised, in an order that does not depend on the processes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench.domain import BadInput, DataMissing
from raredx_train.students import THOUGHT

_MEGABATCH = 50  # batches whose examples are sorted by length together, as transformers' LengthGroupedSampler has it


def rows(path: Path) -> list[dict[str, Any]]:
    """The examples of a file. Raises DataMissing, or BadInput that names the first example without a question or an answer."""
    import pyarrow.parquet

    if not path.is_file():
        raise DataMissing(f"{path} is not there: run the stage that writes it first")
    try:
        found: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is no parquet file ({error}): build it again") from error
    for number, row in enumerate(found, 1):
        for part in ("prompt", "completion"):
            if not row.get(part) or not str(row[part][-1].get("content") or "").strip():
                named = f" (id {row['id']})" if row.get("id") else ""
                raise BadInput(f"{path}, row {number}{named}: the {part} is empty: an example needs a question and an answer")
    if not found:
        raise BadInput(f"{path} has no example: build it with more diseases or sources")
    return found


def drawn(examples: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The examples in the order of their ids' hashes: the first few are a draw from all parts of a file, always the same."""
    return sorted(examples, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())


def texts(examples: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Every message of the examples, in order."""
    for row in examples:
        for message in (*row["prompt"], *row["completion"]):
            yield message["content"]


def tokenised(examples: Sequence[dict[str, Any]], tokenizer: Any, length: int) -> tuple[Any, int]:
    """(a datasets.Dataset of input_ids and labels, how many examples were longer than length tokens and are left out).

    Labels are -100 on the question. Raises BadInput when nothing is left.
    """
    import datasets

    ids, labels = [], []
    for number, prompt, whole in _pairs(examples, tokenizer):
        if whole[: len(prompt)] != prompt:
            raise BadInput(
                f"the chat template shows the question of example {number} otherwise when its answer follows: use one that doesn't"
            )
        if len(whole) <= length:
            ids.append(whole)
            labels.append([-100] * len(prompt) + whole[len(prompt) :])
    if not ids:
        raise BadInput(f"all {len(examples)} examples are longer than {length} tokens: raise length")
    return datasets.Dataset.from_dict({"input_ids": ids, "labels": labels}), len(examples) - len(ids)


def _pairs(examples: Sequence[dict[str, Any]], tokenizer: Any) -> list[tuple[int, list[int], list[int]]]:
    """(number from 1, token ids of the question, of question and answer) of each example, in their order."""
    found = []
    for thinks in (False, True):
        some = [(number, row) for number, row in enumerate(examples, 1)
                if row["completion"][-1]["content"].startswith(THOUGHT[0]) == thinks]  # fmt: skip
        prompts = _rendered([row["prompt"] for _, row in some], tokenizer, thinks, add_generation_prompt=True)
        wholes = _rendered([[*row["prompt"], *row["completion"]] for _, row in some], tokenizer, thinks)
        found += [(number, prompt, whole) for (number, _), prompt, whole in zip(some, prompts, wholes, strict=True)]
    return sorted(found, key=lambda each: each[0])


def _rendered(conversations: Sequence[Any], tokenizer: Any, thinks: bool, **options: Any) -> list[list[int]]:
    """thinks: templates of reasoning models leave the thought to the answer; else they open and close it in the prompt."""
    if not conversations:
        return []
    shown = tokenizer.apply_chat_template(conversations, tokenize=False, enable_thinking=thinks, **options)
    found: list[list[int]] = tokenizer(shown, add_special_tokens=False)["input_ids"]
    return found


def ordered(lengths: Sequence[int], batch: int, epochs: float, seed: int) -> list[int]:
    """The examples' numbers in the order of training: shuffled, alike lengths together, whole batches only.

    Computed for the global batch, so that it is the same for one process and for many. An epoch's last, incomplete batch is left
    out; which examples that is differs from epoch to epoch. Raises BadInput for fewer examples than a batch.
    """
    sizes = np.asarray(lengths)
    if len(sizes) < batch:
        raise BadInput(f"{len(sizes)} examples are fewer than one batch of {batch}: lower batch")
    rng = np.random.default_rng(seed)
    steps = max(1, round(epochs * (len(sizes) // batch)))
    found: list[np.ndarray] = []
    while sum(map(len, found)) < steps:
        shuffled = rng.permutation(len(sizes))[: len(sizes) // batch * batch]
        chunks = [shuffled[at : at + batch * _MEGABATCH] for at in range(0, len(shuffled), batch * _MEGABATCH)]
        alike = np.concatenate([chunk[np.argsort(-sizes[chunk], kind="stable")] for chunk in chunks])
        found.append(rng.permutation(alike.reshape(-1, batch)))
    chosen: list[int] = np.concatenate(found)[:steps].ravel().tolist()
    return chosen
