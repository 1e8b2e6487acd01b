"""A chat endpoint whose faults are planned: a real HTTP server in a thread, for what goes wrong between machines."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.endpoint import completion

Answer = Callable[[Sequence[Mapping[str, str]]], str]  # of a request's messages


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a question, the first `times` times it is asked; then it is answered.

    kind: "429", "500", … (a status), "hang", "cut", "malformed", "empty", "two", "none", "slow" (answered, but late) or "fine".
    """

    kind: str = "fine"
    times: int = 0
    headers: tuple[tuple[str, str], ...] = ()


class Faulty(ThreadingHTTPServer):
    """Answers by a function of the last message, "answer to PROMPT" where none is given; asked counts each prompt."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, plan: Mapping[str, Fault], delay: float, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.delay, self.answer = plan, delay, answer
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients that give up are part of the tests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/chat/completions"


class Handler(BaseHTTPRequestHandler):
    server: Faulty
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        messages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"]
        prompt = messages[-1]["content"]
        with self.server.lock:
            self.server.asked[prompt] += 1
            fault = self.server.plan.get(prompt, Fault())
            kind = fault.kind if self.server.asked[prompt] <= fault.times else "fine"
        answer = completion(self.server.answer(messages))
        if kind == "hang":
            self.server.over.wait(30)
            self.close_connection = True
            return
        if kind == "slow":
            self.server.over.wait(self.server.delay)
        if kind == "empty":
            answer["choices"][0].update(finish_reason=None, message={"role": "assistant", "content": None})
        if kind == "two":
            answer["choices"] *= 2
        if kind == "none":
            answer["choices"] = []
        raw = b'{"choices": [{"ind' if kind == "malformed" else json.dumps(answer).encode()
        self.send_response(int(kind) if kind.isdigit() else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw) * (2 if kind == "cut" else 1)))
        for name, value in fault.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
        self.close_connection = self.close_connection or kind == "cut"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test's output is its own."""


@contextmanager
def faulty(
    plan: Mapping[str, Fault], delay: float = 0.1, answer: Answer = lambda messages: f"answer to {messages[-1]['content']}"
) -> Iterator[Faulty]:  # fmt: skip
    """The server, running; it ends with the block, and so do its hanging requests. delay: seconds, of "slow"."""
    server = Faulty(plan, delay, answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
