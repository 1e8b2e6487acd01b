"""Killed runs go on: SIGKILL in the middle of asking, the same request again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import raredx_bench
from benchmarks.kill_resume import Endpoint, endpoint, started, stored, written

CASES = 20


def killed_at(request: int, server: Endpoint, output: Path) -> None:
    """A process that is killed while the model works on a certain request."""
    process = started(server, "function", output)
    while len(server.asked) < request:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.wait()


def test_a_killed_run_goes_on_and_writes_what_it_would_have_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    with endpoint(CASES, 0.02) as server:

        def model(prompt: str) -> str:
            return server.answer(prompt)

        raredx_bench.run(model, "raredx_sim", metadata={"sim_n": CASES}, output=tmp_path / "whole")
        server.asked.clear()
        for number, request in enumerate((7, 15), 1):
            killed_at(request, server, tmp_path / "killed")
            assert len(stored(tmp_path / "killed")) >= request - number  # all but the one in flight
        raredx_bench.run(model, ["raredx_sim"], metadata={"sim_n": CASES}, output=tmp_path / "killed")
    assert len(server.asked) <= CASES + 2
    assert sorted(stored(tmp_path / "killed")) == sorted(set(server.asked))
    assert written(tmp_path / "killed") == written(tmp_path / "whole")
