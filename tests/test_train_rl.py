"""Reinforcement learning in rounds: the same plan after a stop, groups that teach nothing replaced, a collapse stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.domain import BadInput, Case, DataMissing, UnknownName, UsageError
from raredx_bench.judging import judge_for
from raredx_train.checkpoints import LISTING
from raredx_train.config import filled
from raredx_train.knowledge import Knowledge
from raredx_train.reward import Reward, Weights
from raredx_train.rl import Collapse, Patients, Rl
from raredx_train.rl.answers import Answer, figures, read
from raredx_train.rl.collapse import Health, signs
from raredx_train.rl.configured import arguments, checked, shared
from raredx_train.rl.course import Course
from raredx_train.rl.prompts import rows
from raredx_train.settings import Lora, Run, Student
from tests.knowledge_world import written

RUN = Run("smallest", Student(), threads=1)
SMALLEST = Rl(
    rounds=2, generations=2, prompts=4, n=4, updates=2, max_completion=40, learning_rate=1e-3, validation=6, samples=2, asked=3,
    simulated=1, reward=Reward(k=3, thought="optional", weights=Weights(language=0, repetition=0)),
    collapse=Collapse(longer=100, shorter=0.001, flat=0.001, wild=1000),
)  # fmt: skip
TIMES = ("seconds sampling", "tokens a second")
Go = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data directory of the small world, compiled once."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAREDX_CACHE", str(folder / "cache"))
        yield written(folder / "data")


@pytest.fixture(scope="module")
def world(root: Path) -> tuple[Path, Patients, Path]:
    """(data directory, patients, a student that lists diseases)."""
    pytest.importorskip("trl", reason="the train extra is not installed")
    from tests.practising import patients, taught

    found = patients(root)
    return root, found, taught(root.parent / "student", found.training + found.validation)


@pytest.fixture
def go(world: tuple[Path, Patients, Path], tmp_path: Path) -> Go:
    """Trains the smallest section with changes, in a folder; its figures."""
    from raredx_train.rl import practise

    root, found, student = world

    def train(output: str = "run", told: Any = lambda done, total, said: None, **changes: Any) -> dict[str, Any]:
        (tmp_path / output).mkdir(exist_ok=True)
        return practise(RUN, replace(SMALLEST, **changes), found, student, tmp_path / output, root, told)

    return train


def records(folder: Path) -> list[dict[str, Any]]:
    """The rounds of a training, without what the clock says."""
    found: list[dict[str, Any]] = json.loads((folder / "rounds.json").read_text())["rounds"]
    return [{name: value for name, value in each.items() if name not in TIMES} for each in found]


def test_it_practises_in_rounds_and_goes_on_after_a_stop_with_the_very_same_plan(
    go: Go, tmp_path: Path, world: tuple[Path, Patients, Path]
) -> None:  # fmt: skip
    heard: list[str] = []
    found = go("whole", told=lambda done, total, said: heard.append(f"{done}/{total} {said}"))
    whole = tmp_path / "whole"
    assert {path.name for path in whole.iterdir()} == {
        "model", "rounds.json", "rounds.svg", "curriculum.json", "log.json", "tensorboard"
    }  # fmt: skip
    assert (found["steps"], found["rounds"], found["cases"], found["validation"]) == (8, 2, 40, 6)
    assert "Not for clinical use" in (whole / "model" / "README.md").read_text()
    assert heard[-1].startswith("8/8 reward ")
    first, second = records(whole)
    assert first["drawn"] == {"easy": 0, "medium": 0, "hard": 0, "extreme": 0, "new": 8}
    assert sum(second["tiers"].values()) == 40
    assert second["tiers"]["new"] < first["tiers"]["new"] < 40
    assert {"accuracy", "guards", "format", "overlength"} == first["rewards"].keys()
    assert 0 <= first["zero variance trained"] <= first["zero variance"] <= 1
    assert first["replaced"] == round(8 * (first["zero variance"] - first["zero variance trained"]))
    assert first["validation"]["kl"] > 0
    losses = [each["loss"] for each in json.loads((whole / "log.json").read_text()) if "loss" in each]
    assert (len(losses), first["loss"]) == (8, pytest.approx(sum(losses[:4]) / 4))  # every update counts
    assert first["entropy"] > 0
    assert len(json.loads((whole / "curriculum.json").read_text())["seen"]) == 40 - second["tiers"]["new"]

    def stop(done: int, total: int, said: str) -> None:
        if done == 5:  # in the second round
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(told=stop)
    assert [path.name for path in (tmp_path / "run" / "checkpoints").glob("checkpoint-*")] == ["checkpoint-4"]
    go()
    assert records(tmp_path / "run") == [first, second]
    assert weights(tmp_path / "run") == weights(whole)
    assert found["best round"] > 0 or weights(whole) == (world[2] / "model.safetensors").read_bytes()


def weights(folder: Path) -> bytes:
    return (folder / "model" / "model.safetensors").read_bytes()


def test_groups_that_teach_nothing_are_replaced_as_far_as_spare_prompts_go(go: Go, tmp_path: Path) -> None:
    """Answers that are all wrong teach nothing, however their forms differ."""
    go(rounds=1, spare=2.0, tries=3)
    (record,) = records(tmp_path / "run")
    assert record["replaced"] > 0
    assert record["sampled again"] >= 4 * record["replaced"]
    assert record["zero variance trained"] < record["zero variance"]


def test_a_policy_that_collapses_is_stopped_and_the_best_one_kept(
    go: Go, tmp_path: Path, world: tuple[Path, Patients, Path]
) -> None:
    found = go(rounds=5, learning_rate=0.5, algorithm="grpo", collapse=replace(SMALLEST.collapse, unlinked=0.1, diversity=0.9))
    assert found["rounds"] < 5
    assert found["stopped"]
    assert records(tmp_path / "run")[0]["replaced"] == 0  # GRPO replaces nothing
    assert f"* stopped: {found['stopped'][0]}" in (tmp_path / "run" / "model" / "README.md").read_text()
    if not found["best round"]:
        assert weights(tmp_path / "run") == (world[2] / "model.safetensors").read_bytes()


def test_a_training_that_had_stopped_itself_is_not_trained_further(go: Go, tmp_path: Path) -> None:
    always = {"rounds": 3, "generations": 1, "updates": 1, "collapse": replace(SMALLEST.collapse, unlinked=-1.0)}

    def stop(done: int, total: int, said: str) -> None:
        if (tmp_path / "run" / "checkpoints" / "checkpoint-1" / LISTING).exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(told=stop, **always)
    found = go(**always)
    assert (found["rounds"], found["steps"]) == (1, 1)
    assert found["stopped"]


def test_a_policy_that_never_lists_is_said_after_the_first_round_with_the_way_out(go: Go) -> None:
    heard: list[str] = []
    found = go(
        rounds=2, generations=1, max_completion=2, collapse=Collapse(on=False), told=lambda done, total, said: heard.append(said)
    )
    wanted = re.compile(r"no answer of 1 rounds was right \(\d+% of them hold no list\), so .* train the stage before longer, or")
    assert any(map(wanted.match, heard)), sorted(set(heard))
    assert found["notes"][-1].startswith("no answer of 2 rounds was right")


def test_a_policy_that_is_right_now_and_then_is_not_called_barren(go: Go) -> None:
    assert not any("was right" in note for note in go(generations=4)["notes"])


def test_adapters_are_merged_into_a_model_of_its_own(go: Go, tmp_path: Path) -> None:
    found = go(rounds=1, generations=1, lora=Lora(rank=4), kl=False)
    assert weights(tmp_path / "run")
    assert not (tmp_path / "run" / "model" / "adapter_config.json").exists()
    assert (tmp_path / "run" / "adapter").exists() == bool(found["best round"])
    assert "kl" not in records(tmp_path / "run")[0]["validation"]


LISTS: tuple[tuple[str, int | None, tuple[str, ...], int], ...] = (
    ("<think>\nleaves\n</think>\n\n1. Alder syndrome\n2. Birch syndrome", 2, ("MONDO:9000000", "MONDO:9000001"), 0),
    ("1. Birch woodland disorder\n2. Yew syndrome", 1, ("MONDO:9000001", "yew syndrome"), 1),
    ("1. Yew syndrome\n2. Oak fever", None, ("yew syndrome", "oak fever"), 2),
    ("", None, (), 0),
)


@pytest.mark.parametrize(("text", "rank", "names", "unlinked"), LISTS)
def test_an_answer_is_what_the_benchmark_reads_and_judges(
    root: Path, text: str, rank: int | None, names: tuple[str, ...], unlinked: int
) -> None:  # fmt: skip
    case = Case("a", "custom", "leaves", ("OMIM:900001",))
    found = read(judge_for(root), case, "final", text, 9, whole=True)
    assert (found.rank, found.names, found.unlinked) == (rank, names, unlinked)
    assert found.right == (rank == 1)
    assert replace(found, task="differential").right == (rank is not None)


def an_answer(case: str, rank: int | None, *names: str, task: str = "differential") -> Answer:
    return Answer(case, task, rank, names, sum(name.startswith("?") for name in names), 10 * len(names), whole=bool(names))


def test_figures_are_shares_of_completions_and_of_cases() -> None:
    found = figures([
        an_answer("a", 1, "x", "y"), an_answer("a", 2, "z", "x"), an_answer("b", None, "x", "?"), an_answer("b", None),
        an_answer("b", 1, "beyond n"),
    ], 2)  # fmt: skip
    assert found.as_document() == pytest.approx({
        "recall@1": 1 / 4, "recall@1 of 2": 1 / 2, "recall@10": 2 / 4, "recall@10 of 2": 1 / 2, "pass@1": 2 / 4, "pass@2": 1 / 2,
        "length": 15, "cut": 1 / 4, "names": 6 / 4, "unlinked": 1 / 6, "unread": 1 / 4, "diversity": 1 - (1 / 3 + 0) / 2,
    })  # fmt: skip


def test_one_list_for_every_case_has_no_diversity() -> None:
    same = [an_answer(case, None, "x", "y") for case in "abcdef" for _ in range(3)]
    other = [an_answer(case, None, f"x{case}", f"y{case}") for case in "abcdef" for _ in range(3)]
    assert [figures(each, 3).diversity for each in (same, other)] == [0, 1]


FIRST = Health(unlinked=0.1, diversity=0.8, length=100, entropy=0.5)


@pytest.mark.parametrize(("now", "said"), [
    ({}, ()), ({"unlinked": 0.29}, ()), ({"unlinked": 0.5}, ("50% of the names mean no known disease, 10% at first",)),
    ({"diversity": 0.3}, ("lists of different cases are alike: diversity 0.30, 0.80 at first",)),
    ({"length": 20}, ("answers have 20 tokens, 100 at first",)), ({"length": 400}, ("answers have 400 tokens, 100 at first",)),
    ({"entropy": 0.01}, ("the entropy is 0.010 nats a token, 0.500 at first",)),
    ({"entropy": 2.0}, ("the entropy is 2.000 nats a token, 0.500 at first",)),
    ({"unlinked": 1.0, "diversity": 0.0}, ("100% of the names mean no known disease, 10% at first",
                                           "lists of different cases are alike: diversity 0.00, 0.80 at first")),
])  # fmt: skip
def test_a_collapse_shows_in_names_lists_length_and_entropy(now: dict[str, float], said: tuple[str, ...]) -> None:
    assert signs(Collapse(), FIRST, replace(FIRST, **now)) == said


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, {"loss_type": "dapo", "epsilon": 0.2, "epsilon_high": 0.28, "mask_truncated_completions": True}),
    ({"algorithm": "grpo"}, {"loss_type": "grpo", "epsilon": 0.2, "epsilon_high": None, "beta": 0.04,
                             "mask_truncated_completions": False}),
    ({"micro_batch": 4}, {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2, "steps_per_generation": 4}),
    ({}, {"max_steps": 8, "save_steps": 4, "eval_steps": 4, "generation_batch_size": 16, "num_generations_eval": 2}),
    ({"trl": {"warmup_steps": 3, "logging_steps": 2}}, {"warmup_steps": 3, "logging_steps": 2}),
])  # fmt: skip
def test_settings_become_the_arguments_of_trl(tmp_path: Path, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    pytest.importorskip("trl", reason="the train extra is not installed")
    found = arguments(RUN, replace(SMALLEST, **changes), [1.0], 2, tmp_path, fresh=True)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(("changes", "error", "said"), [
    ({"trl": {"learning_rat": 1}}, UnknownName, "trl.GRPOConfig in rl.trl 'learning_rat': did you mean learning_rate"),
    ({"trl": {"beta": 1}}, UsageError, "rl.trl: beta follows from beta: set that instead"),
    ({"trl": {"max_grad_norm": "much"}}, BadInput, "rl.trl, max_grad_norm: input should be a valid number"),
])  # fmt: skip
def test_arguments_of_trl_are_checked(changes: dict[str, Any], error: type[Exception], said: str) -> None:
    pytest.importorskip("trl", reason="the train extra is not installed")
    with pytest.raises(error) as caught:
        checked(replace(SMALLEST, **changes), "rl.trl")
    assert said in str(caught.value)


@pytest.mark.parametrize(("changes", "many", "said"), [
    ({}, 3, "4 prompts can't be shared by 3 processes"), ({"updates": 3}, 1, "16 completions can't be split into 3 updates"),
    ({"micro_batch": 3}, 1, "choose a micro_batch that divides 8"),
])  # fmt: skip
def test_batches_that_do_not_divide_are_refused(changes: dict[str, Any], many: int, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        shared(replace(SMALLEST, **changes), many)
    assert said in str(caught.value)
    assert shared(SMALLEST, 2) == (4, 1)


@pytest.mark.parametrize(("changes", "said"), [
    ({"n": 1}, "rl.n is 1: a group needs 2"), ({"rounds": 0}, "rl.rounds is 0"), ({"asked": 11}, "rl.asked is 11"),
    ({"wording": 4}, "the benchmark has the wordings 1 to 3"),
    ({"benchmarks": (), "simulated": 0}, "neither benchmarks nor simulated"),
    ({"spare": -1}, "rl.spare is -1: give 0 or more"),
])  # fmt: skip
def test_settings_that_can_not_be_are_one_sentence(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        replace(SMALLEST, **changes)
    assert said in str(caught.value)


def test_patients_are_drawn_by_a_seed_of_their_own(world: tuple[Path, Patients, Path]) -> None:
    from raredx_train.rl.stage import patients_for

    drawn = replace(SMALLEST, benchmarks=(), simulated=30)
    found, again, other = (patients_for(each, Knowledge(), world[0]) for each in (drawn, drawn, replace(drawn, seed=2)))
    assert (len(found.training), len(found.validation)) == (30, 6)
    assert not {case.presentation for case in found.training} & {case.presentation for case in found.validation}
    assert found == again
    assert found.validation != other.validation
    with pytest.raises(DataMissing, match="there is no case to train on"):
        patients_for(replace(drawn, benchmarks=("phenopacket_store",), simulated=0), Knowledge(), world[0])


def test_a_recipe_fills_the_section_and_a_wrong_key_is_named() -> None:
    section = filled(Rl, {"curriculum": {"task": False}, "reward": {"gates": False}, "lora": {"rank": 4}}, ("rl",), {})
    assert (section.curriculum.task, section.reward.gates, section.reward.k) == (False, False, 10)
    with pytest.raises(UnknownName, match=r"rl\.collapse .*'diversty': did you mean diversity"):
        filled(Rl, {"collapse": {"diversty": 1}}, ("rl",), {})


def test_prompts_that_leave_no_room_are_refused(go: Go) -> None:
    with pytest.raises(BadInput, match="are longer than the 6 tokens that max_completion leaves"):
        go(max_completion=250)


def test_vllm_without_the_package_is_one_sentence(go: Go) -> None:
    with pytest.raises(UsageError, match=r"rl\.vllm=colocate needs"):
        go(vllm="colocate")


def test_the_prompt_is_the_benchmarks_and_the_same_for_both_tasks() -> None:
    case = Case("a", "custom", "Fever & <b>pain</b>.", ("OMIM:1",), ("HP:0000001",))
    (row,) = rows([case], 5, 1).values()
    assert "give the 5 most likely diagnoses.\n\nCase:\nFever & <b>pain</b>.\n" in row["prompt"][0]["content"]
    assert {name: row[name] for name in ("case", "answers", "observed", "excluded", "presentation")} == {
        "case": "a", "answers": ["OMIM:1"], "observed": ["HP:0000001"], "excluded": [], "presentation": case.presentation
    }  # fmt: skip
    with pytest.raises(BadInput, match="two training cases have the same id"):
        rows([case, case], 5, 1)


def test_columns_of_padding_change_no_probability(world: tuple[Path, Patients, Path], tmp_path: Path) -> None:
    import torch
    from datasets import Dataset
    from trl import GRPOTrainer

    from raredx_train.rl.rollouts import Rollouts
    from raredx_train.students import loaded

    student, blank = loaded(str(world[2]), "float32"), Dataset.from_dict({"prompt": [[{"role": "user", "content": ""}]] * 8})
    trainer = Rollouts(
        course=Course(SMALLEST, {}, 1, {}), rows={}, cases={}, judge=judge_for(world[0]), model=student.model,
        args=arguments(RUN, SMALLEST, [1.0], 1, tmp_path, fresh=True), processing_class=student.tokenizer, reward_funcs=[len],
        train_dataset=blank, eval_dataset=blank,
    )  # fmt: skip
    ids = torch.randint(5, 50, (3, 30), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[:, :4], mask[0, :9], mask[:, 25:], mask[1, 21:] = 0, 0, 0, 0  # 18 columns of prompt, 12 of completion
    whole = GRPOTrainer._get_per_token_logps_and_entropies(trainer, student.model, ids, mask, 12, compute_entropy=True)
    found = trainer._get_per_token_logps_and_entropies(student.model, ids, mask, 12, compute_entropy=True)
    real = mask[:, 18:].bool()
    for before, after in zip(whole[:2], found[:2], strict=True):
        assert after.shape == (3, 12)
        assert torch.allclose(before[real], after[real], atol=1e-5)
    mask[:, 18:] = 0  # as where every answer was cut off
    assert found[0].shape == trainer._get_per_token_logps_and_entropies(student.model, ids, mask, 12)[0].shape
