"""Agreement by hand, against scipy and scikit-learn's definitions, and in simulated stratified samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from raredx_bench.agreement import RELATIONS, agreement, agreement_document, rate, wilson

WORD = dict(zip("ENBD", RELATIONS, strict=True))


def said(letters: str) -> list[str]:
    return [WORD[each] for each in letters]


# theirs  E E E N B D D D D B       ours: one E missed, one D called E, one B called D
THEIRS, OURS = said("EEENBDDDDB"), said("EEDNBDDDED")


def test_a_table_by_hand() -> None:
    found = agreement(THEIRS, OURS)
    assert found.labels == ("exact", "narrower", "broader", "different")
    assert found.table == ((2, 0, 0, 1), (0, 1, 0, 0), (0, 0, 1, 1), (1, 0, 0, 3))
    assert found.n == 10
    assert found.accuracy.value == pytest.approx(7 / 10)
    assert found.precision is not None
    assert found.recall is not None
    assert (found.precision.value, found.precision.n) == pytest.approx((2 / 3, 3))
    assert (found.recall.value, found.recall.n) == pytest.approx((2 / 3, 3))
    # chance: theirs 3 1 2 4, ours 3 1 1 5: (9 + 1 + 2 + 20) / 100 = 0.32; (0.7 - 0.32) / 0.68
    assert found.kappa == pytest.approx(0.38 / 0.68)


def test_wilson_by_hand() -> None:
    accuracy = agreement(THEIRS, OURS).accuracy  # 7 of 10
    assert (accuracy.low, accuracy.high) == pytest.approx((0.3968, 0.8922), abs=1e-4)


def test_precision_and_recall_part_where_misses_and_false_hits_differ() -> None:
    found = agreement(said("EEEED"), said("EDDDD"))
    assert found.precision is not None
    assert found.recall is not None
    assert (found.precision.value, found.recall.value) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("theirs", "ours", "precision", "recall", "kappa"),
    [
        ("DD", "DD", None, None, None),  # one and the same label: no hits, and kappa says nothing
        ("ED", "DD", None, 0.0, 0.0),
        ("DD", "ED", 0.0, None, 0.0),
        ("ED", "ED", 1.0, 1.0, 1.0),
        ("ED", "DE", 0.0, 0.0, -1.0),
    ],
)
def test_what_is_not_defined_is_none(
    theirs: str, ours: str, precision: float | None, recall: float | None, kappa: float | None
) -> None:
    found = agreement(said(theirs), said(ours))
    assert (found.precision.value if found.precision else None) == precision
    assert (found.recall.value if found.recall else None) == recall
    assert found.kappa == kappa


def test_weights_by_hand() -> None:
    # two strata: our exact (2 read, each stands for 10) and our different (2 read, each stands for 50)
    found = agreement(said("EDED"), said("EEDD"), weights=[10, 10, 50, 50])
    assert found.table[0] == (10, 0, 0, 50)
    assert found.accuracy.value == pytest.approx(60 / 120)
    assert found.precision is not None
    assert found.recall is not None
    assert (found.precision.value, found.recall.value) == pytest.approx((0.5, 10 / 60))
    # effective numbers: 120² / 5200 = 2.769 for accuracy, 60² / 2600 = 1.385 for recall
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx(wilson(0.5, 14400 / 5200))
    assert (found.recall.low, found.recall.high) == pytest.approx(wilson(1 / 6, 3600 / 2600))


def test_equal_weights_change_nothing_but_the_table() -> None:
    plain, weighted = agreement(THEIRS, OURS), agreement(THEIRS, OURS, weights=[7.0] * 10)
    for one, other in ((plain.accuracy, weighted.accuracy), (plain.precision, weighted.precision)):
        assert one is not None
        assert other is not None
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))
    assert plain.kappa == pytest.approx(weighted.kappa)
    assert weighted.table[0][0] == 14


def test_other_labels_may_be_compared() -> None:
    found = agreement(["2", "1", "0"], ["2", "0", "0"], labels=("2", "1", "0"))
    assert found.table == ((1, 0, 0), (0, 0, 1), (0, 0, 1))
    assert found.accuracy.value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("theirs", "ours", "complaint"),
    [
        ([], [], "nothing to compare"),
        (["exact"], ["exact", "exact"], "not the same pairs"),
        (["same"], ["exact"], "unknown labels: same"),
    ],
)
def test_what_can_not_be_compared_is_an_error(theirs: list[str], ours: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        agreement(theirs, ours)


@given(st.integers(1, 500), st.data())
def test_whole_numbers_get_scipys_interval(n: int, source: st.DataObject) -> None:
    hits = source.draw(st.integers(0, n))
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(RELATIONS), st.sampled_from(RELATIONS)), min_size=1, max_size=40))
def test_kappa_and_accuracy_follow_from_the_table(pairs: list[tuple[str, str]]) -> None:
    found = agreement(*zip(*pairs, strict=True))
    table = np.array(found.table) / len(pairs)
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    assert found.accuracy.value == pytest.approx(np.trace(table))
    assert found.accuracy.low <= found.accuracy.value + 1e-9
    assert found.accuracy.value <= found.accuracy.high + 1e-9
    if chance < 1:
        assert found.kappa == pytest.approx((np.trace(table) - chance) / (1 - chance))
    else:
        assert found.kappa is None


def test_weighted_intervals_hold_what_they_promise() -> None:
    """Recall in samples of 40 a stratum from five strata of very different size: at least 93 of 100 intervals hold the truth."""
    rng = np.random.default_rng(5)
    strata = [rng.random(size) < share for size, share in ((3000, 0.98), (100, 0.05), (300, 0.1), (4000, 0.1), (2600, 0.1))]
    truth = strata[0].sum() / sum(int(each.sum()) for each in strata)
    held = 0
    for _ in range(400):
        drawn = [rng.choice(each, 40, replace=False) for each in strata]
        theirs = np.concatenate(drawn)
        ours = np.repeat([True, False, False, False, False], 40)
        weight = np.repeat([len(each) / 40 for each in strata], 40)
        found = rate(ours[theirs], weight[theirs])
        held += found.low <= truth <= found.high
    assert held >= 372


def test_the_json_form_keeps_none() -> None:
    document = agreement_document(agreement(said("DD"), said("DD")))
    assert document is not None
    assert (document["n"], document["precision"], document["kappa"]) == (2, None, None)
    assert document["accuracy"] == {"value": 1.0, "low": 0.34238, "high": 1.0, "n": 2}
    assert agreement_document(None) is None
