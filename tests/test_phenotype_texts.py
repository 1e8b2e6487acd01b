"""A description is ranked by its words beside its findings, groups among the candidates; how its weights are fitted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from raredx_bench.benchmarks import load_cases
from raredx_bench.bm25 import Bm25, words
from raredx_bench.definitions import Definition, defined, definitions
from raredx_bench.domain import Case
from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.models.phenotyping import PhenotypeLM
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.phenotype import Diagnoser, cited, diagnosing
from raredx_bench.phenotype.fitting import Question, folds
from raredx_bench.phenotype.fitting_texts import asked, crossed, fit
from raredx_bench.phenotype.profiles import Profiles
from raredx_bench.phenotype.weighing import Weights
from raredx_bench.phenotype.wording import BY_FINDINGS, PARTS, TEXT_NAMES
from tests.conftest import NOWHERE
from tests.test_hpo import annotation, folder

MONDO = """format-version: 1.2
data-version: mondo/2026-01-01
ontology: mondo

[Term]
id: MONDO:0000010
name: Alder syndrome
def: "Alder syndrome makes the skin smell of resin." []
xref: Orphanet:990010 {source="MONDO:equivalentTo"}

[Term]
id: MONDO:0000011
name: Alder syndrome 1
def: "The form with whorled nails." []
xref: OMIM:100011 {source="MONDO:equivalentTo"}
is_a: MONDO:0000010 ! Alder syndrome

[Term]
id: MONDO:0000012
name: Alder syndrome 2
xref: OMIM:100012 {source="MONDO:equivalentTo"}
is_a: MONDO:0000010 ! Alder syndrome

[Term]
id: MONDO:0000020
name: Cedar disease
xref: OMIM:100020 {source="MONDO:equivalentTo"}
"""
BIG, VERY_BIG = "HP:0000010", "HP:0000011"
World = tuple[Path, Hpo, Ontology]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three diseases with findings, two of them of a group that has none itself."""
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))
    rows = (
        annotation("OMIM:100011", BIG, "9/9") + annotation("OMIM:100012", BIG, "1/2") + annotation("OMIM:100020", VERY_BIG, "1/4")
    )
    root = folder(tmp_path, rows)
    (root / "ontology/mondo.obo").write_text(MONDO)
    hpo = load_hpo(root)
    return root, hpo, load_ontology(root, hpo)


def flat(**weights: float) -> Weights:
    """A ranking of texts that goes by the features named (with _ for a space), and by nothing else."""
    given = {name.replace("_", " "): value for name, value in weights.items()}
    assert set(given) <= set(TEXT_NAMES)
    return Weights({name: given.get(name, 0.0) for name in TEXT_NAMES})


@pytest.mark.parametrize("documents", [[["hand", "eye", "eye"], ["hand", "ear"], []], [[], []], []])
def test_an_index_comes_back_from_its_parts(documents: list[list[str]]) -> None:
    index = Bm25(documents)
    described, arrays = index.parts()
    again = Bm25(parts=(json.loads(json.dumps(described)), arrays))
    for query in (["hand"], ["eye", "ear", "nose"], ["nose"], []):
        assert again.scores(query).tolist() == index.scores(query).tolist()
    assert again.scores(["eye"]).shape == (len(documents),)


def test_definitions_stand_under_the_id_in_force(world: World) -> None:
    root, _, ontology = world
    assert next(iter(definitions(root, ontology))) == Definition(
        "MONDO:0000010", "Alder syndrome makes the skin smell of resin.", "mondo.obo", "MONDO:0000010"
    )
    assert set(defined(root, ontology)) == {"MONDO:0000010", "MONDO:0000011"}
    assert list(definitions(NOWHERE, ontology)) == []


def test_a_group_has_what_its_diseases_share_and_is_ranked_for_texts_only(world: World) -> None:
    _, hpo, ontology = world
    profiles = Profiles(hpo, ontology)
    assert [profiles.diseases[row] for row in profiles.groups] == ["MONDO:0000010"]
    (row,) = profiles.groups
    terms, shares = profiles.own(row)
    assert [hpo.ids[term] for term in terms] == [BIG]
    assert shares[0] == pytest.approx((9.5 / 10 + 1.5 / 3) / 2)  # the two diseases' shares, one pseudo-patient each
    assert not profiles.alive()[row]
    assert profiles.alive(groups=True)[row]
    assert profiles.background[hpo.position[BIG]] == pytest.approx((9.5 / 10 + 1.5 / 3 + 1.5 / 5 / 2 + 0.15) / 3)


