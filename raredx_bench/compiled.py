"""Compile once, load in a blink: arrays and JSON in one .npz file, keyed by the digests of what it was made from."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

Arrays = dict[str, np.ndarray]
Parts = tuple[Any, Arrays]  # JSON-able part, named arrays


def cache_dir() -> Path:
    """Folder of compiled indexes; RAREDX_CACHE overrides the user's cache directory."""
    return Path(os.environ.get("RAREDX_CACHE") or platformdirs.user_cache_dir("raredx"))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex; remembered in the cache for as long as the file's size and time stay the same."""
    state = path.stat()
    key = f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}"
    notes = cache_dir() / "digests" / f"{digest_of([key])[:32]}.txt"
    with contextlib.suppress(OSError):
        noted = notes.read_text(encoding="ascii")
        if len(noted) == 64:
            return noted
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    with contextlib.suppress(OSError):
        notes.parent.mkdir(parents=True, exist_ok=True)
        notes.write_text(found, encoding="ascii")
    return found


def digest_of(parts: Sequence[str]) -> str:
    """SHA-256 over a sequence of strings, in hex; order counts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def compiled(kind: str, key: str, build: Callable[[], Parts]) -> Parts:
    """The parts stored under kind and key, built (and stored, if the disk lets us) when absent or damaged."""
    path = cache_dir() / f"{kind}-{key[:16]}.npz"
    damaged = contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError)
    with damaged, np.load(path, allow_pickle=False) as stored, uncollected():
        arrays = {name: stored[name] for name in stored.files}
        return json.loads(arrays.pop("json").tobytes()), arrays
    document, arrays = build()
    with contextlib.suppress(OSError):
        _store(path, document, arrays)
    return json.loads(json.dumps(document)), arrays  # the same types as a later load gives


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection inside: it would walk a growing index again and again, for half of the time of a load."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _store(path: Path, document: Any, arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = np.frombuffer(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), np.uint8)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, json=text, **arrays)  # type: ignore[arg-type]
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
