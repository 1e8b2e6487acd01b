"""The diagnoser: a differential with evidence and probabilities, trees as arrays, a case's own publication left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from raredx_bench.domain import Case, UnknownName, UsageError
from raredx_bench.hpo import ROOT, Hpo, load_hpo
from raredx_bench.models.phenotyping import PhenotypeLM
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.phenotype import Diagnoser, Diagnosis, cited
from raredx_bench.phenotype.circumstances import APART, WRONG_SEX, Circumstances
from raredx_bench.phenotype.expecting import NAMED, stated_shares
from raredx_bench.phenotype.features import NAMES, Matcher
from raredx_bench.phenotype.fitting import WEIGHTS, Question, calibrated, crossed, fit, folds
from raredx_bench.phenotype.profiles import Profiles
from raredx_bench.phenotype.ratios import best
from raredx_bench.phenotype.standing import Standing, standings
from raredx_bench.phenotype.weighing import FITTED, Weights, fitted, save
from tests.conftest import NOWHERE, written
from tests.test_hpo import annotation, folder

MARFAN = ("HP:0001166", "HP:0001083", "HP:0002616", "HP:0000767", "HP:0001519")
SEIZURE, TALL = "HP:0001250", "HP:0000098"


@pytest.fixture(scope="module")
def diagnoser(hpo: Hpo, embedded: Ontology) -> Diagnoser:
    return Diagnoser(hpo, embedded)


@pytest.fixture(scope="module")
def marfan(diagnoser: Diagnoser) -> Diagnosis:
    return diagnoser.diagnose(MARFAN, [SEIZURE])


def test_a_textbook_case_is_among_the_first(marfan: Diagnosis) -> None:
    assert "Marfan syndrome" in [each.name for each in marfan.candidates[:3]]


def test_probabilities_are_ordered_and_leave_the_rest_to_none_of_these(marfan: Diagnosis) -> None:
    chances = [each.probability for each in marfan.candidates]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= each <= 1 for each in chances)
    assert marfan.none_of_these == pytest.approx(1 - sum(chances))


def test_every_finding_is_in_the_evidence_and_what_is_missing_is_frequent(marfan: Diagnosis) -> None:
    first = next(each for each in marfan.candidates if each.name == "Marfan syndrome")
    assert [each.finding for each in first.evidence if each.kind in ("supports", "unexplained")] == list(MARFAN)
    missing = [each for each in first.evidence if each.kind == "missing"]
    assert 0 < len(missing) <= 5
    assert all(each.frequency is not None and each.frequency >= 0.5 and each.weight < 0 for each in missing)


def test_an_excluded_finding_of_the_disease_contradicts(diagnoser: Diagnoser) -> None:
    found = {each.name: each for each in diagnoser.diagnose(MARFAN[1:], MARFAN[:1]).candidates}
    assert [(each.finding, each.kind) for each in found["Marfan syndrome"].evidence][-6] == (MARFAN[0], "contradicts")


@pytest.mark.parametrize(
    ("observed", "excluded", "note"),
    [
        ([], [], "no finding"),
        ([], ["HP:0001250"], "no finding"),
        (["HP:9999999"], [], "HP:9999999 is no term"),
        (["OMIM:154700"], [], "OMIM:154700 is no term"),
    ],
)
def test_without_a_known_finding_there_is_no_candidate_and_a_note(
    diagnoser: Diagnoser, observed: list[str], excluded: list[str], note: str
) -> None:
    found = diagnoser.diagnose(observed, excluded)
    assert (found.candidates, found.none_of_these) == ((), 1.0)
    assert note in " ".join(found.notes)


def test_two_hundred_findings_and_their_order_change_nothing_of_the_form(diagnoser: Diagnoser, hpo: Hpo) -> None:
    many = [hpo.ids[each] for each in np.unique(hpo.term)[::25]][:200]
    once, again = diagnoser.diagnose(many), diagnoser.diagnose(many[::-1])
    assert len(once.candidates) == 10
    assert [each.disease for each in once.candidates] == [each.disease for each in again.candidates]


def test_ties_go_by_canonical_id(diagnoser: Diagnoser) -> None:
    flat = replace(diagnoser.weights, weights=dict.fromkeys(NAMES, 0.0))
    rows, scores = Diagnoser(diagnoser.hpo, diagnoser.ontology, weights=flat).ranked(MARFAN)
    assert not scores.any()
    assert [diagnoser.disease(row) for row in rows] == sorted(diagnoser.disease(row) for row in rows)


def test_weights_of_other_features_are_refused_and_a_file_keeps_them(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fit it anew"):
        fitted(NAMES[1:], FITTED)
    weights = Weights({"a": 2.0, "b": -1.0}, 0.5, 1.0, 0.25, "by hand")
    save(weights, tmp_path / "w.json")
    assert fitted(("a", "b"), tmp_path / "w.json") == weights
    assert weights.scores(np.array([[1, 1], [0, 3]], np.float32)).tolist() == [1.0, -3.0]


@pytest.mark.parametrize(("nothing", "expected"), [(-50.0, 0.0), (50.0, 1.0), (0.5, 1 / (2 + np.exp(-1.0)))])
def test_none_of_them_takes_its_part_of_the_probability(nothing: float, expected: float) -> None:
    weights = Weights({}, nothing=nothing, slack=1.0)  # the better row leads their mean by 0.5
    chances, none = weights.probabilities(np.array([3.0, 2.0]))
    assert none == pytest.approx(expected, abs=1e-6)
    assert chances.sum() + none == pytest.approx(1)


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Hpo, Ontology]:
    """Two diseases over two terms; one annotation of the first cites another publication than the rest."""
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    other = annotation("OMIM:1", "HP:0000010", "1/4").replace("PMID:1", "PMID:2")
    root = folder(tmp_path, annotation("OMIM:1", "HP:0000011", "9/9") + other + annotation("OMIM:2", "HP:0000010", "1/4"))
    hpo = load_hpo(root)
    return root, hpo, load_ontology(NOWHERE, hpo)


def test_a_publication_takes_its_annotations_along(paper: tuple[Path, Hpo, Ontology]) -> None:
    root, hpo, ontology = paper
    left = cited(root, hpo, ontology)
    big = hpo.position["HP:0000010"]
    assert dict(left.shares) == {
        ("PMID:1", "OMIM:1"): {big: pytest.approx(0.3)}, ("PMID:2", "OMIM:1"): {hpo.position["HP:0000011"]: pytest.approx(0.95)},
        ("PMID:1", "OMIM:2"): {},
    }  # fmt: skip
    assert left.quality["PMID:1", "OMIM:1"] == Standing(patients=4.0, counted=1.0, published=1.0, automatic=0.0, papers=1)
    assert standings(hpo, ontology)["OMIM:1"] == Standing(patients=9.0, counted=1.0, published=1.0, automatic=0.0, papers=2)
    assert dict(cited(root, hpo, ontology, ["PMID:2"]).shares).keys() == {("PMID:2", "OMIM:1")}


def test_a_case_is_ranked_without_the_rows_of_its_own_publication(paper: tuple[Path, Hpo, Ontology]) -> None:
    root, hpo, ontology = paper
    profiles = Profiles(hpo, ontology, cited(root, hpo, ontology))
    assert (profiles.diseases, profiles.without) == (("OMIM:1", "OMIM:2"), ("PMID:1", "PMID:1", "PMID:2"))
    assert profiles.alive().tolist() == [True, True, False, False, False]
    assert profiles.alive("PMID:1").tolist() == [False, False, True, True, False]
    assert profiles.alive("PMID:9").tolist() == [True, True, False, False, False]
    matcher = Matcher(profiles)
    strict = NAMES.index("strict")
    whole, without = (matcher.see(["HP:0000011"], publication=each).table[0, strict] for each in ("", "PMID:1"))
    assert without < whole


def test_all_annotations_without_a_publication_are_those_of_the_release(hpo: Hpo, embedded: Ontology) -> None:
    left = cited(NOWHERE, hpo, embedded, ["PMID:31675180"])
    stated = stated_shares(hpo, embedded)
    assert left.shares
    for (_, disease), shares in left.shares.items():
        assert set(shares) <= set(stated[disease])


def test_the_root_of_all_findings_tells_nothing(hpo: Hpo, embedded: Ontology) -> None:
    profiles, root = Profiles(hpo, embedded), hpo.position[ROOT]
    assert profiles.content[root] == 0
    assert profiles.background[root] == 1
    backward, unmet = NAMES.index("backward"), NAMES.index("unmet")
    table = Matcher(profiles).see([MARFAN[0]]).table
    assert 0 < table[:, backward].max() < 1  # one finding doesn't reach all that a disease shows
    assert table[:, unmet].max() > 1


def test_a_disease_without_annotations_has_the_findings_of_its_name(
    hpo: Hpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    root = written(tmp_path / "own")
    mondo = root / "ontology/mondo.obo"
    mondo.write_text(mondo.read_text() + '\n[Term]\nid: MONDO:0000030\nname: neurodevelopmental disorder with microcephaly and '
                     'absent speech\nxref: OMIM:100030 {source="MONDO:equivalentTo"}\nis_a: MONDO:0000001 ! disease\n')  # fmt: skip
    profiles = Profiles(hpo, load_ontology(root, hpo))
    terms, shares = profiles.own(profiles.diseases.index("MONDO:0000030"))
    assert {"Microcephaly", "Absent speech", "Neurodevelopmental delay"} <= {hpo.names[term] for term in terms}
    assert set(shares.tolist()) == {np.float32(NAMED)}


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Circumstances:
    """Onset of OMIM:1 congenital or infantile, OMIM:2 adult; OMIM:3 says nothing of it and is X-linked recessive."""
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    stages = {"HP:0003674": "HP:0000001", "HP:0003577": "HP:0003674", "HP:0003593": "HP:0003674", "HP:0003581": "HP:0003674",
              "HP:0003596": "HP:0003581", "HP:0000005": "HP:0000001", "HP:0001419": "HP:0000005"}  # fmt: skip
    known = [(disease, "HP:0000010", "P") for disease in ("OMIM:1", "OMIM:2", "OMIM:3")]
    known += [("OMIM:1", "HP:0003577", "C"), ("OMIM:1", "HP:0003593", "C"), ("OMIM:2", "HP:0003581", "C")]
    known += [("OMIM:3", "HP:0001419", "I")]
    root = folder(tmp_path, "".join(annotation(disease, trait, aspect=aspect) for disease, trait, aspect in known))
    with (root / "ontology/hp.obo").open("a") as terms:
        terms.writelines(f"\n[Term]\nid: {each}\nname: {each}\nis_a: {above}\n" for each, above in stages.items())
    hpo = load_hpo(root)
    return Circumstances(hpo, load_ontology(NOWHERE, hpo))


@pytest.mark.parametrize(
    ("onset", "apart"),
    [
        ("HP:0003577", [0, 5, -1]), ("HP:0003593", [0, 3, -1]), ("HP:0003581", [3, 0, -1]), ("HP:0003596", [4, 0, -1]),
        ("HP:0003674", [-1, -1, -1]), ("", [-1, -1, -1]), ("HP:9999999", [-1, -1, -1]),
    ],
)  # fmt: skip
def test_an_onset_is_so_many_stages_from_the_nearest_known_one(begun: Circumstances, onset: str, apart: list[int]) -> None:
    diseases = ["OMIM:1", "OMIM:2", "OMIM:3"]
    assert begun.apart(diseases, onset).tolist() == apart
    assert begun.bonus(diseases, onset, "").tolist() == [APART[min(each, 3)] if each >= 0 else 0.0 for each in apart]


@pytest.mark.parametrize(("sex", "bonus"), [("female", [0.0, -WRONG_SEX]), ("male", [0.0, 0.0]), ("", [0.0, 0.0])])
def test_a_girl_seldom_has_a_disease_known_only_as_recessive_on_x(begun: Circumstances, sex: str, bonus: list[float]) -> None:
    assert begun.bonus(["OMIM:1", "OMIM:3"], "", sex).tolist() == bonus


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"ranking": "best"}, UnknownName), ({"annotations": "none"}, UnknownName), ({"colour": "red"}, UsageError),
        ({"ranking": "plain", "annotations": "others"}, UsageError),
    ],
)  # fmt: skip
def test_a_wrong_argument_of_the_model_type_is_refused(arguments: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        PhenotypeLM(**arguments)


def test_cases_that_share_a_code_share_a_fold() -> None:
    codes = [("OMIM:1", "ORPHA:9"), ("OMIM:2",), ("OMIM:3", "ORPHA:9"), ("OMIM:4", "OMIM:3"), ("OMIM:2", "ORPHA:8")]
    found = folds([Case(str(place), "b", "", answers) for place, answers in enumerate(codes)])
    assert found[0] == found[2] == found[3]
    assert found[1] == found[4]


def asked(number: int, kind: str, rng: np.random.Generator) -> Question:
    """A question about OMIM:<number>; its right row has the highest value of one feature."""
    table = rng.normal(size=(12, len(NAMES))).astype(np.float32)
    return Question(Case(str(number), "b", "", (f"OMIM:{number}",)), kind, table, np.arange(12) == table[:, 3].argmax())


def test_a_case_out_of_the_fit_is_ranked_by_weights_without_its_disease_in_any_set() -> None:
    rng = np.random.default_rng(2)
    kinds = {kind: [asked(number, kind, rng) for number in range(20)] for kind in WEIGHTS}
    apart = crossed(kinds)
    fold = folds([each.case for each in kinds["train"]])
    others = [each for kind in WEIGHTS for each, where in zip(kinds[kind], fold, strict=True) if where != fold[0]]
    for kind in WEIGHTS:
        assert apart[kind][0].tolist() == fit(others).scores(kinds[kind][0].table).tolist()


def test_a_fit_learns_which_feature_tells_the_right_row_and_is_repeatable() -> None:
    rng = np.random.default_rng(1)
    questions = [asked(number, "train", rng) for number in range(60)]
    weights = fit(questions)
    assert max(weights.weights, key=lambda name: abs(weights.weights[name])) == NAMES[3]
    assert fit(questions) == weights
    sharp = calibrated(weights, [(each, weights.scores(each.table)) for each in questions])
    chances, none = sharp.probabilities(weights.scores(questions[0].table))
    assert chances[questions[0].right].sum() > 0.5 > none


@pytest.mark.parametrize("more", [0, 5000])
def test_ties_at_the_end_of_a_shortlist_go_by_row_however_many_rows_there_are(more: int) -> None:
    scores = np.concatenate((np.array([1.0, 0.0, 2.0, 0.0, 0.0]), np.full(more, -np.inf)))
    assert best(scores, 3).tolist() == [2, 0, 1]
    assert best(scores, 4).tolist() == [2, 0, 1, 3]
