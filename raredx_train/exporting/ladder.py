"""A run's ladder.json -> rows of the model card, and what the hub reads as results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput
from raredx_train.modelcard import shown

SHOWN = ("recall@1", "recall@5", "recall@10")
FILE = "ladder.json"


def read(run: Path) -> list[Mapping[str, Any]]:
    """The rungs of a run's ladder; empty where none was measured. Raises BadInput for a file that isn't one."""
    path = run / FILE
    if not path.is_file():
        return []
    try:
        rungs: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["stages"]
        for rung in rungs:
            _ = rung["name"], rung["benchmark"], rung["n"], rung["estimates"]["recall@1"]["value"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is no ladder ({type(error).__name__} {error}): `raredx-train report` writes it anew") from error
    return rungs


def table(rungs: Sequence[Mapping[str, Any]], stage: str) -> list[str]:
    """Lines of Markdown: every rung, the published stage in bold."""
    lines = ["| stage | benchmark | n | recall@1 | recall@5 | recall@10 |", "|---|---|---|---|---|---|"]
    for rung in rungs:
        name = f"**{rung['name']}**" if rung["name"] == stage else rung["name"]
        cells = (shown(rung["estimates"][each]) if each in rung["estimates"] else "" for each in SHOWN)
        lines.append(f"| {name} | {rung['benchmark']} | {rung['n']:,} | {' | '.join(cells)} |")
    return lines


def results(rungs: Sequence[Mapping[str, Any]], stage: str) -> list[Any]:
    """huggingface_hub's EvalResult of the published stage's own rungs, as shares."""
    from huggingface_hub import EvalResult

    return [
        EvalResult(task_type="text-generation", task_name="rare-disease diagnosis", dataset_type=rung["benchmark"],
                   dataset_name=f"{rung['benchmark']} ({rung['n']:,} cases)", metric_type=each, metric_name=each,
                   metric_value=round(float(rung["estimates"][each]["value"]), 4), source_name="raredx, self-reported",
                   source_url="https://arxiv.org/abs/2607.00147")
        for rung in rungs if rung["name"] == stage for each in SHOWN if each in rung["estimates"]
    ]  # fmt: skip
