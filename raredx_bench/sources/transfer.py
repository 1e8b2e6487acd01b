"""Bytes from a web server or a folder into one file, resumed where an earlier attempt stopped.

A Transfer is a downloader for pooch: pooch gives it a temporary file, checks the checksum and moves it into place. What has arrived
lies in a stable .part file beside it, with a note of what the server said it was (ETag or Last-Modified). The next attempt asks for
the rest on the condition that it is still the same (Range and If-Range, RFC 9110 sections 13.1.5 and 14.2); a server that ignores
this, or that has another file by now, sends the whole, and the part is begun anew. Parts of two files are never joined.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from raredx_bench.domain import DataMissing

ATTEMPTS = 6  # at a body that ends early, in a row without a new byte
RETRIES = Retry(total=5, backoff_factor=0.5, backoff_max=20, status_forcelist=(408, 429, 500, 502, 503, 504), raise_on_status=False)
TIMEOUT = (20, 60)  # seconds to connect, and between two bytes
CHUNK = 1 << 16
_MARKS = ("ETag", "Last-Modified")
_WHOLE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Listener = Callable[[int, int | None], None]  # bytes so far, bytes in all where the server says so


def silent(done: int, total: int | None) -> None:
    """Nothing: nobody listens."""


class Interrupted(Exception):
    """The body ended early; what came is kept."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Downloads url into the stable file part, then moves it to where pooch wants it. Raises DataMissing when it can't be had.

    retries: of requests that get no answer, or one that passes; pause: seconds before a second attempt at the same byte, then
    doubled.
    """

    part: Path
    heard: Listener = silent
    retries: Retry = RETRIES
    pause: float = 0.2

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Bring the whole file; the name and arguments are pooch's."""
        with requests.Session() as session:
            for prefix in ("http://", "https://"):
                session.mount(prefix, HTTPAdapter(max_retries=self.retries))
            try:
                self._persist(session, url)
            except (Interrupted, requests.RequestException) as error:
                raise DataMissing(_unreachable(url, error, self.part)) from error
        self.part.replace(output_file)
        self._note.unlink(missing_ok=True)

    def _persist(self, session: requests.Session, url: str) -> None:
        """Attempts until the file is whole, or too many bring nothing new."""
        fruitless = 0
        while True:
            before = _size(self.part)
            try:
                return self._attempt(session, url)
            except Interrupted:
                fruitless = 0 if _size(self.part) > before else fruitless + 1
                if fruitless >= ATTEMPTS:
                    raise
                time.sleep(self.pause * 2 ** (fruitless - 1) if fruitless else 0)

    @property
    def _note(self) -> Path:
        return self.part.with_name(f"{self.part.name}.json")

    def _attempt(self, session: requests.Session, url: str) -> None:
        """One request; the part grows by what comes. Raises Interrupted when that was not all."""
        have, headers = self._resume(url)
        with session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                self._forget()
                raise Interrupted("the part was no beginning of the file")
            _check(answer, url)
            start, total = _extent(answer, have)
            if start not in (0, have) or (start and not self._same(answer)):
                self._forget()
                raise Interrupted("the file has changed meanwhile")
            if start == 0:
                self._begin(answer, url)
            self._append(answer, start, total)

    def _resume(self, url: str) -> tuple[int, dict[str, str]]:
        """Bytes already here and the headers that ask for the rest; none when the part can't be told from another file's."""
        plain = {"Accept-Encoding": "identity"}  # ranges count the bytes of the file itself
        note = self._noted()
        have = _size(self.part)
        if not have or note.get("url") != url or not note.get("validator"):
            return 0, plain
        return have, {**plain, "Range": f"bytes={have}-", "If-Range": note["validator"]}

    def _noted(self) -> dict[str, str]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._note.read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
        return {}

    def _same(self, answer: requests.Response) -> bool:
        """False when a partial answer says that it belongs to another file than the part."""
        note = self._noted()
        return all(answer.headers.get(name) in (None, note.get(name)) for name in _MARKS)

    def _begin(self, answer: requests.Response, url: str) -> None:
        """Start the part anew: emptied before the note, so that a note never describes another file's bytes."""
        self.part.write_bytes(b"")
        etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        validator = (
            None if _coded(answer) else etag if etag and not etag.startswith("W/") else modified
        )  # weak ones are no condition
        marks = {name: answer.headers.get(name) for name in _MARKS}
        self._note.write_text(json.dumps({"url": url, "validator": validator, **marks}), encoding="utf-8")

    def _append(self, answer: requests.Response, start: int, total: int | None) -> None:
        done = start
        self.heard(done, total)
        with self.part.open("r+b") as handle:
            handle.seek(start)
            handle.truncate()
            for block in _blocks(answer):
                handle.write(block)
                done += len(block)
                self.heard(done, total)
        if total is not None and done != total:
            raise Interrupted(f"{done:,} of {total:,} bytes came")

    def _forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Copy:
    """A downloader for pooch that copies a file of a folder, such as a mirror. Raises DataMissing when it isn't there."""

    heard: Listener = silent

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Copy the whole file; the name and arguments are pooch's."""
        path = Path(url)
        if not path.is_file():
            raise DataMissing(f"the mirror has no {path}: it needs the layout of a data directory")
        shutil.copyfile(path, output_file)
        self.heard(path.stat().st_size, path.stat().st_size)


