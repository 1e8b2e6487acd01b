"""Sampling on a CPU, several times as fast as transformers' `generate` where a prompt is answered many times.

`generate` reads the prompt and keeps its keys and values anew for each answer, and goes on with answers that have ended until the
last one has. Here a prompt is read once and stands in memory once, answers that have ended take no further part, and a token is
drawn from the cumulated probabilities (`torch.multinomial` draws a number for every token of the vocabulary). The model is
transformers': this is an attention function of its AttentionInterface, a Cache, and a loop. benchmarks/sampling.py measures both
ways; the tests compare them token by token.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface, Cache, DynamicCache
from transformers.modeling_outputs import CausalLMOutputWithPast

FAMILIES = frozenset({"llama", "qwen2", "qwen3"})  # whose attention is read here: all layers alike, no window, no cap
_NAME = "raredx_shared_prompts"
_CACHE = (
    "cache" if "cache" in CausalLMOutputWithPast.__dataclass_fields__ else "past_key_values"
)  # its name since transformers 5.24
_OTHER = frozenset({
    "max_new_tokens", "do_sample", "temperature", "pad_token_id", "bos_token_id", "eos_token_id", "attention_mask", "use_cache",
    "output_attentions", "output_hidden_states", "transformers_version", "_from_model_config",
})  # of `generate`'s arguments: those that are heeded here, and those that change no token  # fmt: skip
_USUAL = {"top_p": 1.0, "top_k": 0, "repetition_penalty": 1.0}  # what changes no token; of every other argument: None
_ENDED = 1 / 16  # share of the answers that has ended when the others move together


def fits(model: Any) -> bool:
    """True for a model that can be used here: on a CPU, full attention in every layer, no checkpointing of activations."""
    config = model.config.get_text_config()
    full = {"full_attention"} >= set(getattr(config, "layer_types", None) or ())
    return model.device.type == "cpu" and config.model_type in FAMILIES and full and not model.is_activation_checkpointing


def plain(asked: Mapping[str, Any]) -> bool:
    """True where `generate`, told this, gives the likeliest token each time or draws each by its probability: as `sampled` does."""
    every = not asked.get("do_sample") or (asked.get("temperature") and asked.get("top_k") == 0)  # untold: the 50 likeliest tokens
    return bool(every) and all(value == _USUAL.get(name) for name, value in asked.items() if name not in _OTHER)


@torch.no_grad()  # type: ignore[untyped-decorator]
def sampled(
    model: Any, prompts: Sequence[Sequence[int]], new: int, temperature: float | None, ends: Collection[int], pad: int
) -> list[list[int]]:  # fmt: skip
    """The tokens of an answer to each prompt, with the end where it came within `new` tokens, by torch's random numbers.

    temperature: None: the likeliest token each time. The same prompt may come many times, beside each other or not.
    """
    different = list(dict.fromkeys(map(tuple, prompts)))
    number, width = {prompt: at for at, prompt in enumerate(different)}, max(map(len, different))
    ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in different])
    hidden = torch.tensor([[True] * (width - len(prompt)) + [False] * len(prompt) for prompt in different])
    answers, logits = _begun(model, ids, hidden, torch.tensor([number[tuple(prompt)] for prompt in prompts]))
    found: list[list[int]] = [[] for _ in prompts]
    rows, ended = list(range(len(prompts))), [False] * len(prompts)
    with _attending(model):
        for at in range(new):
            tokens = _drawn(logits, temperature)
            for place, (row, token) in enumerate(zip(rows, tokens.tolist(), strict=True)):
                if not ended[place]:
                    found[row].append(token)
                    ended[place] = token in ends
            if all(ended) or at == new - 1:
                break
            if sum(ended) > _ENDED * len(rows):
                left = [place for place, over in enumerate(ended) if not over]
                tokens, rows, ended = tokens[left], [rows[place] for place in left], [False] * len(left)
                answers.keep(left)
            logits = _next(model, answers, tokens)
    return found


class _Answers(Cache):  # type: ignore[misc]
    """Keys and values: of a prompt once, (prompts, heads, width, size), and of the answers' tokens, (answers, heads, tokens, size).

    hidden: (prompts, width), True for padding. An answer's prompt is `prompt`, its place among that prompt's answers `slot`.
    """

    def __init__(self, before: list[tuple[torch.Tensor, torch.Tensor]], hidden: torch.Tensor, prompt: torch.Tensor) -> None:
        super().__init__(layers=[])
        self.before, self.hidden = before, hidden
        self.after: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.position = (~hidden).sum(dim=1)[prompt]  # of each answer's next token
        self._placed(prompt)

    def _placed(self, prompt: torch.Tensor) -> None:
        self.prompt = prompt
        self.slot = torch.nn.functional.one_hot(prompt, len(self.hidden)).cumsum(dim=0).gather(1, prompt[:, None]).squeeze(1) - 1
        self.slots = int(self.slot.max()) + 1

    def keep(self, left: list[int]) -> None:
        """Go on with these answers alone, and with their prompts."""
        self.after = [(keys[left], values[left]) for keys, values in self.after]
        self.position = self.position[left]
        prompts, prompt = self.prompt[left].unique(return_inverse=True)
        if len(prompts) < len(self.hidden):
            self.before, self.hidden = [(keys[prompts], values[prompts]) for keys, values in self.before], self.hidden[prompts]
        self._placed(prompt)

    def update(self, key_states: Any, value_states: Any, layer_idx: int, *_: Any, **__: Any) -> Any:
        """All keys and values of the answers in a layer, with these."""
        if layer_idx == len(self.after):
            self.after.append((key_states, value_states))
        else:
            keys, values = self.after[layer_idx]
            self.after[layer_idx] = torch.cat((keys, key_states), dim=2), torch.cat((values, value_states), dim=2)
        return self.after[layer_idx]

    def by_prompt(self, rows: torch.Tensor) -> torch.Tensor:
        """(answers, heads, group, size) -> (prompts, heads, slots x group, size), empty slots 0."""
        _, heads, group, size = rows.shape
        found = rows.new_zeros(len(self.hidden), self.slots, heads, group, size)
        found[self.prompt, self.slot] = rows
        return found.transpose(1, 2).reshape(len(self.hidden), heads, self.slots * group, size)

    def by_answer(self, packed: torch.Tensor, group: int) -> torch.Tensor:
        """by_prompt's way back."""
        prompts, heads, _, size = packed.shape
        return packed.view(prompts, heads, self.slots, group, size).transpose(1, 2)[self.prompt, self.slot]


