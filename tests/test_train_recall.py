"""Knowledge recall is a benchmark of lm-eval: the same questions by its command line and in a recipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from raredx_bench.domain import UsageError
from raredx_bench.hpo import Hpo
from raredx_train import recall
from raredx_train.examples import texts
from raredx_train.settings import Shape, Student
from raredx_train.students import Loaded, built
from tests.conftest import NOWHERE
from tests.knowing import pairs, written


@pytest.mark.parametrize(("text", "target", "right"), [
    ("FBN1", "FBN1", True), ("fbn1.", "FBN1", True), ("FBN2", "FBN1", False), ("", "FBN1", False),
    ("<think>\nsurely\n</think>\n\nFBN1", "FBN1", True),
    ("Autosomal dominant inheritance", "Autosomal-dominant inheritance", True),
    ("Marfan's syndrome", "Marfan syndrome", True), ("Loeys-Dietz syndrome", "Marfan syndrome", False),
    ("The recorded mode of inheritance of X is Autosomal dominant inheritance.", "Autosomal dominant inheritance", True),
    ("It is autosomal dominant inheritance or Y-linked inheritance", "Autosomal dominant inheritance", False),
    ("FBN10", "FBN1", False), ("Severe short stature", "Short stature", True), ("Stature", "Short stature", False),
])  # fmt: skip
def test_an_answer_is_right_when_it_says_the_same(text: str, target: str, right: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    assert recall.same_answer(text, target, ["Y-linked inheritance", "Stature"]) is right


def test_the_interval_is_honest_where_all_answers_are_alike() -> None:
    none = recall.share([False] * 20, list("abcdefghij") * 2)
    assert (none.value, none.low, none.n) == (0.0, 0.0, 20)
    assert none.high == pytest.approx(0.278, abs=0.001)  # Wilson, 0 of 10 diseases
    some = recall.share([True, False] * 10, list("abcdefghij") * 2)
    assert 0.2 <= some.low < some.value == 0.5 < some.high <= 0.8
    assert recall.share([True, False] * 5, list("abcdefghij")).low == pytest.approx(0.237, abs=0.001)  # Wilson, 5 of 10


def test_the_questions_of_a_set_are_the_same_whatever_else_the_file_holds(tmp_path: Path, hpo: Hpo) -> None:
    folder = written(tmp_path, hpo)
    every = recall.documents(folder / "heldout.parquet", None)
    few = recall.documents(folder / "heldout.parquet", 6)
    assert len(few) == 6
    assert {each["part"] for each in few} == {"rephrased", "unseen"}
    assert [each for each in every if each in few] == list(few)
    assert all(each["choices"][each["answer"]] == each["target"] for each in every)


def test_without_a_file_of_questions_the_task_says_how_to_name_it() -> None:
    with pytest.raises(UsageError, match="--metadata"):
        recall.dataset(version=1)


@pytest.fixture(scope="module")
def student(hpo: Hpo) -> Loaded:
    shape = Shape(vocabulary=400, width=32, layers=1, heads=2, key_value_heads=1, head=16, mlp=64, context=128)
    return built(Student(shape=shape), texts(pairs(hpo)[0]), 1)


def test_a_student_that_knows_nothing_says_nothing_right(tmp_path: Path, hpo: Hpo, student: Loaded) -> None:
    folder = written(tmp_path, hpo)
    found = recall.measured(student.model, student.tokenizer, folder / "heldout.parquet", 8, NOWHERE)
    assert set(found) == {"choice", "free"}
    assert {name: each.n for name, each in found["choice"].items()} == {"all": 8, "rephrased": 4, "unseen": 4}
    assert found["free"]["all"].value == 0
    document = recall.as_document(found)
    assert document["choice"]["all"]["n"] == 8


def test_every_task_file_registers_with_lm_eval() -> None:
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(recall.TASKS), include_defaults=False)
    assert {"raredx_knowledge", "raredx_knowledge_choice", "raredx_knowledge_free"} == set(manager.task_index)
