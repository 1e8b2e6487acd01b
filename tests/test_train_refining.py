"""Collaborative refinement: who is asked what, what the controls make of the lists, and that nothing is asked twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lm_eval.api.instance import Instance
from lm_eval.api.registry import register_model

from raredx_bench.domain import BadInput, Case, DataMissing, Note, RaredxError, RunIncomplete, UsageError
from raredx_bench.hpo import load_hpo
from raredx_bench.linking import Linker
from raredx_bench.models import build_model
from raredx_bench.models.answering import AnsweringLM
from raredx_bench.models.egress import endpoints_of
from raredx_bench.models.watching import watched
from raredx_bench.ontology import load_ontology
from raredx_train.reasoning import asking
from raredx_train.refining.fusing import majority, reciprocal_ranks
from raredx_train.refining.members import Kept, Member, Said, Spec, spec, specs
from raredx_train.refining.model import RefinedLM
from tests import knowledge_world as world
from tests.reasoning_world import patient

TREES = [f"{tree} syndrome" for tree in world.TREES]
CASES = [patient(at) for at in (1, 4, 5)]


@register_model("scripted-diagnoser")
class Scripted(AnsweringLM):
    """Gives one list to every case; with opinions before it, those of the last diagnoser first. asked: all prompts so far."""

    asked: list[str] = []  # noqa: RUF012  of all objects: the one under test is built by its name

    def __init__(self, names: str = "", **others: Any) -> None:
        super().__init__()
        self.others = others
        self.names = names.split("/")

    def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
        self.asked.append(prompt)
        found = asking.blocks([{"role": "user", "content": prompt}])
        heard = found.get(asking.OPINIONS, "").splitlines()
        names = [part.split(". ", 1)[1] for part in heard[-1].split(": ", 1)[1].split("; ")] if heard else []
        return "\n".join(f"{rank}. {name}" for rank, name in enumerate(dict.fromkeys([*names, *self.names]), 1))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world.at_hand(tmp_path_factory) as found:
        yield found


@pytest.fixture(scope="module")
def linker(root: Path) -> Linker:
    return Linker(load_ontology(root, load_hpo(root)))


@pytest.fixture
def refined(root: Path) -> Callable[..., RefinedLM]:
    Scripted.asked = []
    lead = f"scripted-diagnoser(names={TREES[2]}/{TREES[3]})"
    return lambda **args: RefinedLM(**{"lead": lead, "data_dir": str(root), **args})


def request(case: Case, at: int = 0) -> Instance:
    doc = {"case_id": case.id, "benchmark": case.benchmark, "presentation": case.presentation, "asked": 10, "answers": case.answers,
           "observed": case.observed, "excluded": case.excluded, "group": case.group}  # fmt: skip
    return Instance("generate_until", doc, (f"Diagnose:\n{case.presentation}", {"until": []}), at, ("task", at, 1))


def requests() -> list[Instance]:
    return [request(case, at) for at, case in enumerate(CASES)]


A, B, C, D = TREES[:4]


@pytest.mark.parametrize(
    ("lists", "by_ranks", "by_votes"),
    [
        ([[A, B, C]], [A, B, C], [A, B, C]),
        ([[A, B], [B, C], [B, A]], [B, A, C], [B, A, C]),
        ([[A], [B], [C]], [A, B, C], [A, B, C]),
        ([[A, C], [B, C], [D, C]], [C, A, B, D], [C, A, B, D]),
        ([[A, A, A, B], [B]], [B, A], [B, A]),
        ([["Nobody's disease", A], ["nobody's  disease"]], ["Nobody's disease", A], ["Nobody's disease", A]),
        ([[A.upper(), B], [B, A]], [A.upper(), B], [A.upper(), B]),
        ([[], []], [], []),
    ],
)
def test_lists_are_fused_by_what_their_names_mean(
    linker: Linker, lists: list[list[str]], by_ranks: list[str], by_votes: list[str]
) -> None:
    assert list(reciprocal_ranks(lists, linker)) == by_ranks
    assert list(majority(lists, linker)) == by_votes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("phenotype", [Spec("phenotype", {})]),
        ("hf:org/model", [Spec("hf:org/model", {})]),
        ("hf(pretrained=org/model;dtype=float32)", [Spec("hf", {"pretrained": "org/model", "dtype": "float32"})]),
        ("a + b(x=1+2) + c", [Spec("a", {}), Spec("b", {"x": "1+2"}), Spec("c", {})]),
        ("http://localhost:8000/v1#qwen3:8b", [Spec("http://localhost:8000/v1#qwen3:8b", {})]),
        ("", []),
    ],
)
def test_models_are_named_in_one_line(text: str, found: list[Spec]) -> None:
    assert specs(text) == found
    assert [spec(each.text) for each in found] == found


@pytest.mark.parametrize("text", ["a(b)", "a(b=1", "(b=1)", "a(=1)", "local-chat-completions(model=m;api_key=abc)"])
def test_what_names_no_model_or_holds_a_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        spec(text)


def test_each_way_of_refinement_has_a_name_of_its_own(refined: Callable[..., RefinedLM]) -> None:
    assert [refined(how=how).get_model_info()["name"] for how in ("crr", "rrf")] == [
        "scripted-diagnoser + crr",
        "scripted-diagnoser + rrf",
    ]


def test_the_last_question_holds_the_leads_list_the_experts_and_records(refined: Callable[..., RefinedLM]) -> None:
    model = refined(experts=f"baseline+scripted-diagnoser(names={TREES[7]}/{TREES[8]})")
    texts = model.generate_until(requests())
    last = Scripted.asked[-3:]
    for case, prompt, text in zip(CASES, last, texts, strict=True):
        found = asking.blocks([{"role": "user", "content": prompt}])
        assert found[asking.CASE] == case.presentation
        assert found[asking.OWN] == f"1. {TREES[2]}\n2. {TREES[3]}"
        assert f"Diagnoser 2: 1. {TREES[7]}; 2. {TREES[8]}" in found[asking.OPINIONS]
        assert found[asking.OPINIONS].splitlines()[-1].startswith("Phenotype baseline: 1. ")
        assert "[1] " in found[asking.RECORDS]
        assert text.startswith(f"1. {TREES[int(case.answers[0][-2:])]}\n")  # the baseline's first


@pytest.mark.parametrize(
    ("how", "headings"),
    [
        ("crr", {asking.RECORDS, asking.OPINIONS}),
        ("k", {asking.RECORDS}),
        ("e", {asking.OPINIONS}),
        ("rrf", None),
        ("majority", None),
    ],
)
def test_each_way_asks_what_it_says(refined: Callable[..., RefinedLM], how: str, headings: set[str] | None) -> None:
    texts = refined(how=how, experts="baseline").generate_until(requests())
    assert len(texts) == len(CASES)
    if headings is None:
        assert len(Scripted.asked) == len(CASES)
        assert all(TREES[2] in text and len(text.splitlines()) > 2 for text in texts)
    else:
        assert len(Scripted.asked) == 2 * len(CASES)
        asked = asking.blocks([{"role": "user", "content": Scripted.asked[-1]}])
        assert set(asked) == {asking.CASE, asking.OWN, *headings}


def test_no_question_depends_on_the_diagnosis(refined: Callable[..., RefinedLM]) -> None:
    refined().generate_until(requests())
    before, Scripted.asked = Scripted.asked, []
    others = [request(patient(at, answers=("OMIM:900000",)), at) for at in (1, 4, 5)]
    refined().generate_until(others)
    assert Scripted.asked == before


def test_a_run_that_stopped_asks_nothing_twice(refined: Callable[..., RefinedLM], tmp_path: Path) -> None:
    kept = tmp_path / "made" / "kept.jsonl"
    first = refined(kept=str(kept)).generate_until(requests())
    rows = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [(row["case"], row["what"]) for row in rows] == [
        *((case.id, "differential") for case in CASES), *((case.id, "differential") for case in CASES),
        *((case.id, "refinement") for case in CASES),
    ]  # fmt: skip
    assert Counter(row["who"] for row in rows)["baseline"] == len(CASES)  # its lists stand beside what members said
    with kept.open("a") as handle:
        handle.write(kept.read_text().splitlines()[-1][:40])  # a write that was cut off
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join([*lines[:-2], lines[-1]]))
    Scripted.asked = []
    assert refined(kept=str(kept)).generate_until(requests()) == first
    assert len(Scripted.asked) == 1


def test_sampled_answers_are_kept_and_asked_for_again(refined: Callable[..., RefinedLM], tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    model = refined(kept=str(kept), how="rrf")
    sampled = [replace(each, arguments=(each.args[0], {"do_sample": True})) for each in requests()]
    assert model.generate_until(sampled) == model.generate_until(sampled)
    assert len(Scripted.asked) == 2 * len(CASES)
    assert len(kept.read_text().splitlines()) == 3 * len(CASES)  # the baseline's lists with them


def test_a_file_of_something_else_is_not_written_to(refined: Callable[..., RefinedLM], tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text("something else\n")
    with pytest.raises(BadInput, match=r"notes\.jsonl, line 1 is no kept answer"):
        refined(kept=str(path))
    assert path.read_text() == "something else\n"


def test_a_member_that_does_not_answer_is_named(tmp_path: Path) -> None:
    kept = Kept(None)
    member = Member(
        spec("local-chat-completions(model=m;base_url=http://127.0.0.1:9/v1/chat/completions;max_retries=1)"), "lead", kept
    )
    with pytest.raises(RunIncomplete, match=r"lead \(local-chat-completions.* left 3 of 3 prompts without an answer"):
        member.ask([each.args[0] for each in requests()], requests(), "differential")


def test_notes_of_all_that_was_asked_are_summed(refined: Callable[..., RefinedLM]) -> None:
    model = refined()
    watch = watched(model)
    model.generate_until(requests())
    note = watch.note(requests()[0].args[0])
    assert note is not None
    assert note.seconds is not None
    assert note.seconds > 0
    assert note.prompt_tokens is None


def test_a_diagnoser_without_a_language_model_costs_no_tokens() -> None:
    member = Member(spec("phenotype"), "phenotype", Kept(None))
    said = member.ask([each.args[0] for each in requests()], requests(), "differential")
    assert {(each.note.prompt_tokens, each.note.completion_tokens) for each in said} == {(0, 0)}


def test_batch_size_and_device_are_passed_on_to_members_that_say_nothing_of_theirs(refined: Callable[..., RefinedLM]) -> None:
    lead = f"scripted-diagnoser(names={A};batch_size=4)"
    model = refined(lead=lead, experts=f"scripted-diagnoser(names={B})", knowledge="none", batch_size=64, device="cpu")
    assert [(each.others["batch_size"], each.others["device"]) for each in model.members] == [(4, "cpu"), (64, "cpu")]


def test_where_members_send_prompts_is_seen(refined: Callable[..., RefinedLM]) -> None:
    model = refined(experts="local-chat-completions(model=m;base_url=http://far/v1)", knowledge="none")
    assert endpoints_of(model) == ["http://far/v1"]


def test_the_bench_finds_the_model_type_by_its_name_and_without_torch() -> None:
    code = """