def test_groups_leave_the_ranking_by_findings_alone(world: World) -> None:
    _, hpo, ontology = world
    assert "MONDO:0000010" not in {each.disease for each in Diagnoser(hpo, ontology).diagnose([BIG]).candidates}


def test_the_words_of_a_text_rank_what_its_findings_dont_tell_apart(world: World) -> None:
    root, hpo, ontology = world
    said = flat(words_of_names_and_definition=1.0)
    diagnoser = Diagnoser(hpo, ontology, definitions=defined(root, ontology), text_weights=said)
    for text, first, spoken in (
        ("Big thing. Smells of resin.", "MONDO:0000010", "resin"),
        ("Big thing, whorled all over", "MONDO:0000011", "whorled"),
    ):
        found = diagnoser.read(text)
        assert found.observed == (BIG,)
        best = diagnoser.diagnose(found.observed, text=text).candidates[0]
        assert (best.disease, best.words[0]) == (first, spoken)


def test_a_text_without_findings_is_ranked_by_its_words_and_one_without_both_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, hpo, ontology = world
    monkeypatch.setattr(diagnosing, "FEW", 2)
    diagnoser = Diagnoser(hpo, ontology, definitions=defined(root, ontology), text_weights=flat(words_of_names_and_definition=1.0))
    assert diagnoser.diagnose((), text="The smell of resin.").candidates[0].disease == "MONDO:0000010"
    assert not diagnoser.diagnose((), text="Resin, resin.").candidates
    found = diagnoser.diagnose((), text="Nothing of note.")
    assert (found.candidates, found.none_of_these) == ((), 1.0)
    assert "nothing can be ranked" in found.notes[-1]


def test_the_score_by_findings_with_onset_and_sex_is_a_feature_of_a_text(world: World) -> None:
    _, hpo, ontology = world
    diagnoser = Diagnoser(hpo, ontology, text_weights=flat(by_findings=2.0))
    rows, by_findings = diagnoser.ranked([BIG])
    more, scores = diagnoser.ranked([BIG], text="Big thing")
    assert dict(zip(rows.tolist(), (2 * by_findings).tolist(), strict=True)) == pytest.approx(
        {row: score for row, score in zip(more.tolist(), scores.tolist(), strict=True) if row in rows}, rel=1e-6
    )


def test_words_of_what_is_denied_or_of_a_relative_say_nothing(hpo: Hpo, embedded: Ontology) -> None:
    diagnoser = Diagnoser(hpo, embedded)
    base = "A boy with seizures and ataxia. "
    for more in ("There was no telangiectasia.", "His brother has telangiectasia."):
        assert diagnoser.said(base + more).tolist() == diagnoser.said(base + more.replace("telangiectasia", "...")).tolist()
    best = diagnoser.diagnose(["HP:0001250", "HP:0001251"], ["HP:0001009"], text=base + "There was no telangiectasia.").candidates
    assert not any("telangiectasia" in each.words for each in best)


BASE = "A girl with absent speech, seizures and ataxia who laughs at anything and is drawn to water. "


