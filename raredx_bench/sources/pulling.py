"""A source -> its files in the data directory: whole, with the right checksum, or not at all.

Each file is brought to a workshop folder by pooch, checked there, pinned in the manifest and moved to its place in one step, under
a lock of its own: whatever is killed or fails, no half or wrong file ever lies under a good name.
"""

from __future__ import annotations

import errno
import logging
import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pooch

from raredx_bench.domain import BadInput, DataMissing, UsageError
from raredx_bench.sources.manifest import FIRST_USE, REGISTRY, WORKSHOP, Pin, demand, locked, now, read_pins, write_pin
from raredx_bench.sources.places import how_to_get, pull_command
from raredx_bench.sources.registry import Remote, Source
from raredx_bench.sources.transfer import Copy, Listener, Transfer

OFFLINE = ("RAREDX_OFFLINE", "HF_HUB_OFFLINE")
pooch.get_logger().setLevel(logging.WARNING)

Watch = Callable[[Path], Listener]  # called when a file starts; what it gives hears of the bytes


def unwatched(place: Path) -> Listener:
    """A listener that does nothing."""
    return lambda done, total: None


@dataclass(frozen=True, slots=True)
class Request:
    """How to pull. version: another than the source's own; mirror: folder or URL that stands in for the official places;
    repin: take what comes, whatever was pinned before."""

    root: Path
    version: str | None = None
    mirror: str | None = field(default_factory=lambda: os.environ.get("RAREDX_MIRROR") or None)
    repin: bool = False
    watch: Watch = unwatched

    @property
    def local_mirror(self) -> bool:
        """Whether the mirror is a folder."""
        return self.mirror is not None and "://" not in self.mirror


@dataclass(frozen=True, slots=True)
class Pulled:
    """One file of a source that is in its place. fresh: whether this pull brought it."""

    path: Path
    pin: Pin
    fresh: bool


