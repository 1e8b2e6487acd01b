"""A recipe's YAML and the command line's changes -> filled dataclasses; a key that nobody knows is refused where it stands."""

from __future__ import annotations

import copy
import dataclasses
import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_train.settings import Run

Filled = TypeVar("Filled")
Path_ = tuple[str, ...]  # where a key stands: ("knowledge-sft", "trl")
COMMAND_LINE = "the command line"
FOLDER = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Config:
    """A recipe, resolved. sections: stage -> its filled dataclass. places: key -> the file (or command line) that says it."""

    run: Run
    sections: Mapping[str, Any]
    places: Mapping[Path_, str]

    @property
    def document(self) -> dict[str, Any]:
        """The whole configuration, defaults written out, as config.yaml holds it."""
        stages = {name: _plain(section) for name, section in self.sections.items() if section is not None}
        return {**_plain(self.run), **stages}

    def place(self, *path: str) -> str:
        """ "knowledge-sft.trl (tiny.yaml)": a key and the file that says it, or the nearest one above it."""
        return _said(path, self.places, path)


def recipes() -> dict[str, Path]:
    """The recipes that ship, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def load(recipe: str, changes: Sequence[str], kinds: Mapping[str, type]) -> Config:
    """The configuration of a recipe (a name, or a file) with changes such as "knowledge-sft.epochs=2".

    kinds: stage -> the dataclass of its section. Raises UsageError, BadInput or UnknownName that names file, stage and key.
    """
    values, places = _read(_found(recipe), ())
    for change in changes:
        _set(values, places, change)
    top = {each.name for each in dataclasses.fields(Run)}
    for key in values:
        if key not in top | kinds.keys():
            raise UnknownName(f"key of {_said((), places, (key,))}", key, top | kinds.keys())
    run = filled(Run, {key: value for key, value in values.items() if key in top}, (), places)
    sections: dict[str, Any] = {
        name: filled(kind, values[name], (name,), places) for name, kind in kinds.items() if values.get(name) is not None
    }
    return Config(run, sections, places)


def filled(kind: type[Filled], values: Any, path: Path_, places: Mapping[Path_, str]) -> Filled:
    """A dataclass with these values. Raises UnknownName for a key it lacks, BadInput for a value of the wrong type."""
    import pydantic

    for at, key, known in _unknown(kind, values, path):
        raise UnknownName(f"key of {_said(at, places, (*at, key))}", key, known)
    try:
        found: Filled = pydantic.TypeAdapter(kind).validate_python({} if values is None else values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        at = (*path, *(str(part) for part in first["loc"]))
        raise BadInput(f"{_said(at, places, at)}: {first['msg'].lower()}, not {first['input']!r}") from error
    return found


def digest(section: Any) -> str:
    """What tells one filled section from another."""
    return digest_of([json.dumps(_plain(section), sort_keys=True)])


def _plain(section: Any) -> Any:
    return json.loads(json.dumps(dataclasses.asdict(section), default=str))


def _found(recipe: str) -> Path:
    if recipe in recipes():
        return recipes()[recipe]
    path = Path(recipe)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path
    raise UnknownName("recipe (or no such .yaml file)", recipe, recipes())


def _read(path: Path, below: tuple[Path, ...]) -> tuple[dict[str, Any], dict[Path_, str]]:
    """A file's values over those of the recipe it extends, and the file each key comes from."""
    if path.resolve() in below:
        raise BadInput(f"{path.name} extends itself, by way of {', '.join(each.name for each in below)}: break the circle")
    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"the recipe {path} can't be read: {' '.join(str(error).split())}") from error
    if not isinstance(own, dict):
        raise BadInput(f"the recipe {path} must hold keys and values, not {type(own).__name__}")
    base = own.pop("extends", None)
    values: dict[str, Any] = {}
    places: dict[Path_, str] = {}
    if base is not None:
        beside = path.parent / str(base)
        values, places = _read(beside if beside.is_file() else _found(str(base)), (*below, path.resolve()))
    _merge(values, own)
    places.update(dict.fromkeys(_paths(own, ()), path.name))
    return values, places


def _merge(values: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            _merge(values[key], value)
        else:
            values[key] = copy.deepcopy(value)


def _paths(values: Mapping[Any, Any], above: Path_) -> Iterator[Path_]:
    for key, value in values.items():
        yield (*above, str(key))
        if isinstance(value, Mapping):
            yield from _paths(value, (*above, str(key)))


def _set(values: dict[str, Any], places: dict[Path_, str], change: str) -> None:
    """One change of the command line, its value read as YAML."""
    name, equals, text = change.partition("=")
    path = tuple(name.strip().split("."))
    if not equals or not all(path):
        raise UsageError(f"{change!r} is no change of the recipe: write stage.key=value, for example knowledge-sft.epochs=2")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"the value in {change!r} is no YAML: quote it") from error
    nested: dict[str, Any] = {path[-1]: value}
    for part in reversed(path[:-1]):
        nested = {part: nested}
    _merge(values, nested)
    places.update(dict.fromkeys(_paths(nested, ()), COMMAND_LINE))


def _unknown(kind: type, values: Any, path: Path_) -> Iterator[tuple[Path_, str, list[str]]]:
    """(where, key, the keys known there) of every key that a dataclass, or one within it, lacks."""
    if not isinstance(values, Mapping):
        return
    hints = typing.get_type_hints(kind)
    for key, value in values.items():
        if key not in hints:
            yield path, str(key), list(hints)
        for inner in _dataclasses(hints.get(key)):
            yield from _unknown(inner, value, (*path, str(key)))


def _dataclasses(hint: Any) -> Iterator[type]:
    """The dataclass that a field may hold."""
    options = typing.get_args(hint) if typing.get_origin(hint) in (types.UnionType, typing.Union) else (hint,)
    yield from (each for each in options if isinstance(each, type) and dataclasses.is_dataclass(each))


def _said(at: Path_, places: Mapping[Path_, str], path: Path_) -> str:
    """ "knowledge-sft.trl (tiny.yaml)": where in the recipe, and the file that says the key, or the nearest one above it."""
    file = next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), "the recipe")
    return f"{'.'.join(at) or 'the top level'} ({file})"
