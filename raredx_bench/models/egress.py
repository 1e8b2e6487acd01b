"""Where a model's prompts go, and who may see them: restricted notes stay on the machine, keys stay in the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.domain import UsageError
from raredx_bench.tasks import task_named

_SECRET = re.compile(r"(?:.*[_-])?(?:api[_-]?key|secret|password|passwd|credentials?|authorization)|token|key|auth|"
                     r"(?:auth|use_auth|access|bearer|api|hf)_token", re.I)  # fmt: skip
_VARIABLES = {"anthropic": "ANTHROPIC_API_KEY", "azure": "AZURE_OPENAI_API_KEY", "hf": "HF_TOKEN", "vllm": "HF_TOKEN"}
_REMOTE = {"TextSynthLM", "WatsonxLLM"}  # model types of lm-eval that name no address and ask a provider all the same
PROVIDER = "its provider's address"


def endpoint_of(lm: Any) -> str | None:
    """The address that a model sends prompts to; None for one that runs in this process.

    PROVIDER when a model type names none and asks its provider. A function's own doings can't be seen: it counts as in-process.
    """
    kinds = {kind.__name__ for kind in type(lm).__mro__}
    client: Any = getattr(lm, "client", None)
    if "TemplateAPI" in kinds or hasattr(lm, "base_url"):
        return str(getattr(lm, "base_url", None) or PROVIDER)
    if hasattr(client, "base_url"):
        return str(client.base_url)
    return PROVIDER if kinds & _REMOTE else None


def endpoints_of(lm: Any) -> list[str]:
    """Every address that a model sends prompts to: its own and those of the models that it asks (its attribute members)."""
    own = endpoint_of(lm)
    return [*([own] if own else []), *(url for member in getattr(lm, "members", ()) for url in endpoints_of(member))]


def is_local(url: str) -> bool:
    """True for this machine's own addresses: 127.0.0.0/8, ::1 and localhost. No name is looked up."""
    if "\\" in url:  # readers of addresses disagree about what comes after it
        return False
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown(url: str) -> str:
    """An address without user, password and keys in its query."""
    parts = urlsplit(url)
    kept = "&".join(each for each in parts.query.split("&") if not _SECRET.fullmatch(each.partition("=")[0]))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query=kept).geturl()


def agreements_of(tasks: Iterable[str]) -> dict[str, str]:
    """Task -> the agreement that forbids its cases to leave the machine, for those that have one."""
    named = {name: task_named(name).metadata for name in tasks}
    return {name: str(each["licence"]) for name, each in named.items() if BENCHMARKS[str(each["benchmark"])].private}


def check_egress(agreements: Mapping[str, str], url: str | None, allow_remote: str | None = None) -> None:
    """Raise UsageError when restricted cases would be sent to another machine.

    agreements: as agreements_of gives them. allow_remote: the agreement's name, from a user who vouches that it allows the address.
    """
    if url is None or is_local(url):
        return
    for task, agreement in agreements.items():
        if allow_remote != agreement:
            raise UsageError(
                f"the cases of {task} are under {agreement}, which forbids to send them to third parties, and the model answers at "
                f"{shown(url)}: use a model on this machine, or, where your agreement with the provider allows it, add "
                f"--allow-remote {agreement}"
            )


def refuse_secrets(model: str, model_args: str | Mapping[str, Any] | None) -> None:
    """Raise UsageError for keys, tokens and passwords among a model's arguments: those are written into every report."""
    for path, value in _named(model_args):
        name = path[-1]
        if _SECRET.fullmatch(name) and str(value).lower() not in ("true", "false", "none", ""):
            raise UsageError(_instead(f"{'.'.join(path)} in the model's arguments", model))
        if name.endswith("url") and isinstance(value, str) and shown(value) != value:
            raise UsageError(_instead(f"the password or key in {name}", model))


def _named(model_args: str | Mapping[str, Any] | None) -> Sequence[tuple[tuple[str, ...], Any]]:
    """(path, value) of every argument, those inside mappings too."""
    if isinstance(model_args, str):
        pairs = (part.partition("=") for part in model_args.split(","))
        return [((name.strip(),), value.strip()) for name, _, value in pairs]
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, value in (model_args or {}).items():
        inner = _named({str(key): each for key, each in value.items()}) if isinstance(value, Mapping) else []
        found += [((str(name),), value), *(((str(name), *path), each) for path, each in inner)]
    return found


def _instead(what: str, model: str) -> str:
    variable = next((variable for kind, variable in _VARIABLES.items() if model.startswith(kind)), "OPENAI_API_KEY")
    return f"{what} would be written into the report: leave it out and set the environment variable {variable}"
