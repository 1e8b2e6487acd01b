"""raredx_train.sampling against transformers' generate."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM  # noqa: E402

from raredx_train.sampling import _drawn, fits, plain, sampled  # noqa: E402

ENDS, PAD, WORDS = {2, 3, 4, 5}, 0, 60
SHAPE = {"vocab_size": WORDS, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "intermediate_size": 48, "max_position_embeddings": 128, "eos_token_id": sorted(ENDS), "pad_token_id": PAD}  # fmt: skip
FAMILIES: dict[str, tuple[Any, Any]] = {
    "llama": (LlamaConfig, LlamaForCausalLM), "qwen2": (Qwen2Config, Qwen2ForCausalLM), "qwen3": (Qwen3Config, Qwen3ForCausalLM)
}  # fmt: skip


def made(family: str) -> Any:
    """A model of random weights, wide enough that its answers differ and end at different times."""
    config, model = FAMILIES[family]
    torch.manual_seed(5)
    student = model(config(**SHAPE)).double().eval()
    with torch.no_grad():
        for weights in student.parameters():
            weights.mul_(8 if weights.dim() > 1 else 1)
    return student


def prompts(many: int = 12) -> list[list[int]]:
    drawn = torch.Generator().manual_seed(3)
    return [torch.randint(6, WORDS, (3 + 5 * at % 17,), generator=drawn).tolist() for at in range(many)]


def ended(answer: list[int]) -> list[int]:
    """Up to its first end."""
    last = next((at for at, token in enumerate(answer) if token in ENDS), len(answer))
    return answer[: last + 1]


def generated(model: Any, prompt: list[int], new: int) -> list[int]:
    """transformers' greedy answer to one prompt, up to its end."""
    ids = torch.tensor([prompt])
    said = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=new)[0, len(prompt) :].tolist()
    return ended(said)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_likeliest_tokens_are_those_of_generate(family: str) -> None:
    model = made(family)
    expected = [generated(model, prompt, 40) for prompt in prompts()]
    assert len({len(answer) for answer in expected}) > 1, "answers of one length would not show that those that end are left out"
    assert sampled(model, prompts(), 40, None, ENDS, PAD) == expected


def test_the_same_prompt_in_several_places_is_answered_in_each() -> None:
    model, asked = made("qwen3"), prompts(4)
    mixed = [asked[at] for at in (2, 0, 2, 3, 1, 0, 2)]
    assert sampled(model, mixed, 30, None, ENDS, PAD) == [generated(model, prompt, 30) for prompt in mixed]


def test_tokens_are_drawn_by_their_probabilities_at_the_temperature() -> None:
    """Of a first token, 40,000 times: each within five standard errors of what the model gives it."""
    model, prompt, many = made("qwen3"), prompts(1)[0], 40_000
    torch.manual_seed(0)
    said = Counter(answer[0] for answer in sampled(model, [prompt] * many, 1, 2.0, ENDS, PAD))
    with torch.no_grad():
        chances = (model(torch.tensor([prompt])).logits[0, -1] / 2.0).softmax(-1)
    assert chances.max() < 0.9, "one sure token would show nothing"
    for token, chance in enumerate(chances.tolist()):
        assert abs(said[token] / many - chance) <= 5 * (chance * (1 - chance) / many) ** 0.5 + 1e-4


def test_later_tokens_are_drawn_given_the_earlier_ones() -> None:
    """The draws of both ways have the same likelihood under the model, on average, within their errors."""
    model, prompt, many = made("qwen3"), prompts(1)[0], 1_000
    torch.manual_seed(1)
    ours = sampled(model, [prompt] * many, 6, 4.0, ENDS, PAD)
    ids = torch.tensor([prompt] * many)
    said = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=4.0, top_k=0, max_new_tokens=6)
    theirs = [ended(row) for row in said[:, len(prompt) :].tolist()]
    found = []
    for answers in (ours, theirs):
        rows = torch.tensor([prompt + answer + [PAD] * (6 - len(answer)) for answer in answers])
        with torch.no_grad():
            chances = (model(rows).logits[:, len(prompt) - 1 : -1] / 4.0).log_softmax(-1)
        likely = chances.gather(2, rows[:, len(prompt) :, None]).squeeze(2)
        told = torch.tensor([[at < len(answer) for at in range(6)] for answer in answers])
        found.append((likely * told).sum(1))
    error = (found[0].var() / many + found[1].var() / many).sqrt()
    assert abs(found[0].mean() - found[1].mean()) < 4 * error


def test_a_token_that_can_not_come_is_never_drawn() -> None:
    torch.manual_seed(2)
    logits = torch.full((5_000, 8), float("-inf"))
    logits[:, 3], logits[:, 6] = 0.0, 1.0
    assert set(_drawn(logits, 1.0).tolist()) == {3, 6}


def test_the_models_own_attention_is_back_afterwards_even_when_it_failed() -> None:
    model = made("qwen3")
    usual = model.config._attn_implementation
    with pytest.raises(IndexError):
        sampled(model, [[WORDS + 1]], 4, None, ENDS, PAD)
    assert model.config._attn_implementation == usual
    sampled(model, prompts(2), 4, None, ENDS, PAD)
    assert model.config._attn_implementation == usual


def test_models_with_other_attention_are_left_to_transformers() -> None:
    model = made("qwen2")
    assert fits(model)
    model.config.layer_types = ["full_attention", "sliding_attention"]
    assert not fits(model)
    model.config.layer_types = None
    model.config.model_type = "gemma3_text"
    assert not fits(model)


WARM = {"do_sample": True, "temperature": 0.7, "top_k": 0}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"do_sample": False, "max_new_tokens": 9, "eos_token_id": 2}, True),
        ({**WARM, "top_p": 1.0, "min_p": None, "repetition_penalty": 1.0}, True),
        ({"do_sample": True, "temperature": 0.7}, False),  # transformers' own top_k is 50
        ({"do_sample": True, "top_k": 0}, False),
        ({**WARM, "top_p": 0.9}, False),
        ({"repetition_penalty": 1.1}, False),
        ({"cache_implementation": "static"}, False),
    ],
)
def test_only_plain_answers_are_given_here(asked: dict[str, Any], expected: bool) -> None:
    assert plain(asked) is expected
