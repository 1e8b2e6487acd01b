"""The reward: what earns, what costs, and that no text breaks it."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raredx_bench.domain import UsageError
from raredx_bench.judging import Judge, judge_for
from raredx_bench.parsing import parse
from raredx_train.config import filled
from raredx_train.reward import Accuracy, Reward, Weights, reward_card, rewards_for, total
from raredx_train.reward.crediting import credit
from raredx_train.reward.grading import Grader
from raredx_train.reward.guarding import ignoring, is_copy
from raredx_train.reward.language import foreign_share
from raredx_train.reward.parts import Format, Guards, Language, Overlap, Overlength, Part, Repetition
from raredx_train.reward.reading import MOST, read, text_of
from raredx_train.reward.repeating import repeated_lines, repeated_runs
from tests.conftest import NOWHERE
from tests.invented import invented

MARFAN = "OMIM:154700"
WRONG = ("Fabry disease", "Wilson disease", "Cystic fibrosis", "Huntington disease")
DEFAULT = Reward()
THOUGHT = "<think>\nLong fingers and a dislocated lens fit a disorder of fibrillin.\n</think>\n\n"


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded terminology, whatever the machine has pulled."""
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))


def listed(*names: str) -> str:
    return THOUGHT + "\n".join(f"{rank}. {name}" for rank, name in enumerate(names, 1))


def worth(part: type[Part], *texts: Any, wanted: Reward = DEFAULT, root: Path = NOWHERE, **columns: Any) -> list[float | None]:
    columns = {"answers": [[MARFAN]] * len(texts), **columns}
    return part(wanted, root)(prompts=None, completions=list(texts), completion_ids=None, **columns)


def reward(text: Any, wanted: Reward = DEFAULT, **columns: Any) -> float:
    functions, weights = rewards_for(wanted, NOWHERE)
    called = {"answers": [[MARFAN]], **columns}
    return total([function(completions=[text], completion_ids=[[1] * 20], **called)[0] for function in functions], weights)


@pytest.mark.parametrize("rank", range(1, 11))
def test_the_diagnosis_earns_one_over_the_logarithm_of_its_rank(rank: int, judge: Judge) -> None:
    drawn = Random(1).sample(sorted(set(judge.ontology) - {judge.ontology.canonical(MARFAN)}), 20)
    others = [judge.ontology.name(each) for each in drawn]
    names = [*others[: rank - 1], "Marfan syndrome", *others[rank - 1 : 9]]
    assert worth(Accuracy, listed(*names)) == [pytest.approx(1 / math.log2(rank + 1))]


def test_in_the_final_diagnosis_rank_one_alone_counts() -> None:
    texts = (listed("Marfan syndrome", *WRONG), listed(WRONG[0], "Marfan syndrome"))
    assert worth(Accuracy, *texts, task=["final", "final"]) == [1.0, 0.0]


FAMILY, ALDER, FORM = "Alder syndrome", "MONDO:0000011", "Alder syndrome 1"


@pytest.mark.parametrize(
    ("names", "gold", "earned"),
    [
        ((FORM,), ALDER, 1.0),
        ((FAMILY,), ALDER, Reward().broader / math.log2(3)),  # a family of two
        ((FORM,), "MONDO:0000010", Reward().narrower),
        ((FAMILY, "Alder syndrome type 2", "hemolytic anemia of Cedar"), ALDER, Reward().broader / math.log2(3)),
        (("hemolytic anemia of Cedar", FAMILY), ALDER, Reward().broader / math.log2(3) ** 2),
        (("hemolytic anemia of Cedar", FAMILY, FORM), ALDER, 0.5),
        (("Alder syndrome 1 or hemolytic anemia of Cedar",), ALDER, 0.0),
    ],
)  # fmt: skip
def test_related_names_earn_little_and_never_add_up(names: tuple[str, ...], gold: str, earned: float, small: Judge) -> None:
    graded = Grader(small).graded(names, (gold,))
    assert credit(graded, small.ontology, Reward()) == pytest.approx(earned)


