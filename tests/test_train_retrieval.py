"""K: the right record is found, from what is taught alone, whatever the answer; a case never meets itself or its publication."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from raredx_bench.bm25 import Bm25, words
from raredx_bench.domain import Case, UsageError
from raredx_bench.findings import Findings
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.building import load_sources
from raredx_train.knowledge.facts import Fact, Facts, Kind
from raredx_train.knowledge.records import gene_facts
from raredx_train.knowledge.terms import Glossary
from raredx_train.reasoning.records import Record, read, shown
from raredx_train.reasoning.retrieval import Retriever
from raredx_train.reasoning.retrieval.writing import ABSENT, FINDINGS, GENES, Writing
from tests import knowledge_world as world

TWO = "MONDO:9000002"  # Cedar syndrome: findings 8 to 13, and 26


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, embedded: Ontology) -> Iterator[Base]:
    """embedded: it is loaded before the cache that it is kept in is another."""
    with world.at_hand(tmp_path_factory) as root:
        yield load_sources(Knowledge(heldout_share=0.0), root, Counter()).base


def case(name: str, *numbers: int, answer: str = TWO, lacking: tuple[int, ...] = (), group: str = "", coded: bool = True) -> Case:
    """A patient with invented findings, told in words and, where coded, in HPO ids."""
    told = [f"The patient has {world.name_of(each).lower()}." for each in numbers]
    told += [f"There was no {world.name_of(each).lower()}." for each in lacking]
    observed, excluded = (tuple(map(world.finding, each)) if coded else () for each in (numbers, lacking))
    return Case(name, "world", " ".join(told), (answer,), observed, excluded, group)


def patients() -> list[Case]:
    """Three patients of two publications, one of them with a variant, and one whose diagnosis nobody knows."""
    return [case("a", 8, 9, 10, group="PMID:1"), case("a#1", 8, 9, group="PMID:1"), case("b", 8, 9, 11, group="PMID:2"),
            case("c", 0, 1, 2, answer="OMIM:900000", group="PMID:3"), case("d", 8, 9, answer="CCRD:1", group="PMID:4")]  # fmt: skip


@pytest.mark.parametrize("coded", [True, False])
def test_the_disease_that_fits_is_found_by_codes_and_by_words(base: Base, coded: bool) -> None:
    retriever = Retriever(base)
    assert retriever.for_case(case("x", 8, 9, 26, coded=coded), diseases=3)[0].disease == TWO
    assert retriever.findings(case("x", 8, 9, lacking=(2,), coded=coded)) == Findings(
        tuple(map(world.finding, (8, 9))), (world.finding(2),)
    )


def test_a_record_says_first_what_bears_on_the_case(base: Base) -> None:
    seen = Findings(tuple(map(world.finding, (12, 32, 45))), (world.finding(9),))
    record = Writing(base, seen, "").disease(TWO, 1.5)
    assert record is not None
    assert (record.disease, record.name, record.score) == (TWO, "Cedar syndrome", 1.5)
    near, lacked, unknown = (
        [(12, 1.0), (8, 1.0)],
        [(9, 0.895)],
        [(13, None), (26, None)],
    )  # the same, above one; unknown counts as half
    assert record.findings == tuple((world.finding(number), share)
                                    for number, share in (*near, *lacked, *unknown, (10, 0.4), (11, 0.17)))  # fmt: skip
    assert record.absent == (world.finding(45),)  # recorded as absent, and the case has it
    assert (record.genes, record.inheritance, record.onset) == (("GENE2",), ("HP:0001417",), ("HP:0003577",))
    assert record.source
    assert not record.patient


def test_what_the_answers_are_changes_nothing(base: Base) -> None:
    retriever = Retriever(base, patients())
    for each in (*patients(), case("x", 8, 9), case("y", 8, 9, coded=False), case("z")):
        texts = {shown(Retriever(base, patients()).for_case(replace(each, answers=answers), ["OMIM:900005"]), base)
                 for answers in (each.answers, ("OMIM:900007",), ("CCRD:9",), ("OMIM:900000", TWO))}  # fmt: skip
        assert texts == {shown(retriever.for_case(each, ["OMIM:900005"]), base)}


@pytest.mark.parametrize(("asked", "met"), [
    (case("x", 8, 9, group="PMID:9"), ["a", "b", "c"]),  # one of each publication, none without a known diagnosis
    (case("a", 8, 9, 10, group="PMID:1"), ["b", "c"]),
    (case("a#2", 8, 9, group="PMID:9"), ["b", "c"]),
    (case("new", 8, 9, group="PMID:2"), ["a", "c"]),
    (case("y", 8, 9, coded=False), ["a", "b", "c"]),
    (case("z"), []),
])  # fmt: skip
def test_a_case_never_meets_itself_a_variant_of_itself_or_its_publication(base: Base, asked: Case, met: list[str]) -> None:
    found = [each for each in Retriever(base, patients()).for_case(asked, patients=9) if each.patient]
    assert [each.source.partition("#")[0] for each in found] == met
    assert all(each.score > 0 for each in found)


def test_what_one_publication_alone_says_is_not_shown_to_its_cases(base: Base) -> None:
    cited = [replace(fact, references=("PMID:1",)) if fact.subject == TWO and fact.kind is Kind.FINDING
             and fact.value in map(world.finding, (8, 9, 10)) else fact for fact in base.taught]  # fmt: skip
    told = Base(base.ontology, base.hpo, base.glossary, Facts(cited), base.every, base.seed)
    retriever = Retriever(told, patients())
    own, other = (retriever.for_case(case("x", 8, 9, 10, group=group), [TWO], diseases=9, patients=0)
                  for group in ("PMID:1", "PMID:7"))  # fmt: skip
    records = [next(each for each in found if each.disease == TWO) for found in (own, other)]
    lacking = {each for each, _ in records[1].findings} - {each for each, _ in records[0].findings}
    assert lacking == set(map(world.finding, (8, 9, 10)))
    assert [other[0].disease, own[0].disease == TWO] == [TWO, False]
    assert not any("|" in each.disease for each in (*own, *other))


def test_only_what_is_taught_is_shown(base: Base) -> None:
    taught = Facts(fact for fact in base.taught if fact.subject != TWO)
    less = Retriever(Base(base.ontology, base.hpo, base.glossary, taught, base.every, base.seed))
    assert TWO not in [each.disease for each in less.for_case(case("x", 8, 9, 26), [TWO], diseases=20)]
    withheld = next(fact for fact in base.every if world.CITED in fact.references)
    assert withheld not in base.taught.all
    shows = Writing(base, Findings((), ()), "").disease(withheld.subject, 0.0)
    assert shows is not None
    assert withheld.value not in dict(shows.findings)


def test_candidates_follow_without_repeats_and_unknown_ones_are_passed_over(base: Base) -> None:
    retriever = Retriever(base)
    named = ["OMIM:900007", "MONDO:0000001", "no id", "", TWO, "OMIM:900002", "OMIM:900003", "MONDO:9000007", "MONDO:9009999"]
    asked = case("x", 8, 9, 26)
    first = [each.disease for each in retriever.for_case(asked, diseases=2)]
    found = [each.disease for each in retriever.for_case(asked, named, diseases=2)]
    assert first[0] == TWO
    assert found[:2] == first
    assert set(found[2:]) == {"MONDO:9000003", "MONDO:9000007"} - set(first)
    few = retriever.for_case(asked, [f"OMIM:90000{each}" for each in range(9)], diseases=2)
    assert [each.disease for each in few][:2] == first
    assert len({each.disease for each in few}) == len(few) == 4
    assert few[2].score >= few[3].score


def test_a_case_without_findings_gets_the_candidates_records_alone(base: Base) -> None:
    empty = Case("x", "world", "", (TWO,))
    assert Retriever(base, patients()).for_case(empty) == []
    assert [each.disease for each in Retriever(base, patients()).for_case(empty, [TWO, "OMIM:1"])] == [TWO]
    odd = Case("x", "world", "", (TWO,), observed=("HP:7777777",))
    assert [each.disease for each in Retriever(base, patients()).for_case(odd, ["OMIM:900002"])] == [TWO]
    assert Retriever(base, patients()).for_case(case("x", 8, 9), diseases=0, patients=0) == []


class Counting:
    """A real encoder, if a small one: how often each of 64 buckets of words occurs."""

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, sentences: list[str]) -> np.ndarray:
        """(texts, 64)."""
        self.encoded += len(sentences)
        rows = np.zeros((len(sentences), 64))
        for row, text in enumerate(sentences):
            for word in words(text):
                rows[row, sum(map(ord, word)) % 64] += 1
        return rows


def test_an_encoder_is_one_more_way_of_looking(base: Base) -> None:
    encoder = Counting()
    retriever = Retriever(base, encoder=encoder)
    assert encoder.encoded == len(retriever.diseases)
    asked = case("x", 8, 9, 26)
    assert set(retriever.rankings(asked)) == {"profile", "words", "dense", "fused"}
    assert set(Retriever(base).rankings(asked)) == {"profile", "words", "fused"}
    assert retriever.rankings(asked)["dense"].max() <= 1 + 1e-6
    assert retriever.for_case(asked)[0].disease == TWO


def test_an_encoder_that_is_not_there_is_told_of_in_a_sentence(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(UsageError, match=r"rers.encoder needs the package sentence_transformers: pip install 'raredx\[dense\]'"):
        Retriever(base, encoder="some/model")


def test_bm25_prefers_rare_words_and_knows_nothing_of_unknown_ones(caplog: pytest.LogCaptureFixture) -> None:
    index = Bm25([["hand", "eye"], ["hand", "ear"], ["hand", "ear", "nose"]])
    scores = index.scores(["hand", "eye", "toe"])
    assert scores[0] == max(scores)
    assert not index.scores(["toe"]).any()
    assert not index.scores([]).any()
    assert Bm25([]).scores(["eye"]).shape == (0,)
    assert not Bm25([[], []]).scores(["eye"]).any()
    assert not caplog.records
    assert words("The Eye's colour: not of a kind, X") == ["eye", "colour", "kind"]


def unsaid(record: Record) -> Record:
    """A record as its text tells it."""
    return replace(record, source="", score=0.0)


def test_a_text_of_records_reads_back_as_the_records(base: Base) -> None:
    found = Retriever(base, patients()).for_case(case("x", 8, 9, 45, lacking=(2,)), ["OMIM:900005"], diseases=9)
    assert any(each.patient for each in found)
    assert any(each.absent for each in found)
    assert read(shown(found, base), base) == list(map(unsaid, found))
    assert shown(read(shown(found, base), base), base) == shown(found, base)


def test_the_records_of_real_diseases_read_back(hpo: Hpo, embedded: Ontology) -> None:
    rows = zip(hpo.disease.tolist(), hpo.term.tolist(), hpo.negated.tolist(), hpo.frequency.tolist(), strict=True)
    known = {at: found for at, each in enumerate(hpo.diseases) if at % 8 == 0 and (found := embedded.canonical(each))}
    facts = [Fact(known[disease], Kind.ABSENT if negated else Kind.FINDING, hpo.ids[term], "x", "x",
                  frequency=None if share != share else share)
             for disease, term, negated, share in rows if disease in known]  # fmt: skip
    genes = list(gene_facts(hpo, embedded))
    real = Base(embedded, hpo, Glossary({}, {}, {}, {}, {}), Facts([*facts, *genes]), Facts(()), 1)
    writing = Writing(real, Findings(("HP:0001166", "HP:0001250"), ("HP:0000518",)), "")
    records = [record for each in real.diseases if (record := writing.disease(each, 0.0))]
    assert len(records) > 1000
    assert read(shown(records, real), real) == list(map(unsaid, records))
    assert max(len(each.findings) for each in records) == FINDINGS
    assert 1 <= max(len(each.absent) for each in records) <= ABSENT
    assert max(len(each.genes) for each in records) == GENES
