"""Answers made elsewhere: one reading for `score` and for the model type, every fault listed before anything is scored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import raredx_bench
from raredx_bench.answers_file import Given, answers_for, read_answers
from raredx_bench.domain import MAX_RANK, BadInput, Note, Reading, UsageError
from raredx_bench.harness import judge_texts
from raredx_bench.judging import Judge
from raredx_bench.models import build_model
from raredx_bench.parsing import parse, rendered
from raredx_bench.scoring import score_file
from tests.test_harness import SIM, marfan

IDS = [f"sim-1-{number:05}" for number in range(SIM["sim_n"])]


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The embedded terminology, wherever the tests run."""
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing"))


def lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def answered(ids: Sequence[str] = IDS) -> list[dict[str, Any]]:
    return [{"case_id": each, "answer": marfan("")} for each in ids]


def run(path: Path, output: Path, **more: Any) -> raredx_bench.RunReport:
    args = {"path": str(path), **more.pop("args", {})}
    return raredx_bench.run("predictions", ["raredx_sim"], model_args=args, metadata=SIM, output=output, **more)


# Names as text

NASTY = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from([
    "Marfan syndrome", "Ehlers-Danlos syndrome, type 1 (classic)", "Disease: high", "1. Numbered", "[bracketed] name", '"quoted"',
    "disease", "dystrophies in patients with X?", "N/A", "a\nb", '{"raredx_names": ["x"]}', "A | B", "**bold**", "II", "A - 30%",
])  # fmt: skip


@given(st.lists(NASTY, max_size=14))
@example(["Marfan syndrome", "Marfan Syndrome", "marfan syndrome."])
@example([" "])
def test_ranked_names_survive_the_way_through_text_letter_by_letter(names: list[str]) -> None:
    kept = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    read = parse(rendered(names))
    assert list(read.names) == kept[:MAX_RANK]
    assert read.reading is (Reading.LIST if kept else Reading.EMPTY)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["Marfan syndrome", "Fabry disease"], "1. Marfan syndrome\n2. Fabry disease"),
        (["OMIM:154700"], "1. OMIM:154700"),
        (["Foo disease: high"], '{"raredx_names": ["Foo disease: high"]}'),
        ([], ""),
    ],
)
def test_ranked_names_are_a_numbered_list_wherever_that_reads_the_same(names: list[str], text: str) -> None:
    assert rendered(names) == text


@pytest.mark.parametrize(
    "text", ['{"raredx_names": "x"}', '{"raredx_names": [1]}', '{"raredx_names": ["Fabry disease"], "more": 1}', '{"raredx_names"',
             '{"raredx_names": ' + "[" * 100_000],
)  # fmt: skip
def test_what_only_begins_like_names_of_a_program_is_read_like_any_answer(text: str) -> None:
    assert parse(text).how != "names"


# The file


def test_a_row_may_say_more_of_its_answer(tmp_path: Path) -> None:
    row = {"case_id": 7, "names": ["Fabry disease"], "task": "raredx_sim", "stop": "length", "prompt_tokens": 9,
           "completion_tokens": 0, "seconds": 1.5}  # fmt: skip
    assert read_answers(lines(tmp_path / "a.jsonl", [row])) == (
        Given("7", "1. Fabry disease", "raredx_sim", Note("length", 9, 0, 1.5)),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "line 2: expected a JSON object with case_id"),
        ("[1]", "line 2: expected a JSON object with case_id"),
        ('{"answer": "x"}', "line 2: expected a JSON object with case_id"),
        ('{"case_id": "a"}', r"line 2: expected answer \(a text\) or names \(a list of texts\)"),
        ('{"case_id": "a", "names": "Fabry disease", "answer": "x"}', "line 2: expected answer"),
        ('{"case_id": "a", "answer": "x", "seconds": -1}', "line 2: expected seconds to be a number from 0, not -1"),
        ('{"case_id": "a", "answer": "x", "prompt_tokens": true}', "line 2: expected prompt_tokens to be a whole number"),
        ('{"case_id": "a", "answer": "x", "task": 1}', "line 2: expected task to be a text"),
    ],
)
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"case_id": "b", "answer": "\u2028"}}\n{line}\n')
    with pytest.raises(BadInput, match=said):
        read_answers(tmp_path / "a.jsonl")


def test_a_line_separator_inside_an_answer_ends_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"case_id": "b", "answer": "1. Fabry\u2028disease"}\r\n\r\n', encoding="utf-8")
    assert len(read_answers(tmp_path / "a.jsonl")) == 1


