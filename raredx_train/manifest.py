"""What a finished stage says of itself, and how one that was begun is told from one that must begin anew."""

from __future__ import annotations

import contextlib
import datetime
import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from raredx_bench.compiled import file_digest
from raredx_bench.domain import UsageError
from raredx_train.checkpoints import full_disk, no_space

MANIFEST, BEGUN = "manifest.json", "begun.json"


@dataclass(frozen=True)
class Manifest:
    """A finished stage. key: stands for all that went in; inputs, outputs: file -> SHA-256; figures: what the stage counted.

    begun: when it was started, once for every time it was. seconds (by the clock), cpu_seconds (of this process) and peak_memory
    (MiB, of this process; a GPU's is among the figures) are of the last of these. revision: of the git checkout, None: it is none.
    """

    stage: str
    key: str
    config: Mapping[str, Any]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    seed: int
    figures: Mapping[str, Any]
    begun: tuple[str, ...]
    finished: str
    seconds: float
    cpu_seconds: float
    peak_memory: float
    revision: str | None
    raredx: str


def read(folder: Path) -> Manifest | None:
    """A stage's manifest; None when there is none or it is damaged."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def done(folder: Path, key: str) -> Manifest | None:
    """The manifest of a stage that need not run again: the same key, every output still what it was. None: it must run."""
    found = read(folder)
    if found is None or found.key != key:
        return None
    same = all((folder / name).is_file() and file_digest(folder / name) == digest for name, digest in found.outputs.items())
    return found if same else None


def begin(folder: Path, key: str) -> tuple[tuple[str, ...], Path | None]:
    """(when the stage was begun, this time last; where an older one with another key was moved to, None: there was none).

    Raises UsageError when the folder can't be written.
    """
    noted: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        noted = json.loads((folder / BEGUN).read_text(encoding="utf-8"))
    moved = None
    try:
        if folder.is_dir() and noted.get("key") != key and any(folder.iterdir()):
            moved = _spare(folder, str(noted.get("key", "unknown"))[:8])
            folder.rename(moved)
            noted = {}
        times = (*noted.get("begun", ()), now())
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BEGUN).write_text(json.dumps({"key": key, "begun": times}), encoding="utf-8")
        (folder / MANIFEST).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} can't be written ({error.strerror}): name another folder with --output") from error
    return times, moved


def finish(folder: Path, manifest: Manifest) -> None:
    """Write the manifest; from now on the stage is done."""
    partial = folder / f"{MANIFEST}.part"
    try:
        partial.write_text(json.dumps(asdict(manifest), indent=1, ensure_ascii=False), encoding="utf-8")
        partial.replace(folder / MANIFEST)
    except OSError as error:
        if not full_disk(error):
            raise
        raise no_space(folder) from error


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of files of a folder and of what its folders hold, those that are there."""
    paths = [
        path for name in names for path in ([folder / name] if (folder / name).is_file() else sorted((folder / name).rglob("*")))
    ]
    return {str(path.relative_to(folder)): file_digest(path) for path in paths if path.is_file()}


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def reset_peak() -> None:
    """Begin to measure the process's peak of memory anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak() -> float:
    """The process's peak of memory in MiB, since reset_peak on Linux, else since it began."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def revision() -> str | None:
    """The git revision of this package's checkout, with a + when files differ from it; None when it is no checkout."""
    here = str(Path(__file__).parent)
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        commit = subprocess.run(["git", "-C", here, "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10)
        changed = subprocess.run(
            ["git", "-C", here, "status", "--porcelain", "."], capture_output=True, text=True, check=True, timeout=10
        )
        return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")
    return None


def _spare(folder: Path, key: str) -> Path:
    """A name beside a folder that nothing has yet."""
    names = [folder.with_name(f"{folder.name}@{key}{f'.{number}' if number else ''}") for number in range(1000)]
    return next(name for name in names if not name.exists())
