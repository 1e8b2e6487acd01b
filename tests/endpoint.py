"""An OpenAI-compatible endpoint: a real HTTP server in a thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAST = {"retry-after-ms": "1"}  # the client's own way to be told how long to wait


def completion(text: str | None, finish: str = "stop", usage: bool = True) -> dict[str, Any]:
    found = {
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
    }  # fmt: skip
    return {**found, "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}} if usage else found


class Server(ThreadingHTTPServer):
    """An endpoint that answers by a function of (prompt, number of the request): a text, (status, body), or None to hang up."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str, int], Any]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients that give up or are killed are part of the tests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def prompts(self) -> list[str]:
        return [each["messages"][0]["content"] for each in self.requests]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.requests.append(body)
            self.server.keys.add(self.headers["Authorization"])
            number = len(self.server.requests)
        said = self.server.answer(body["messages"][0]["content"] if "messages" in body else body["prompt"], number)
        if said is None:  # hang up in the middle of a reply
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"id":')
            self.close_connection = True
            return
        status, content = said if isinstance(said, tuple) else (200, completion(said))
        raw = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if raw.startswith(b"<") else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in FAST.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test's output is its own."""


Serve = Callable[[Callable[[str, int], Any]], Server]
