"""Short forms of models (`vllm:ORG/MODEL`, `openai:NAME`, `http://localhost:8000/v1`, …) as a type of lm-eval and its arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import requests

from raredx_bench.domain import UnknownName, UsageError

CHAT_PATH = "/chat/completions"
_TIMEOUT = 10.0  # seconds in which a server must say which models it serves


class Spelled(NamedTuple):
    """What lm-eval needs."""

    type: str
    args: dict[str, Any] | str | None


class _Form(NamedTuple):
    type: str
    key: str  # the argument that takes what stands behind the colon


FORMS = {
    "openai": _Form("openai-chat-completions", "model"),
    "anthropic": _Form("anthropic-chat", "model"),
    "hf": _Form("hf", "pretrained"),
    "vllm": _Form("vllm", "pretrained"),
    "predictions": _Form("predictions", "path"),
    "phenopacket-ranker": _Form("phenopacket-ranker", "path"),
}
GROUP = "raredx_bench.models"  # entry points: a model type's name -> its class, which registers itself with lm-eval
PATH = "path"  # the argument of theirs that takes what stands behind the colon
_ADDRESSES = ("http", "https")


def spelled(model: str, model_args: str | Mapping[str, Any] | None = None) -> Spelled:
    """The type and its arguments. Explicit arguments win; plain names of types pass unchanged.

    An address needs the model's name behind "#"; without one there is no argument `model`: `resolved` asks the server.
    Raises UnknownName for another prefix before a colon, UsageError for a form that names nothing.
    """
    prefix, colon, rest = model.partition(":")
    if not colon:
        passed = dict(model_args) if isinstance(model_args, Mapping) else model_args
        return Spelled(model, passed)
    if prefix.lower() in _ADDRESSES:
        return Spelled("local-chat-completions", {**_address(model), **_explicit(model_args)})
    forms = {**{each.name: _Form(each.name, PATH) for each in entry_points(group=GROUP)}, **FORMS}
    if prefix not in forms:
        raise UnknownName("short form of a model", prefix, (*forms, *_ADDRESSES))
    form = forms[prefix]
    if not rest.strip():
        raise UsageError(f"{model!r} names no {form.key}: write {prefix}:{form.key.upper()}")
    return Spelled(form.type, {form.key: rest, **_explicit(model_args)})


def resolved(model: str, model_args: str | Mapping[str, Any] | None = None) -> Spelled:
    """The same, where a server that was named without a model has been asked which one it serves.

    Raises also UsageError when it can't be asked, or serves none or several.
    """
    short = spelled(model, model_args)
    if not model.lower().startswith(("http:", "https:")) or not isinstance(short.args, dict) or "model" in short.args:
        return short
    return short._replace(args={**short.args, "model": served_model(str(short.args["base_url"]))})


def served_model(base_url: str) -> str:
    """The only model that an OpenAI-compatible server serves, by its /models.

    base_url: of its chat completions. OPENAI_API_KEY is sent where it is set. Raises UsageError when there isn't exactly one.
    """
    address = f"{base_url.removesuffix(CHAT_PATH)}/models"
    key = os.environ.get("OPENAI_API_KEY")
    try:
        reply = requests.get(address, timeout=_TIMEOUT, headers={"Authorization": f"Bearer {key}"} if key else {})
        reply.raise_for_status()
        served = [str(each["id"]) for each in reply.json()["data"]]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{address} doesn't say which models it serves ({error!r}): name one behind the address, as …#NAME"
        ) from error
    if len(served) != 1:
        raise UsageError(f"{address} serves {len(served)} models{': ' if served else ''}{', '.join(served)}: name one as …#NAME")
    return served[0]


def _address(model: str) -> dict[str, Any]:
    parts = urlsplit(model)
    if not parts.netloc:
        raise UsageError(f"{model!r} is no address: write http://HOST:PORT/v1, with #MODEL behind it where it serves several")
    path = parts.path.rstrip("/").removesuffix(CHAT_PATH) or "/v1"
    base_url = urlunsplit((parts.scheme, parts.netloc, f"{path}{CHAT_PATH}", parts.query, ""))
    return {"base_url": base_url, **({"model": parts.fragment} if parts.fragment else {})}


def _explicit(model_args: str | Mapping[str, Any] | None) -> dict[str, Any]:
    from lm_eval.utils import simple_parse_args_string

    return simple_parse_args_string(model_args) if isinstance(model_args, str) else dict(model_args or {})
