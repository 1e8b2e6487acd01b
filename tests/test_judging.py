"""Right and wrong are decided in one place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from raredx_bench.domain import BadInput, Case, Reading, Relation
from raredx_bench.judging import Judge
from raredx_bench.matching import match_file

OWN_PAIRS = Path(__file__).parent / "data/judged_names.tsv"


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
        ("severe Alder syndrome 1", ("OMIM:100011",), Relation.NARROWER),  # a form of the gold
        ("severe Alder syndrome", ("OMIM:100011",), Relation.DIFFERENT),  # a form of the family: another member may be meant
        ("Alder syndrome 1 or Marfan syndrome", ("OMIM:100011",), Relation.BROADER),  # a hedge
        ("Alder syndrome type 1 or 2", ("OMIM:100011",), Relation.BROADER),
        ("Alder syndrome 1 or 2", ("ORPHA:990010",), Relation.NARROWER),  # all of them are forms of the gold
        ("Marfan syndrome or Fabry disease", ("OMIM:100011",), Relation.DIFFERENT),
        ("disease", ("OMIM:100011",), Relation.BROADER),  # here the root has few below; in Mondo it is vague
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


def test_a_stated_confidence_stays_with_its_name(small: Judge) -> None:
    case = Case("c1", "x", "", ("OMIM:100011",))
    text = "1. Zebra syndrome (60%)\n2. Alder syndrome\n3. Alder-Birch syndrome (20%)\n4. Alder syndrome 1 (10%)"
    verdict = small.judge(case, text)
    assert [(each.link.name, each.confidence) for each in verdict.predictions] == [
        ("Zebra syndrome", 0.6), ("Alder syndrome", None), ("Alder syndrome 1", 0.1),
    ]  # fmt: skip
    assert all(each.confidence is None for each in small.judge(case, "1. Alder syndrome\n2. Alder syndrome 1").predictions)


def test_confidences_that_are_not_one_a_name_are_our_mistake(small: Judge) -> None:
    with pytest.raises(ValueError, match="shorter"):
        small.judge_names(Case("c1", "x", "", ("OMIM:100011",)), ("Alder syndrome", "Zebra syndrome"), Reading.LIST, "", (0.5,))


def test_an_abstention_is_a_miss_of_its_own_kind(small: Judge) -> None:
    verdict = small.judge(Case("c1", "x", "", ("OMIM:100011",)), "I don't know.")
    assert (verdict.reading, verdict.predictions) == (Reading.ABSTAINED, ())


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


@pytest.mark.parametrize(
    ("name", "answer", "relation"),
    [
        ("Noonan syndrome", "OMIM:163950", Relation.BROADER),  # a base name against number 1, though sources list it as a synonym
        ("Camurati-Engelmann disease", "OMIM:131300", Relation.EXACT),  # OMIM's own title, now Mondo's "type 1"
        ("Camurati-Engelmann disease", "ORPHA:1328", Relation.EXACT),  # and the group that carries it in Mondo
        ("Treacher Collins syndrome 1", "OMIM:613717", Relation.DIFFERENT),  # siblings
        ("Velocardiofacial syndrome", "OMIM:188400", Relation.EXACT),  # an exact synonym of the gold, neither above nor below it
        ("retinitis pigmentosa", "OMIM:117000", Relation.DIFFERENT),
        ("retinitis pigmentosa", "OMIM:620996", Relation.BROADER),  # a finding in HPO, and the gold's name but for its number
        ("microcephaly", "OMIM:604804", Relation.DIFFERENT),  # a finding of "microcephaly 3, primary, autosomal recessive"
        ("hereditary disease", "ORPHA:558", Relation.DIFFERENT),  # vague
        ("CASK-related disorder", "OMIM:300749", Relation.BROADER),  # one of the gene's disorders
        ("Ohtahara syndrome", "OMIM:612164", Relation.BROADER),  # two groups carry the name, both above the gold
        ("Likely Marfan syndrome", "ORPHA:558", Relation.EXACT),
    ],
)
def test_awkward_cases_follow_the_stated_rules(full_judge: Judge, name: str, answer: str, relation: Relation) -> None:
    prediction, why = full_judge.match(name, (answer,))
    assert prediction.relation is relation, why


def judged(path: Path) -> list[tuple[Relation, str, str]]:
    said = {"E": Relation.EXACT, "N": Relation.NARROWER, "B": Relation.BROADER, "D": Relation.DIFFERENT}
    with path.open(newline="", encoding="utf-8") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(said[row["verdict"]], row["prediction"], row["gold_id"]) for row in rows]


def test_the_judge_agrees_with_our_own_pairs_on_the_embedded_terminology(judge: Judge) -> None:
    pairs = judged(OWN_PAIRS)
    assert len(pairs) == 619
    both = [(said, judge.match(name, (answer,))[0].relation) for said, name, answer in pairs]
    assert (Relation.DIFFERENT, Relation.EXACT) not in both
    assert sum(said is ours is Relation.EXACT for said, ours in both) / sum(ours is Relation.EXACT for _, ours in both) >= 0.94


@pytest.mark.parametrize(
    ("shared", "precision", "recall", "four_way"), [("", 0.98, 0.90, 0.92), ("linking/judged_names.tsv", 0.98, 0.93, 0.95)]
)
def test_the_judge_agrees_with_judged_pairs_on_mondo(
    full_judge: Judge, data_root: Path, shared: str, precision: float, recall: float, four_way: float
) -> None:
    pairs = judged(data_root / shared if shared else OWN_PAIRS)
    both = [(said, full_judge.match(name, (answer,))[0].relation) for said, name, answer in pairs]
    exact = sum(said is ours is Relation.EXACT for said, ours in both)
    assert (Relation.DIFFERENT, Relation.EXACT) not in both
    assert exact / sum(ours is Relation.EXACT for _, ours in both) >= precision
    assert exact / sum(said is Relation.EXACT for said, _ in both) >= recall
    assert sum(said is ours for said, ours in both) / len(both) >= four_way
