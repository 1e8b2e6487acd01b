"""The built-in diagnoser: findings from text, likelihood ratios against a slow oracle, evidence that adds up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from raredx_bench.findings import FindingReader
from raredx_bench.hpo import ROOT, Hpo, load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype.ratios import BEHIND, LEAST, LEAST_ABSENT, UNKNOWN_FREQUENCY, Ranker
from tests.conftest import NOWHERE
from tests.test_hpo import annotation, folder


@pytest.fixture(scope="module")
def reader(hpo: Hpo) -> FindingReader:
    return FindingReader(hpo)


@pytest.mark.parametrize(
    ("text", "observed", "excluded"),
    [
        ("She has ectopia lentis and arachnodactyly.", ["Ectopia lentis", "Arachnodactyly"], []),
        ("He has seizures but no ataxia.", ["Seizure"], ["Ataxia"]),
        ("No seizures. Ataxia was present.", ["Ataxia"], ["Seizure"]),
        ("She denies deafness or vertigo.", [], ["Hearing impairment", "Vertigo"]),
        ("There was no scoliosis; kyphosis was marked.", ["Kyphosis"], ["Scoliosis"]),
        ("Cataract was ruled out.", [], ["Cataract"]),
        ("Splenomegaly, without hepatomegaly.", ["Splenomegaly"], ["Hepatomegaly"]),
        ("Her mother has migraine.", [], []),
        ("Haematuria and ANAEMIA were found.", ["Hematuria", "Anemia"], []),
        ("He had global developmental delay.", ["Global developmental delay"], []),
        ("No ataxia at first. Later ataxia appeared.", ["Ataxia"], []),
        ("", [], []),
    ],
)
def test_findings_are_read_with_their_negation(
    reader: FindingReader, hpo: Hpo, text: str, observed: list[str], excluded: list[str]
) -> None:
    found = reader.read(text)
    assert [hpo.name(each) for each in found.observed] == observed
    assert [hpo.name(each) for each in found.excluded] == excluded


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ranker:
    """Three diseases over the two real terms of the small HPO."""
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    rows = (
        annotation("OMIM:1", "HP:0000011", "9/9") + annotation("OMIM:2", "HP:0000010", "1/4") + annotation("OMIM:3", "HP:0000010")
    )
    root = folder(tmp_path, rows)
    hpo = load_hpo(root)
    return Ranker(hpo, load_ontology(NOWHERE, hpo))


def test_scores_by_hand(small: Ranker) -> None:
    very, big = (9 + UNKNOWN_FREQUENCY) / 10, (1 + UNKNOWN_FREQUENCY) / 5  # one pseudo-patient each
    p_very, p_big = max(very / 3, 1 / 3), (very + big + UNKNOWN_FREQUENCY) / 3
    expected = {"OMIM:1": very / p_very, "OMIM:2": BEHIND * big / p_big, "OMIM:3": BEHIND * UNKNOWN_FREQUENCY / p_big}
    scores = dict(zip(small.diseases, small.scores(["HP:0000011"]), strict=True))
    assert scores == {disease: pytest.approx(math.log(max(ratio, LEAST)), rel=1e-4) for disease, ratio in expected.items()}


def test_an_excluded_finding_speaks_against_those_who_have_it(small: Ranker) -> None:
    very, big = (9 + UNKNOWN_FREQUENCY) / 10, (1 + UNKNOWN_FREQUENCY) / 5
    p_big = (very + big + UNKNOWN_FREQUENCY) / 3
    scores = dict(zip(small.diseases, small.scores([], ["HP:0000010"]), strict=True))
    assert scores["OMIM:1"] == pytest.approx(math.log(LEAST_ABSENT / (1 - p_big)), rel=1e-4)
    assert scores["OMIM:2"] == pytest.approx(math.log((1 - big) / (1 - p_big)), rel=1e-4)


def test_ties_are_broken_by_id_and_never_by_the_answer(small: Ranker) -> None:
    assert [small.diseases[row] for row in small.top(small.scores([]), 10)] == ["OMIM:1", "OMIM:2", "OMIM:3"]


def test_evidence_adds_up_to_the_score(ranker: Ranker) -> None:
    observed, excluded = ["HP:0001166", "HP:0001083", "HP:0000256"], ["HP:0001250", "HP:0002616"]
    for candidate in ranker.rank(observed, excluded):
        assert len(candidate.evidence) == 5
        assert sum(each.log10_ratio for each in candidate.evidence) == pytest.approx(candidate.score, abs=1e-3)


def test_the_vectorised_ranking_agrees_with_a_slow_oracle(ranker: Ranker, hpo: Hpo) -> None:
    share: dict[tuple[str, int], float] = {}
    raw: dict[tuple[str, int], list[float]] = {}
    for disease, term, negated, frequency, patients in zip(
        hpo.disease, hpo.term, hpo.negated, hpo.frequency, hpo.patients, strict=True
    ):
        if not negated:
            value = UNKNOWN_FREQUENCY if np.isnan(frequency) else float(frequency)
            value = (value * patients + UNKNOWN_FREQUENCY) / (patients + 1) if patients else value
            canonical = str(ranker.ontology.canonical(hpo.diseases[disease]))
            raw.setdefault((canonical, int(term)), []).append(value)
    for (disease_id, term), values in raw.items():
        for above in hpo.ancestors(term):
            key = (disease_id, int(above))
            share[key] = max(share.get(key, 0.0), sum(values) / len(values))
    observed = ["HP:0001166", "HP:0000486", "HP:0030680"]
    root = hpo.position[ROOT]
    total = dict.fromkeys(ranker.diseases, 0.0)
    for identifier in observed:
        term = hpo.position[identifier]
        above = [int(each) for each in hpo.ancestors(term) if each != root]
        mean = {each: max(sum(v for (_, t), v in share.items() if t == each), 1) / len(ranker.diseases) for each in above}
        for disease_id in total:
            ratios = [share.get((disease_id, each), 0) / mean[each] * (1 if each == term else BEHIND) for each in above]
            total[disease_id] += math.log(max([LEAST, *ratios]))
    oracle = sorted(total, key=lambda each: (-round(total[each], 4), each))[:10]
    fast = [ranker.diseases[row] for row in ranker.top(ranker.scores(observed), 10)]
    assert [round(total[each], 3) for each in fast] == pytest.approx([round(total[each], 3) for each in oracle], abs=2e-3)


def test_a_textbook_case_is_ranked_first(ranker: Ranker) -> None:
    classic = ["HP:0001166", "HP:0001083", "HP:0002616", "HP:0000767", "HP:0001519"]
    assert "Marfan syndrome" in [each.name for each in ranker.rank(classic, limit=3)]


def test_unknown_and_obsolete_terms_are_passed_over(ranker: Ranker) -> None:
    assert ranker.scores(["HP:9999999"]).any() == np.False_
    assert [each.id for each in ranker.rank(["HP:0001166", "HP:9999999"])] == [each.id for each in ranker.rank(["HP:0001166"])]
