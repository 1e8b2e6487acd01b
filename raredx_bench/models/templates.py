"""Whether a model is talked to through its chat template."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from raredx_bench.domain import UsageError

_CHATS = {"LocalChatCompletion", "AnthropicChat"}  # lm-eval's ancestors of all models that take nothing but messages
_PATHS = ("/chat/completions", "/messages")


def default_chat(lm: Any, asked: bool | str | None = None) -> bool | str:
    """What to give lm-eval as apply_chat_template: what the user asked for, else True for a chat model.

    One is a chat endpoint, or has a tokenizer with a chat template. asked None: the user said nothing.
    Raises UsageError when the user asked for none from a model that takes only chats.
    """
    only = bool(_CHATS & {kind.__name__ for kind in type(lm).__mro__}) or _is_chat_path(getattr(lm, "base_url", None))
    if asked is False and only:
        raise UsageError(f"the model type {type(lm).__name__} only takes chats: leave the chat template on")
    if asked is not None:
        return asked
    return only or bool(getattr(getattr(lm, "tokenizer", None), "chat_template", None))


def _is_chat_path(url: Any) -> bool:
    return isinstance(url, str) and urlsplit(url).path.rstrip("/").endswith(_PATHS)
