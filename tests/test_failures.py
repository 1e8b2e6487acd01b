"""Answers that failed in form: each under one key, and a sentence when there are many."""

from __future__ import annotations

import pytest

from raredx_bench.domain import Case, Note, Reading, Verdict
from raredx_bench.failures import failures, warning
from raredx_bench.judging import Judge

TEN = "\n".join(f"{n}. {name}" for n, name in enumerate(
    ("Marfan syndrome", "Fabry disease", "Gaucher disease", "Wilson disease", "Pompe disease", "Alport syndrome",
     "Noonan syndrome", "Rett syndrome", "Williams syndrome", "Alagille syndrome"), 1))  # fmt: skip


def verdict(judge: Judge, text: str, case_id: str = "c") -> Verdict:
    return judge.judge(Case(case_id, "raredx_sim", "text", ("ORPHA:558",)), text)


@pytest.mark.parametrize(
    ("text", "note", "key"),
    [
        ("1. Marfan syndrome", Note("stop"), None),
        ("1. Marfan syndrome", None, None),
        ("1. Marfan syndrome\n2. Fabry", Note("length"), "cut"),
        (TEN, Note("length"), None),
        ("<think>1. Marfan syndrome", Note("length"), "cut"),
        ("<think>1. Marfan syndrome", None, "cut"),
        ("<think>1. Marfan syndrome", Note("stop"), "unreadable"),
        ("", Note("length"), "cut"),
        ("", Note("stop"), "empty"),
        ("", None, "empty"),
        ("", Note("filter"), "refused"),
        ("I'm sorry, I cannot provide a diagnosis.", Note("stop"), "refused"),
        ("Further tests should be made before anything can be said about the patient.", Note("stop"), "unreadable"),
        ("Further tests should be made before anything can be said about the patient, who", Note("length"), "cut"),
    ],
)
def test_an_answer_is_under_one_key_at_most(judge: Judge, text: str, note: Note | None, key: str | None) -> None:
    found = failures([verdict(judge, text)], {"c": note} if note else {})
    assert {name: ids for name, ids in found.items() if ids} == ({key: ["c"]} if key else {})
    assert list(found) == ["cut", "refused", "empty", "unreadable"]


def test_a_list_read_before_the_cut_still_counts(judge: Judge) -> None:
    cut = verdict(judge, "1. Marfan syndrome\n2. Fab")
    assert cut.reading is Reading.LIST
    assert cut.rank(*(p.relation for p in cut.predictions[:1])) == 1
    assert failures([cut], {"c": Note("length")})["cut"] == ["c"]
    assert failures([cut], {"c": Note("length")}, asked=1)["cut"] == []


@pytest.mark.parametrize(("cut", "n", "said"), [(2, 100, False), (3, 100, True), (0, 0, False), (1, 49, True)])
def test_more_than_two_in_a_hundred_are_told_of(cut: int, n: int, said: bool) -> None:
    told = warning({"cut": ["x"] * cut, "refused": [], "empty": [], "unreadable": []}, n)
    assert bool(told) is said
    if said:
        assert told[0].startswith(f"{cut} of {n} answers ({cut / n:.1%}) were cut at the token limit")
        assert told[0].endswith("raise it with --gen_kwargs max_gen_toks=…")


def test_each_key_has_its_own_sentence() -> None:
    told = warning({key: ["x"] for key in ("cut", "refused", "empty", "unreadable")}, 4)
    assert len(set(told)) == 4
    assert all(sentence.startswith("1 of 4 answers (25.0%) ") for sentence in told)