@pytest.mark.parametrize(
    ("text", "earns", "costs"),
    [
        (listed("Marfan syndrome"), 1.0, 0.0),
        (listed("Kessler-Brandt neurodysplasia syndrome"), 0.0, -0.1),
        (listed("Kessler-Brandt neurodysplasia syndrome", "Marfan syndrome"), 1 / math.log2(3), -0.1),
        (listed(*[f"Kessler-Brandt dysplasia of kind {at}" for at in "abcdefghij"]), 0.0, -1.0),
        (listed("Marfan syndrome", "Marfan's syndrome", "MFS1"), 1.0, -0.1),
        ("<think>\nMarfan syndrome\n1. Marfan syndrome\n", 0.0, 0.0),
        ("<think>\n1. Marfan syndrome\n</think>\n", 0.0, 0.0),
        ("<think>\n1. Marfan syndrome\n</think>\n\n1. Fabry disease\n2. Wilson disease", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)  # fmt: skip
def test_what_earns_and_what_costs(text: str, earns: float, costs: float) -> None:
    assert worth(Accuracy, text) == [pytest.approx(earns)]
    assert worth(Guards, text) == [pytest.approx(costs)]


def test_names_beyond_k_earn_nothing_and_cost(judge: Judge) -> None:
    names = [judge.ontology.name(each) for each in Random(2).sample(sorted(judge.ontology), 40)]
    late, many = listed(*names[:10], "Marfan syndrome"), listed("Marfan syndrome", *names[:21])
    assert worth(Accuracy, late, many) == [0.0, 0.0]
    assert worth(Guards, late, many)[1] == -1.0
    assert worth(Guards, late)[0] == pytest.approx(-0.1, abs=0.21)  # one too many, and perhaps a name that is another's, too


def test_a_case_whose_diagnosis_is_unknown_has_no_accuracy() -> None:
    text = listed("Marfan syndrome")
    for answers in (["MONDO:9999999"], [], None, "", [None], 7):
        assert worth(Accuracy, text, answers=[answers]) == [None]
        assert math.isfinite(reward(text, answers=[answers]))
    functions, _ = rewards_for(Reward(), NOWHERE)
    assert all(len(function(completions=[text, text])) == 2 for function in functions)


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        ("1. X", "1. X"), (b"1. \xff", "1. \ufffd"), (None, ""), (7, ""), ([], ""),
        ([{"role": "assistant", "content": "1. X"}], "1. X"),
        ([{"role": "assistant", "content": None}], ""),
        ([{"role": "assistant", "content": [{"type": "text", "text": "1. X"}, {"type": "image"}]}], "1. X\n"),
        ([{"role": "assistant", "reasoning_content": "so", "content": "1. X"}], "<think>\nso\n</think>\n\n1. X"),
    ],
)  # fmt: skip
def test_a_completion_of_any_kind_has_a_text(completion: Any, text: str) -> None:
    assert text_of(completion) == text


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=400), st.binary(max_size=200), st.none(), st.lists(st.text(max_size=40), max_size=12).map(
    lambda names: listed(*names))))  # fmt: skip
def test_any_text_gives_a_finite_number(completion: Any) -> None:
    wanted = Reward(length=64, weights=Weights(overlap=1.0))
    value = reward(completion, wanted, observed=[["HP:0001166", "HP:9999999"]], presentation=["Long fingers."])
    assert math.isfinite(value)
    assert -1.5 <= value <= 1.1


_PIECES = st.sampled_from([
    "Marfan syndrome", "marfan syndrome", "Fabry disease (GLA)", "unknown", "X", "", "1", "Findings:", "CHARGE", "error: none",
    "Diagnosis: Marfan syndrome", "A or B disease", "Noonan syndrome (40 %)", "Noonan syndrome 40%", "Likely differential:",
    "Loeys-Dietz syndrome: it fits", "12p deletion", "CHARGE syndrome - because of colobomas", "Ménière disease", "analysisX",
    "assistantfinal", "Leigh syndrome. The patient has it", "No diagnosis", "Final answer", "a. Rett syndrome", "Confidence: 80",
    "2. Fabry disease", "I am sorry, no", "Rank 2", "Marfan syndrome / Fabry disease", "Likely: Marfan syndrome", "Type 2",
    "Ehlers-Danlos syndrome, type 2", "because of it", "Zellweger spectrum disorder", "Syndrome", "i. Fabry disease", "(GLA)",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(alphabet="abcDE -.,()/:1", max_size=20)), min_size=1, max_size=12), st.booleans())
def test_the_short_way_of_reading_a_list_reads_what_the_parser_reads(names: list[str], thinks: bool) -> None:
    text = listed(*names) if thinks else listed(*names).removeprefix(THOUGHT)
    assert read(text).names == parse(text, MOST).names


def test_the_short_way_reads_real_names_as_the_parser_does(judge: Judge) -> None:
    rng, every = Random(3), [disease.name for disease in judge.ontology.values()]
    for _ in range(100):
        text = listed(*rng.sample(every, 10))
        assert read(text).names == parse(text, MOST).names


