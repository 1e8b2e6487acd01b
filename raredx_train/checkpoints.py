"""Checkpoints that can be trusted: each is listed with its files' digests when it is whole, and checked before it is used."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from pathlib import Path

from raredx_bench.domain import UsageError

LISTING = "files.json"  # file -> [bytes, digest]; written last, so a checkpoint that broke off has none
_LARGEST = 1 << 30  # bytes of a file that is digested; of larger ones the size is compared
_LOG = logging.getLogger("raredx.train")
_FULL = ("no space left", "file too large", "disk quota", "pytorchstreamwriter", "enforce fail at inline_container")


def listed(folder: Path) -> None:
    """Write down what a finished checkpoint consists of."""
    files = {str(path.relative_to(folder)): _state(path) for path in sorted(folder.rglob("*")) if _counts(path)}
    (folder / LISTING).write_text(json.dumps(files, indent=1), encoding="utf-8")


def fault(folder: Path) -> str | None:
    """What is wrong with a checkpoint; None for a sound one."""
    try:
        files = json.loads((folder / LISTING).read_text(encoding="utf-8"))
        wrong = [name for name, state in files.items() if not (folder / name).is_file() or _state(folder / name) != state]
    except (OSError, ValueError, AttributeError):
        return "it was not finished"
    return f"{wrong[0]} is damaged" if wrong else None


def newest_sound(folder: Path) -> tuple[Path | None, dict[str, str]]:
    """(the newest checkpoint that can be used or None, what is wrong with each newer one by its name)."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    faults: dict[str, str] = {}
    for path in found:
        wrong = fault(path)
        if wrong is None:
            return path, faults
        faults[path.name] = wrong
    return None, faults


def usable(folder: Path, *, remove: bool) -> Path | None:
    """The newest checkpoint that a stage can go on from; what is wrong with newer ones is logged. remove: they are deleted."""
    checkpoint, faults = newest_sound(folder)
    for name, wrong in faults.items():
        _LOG.warning(f"{folder.parent.name}: {name} can't be used: {wrong}")
        if remove:
            shutil.rmtree(folder / name, ignore_errors=True)
    if faults or checkpoint:
        _LOG.warning(f"{folder.parent.name}: goes on from {checkpoint.name if checkpoint else 'the beginning'}")
    return checkpoint


def check_space(folder: Path, needed: int, free: int | None = None) -> None:
    """Raise UsageError when a stage's files would not fit. needed, free: bytes; free None: as the disk says."""
    free = shutil.disk_usage(folder).free if free is None else free
    if free < needed:
        raise UsageError(f"{folder} has {free / 2**30:.1f} GiB free and the stage writes about {needed / 2**30:.1f}: free some, or "
                         "name another folder with --output")  # fmt: skip


def no_space(folder: Path) -> UsageError:
    """What to say of a full disk."""
    return UsageError(f"no space is left for {folder}: free some, and the same command goes on from where it was")


def full_disk(error: BaseException) -> bool:
    """True when an error says that a file could not be written for want of space."""
    return any(sign in str(error).lower() for sign in _FULL)


def _counts(path: Path) -> bool:
    """Files of the checkpoint but its listing; random states of other processes may still be on their way."""
    return path.is_file() and path.name != LISTING and not path.name.startswith("rng_state_")


def _state(path: Path) -> list[int | str | None]:
    size = path.stat().st_size
    if size > _LARGEST:
        return [size, None]
    with path.open("rb") as handle:
        return [size, hashlib.file_digest(handle, "blake2b").hexdigest()[:32]]
