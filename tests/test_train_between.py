"""What was said on the way to a refined answer is judged by benchmark, member and question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from raredx_bench.tasks import cases_of, task_named
from raredx_train.ladder.between import Tally, judged, tallied
from raredx_train.ladder.settings import Evaluation
from tests.conftest import NOWHERE

TASKS = ["raredx_vignettes"]
SMALL = "raredx_vignettes@small:100"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Two answers of an expert, one of them right second, one answer whose tokens nobody counted, one of another case."""
    first, second = cases_of(task_named(SMALL).metadata)[:2]
    rows = [
        {
            "who": "phenotype",
            "what": "differential",
            "case": first.id,
            "text": f"1. {name_of(first.answers)}",
            "note": {"completion_tokens": 4},
        },
        {
            "who": "phenotype",
            "what": "differential",
            "case": second.id,
            "text": f"1. Gout\n2. {name_of(second.answers)}",
            "note": {"completion_tokens": 5},
        },
        {"who": "hf(pretrained=/x/tiny)", "what": "refinement", "case": first.id, "text": "1. Gout", "note": {}},
        {"who": "phenotype", "what": "differential", "case": "elsewhere", "text": "1. Gout", "note": {"completion_tokens": 9}},
    ]
    path = tmp_path / "kept.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def name_of(answers: tuple[str, ...]) -> str:
    from raredx_bench.ontology import load_ontology

    ontology = load_ontology(NOWHERE)
    return ontology.name(next(known for each in answers if (known := ontology.canonical(each))))


def test_answers_in_between_are_tallied_by_who_was_asked_for_what(kept: Path) -> None:
    made = judged(kept, Evaluation(), TASKS, NOWHERE)
    assert tallied(made) == [
        Tally(TASKS[0], "phenotype", "differential", 2, 0.5, 1.0, 9), Tally(TASKS[0], "tiny", "refinement", 1, 0.0, 0.0, None),
    ]  # fmt: skip


def test_answers_count_in_every_benchmark_that_shows_the_case_in_their_form(kept: Path) -> None:
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    asked = [*([TASKS[0]] * 2), "raredx_vignettes_hpo", TASKS[0]]
    kept.write_text(
        "".join(f"{json.dumps({**row, 'task': task})}\n" for row, task in zip(rows, asked, strict=True)), encoding="utf-8"
    )
    said = tallied(judged(kept, Evaluation(), [*TASKS, SMALL, "raredx_vignettes_hpo"], NOWHERE))
    assert {(each.benchmark, each.who): each.answers for each in said} == {
        (TASKS[0], "phenotype"): 2, (SMALL, "phenotype"): 2, ("raredx_vignettes_hpo", "tiny"): 1,
    }  # fmt: skip


def test_nothing_kept_is_nothing_told(tmp_path: Path) -> None:
    assert tallied(judged(tmp_path / "kept.jsonl", Evaluation(), TASKS, NOWHERE)) == []
