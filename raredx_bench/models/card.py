"""An lm-eval model -> its card: what has to be known of it to ask the same once more.

No network is used. Nothing in a card names a user, a folder above a model's own, or a secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from numbers import Number
from pathlib import Path
from typing import Any

from raredx_bench.compiled import digest_of
from raredx_bench.models.answering import AnsweringLM
from raredx_bench.redacting import last_name, scrubbed
from raredx_bench.validation import read_yaml

TAIL = 65_536  # bytes at the end of each weight file that a digest reads: checkpoints of one training have equal sizes
_WEIGHTS = (".safetensors", ".bin", ".gguf", ".pt", ".pth")
_QUANTISING = ("quantization", "load_in_4bit", "load_in_8bit", "bnb_4bit_quant_type", "autogptq", "gptqmodel", "gguf_file")
_SAMPLING = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")  # what a model's own generation config may set


def load_card(path: Path) -> dict[str, Any]:
    """What a user states of a model (YAML or JSON, schemas/card.schema.json). Raises BadInput."""
    return read_yaml(path, "card")


def card_of(
    lm: Any,
    model: Any,
    model_args: str | Mapping[str, Any] | None = None,
    gen_kwargs: str | Mapping[str, Any] | None = None,
    chat: bool | str = False,
    stated: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The card of a built model, ready for JSON; None: not known, or there is no such thing.

    model: the type's name, or what stands for it. gen_kwargs: those in force, the task's own with the user's over them.
    chat: whether prompts are put into the chat template, or its name. stated: what the user says (load_card), kept apart.
    """
    args = _arguments(model_args)
    own = _own_words(lm)
    folder = _folder(getattr(lm, "pretrained", None), args)
    network: Any = getattr(lm, "model", None)
    dtype = getattr(network, "dtype", None) or args.get("dtype")
    card: dict[str, Any] = _plain(scrubbed({
        "id": own.pop("name", None) or _identity(lm, model, args),
        "type": model if isinstance(model, str) else type(lm).__name__,
        "revision": own.pop("model_revision", None) or _revision(lm, args, folder),
        "commit": getattr(getattr(lm, "config", None), "_commit_hash", None),
        "digest": folder_digest(folder) if folder else None,
        "adapter": _adapter(args),
        "parameters": network.num_parameters() if hasattr(network, "num_parameters") else None,
        "dtype": None if dtype is None else str(dtype).removeprefix("torch."),
        "quantisation": _quantisation(lm, args),
        "context": context_of(lm, args),
        "chat": _chat(lm, chat),
        "sampling": sampling_of(lm, gen_kwargs),
        "tokenizer": _tokenizer(lm),
        "endpoint": getattr(lm, "base_url", None),
        "cutoff": (stated or {}).get("cutoff"),
        "arguments": {name: last_name(value) if isinstance(value, str) else value for name, value in args.items()},
        "says": own or None,
        "stated": dict(stated) if stated else None,
    }))  # fmt: skip
    return card


def context_of(lm: Any, model_args: str | Mapping[str, Any] | None = None) -> int | None:
    """Tokens that prompt and answer may have together; None: not known, as of an endpoint of which the user doesn't say."""
    args = _arguments(model_args)
    if hasattr(lm, "base_url"):  # lm-eval takes 2047 for any endpoint unless told
        return int(args["max_length"]) if args.get("max_length") else None
    found = getattr(lm, "max_length", None)
    return int(found) if isinstance(found, int) else None


