"""Repeats by hand, against slow and obvious oracles, and by what must hold of any runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raredx_bench.domain import BadInput, Link, Prediction, Reading, Relation, UsageError, Verdict
from raredx_bench.metrics import MISS, estimates
from raredx_bench.repeats import fleiss_kappa, pass_at, repeated


def verdict(number: int, rank: int, group: str = "") -> Verdict:
    """A case hit at a rank; MISS: five wrong names and no hit."""
    length = 5 if rank == MISS else rank
    predictions = tuple(
        Prediction(Link(f"n{i}", "X:0" if i == rank else f"X:{i}", ""), Relation.EXACT if i == rank else Relation.DIFFERENT)
        for i in range(1, length + 1)
    )
    return Verdict(f"c{number}", group or f"c{number}", predictions, Reading.LIST, "", ("X:0",))


def run_of(ranks: list[int], size: int = 1) -> list[Verdict]:
    """A run from its cases' ranks, so many cases a cluster."""
    return [verdict(number, rank, f"g{number // size}") for number, rank in enumerate(ranks)]


RUNS = [run_of([1, 1, MISS, 2]), run_of([1, MISS, MISS, 1]), run_of([1, 1, 3, MISS])]


def test_means_and_spread_by_hand() -> None:
    found = repeated(RUNS)
    assert (found.runs, found.n) == (3, 4)
    assert found.estimates["recall@1"].value == pytest.approx(mean([2 / 4, 2 / 4, 2 / 4]))
    assert found.estimates["recall@5"].value == pytest.approx(mean([3 / 4, 2 / 4, 3 / 4]))
    assert found.spread["recall@1"] == 0
    assert found.spread["recall@5"] == pytest.approx(stdev([3 / 4, 2 / 4, 3 / 4]))
    assert found.spread["median_rank"] == pytest.approx(stdev([1.5, 6, 2]))
    assert found.estimates.keys() == found.spread.keys() == estimates(RUNS[0]).keys()


def test_pass_at_k_by_hand() -> None:
    found = repeated(RUNS).pass_at
    assert found["recall@1/pass@1"].value == pytest.approx(mean([1, 2 / 3, 0, 1 / 3]))
    assert found["recall@1/pass@2"].value == pytest.approx(mean([1, 1, 0, 2 / 3]))
    assert found["recall@5/pass@3"].value == 1.0
    assert set(found) == {f"recall@{k}/pass@{tries}" for k in (1, 5, 10) for tries in (1, 2, 3)}


def test_agreement_by_hand() -> None:
    found = repeated(RUNS).agreement
    assert found.same["hit@1"].value == pytest.approx(mean([1, 1 / 3, 1, 1 / 3]))
    assert found.kappa["hit@1"] == pytest.approx((mean([1, 1 / 3, 1, 1 / 3]) - 0.5) / 0.5)
    missed = {f"X:{i}" for i in range(1, 6)}
    second = mean([0, 1, 0])  # {0} and five others twice, {0} twice
    third = mean([1, 2 / 6, 2 / 6])  # {1, 2, 0} beside {1, …, 5}
    fourth = mean([1 / 2, 1 / len(missed | {"X:0"}), 0])  # {1, 0}, {0}, {1, …, 5}
    assert found.jaccard.value == pytest.approx(mean([1, second, third, fourth]))


def test_nothing_linked_twice_is_the_same_twice() -> None:
    empty = [replace(each, predictions=(), reading=Reading.ABSTAINED) for each in run_of([1, 1])]
    assert repeated([empty, empty]).agreement.jaccard.value == 1.0
    assert repeated([empty, empty]).agreement.kappa["hit@1"] is None


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([(2, 0), (0, 2)], 1.0),
        ([(1, 1), (1, 1)], -1.0),
        ([(3, 0), (2, 1), (0, 3), (1, 2)], 1 / 3),  # mean of 1, 1/3, 1, 1/3 is 2/3; by chance 1/2
        ([(3, 0), (3, 0)], None),
    ],
)
def test_fleiss_kappa_of_hits_and_misses(table: list[tuple[int, int]], kappa: float | None) -> None:
    found = fleiss_kappa(np.array([hits for hits, _ in table]), sum(table[0]))
    assert found == (None if kappa is None else pytest.approx(kappa))


@given(st.integers(1, 8).flatmap(lambda runs: st.tuples(st.just(runs), st.integers(0, runs), st.integers(1, runs))))
def test_pass_at_k_is_the_share_of_choices_of_k_runs_with_a_hit(drawn: tuple[int, int, int]) -> None:
    runs, hits, k = drawn
    choices = [any(each < hits for each in chosen) for chosen in combinations(range(runs), k)]
    assert pass_at(np.array([hits]), runs, k)[0] == pytest.approx(mean(choices))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(1, MISS), min_size=6, max_size=6), min_size=2, max_size=4))