@pytest.mark.parametrize(
    ("sentence", "denied"),
    [
        ("Angelman syndrome was ruled out.", {"Angelman syndrome"}),
        ("Angelman syndrome testing was negative.", {"Angelman syndrome"}),
        ("Angelman syndrome genetic testing came back negative.", {"Angelman syndrome"}),
        ("Methylation studies excluded Angelman syndrome.", {"Angelman syndrome"}),
        ("Angelman syndrome was initially suspected but later excluded.", {"Angelman syndrome"}),
        ("Angelman syndrome had subsequently been excluded.", {"Angelman syndrome"}),
        ("Angelman syndrome was deemed unlikely.", {"Angelman syndrome"}),
        ("Angelman syndrome\nwas ruled out.", {"Angelman syndrome"}),
        ("Angelman syndrome\nNegative family history.", set()),
        ("No evidence of Angelman's syndrome was found.", {"Angelman's syndrome"}),
        ("She does not have Angelman syndrome.", {"Angelman syndrome"}),
        ("Rett syndrome, Angelman syndrome and Pitt-Hopkins syndrome were excluded.",
         {"Rett syndrome", "Angelman syndrome", "Pitt-Hopkins syndrome"}),
        ("Negative: Rett syndrome, Angelman syndrome.", {"Rett syndrome", "Angelman syndrome"}),
        ("Angelman syndrome was suspected at first. Her Angelman testing was negative.", {"Angelman syndrome", "Angelman"}),
        ("A cousin has Angelman syndrome. Not Angelman syndrome.", {"Angelman syndrome"}),
        ("Friedreich ataxia was ruled out.", {"Friedreich ataxia"}),
        ("Not typical of Rett syndrome, suggesting Angelman syndrome.", {"Rett syndrome"}),
        ("Rett syndrome rather than Angelman syndrome.", {"Angelman syndrome"}),
        ("Testing excluded Prader-Willi syndrome and confirmed Angelman syndrome.", {"Prader-Willi syndrome"}),
        ("Prader-Willi syndrome was excluded, and Angelman syndrome was confirmed.", {"Prader-Willi syndrome"}),
        ("Although no mutation was found, Angelman syndrome was diagnosed clinically.", set()),
        ("No regression, suggesting Angelman syndrome.", set()),
        ("Not surprisingly, Angelman syndrome was confirmed.", set()),
        ("We could not exclude Angelman syndrome.", set()),
        ("Angelman syndrome could not be excluded.", set()),
        ("Angelman syndrome, normal MRI, negative family history.", set()),
        ("She was not diagnosed with Angelman syndrome until the age of four.", set()),
        ("Clinically Rett syndrome, with no mutation in MECP2.", set()),
        ("Suspected Angelman syndrome.", set()),
        ("Her Angelman testing was negative at first. She has Angelman syndrome.", {"Angelman"}),
    ],
)  # fmt: skip
def test_a_disease_is_denied_where_the_denial_stands_beside_its_name(
    hpo: Hpo, embedded: Ontology, sentence: str, denied: set[str]
) -> None:
    text, diagnoser = BASE + sentence, Diagnoser(hpo, embedded)
    found = diagnoser.diagnose(diagnoser.read(text).observed, text=text)
    assert {text[start:end] for start, end in diagnoser._denied(text)} == denied
    assert any("the text denies" in note for note in found.notes) == bool(denied)
    if "Angelman" in sentence:
        assert (found.candidates[0].name == "Angelman syndrome") == (
            denied.isdisjoint({"Angelman syndrome", "Angelman's syndrome"})
        )


def test_a_text_that_only_lists_findings_is_ranked_as_ids_are(hpo: Hpo, embedded: Ontology) -> None:
    diagnoser = Diagnoser(hpo, embedded)
    listed = "Seizures, ataxia, wide mouth, absent speech, no cataract in this girl."
    found = diagnoser.read(listed)
    assert len(found.observed) == 4
    by_text, by_ids = (
        diagnoser.diagnose(found.observed, found.excluded, text=listed),
        diagnoser.diagnose(found.observed, found.excluded),
    )
    assert by_text.candidates == by_ids.candidates
    assert "ranked as their ids" in by_text.notes[-1]
    for more in (
        " Angelman syndrome?",
        " Her hands flap, she laughs a great deal and loves water, and her brother was much the same.",
    ):
        best = diagnoser.diagnose(found.observed, found.excluded, text=listed + more).candidates
        assert best[0].words
    assert best != diagnoser.diagnose(found.observed, found.excluded).candidates


def test_rows_without_a_publication_change_no_score_of_the_others_and_keep_names_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    root = folder(
        tmp_path,
        annotation("OMIM:1", BIG, "9/9") + annotation("OMIM:2", VERY_BIG, "1/4") + annotation("OMIM:3", BIG, qualifier="NOT"),
    )
    hpo = load_hpo(root)
    ontology = load_ontology(NOWHERE, hpo)
    whole, without = Diagnoser(hpo, ontology), Diagnoser(hpo, ontology, cited=cited(root, hpo, ontology))
    assert without.profiles.without == ("PMID:1", "PMID:1")  # OMIM:3 has nothing that could be left out
    said = without.said("OMIM:1: a big thing")
    assert said[:, :2].tolist() == whole.said("OMIM:1: a big thing").tolist()
    assert said[0, 2:].tolist() == said[2, :2].tolist()
    assert said[1, 2:].tolist() == [0, 0]


