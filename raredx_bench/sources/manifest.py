"""What was pulled into a data directory, with checksums, and which terms were accepted there.

manifest.json (schemas/manifest.schema.json) fixes the checksum of every pulled file: a published one, or that of the first pull.
licences.json holds the date on which terms were accepted. Both are rewritten whole, under a lock, and moved into place.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from jsonschema.exceptions import best_match

from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_bench.sources.registry import LICENCES, Source
from raredx_bench.validation import validator

WORKSHOP = ".pulling"  # folder of a data directory for parts and locks
FIRST_USE, REGISTRY = "first use", "registry"
log = logging.getLogger("raredx")


@dataclass(frozen=True, slots=True)
class Pin:
    """A pulled file. url: None when it was there already; version: None when not known; size in bytes; pulled: ISO 8601;
    pinned: REGISTRY or FIRST_USE."""

    source: str
    url: str | None
    version: str | None
    sha256: str
    size: int
    pulled: str
    pinned: str


def now() -> str:
    """This moment in UTC, to the second, ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def read_pins(root: Path) -> dict[str, Pin]:
    """Pulled files by their places under root; empty where nothing was pulled. Raises BadInput for a damaged manifest."""
    path = root / "manifest.json"
    document = _read(path)
    if document is None:
        return {}
    error = best_match(validator("manifest").iter_errors(document))
    if error is not None:
        raise BadInput(f"{path}, {error.json_path}: {error.message}; {_REMEDY}") from error
    return {place: Pin(**fields) for place, fields in document["files"].items()}


def write_pin(root: Path, place: str, pin: Pin) -> None:
    """Put one file into the manifest."""
    with locked(root, "manifest"):
        pins = {**read_pins(root), place: pin}
        files = {each: asdict(pins[each]) for each in sorted(pins)}
        write_whole(root / "manifest.json", json.dumps({"manifest": 1, "files": files}, indent=1) + "\n")


def accepted(root: Path) -> dict[str, str]:
    """Ids of the terms accepted in a data directory, with the moment. Raises BadInput for a damaged file."""
    path = root / "licences.json"
    document = _read(path)
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(each, str) for each in document.values()):
        raise BadInput(f"{path} does not map licences to dates: delete it, and accept again with --accept")
    return document


def accept(root: Path, licence: str) -> None:
    """Record that terms were accepted; an earlier date stays."""
    with locked(root, "licences"):
        found = {licence: now(), **accepted(root)}
        write_whole(root / "licences.json", json.dumps(found, indent=1, sort_keys=True) + "\n")


def demand(source: Source, root: Path, command: str) -> None:
    """Raises UsageError with the command that accepts when a source's terms ask for it and were not accepted."""
    if source.terms.ask and source.licence not in accepted(root):
        raise UsageError(
            f"{source.title} comes under terms that must be accepted once, {source.terms.name} ({source.terms.terms}): "
            f"read them, then run `{command}`"
        )


def known_licence(licence: str) -> str:
    """The id of terms, as given. Raises UnknownName for another."""
    if licence not in LICENCES:
        raise UnknownName("licence", licence, LICENCES)
    return licence


@contextmanager
def locked(root: Path, name: str) -> Iterator[None]:
    """Hold one of the data directory's locks, waiting for whoever holds it; a killed holder lets go."""
    folder = root / WORKSHOP
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("waiting for another pull that holds %s", lock.lock_file)
        lock.acquire()
    with lock:
        lock.release()  # the one taken above; the block holds its own
        yield


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is never half there, under its lock."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def _read(path: Path) -> Any:
    """The JSON of a file; None when there is no file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} can't be read ({error}); {_REMEDY}") from error


_REMEDY = "delete it, and pull again: files that are there are kept, and their checksums fixed anew"
