"""Calibration by hand, against slow and obvious oracles and scikit-learn, and by what must hold of any forecasts."""

from __future__ import annotations

from itertools import pairwise, permutations
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from raredx_bench.calibration import COVERAGES, Bin, Calibration, abstention, calibration
from raredx_bench.domain import Link, Prediction, Reading, Relation, Verdict
from raredx_bench.metrics import estimates, mean_estimates

Forecast = tuple[float, bool]
FORECASTS = st.lists(st.tuples(st.integers(0, 20).map(lambda each: each / 20), st.booleans()), min_size=1, max_size=30)


def verdict(number: int, confidence: float | None, right: bool, group: str = "") -> Verdict:
    """A case with one diagnosis and what was stated of it."""
    relation = Relation.EXACT if right else Relation.DIFFERENT
    prediction = Prediction(Link("name", "X:1" if right else None, ""), relation, confidence)
    return Verdict(f"c{number}", group or f"c{number}", (prediction,), Reading.LIST, "", ("X:1",))


def unanswered(number: int, reading: Reading) -> Verdict:
    return Verdict(f"u{number}", f"u{number}", (), reading, "", ("X:1",))


def calibrated(forecasts: list[Forecast]) -> Calibration:
    found = calibration([verdict(number, *each) for number, each in enumerate(forecasts)])
    assert found is not None
    return found


HAND = [(0.95, True), (0.85, True), (0.85, False), (0.15, False), (0.05, True)]


def test_calibration_by_hand() -> None:
    found = calibrated(HAND)
    assert found.brier.value == pytest.approx((0.05**2 + 0.15**2 + 0.85**2 + 0.15**2 + 0.95**2) / 5)
    assert found.ece_width.value == pytest.approx((0.05 + abs(1.7 - 1) + 0.15 + 0.95) / 5)
    risks = [0, 0.5 / 2, 1 / 3, 2 / 4, 2 / 5]  # the two of 0.85 in either order
    assert found.aurc.value == pytest.approx(mean(risks))
    assert {at: each.value for at, each in found.accuracy_at.items()} == pytest.approx({50: 2 / 3, 80: 0.5, 90: 0.6, 100: 0.6})
    assert [(each.threshold, each.coverage) for each in found.curve] == [(0.95, 0.2), (0.85, 0.6), (0.15, 0.8), (0.05, 1.0)]
    assert [each.risk for each in found.curve] == pytest.approx([0, 1 / 3, 1 / 2, 2 / 5])


def test_bins_of_equal_width_are_open_below_and_may_be_empty() -> None:
    bins = calibrated([(0.1, False), (0.2, True), (0.2, False), (0.0, False)]).bins_width
    assert len(bins) == 10
    assert [(each.low, each.high) for each in bins] == list(pairwise(np.linspace(0, 1, 11).tolist()))
    assert [each.n for each in bins] == [2, 2, *[0] * 8]
    assert [each.confidence for each in bins[:3]] == [0.05, 0.2, None]
    assert [each.accuracy for each in bins[:3]] == [0.0, 0.5, None]


def test_bins_of_equal_mass_hold_a_tenth_of_the_cases_each() -> None:
    bins = calibrated([(number / 100, number % 3 == 0) for number in range(1, 101)]).bins_mass
    assert [each.n for each in bins] == [10] * 10


def test_one_confidence_for_all_is_one_bin() -> None:
    found = calibrated([(0.8, True), (0.8, True), (0.8, False)])
    assert found.bins_mass == (Bin(0.8, 0.8, 3, found.bins_mass[0].confidence, 2 / 3),)
    assert found.ece_mass.value == found.ece_width.value == pytest.approx(0.8 - 2 / 3)
    assert [each.value for each in found.accuracy_at.values()] == pytest.approx([2 / 3] * 4)


@pytest.mark.parametrize(("right", "ece", "aurc"), [(True, 0.0, 0.0), (False, 1.0, 1.0)])
def test_certainty_is_all_or_nothing(right: bool, ece: float, aurc: float) -> None:
    found = calibrated([(1.0, right)] * 5)
    assert (found.brier.value, found.ece_mass.value, found.aurc.value) == (ece, ece, aurc)


def test_cases_without_a_stated_confidence_are_counted_and_left_out() -> None:
    found = calibration([verdict(1, 0.8, True), verdict(2, None, True), unanswered(3, Reading.ABSTAINED)])
    assert found is not None
    assert (found.cases, found.n) == (3, 1)


def test_no_confidence_at_all_is_no_calibration() -> None:
    assert calibration([verdict(1, None, True), unanswered(2, Reading.EMPTY)]) is None


def test_one_cluster_of_several_cases_says_nothing_of_the_next() -> None:
    found = calibration([verdict(number, 0.8, True, "family") for number in range(3)])
    assert found is not None
    assert (found.brier.low, found.brier.high) == (0.0, 1.0)


def test_clusters_are_drawn_whole() -> None:
    forecasts = [(0.9, number % 40 < 20) for number in range(80)]
    alone = calibrated(forecasts).brier
    together = calibration([verdict(number, *each, f"g{number // 20}") for number, each in enumerate(forecasts)])
    assert together is not None
    assert together.brier.high - together.brier.low > 2 * (alone.high - alone.low)


def slow_ece(forecasts: list[Forecast], edges: list[float]) -> float:
    """The error of Guo et al., bin by bin."""
    total = 0.0
    for number, (low, high) in enumerate(pairwise(edges)):
        inside = [(p, y) for p, y in forecasts if low < p <= high or (number == 0 and p <= low)]
        if inside:
            total += len(inside) / len(forecasts) * abs(mean(p for p, _ in inside) - mean(y for _, y in inside))
    return total