def _attention(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, *, scaling: float, answers: _Answers, **_: Any
) -> tuple[Any, None]:  # fmt: skip
    """One token of each answer over its prompt and over what it has said: (answers, 1, heads, size)."""
    rows, heads, _, size = query.shape
    group = heads // key.size(1)
    asked = query.view(rows, key.size(1), group, size) * scaling
    keys, values = answers.before[module.layer_idx]
    prompt = answers.by_answer(answers.by_prompt(asked) @ keys.transpose(-1, -2), group)
    prompt = prompt.masked_fill(answers.hidden[answers.prompt, None, None], float("-inf"))
    weights = torch.cat((prompt, asked @ key.transpose(-1, -2)), dim=-1)
    weights = weights.softmax(dim=-1, dtype=torch.promote_types(query.dtype, torch.float32)).to(query.dtype)
    width = prompt.size(-1)
    found = answers.by_answer(answers.by_prompt(weights[..., :width]) @ values, group) + weights[..., width:] @ value
    return found.view(rows, 1, heads, size), None


AttentionInterface.register(_NAME, _attention)


@contextmanager
def _attending(model: Any) -> Iterator[None]:
    """Inside it the model attends by _attention."""
    usual = model.config._attn_implementation
    model.set_attn_implementation(_NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(usual)


def _begun(model: Any, ids: torch.Tensor, hidden: torch.Tensor, prompt: torch.Tensor) -> tuple[_Answers, torch.Tensor]:
    """Answers before their first token, and its logits (answers, vocabulary). prompt: which of the prompts each has."""
    read = DynamicCache()
    said = model(
        input_ids=ids, attention_mask=(~hidden).long(), position_ids=((~hidden).cumsum(dim=1) - 1).clamp(min=0),
        use_cache=True, logits_to_keep=1, **{_CACHE: read},
    )  # fmt: skip
    return _Answers([(layer.keys, layer.values) for layer in read.layers], hidden, prompt), said.logits[prompt, -1]


def _next(model: Any, answers: _Answers, tokens: torch.Tensor) -> torch.Tensor:
    """The logits (answers, vocabulary) after a token of each answer."""
    said = model(
        input_ids=tokens[:, None], position_ids=answers.position[:, None], use_cache=True, answers=answers, **{_CACHE: answers}
    )
    answers.position = answers.position + 1
    logits: torch.Tensor = said.logits[:, -1]
    return logits


def _drawn(logits: torch.Tensor, temperature: float | None) -> torch.Tensor:
    """A token of each row."""
    if temperature is None:
        return logits.argmax(dim=-1)
    likely = (logits.float() / temperature).softmax(dim=-1).cumsum(dim=-1)
    drawn = torch.rand(len(likely), 1) * likely[:, -1:]
    return torch.searchsorted(likely, drawn, right=True).squeeze(1).clamp(max=likely.size(-1) - 1)
