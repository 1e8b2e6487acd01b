"""What a data directory holds of each source, and whether it is still what was pulled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from raredx_bench.compiled import file_digest
from raredx_bench.sources.manifest import WORKSHOP, Pin, accepted, read_pins
from raredx_bench.sources.places import SOURCES, find_all
from raredx_bench.sources.registry import Source, named


class State(StrEnum):
    """How much of a source is there. PARTIAL: not all of its files, or a download that stopped; CHANGED: not as it was pulled."""

    HERE = "here"
    PARTIAL = "partial"
    MISSING = "missing"
    CHANGED = "changed"


class Finding(StrEnum):
    """What verify says of a file. UNPINNED: nobody pulled it, so there is nothing to compare with."""

    OK = "ok"
    CHANGED = "changed"
    MISSING = "missing"
    UNPINNED = "unpinned"


@dataclass(frozen=True, slots=True)
class Condition:
    """A source in a data directory. there, wanted: numbers of files; size: bytes there; version: None when not known;
    accepted: when its terms were, None where they were not or need not be."""

    source: Source
    state: State
    paths: tuple[Path, ...]
    there: int
    wanted: int
    size: int
    version: str | None
    accepted: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A file re-hashed. expected, found: SHA-256; None where there is none."""

    place: str
    finding: Finding
    expected: str | None
    found: str | None


def condition_of(source: Source, root: Path) -> Condition:
    """What root holds of a source; a file is hashed only when its size or time changed since the last look."""
    pins = read_pins(root)
    places = [root / remote.place for remote in source.files]
    present = [path for path in places if path.is_file()]
    paths = tuple(sorted({*find_all(source.name, root), *present}))
    versions = {pins[remote.place].version for remote in source.files if remote.place in pins and (root / remote.place).is_file()}
    return Condition(
        source, _state(source, root, paths, present, pins), paths, len(present) or len(paths), len(places),
        sum(path.stat().st_size for path in paths), versions.pop() if len(versions) == 1 else None,
        accepted(root).get(source.licence),
    )  # fmt: skip


def _state(source: Source, root: Path, paths: Sequence[Path], present: Sequence[Path], pins: dict[str, Pin]) -> State:
    if any(place in pins and not _as_pinned(root / place, pins[place]) for place in _places(source, root)):
        return State.CHANGED
    begun = any((root / WORKSHOP / remote.place.replace("/", "__")).is_dir() for remote in source.files)
    if present:
        return State.HERE if len(present) == len(source.files) else State.PARTIAL
    if paths:
        return State.HERE
    return State.PARTIAL if begun else State.MISSING


def _as_pinned(path: Path, pin: Pin) -> bool:
    return path.stat().st_size == pin.size and file_digest(path) == pin.sha256


def _places(source: Source, root: Path) -> list[str]:
    return [remote.place for remote in source.files if (root / remote.place).is_file()]


def verify(root: Path, names: Sequence[str] = ()) -> Iterator[Checked]:
    """Every file of the named sources (default: all that was pulled or lies there), hashed anew.

    Raises UnknownName, or BadInput for a damaged manifest.
    """
    pins = read_pins(root)
    chosen = [named(name, SOURCES) for name in names] or list(SOURCES.values())
    seen: set[str] = set()
    for source in chosen:
        pulled = [remote.place for remote in source.files if remote.place in pins]
        lying = [str(path.relative_to(root)) for path in find_all(source.name, root)]
        missing = [remote.place for remote in source.files if names and not (pulled or lying)]
        for place in dict.fromkeys((*pulled, *lying, *missing)):
            if place not in seen:
                seen.add(place)
                yield _checked(root, place, pins.get(place))


def _checked(root: Path, place: str, pin: Pin | None) -> Checked:
    path = root / place
    expected = pin.sha256 if pin else None
    if not path.is_file():
        return Checked(place, Finding.MISSING, expected, None)
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if expected is None:
        return Checked(place, Finding.UNPINNED, None, found)
    return Checked(place, Finding.OK if found == expected else Finding.CHANGED, expected, found)