A, B = Given("a", "1"), Given("b", "2")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([A], "t case by case: 1 missing (b)"),
        ([A, B, Given("c", ""), Given("c", "")], "1 unknown (c)"),
        ([A, B, A, A], "1 repeated (a)"),
        ([A, B, Given("a", "", "t")], "1 repeated (a)"),
        ([A, Given("b", "", "other")], "1 missing (b)"),
        ([A, B, Given("z", "", "other"), Given("known", "")], None),
        ([A, Given("b", "", "t@clean")], None),
        ([Given(f"x{n}", "") for n in range(7)], "2 missing (a, b); 7 unknown (x0, x1, x2, x3, x4, …)"),
    ],
)
def test_every_case_is_answered_once_or_all_faults_are_listed(rows: list[Given], said: str | None) -> None:
    def outcome() -> str | None:
        try:
            answers_for(rows, {"t": ["a", "b"]}, "file", known=lambda task: ["known"])
        except BadInput as error:
            return str(error)
        return None

    assert (outcome() or "").endswith(said or "")
    assert (outcome() is None) is (said is None)


def test_a_row_without_a_task_answers_its_case_in_every_task_and_a_row_with_one_only_there() -> None:
    rows = [A, Given("b", "in t", "t"), Given("b", "in u", "u")]
    found = answers_for(rows, {"t": ["a", "b"], "u": ["a", "b"]}, "file")
    assert {key: row.text for key, row in found.items()} == {
        ("t", "a"): "1", ("u", "a"): "1", ("t", "b"): "in t", ("u", "b"): "in u",
    }  # fmt: skip


# The model type


def test_what_the_file_says_of_an_answer_reaches_the_report(tmp_path: Path) -> None:
    cut = {"stop": "length", "prompt_tokens": 9, "completion_tokens": 2, "seconds": 1.5}
    path = lines(
        tmp_path / "a.jsonl", [{"case_id": each, "names": ["Fabry disease"], **(cut if each == IDS[0] else {})} for each in IDS]
    )
    ran, scored = run(path, tmp_path), score_file(path, "raredx_sim", metadata=SIM, output=tmp_path)
    assert (ran.cost["prompt_tokens"], ran.cost["completion_tokens"]) == (9, 2)
    for report in (ran, scored):
        assert report.benchmarks["raredx_sim"].failures["cut"] == [IDS[0]]


def test_a_file_of_answers_scores_the_same_as_a_model_and_with_score(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", [{"case_id": each, "names": ["Foo disease: high", "Fabry disease"]} for each in IDS])
    ran, scored = run(path, tmp_path), score_file(path, "raredx_sim", metadata=SIM, output=tmp_path)
    part, other = ran.benchmarks["raredx_sim"], scored.benchmarks["raredx_sim"]
    assert part.verdicts == other.verdicts
    assert part.estimates == other.estimates
    assert [each.link.name for each in part.verdicts[0].predictions] == ["Foo disease: high", "Fabry disease"]
    assert len(ran.model["card"]["revision"]) == 12


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (answered(IDS[1:]), r"1 missing \(sim-1-00000\) \(strict=False"),
        (answered([*IDS, IDS[0], "who"]), r"1 unknown \(who\); 1 repeated \(sim-1-00000\)"),
    ],
)
def test_faults_are_said_before_anything_is_answered(tmp_path: Path, rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        run(lines(tmp_path / "a.jsonl", rows), tmp_path / "out")
    assert not list((tmp_path / "out").rglob("answers/*.jsonl"))


def test_a_limited_run_takes_its_cases_out_of_a_whole_file(tmp_path: Path) -> None:
    assert run(lines(tmp_path / "a.jsonl", answered()), tmp_path, limit=3).benchmarks["raredx_sim"].n == 3


def test_without_strictness_a_missing_answer_is_an_empty_one_that_report_and_log_tell(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = lines(tmp_path / "a.jsonl", answered([*IDS[2:], "who"]))
    part = run(path, tmp_path, args={"strict": False}).benchmarks["raredx_sim"]
    assert part.n == len(IDS)
    assert [verdict.case_id for verdict in part.verdicts if verdict.reading is Reading.EMPTY] == IDS[:2]
    assert "2 of 12 cases have no answer" in caplog.text
    with pytest.raises(BadInput, match="repeated"):
        run(lines(path, answered([*IDS, IDS[0]])), tmp_path, args={"strict": False})


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("", "needs to know where the answers are"),
        ("path=a.jsonl,colour=blue", "knows no argument colour: path, strict"),
        ("path=a.jsonl,strict=maybe", "strict must be True or False, not 'maybe'"),
    ],
)
def test_wrong_arguments_are_the_users_mistake(args: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        build_model("predictions", args)


def test_an_id_by_itself_is_judged_as_the_disease_it_identifies(small: Judge) -> None:
    link = small.linker.link
    assert (link("OMIM:100011").id, link("OMIM:100011").how) == ("MONDO:0000011", "its id")
    assert link(" orphanet:990010 ").id == link("ORPHA:990010").id == link("OMIMPS:100010").id == "MONDO:0000010"
    assert link("MONDO:0000013").label == "Alder syndrome type 2"
    assert link("OMIM:1").id is None
    case = raredx_bench.Case("c", "raredx_sim", "", ("OMIM:100012",))
    (verdict,) = judge_texts(small, [case], {"c": rendered(["OMIM:100011", "OMIM:100012"])})
    assert verdict.rank(raredx_bench.Relation.EXACT) == 2