def test_the_best_row_of_the_shortlist_counts_one_by_each_part(world: World) -> None:
    root, hpo, ontology = world
    diagnoser = Diagnoser(hpo, ontology, definitions=defined(root, ontology))
    said = diagnoser.wording.scores("Alder syndrome, resin, big thing")
    assert said.shape == (len(PARTS), diagnoser.profiles.rows)
    seen, scores = diagnoser.shortlist([BIG], (), said)
    table = diagnoser.wording.table(seen, said, scores)
    first = TEXT_NAMES.index(f"words of {PARTS[0]}")
    assert table[:, first : first + len(PARTS)].max(axis=0).tolist() == [1.0] * len(PARTS)
    assert table[:, -1].tolist() == [float(row in diagnoser.profiles.groups) for row in seen.rows.tolist()]


def test_the_model_answers_a_free_text_and_abstains_where_there_is_nothing_to_go_by(tmp_path: Path) -> None:
    model = PhenotypeLM(data_dir=str(tmp_path))
    text = "A boy with long fingers (arachnodactyly), ectopia lentis and a dilated aortic root."
    answer = model.answer("", {"presentation": text, "asked": 5})
    assert len(answer.splitlines()) == 5
    assert "Marfan" in answer
    assert model.answer("", {"presentation": "qqq zzz"}).startswith("No diagnosis")
    findings = PhenotypeLM(data_dir=str(tmp_path), ranking="findings")
    assert [each.get_model_info()["name"] for each in (model, findings)] == ["phenotype", "phenotype-findings"]
    assert findings.answer("", {"presentation": "Marfan"}).startswith("No diagnosis")
    said = "His long limbs, thin fingers, wide aorta, bent spine and loose lens look like those of his aunt with Marfan syndrome"
    assert findings.answer("", {"presentation": "Marfan"}) == model.answer("", {"presentation": "Marfan"})
    assert "Marfan" in model.answer("", {"presentation": said})


def test_the_ranking_of_texts_does_better_on_vignettes_than_findings_alone(hpo: Hpo, embedded: Ontology) -> None:
    diagnoser = Diagnoser(hpo, embedded)
    hits = {"": 0, "text": 0}
    for case in load_cases("raredx_vignettes", NOWHERE):
        found, gold = diagnoser.read(case.presentation), {embedded.canonical(each) for each in case.answers}
        for way in hits:
            text = case.presentation if way else ""
            candidates = diagnoser.diagnose(found.observed, found.excluded, text=text).candidates
            hits[way] += any(each.disease in gold for each in candidates)
    assert hits["text"] > 1.3 * hits[""]


def question(number: int, rng: np.random.Generator) -> Question:
    """A report of OMIM:<number> whose right row has the most of one kind of words."""
    table = rng.normal(size=(12, len(TEXT_NAMES))).astype(np.float32)
    right = np.arange(12) == table[:, TEXT_NAMES.index("words of names")].argmax()
    return Question(Case(str(number), "b", "", (f"OMIM:{number}",)), "silent" if number % 2 else "named", table, right)


def test_the_fit_finds_the_words_that_tell_and_is_crossed_by_disease() -> None:
    rng = np.random.default_rng(4)
    questions = [question(number % 40, rng) for number in range(80)]
    weights = fit(questions)
    assert max(weights.weights, key=lambda name: abs(weights.weights[name])) == "words of names"
    fold = folds([each.case for each in questions], 8)
    assert fold[0] == fold[40]
    others = [each for each, where in zip(questions, fold, strict=True) if where != fold[0]]
    assert crossed(questions)[0].tolist() == fit(others).scores(questions[0].table).tolist()


def test_the_score_by_findings_is_not_held_back_by_the_ridge() -> None:
    rng = np.random.default_rng(5)
    questions = [question(number, rng) for number in range(60)]
    place = TEXT_NAMES.index(BY_FINDINGS)
    for each in questions:
        each.table[:, place] = 0.1 * each.table[:, TEXT_NAMES.index("words of names")]
    weights = fit(questions).weights
    assert 0.1 * weights[BY_FINDINGS] > 2 * abs(weights["words of names"])


def test_reports_become_questions_with_their_right_rows(world: World) -> None:
    root, hpo, ontology = world
    diagnoser = Diagnoser(hpo, ontology, definitions=defined(root, ontology), text_weights=flat())
    case = Case("1", "b", "Big thing and whorled nails", ("OMIM:100011",))
    (only,) = asked([(case, "silent")], diagnoser, diagnoser.read)
    assert only.right.sum() == 1
    assert only.table.shape == (len(only.right), len(TEXT_NAMES))


def test_words_leave_out_what_means_nothing() -> None:
    assert words("The hand and a foot") == ["hand", "foot"]
