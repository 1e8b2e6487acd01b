"""The HTTP path against a real server in a process of its own: transformers serve, with a tiny model of random weights."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from benchmarks.servers import serving
from benchmarks.tiny import tiny_model
from raredx_bench import harness
from raredx_bench.benchmarks import load_cases
from raredx_bench.report import RunReport
from tests.conftest import NOWHERE

SERVE = Path(sys.executable).with_name("transformers")
TOKENS = "max_gen_toks=12"

pytestmark = pytest.mark.skipif(
    not SERVE.is_file() or importlib.util.find_spec("fastapi") is None, reason="transformers serve is not installed"
)


def texts(report: RunReport) -> list[str]:
    """The answers, special tokens and white space at the ends aside, which the server leaves in and strips."""
    from raredx_bench.answers import AnswerStore

    assert report.folder is not None
    kept = AnswerStore(report.folder / "answers").texts("raredx_sim")
    return [text.replace("<|im_start|>", "").replace("<|im_end|>", "").strip() for _, text in sorted(kept.items())]


def test_a_server_answers_as_the_model_does_in_this_process(tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "tiny", [case.presentation for case in load_cases("raredx_sim", NOWHERE, sim_n=40)])
    options = {"metadata": {"sim_n": 4}, "gen_kwargs": TOKENS, "output": tmp_path / "out"}
    here = harness.run(f"hf:{model}", ["raredx_sim"], model_args={"dtype": "float32", "device": "cpu"}, **options)  # type: ignore[arg-type]
    with serving("transformers serve", str(SERVE), model, tmp_path / "log") as server:
        address = f"{server.url.removesuffix('/chat/completions')}#{model}"
        there = harness.run(address, ["raredx_sim"], model_args={"num_concurrent": 2}, **options)  # type: ignore[arg-type]
    assert texts(there) == texts(here)
    assert len(set(texts(here))) > 1
    assert there.model["card"]["chat"]["on"]
    assert there.cost["completion_tokens"] > 0
    assert there.benchmarks["raredx_sim"].failures["cut"]
