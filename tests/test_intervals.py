"""Intervals at their ends, by what must hold of any, and by how often they hold the truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from benchmarks import coverage
from raredx_bench.intervals import difference_intervals, mean_intervals, student, variances, wilson
from raredx_bench.metrics import MISS, rank_estimates


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 20), (3, 20), (20, 20), (700, 1000)])
def test_hits_of_independent_cases_get_the_interval_of_wilson(hits: int, n: int) -> None:
    values = np.array([1.0] * hits + [0.0] * (n - hits))
    (low,), (high,) = mean_intervals(values[:, None], np.array([float(hits)]), np.ones(n))
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_the_variance_of_values_by_hand() -> None:
    sums, squares, sizes = np.array([[2.0], [0.0], [1.0]]), np.array([3.0]), np.array([2.0, 2.0, 2.0])
    (found,), (independent,) = variances(sums, squares, sizes)  # hits 2, 0, 1 of 2 each: mean 1/2
    assert independent == pytest.approx(0.25 / 6)
    left_out = [(1 / 4 - 1 / 2), (3 / 4 - 1 / 2), (2 / 4 - 1 / 2)]
    jackknife = 2 / 3 * sum(each**2 for each in left_out)
    between, inside = (1 / 2 + 1 / 2 + 0) / 2, (0 + 0 + 1 / 2) / 3  # mean squares
    alike = (between - inside) / (between + inside)
    assert found == pytest.approx((jackknife + 0.25 / 6 * (1 + alike)) / 2)


@pytest.mark.parametrize("rank", [1, MISS])
@pytest.mark.parametrize("sizes", [[1] * 12, [1] * 10 + [30], [5] * 8])
def test_the_same_everywhere_is_no_certainty(rank: int, sizes: list[int]) -> None:
    groups = [str(group) for group, size in enumerate(sizes) for _ in range(size)]
    found = rank_estimates(np.full(len(groups), rank), groups)
    effective = sum(sizes) ** 2 / sum(size**2 for size in sizes)
    for name in ("recall@1", "recall@10", "mrr"):
        low, high = (found[name].low, found[name].high)
        assert high - low >= 0.9 * 3.84 / (effective + 3.84), name
        assert (high == 1) if rank == 1 else (low == 0)


def test_a_single_cluster_of_several_cases_says_nothing() -> None:
    found = rank_estimates(np.array([1, 1, MISS]), ["a"] * 3)
    assert {(each.low, each.high) for name, each in found.items() if name != "median_rank"} == {(0.0, 1.0)}
    assert (found["median_rank"].low, found["median_rank"].high) == (1.0, float(MISS))
    (low,), (high,) = difference_intervals(np.array([[1.0]]), np.array([1.0]), np.array([3.0]))
    assert (low, high) == (-1, 1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, MISS), st.integers(0, 9)), min_size=1, max_size=60))
def test_intervals_hold_their_estimate_and_stay_where_values_can_be(cases: list[tuple[int, int]]) -> None:
    ranks, groups = np.array([rank for rank, _ in cases]), [str(group) for _, group in cases]
    found = rank_estimates(ranks, groups)
    for name, each in found.items():
        bottom, top = (1, MISS) if name == "median_rank" else (0, 1)
        assert bottom <= each.low <= each.value <= each.high <= top, name
    order = np.random.default_rng(0).permutation(len(cases))
    shuffled = rank_estimates(ranks[order], [groups[place] for place in order])
    for name, each in found.items():
        assert (each.low, each.high) == pytest.approx((shuffled[name].low, shuffled[name].high), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 9)), min_size=1, max_size=40))
def test_intervals_of_differences_hold_them_and_turn_with_their_sign(cases: list[tuple[float, int]]) -> None:
    cluster = np.unique([group for _, group in cases], return_inverse=True)[1]
    values = np.array([value for value, _ in cases])
    sums, sizes = np.bincount(cluster, values)[:, None], np.bincount(cluster).astype(float)
    (low,), (high,) = difference_intervals(sums, np.array([(values**2).sum()]), sizes)
    (other_low,), (other_high,) = difference_intervals(-sums, np.array([(values**2).sum()]), sizes)
    assert -1 <= low <= values.mean() + 1e-12
    assert values.mean() - 1e-12 <= high <= 1
    assert high > low
    assert (low, high) == pytest.approx((-other_high, -other_low), abs=1e-9)


def test_few_clusters_take_the_quantile_of_student() -> None:
    assert student(20) == pytest.approx(2.093, abs=1e-3)
    assert float(wilson(0.5, 20, student(20))[1]) > float(wilson(0.5, 20)[1])


@pytest.mark.parametrize(("sizes", "clusters"), product((coverage.ALONE, coverage.PUBLICATIONS), (20, 100)))
def test_intervals_hold_the_truth_about_as_often_as_they_say(sizes: coverage.Sizes, clusters: int) -> None:
    alike = sizes.alike[len(sizes.alike) // 2]
    found = coverage.covered(sizes, clusters, alike, coverage.RANKS[0.35], 150, seed=5)
    assert all(each > 0.88 for each in found.values()), found
    pair = coverage.paired(sizes, clusters, alike, *coverage.TWO[1], draws=100, seed=5)
    assert all(covered > 0.88 and wrong < 0.12 for covered, wrong in pair.values()), pair
