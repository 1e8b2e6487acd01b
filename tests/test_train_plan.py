"""What a recipe takes, against figures that are known otherwise."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.domain import BadInput, UnknownName
from raredx_train.config import FOLDER, load
from raredx_train.plan import Assumed, Plan, planned
from raredx_train.plan.answering import cases
from raredx_train.plan.planning import Asked
from raredx_train.plan.sizes import GIB, adapter_parameters, cache_bytes, disk, memory, rl_memory, tensor_parallel
from raredx_train.plan.work import practice
from raredx_train.rl import Rl
from raredx_train.settings import Lora, Sft, Shape
from raredx_train.stages import KINDS
from raredx_train.students import parameters
from tests.conftest import NOWHERE


def shape_of(recipe: str) -> Shape:
    shape = load(recipe, [], KINDS).run.student.shape
    assert shape is not None
    return shape


@pytest.mark.parametrize(("recipe", "known"), [("qwen3-4b-lora", 4_022_468_096), ("raredxr1-14b", 14_768_307_200)])
def test_the_sizes_of_known_models_are_those_of_their_cards(recipe: str, known: int) -> None:
    assert parameters(shape_of(recipe)) == known


@pytest.mark.parametrize(("task", "many"), [
    ("raredx_vignettes", 135), ("raredx_vignettes@small:100", 100), ("phenopacket_store@unseen@small:300", 300),
    ("phenopacket_store@seen", pytest.approx(328, abs=1)), ("phenopacket_store@unseen", pytest.approx(879, rel=0.05)),
    ("rarearena_rdc@benchmark", 4376), ("rarebench_mme+", None),
])  # fmt: skip
def test_cases_are_counted_without_their_data(task: str, many: Any) -> None:
    if many is None:
        with pytest.raises(UnknownName):
            cases(task)
    else:
        assert cases(task) == many


def test_an_evaluation_asks_every_model_and_the_lead_once_more_for_each_last_question() -> None:
    found, alone = (
        next(each for each in plan_of("tiny", *changes).stages if each.stage == "evaluation")
        for changes in ((), ("evaluation.refined=[]",))
    )  # fmt: skip
    assert found.does.startswith("763 cases, 6,1")  # base, knowledge-sft, rers-sft, dcrl; first, crr, k, e
    assert alone.sampled == pytest.approx(found.sampled / 2)


def test_adapters_are_counted_as_peft_counts_them() -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import Qwen3Config, Qwen3ForCausalLM

    shape = Shape(vocabulary=100, width=32, layers=2, heads=4, key_value_heads=2, head=16, mlp=48, context=64)
    model = Qwen3ForCausalLM(Qwen3Config(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, head_dim=16,
                                         num_key_value_heads=2, intermediate_size=48))  # fmt: skip
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear"))
    assert adapter_parameters(shape, Lora(rank=4)) == adapted.get_nb_trainable_parameters()[0]


def test_full_training_takes_sixteen_bytes_a_parameter_and_sharding_divides_them() -> None:
    shape, sft = shape_of("raredxr1-14b"), Sft(batch=8, length=1024)
    whole, part = memory(shape, sft, 8), memory(shape, sft, 8, sharded=True)
    assert (whole.weights + whole.gradients + whole.optimizer) / parameters(shape) == 16
    assert part.optimizer == whole.optimizer / 8
    assert 25 * GIB < part.total < whole.total / 5


def test_adapters_leave_the_base_in_two_bytes() -> None:
    shape = shape_of("qwen3-4b-lora")
    found = memory(shape, Sft(batch=4, length=1024, lora=Lora(rank=32)))
    assert found.weights / GIB == pytest.approx(7.5 + 66_060_288 * 4 / GIB, rel=0.01)
    assert found.total < 0.25 * memory(shape, Sft(batch=4, length=1024)).total


def test_more_tokens_take_more_room() -> None:
    shape, sft = shape_of("qwen3-4b-lora"), Sft(batch=8, micro_batch=4, length=1024)
    assert memory(shape, replace(sft, length=2048)).activations > 1.5 * memory(shape, sft).activations
    assert memory(shape, replace(sft, micro_batch=8)).total > memory(shape, sft).total


def test_reinforcement_learning_holds_the_first_policy_and_what_samples() -> None:
    shape, rl = shape_of("raredxr1-14b"), Rl(prompts=8, n=8, micro_batch=4, max_completion=1000)
    with_first, without = rl_memory(shape, rl, 500, 8, True), rl_memory(shape, replace(rl, kl=False), 500, 8, True)
    assert with_first.reference == parameters(shape) * 4 / 8
    assert with_first.total - without.total == with_first.reference
    assert with_first.optimizer == memory(shape, Sft(batch=8), 8, True).optimizer
    adapted = rl_memory(shape, replace(rl, lora=Lora()), 500, 1)
    assert adapted.reference == 0  # the model with its adapter off
    assert rl_memory(shape, replace(rl, vllm="colocate"), 500, 8, True, room=80).sampler == 0.3 * 80 * GIB
    assert without.sampler == cache_bytes(shape) * 1500 * 8  # transformers' cache, for the 8 completions of a process


def test_a_cache_of_keys_and_values_is_two_vectors_a_layer() -> None:
    assert cache_bytes(shape_of("raredxr1-14b")) == 2 * 40 * 8 * 128 * 2 == 163_840


def test_the_disk_holds_three_checkpoints_of_twelve_bytes_and_the_model() -> None:
    shape = shape_of("raredxr1-14b")
    assert disk(shape, Sft()) / parameters(shape) == 3 * 12 + 4
    assert disk(shape, Sft(lora=Lora())) < 2.5 * parameters(shape)


@pytest.mark.parametrize(("weights", "room", "gpus"), [(30e9, 80, 1), (65.5e9, 80, 2), (685e9, 80, 16), (685e9, 141, 8)])
def test_a_server_takes_the_gpus_that_its_weights_need(weights: float, room: float, gpus: int) -> None:
    assert tensor_parallel(weights, room) == gpus


def test_sampling_is_counted_with_what_replaces_and_what_is_looked_at() -> None:
    rl = Rl(rounds=10, generations=4, prompts=32, n=8, updates=2, max_completion=400, validation=100, samples=2)
    found = practice(rl, Assumed(filled=0.5, dull=0.25))
    assert found.completions == 10 * 4 * 32 * 8
    assert found.again == pytest.approx(found.completions * (0.25 + 0.25**2))  # two tries
    assert practice(rl, Assumed(dull=0.9)).again == found.completions * 0.5  # no more than there are spare cases
    assert practice(replace(rl, algorithm="grpo"), Assumed()).again == 0
    assert (found.looked_at, found.length, found.updates) == (11 * 100 * 3, 200, 80)


def plan_of(recipe: str, *changes: str, gpus: int | None = None, room: float | None = None, accelerate: Path | None = None,
            **assumed: Any) -> Plan:  # fmt: skip
    return planned(load(recipe, changes, KINDS), Asked(recipe, changes, None, gpus, room, accelerate), Assumed(**assumed), NOWHERE)


def said(plan: Plan, level: str) -> dict[str, str]:
    """What a plan says on each subject, at one level."""
    return {each.about: f"{each.says} → {each.todo}" for each in plan.said if each.level == level}


def test_every_stage_is_reckoned_and_twice_the_price_costs_twice() -> None:
    plan = plan_of("raredxr1-14b", gpus=12, room=80, price=2.0)
    hours = {each.stage: each.hours for each in plan.stages}
    assert list(hours) == ["knowledge", "knowledge-sft", "rers", "rers-sft", "dcrl", "evaluation"]
    assert all(each > 0 for each in hours.values())
    assert hours["dcrl"] == max(hours["knowledge-sft"], hours["rers-sft"], hours["dcrl"])
    assert {each.stage: each.gpus for each in plan.stages if each.gpus} == {
        "knowledge-sft": 8,
        "rers-sft": 8,
        "dcrl": 12,
        "evaluation": 8,
    }
    for once, twice in zip(plan.stages, plan_of("raredxr1-14b", gpus=12, room=80, price=4.0).stages, strict=True):
        assert once.cost == pytest.approx(2 * once.hours * once.gpus)
        assert twice.cost == pytest.approx(2 * (once.cost or 0))
    assert plan_of("raredxr1-14b").stages[1].cost is None  # no price was told


@pytest.mark.parametrize(
    ("change", "assumed", "longer"),
    [((), {"mfu": 0.175}, "rers-sft"), ((), {"teacher_rate": 880.0}, "rers"), ((), {"bandwidth": 0.25}, "dcrl"),
     (("rers.samples=16",), {}, "rers"), (("dcrl.n=32",), {}, "dcrl"), (("knowledge-sft.epochs=4",), {}, "knowledge-sft")],
)  # fmt: skip
def test_what_takes_longer_is_what_was_made_harder(change: tuple[str, ...], assumed: dict[str, Any], longer: str) -> None:
    def hours(plan: Plan) -> float:
        return next(each.hours for each in plan.stages if each.stage == longer)

    assert hours(plan_of("raredxr1-14b", *change, **assumed)) > 1.2 * hours(plan_of("raredxr1-14b"))


def test_the_time_of_a_measured_run_is_about_what_is_reckoned() -> None:
    (knowledge, learning, *_) = plan_of("tiny").stages
    assert 30 < knowledge.hours * 3600 < 120  # 61 s measured (docs/training.md)
    assert 150 < learning.hours * 3600 < 900  # 452 s


def test_problems_come_first_each_with_what_to_do() -> None:
    plan = plan_of("raredxr1-14b", gpus=8, room=80)
    levels = [each.level for each in plan.said]
    assert levels == sorted(levels, key=["problem", "warning", "fine"].index)
    assert not plan.runs
    problems = said(plan, "problem")
    assert "nothing else to train on → " in problems["cases"]
    assert "raredx-bench data pull" in problems["cases"]
    assert "needs 1 GPU(s) that do not train, and 0 are left → --gpus 9 or more" in problems["dcrl"]


@pytest.mark.parametrize(
    ("changes", "gpus", "room", "about", "expected"),
    [
        ((), 8, 24, "knowledge-sft", "does NOT fit in 24 GiB → a smaller micro_batch"),
        ((), 4, 80, "GPUs", "4 of 80 GiB are told, and raredxr1-14b trains on 8 → processes=4"),
        (("knowledge-sft.batch=100",), 9, 80, "knowledge-sft", "a batch of 100 can't be shared by 8 processes"),
        (("dcrl.prompts=63",), 9, 80, "dcrl", "63 prompts can't be shared by 8 processes"),
        (("knowledge-sft.length=50000",), 9, 80, "knowledge-sft", "50000 tokens are more than the model's context of 40960"),
        (("dcrl.vllm=colocate",), 8, 80, "dcrl", "weights of 28 GiB leave no room for keys and values"),
        (("dcrl.vllm=colocate", "dcrl.trl.vllm_tensor_parallel_size=3"), 8, 80, "dcrl", "3 does not divide 8 processes"),
        (("teacher=null",), 9, 80, "rers", "no teacher is named → a section teacher"),
        (("knowledge.fingerprints=[/nowhere/x.parquet]",), 9, 80, "knowledge", "/nowhere/x.parquet: not there"),
    ],
)
def test_what_can_not_run_is_a_problem(changes: tuple[str, ...], gpus: int, room: float, about: str, expected: str) -> None:
    assert expected in said(plan_of("raredxr1-14b", *changes, gpus=gpus, room=room), "problem")[about]


def test_what_fits_on_one_machine_of_eight_is_said_and_true() -> None:
    together = ("dcrl.vllm=colocate", "dcrl.trl.vllm_tensor_parallel_size=4", "dcrl.simulated=10", "rers.simulated=10")
    plan = plan_of("raredxr1-14b", *together, gpus=8, room=80)
    assert said(plan, "problem") == {}
    assert "vLLM samples on the training GPUs, in 24 GiB of each" in said(plan, "fine")["dcrl"]
    assert plan.runs


def test_the_commands_say_what_the_recipe_asks() -> None:
    plan = plan_of("raredxr1-14b", gpus=12, room=80)
    teacher, rollouts = plan.servers
    for part in ("vllm serve deepseek-ai/DeepSeek-R1", "--served-model-name deepseek-ai/DeepSeek-R1", "--port 8000",
                 "--tensor-parallel-size 8 --pipeline-parallel-size 2", "--max-model-len 20480"):  # fmt: skip
        assert part in teacher.shell
    for part in ("CUDA_VISIBLE_DEVICES=8,9,10,11 trl vllm-serve", "--model runs/raredxr1-14b/rers-sft/model",
                 "--tensor_parallel_size 4", "--port 8000", "--max_model_len 6144"):  # fmt: skip
        assert part in rollouts.shell
    assert "stop the teacher when rers is done" in said(plan, "warning")["dcrl"]  # both want port 8000
    stages = {each.what: each.shell for each in plan.launch}
    assert list(stages) == ["knowledge", "knowledge-sft", "rers", "rers-sft", "dcrl", "evaluation"]
    assert stages["rers"] == "raredx-train run raredxr1-14b --until rers"
    assert stages["dcrl"].startswith("accelerate launch --config_file ")
    assert stages["dcrl"].endswith("fsdp.yaml -m raredx_train run raredxr1-14b --until dcrl")
    more = plan_of("raredxr1-14b", "teacher.more_urls=[http://node2:8001/v1]", "teacher.model=ORG/ELSE", "dcrl.vllm=none")
    assert ["--port 8000" in each.shell for each in more.servers] == [True, False]
    assert ["--port 8001" in each.shell for each in more.servers] == [False, True]
    assert "isn't known here" in more.servers[0].note


def test_served_options_are_options_of_the_server() -> None:
    from trl.scripts.vllm_serve import ScriptArguments

    known = {field.name for field in fields(ScriptArguments)}
    rollouts = plan_of("raredxr1-14b", gpus=12, room=80).servers[1].shell
    assert {word.removeprefix("--") for word in rollouts.split() if word.startswith("--")} <= known


def test_questions_that_one_process_asks_while_others_wait_are_warned_of() -> None:
    asked = plan_of("raredxr1-14b", "knowledge-sft.recall=600", gpus=12, room=80)
    assert "the others wait 1800 s at most → knowledge-sft.recall=0" in said(asked, "warning")["knowledge-sft"]
    assert "knowledge-sft" not in said(plan_of("raredxr1-14b", gpus=12, room=80), "warning")


def test_a_recipe_for_processors_is_launched_without_a_cluster() -> None:
    plan = plan_of("raredxr1-14b-dry")
    assert plan.runs
    shells = {each.what: each.shell for each in plan.launch}
    assert shells["rers-sft, dcrl"] == (
        "accelerate launch --multi_gpu --num_processes 2 -m raredx_train run raredxr1-14b-dry --until dcrl"
    )
    assert [each.shell for each in plan_of("ci").launch] == ["raredx-train run ci --until evaluation"]


@pytest.mark.parametrize("file", ["fsdp.yaml", "zero3.yaml"])
def test_the_shipped_files_of_accelerate_agree_with_the_recipe(file: str) -> None:
    plan = plan_of("raredxr1-14b", gpus=12, room=80, accelerate=FOLDER / "accelerate" / file)
    assert "accelerate" not in said(plan, "problem")
    assert f"{file}: " in said(plan, "fine")["accelerate"]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("fsdp.yaml", "num_processes: 8", "num_processes: 4", "num_processes is 4, and the recipe trains on 8"),
        ("fsdp.yaml", "mixed_precision: bf16", "mixed_precision: 'no'", "mixed_precision is no"),
        ("fsdp.yaml", "FULL_STATE_DICT", "SHARDED_STATE_DICT", "fsdp_state_dict_type is SHARDED_STATE_DICT"),
        ("fsdp.yaml", "fsdp_version: 2", "fsdp_version: 1", "fsdp_version is 1, and the recipe needs 2"),
        ("zero3.yaml", "zero_stage: 3", "zero_stage: 2", "zero_stage is 2, and the recipe needs 3"),
        ("zero3.yaml", "save_16bit_model: true", "save_16bit_model: false", "zero3_save_16bit_model: true"),
    ],
)
def test_a_file_of_accelerate_that_disagrees_is_a_problem(tmp_path: Path, file: str, old: str, new: str, expected: str) -> None:
    text = (FOLDER / "accelerate" / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new))
    assert expected in said(plan_of("raredxr1-14b", gpus=12, room=80, accelerate=tmp_path / file), "problem")["accelerate"]


def test_a_file_that_accelerate_can_not_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("nonsense: 1\n")
    for name in ("x.yaml", "nowhere.yaml"):
        with pytest.raises(BadInput, match="is no file of `accelerate config`"):
            plan_of("raredxr1-14b", accelerate=tmp_path / name)


def test_what_is_at_hand_is_not_to_be_fetched(data_root: Path) -> None:
    config = load("raredxr1-14b", [], KINDS)
    found = planned(config, Asked("raredxr1-14b", gpus=12, room=80), Assumed(), data_root)
    cases = [each for each in found.said if each.about == "cases"]
    assert {(each.level, each.says.split()[0]) for each in cases} == {("fine", "phenopacket_store"), ("warning", "rarearena_rdc")}
    assert found.runs  # the other benchmark is done without


def test_a_student_is_looked_for_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert said(plan_of("qwen3-4b-lora", f"student.model={tmp_path}"), "fine")["student"] == f"{tmp_path.resolve()} → "
    assert "has no config.json" in said(plan_of("qwen3-4b-lora", f"student.model={tmp_path.parent}"), "problem")["student"]
    assert "hf download Qwen/Qwen3-4B" in said(plan_of("qwen3-4b-lora"), "warning")["student"]
    assert "nothing can be reckoned" in said(plan_of("qwen3-4b-lora", "student.shape=null"), "warning")["student"]
