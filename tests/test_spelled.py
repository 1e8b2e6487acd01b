"""Short forms of models: a table of what they mean, and a server that is asked what it serves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.domain import UnknownName, UsageError
from raredx_bench.models import PredictionsLM, build_model
from raredx_bench.models.spelled import resolved, spelled

LOCAL = "local-chat-completions"


@pytest.mark.parametrize(
    ("model", "given", "kind", "args"),
    [
        ("openai:gpt-4o", None, "openai-chat-completions", {"model": "gpt-4o"}),
        ("anthropic:claude-x", {}, "anthropic-chat", {"model": "claude-x"}),
        ("vllm:/models/a", "dtype=auto,max_model_len=4096", "vllm",
         {"pretrained": "/models/a", "dtype": "auto", "max_model_len": 4096}),
        ("hf:ORG/MODEL", {"pretrained": "ORG/OTHER"}, "hf", {"pretrained": "ORG/OTHER"}),
        ("http://localhost:8000/v1#Qwen/Qwen3-8B", None, LOCAL,
         {"base_url": "http://localhost:8000/v1/chat/completions", "model": "Qwen/Qwen3-8B"}),
        ("https://h.org/api/v2/", None, LOCAL, {"base_url": "https://h.org/api/v2/chat/completions"}),
        ("http://h:1", "model=a", LOCAL, {"base_url": "http://h:1/v1/chat/completions", "model": "a"}),
        ("http://h/v1/chat/completions", None, LOCAL, {"base_url": "http://h/v1/chat/completions"}),
        ("HTTP://h/v1#a:b", "num_concurrent=4", LOCAL,
         {"base_url": "http://h/v1/chat/completions", "model": "a:b", "num_concurrent": 4}),
        ("predictions:runs/a=b, c.jsonl", None, "predictions", {"path": "runs/a=b, c.jsonl"}),
        ("phenopacket-ranker:DIR", "format=lirical,strict=False", "phenopacket-ranker",
         {"path": "DIR", "format": "lirical", "strict": False}),
        ("phenotype", "evidence=e", "phenotype", "evidence=e"),
        ("hf", {"pretrained": "a"}, "hf", {"pretrained": "a"}),
        ("openai-chat-completions", None, "openai-chat-completions", None),
        ("local-completions", None, "local-completions", None),
        ("whatever", None, "whatever", None),
    ],
)  # fmt: skip
def test_a_short_form_is_a_type_with_arguments(model: str, given: Any, kind: str, args: Any) -> None:
    assert spelled(model, given) == (kind, args)


@pytest.mark.parametrize(
    ("model", "error", "said"),
    [
        ("vlm:x", UnknownName, "unknown short form of a model 'vlm': did you mean vllm"),
        ("OpenAI:x", UnknownName, "did you mean openai"),
        ("hf:", UsageError, "'hf:' names no pretrained: write hf:PRETRAINED"),
        ("predictions: ", UsageError, "names no path"),
        ("http:localhost", UsageError, "is no address: write http://HOST:PORT/v1"),
    ],
)
def test_a_form_that_is_none_gets_the_nearest(model: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        spelled(model)


Served = Callable[[Any], str]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Starts a server that says what it serves, only to who has the key; gives its address."""
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    started = []

    def start(document: Any) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.path == "/v1/models" and self.headers["Authorization"] == "Bearer k"
                self.send_response(200 if known else 404)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the test's output is its own."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        started.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_the_only_model_of_a_server_is_taken(serving: Served) -> None:
    address = serving({"data": [{"id": "ORG/MODEL"}]})
    assert resolved(address, "num_concurrent=2").args == {
        "base_url": f"{address}/chat/completions", "num_concurrent": 2, "model": "ORG/MODEL",
    }  # fmt: skip
    assert resolved(f"{address}#other") == spelled(f"{address}#other")
    assert resolved("phenotype", "evidence=e") == spelled("phenotype", "evidence=e")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, "serves 2 models: a, b: name one as …#NAME"),
        ({"data": []}, "serves 0 models: name one"),
        ({"error": "x"}, "doesn't say which models it serves"),
        ([], "doesn't say which models it serves"),
    ],
)
def test_several_models_or_none_are_said(serving: Served, document: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        resolved(serving(document))


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:9/v1/models doesn't say which models it serves"):
        build_model("http://127.0.0.1:9/v1")


def test_a_short_form_builds_the_model(tmp_path: Path) -> None:
    lm = build_model(f"predictions:{tmp_path / 'a.jsonl'}", {"strict": False})
    assert isinstance(lm, PredictionsLM)
    assert (lm.path, lm.strict) == (tmp_path / "a.jsonl", False)
