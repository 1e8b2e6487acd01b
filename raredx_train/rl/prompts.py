"""Cases -> the rows that a trainer reads: the benchmark's prompt, and what the reward has to know.

The prompt is the same under both tasks: the list that it asks for has the most likely diagnosis first. Only the reward differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Template

from raredx_bench.domain import BadInput, Case
from raredx_bench.prompts import WORDINGS
from raredx_train.curriculum import DIFFERENTIAL

Row = dict[str, Any]


def rows(cases: Sequence[Case], asked: int, wording: int) -> dict[str, Row]:
    """Case id -> its row. wording: from 1. Raises BadInput for an id that comes twice."""
    template = Template(WORDINGS[wording - 1])
    found = {case.id: _row(case, template.render(asked=asked, presentation=case.presentation)) for case in cases}
    if len(found) < len(cases):
        raise BadInput("two training cases have the same id: name benchmarks whose cases differ")
    return found


def _row(case: Case, prompt: str) -> Row:
    return {
        "prompt": [{"role": "user", "content": prompt}], "case": case.id, "answers": list(case.answers),
        "observed": list(case.observed), "excluded": list(case.excluded), "presentation": case.presentation, "task": DIFFERENTIAL,
    }  # fmt: skip


def fitting(found: Mapping[str, Row], tokenizer: Any, room: int) -> tuple[dict[str, Row], int]:
    """(the rows whose prompts are at most room tokens long, how many were longer). Raises BadInput when none is left."""
    shown = tokenizer.apply_chat_template([row["prompt"] for row in found.values()], tokenize=False, add_generation_prompt=True)
    lengths = [len(ids) for ids in tokenizer(shown, add_special_tokens=False)["input_ids"]]
    kept = {case: row for (case, row), length in zip(found.items(), lengths, strict=True) if length <= room}
    if not kept:
        raise BadInput(f"all {len(found)} prompts are longer than the {room} tokens that max_completion leaves of the student's "
                       "context: lower max_completion")  # fmt: skip
    return kept, len(found) - len(kept)