def sampling_of(lm: Any, gen_kwargs: str | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The sampling parameters in force; None: the model is never told of any.

    Those of the request, as the backend reads them, then the model's own where it samples. lm-eval's local backends take the
    temperature for 0 when do_sample is off; its endpoints are sent the temperature and never do_sample.
    """
    if getattr(type(lm), "generate_until", None) is AnsweringLM.generate_until:  # it hands on the prompt and the case alone
        return None
    given = _arguments(gen_kwargs)
    seed = getattr(lm, "_seed", None)
    found = _sent(lm, given) if hasattr(lm, "base_url") else _local(lm, given)
    return {**({} if seed is None else {"seed": seed}), **found}


def _sent(lm: Any, given: dict[str, Any]) -> dict[str, Any]:
    longest = given.pop("max_gen_toks", None) or getattr(lm, "_max_gen_toks", None)
    found = {"temperature": 0, **given, "max_gen_toks": given.get("max_tokens", longest)}
    return {name: value for name, value in found.items() if name not in ("do_sample", "max_tokens")}


def _local(lm: Any, given: dict[str, Any]) -> dict[str, Any]:
    from lm_eval.models.utils import normalize_gen_kwargs

    longest = getattr(lm, "max_gen_toks", None)
    found = dict(normalize_gen_kwargs(given, longest if isinstance(longest, int) else 256))
    own = getattr(getattr(lm, "model", None), "generation_config", None)
    if not found["do_sample"] or own is None:
        return found
    return {**{name: value for name in _SAMPLING if (value := getattr(own, name, None)) is not None}, **found}


def folder_digest(folder: Path) -> str:
    """A digest of a model's folder: its configurations and indexes, and each weight file's name, size and last TAIL bytes."""
    parts = []
    for path in sorted(folder.iterdir()):
        if path.suffix in _WEIGHTS:
            size = path.stat().st_size
            with path.open("rb") as handle:
                handle.seek(max(0, size - TAIL))
                parts += [path.name, str(size), hashlib.sha256(handle.read()).hexdigest()]
        elif path.name in ("config.json", "adapter_config.json") or path.name.endswith(".index.json"):
            parts += [path.name, path.read_text(encoding="utf-8")]
    return digest_of(parts)


def _arguments(given: str | Mapping[str, Any] | None) -> dict[str, Any]:
    from lm_eval.utils import simple_parse_args_string

    return dict(given) if isinstance(given, Mapping) else dict(simple_parse_args_string(given))


def _own_words(lm: Any) -> dict[str, Any]:
    """What a model says of itself ("name": what it is called); lm-eval's own, which ask the hub, are not asked."""
    says = getattr(lm, "get_model_info", None)
    return dict(says()) if says and not says.__module__.startswith("lm_eval.") else {}


def _identity(lm: Any, model: Any, args: Mapping[str, Any]) -> str:
    """The model's name: the hub's, the endpoint's, a local folder's last, or a function's."""
    held = getattr(lm, "pretrained", None)
    own_name = getattr(getattr(held, "config", None), "name_or_path", None)  # of a model that was loaded before
    for name in (args.get("pretrained"), args.get("model"), held, own_name, getattr(lm, "model", None), model):
        if isinstance(name, str) and name:
            return last_name(name)
    return str(getattr(getattr(lm, "function", model), "__name__", type(lm).__name__))


def _folder(pretrained: Any, args: Mapping[str, Any]) -> Path | None:
    """The local folder that a model was loaded from; None: it came from elsewhere."""
    place = pretrained if isinstance(pretrained, str) else args.get("pretrained")
    folder = Path(place).expanduser() if isinstance(place, str) else None
    return folder if folder and folder.is_dir() else None


def _revision(lm: Any, args: Mapping[str, Any], folder: Path | None) -> str | None:
    found = args.get("revision") or getattr(lm, "revision", None)
    return str(found) if found and not folder else None


def _adapter(args: Mapping[str, Any]) -> dict[str, str | None] | None:
    place = args.get("peft") or args.get("lora_local_path") or args.get("delta")
    if not place:
        return None
    folder = Path(str(place)).expanduser()
    return {"id": last_name(str(place)), "digest": folder_digest(folder) if folder.is_dir() else None}


def _quantisation(lm: Any, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the model's configuration says of its quantisation, and the arguments that ask for one."""
    held: Any = getattr(getattr(getattr(lm, "model", None), "config", None), "quantization_config", None)
    held = held.to_dict() if hasattr(held, "to_dict") else held or {}
    asked = {name: args[name] for name in _QUANTISING if args.get(name)}
    return {**held, **asked} or None


def _chat(lm: Any, chat: bool | str) -> dict[str, Any]:
    """Whether the template is on, its name, its digest (there is one when it is off too), and its arguments."""
    try:
        text = lm.chat_template(chat or True)
    except (ValueError, AttributeError):  # several templates and none of that name; no tokenizer
        text = None
    return {
        "on": bool(chat),
        "name": chat if isinstance(chat, str) else None,
        "digest": hashlib.sha256(text.encode()).hexdigest() if text else None,
        "arguments": getattr(lm, "chat_template_args", None) or None,
    }


def _tokenizer(lm: Any) -> dict[str, Any] | None:
    """Name, size and digest of the vocabulary; of an endpoint's the address is all that is known."""
    tokenizer = getattr(lm, "tokenizer", None)
    if tokenizer is None:
        return None
    if not hasattr(tokenizer, "get_vocab"):
        return {"name": last_name(str(getattr(tokenizer, "name", type(tokenizer).__name__))), "size": None, "digest": None}
    vocabulary = sorted(tokenizer.get_vocab().items())
    return {
        "name": last_name(str(tokenizer.name_or_path)) or None,
        "size": len(vocabulary),
        "digest": digest_of([f"{token}\t{number}" for token, number in vocabulary]),
    }


def _plain(value: Any) -> Any:
    """A value that JSON can hold: an object is its type's name."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | bool | Number) else type(value).__name__
