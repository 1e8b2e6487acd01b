"""Prompts against a model's context: which don't fit. A backend would cut their beginnings without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from raredx_bench.domain import UsageError

SPECIAL = 16  # tokens that a tokenizer may put around a text
Count = Callable[[str], int]


def counter_of(lm: Any) -> Count | None:
    """Tokens of a text by an lm-eval model's own tokenizer; None: it has none here (one behind an endpoint would be asked)."""
    tokenizer: Any = getattr(lm, "tokenizer", None)
    if isinstance(tokenizer, str) or not hasattr(tokenizer, "encode") or hasattr(tokenizer, "base_url"):
        return None
    if hasattr(lm, "base_url"):  # a chat endpoint's tok_encode gives the text back
        return lambda text: len(tokenizer.encode(text))
    return lambda text: len(lm.tok_encode(text))


def too_long(prompts: Iterable[tuple[str, str]], count: Count, context: int, max_new_tokens: int) -> list[tuple[str, int]]:
    """The cases whose prompt and answer together may not fit, with their prompts' tokens; prompts are (case id, text).

    A text that would fit with every byte a token is not counted: no tokenizer makes more of it, its special tokens apart.
    """
    room = context - max_new_tokens
    sizes = ((case_id, count(text)) for case_id, text in prompts if len(text.encode(errors="replace")) + SPECIAL > room)
    return [(case_id, size) for case_id, size in sizes if size > room]


def check_context(prompts: Iterable[tuple[str, str]], count: Count, context: int, max_new_tokens: int) -> None:
    """Raises UsageError with the longest prompt's case and the sizes when one doesn't fit."""
    found = too_long(prompts, count, context, max_new_tokens)
    if found:
        raise UsageError(_said(found, context, max_new_tokens))


def _said(found: Sequence[tuple[str, int]], context: int, max_new_tokens: int) -> str:
    case_id, size = max(found, key=lambda each: each[1])
    where = f"{len(found):,} cases, most of all for {case_id}" if len(found) > 1 else f"case {case_id}"
    return (
        f"the model's context of {context:,} tokens is too small for {where}: its prompt has {size:,} tokens and the answer may "
        f"take {max_new_tokens:,}: ask for shorter answers with --gen_kwargs max_gen_toks=N, or give the model more context "
        "(max_length in --model_args)"
    )
