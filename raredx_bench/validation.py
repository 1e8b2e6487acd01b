"""JSON documents and the schemas they must follow (schemas/)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema

from raredx_bench.domain import BadInput


@lru_cache
def validator(kind: str) -> Any:
    """The validator of a "report", an "entry", an "audit", a "case", …: what schemas/<kind>.schema.json asks for."""
    text = resources.files("raredx_bench").joinpath(f"schemas/{kind}.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def validate(document: Any, kind: str) -> None:
    """Raises jsonschema.ValidationError when a document of ours isn't what its schema says."""
    validator(kind).validate(document)


def read_json(path: Path, kind: str) -> dict[str, Any]:
    """A JSON file valid under a schema. Raises BadInput naming the place of the first fault."""
    return _read(path, kind, "JSON", _from_json)


def read_yaml(path: Path, kind: str) -> dict[str, Any]:
    """A YAML or JSON file valid under a schema, dates as text. Raises BadInput naming the place of the first fault."""
    return _read(path, kind, "YAML", _from_yaml)


def _from_json(text: str) -> Any:
    return json.loads(text, parse_constant=_not_finite)


def _not_finite(constant: str) -> Any:
    raise ValueError(f"it holds {constant}, which is no number")


def _from_yaml(text: str) -> Any:
    import yaml

    try:
        return json.loads(json.dumps(yaml.safe_load(text), default=str))
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def _read(path: Path, kind: str, form: str, parsed: Callable[[str], Any]) -> dict[str, Any]:
    try:
        document: dict[str, Any] = parsed(path.read_text(encoding="utf-8"))
        _check_age(document, path, kind)
        validate(document, kind)
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(f"{path} is not {form} ({error})") from error
    except jsonschema.ValidationError as error:
        place = "/".join(str(part) for part in error.absolute_path) or "the top level"
        raise BadInput(f"{path} is not a raredx {kind}: at {place}, {error.message[:200]}") from error
    return document


def _check_age(document: Any, path: Path, kind: str) -> None:
    """Raises BadInput for a document of a later version of its schema than this package knows, or of an earlier one."""
    ours = str(validator(kind).schema.get("properties", {}).get("schema", {}).get("const", ""))
    theirs = str(document.get("schema", "")) if isinstance(document, dict) else ""
    stem, _, number = ours.rpartition("-")
    other, _, version = theirs.rpartition("-")
    if stem and stem == other and version.isdigit() and int(version) != int(number):
        what = "newer: upgrade raredx" if int(version) > int(number) else "older: make it again from its run"
        raise BadInput(f"{path} follows {theirs}, this version reads {ours}; the file is {what}")
