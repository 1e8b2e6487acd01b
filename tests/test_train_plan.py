"""What a recipe takes, against figures that are known otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raredx_train.config import load
from raredx_train.plan.sizes import GIB, adapter_parameters, memory
from raredx_train.settings import Lora, Sft, Shape
from raredx_train.stages import KINDS
from raredx_train.students import parameters


def shape_of(recipe: str) -> Shape:
    shape = load(recipe, [], KINDS).run.student.shape
    assert shape is not None
    return shape


@pytest.mark.parametrize(("recipe", "known"), [("qwen3-4b-lora", 4_022_468_096), ("raredxr1-14b", 14_768_307_200)])
def test_the_sizes_of_known_models_are_those_of_their_cards(recipe: str, known: int) -> None:
    assert parameters(shape_of(recipe)) == known


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