def test_no_invented_name_earns_anything() -> None:
    texts = [listed(name) for _, name in invented()]
    functions, weights = rewards_for(Reward(), NOWHERE)
    answers = [[MARFAN]] * len(texts)
    parts = zip(*(function(completions=texts, answers=answers) for function in functions), strict=True)
    assert sum(total(each, weights) > 0 for each in parts) == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (listed("Marfan syndrome", "Fabry disease"), 0.0), (listed("Marfan syndrome"), 0.0),
        ("1. Marfan syndrome\n2. Fabry disease", -0.5), ("<think></think>\n1. Marfan syndrome", -0.5),
        (listed("Marfan syndrome", "Fabry disease") + "\n\nI hope this helps.", -0.5),
        ("I think that the diagnosis is Marfan syndrome.", -1.0), ("", -1.0), ("<think>\nMarfan", -1.0),
        ("reasons\n</think>\n\n1. Marfan syndrome", 0.0), (THOUGHT + listed("Marfan syndrome"), -0.5),
    ],
)  # fmt: skip
def test_the_contract_is_a_thought_and_a_list(text: str, value: float) -> None:
    assert worth(Format, text) == [value]


def test_a_thought_that_the_template_opens_is_one_that_must_end() -> None:
    opened = Reward(thought="opened")
    texts = ("reasons\n</think>\n\n1. Marfan syndrome", "1. Marfan syndrome")
    assert worth(Format, *texts, wanted=opened) == [0.0, -1.0]
    assert worth(Accuracy, *texts, wanted=opened) == [1.0, 0.0]


def test_what_is_not_english_costs() -> None:
    spanish = "<think>\nEl paciente tiene dedos largos y no es todo, pero también hay una luxación que es muy típica.\n</think>\n\n"
    names = "1. Síndrome de Marfan\n2. Enfermedad de Fabry\n3. Fibrosis quística"
    values = worth(
        Language, listed("Marfan syndrome", *WRONG), spanish + names, THOUGHT + names, "<think>長い指\n</think>\n1. 馬凡"
    )
    assert values[0] == 0.0
    assert all(value is not None and value < -0.5 for value in values[1:])
    assert foreign_share("Cornelia de Lange, von Willebrand and van der Woude.", ["Cornelia de Lange syndrome"]) == 0.0


def test_loops_and_repeated_lines_cost() -> None:
    loop = "<think>\n" + "The lens is dislocated and the fingers are long. " * 30 + "\n</think>\n\n1. Marfan syndrome"
    again = listed("Fabry disease", "Wilson disease", "Fabry disease", "fabry disease!")
    values = worth(Repetition, listed("Marfan syndrome", *WRONG), loop, again)
    assert values[0] == 0.0
    assert (values[1] or 0) < -0.8
    assert values[2] == pytest.approx(-0.5)
    assert repeated_runs("a b a b a b", 2) == pytest.approx(1 - 2 / 5)
    assert repeated_runs("a", 3) == repeated_lines("") == 0.0


def test_long_answers_are_punished_as_trl_does_it() -> None:
    from trl.rewards import get_soft_overlong_punishment

    ids = [[1] * size for size in (0, 1, 79, 80, 81, 90, 99, 100, 101, 5000)]
    ours = Overlength(Reward(length=100), NOWHERE)(completions=["x"] * len(ids), completion_ids=ids)
    assert ours == pytest.approx(get_soft_overlong_punishment(100, 20)(completion_ids=ids))
    assert Overlength(Reward(length=100), NOWHERE)(completions=["x"], completion_ids=None) == [None]


def test_a_list_that_every_case_gets_earns_nothing() -> None:
    same = listed(*WRONG, "Marfan syndrome")
    own = [listed("Marfan syndrome", name) for name in WRONG]
    golds = [[MARFAN], ["OMIM:301500"], ["OMIM:277900"], ["OMIM:219700"], ["OMIM:143100"], ["OMIM:162200"]]
    assert worth(Accuracy, *[same] * 6, answers=golds) == [0.0] * 6
    assert worth(Guards, *[same] * 6, answers=golds) == [-1.0] * 6
    assert worth(Accuracy, *[same] * 6, answers=[[MARFAN]] * 6) == [pytest.approx(1 / math.log2(6))] * 6  # one diagnosis, one list
    assert worth(Accuracy, *[same] * 6, answers=golds, wanted=Reward(gates=False))[0] == pytest.approx(1 / math.log2(6))
    assert worth(Guards, *own, answers=golds[:4]) == [0.0] * 4  # too few other diagnoses to tell


