"""RareKnowledgeQA: every answer follows from the records, nothing of a held-out case is in it, and what is held out stays out."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from raredx_bench.domain import Case, DataMissing, UnknownName, UsageError
from raredx_bench.fingerprints import SHORTEST, fingerprints, words_of, write_fingerprints
from raredx_train.knowledge import Knowledge, KnowledgeCounts, build_knowledge
from raredx_train.knowledge.building import (
    Sources,
    held_out,
    load_sources,
    screened,
    template_pairs,
    template_questions,
)
from raredx_train.knowledge.diseases import is_trait
from raredx_train.knowledge.facts import Fact, Facts, Kind, place
from raredx_train.knowledge.grounds import diseases_of, fewer_diseases, fingerprints_at_hand
from raredx_train.knowledge.pairs import Pair, balanced, without_repeats
from raredx_train.knowledge.questions import Asked
from raredx_train.knowledge.questions.course import masked
from raredx_train.knowledge.questions.findings import share_of
from raredx_train.knowledge.templates import heldout_wordings, kinds_known, templates
from raredx_train.knowledge.withheld import part_of
from tests import knowledge_world as world
from tests.reasoning_world import patient

WIDE = Knowledge(pairs=5000, per_disease=300, heldout_share=0.1)


@dataclass(frozen=True)
class Built:
    counts: KnowledgeCounts
    train: list[dict[str, Any]]
    heldout: list[dict[str, Any]]
    folder: Path

    def of(self, kind: str, disease: str = "") -> list[tuple[str, str]]:
        """Questions and answers of one kind, of one disease where it is named."""
        return [(row["prompt"][0]["content"], row["completion"][0]["content"]) for row in self.train
                if row["kind"] == kind and disease in row["prompt"][0]["content"] + row["completion"][0]["content"]]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world.at_hand(tmp_path_factory) as root:
        yield root


@pytest.fixture(scope="module")
def loaded(root: Path) -> Sources:
    return load_sources(WIDE, root, Counter())


def pairs_of(config: Knowledge, loaded: Sources) -> list[Pair]:
    """The pairs of the templates."""
    return template_pairs(template_questions(config, loaded), config, loaded, Counter())


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built") / "set"
    counts = build_knowledge(WIDE, folder, root)
    train, heldout = (pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ("train", "heldout"))
    return Built(counts, train, heldout, folder)


@pytest.fixture(scope="module")
def whole(root: Path) -> list[Pair]:
    """Every pair of a base that keeps nothing back."""
    everything = replace(WIDE, heldout_share=0.0, per_disease=1000)
    return pairs_of(everything, load_sources(everything, root, Counter()))


def said(row: dict[str, Any]) -> str:
    return f"{row['prompt'][0]['content']} {row['completion'][0]['content']}"


# --- what is asked ------------------------------------------------------------------------------------------------------


def test_every_question_kind_is_asked_of_the_small_world(whole: list[Pair]) -> None:
    assert {pair.kind for pair in whole} == set(kinds_known())
    assert len(kinds_known()) >= 25


def test_every_kind_has_several_wordings_and_no_held_out_wording_among_them() -> None:
    assert all(len(template.ask) >= 2 for template in templates().values())
    trained = {text for template in templates().values() for text in template.ask}
    assert trained.isdisjoint(text for ways in heldout_wordings().values() for texts in ways.values() for text in texts)


@pytest.mark.parametrize(
    ("kind", "disease", "answer"),
    [
        ("inheritance", "Cedar syndrome", "X-linked inheritance"),
        ("onset", "Elm syndrome", "Congenital onset"),
        ("course", "Elm syndrome", "Progressive"),
        ("genes", "Elm syndrome", "GENE4"),
        ("several_genes", "Oak syndrome", "More than one: GENE13; GENE99"),
        ("synonyms", "Fir syndrome", "Fir woodland disorder"),
        ("parent", "Birch syndrome", "grove family"),
        ("series", "grove family", "OMIMPS:900900"),
        ("forms_count", "grove family", "3 forms"),
        ("prevalence", "Birch syndrome", "1-9 / 100 000"),
        ("hallmark", "Elm syndrome", world.name_of(28)),
        ("sex_of_finding", "Elm syndrome", "female"),
        ("onset_of_finding", "Elm syndrome", "Childhood onset"),
        ("absent_findings", "Elm syndrome", world.name_of(43)),
        ("definition", "Alder syndrome", "a rare disease of leaves and bark"),
    ],
)
def test_an_answer_is_what_the_records_say(whole: list[Pair], kind: str, disease: str, answer: str) -> None:
    found = [pair.answer for pair in whole if pair.kind == kind and disease.lower() in f"{pair.question} {pair.answer}".lower()]
    assert found
    assert all(answer.lower() in reply.lower() for reply in found)


def test_a_definition_asked_about_does_not_name_its_disease(built: Built) -> None:
    ((question, answer),) = built.of("definition_disease")
    assert "Alder" not in question.replace("Which", "")
    assert "Alder syndrome" in answer
    assert "(TS0)" not in question
    assert "see this term" not in question


def test_a_no_never_contradicts_a_record(built: Built) -> None:
    recorded = {
        (row.split("\t")[1], row.split("\t")[3]) for row in world.annotation_rows().splitlines()[2:] if "\tNOT\t" not in row
    }
    recorded = {("Alder syndrome" if name == "Disease of alders" else name, term) for name, term in recorded}
    names = {world.name_of(number): world.finding(number) for number in range(48)}
    denied = 0
    for question, answer in built.of("has_finding"):
        if answer.startswith("No"):
            disease = next(f"{tree} syndrome" for tree in world.TREES if tree in question)
            finding = max((name for name in names if name in question), key=len)
            assert (disease, names[finding]) not in recorded
            denied += 1
    assert denied > 10


def test_none_of_these_and_one_of_these_are_both_asked(built: Built) -> None:
    for kind in ("choose_finding", "choose_gene"):
        none = [answer == "None of these." for _, answer in built.of(kind)]
        assert 0 < sum(none) < len(none)


def test_the_option_that_is_given_as_right_is_among_those_asked(built: Built) -> None:
    assert all(answer == "None of these." or answer.rstrip(".") in question for question, answer in built.of("choose_gene"))


def test_a_row_is_in_trls_conversational_format_and_says_where_it_is_from(built: Built) -> None:
    for row in built.train:
        assert [each["role"] for each in row["prompt"]] == ["user"]
        assert [each["role"] for each in row["completion"]] == ["assistant"]
        assert row["source"]
        assert row["record"]
    assert len({row["id"] for row in built.train}) == len(built.train) == built.counts.pairs


@pytest.mark.parametrize(
    ("frequency", "patients", "band", "share"),
    [
        (1.0, 10, "obligate", "10 of 10 patients"),
        (1.0, 1, None, ""),
        (0.895, 0, "very frequent", "80 to 99 % of patients"),
        (0.4, 10, "frequent", "4 of 10 patients"),
        (0.17, 0, "occasional", "5 to 29 % of patients"),
        (0.025, 0, "very rare", "1 to 4 % of patients"),
        (None, 0, None, ""),
    ],
)
def test_a_frequency_has_a_band_unless_it_rests_on_few_patients(
    frequency: float | None, patients: int, band: str | None, share: str
) -> None:
    fact = Fact("D", Kind.FINDING, "HP:1", "s", "r", frequency=frequency, patients=patients)
    assert fact.band == band
    assert not share or share_of(fact) == share


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("Elm syndrome (ES) is rare.", ("Elm syndrome",), "This disease is rare."),
        ("A form of elm syndrome, rare.", ("Elm syndrome", "Elm"), "A form of this disease, rare."),
        ("The elm-syndrome is rare.", ("Elm syndrome",), None),
        ("Elm syndromes include those that are rare.", ("Elm syndrome",), None),
    ],
)
def test_a_text_is_masked_or_not_used(text: str, names: tuple[str, ...], expected: str | None) -> None:
    assert masked(text, names, "this disease") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Body mass index quantitative trait locus 19", True),
        ("Spatial visualization, aptitude for", True),
        ("Marfan syndrome", False),
    ],
)
def test_a_trait_is_no_disease(name: str, expected: bool) -> None:
    assert is_trait(name) == expected


def test_a_lay_term_that_is_the_term_itself_is_not_asked_for(loaded: Sources) -> None:
    assert "Azure tremors sign" in loaded.base.glossary.lay[world.finding(1)]
    assert loaded.base.every.values(world.finding(1), Kind.TERM_LAY) == ("Plain words 1",)


# --- what is withheld -----------------------------------------------------------------------------------------------------


def test_what_cites_the_publication_of_a_held_out_case_is_not_taught(built: Built, loaded: Sources) -> None:
    finding = world.finding((3 * 4 + 5) % 24)
    assert built.counts.left_out["annotation row that cites a held-out case's publication"] == 1
    assert finding not in loaded.base.taught.values("MONDO:9000003", Kind.FINDING)
    assert finding in loaded.base.every.values("MONDO:9000003", Kind.FINDING)
    assert not loaded.wrong.is_wrong(Kind.FINDING, "MONDO:9000003", finding)


def test_a_held_out_question_has_one_right_option_and_is_in_no_pair(built: Built) -> None:
    trained = {row["prompt"][0]["content"] for row in built.train}
    assert {row["part"] for row in built.heldout} == {"taught", "rephrased", "unseen"}
    for row in built.heldout:
        assert row["choices"][row["answer"]] == row["completion"][0]["content"]
        assert 4 <= len(set(row["choices"])) == len(row["choices"]) <= 5
        assert row["prompt"][0]["content"] not in trained
        assert all(value.lower() in choice.lower() for value, choice in zip(row["values"], row["choices"], strict=True))


def test_a_taught_question_has_a_trained_answer_to_another_wording_of_its_kind(built: Built) -> None:
    trained = {(row["kind"], row["disease"], row["record"]): said(row) for row in built.train}
    taught = [row for row in built.heldout if row["part"] == "taught"]
    assert len({row["kind"] for row in taught}) > 10
    for row in taught:
        assert row["values"][row["answer"]].lower() in trained[row["kind"], row["disease"], row["record"]].lower()
        assert row["values"][row["answer"]].lower() not in row["prompt"][0]["content"].lower() or row["kind"].startswith("choose")


def test_a_rephrased_fact_is_taught_and_an_unseen_one_is_not(loaded: Sources) -> None:
    asked = template_questions(WIDE, loaded)
    pairs = template_pairs(asked, WIDE, loaded, Counter())
    taught = {key for pair in pairs for key in pair.facts}
    choices = held_out(WIDE, loaded, pairs, asked)
    assert {choice.part for choice in choices} == {"taught", "rephrased", "unseen"}
    for choice in choices:
        assert all((key in taught) == (choice.part != "unseen") for key in choice.pair.facts)


def test_no_pair_puts_an_unseen_finding_and_its_disease_together(built: Built) -> None:
    unseen = [row for row in built.heldout if row["part"] == "unseen" and row["kind"].startswith("finding")]
    assert unseen
    for row in unseen:
        names = [name for name in (*(f"{tree} syndrome" for tree in world.TREES), *(world.name_of(each) for each in range(48)))
                 if name in said(row)]  # fmt: skip
        longest = [name for name in names if not any(name != other and name in other for other in names)]
        assert not [text for each in built.train if all(f"{name}{end}" in (text := said(each)) for name in longest for end in ("",))
                    and each["kind"] in ("described_findings", "combination_disease", "finding_frequency")
                    and longest[-1] in [part.strip(" .") for part in said(each).split(":")[-1].split(";")]]  # fmt: skip


@pytest.mark.parametrize(("share", "expected"), [(0.0, {None}), (0.25, {"unseen", "rephrased", None})])
def test_the_parts_of_facts_follow_from_their_keys(share: float, expected: set[str | None]) -> None:
    facts = [Fact(f"D{number}", Kind.FINDING, "HP:1", "s", "r") for number in range(200)]
    assert {part_of(fact, share, 1) for fact in facts} == expected
    assert [part_of(fact, share, 1) for fact in facts] == [part_of(replace(fact, source="other"), share, 1) for fact in facts]


def test_the_diseases_of_unseen_are_kept_or_dropped_as_told(root: Path, loaded: Sources) -> None:
    assert "MONDO:9000013" in loaded.base.diseases
    gone: Counter[str] = Counter()
    dropped = load_sources(replace(WIDE, unseen_diseases="drop"), root, gone)
    assert "MONDO:9000013" not in dropped.base.diseases
    assert gone["fact of a disease of the split unseen"] > 5


def test_a_pair_that_repeats_a_case_is_left_out(loaded: Sources, tmp_path: Path) -> None:
    pairs = pairs_of(WIDE, loaded)
    long = next(pair for pair in pairs if len(words_of(f"{pair.question} {pair.answer}")) >= SHORTEST)
    case = Case("1", "mine", f"{long.question} {long.answer}", ("OMIM:1",))
    write_fingerprints(fingerprints([case]), tmp_path / "known.jsonl")
    known = fingerprints_at_hand((str(tmp_path / "known.jsonl"),), ())
    gone: Counter[str] = Counter()
    left = screened(pairs, known, gone)
    assert long not in left
    assert gone["pair that overlaps a case"] == len(pairs) - len(left) <= 5


# --- which of them are taken ------------------------------------------------------------------------------------------------


def test_what_is_taken_follows_from_the_seed(loaded: Sources) -> None:
    some = replace(WIDE, pairs=200, per_disease=20)
    first, again = (pairs_of(some, loaded) for _ in range(2))
    assert first == again
    assert first != pairs_of(replace(some, seed=2), loaded)


def test_a_few_diseases_are_taught_with_their_findings_and_checked_against_all(root: Path, loaded: Sources) -> None:
    gone: Counter[str] = Counter()
    few = load_sources(replace(WIDE, diseases=3), root, gone)
    assert len(few.base.diseases) == 3
    assert set(few.base.findings) <= {value for each in few.base.diseases for value in few.base.taught.values(each, Kind.FINDING)}
    assert len(few.base.every) == len(loaded.base.every)
    assert gone["fact of a disease or finding beyond the number asked for"] == len(loaded.base.taught) - len(few.base.taught)
    assert {pair.subject for pair in pairs_of(WIDE, few)} <= {*few.base.diseases, *few.base.findings}


def test_the_diseases_of_training_cases_come_before_others(loaded: Sources) -> None:
    cases = tuple(patient(at, number) for at in (2, 5, 7) for number in range(30))
    theirs = diseases_of(("phenopacket_store",), {"phenopacket_store": cases}, loaded.base.ontology)
    assert len(theirs) == 3
    facts = list(loaded.base.taught)
    assert {each.subject for each in fewer_diseases(facts, 3, 1, theirs) if loaded.base.is_disease(each.subject)} == theirs
    more = {each.subject for each in fewer_diseases(facts, 4, 1, theirs)}
    assert theirs < more
    assert diseases_of(("phenopacket_store",), {}, loaded.base.ontology) == frozenset()


def test_as_many_sets_of_findings_are_drawn_as_asked_for(root: Path) -> None:
    only = replace(WIDE, kinds=("combination_disease",), per_disease=1000)
    asked = {
        draws: template_questions(only, load_sources(replace(only, combinations=draws), root, Counter())) for draws in (0, 2, 8)
    }
    assert not asked[0]
    drawn = Counter(each.subject for each in asked[8])
    assert max(Counter(each.subject for each in asked[2]).values()) <= 2 < max(drawn.values()) <= 8
    assert {each.subject: each.values for each in asked[2]}.keys() <= drawn.keys()


def test_only_the_kinds_asked_for_are_used(loaded: Sources) -> None:
    pairs = pairs_of(replace(WIDE, kinds=("genes", "onset")), loaded)
    assert {pair.kind for pair in pairs} == {"genes", "onset"}


def test_kinds_and_diseases_are_balanced() -> None:
    many = [Asked("has_finding", f"D{number % 50}", {}, ()) for number in range(1000)]
    few = [Asked("genes", f"D{number}", {}, ()) for number in range(30)]
    taken = balanced([*many, *few], 100, 4, 1)
    assert len(taken) == 100
    assert Counter(each.kind for each in taken) == {"has_finding": 70, "genes": 30}
    assert len({each.subject for each in taken}) == 50
    assert max(Counter(each.subject for each in taken).values()) <= 4


def test_repeats_and_empty_answers_go_and_are_counted() -> None:
    gone: Counter[str] = Counter()
    texts = [("What is X?", "A."), ("what is x", "B."), ("What is Y?", " "), ("What is Z?", "C.")]
    kept = without_repeats((Pair(question, answer, "k", "s", "s", "r") for question, answer in texts), gone)
    assert [pair.answer for pair in kept] == ["A.", "C."]
    assert gone == {"repeated question": 1, "empty question or answer": 1}


# --- what may be the same -----------------------------------------------------------------------------------------------------


def test_two_entries_that_may_be_one_disease_are_never_opposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nowhere"))
    apart = load_sources(WIDE, world.written(tmp_path / "data", with_mondo=False), Counter())
    assert world.TWIN in apart.base.diseases
    assert "OMIM:900000" in apart.wrong.twins[world.TWIN]
    assert "OMIM:900000" not in apart.wrong.similar[world.TWIN]
    own = apart.base.every.values("OMIM:900000", Kind.FINDING)
    assert not any(apart.wrong.is_wrong(Kind.FINDING, world.TWIN, each) for each in own)
    assert not apart.wrong.is_wrong(Kind.GENE, world.TWIN, "GENE1")


def test_facts_are_found_by_subject_and_by_value() -> None:
    facts = Facts([Fact("A", Kind.GENE, "G", "s", "r"), Fact("B", Kind.GENE, "G", "s", "r"), Fact("A", Kind.ONSET, "O", "s", "r")])
    assert facts.values("A", Kind.GENE) == ("G",)
    assert [fact.subject for fact in facts.stating(Kind.GENE, "G")] == ["A", "B"]
    assert facts.of("C", Kind.GENE) == ()
    assert 0 <= place("x") < 1


# --- card and settings --------------------------------------------------------------------------------------------------------


def test_the_card_says_what_is_in_the_set(built: Built) -> None:
    card = json.loads((built.folder / "card.json").read_text())
    assert card["pairs"] == len(built.train)
    assert card["settings"]["heldout_share"] == 0.1
    assert set(card["sources"]) == set(card["licences"])
    assert sum(card["kinds"].values()) == card["pairs"]
    text = (built.folder / "card.md").read_text()
    assert "Not for clinical use" in text
    assert "HPO licence" in text
    assert "{{" not in text


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"kinds": ("inheritence",)}, UnknownName, "inheritance"),
        ({"pairs": 0}, UsageError, "knowledge.pairs is 0"),
        ({"combinations": -1}, UsageError, "knowledge.combinations is -1"),
        ({"benchmarks": ("phenopacket_store",)}, UsageError, "knowledge.diseases is 0"),
        ({"heldout_share": 0.6}, UsageError, "0 to 0.25"),
        ({"unseen_diseases": "dropped"}, UnknownName, "drop"),
        ({"pubmed": ("a.xml",)}, UsageError, "knowledge.written is 0"),
        ({"general_ratio": 0.5}, UsageError, "names no file"),
        ({"general": "x.jsonl"}, UsageError, "set the ratio"),
        ({"general_ratio": -1.0}, UsageError, "0 or more"),
    ],
)
def test_a_wrong_setting_says_what_to_do(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Knowledge(**settings)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"written": 5}, UsageError, "there is no generator"),
        ({"general": "nowhere.jsonl", "general_ratio": 0.1}, DataMissing, "nowhere.jsonl is not there"),
        ({"fingerprints": ("nowhere.jsonl",)}, DataMissing, "nowhere.jsonl is not there"),
        ({"tokenizer": "nowhere"}, DataMissing, "tokenizer.json"),
    ],
)
def test_what_is_missing_stops_the_build_and_nothing_is_written(
    root: Path, tmp_path: Path, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build_knowledge(Knowledge(pairs=10, **settings), tmp_path / "set", root)
    assert not (tmp_path / "set").exists()


def test_knowledge_imports_nothing_else_of_the_trainer() -> None:
    folder = Path(__file__).parents[1] / "raredx_train" / "knowledge"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("raredx_train"):
                assert (node.module or "").startswith("raredx_train.knowledge"), path
