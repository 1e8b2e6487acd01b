"""The splits: what they promise, on cases made here and on the real ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raredx_bench import splits
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case, UnknownName, UsageError
from raredx_bench.judging import Judge

ROOT = Path(__file__).parents[1]
UNSEEN = sorted(each for each in splits.held_out("unseen") if each.startswith("OMIM:"))
WITHHELD = sorted(splits.held_out("withheld"))


def case(name: str, answer: str = "OMIM:154700", group: str = "", cohort: str = "", published: str = "") -> Case:
    return Case(name, "custom", "text", (answer,), group=group, cohort=cohort, published=published)


answers = st.sampled_from(["OMIM:154700", "ORPHA:558", UNSEEN[0], UNSEEN[1], WITHHELD[0]])
some_cases = st.lists(st.tuples(answers, st.integers(0, 12), st.integers(0, 6)), max_size=60).map(
    lambda rows: [
        case(f"c{n}", answer, f"g{group}", f"k{cohort}" if cohort else "") for n, (answer, group, cohort) in enumerate(rows)
    ]
)


@given(some_cases)
def test_no_publication_and_no_cohort_crosses(cases: list[Case]) -> None:
    found = splits.parts(cases)
    for key in ("group", "cohort"):
        met = defaultdict(set)
        for each in cases:
            if getattr(each, key):
                met[getattr(each, key)].add(found[each.id])
        for units in met.values():
            assert len(units & {"train", "validation", "test"}) <= 1
            assert not ({"train", "validation"} & units and "unseen" in units)


@given(some_cases)
def test_a_held_out_disease_is_never_trained_on(cases: list[Case]) -> None:
    found = splits.parts(cases)
    for each in cases:
        if each.answers[0] in splits.held_out("unseen"):
            assert found[each.id] == "unseen"
        if each.answers[0] in splits.held_out("withheld"):
            assert found[each.id] == "test"


@given(some_cases, st.integers(0, 60))
def test_a_case_only_ever_leaves_training_when_a_release_grows(cases: list[Case], size: int) -> None:
    before, after = splits.parts(cases[:size]), splits.parts(cases)
    for name, part in before.items():
        assert after[name] == part or (after[name] is None and part in ("train", "validation")), name


def test_the_shares_are_as_stated() -> None:
    counts = Counter(splits.parts(case(f"c{n}", group=f"g{n}") for n in range(20_000)).values())
    assert {part: round(counts[part] / 20_000, 2) for part in ("train", "validation", "test")} == {
        "train": 0.7,
        "validation": 0.1,
        "test": 0.2,
    }


def test_a_position_is_frozen() -> None:
    assert splits.position("unit", "PMID:1") == pytest.approx(0.530196, abs=1e-6)


def test_all_answers_must_be_held_out_for_unseen() -> None:
    both = Case("c", "custom", "text", (UNSEEN[0], "OMIM:154700"))
    coded = Case("d", "custom", "text", (UNSEEN[0], "CCRD:1"))
    assert splits.parts([both, coded]) == {"c": "test", "d": "unseen"}


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        ("2024-07-01", True),
        ("2024-06-30", False),
        ("2024-06", False),
        ("2024-07", True),
        ("2024", False),
        ("2025", True),
        ("", False),
    ],
)
def test_after_takes_only_what_lies_wholly_after(published: str, kept: bool) -> None:
    cases = splits.marked([case("c", published=published), case("other", published="2030")])
    assert ("c" in {each.id for each in splits.selected(cases, ["after:2024-06-30"])}) is kept


def test_after_a_year_begins_with_the_next() -> None:
    cases = splits.marked(
        [case("in", published="2024-06-30"), case("next", published="2025-01-01"), case("year", published="2025")]
    )
    assert [each.id for each in splits.selected(cases, ["after:2024"])] == ["next", "year"]


def test_small_samples_are_nested_and_fixed() -> None:
    cases = splits.marked([case(f"c{n}") for n in range(2000)])
    sizes = [[each.id for each in splits.selected(cases, [name])] for name in ("small:100", "small", "small:1000")]
    assert [len(each) for each in sizes] == [100, 300, 1000]
    assert set(sizes[0]) < set(sizes[1]) < set(sizes[2])
    assert sizes[0] == [each.id for each in splits.selected(cases[::-1], ["small:100"])][::-1]


def test_samples_are_drawn_last() -> None:
    cases = splits.marked([case(f"c{n}") for n in range(2000)])
    assert splits.selected(cases, ["small:100", "test"]) == splits.selected(cases, ["test", "small:100"])
    assert len(splits.selected(cases, ["small:100", "test"])) == 100


@pytest.mark.parametrize(
    ("selector", "kind", "said"),
    [
        ("tset", UnknownName, "did you mean test"),
        ("small:50", UnknownName, "small:100"),
        ("after:June", UsageError, "after: takes a year"),
        ("after:2024", UsageError, "carry no date of publication"),
    ],
)
def test_a_wrong_selector_is_refused(selector: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        splits.selected(splits.marked([case("c")]), [selector])


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(UsageError, match="no case is left by unseen"):
        splits.selected(splits.marked([case("c")]), ["unseen"])


def test_the_lists_hold_whole_diseases(full_judge: Judge) -> None:
    unseen, withheld = splits.held_out("unseen"), splits.held_out("withheld")
    assert not unseen & withheld
    for identifier in full_judge.ontology:
        ids = {
            each
            for each in (identifier, *full_judge.ontology[identifier].xrefs)
            if each.split(":")[0] in ("MONDO", "OMIM", "OMIMPS", "ORPHA")
        }
        assert len(ids & unseen) in (0, len(ids)), identifier


@pytest.mark.parametrize("name", ["phenopacket_store", "rarebench_ramedis", "rarebench_mme", "rarebench_hms", "rarebench_lirical"])
def test_the_published_lists_are_what_the_rules_give(data_root: Path, name: str) -> None:
    lines = (ROOT / f"docs/splits/{name}.tsv").read_text().splitlines()
    published = dict(line.split("\t") for line in lines if not line.startswith("#") and line != "case_id\tsplit")
    cases = load_cases(name, data_root)
    found, away = splits.parts(cases), splits.set_aside(cases)
    stated = {identifier: (part or "none") + ",seen" * (identifier in away) for identifier, part in found.items()}
    assert stated == {each: published.get(each) for each in found}


@given(some_cases)
def test_what_is_set_aside_is_of_training_and_its_diseases_stay_there(cases: list[Case]) -> None:
    where, away = splits.parts(cases), splits.set_aside(cases)
    left = [each for each in cases if where[each.id] == "train" and each.id not in away]
    for each in cases:
        if each.id in away:
            assert where[each.id] == "train"
            assert any(set(each.answers) & set(other.answers) for other in left)
            assert all(each.group != other.group for other in left)


def test_what_is_set_aside_can_be_asked_for() -> None:
    cases = splits.marked([case(f"c{n}", group=f"g{n}") for n in range(60)])
    found = splits.selected(cases, ["seen"])
    assert 0 < len(found) < len(splits.selected(cases, ["train"]))
    assert {each.id for each in found} == splits.set_aside(cases)


def test_training_shares_no_disease_and_no_series_with_unseen(data_root: Path, full_judge: Judge) -> None:
    ontology = full_judge.ontology

    def families(answer: str) -> set[str]:
        identifier = ontology.canonical(answer)
        if identifier is None:
            return {answer}
        near = (identifier, *ontology[identifier].parents)
        return {identifier} | {each for one in near for each in ontology[one].xrefs if each.startswith("OMIMPS:")}

    met: dict[str | None, set[str]] = defaultdict(set)
    for name in ("phenopacket_store", "rarebench_ramedis", "rarebench_mme", "rarebench_hms", "rarebench_lirical"):
        cases = load_cases(name, data_root)
        where = splits.parts(cases)
        for each in cases:
            met[where[each.id]].update(*map(families, each.answers))
    assert len(met["unseen"]) > 50
    assert not met["unseen"] & (met["train"] | met["validation"])
