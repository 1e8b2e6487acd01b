"""Servers of a local model behind OpenAI's interface, each started as a process of its own and stopped at the end."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMANDS = {  # vllm by its module: its CPU build is a distribution of another name, and the command asks for its own
    "transformers serve": "{program} serve {model} --host 127.0.0.1 --port {port} --dtype {dtype} --device cpu",
    "vllm": "{program} -m vllm.entrypoints.openai.api_server --model {model} --host 127.0.0.1 --port {port} --dtype {dtype} "
    "--max-model-len 4096 --enforce-eager",
}
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True)
class Running:
    """A server that answers. url: of its chat completions; seconds: from its start to its first healthy answer."""

    url: str
    seconds: float


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(kind: str, program: str, model: Path, log: Path, *, dtype: str = "float32", wait: float = 300,
            environment: Mapping[str, str] | None = None) -> Iterator[Running]:  # fmt: skip
    """A running server of COMMANDS' kind. program: path of its command; its output goes to the log.

    Raises RuntimeError with the end of the log when it stops, or does not answer within `wait` seconds.
    """
    port, start = free_port(), time.perf_counter()
    words = shlex.split(COMMANDS[kind].format(program=shlex.quote(program), model=shlex.quote(str(model)), port=port, dtype=dtype))
    with log.open("wb") as handle:
        process = subprocess.Popen(words, stdout=handle, stderr=subprocess.STDOUT, start_new_session=True,
                                   env={**os.environ, **ENVIRONMENT, **(environment or {})})  # fmt: skip
        try:
            while not _healthy(port):
                if process.poll() is not None or time.perf_counter() - start > wait:
                    raise RuntimeError(f"{kind} does not answer:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.2)
            yield Running(f"http://127.0.0.1:{port}/v1/chat/completions", time.perf_counter() - start)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
