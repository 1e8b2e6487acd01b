"""Compile once, load in a blink: a folder of JSON and memory-mapped arrays, keyed by the digests of what it was made from.

Processes that load the same folder share its arrays' memory.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

Arrays = dict[str, np.ndarray]
Parts = tuple[Any, Arrays]  # JSON-able part, named arrays
DOCUMENT = "document.json"


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
    folder = cache_dir() / f"{kind}-{key[:16]}"
    with contextlib.suppress(OSError, ValueError, EOFError), uncollected():
        document = json.loads((folder / DOCUMENT).read_bytes())
        return document["document"], {each: _mapped(folder / f"{each}.npy") for each in document["arrays"]}
    shutil.rmtree(folder, ignore_errors=True)  # it is whole or damaged: a folder appears at once, by being renamed
    document, arrays = build()
    with contextlib.suppress(OSError):
        _store(folder, document, arrays)
    return json.loads(json.dumps(document)), arrays  # the same types as a later load gives


def _mapped(path: Path) -> np.ndarray:
    """A read-only array, its pages read when they are used; a plain one, for a memmap's slices cost more."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


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


def _store(folder: Path, document: Any, arrays: Arrays) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".tmp"))
    try:
        for name, array in arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
        text = json.dumps({"document": document, "arrays": list(arrays)}, ensure_ascii=False, separators=(",", ":"))
        (temporary / DOCUMENT).write_text(text, encoding="utf-8")
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
