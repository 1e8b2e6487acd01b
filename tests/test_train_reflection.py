"""Sampling and reflection: what is asked, what is accepted, what is counted, and that no prompt knows the diagnosis."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from raredx_bench.domain import Case
from raredx_bench.judging import Judge
from raredx_bench.linking import Linker
from raredx_bench.naming import plain
from raredx_train.generate import Messages
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.grounds import load_grounds
from raredx_train.reasoning import asking, reflection
from raredx_train.reasoning.constraint import Constraint
from raredx_train.reasoning.experts import Baseline, Model
from raredx_train.reasoning.funnel import Funnel, stages, total
from raredx_train.reasoning.reflection import Call, Outcome, Panel, Reflection, State
from raredx_train.reasoning.retrieval import Retriever
from raredx_train.reasoning.settings import Rers
from tests import knowledge_world as world
from tests.reasoning_world import Teacher, answer, patient

OTHERS = ("Ilex syndrome", "Juniper syndrome", "Oak syndrome")
FORWARD = "The patient shows a corneal sign and a tremor, which together decide."


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    with world.at_hand(tmp_path_factory) as root:
        yield load_grounds(Knowledge(heldout_share=0.0), root, Counter()).base


def kind(messages: Messages) -> str:
    """What a prompt asks for."""
    found = asking.blocks(messages)
    return "rewrite" if asking.ACCEPTED in found else "reflect" if asking.EARLIER in found else "first"


def tree_of(case: Case) -> str:
    return f"{world.TREES[int(case.answers[0][-2:])]} syndrome"


def teacher_of(cases: list[Case], said: Callable[[str, str, int], str]) -> Teacher:
    """A teacher that is told which question it is, the case's diagnosis and the sample's number."""
    golds = {case.presentation: tree_of(case) for case in cases}
    return Teacher(lambda messages, number: said(kind(messages), golds[asking.blocks(messages)[asking.CASE]], number))


def ran(base: Base, teacher: Teacher, cases: list[Case], filtered: bool = False, k: bool = True, **changes: Any) -> list[Outcome]:
    linker, retriever = Linker(base.ontology), Retriever(base) if k else None
    panel = Panel(base, Judge(linker), teacher, retriever, [Baseline(retriever)] if retriever else [],
                  Constraint(base, linker) if filtered else None)  # fmt: skip
    return list(Reflection(Rers(**{"samples": 3, "rounds": 2, **changes}), panel).run(cases))


def calls(outcome: Outcome) -> list[str]:
    return [each.call.name for each in outcome.attempts]


CASES = [patient(at) for at in (1, 4, 5)]


def test_a_case_that_is_solved_at_once_costs_one_call(base: Base) -> None:
    teacher = teacher_of(CASES, lambda what, gold, number: answer(FORWARD, gold, *OTHERS))
    found = ran(base, teacher, CASES)
    assert [calls(each) for each in found] == [["FIRST"]] * 3
    assert {each.state for each in found} == {State.SAMPLED}
    assert [each.kept[0].trace.names[0] for each in found] == [tree_of(case) for case in CASES]
    assert [each.case for each in found] == CASES


def test_together_asks_for_several_at_once_and_all_that_are_accepted_are_kept(base: Base) -> None:
    teacher = teacher_of(CASES, lambda what, gold, number: answer(f"{FORWARD} {number}", gold if number else OTHERS[0]))
    (found, *_) = ran(base, teacher, CASES[:1], samples=4, together=4, per_case=2)
    assert (calls(found), [each.kept for each in found.attempts]) == (["FIRST"] * 4, [False, True, True, True])
    assert found.pass_rate == 0.75


def test_a_failure_is_reflected_on_and_the_success_is_rewritten(base: Base) -> None:
    texts = {
        "first": lambda gold: answer("A first thought.", *OTHERS),
        "reflect": lambda gold: answer("Looking again, the records mention it.", gold, *OTHERS),
        "rewrite": lambda gold: answer(FORWARD, gold, *OTHERS),
    }
    teacher = teacher_of(CASES, lambda what, gold, number: texts[what](gold))
    found = ran(base, teacher, CASES)
    assert [calls(each) for each in found] == [["FIRST"] * 3 + ["REFLECTION", "REWRITING"]] * 3
    assert {each.state for each in found} == {State.REFLECTED}
    assert {each.kept[0].trace.think for each in found} == {FORWARD}
    reflections = [each for each in teacher.asked if kind(each) == "reflect"]
    assert all("A first thought." in asking.blocks(each)[asking.EARLIER] for each in reflections)
    assert all(asking.RECORDS in asking.blocks(each) and asking.OPINIONS in asking.blocks(each) for each in reflections)
    unwritten = ran(base, teacher, CASES[:1], rewrite=False)[0]
    assert (calls(unwritten)[-1], unwritten.kept[0].trace.think) == ("REFLECTION", "Looking again, the records mention it.")


def test_each_round_reads_the_failure_before_it(base: Base) -> None:
    def said(what: str, gold: str, number: int) -> str:
        return answer(f"Thought of {what}.", *OTHERS)

    teacher = teacher_of(CASES[:1], said)
    (found,) = ran(base, teacher, CASES[:1], samples=1, rounds=3)
    assert (calls(found), found.state) == (["FIRST", *["REFLECTION"] * 3], State.FAILED)
    earlier = [asking.blocks(each)[asking.EARLIER].splitlines()[0] for each in teacher.asked if kind(each) == "reflect"]
    assert earlier == ["Thought of first.", "Thought of reflect.", "Thought of reflect."]


def test_no_prompt_depends_on_the_diagnosis(base: Base) -> None:
    """The same answers to the same case give the same prompts, whatever its diagnosis is."""
    asked = []
    for answers in (("OMIM:900001",), ("OMIM:900009",), (world.UNSEEN,)):
        teacher = Teacher(lambda messages, number: answer("A thought.", *OTHERS[:1]))
        ran(base, teacher, [replace(CASES[0], answers=answers)], samples=1, rounds=2)
        asked.append(json.dumps(teacher.asked))
    assert len(set(asked)) == 1
    assert asked[0].count("Earlier reasoning") == 2


@pytest.mark.parametrize("at", range(len(world.TREES)))
def test_a_reflection_prompt_names_the_diagnosis_only_where_retrieval_or_another_diagnoser_found_it(base: Base, at: int) -> None:
    case = patient(at)
    wrong = [f"{tree} syndrome" for place, tree in enumerate(world.TREES) if place not in (at, (at + 1) % 14)][:4]
    teacher = Teacher(lambda messages, number: answer("A thought.", *wrong))
    ran(base, teacher, [case], samples=1, rounds=2)
    known = base.ontology.canonical(case.answers[0])
    assert known is not None
    names = {plain(base.name(known)), *(plain(each.name) for each in base.ontology[known].synonyms)}
    for messages in teacher.asked:
        outside = dict(asking.blocks(messages))
        for found in (asking.RECORDS, asking.OPINIONS):
            outside.pop(found, None)
        task = messages[-1]["content"].rpartition("\n---\n")[2]
        said = plain(" ".join((*outside.values(), task, messages[0]["content"])))
        assert not [name for name in names if name in said]
    without = Teacher(lambda messages, number: answer("A thought.", *wrong))
    ran(base, without, [case], k=False, samples=1, rounds=2)
    assert not [name for name in names for messages in without.asked if name in plain(json.dumps(messages))]


def test_what_breaks_the_rules_is_counted_and_the_case_goes_on(base: Base) -> None:
    def said(what: str, gold: str, number: int) -> str:
        return answer("PMID:12345 says so, and so do I in the end.", gold, *OTHERS)

    (found,) = ran(base, teacher_of(CASES[:1], said), CASES[:1], filtered=True)
    assert (found.state, calls(found)) == (State.FILTERED, ["FIRST"] * 3)
    assert found.attempts[0].faults
    assert total([found]).faults


def test_a_rewriting_that_loses_the_diagnosis_is_not_kept(base: Base) -> None:
    def said(what: str, gold: str, number: int) -> str:
        return answer(FORWARD, gold) if what == "reflect" else answer(FORWARD, *OTHERS)

    (found,) = ran(base, teacher_of(CASES[:1], said), CASES[:1], samples=1, rounds=1)
    assert (calls(found), found.kept) == (["FIRST", "REFLECTION", "REWRITING"], ())
    assert found.state is State.FILTERED


@pytest.mark.parametrize(("accept", "state"), [(1, State.FAILED), (2, State.SAMPLED)])
def test_accept_is_the_worst_rank_that_counts(base: Base, accept: int, state: State) -> None:
    teacher = teacher_of(CASES, lambda what, gold, number: answer(FORWARD, OTHERS[0], gold))
    (found, *_) = ran(base, teacher, CASES[:1], rounds=0, accept=accept)
    assert found.state is state


@pytest.mark.parametrize("budget", [1, 4, 7, 10, 11, 100])
def test_the_budget_is_kept_and_what_it_has_no_calls_for_is_not_asked(base: Base, budget: int) -> None:
    teacher = teacher_of(CASES, lambda what, gold, number: answer("A thought.", *OTHERS))
    found = ran(base, teacher, CASES, samples=2, rounds=2, budget=budget)
    spent = sum(len(each.attempts) for each in found)
    assert spent == min(budget, 12)
    assert (State.UNASKED in {each.state for each in found}) == (budget < 3)


def test_a_budget_reaches_every_case_before_any_is_asked_again(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflection, "FLIGHT", 1)
    teacher = teacher_of(CASES, lambda what, gold, number: answer("A thought.", *OTHERS))
    assert [len(each.attempts) for each in ran(base, teacher, CASES, samples=64, rounds=0, budget=7)] == [3, 2, 2]


def test_knowledge_at_the_first_question_is_rewritten_too(base: Base) -> None:
    def said(what: str, gold: str, number: int) -> str:
        return answer(FORWARD if what == "rewrite" else "The records say so.", gold)

    teacher = teacher_of(CASES, said)
    (found,) = ran(base, teacher, CASES[:1], knowledge_first=True, rounds=0)
    assert (calls(found), found.kept[0].trace.think, found.state) == (["FIRST", "REWRITING"], FORWARD, State.SAMPLED)
    assert asking.RECORDS in asking.blocks(teacher.asked[0])


def test_another_model_is_asked_once_a_case_from_the_case_alone(base: Base) -> None:
    expert = Teacher(lambda messages, number: answer("A thought.", *OTHERS))
    found = Model("expert", expert).differentials(CASES)
    assert found == [OTHERS] * 3
    assert [asking.blocks(each) for each in expert.asked] == [{asking.CASE: case.presentation} for case in CASES]


def test_the_baseline_reads_a_case_without_codes(base: Base) -> None:
    coded, baseline = CASES[0], Baseline(Retriever(base))
    text = replace(coded, observed=(), excluded=())
    assert baseline.differentials([coded])[0][0] == baseline.differentials([text])[0][0] == tree_of(coded)
    assert baseline.differentials([replace(text, presentation="Nothing is known.")]) == [()]


BAD = {
    "always fails": (lambda messages, number: answer("A thought.", *OTHERS), "the same list for different cases"),
    "is silent": (lambda messages, number: "", "are empty"),
    "writes no list": (lambda messages, number: "I would rather not say what this might be.", "hold no ranked list"),
    "repeats the case": (lambda messages, number: answer(asking.blocks(messages)[asking.CASE], *OTHERS), "repeat the case's text"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_teacher_is_called_what_it_is(base: Base, name: str) -> None:
    said, expected = BAD[name]
    cases = [patient(at, number) for at in range(14) for number in (0, 1)]
    found = Funnel()
    for outcome in ran(base, Teacher(said), [case for case in cases if case.answers[0] not in ("OMIM:900008",)], rounds=1):
        found.add(outcome)
    document = found.document()
    assert any(expected in each for each in document["symptoms"])
    assert any("no trace was kept" in each for each in document["symptoms"])
    assert dict(stages(document))["accepted traces"] == 0
    json.dumps(document)


def test_the_funnel_counts_every_case_and_call(base: Base) -> None:
    texts = {"first": OTHERS, "reflect": None, "rewrite": None}

    def said(what: str, gold: str, number: int) -> str:
        return answer(FORWARD, *(texts[what] or (gold,)))

    cases = [patient(at) for at in range(1, 7)]
    found = total(ran(base, teacher_of(cases, said), cases, samples=2))
    document = found.document()
    assert document["calls"] == {Call.FIRST.value: 12, Call.REFLECTION.value: 6, Call.REWRITING.value: 6}
    assert document["cases by outcome"] == {State.REFLECTED.value: 6}
    assert document["traces per call"] == 0.25
    assert document["covered by rarity"]["not known"]["value"] == 1.0
    assert found.document()["symptoms"] == []
