"""Right and wrong are decided in one place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from raredx_bench.domain import BadInput, Case, Reading, Relation
from raredx_bench.hpo import Hpo
from raredx_bench.judging import Judge
from raredx_bench.linking import Linker
from raredx_bench.matching import match_file
from raredx_bench.ontology import load_ontology


@pytest.fixture
def small(small_root: Path, hpo: Hpo) -> Judge:
    return Judge(Linker(load_ontology(small_root, hpo)))


@pytest.mark.parametrize(
    ("name", "answers", "relation"),
    [
        ("Alder syndrome 1", ("OMIM:100011",), Relation.EXACT),
        ("Alder syndrome type I", ("OMIM:100011",), Relation.EXACT),
        ("Alder syndrome", ("ORPHA:990010",), Relation.EXACT),
        ("Alder syndrome", ("OMIM:100011",), Relation.BROADER),  # the series above a numbered gold
        ("Alder syndrome 2", ("OMIMPS:100010",), Relation.NARROWER),
        ("Alder syndrome 2", ("OMIM:100011",), Relation.DIFFERENT),  # siblings
        ("Alder syndrome 2", ("OMIM:100011", "OMIM:100012"), Relation.EXACT),  # any gold is right
        ("Alder syndrome", ("OMIM:100011", "CCRD:7"), Relation.BROADER),
        ("Alder syndrome", ("CCRD:7",), Relation.DIFFERENT),  # a gold that the terminology does not know
        ("No such thing", ("OMIM:100011",), Relation.DIFFERENT),
    ],
)
def test_a_relation_follows_the_hierarchy(small: Judge, name: str, answers: tuple[str, ...], relation: Relation) -> None:
    prediction, why = small.match(name, answers)
    assert prediction.relation is relation
    assert why


def test_vague_categories_are_not_broader(full_judge: Judge) -> None:
    name = "hereditary disease"
    prediction, why = full_judge.match(name, ("ORPHA:558",))
    assert prediction.link.id is not None
    assert full_judge.is_vague(prediction.link.id)
    assert prediction.relation is Relation.DIFFERENT
    assert "vague" in why


def test_an_answer_is_read_linked_and_ranked(small: Judge) -> None:
    case = Case("c1", "x", "", ("OMIM:100012",))
    verdict = small.judge(case, "1. Zebra syndrome\n2. Alder syndrome\n3. Alder syndrome type II")
    assert [each.relation for each in verdict.predictions] == [Relation.DIFFERENT, Relation.BROADER, Relation.EXACT]
    assert verdict.rank(Relation.EXACT) == 3
    assert verdict.rank(Relation.EXACT, Relation.BROADER) == 2
    assert verdict.rank(Relation.NARROWER) is None
    assert verdict.gold == ("MONDO:0000012",)


def test_one_disease_under_two_names_takes_one_rank(small: Judge) -> None:
    case = Case("c1", "x", "", ("OMIM:100011",))
    verdict = small.judge(case, "1. Alder syndrome\n2. Alder-Birch syndrome\n3. Alder syndrome 1")
    assert verdict.rank(Relation.EXACT) == 2


def test_removing_a_wrong_name_above_the_hit_lifts_it_by_one(small: Judge) -> None:
    case = Case("c1", "x", "", ("OMIM:100011",))
    names = ("One thing", "Another thing", "Alder syndrome 1")
    before = small.judge_names(case, names, Reading.LIST, "").rank(Relation.EXACT)
    after = small.judge_names(case, names[1:], Reading.LIST, "").rank(Relation.EXACT)
    assert (before, after) == (3, 2)


@pytest.mark.parametrize("text", ["", "   ", "I am sorry, I cannot provide a diagnosis.", "<think> it may be Alder syndrome 1"])
def test_an_unreadable_answer_is_a_miss_not_an_error(small: Judge, text: str) -> None:
    verdict = small.judge(Case("c1", "x", "", ("OMIM:100011",)), text)
    assert verdict.reading is not Reading.LIST
    assert verdict.rank(Relation.EXACT) is None


def test_a_case_needs_a_diagnosis() -> None:
    with pytest.raises(BadInput, match="has no diagnosis"):
        Case("c1", "x", "", ())


def test_a_file_of_pairs_is_judged_row_by_row(small: Judge, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(
        'prediction\tanswer\nAlder syndrome 1\tOMIM:100012|OMIM:100011\n"Alder" syndrome\tOMIM:100011\nnothing\tOMIM:1\n'
    )
    rows = match_file(small, path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))  # as a spreadsheet writes it
    assert match_file(small, path) == rows
    assert [row["relation"] for row in rows] == ["exact", "broader", "different"]
    assert rows[0]["answer"] == "OMIM:100012|OMIM:100011"
    assert rows[0]["link"] == {"id": "MONDO:0000011", "name": "Alder syndrome 1", "how": "exact name", "score": 100.0}
    assert rows[2]["link"] is None
    assert all(row["why"] for row in rows)


@pytest.mark.parametrize(
    ("content", "fault"),
    [("a\tb\n1\t2\n", "needs the tab-separated columns"), ("", "needs"), ("prediction\tanswer\nonly one\n", "line 2: too few")],
)
def test_a_damaged_file_of_pairs_names_the_fault(small: Judge, tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(content)
    with pytest.raises(BadInput, match=fault):
        match_file(small, path)


def test_the_judged_names_keep_their_agreement(full_judge: Judge, data_root: Path) -> None:
    with (data_root / "linking/judged_names.tsv").open(newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    said = {"E": Relation.EXACT, "N": Relation.NARROWER, "B": Relation.BROADER, "D": Relation.DIFFERENT}
    ours = [full_judge.match(row["prediction"], (row["gold_id"],))[0].relation for row in rows]
    theirs = [said[row["verdict"]] for row in rows]
    exact = sum(a is b is Relation.EXACT for a, b in zip(ours, theirs, strict=True))
    assert exact / ours.count(Relation.EXACT) >= 0.95
    assert exact / theirs.count(Relation.EXACT) >= 0.75
    assert sum(a is b for a, b in zip(ours, theirs, strict=True)) / len(rows) >= 0.9
