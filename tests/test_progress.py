"""How far a run is, and how well it does so far."""

from __future__ import annotations

import pytest

from raredx_bench.domain import Case, Relation
from raredx_bench.judging import Judge
from raredx_bench.progress import Live

CASE = Case("c", "b", "", ("OMIM:100011",))
HIT, SECOND, MISS = "1. Alder syndrome 1", "1. Zebra syndrome\n2. Alder syndrome 1", "I am sorry."


class Clock:
    """A clock that is set by hand, in seconds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_known_before_the_first_answer(small: Judge) -> None:
    live = Live(small, total=10, done=4)
    assert (live.done, live.rate, live.recall(1), live.said()) == (4, None, None, "")


def test_rate_and_time_left_follow_from_what_came_since_the_start(small: Judge) -> None:
    clock = Clock()
    live = Live(small, total=10, done=4, clock=clock)
    for text in (HIT, SECOND):
        live.add("t", CASE, text)
    clock.now += 4
    assert (live.done, live.rate) == (6, 0.5)
    live.add("u", CASE, MISS)
    assert live.recall(1) == pytest.approx(1 / 3)
    assert live.recall(5) == pytest.approx(2 / 3)
    assert (live.recall(1, "t"), live.recall(1, "u"), live.recall(1, "v")) == (0.5, 0.0, None)
    assert live.said() == "recall@1 33.3, @5 66.7 %, 0.8/s"


def test_names_beyond_those_asked_for_do_not_count(small: Judge) -> None:
    live = Live(small, total=1)
    live.add("t", CASE, SECOND, asked=1)
    assert live.recall(5) == 0


def test_it_ends_with_the_recall_of_the_verdicts(small: Judge) -> None:
    texts = [HIT, SECOND, MISS, HIT, ""]
    live = Live(small, total=len(texts))
    for text in texts:
        live.add("t", CASE, text)
    ranks = [small.judge(CASE, text).rank(Relation.EXACT) for text in texts]
    for k in (1, 5):
        assert live.recall(k) == pytest.approx(sum(rank is not None and rank <= k for rank in ranks) / len(ranks))