def test_what_holds_of_any_runs(ranks: list[list[int]]) -> None:
    runs = [run_of(each, 2) for each in ranks]
    found = repeated(runs)
    each_run = [estimates(run) for run in runs]
    for name, estimate in found.estimates.items():
        assert estimate.value == pytest.approx(mean(each[name].value for each in each_run))
        assert found.spread[name] == pytest.approx(stdev(each[name].value for each in each_run), abs=1e-12)
    for k in (1, 5, 10):
        tries = [found.pass_at[f"recall@{k}/pass@{t}"].value for t in range(1, len(runs) + 1)]
        assert tries == sorted(tries)
        assert tries[0] == pytest.approx(found.estimates[f"recall@{k}"].value)
        assert 0 <= found.agreement.same[f"hit@{k}"].value <= 1
        assert (found.agreement.kappa[f"hit@{k}"] or 0) <= 1
    assert 0 <= found.agreement.jaccard.low <= found.agreement.jaccard.value <= found.agreement.jaccard.high <= 1
    assert repeated([runs[-1], *runs[:-1]]).estimates["mrr"].value == pytest.approx(found.estimates["mrr"].value)


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("shared", [False, True])
def test_the_same_run_again_adds_nothing(size: int, shared: bool) -> None:
    run = run_of(np.random.default_rng(2).integers(1, MISS + 1, 200).tolist(), size)
    found, single = repeated([run] * 3, shared=shared, seed=1), estimates(run)
    for name, estimate in found.estimates.items():
        assert found.spread[name] == 0
        assert estimate.value == pytest.approx(single[name].value)
        near = 0.6 if name == "median_rank" else 0.02
        assert (estimate.low, estimate.high) == pytest.approx((single[name].low, single[name].high), abs=near)
    assert all(each.value == 1 for each in (*found.agreement.same.values(), found.agreement.jaccard))


def test_runs_that_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(4)
    sure = [1] * 60 + [MISS] * 60
    steady = repeated([run_of(sure)] * 4).estimates["recall@1"]
    chance = repeated([run_of([1 if rng.random() < 0.5 else MISS for _ in range(120)]) for _ in range(4)]).estimates["recall@1"]
    assert chance.high - chance.low < steady.high - steady.low  # chance within a case is averaged over the runs
    good, bad = run_of([1] * 90 + [MISS] * 30), run_of([1] * 30 + [MISS] * 90)
    for_all = repeated([good, bad, good, bad], shared=True).estimates["recall@1"]
    for_each = repeated([good, bad, good, bad]).estimates["recall@1"]
    assert for_all.high - for_all.low > 1.5 * (for_each.high - for_each.low)


def test_the_interval_is_that_of_a_slow_bootstrap() -> None:
    rng = np.random.default_rng(6)
    ranks = rng.integers(1, 4, (3, 30))
    hits = (ranks == 1).reshape(3, 10, 3).mean(axis=2)  # (runs, clusters)
    means = []
    for _ in range(2500):
        clusters = [int(rng.integers(10)) for _ in range(10)]
        means.append(mean(mean(hits[rng.integers(3), g] for _ in range(3)) for g in clusters))
    found = repeated([run_of(run.tolist(), 3) for run in ranks]).estimates["recall@1"]
    assert (found.low, found.high) == pytest.approx(np.percentile(means, [2.5, 97.5]).tolist(), abs=0.03)


def test_one_cluster_says_nothing_of_the_next() -> None:
    found = repeated([run_of([1, MISS], 2), run_of([1, 1], 2)])
    assert (found.estimates["recall@1"].low, found.estimates["recall@1"].high) == (0.0, 1.0)
    assert (found.pass_at["recall@1/pass@2"].low, found.pass_at["recall@1/pass@2"].high) == (0.0, 1.0)


def test_runs_may_be_in_another_order() -> None:
    assert repeated([RUNS[0], RUNS[1][::-1], RUNS[2]]) == repeated(RUNS)


@pytest.mark.parametrize(
    ("runs", "error", "said"),
    [
        ([], UsageError, "at least two runs"),
        ([RUNS[0]], UsageError, "at least two runs"),
        ([[], []], UsageError, "at least one case"),
        ([RUNS[0], RUNS[1][:3]], BadInput, "run 2 is not about the cases of run 1 .c3 is in only one"),
        ([RUNS[0], [*RUNS[1], RUNS[1][0]]], BadInput, "a case is there twice"),
        ([RUNS[0], [replace(each, gold=("X:9",)) for each in RUNS[1]]], BadInput, "case c0 has another gold"),
        ([RUNS[0], [replace(each, group="one") for each in RUNS[1]]], BadInput, "another gold or group"),
    ],
)
def test_runs_on_other_cases_are_refused(runs: list[list[Verdict]], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        repeated(runs)
