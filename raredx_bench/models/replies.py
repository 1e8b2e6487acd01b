"""A server's reply -> its text and what it says about it, or the reason why it is no answer.

Known shapes: OpenAI's completions and chat completions (with vLLM's, SGLang's and DeepSeek's `reasoning_content`, OpenRouter's
and Ollama's `reasoning`), Anthropic's messages and SGLang's own. An empty text is an answer when the server says why it ended,
and a failure when it doesn't: then nothing tells it from a reply that broke off.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from raredx_bench.domain import Note

_STOPS = {
    "stop": ("stop", "eos", "eos_token", "stop_sequence", "end_turn", "tool_calls", "tool_use"),
    "length": ("length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"),
    "filter": ("content_filter", "filter", "safety", "refusal"),
    "error": ("error", "abort", "cancelled"),
}
_STOP = {spelling: stop for stop, spellings in _STOPS.items() for spelling in spellings}
_FILTERED = ("content_filter", "content_policy_violation")


class Unusable(Exception):
    """No answer, and why. again: it may pass. wait: seconds that the server asks to wait first."""

    def __init__(self, why: str, again: bool = True, wait: float = 0.0) -> None:
        super().__init__(why)
        self.again, self.wait = again, wait


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that is an answer. body: as the server sent it, to be read by lm-eval. thought: what it keeps apart, may be empty."""

    body: Mapping[str, Any]
    thought: str
    note: Note


def stop_named(reason: Any) -> str | None:
    """A backend's reason for the end of a text, in Note's words; None for one that isn't known."""
    return _STOP.get(str(reason).lower()) if reason is not None else None


def reply_from(raw: bytes) -> Reply:
    """The one answer in a reply's body. Raises Unusable when there is none, or more than one."""
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Unusable("the reply is no JSON") from error
    try:
        (body,) = body if isinstance(body, list) else [body]
        reply = _anthropic(body) if "content" in body else _sglang(body) if "meta_info" in body else _openai(body)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise Unusable("the reply is no completion") from error
    if reply.note.stop == "error":
        raise Unusable("the server broke the answer off")
    return reply


def filtered(raw: bytes) -> bool:
    """True when a refusal's body says that a content filter held the answer back, which is an answer: an empty one."""
    try:
        error = json.loads(raw)["error"]
        return any(error.get(key) in _FILTERED for key in ("code", "type"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _openai(body: Mapping[str, Any]) -> Reply:
    choices = body["choices"]
    if len(choices) != 1:
        raise Unusable(f"{len(choices)} answers to one question")
    (choice,) = choices
    message = choice.get("message") or {}
    ended = choice.get("finish_reason")
    text = choice["text"] if "text" in choice else message.get("content")
    _check(text, ended)
    if not {"text", "message"} & set(choice) and stop_named(ended) != "filter":  # Azure's filter leaves the message out
        raise Unusable("the reply is no completion")
    thought = next((each for key in ("reasoning_content", "reasoning") if isinstance(each := message.get(key), str)), "")
    usage = body.get("usage") or {}
    whole = {**body, "choices": [{**choice, "index": 0, "text": text or "", "message": {**message, "content": text or ""}}]}
    return Reply(whole, thought, _note(ended, usage.get("prompt_tokens"), usage.get("completion_tokens")))


def _anthropic(body: Mapping[str, Any]) -> Reply:
    blocks, ended = body["content"], body.get("stop_reason")
    text = "".join(block["text"] for block in blocks if block["type"] == "text")
    _check(text, ended)
    thought = "\n".join(block["thinking"] for block in blocks if block["type"] == "thinking")
    usage = body.get("usage") or {}
    whole = {**body, "content": [{"type": "text", "text": text}]}
    return Reply(whole, thought, _note(ended, usage.get("input_tokens"), usage.get("output_tokens")))


def _sglang(body: Mapping[str, Any]) -> Reply:
    about = body["meta_info"]
    ended = (about.get("finish_reason") or {}).get("type")
    _check(body["text"], ended)
    return Reply(body, "", _note(ended, about.get("prompt_tokens"), about.get("completion_tokens")))


def _check(text: Any, ended: Any) -> None:
    """Raise Unusable for what is no text, and for an empty one that broke off."""
    if not isinstance(text, str | None):
        raise Unusable(f"the answer is no text but {type(text).__name__}")
    if not text and ended is None:
        raise Unusable("an empty answer, and nothing says why it ended")


def _note(ended: Any, *counts: Any) -> Note:
    return Note(stop_named(ended), *(count if isinstance(count, int) else None for count in counts))
