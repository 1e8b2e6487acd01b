"""The data card of RareDxCOT: whose reasoning it is, from how many cases, and what was lost on the way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment

from raredx_train.knowledge.card import NOTE, token_counter
from raredx_train.reasoning.corpus import DIFFICULTIES, Example
from raredx_train.reasoning.funnel import stages
from raredx_train.reasoning.settings import Rers
from raredx_train.settings import Teacher

PROGRAM = (
    "The teacher is no language model and no physician: it is a program that ranks diseases by HPO annotations, of which it sees "
    "only a part, and writes its reasoning from sentence patterns. What a student learns from it is this program's way of ranking "
    "and writing. Rates of acceptance measure how blind the program was made, not how well a method works."
)
MODEL = "The teacher is a language model; its reasoning was checked against the records below, and by nobody else."


def composition(found: Sequence[Example], tokenizer: str) -> dict[str, Any]:
    """What the corpus holds. Raises DataMissing or UsageError for a tokenizer that can't be loaded."""
    import numpy as np

    count = token_counter(tokenizer)
    parts = {
        "question": [count(each.question) for each in found],
        "thought": [count(each.attempt.trace.think) for each in found],
        "answer": [count(each.attempt.trace.answer) for each in found],
    }
    difficulties = Counter(each.difficulty for each in found)
    diseases = Counter(each.disease for each in found)
    return {
        "examples": len(found),
        "diseases": len(diseases),
        "most of one disease": max(diseases.values(), default=0),
        "difficulties": {name: difficulties[name] for name in DIFFICULTIES},
        "forms": dict(Counter(each.case.strata.get("lacks", "") for each in found).most_common()),
        "benchmarks": dict(Counter(each.case.benchmark for each in found).most_common()),
        "tokens": {name: {"median": int(np.median(values)), "95 %": int(np.quantile(values, 0.95)), "all": sum(values)}
                   for name, values in parts.items()} if found else {},
    }  # fmt: skip


def write_card(
    folder: Path, rers: Rers, teacher: Teacher, funnel: Mapping[str, Any], taught: Mapping[str, Any], gone: Counter[str],
    releases: str,
) -> None:  # fmt: skip
    """Write card.json and card.md. funnel: Funnel.document; taught: the composition; gone: what was left out, by reason."""
    card = {
        "schema": "raredx-cot-1", "note": NOTE, "teacher": {**asdict(teacher), "options": dict(teacher.options)},
        "what the teacher is": PROGRAM if teacher.backend == "ontology" else MODEL, "settings": asdict(rers), "releases": releases,
        "corpus": taught, "funnel": funnel, "left out": dict(sorted(gone.items())),
    }  # fmt: skip
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    template = Environment(autoescape=False, trim_blocks=True, lstrip_blocks=True).from_string(
        resources.files("raredx_train").joinpath("recipes", "templates", "reasoning_card.md.jinja").read_text(encoding="utf-8")
    )  # Markdown, no HTML
    (folder / "card.md").write_text(template.render(card=card, stages=stages(funnel)), encoding="utf-8")
