"""RareDxCOT from end to end: what is written, what is left out, what a card says, and that nothing is asked twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from raredx_bench.domain import Case, DataMissing, Note
from raredx_bench.fingerprints import fingerprints
from raredx_train.examples import rows
from raredx_train.knowledge import Knowledge
from raredx_train.reasoning.building import build_reasoning
from raredx_train.reasoning.corpus import DIFFICULTIES, Example, balanced, chosen, row, unleaked, without_repeats
from raredx_train.reasoning.reflection import Attempt, Call
from raredx_train.reasoning.settings import Rers
from raredx_train.reasoning.trace import Trace
from raredx_train.settings import Sft, Teacher
from raredx_train.sft import Lesson
from tests import knowledge_world as world
from tests.endpoint import Serve
from tests.faults import Fault, faulty
from tests.reasoning_world import answer, patient

FACTS = Knowledge(heldout_share=0.0)
PROGRAM = Teacher("ontology", "ontology", options={"view": 0.5})
SMALL = Rers(benchmarks=(), simulated=40, samples=3, rounds=2)
Built = Callable[..., tuple[dict[str, Any], Path]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world.at_hand(tmp_path_factory) as root:
        yield root


@pytest.fixture
def build(root: Path, tmp_path: Path) -> Built:
    def built(rers: Rers = SMALL, teacher: Teacher = PROGRAM, name: str = "cot") -> tuple[dict[str, Any], Path]:
        (tmp_path / name).mkdir(exist_ok=True)
        return build_reasoning(rers, teacher, FACTS, tmp_path / name, root), tmp_path / name

    return built


def read(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """(examples, attempts, the card)."""
    examples, attempts = (pq.read_table(path).to_pylist() if (path := folder / f"{name}.parquet").is_file() else []
                          for name in ("train", "attempts"))  # fmt: skip
    return examples, attempts, json.loads((folder / "card.json").read_text())


def test_a_corpus_holds_traces_that_end_in_the_diagnosis_and_says_whose_they_are(build: Built) -> None:
    figures, folder = build()
    examples, attempts, card = read(folder)
    assert figures["examples"] == len(examples) > 5
    assert rows(folder / "train.parquet")  # as the next stage reads them
    for each in examples:
        (question,), (said,) = each["prompt"], each["completion"]
        assert question["content"].startswith("You are an expert in rare diseases.")
        assert said["content"].startswith("<think>\n")
        assert "</think>\n\n1. " in said["content"]
        assert each["rank"] == 1
        assert each["difficulty"] in DIFFICULTIES
    kept = [each for each in attempts if each["kept"]]
    assert len(kept) == card["funnel"]["kept"][Call.FIRST.value] + card["funnel"]["kept"].get(Call.REWRITING.value, 0)
    assert sum(card["funnel"]["calls"].values()) == len(attempts)
    assert {"first answer", "reflection"} <= {each["call"] for each in attempts}
    assert "no language model and no physician" in card["what the teacher is"]
    text = (folder / "card.md").read_text()
    assert "Not for clinical use" in text
    assert "is a program that ranks diseases by HPO annotations" in text
    assert f"| examples | {len(examples)} |" in text


def test_the_same_seed_gives_the_same_corpus_and_a_second_run_asks_nothing(build: Built, serve: Serve) -> None:
    first, second = (read(build(name=name)[1])[0] for name in ("one", "two"))
    assert first == second
    server = serve(lambda prompt, number: answer("A thought.", "Alder syndrome", "Birch syndrome"))
    teacher = Teacher("endpoint", "m", server.url, workers=8, retries=1)
    figures, _ = build(SMALL, teacher)
    asked = len(server.requests)
    again, _ = build(SMALL, teacher)
    assert (again, len(server.requests)) == (figures, asked)


def test_a_silent_teacher_ends_with_a_report_and_no_empty_file(build: Built, serve: Serve) -> None:
    server = serve(lambda prompt, number: answer("", "I do not know"))
    figures, folder = build(SMALL, Teacher("endpoint", "m", server.url, workers=8))
    assert figures["examples"] == 0
    assert any("no trace was kept" in each for each in figures["notes"])
    assert not (folder / "train.parquet").exists()
    assert "no trace was kept" in (folder / "card.md").read_text()
    with pytest.raises(DataMissing, match=r"holds no trace to learn from: its card\.md says"):
        Lesson(pairs_in(folder), folder).examples(Sft())


def pairs_in(folder: Path) -> Path:
    """A folder as the stage knowledge leaves it, with one pair."""
    from tests.knowing import write

    found = folder / "knowledge"
    found.mkdir()
    pair = {"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}], "id": "1"}
    for name in ("train", "heldout"):
        write(found / f"{name}.parquet", [pair])
    return found


def test_parts_share_the_cases(build: Built) -> None:
    met = [
        {each["source"] for each in read(build(replace(SMALL, part=f"{n}/3", rounds=0), name=f"part{n}")[1])[1]} for n in (1, 2, 3)
    ]
    assert len(set.union(*met)) == sum(map(len, met)) == 40


def test_a_lesson_mixes_in_as_much_knowledge_as_it_is_told(build: Built) -> None:
    _, folder = build()
    count = len(rows(folder / "train.parquet"))
    for share, expected in ((0.0, 0), (1 / count, 1), (0.5, 1)):  # there is one pair
        examples, _ = Lesson(pairs_in(folder) if not (folder / "knowledge").exists() else folder / "knowledge", folder).examples(
            Sft(replayed=share)
        )
        assert len(examples) == count + expected


def test_every_case_ends_with_each_answer_once_though_the_endpoint_fails(build: Built) -> None:
    class Often(dict[str, Fault]):
        """A fault for two prompts in three, by their length."""

        def get(self, prompt: str, default: Any = None) -> Any:
            kinds = ("429", "500", "cut", "malformed", "empty", "fine", "fine")
            return Fault(kinds[len(prompt) % len(kinds)], 1, (("retry-after-ms", "1"),))

    with faulty(Often(), answer=lambda messages: answer("A thought of some words.", "Alder syndrome", "Birch syndrome")) as server:
        teacher = Teacher("endpoint", "m", server.url.removesuffix("/chat/completions"), workers=16, retries=4)
        _, folder = build(replace(SMALL, samples=2, rounds=1), teacher)
        _, attempts, card = read(folder)
        assert any(count > 1 for count in server.asked.values())
    asked = Counter((each["case"], each["call"], each["round"]) for each in attempts)
    assert set(asked.values()) <= {1, 2}
    assert len({case for case, *_ in asked}) == card["funnel"]["cases with masked forms"]
    assert card["funnel"]["prompt tokens"] > 0


# the parts


def example(number: int, disease: str = "MONDO:9000000", difficulty: str = "easy", think: str = "", **changes: Any) -> Example:
    case = patient(0, number, **changes)
    trace = Trace(
        think or f"A thought of number {number} with enough words to be told from others of its kind by anybody.", ("Alder",)
    )
    return Example(f"cot-{number}", case, disease, difficulty, Attempt(Call.FIRST, 0, trace, 1, (), Note(), kept=True), "Which?")


def test_no_disease_is_taught_more_often_than_it_may_and_difficulties_take_turns() -> None:
    many = [example(number, "MONDO:9000000", DIFFICULTIES[number % 3]) for number in range(30)]
    few = [example(100 + number, "MONDO:9000001") for number in range(2)]
    gone: Counter[str] = Counter()
    found = balanced([*many, *few], Rers(per_disease=6), gone)
    assert Counter(each.disease for each in found) == {"MONDO:9000000": 6, "MONDO:9000001": 2}
    assert Counter(each.difficulty for each in found if each.disease == "MONDO:9000000") == dict.fromkeys(DIFFICULTIES, 2)
    assert gone["trace beyond per_disease"] == 24
    fewer = balanced([*many, *few], Rers(per_disease=6, size=4), gone)
    assert Counter(each.disease for each in fewer) == {"MONDO:9000000": 2, "MONDO:9000001": 2}
    assert fewer == balanced([*few, *reversed(many)], Rers(per_disease=6, size=4), Counter())


def test_the_same_thought_of_a_disease_is_taught_once() -> None:
    gone: Counter[str] = Counter()
    found = list(
        without_repeats(
            [example(1, think="The same."), example(2, think="the SAME"), example(3, "MONDO:9000001", think="The same.")], gone
        )
    )
    assert [each.id for each in found] == ["cot-1", "cot-3"]
    assert sum(gone.values()) == 1


def test_nothing_of_a_held_out_case_or_disease_is_taught() -> None:
    held = Case(
        "held", "rarebench_mme", " ".join(f"A patient of the {each} cohort had a rare sign." for each in range(9)), ("OMIM:900003",)
    )
    near = held.presentation.replace("cohort 3", "group 3")
    gone: Counter[str] = Counter()
    found = [
        example(1),
        example(2, presentation=held.presentation),
        example(3, think=f"It reads: {near}"),
        example(4, "MONDO:9000013"),
    ]
    kept = unleaked(found, fingerprints([held]), frozenset({"MONDO:9000013"}), gone)
    assert [each.id for each in kept] == ["cot-1"]
    assert gone == {"trace of a disease that is held out": 1, "trace that overlaps a held-out case": 2}


def test_a_short_list_of_findings_is_compared_as_a_whole() -> None:
    held = Case("held", "rarebench_mme", "The patient has these findings: Ptosis.", ("OMIM:900003",))
    found = [example(1, presentation=held.presentation), example(2, presentation="The patient has these findings: Cough.")]
    assert [each.id for each in unleaked(found, fingerprints([held]), frozenset(), Counter())] == ["cot-2"]


@pytest.mark.parametrize(("keep", "per_case", "expected"), [
    ("shortest", 1, ["a b"]), ("shortest", 2, ["a b", "a b c"]), ("diverse", 2, ["a b", "x y z w"]),
    ("all", 4, ["a b c", "a b", "x y z w"]),
])  # fmt: skip
def test_keep_says_which_traces_of_a_case_are_taught(keep: Any, per_case: int, expected: list[str]) -> None:
    accepted = [Attempt(Call.FIRST, 0, Trace(think, ("Alder",)), 1, (), Note(), kept=True) for think in ("a b c", "a b", "x y z w")]
    assert [each.trace.think for each in chosen(accepted, Rers(keep=keep, per_case=per_case))] == expected


def test_a_row_says_where_it_comes_from() -> None:
    found = row(example(7, strata={"lacks": "30 % less"}))
    assert {name: found[name] for name in ("case", "disease", "difficulty", "lacks", "call", "round", "rank")} == {
        "case": "patient-0-7", "disease": "MONDO:9000000", "difficulty": "easy", "lacks": "30 % less", "call": "first answer",
        "round": 0, "rank": 1,
    }  # fmt: skip