import sys
from raredx_bench.domain import UsageError
from raredx_bench.models import build_model
assert not any(name.startswith("raredx_train") for name in sys.modules)
try:
    build_model("refined")
except UsageError as error:
    print(error, "torch" in sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.startswith("refined needs a lead")
    assert found.endswith("False\n")


def test_arguments_come_from_a_command_line(root: Path) -> None:
    model = build_model("refined", f"lead=scripted-diagnoser(names={A}),experts=none,knowledge=none,data_dir={root}")
    assert isinstance(model, RefinedLM)
    assert model.generate_until(requests()[:1]) == [f"1. {A}"]


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        ({"lead": None}, UsageError, "needs a lead"),
        ({"lead": "no-such-type"}, UsageError, "no-such-type"),
        ({"how": "vote"}, UsageError, "way to refine"),
        ({"records": 0}, UsageError, "1 or more"),
        ({"depth": 3}, UsageError, "no argument depth"),
        ({"knowledge": "/nowhere"}, DataMissing, "name RUN/knowledge"),
    ],
)
def test_wrong_arguments_are_named(
    refined: Callable[..., RefinedLM], args: dict[str, Any], error: type[RaredxError], said: str
) -> None:
    with pytest.raises(error, match=said):
        refined(**args)


def test_a_text_that_no_file_can_hold_is_kept_all_the_same(tmp_path: Path) -> None:
    path, said = tmp_path / "kept.jsonl", Said("half a pair \ud83d of code units", Note())
    request = requests()[0]
    Kept(path).add("who", "differential", request, "prompt", said)
    assert Kept(path).get("who", "prompt", request.args[1]) == said


def test_a_kept_answer_is_what_was_said() -> None:
    kept, request = Kept(None), requests()[0]
    options = request.args[1]
    kept.add("who", "differential", request, "prompt", Said("text", Note("stop", 1, 2, 3.0)))
    assert kept.get("who", "prompt", options) == Said("text", Note("stop", 1, 2, 3.0))
    assert kept.get("another", "prompt", options) is None
    assert kept.get("who", "prompt", {**options, "max_gen_toks": 5}) is None
