"""Numbers by hand, then by properties, then against a slow and obvious oracle."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raredx_bench.domain import Link, Prediction, Reading, Relation, Verdict
from raredx_bench.metrics import MISS, case_metrics, counts, estimates, mean_estimates, prior_only, rank_estimates, rank_of, strata
from tests.strategies import verdicts


def verdict(number: int, relations: str, group: str = "", gold: tuple[str, ...] = ("X",), level: str = "a") -> Verdict:
    """A verdict from a string of relations: e, n, b or d per rank."""
    kinds = {"e": Relation.EXACT, "n": Relation.NARROWER, "b": Relation.BROADER, "d": Relation.DIFFERENT}
    predictions = tuple(
        Prediction(Link(f"name {i}", None if kind == "d" else "X", "", 0), kinds[kind]) for i, kind in enumerate(relations)
    )
    return Verdict(
        f"c{number}", group or f"c{number}", predictions, Reading.LIST if relations else Reading.EMPTY, "", gold, {"s": level}
    )


HAND = [verdict(1, "e"), verdict(2, "dde"), verdict(3, "dn"), verdict(4, "bd"), verdict(5, "")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("recall@1", 1 / 5), ("recall@3", 2 / 5), ("recall@10", 2 / 5),
        ("recall@1/narrower", 1 / 5), ("recall@3/narrower", 3 / 5), ("recall@1/broader", 2 / 5), ("recall@10/broader", 4 / 5),
        ("mrr", (1 + 1 / 3) / 5), ("median_rank", 11),
    ],
)  # fmt: skip
def test_estimates_by_hand(key: str, value: float) -> None:
    assert estimates(HAND)[key].value == pytest.approx(value)
    assert estimates(HAND)[key].n == 5


def test_failures_stay_in_the_denominator() -> None:
    found = counts(HAND)
    assert (found["cases"], found["unparsed"], found["empty"], found["unlinked names"]) == (5, 1, 1, 4)
    abstained = replace(HAND[4], reading=Reading.ABSTAINED)
    assert (counts([*HAND, abstained])["unparsed"], counts([*HAND, abstained])["abstained"]) == (2, 1)


def test_wilson_intervals_for_independent_cases() -> None:
    estimate = rank_estimates(np.array([1] * 7 + [MISS] * 3), [str(i) for i in range(10)])["recall@1"]
    assert estimate.low == pytest.approx(0.3968, abs=1e-4)  # Wilson, 7 of 10
    assert estimate.high == pytest.approx(0.8922, abs=1e-4)


def test_a_cluster_that_moves_together_widens_the_interval() -> None:
    ranks = np.array([1] * 50 + [MISS] * 50)
    alone = rank_estimates(ranks, [str(i) for i in range(100)])["recall@1"]
    together = rank_estimates(ranks, [str(i // 25) for i in range(100)])["recall@1"]
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_no_verdicts_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to estimate"):
        estimates([])
    with pytest.raises(ValueError, match="nothing to estimate"):
        mean_estimates({"x": np.array([])}, [])


def test_the_mean_of_hits_has_the_interval_of_a_recall_over_the_same_clusters() -> None:
    ranks, groups = np.random.default_rng(0).choice([1, MISS], 120), [str(i // 3) for i in range(120)]
    recall, same = rank_estimates(ranks, groups)["recall@1"], mean_estimates({"hit": ranks == 1}, groups)["hit"]
    assert (same.value, same.n) == (recall.value, recall.n)
    assert (same.low, same.high) == pytest.approx((recall.low, recall.high))


def test_strata_split_the_cases() -> None:
    found = strata([verdict(1, "e", level="x"), verdict(2, "d", level="x"), verdict(3, "e", level="y")])
    assert found["s"]["x"]["recall@1"].value == 0.5
    assert found["s"]["y"]["recall@1"].n == 1


def test_the_list_that_ignores_the_case_names_the_commonest_answers() -> None:
    cases = [verdict(i, "d", gold=(gold,)) for i, gold in enumerate("AAABBC")]
    found = prior_only(cases)
    assert found["recall@1"].value == 3 / 6
    assert found["recall@3"].value == 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(verdicts(), min_size=1, max_size=30))
def test_estimates_agree_with_a_slow_oracle_and_order_themselves(some: list[Verdict]) -> None:
    found = estimates(some)
    for suffix, relations in (("", (Relation.EXACT,)), ("/broader", (Relation.EXACT, Relation.NARROWER, Relation.BROADER))):
        for k in (1, 3, 5, 10):
            hits = [any(p.relation in relations for p in each.predictions[:k]) for each in some]
            assert found[f"recall@{k}{suffix}"].value == pytest.approx(sum(hits) / len(some))
    ranks = [rank_of(each, Relation.EXACT) for each in some]
    assert found["median_rank"].value == statistics.median(ranks)
    assert found["mrr"].value == pytest.approx(sum(1 / rank for rank in ranks if rank < MISS) / len(some))
    assert found["recall@1"].value == pytest.approx(statistics.mean(case_metrics(each)["recall@1"] for each in some))
    for name, estimate in found.items():
        assert estimate.low - 1e-9 <= estimate.value <= estimate.high + 1e-9, name
    assert found["recall@1"].value <= found["recall@3"].value <= found["recall@10"].value <= found["recall@10/narrower"].value
    assert found["recall@10/narrower"].value <= found["recall@10/broader"].value
