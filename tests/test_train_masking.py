"""Prompts, traces, cases to train on and masked forms of them: what a teacher and a student are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from raredx_bench import splits
from raredx_bench.domain import Case, DataMissing, UnknownName, UsageError
from raredx_bench.findings import FindingReader
from raredx_train.generate import Sample
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.grounds import load_grounds
from raredx_train.reasoning import asking
from raredx_train.reasoning.cases import Wanted, apart_from, is_apart, of_common, training_cases, validation_cases
from raredx_train.reasoning.masking import source_of, variants
from raredx_train.reasoning.settings import Rers
from raredx_train.reasoning.trace import Trace, trace_of
from tests import knowledge_world as world
from tests.reasoning_world import patient

WIDE = Knowledge(heldout_share=0.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    with world.at_hand(tmp_path_factory) as root:
        yield load_grounds(WIDE, root, Counter()).base


def test_a_prompt_comes_apart_into_the_blocks_it_was_made_of() -> None:
    earlier, known = "It is X.\n\nFinal answer:\n1. X", "[1] Y (MONDO:1)\nFindings: a"
    asked = asking.reflect("A boy.\nCase: he limps.", 7, earlier, known, "Baseline: 1. Y")
    assert asking.blocks(asked) == {
        asking.CASE: "A boy.\nCase: he limps.", asking.EARLIER: earlier, asking.RECORDS: known, asking.OPINIONS: "Baseline: 1. Y",
    }  # fmt: skip
    assert asking.asked_for(asked) == 7
    assert asking.blocks(asking.diagnose("A girl.", 3)) == {asking.CASE: "A girl."}
    assert asking.blocks([{"role": "user", "content": "hello"}]) == {}
    assert asking.asked_for([{"role": "user", "content": "hello"}]) == 10


@pytest.mark.parametrize(
    ("text", "thought", "expected"),
    [
        (
            "It limps.\n\nFinal answer:\n1. Alder syndrome\n2. Birch syndrome",
            "",
            Trace("It limps.", ("Alder syndrome", "Birch syndrome")),
        ),
        ("It limps.\n**Final answer:**\n1. Alder syndrome", "", Trace("It limps.", ("Alder syndrome",))),
        (
            "<think>\nIt limps.\n</think>\n\n1. Alder syndrome\n2. Birch syndrome",
            "",
            Trace("It limps.", ("Alder syndrome", "Birch syndrome")),
        ),
        ("1. Alder syndrome", "kept apart", Trace("kept apart", ("Alder syndrome",))),
        (
            "Final answer:\n1. Cedar syndrome\nFinal answer:\n1. Alder syndrome",
            "",
            Trace("Final answer:\n1. Cedar syndrome", ("Alder syndrome",)),
        ),
        ("1. Alder syndrome\n2. Birch syndrome", "", Trace("", ("Alder syndrome", "Birch syndrome"))),
        ("", "", Trace("", ())),
        ("I cannot tell.", "", Trace("I cannot tell.", ())),
    ],
)
def test_an_answer_is_read_as_thought_and_list(text: str, thought: str, expected: Trace) -> None:
    found = trace_of(Sample(text, thought), 10)
    assert (found.think, found.names) == (expected.think, expected.names)


def test_a_trace_reads_back_what_it_writes() -> None:
    trace = Trace("It limps, so Alder syndrome.", ("Alder syndrome", "Birch syndrome"))
    assert trace_of(Sample(trace.text), 10) == trace == trace_of(Sample(trace.said), 10)


def test_a_masked_form_holds_less_of_the_same_case_and_is_the_same_for_the_same_seed(base: Base) -> None:
    reader = FindingReader(base.hpo)
    case = patient(2, 1, observed=tuple(world.finding(each) for each in range(8, 14)))
    found = list(variants(case, reader, 4, (0.3, 0.5), 1))
    assert found == list(variants(case, reader, 4, (0.3, 0.5), 1))
    assert [each.id for each in found] == [f"{case.id}#{number}" for number in range(len(found))]
    assert found[0].presentation == case.presentation
    assert len({each.presentation for each in found}) == len(found) > 2
    for each in found[1:]:
        assert set(each.observed) < set(case.observed)
        assert set(each.excluded) <= set(case.excluded)
        assert 2 <= len(each.observed) < 6
        said, _, absent = each.presentation.partition("absent: ")
        if absent:  # a list
            read = reader.read(said)
            assert [world.name_of(int(name[-2:])) for name in each.excluded] == absent.rstrip(".").split("; ")
        else:
            read = reader.read(each.presentation)
            assert set(read.excluded) == set(each.excluded)
        assert set(read.observed) == set(each.observed)
        assert (each.answers, source_of(each.id)) == (case.answers, case.id)
    assert {each.strata["lacks"] for each in found} == {"whole", "30 % less", "50 % less"}
    assert list(variants(case, reader, 4, (0.3, 0.5), 2))[1:] != found[1:]


def test_a_text_loses_sentences_or_becomes_a_list_of_terms(base: Base) -> None:
    said = " ".join(f"There was {world.name_of(each).lower()} on day {each}." for each in (0, 2, 4, 6, 8))
    case = Case("t", "custom", said, ("OMIM:900000",))
    found = [each.presentation for seed in range(8) for each in list(variants(case, FindingReader(base.hpo), 1, (0.4,), seed))[1:]]
    lists = [each for each in found if each.startswith("The patient has these findings")]
    assert lists
    assert len(lists) < len(found)
    for each in found:
        left = [sentence for sentence in said.split(". ") if sentence.rstrip(".") in each]
        assert each in lists or 0 < len(left) < 5


@pytest.mark.parametrize("observed", [(), (world.finding(1),), (world.finding(1), world.finding(2))])
def test_a_case_of_two_findings_or_fewer_has_no_masked_form(base: Base, observed: tuple[str, ...]) -> None:
    case = patient(1, observed=observed, presentation="The patient was seen.")
    assert len(list(variants(case, FindingReader(base.hpo), 3, (0.5,), 1))) == 1


def cases_of(count: int = 240) -> tuple[Case, ...]:
    return tuple(patient(at % 14, at // 14, benchmark="phenopacket_store", cohort=f"c{at % 40}") for at in range(count))


def test_training_takes_nothing_that_a_split_holds_out(base: Base) -> None:
    cases = cases_of()
    gone: Counter[str] = Counter()
    found = training_cases(Wanted(("phenopacket_store",), 0, 0, 1), {"phenopacket_store": cases}, base, gone)
    where, away = splits.parts(cases), splits.set_aside(cases)
    assert {each.id for each in found} == {each.id for each in cases if where[each.id] == "train" and each.id not in away}
    assert [each.id for each in found] != sorted(each.id for each in found)
    checked = validation_cases(Wanted(("phenopacket_store",), 0, 5, 1), {"phenopacket_store": cases}, base)
    assert len(checked) == 5
    assert all(where[each.id] == "validation" for each in checked)


def test_a_case_that_names_its_answer_or_has_an_unknown_one_teaches_nothing(base: Base) -> None:
    cases = cases_of()
    wanted = Wanted(("phenopacket_store",), 0, 0, 1)
    trained = {each.id for each in training_cases(wanted, {"phenopacket_store": cases}, base, Counter())}
    one, other, *_ = (each for each in cases if each.id in trained)
    telling = replace(one, id="telling", presentation=f"This is {world.TREES[int(one.answers[0][-2:])]} syndrome.")
    unknown = replace(other, id="unknown", answers=("OMIM:1",))
    gone: Counter[str] = Counter()
    found = training_cases(wanted, {"phenopacket_store": (*cases, telling, unknown)}, base, gone)
    assert not {"telling", "unknown"} & {each.id for each in found}
    assert gone == {"case that names its answer": 1, "case whose answer the terminology doesn't know": 1}


def test_simulated_patients_stand_in_where_no_benchmark_is_at_hand(base: Base) -> None:
    wanted = Wanted(("phenopacket_store",), 30, 0, 1)
    found = training_cases(wanted, {}, base, Counter())
    assert found
    assert {each.benchmark for each in found} == {"raredx_sim"}
    assert not {base.ontology.canonical(each.answers[0]) for each in found} & {base.ontology.canonical(world.UNSEEN)}
    assert [each.id for each in found] == [each.id for each in training_cases(wanted, {}, base, Counter())]
    few = training_cases(replace(wanted, diseases=2), {}, base, Counter())
    assert len({each.answers for each in few}) == 2
    assert {each.id for each in validation_cases(wanted, {}, base)}.isdisjoint(each.id for each in found)
    with_benchmark = training_cases(wanted, {"phenopacket_store": cases_of()}, base, Counter())
    assert {each.benchmark for each in with_benchmark} == {"phenopacket_store"}
    beside = training_cases(replace(wanted, beside=True), {"phenopacket_store": cases_of()}, base, Counter())
    assert {each.benchmark for each in beside} == {"phenopacket_store", "raredx_sim"}


def test_half_of_the_validation_is_new_patients_of_diseases_that_are_trained_on(base: Base) -> None:
    at_hand = {"phenopacket_store": cases_of()}
    wanted = Wanted(("phenopacket_store",), 30, 4, 1, beside=True)
    trained = training_cases(replace(wanted, cases=6), at_hand, base, Counter())
    found = validation_cases(wanted, at_hand, base, trained)
    assert [each.benchmark for each in found] == ["phenopacket_store"] * 2 + ["raredx_sim"] * 2
    diseases = {base.ontology.canonical(answer) for each in trained for answer in each.answers}
    assert {base.ontology.canonical(each.answers[0]) for each in found[2:]} <= diseases
    alone = replace(wanted, diseases=2)
    trained = training_cases(alone, {}, base, Counter())
    assert {each.answers for each in validation_cases(alone, {}, base, trained)} <= {each.answers for each in trained}


def test_practice_may_keep_to_diseases_that_come_up_often(base: Base) -> None:
    at_hand = {"phenopacket_store": cases_of()}
    cases = training_cases(Wanted(("phenopacket_store",), 60, 0, 1, beside=True), at_hand, base, Counter())
    real = Counter(each.answers for each in cases if each.benchmark == "phenopacket_store")
    least = sorted(real.values())[len(real) // 2]
    kept = of_common(cases, ("phenopacket_store",), least, base)
    often = {answers for answers, count in real.items() if count >= least}
    assert 0 < len(often) < len(real)
    assert {each.answers for each in kept if each.benchmark == "phenopacket_store"} == often
    ids = {base.ontology.canonical(answer) for answers in often for answer in answers}
    new = [each for each in kept if each.benchmark == "raredx_sim"]
    assert new
    assert {base.ontology.canonical(answer) for each in new for answer in each.answers} <= ids
    assert of_common(new, ("phenopacket_store",), least, base) == tuple(new), "with no real case there is nothing to count"


def test_the_other_half_is_publications_of_train_that_no_stage_trains_on(base: Base) -> None:
    at_hand = {"phenopacket_store": cases_of()}
    wanted = Wanted(("phenopacket_store",), 60, 40, 1, beside=True)
    trained = training_cases(replace(wanted, cases=0), at_hand, base, Counter())
    others = {answer for each in trained if not is_apart(each) for answer in each.answers}
    apart = {each.id for each in trained if each.benchmark == "phenopacket_store" and is_apart(each) and others & {*each.answers}}
    assert 0 < len(apart) < 20
    found = validation_cases(wanted, at_hand, base, trained)
    real = [each.id for each in found if each.benchmark == "phenopacket_store"]
    assert set(real) == apart
    assert len(found) == 40
    practised = apart_from(trained, found)
    assert not {each.id for each in practised} & apart
    assert not {each.group for each in practised if each.group} & {each.group for each in found}
    assert {is_apart(replace(each, id=f"{each.id}#1")) for each in found[: len(apart)]} == {True}, "masked forms go with their case"


def test_no_case_at_all_is_an_error_that_says_what_to_do(base: Base) -> None:
    with pytest.raises(DataMissing, match="no case to train on: none of phenopacket_store is in the data directory"):
        training_cases(Wanted(("phenopacket_store",), 0, 0, 1), {}, base, Counter())
    with pytest.raises(UnknownName, match="unknown benchmark 'phenopackets'"):
        training_cases(Wanted(("phenopackets",), 0, 0, 1), {}, base, Counter())
    with pytest.raises(UsageError, match="mimic_iv_rare is under a data use agreement"):
        training_cases(Wanted(("mimic_iv_rare",), 0, 0, 1), {}, base, Counter())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"samples": 0}, "samples is 0"), ({"rounds": -1}, "rounds is -1"), ({"asked": 11}, "asked is 11"),
        ({"accept": 3, "asked": 2}, "asked is 2"), ({"drop": (1.0,)}, "shares between 0 and 1"), ({"benchmarks": ()}, "neither"),
        ({"part": "5/4"}, "part is '5/4'"), ({"keep": "longest"}, "unknown setting of keep"), ({"wording": 9}, "wording is 9"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Rers(**wrong)  # type: ignore[arg-type]


def test_a_base_knows_terms_by_their_own_names(base: Base) -> None:
    assert base.term(world.name_of(3)) == world.finding(3)
    assert base.term("Synonym 3 of hue") is None
