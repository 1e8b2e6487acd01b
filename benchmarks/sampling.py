"""How long a step's answers take on a CPU: raredx_train.sampling beside transformers' generate with either of its caches.

python -m benchmarks.sampling [--prompts 32] [--n 8] [--length 192] [--new 256] [--mean 150] [--rounds 3] [--threads 1]

A student of the preset tiny's shape with random weights answers prompts of random tokens, half to one and a half times `length`.
It knows no end: enough tokens count as one that an answer takes `mean` tokens, were there no limit. Seconds of processor time, the
least of the rounds; all ways draw about as many tokens.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from raredx_train.sampling import sampled

WORDS = 4000


def student() -> Any:
    """A model of tiny's shape."""
    return Qwen3ForCausalLM(Qwen3Config(
        vocab_size=WORDS, hidden_size=128, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, head_dim=32,
        intermediate_size=384, max_position_embeddings=1024, tie_word_embeddings=True, eos_token_id=2, pad_token_id=0,
    )).eval()  # fmt: skip


def generated(model: Any, prompts: list[list[int]], new: int, ends: set[int], **cache: Any) -> int:
    """How many tokens generate draws for the prompts, up to each answer's end."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    said = model.generate(
        ids, attention_mask=(ids != 0).long(), do_sample=True, temperature=1.0, top_k=0, max_new_tokens=new,
        eos_token_id=sorted(ends), disable_compile=True, **cache,
    )[:, width:].tolist()  # fmt: skip
    return sum(next((at + 1 for at, token in enumerate(row) if token in ends), len(row)) for row in said)


def main() -> None:
    """Samples each way in turn, and prints the least seconds of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("prompts", 32), ("n", 8), ("length", 192), ("new", 256), ("mean", 150), ("rounds", 3), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(1)
    model, ends = student(), set(range(1, 1 + WORDS // asked.mean))
    lengths = torch.randint(asked.length // 2, asked.length * 3 // 2, (asked.prompts,)).tolist()
    prompts = [prompt for length in lengths for prompt in [torch.randint(100, WORDS, (length,)).tolist()] * asked.n]
    ways: dict[str, Callable[[], int]] = {
        "here": lambda: sum(map(len, sampled(model, prompts, asked.new, 1.0, ends, 0))),
        "generate": lambda: generated(model, prompts, asked.new, ends),
        "generate, static cache": lambda: generated(model, prompts, asked.new, ends, cache_implementation="static"),
    }
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in ways}
    for _ in range(asked.rounds):
        for name, way in ways.items():
            begun = time.process_time()
            tokens = way()
            found[name].append((time.process_time() - begun, tokens))
    for name, each in found.items():
        seconds, tokens = min(each)
        print(f"{name}: {seconds:.1f} s, {tokens:,} tokens, {tokens / seconds:,.0f} a second")


if __name__ == "__main__":
    main()