def offline() -> str | None:
    """The variable that forbids the network; None when none does."""
    return next((name for name in OFFLINE if os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")), None)


def pull(source: Source, request: Request) -> list[Pulled]:
    """All files of a source, brought where they are missing or changed.

    Raises UsageError for terms that were not accepted, a version that can't be chosen, a disk that can't be written; DataMissing
    for what can't be had; BadInput for a file whose checksum is not the pinned one.
    """
    root = request.root
    if request.version and not source.versioned:
        raise UsageError(f"{source.name} has no versions to choose from: leave out --version")
    if source.access and request.mirror is None and not all((root / remote.place).is_file() for remote in source.files):
        places = ", ".join(remote.place for remote in source.files)
        raise DataMissing(f"{source.title} can't be pulled: {source.access} ({source.url}), and put it into {root} as {places}")
    demand(source, root, pull_command(source, root))
    return [_pull_file(source, remote, request) for remote in source.files]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one file must be. version: None when nobody knows; expected: its SHA-256, None for any; pinned: what fixes that."""

    version: str | None
    expected: str | None
    pinned: str


def _pull_file(source: Source, remote: Remote, request: Request) -> Pulled:
    with told(request.root), locked(request.root, _key(remote)):
        pin = read_pins(request.root).get(remote.place)
        plan = _planned(source, remote, pin, request)
        return _kept(source, remote, pin, request, plan) or _brought(source, remote, request, plan)


def _planned(source: Source, remote: Remote, pin: Pin | None, request: Request) -> _Plan:
    found = pin is not None and pin.url is None and not request.repin  # it was put there by hand: no version is known
    version = request.version or (pin.version if pin else None) or (None if found else source.version)
    if remote.sha256 and version == source.version:
        return _Plan(version, remote.sha256, REGISTRY)
    if pin and pin.version == version and not request.repin:
        return _Plan(version, pin.sha256, pin.pinned)
    return _Plan(version, None, FIRST_USE)


def _kept(source: Source, remote: Remote, pin: Pin | None, request: Request, plan: _Plan) -> Pulled | None:
    """The file that is there already, if it may stay: a pinned one with the right checksum, or one that nobody pulled,
    which is pinned as it is; None when it must be brought."""
    place = request.root / remote.place
    if not place.is_file() or (request.repin and plan.pinned == FIRST_USE):
        return None
    digest = pooch.file_hash(str(place))
    if pin is not None or digest == plan.expected:
        if digest != plan.expected:
            return None
        pin = pin or Pin(source.name, None, plan.version, digest, place.stat().st_size, now(), plan.pinned)
    elif request.version or request.repin:
        return None
    else:
        pin = Pin(source.name, None, None, digest, place.stat().st_size, now(), FIRST_USE)
    if read_pins(request.root).get(remote.place) != pin:
        write_pin(request.root, remote.place, pin)
    return Pulled(place, pin, fresh=False)


def _brought(source: Source, remote: Remote, request: Request, plan: _Plan) -> Pulled:
    """Download to the workshop, check, pin, move."""
    place = request.root / remote.place
    url = _address(source, remote, request, plan.version or source.version)
    folder = request.root / WORKSHOP / _key(remote)
    staged = _downloaded(url, folder, place, request, plan.expected)
    digest = pooch.file_hash(str(staged))
    if plan.expected not in (None, digest):
        shutil.rmtree(folder)
        raise BadInput(_mismatch(source, url, str(plan.expected), digest, plan.pinned, request))
    pin = Pin(source.name, url, plan.version, digest, staged.stat().st_size, now(), plan.pinned)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_pin(request.root, remote.place, pin)
    staged.replace(place)
    shutil.rmtree(folder)
    return Pulled(place, pin, fresh=True)


def _downloaded(url: str, folder: Path, place: Path, request: Request, expected: str | None) -> Path:
    """The whole file in the workshop. What a killed pull left there is used or removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("tmp*"):  # pooch's own; the part and its note are kept
        left.unlink()
    staged = folder / place.name
    if staged.is_file() and pooch.file_hash(str(staged)) != expected:
        staged.unlink()
    heard = request.watch(place)
    downloader = Copy(heard) if request.local_mirror else Transfer(folder / f"{place.name}.part", heard)
    return Path(pooch.retrieve(url, None, fname=place.name, path=folder, downloader=downloader))


def _key(remote: Remote) -> str:
    """A file's name in the workshop."""
    return remote.place.replace("/", "__")


def _address(source: Source, remote: Remote, request: Request, version: str | None) -> str:
    """Where the file is taken from. Raises DataMissing when it is out of reach."""
    switch = offline()
    if switch and not request.local_mirror:
        raise DataMissing(f"{request.root / remote.place} is missing or changed, and {switch} forbids the network: "
                          "unset it, or name a folder with --mirror DIR")  # fmt: skip
    if request.mirror:
        base = request.mirror
        return str(Path(base).expanduser() / remote.place) if request.local_mirror else f"{base.rstrip('/')}/{quote(remote.place)}"
    url = remote.url_of(version)
    if url is None:
        raise DataMissing(f"{source.title} lacks {request.root / remote.place}: {how_to_get(source, request.root)}")
    return url


def _mismatch(source: Source, url: str, expected: str, found: str, origin: str, request: Request) -> str:
    said = f"{url} has the SHA-256 {found}, not {expected}"
    if origin == REGISTRY:
        return (
            f"{said}, which is published for {source.name} {source.version}; nothing was kept: try again, or name another --version"
        )
    again = f"{pull_command(source, request.root)} --repin"
    if request.mirror:
        again += f" --mirror {shlex.quote(request.mirror)}"
    return (f"{said} as was fixed on first use; nothing was kept: if {source.url} says that it was updated, run `{again}`, "
            "else it may be damaged")  # fmt: skip


@contextmanager
def told(root: Path) -> Iterator[None]:
    """Turn what the disk says into one sentence. Raises UsageError."""
    try:
        yield
    except OSError as error:
        elsewhere = "name another folder with --data-dir DIR"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UsageError(f"the disk of {root} is full: make room (what came is kept), or {elsewhere}") from error
        raise UsageError(f"can't write {error.filename or root} ({error.strerror or error}): {elsewhere}") from error
