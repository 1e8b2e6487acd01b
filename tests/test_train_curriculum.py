"""What is practised next follows from the policy's own answers, and from nothing else."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raredx_bench.domain import BadInput, UsageError
from raredx_train.curriculum import (
    NEW,
    TASKS,
    TIERS,
    Curriculum,
    Recalls,
    Seen,
    State,
    as_document,
    histogram,
    observed,
    plan,
    restored,
    shares_of,
    started,
    tier_of,
    validated,
    weight_of,
)

USUAL = Curriculum()
CASES = {f"case-{number:03}": f"disease-{number % 20:02}" for number in range(200)}
RATES = (1.0, 0.5, 0.125, 0.0)
ROUNDS = 10


def at(number: int, *, task: str = "final") -> State:
    """A state before a round, a quarter of the cases in each tier."""
    return State(number, task, seen={case: Seen(RATES[place // 50], 8, 0, 0) for place, case in enumerate(CASES)})


def tiers(state: State, settings: Curriculum = USUAL, count: int = 40) -> Counter[str]:
    """How many of each tier are drawn in a hundred plans of different seeds."""
    return Counter(draw.tier for seed in range(100) for draw in plan(settings, CASES, state, ROUNDS, count, seed))


@pytest.mark.parametrize(("rate", "tier"), [
    (1, "easy"), (0.75, "easy"), (0.625, "medium"), (0.375, "medium"), (0.25, "hard"), (0.01, "hard"), (0, "extreme"),
])  # fmt: skip
def test_a_case_is_as_hard_as_the_policy_finds_it(rate: float, tier: str) -> None:
    assert tier_of(USUAL, Seen(rate, 8, 0, 0)) == tier


def test_a_case_that_was_never_sampled_has_no_tier_yet() -> None:
    assert tier_of(USUAL, None) == NEW
    assert {draw.tier for draw in plan(USUAL, CASES, State(), ROUNDS, 50, 1)} == {NEW}


def test_a_round_moves_from_easy_cases_to_extreme_ones() -> None:
    first, last = tiers(at(0)), tiers(at(ROUNDS - 1))
    assert first["easy"] > first["medium"] > first["hard"] > first["extreme"]
    assert last["hard"] > last["easy"]
    assert last["extreme"] > 2 * first["extreme"]
    assert shares_of(USUAL, 0.5)["easy"] == pytest.approx(0.325)


@pytest.mark.parametrize(("history", "weight"), [
    ([4], 1.0), ([8], 0.5), ([8, 8], 0.25), ([8] * 9, 0.05), ([0], 0.5), ([0] * 9, 0.05), ([0, 8], 0.5), ([8, 8, 7], 1.0),
    ([8, 7, 8], 0.5),
])  # fmt: skip
def test_mastered_and_hopeless_cases_fade_to_a_floor_and_come_back(history: list[int], weight: float) -> None:
    state = State()
    for right in history:
        state = observed(state, {"a": [True] * right + [False] * (8 - right)})
    assert weight_of(USUAL, state.seen["a"]) == pytest.approx(weight)


def test_what_is_hopeless_is_drawn_less_often_than_what_was_missed_once() -> None:
    state = at(9)
    extreme = [case for case, seen in state.seen.items() if seen.rate == 0]
    faded = replace(state, seen={**state.seen, **{case: Seen(0, 8, 9, 0) for case in extreme[:25]}})
    drawn = Counter(draw.case for seed in range(100) for draw in plan(USUAL, CASES, faded, ROUNDS, 20, seed))
    assert 0 < sum(drawn[case] for case in extreme[:25]) < sum(drawn[case] for case in extreme[25:]) / 4


def test_a_share_stays_easy_though_all_that_is_easy_is_mastered() -> None:
    state = at(9)
    mastered = replace(state, seen={case: replace(seen, streak=20 if seen.rate == 1 else 0) for case, seen in state.seen.items()})
    for seed in range(20):
        drawn = Counter(draw.tier for draw in plan(USUAL, CASES, mastered, ROUNDS, 40, seed))
        assert drawn["easy"] >= 4
    assert tiers(mastered, replace(USUAL, kept=0.0))["easy"] < 100


@pytest.mark.parametrize("case", [True, False])
def test_diseases_are_balanced_however_many_cases_they_have(case: bool) -> None:
    many = {**{f"a{number}": "common" for number in range(180)}, **{f"b{number:02}": f"rare-{number}" for number in range(20)}}
    drawn = Counter(many[draw.case] for seed in range(100) for draw in plan(replace(USUAL, case=case), many, State(), 2, 5, seed))
    assert drawn["common"] < 3 * 500 / 21  # a twenty-first is its due, half of all its share of the cases


def test_without_the_case_level_every_tier_is_drawn_as_it_comes() -> None:
    plain = tiers(at(0), replace(USUAL, case=False))
    assert max(plain.values()) < 1.15 * min(plain.values())


def test_a_small_set_is_gone_through_before_a_case_comes_again() -> None:
    few = dict(list(CASES.items())[:7])
    drawn = [draw.case for draw in plan(USUAL, few, at(3), ROUNDS, 17, 1)]
    assert sorted(Counter(drawn).values()) in ([2, 2, 2, 2, 3, 3, 3],)


def of(*recalls: float, settings: Curriculum = USUAL, final: float = 0.1) -> list[str]:
    """The task of each round when these are the recalls of the differential, the first before training."""
    state = started(settings, Recalls(recalls[0], final))
    found = [state.task]
    for recall in recalls[1:]:
        state = validated(settings, state, Recalls(recall, final))
        found.append(state.task)
    return found


def test_a_task_is_left_when_recall_stops_rising_not_after_so_many_rounds() -> None:
    rising = [0.1 + 0.05 * number for number in range(12)]
    assert set(of(*rising)) == {"differential"}
    assert of(0.3, 0.3, 0.305, 0.3) == ["differential", "differential", "mixed", "mixed"]
    assert of(0.3, 0.4, 0.4, 0.5, 0.5, 0.5) == ["differential"] * 5 + ["mixed"]
    assert of(0.3, 0.9) == ["differential", "mixed"]
    assert of(0.3, 0.9, settings=replace(USUAL, shortest=2)) == ["differential", "differential"]


def test_the_mixture_is_left_by_the_recall_of_the_first_name_and_the_end_is_final() -> None:
    state = started(USUAL, Recalls(0.9, 0.1))
    tasks = [state.task]
    for final in (0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3):
        state = validated(USUAL, state, Recalls(0.9, final))
        tasks.append(state.task)
    assert tasks == ["differential", "mixed", "mixed", "mixed", "mixed", "final", "final", "final"]
    assert state.round == 7


def test_without_the_task_level_the_tasks_are_mixed_throughout() -> None:
    plain = replace(USUAL, task=False)
    assert set(of(0.3, 0.3, 0.3, 0.3, 0.9, settings=plain)) == {"mixed"}
    drawn = Counter(draw.task for draw in plan(plain, CASES, State(task="mixed"), ROUNDS, 200, 1))
    assert drawn.keys() == {"differential", "final"}
    assert 70 < drawn["final"] < 130


@pytest.mark.parametrize("task", ["differential", "final"])
def test_a_round_of_one_task_asks_for_nothing_else(task: str) -> None:
    assert {draw.task for draw in plan(USUAL, CASES, at(1, task=task), ROUNDS, 50, 1)} == {task}


rates = st.lists(st.booleans(), min_size=1, max_size=16)
histories = st.lists(st.dictionaries(st.sampled_from(sorted(CASES)), rates, max_size=30), max_size=6)
figures = st.floats(0, 1)


@given(histories, st.lists(st.tuples(figures, figures), min_size=6, max_size=6), st.integers(0, 2**31), st.integers(1, 300))
def test_a_state_that_was_saved_gives_the_very_same_plans(
    history: list[dict[str, list[bool]]], recalls: list[tuple[float, float]], seed: int, count: int
) -> None:  # fmt: skip
    whole = saved = started(USUAL, Recalls(*recalls[0]))
    for hits, found in zip(history, recalls, strict=False):
        saved = restored(json.loads(json.dumps(as_document(saved))))
        assert plan(USUAL, CASES, saved, ROUNDS, count, seed) == plan(USUAL, CASES, whole, ROUNDS, count, seed)
        whole = validated(USUAL, observed(whole, hits), Recalls(*found))
        saved = validated(USUAL, observed(saved, dict(reversed(hits.items()))), Recalls(*found))
    assert saved == whole


@given(histories, st.integers(1, 400), st.integers(0, ROUNDS - 1))
def test_a_plan_has_as_many_prompts_as_are_wanted_and_none_twice_too_soon(
    history: list[dict[str, list[bool]]], count: int, number: int
) -> None:  # fmt: skip
    state = State(round=number)
    for hits in history:
        state = observed(state, hits)
    drawn = Counter(draw.case for draw in plan(USUAL, CASES, state, ROUNDS, count, 1))
    assert sum(drawn.values()) == count
    assert max(drawn.values()) <= -(-count // len(CASES))
    assert sum(histogram(USUAL, list(CASES), state).values()) == len(CASES)


def test_rounds_and_seeds_draw_differently() -> None:
    plans = {plan(USUAL, CASES, at(number), ROUNDS, 30, seed) for number in range(3) for seed in range(3)}
    assert len(plans) == 9


@pytest.mark.parametrize(("wrong", "said"), [
    ({"final": 1.5}, "curriculum.final is 1.5: give a share from 0 to 1"),
    ({"floor": 0}, "curriculum.floor is 0: give a share above 0"),
    ({"bounds": (0.2, 0.5)}, "two falling rates between 1 and 0"),
    ({"early": (1, 0, 0, 0)}, "give four shares above 0 (easy, medium, hard, extreme)"),
    ({"patience": 0}, "count rounds: give 1 or more"),
])  # fmt: skip
def test_settings_that_can_not_be_are_one_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Curriculum(**wrong)
    assert said in str(caught.value)


def test_a_damaged_state_is_one_sentence() -> None:
    for document in ({}, {"seen": {"a": {"rate": 1}}}, {"seen": {}, "tier": 3}):
        with pytest.raises(BadInput, match="the curriculum's state can't be read"):
            restored(document)


def test_tasks_and_tiers_are_in_their_order() -> None:
    assert TASKS == ("differential", "mixed", "final")
    assert TIERS == ("easy", "medium", "hard", "extreme")