def _blocks(answer: requests.Response) -> Iterator[bytes]:
    """The body in blocks, as they come: read1 gives what there is before it tells of a break, where a full block would be lost.

    Raises Interrupted where the connection breaks or stalls.
    """
    try:
        while block := answer.raw.read1(CHUNK, decode_content=True):
            yield block
    except HTTPError as error:
        raise Interrupted(_cause(error)) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _extent(answer: requests.Response, have: int) -> tuple[int, int | None]:
    """Where the body starts in the file, and the file's size where the server says so."""
    if answer.status_code == requests.codes.partial_content:
        found = _WHOLE.fullmatch(answer.headers.get("Content-Range", ""))
        if found is None:
            return -1, None
        return int(found.group(1)), None if found.group(2) == "*" else int(found.group(2))
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length and length.isdecimal() and not _coded(answer) else None


def _coded(answer: requests.Response) -> bool:
    """Whether the body is not the file's own bytes, so that neither its length nor a range in it is the file's."""
    return answer.headers.get("Content-Encoding", "identity") != "identity"


def _check(answer: requests.Response, url: str) -> None:
    """Raises DataMissing for an answer that is not the file."""
    if not answer.ok:
        hint = {404: "it may have moved", 410: "it is gone", 401: "it wants a login", 403: "access is refused"}
        said = hint.get(answer.status_code, "try again later")
        raise DataMissing(f"{url} answers {answer.status_code} {answer.reason}: {said}; {_OTHERWISE}")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise DataMissing(f"{url} gives a web page, not the file: a login or a proxy may stand in between; {_OTHERWISE}")


_OTHERWISE = "`raredx-bench data list` names the source's page, and --mirror DIR|URL takes the file from elsewhere"


def _unreachable(url: str, error: Exception, part: Path) -> str:
    kept = f"; {_size(part):,} bytes are kept and the same command goes on from there" if _size(part) else ""
    cause = error.args[0] if isinstance(error, Interrupted) else _cause(error)
    return f"{url} can't be downloaded ({cause}){kept}: check the network and HTTPS_PROXY, or name a mirror with --mirror DIR|URL"


def _cause(error: BaseException) -> str:
    """The innermost reason in words, without the objects that requests prints."""
    text = str(error)
    while (inner := getattr(error, "reason", None) or (error.args[0] if error.args else None)) and isinstance(inner, BaseException):
        error, text = inner, str(inner)
    return re.sub(r"<[^>]*>:?\s*|HTTPS?Connection(Pool)?\(.*?\):?\s*", "", text).strip(" :") or type(error).__name__