def test_lists_are_alike_by_the_names_they_share() -> None:
    constant = ("a", "b", "c", "d", "e")
    lists = [constant, ("a", "b", "c", "d", "x"), tuple("edcba"), *(tuple(f"{at}{name}" for name in constant) for at in range(6))]
    found = ignoring(tuple(lists), tuple(map(str, range(9))), 0.8, 0.2, 4)
    assert found == (True, True, True, *[False] * 6)
    assert ignoring(tuple(lists[1:]), tuple(map(str, range(8))), 0.8, 0.1, 4) == (False,) * 8  # two lists are a chance
    assert ignoring(((),) * 9, tuple(map(str, range(9))), 0.8, 0.2, 4) == (False,) * 9


CASE = ("The patient has these findings: Arachnodactyly; Ectopia lentis; Aortic root aneurysm; Tall stature; Pectus excavatum; "
        "Dural ectasia; High palate; Myopia; Scoliosis; Joint hypermobility.")  # fmt: skip


def test_the_case_itself_is_no_answer() -> None:
    labels = CASE.partition(": ")[2].rstrip(".").split("; ")
    assert is_copy(CASE, (), CASE, 0.5)
    assert is_copy("", tuple(labels[:4]), CASE, 0.5)
    assert not is_copy("1. Marfan syndrome", ("Marfan syndrome",), CASE, 0.5)
    assert not is_copy(CASE, (), "", 0.5)
    copied = THOUGHT + CASE + "\n1. Marfan syndrome"
    assert worth(Accuracy, copied, presentation=[CASE]) == [0.0]
    assert worth(Guards, copied, presentation=[CASE]) == [-1.0]


def test_overlapping_findings_earn_a_little(hpo: Any) -> None:
    at = hpo.diseases.index(MARFAN)
    observed = [hpo.ids[term] for term in hpo.term[(hpo.disease == at) & ~hpo.negated]][:6]
    values = worth(Overlap, listed("Marfan syndrome"), listed("Wilson disease"), listed("Kessler-Brandt dysplasia"),
                   observed=[observed] * 3)  # fmt: skip
    assert Reward().overlap >= (values[0] or 0) > (values[1] or 0) >= values[2] == 0.0  # type: ignore[operator]
    assert worth(Overlap, listed("Marfan syndrome")) == [None]


def test_nothing_but_the_diagnosis_pays() -> None:
    right, wrong = reward(listed("Marfan syndrome", *WRONG)), reward(listed(*WRONG))
    worse = (reward("\n".join(WRONG)), reward(listed(*WRONG, "Kessler-Brandt dysplasia")), reward(""))
    assert right == 1.0
    assert wrong == 0.0
    assert max(worse) < 0


def test_the_functions_survive_pickling_and_have_names() -> None:
    functions, weights = rewards_for(Reward(length=100), NOWHERE)
    again = pickle.loads(pickle.dumps(functions))
    assert [each.__name__ for each in again] == ["accuracy", "guards", "format", "language", "repetition", "overlength"]
    assert len(weights) == len(again)
    assert again[0](completions=[listed("Marfan syndrome")], answers=[[MARFAN]]) == [1.0]


def test_the_judge_is_the_benchmarks_own() -> None:
    part = Accuracy(Reward(), NOWHERE)
    assert part.grader.judge.linker is judge_for(NOWHERE).linker


def test_a_recipe_fills_the_settings() -> None:
    made = filled(Reward, {"narrower": 0.1, "weights": {"format": 0.1}}, ("rl", "reward"), {})
    assert made == Reward(narrower=0.1, weights=Weights(format=0.1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"broader": 0.3}, "an exact one at rank 10"), ({"k": 11}, "reward.k is 11"), ({"cost": 2.0}, "a share from 0 to 1"),
        ({"weights": Weights(format=-1)}, "reward.weights.format"), ({"length": 0}, "1 or more"),
        ({"weights": Weights(overlap=2.0), "overlap": 0.1}, "lower narrower"),
    ],
)  # fmt: skip
def test_settings_that_would_reward_the_wrong_thing_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replace(Reward(), **change)


def test_the_card_explains_each_part() -> None:
    card = reward_card(Reward(length=2000))
    assert all(f"| {name} | " in card for name in ("accuracy", "guards", "format", "language", "repetition", "overlength"))
    assert "| overlap | off |" in card
    assert "from -1.3 to 1" in card
    assert "{" not in card


def test_the_documentation_shows_the_card_in_force() -> None:
    text = (Path(__file__).parents[1] / "docs" / "reward.md").read_text(encoding="utf-8")
    assert reward_card(Reward(length=4096)) in text
