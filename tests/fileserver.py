"""A web server of files that can be told to misbehave: a real HTTP server in a thread."""

from __future__ import annotations

import gzip
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Served:
    """One answer. cut: bytes of the body after which it hangs up; heeds: whether If-Range counts; pause: seconds a kilobyte;
    chunked: sent without a length; zipped: with gzip, asked or not."""

    body: bytes
    etag: str | None = '"1"'
    modified: str | None = None
    status: int = 200
    ranges: bool = True
    heeds: bool = True
    cut: int | None = None
    pause: float = 0
    kind: str = "application/octet-stream"
    location: str | None = None
    chunked: bool = False
    zipped: bool = False


Rule = Callable[[str, int], Served]  # path, number of the request for it, from 1


class FileServer(ThreadingHTTPServer):
    """Answers by a rule; asked holds the path and Range of every request."""

    daemon_threads = True

    def __init__(self, rule: Rule) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rule = rule
        self.asked: list[tuple[str, str | None]] = []
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients that give up or are killed are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.counts[self.path] += 1
            self.server.asked.append((self.path, self.headers["Range"]))
            found = self.server.rule(self.path, self.server.counts[self.path])
        start = self._start(found)
        if start > len(found.body):
            self._head(416, {"Content-Range": f"bytes */{len(found.body)}", "Content-Length": "0"})
            return
        body = gzip.compress(found.body) if found.zipped else found.body[start:]
        length = {"Transfer-Encoding": "chunked"} if found.chunked else {"Content-Length": str(len(body))}
        headers = {**length, "Content-Encoding": "gzip" if found.zipped else None, "Content-Type": found.kind, "ETag": found.etag,
                   "Last-Modified": found.modified, "Location": found.location}  # fmt: skip
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(found.body) - 1}/{len(found.body)}"
        self._head(206 if start else found.status, headers)
        self._body(body if found.cut is None else body[: found.cut], found)
        if found.chunked and found.cut is None:
            self.wfile.write(b"0\r\n\r\n")

    def _start(self, found: Served) -> int:
        """Where the body starts: 0 unless a range is asked for and granted."""
        asked, condition = self.headers["Range"], self.headers["If-Range"]
        if not asked or not found.ranges or found.status != 200:
            return 0
        if found.heeds and condition and condition not in (found.etag, found.modified):
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def _head(self, status: int, headers: dict[str, str | None]) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")  # as _body does: a client that counts on the connection would find it gone
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def _body(self, body: bytes, found: Served) -> None:
        self.close_connection = True
        for at in range(0, len(body), 1024):
            block = body[at : at + 1024]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(block), block) if found.chunked else block)
            time.sleep(found.pause)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test's output is its own."""


@contextmanager
def serving(rule: Rule) -> Iterator[FileServer]:
    """A server that runs as long as the block."""
    server = FileServer(rule)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