@settings(max_examples=25, deadline=None)
@given(FORECASTS)
def test_calibration_agrees_with_slow_oracles_and_scikit_learn(forecasts: list[Forecast]) -> None:
    found = calibrated(forecasts)
    confidence, right = (np.array(each, float) for each in zip(*forecasts, strict=True))
    assert found.brier.value == pytest.approx(brier_score_loss(right, confidence, pos_label=1))
    assert found.ece_width.value == pytest.approx(slow_ece(forecasts, np.linspace(0, 1, 11).tolist()))
    accuracy, stated = calibration_curve(right, confidence, n_bins=10, strategy="uniform")
    assert [each.accuracy for each in found.bins_width if each.n] == pytest.approx(accuracy.tolist())
    assert [each.confidence for each in found.bins_width if each.n] == pytest.approx(stated.tolist())
    assert sum(each.n for each in found.bins_width) == sum(each.n for each in found.bins_mass) == len(forecasts)
    masses = [sorted(confidence)[max(0, -(-len(forecasts) * tenth // 10) - 1)] for tenth in range(11)]
    assert found.ece_mass.value == pytest.approx(slow_ece(forecasts, masses))


def test_bins_of_different_confidences_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    confidence, right = rng.permutation(200) / 200, rng.random(200) < 0.4
    bins = calibrated(list(zip(confidence.tolist(), right.tolist(), strict=True))).bins_mass
    accuracy, stated = calibration_curve(right, confidence, n_bins=10, strategy="quantile")
    assert [each.n for each in bins] == [20] * 10
    assert [each.accuracy for each in bins] == pytest.approx(accuracy.tolist())
    assert [each.confidence for each in bins] == pytest.approx(stated.tolist())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=6))
def test_the_area_is_the_mean_over_all_orders_of_equal_confidence(forecasts: list[Forecast]) -> None:
    areas = []
    for order in permutations(forecasts):
        if [p for p, _ in order] == sorted((p for p, _ in forecasts), reverse=True):
            areas.append(mean(mean(not y for _, y in order[:k]) for k in range(1, len(order) + 1)))
    assert calibrated(forecasts).aurc.value == pytest.approx(mean(areas))


@settings(max_examples=25, deadline=None)
@given(FORECASTS)
def test_measures_lie_in_their_intervals_between_nothing_and_all(forecasts: list[Forecast]) -> None:
    found = calibrated(forecasts)
    for each in (found.brier, found.ece_mass, found.ece_width, found.aurc, *found.accuracy_at.values()):
        assert -1e-9 <= each.low <= each.value <= each.high <= 1 + 1e-9
    assert found.accuracy_at[100].value == pytest.approx(1 - found.curve[-1].risk)
    assert found.ece_width.value <= mean(abs(p - y) for p, y in forecasts) + 1e-9


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_forecasts_that_come_true_as_often_as_they_say_are_calibrated(seed: int) -> None:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(size=2000).round(2)
    found = calibrated(list(zip(confidence.tolist(), (rng.uniform(size=2000) < confidence).tolist(), strict=True)))
    assert found.ece_mass.value < 0.06
    assert found.ece_width.value < 0.06
    assert found.brier.value == pytest.approx(1 / 6, abs=0.03)  # the mean of p (1 - p)
    at = [found.accuracy_at[each].value for each in COVERAGES]
    assert at == sorted(at, reverse=True)  # the surest are right most often
    assert at == pytest.approx([0.75, 0.6, 0.55, 0.5], abs=0.06)


def test_the_interval_is_that_of_a_bootstrap_over_clusters() -> None:
    rng = np.random.default_rng(3)
    some = [
        verdict(number, p, bool(rng.random() < p), f"g{number // 4}") for number, p in enumerate(rng.uniform(size=200).tolist())
    ]
    found = calibration(some)
    assert found is not None
    squares = [((p := each.predictions[0]).confidence or 0.0) - (p.relation is Relation.EXACT) for each in some]
    same = mean_estimates({"brier": np.array(squares) ** 2}, [each.group for each in some])["brier"]
    assert (found.brier.low, found.brier.high) == pytest.approx((same.low, same.high), abs=0.01)


def test_the_same_seed_gives_the_same_intervals() -> None:
    some = [verdict(number, p, y) for number, (p, y) in enumerate(HAND)]
    assert calibration(some, seed=5) == calibration(some, seed=5)


def test_abstentions_stand_beside_answers_and_failures() -> None:
    some = [verdict(1, None, True), verdict(2, 0.9, False), *(unanswered(n, Reading.ABSTAINED) for n in range(5)),
            unanswered(9, Reading.REFUSED)]  # fmt: skip
    found = abstention(some)
    assert (found.n, found.answered.value, found.abstained.value) == (8, 2 / 8, 5 / 8)
    assert found.among_answered["recall@1"].value == 0.5
    assert found.among_answered["recall@1"].n == 2


def test_a_model_that_always_abstains_has_no_accuracy() -> None:
    found = abstention([unanswered(1, Reading.ABSTAINED), unanswered(2, Reading.ABSTAINED)])
    assert found.among_answered == {}
    assert (found.answered.value, found.abstained.value) == (0.0, 1.0)


def test_who_always_answers_is_as_good_among_the_answered_as_overall() -> None:
    some = [verdict(number, None, number % 3 == 0) for number in range(12)]
    assert abstention(some).among_answered["recall@5"] == estimates(some)["recall@5"]
