"""Runs of several rounds, with examples, in parts, estimated before they are sent, and unfinished ones."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from raredx_bench import harness
from raredx_bench.cli import app
from raredx_bench.domain import BadInput, RunIncomplete, UsageError
from raredx_bench.harness.shards import merge
from raredx_bench.progress import Live
from raredx_bench.prompts import FIRST, WORDINGS
from raredx_bench.report import read_report
from raredx_bench.tasks import task_path
from tests.endpoint import Serve, completion

Asked = list[str]


def marfan(prompt: str) -> str:
    return "1. Marfan syndrome\n2. Fabry disease"


def heard(into: Asked, answer: Callable[[str], str] = marfan) -> Callable[[str], str]:
    def model(prompt: str) -> str:
        into.append(prompt)
        return answer(prompt)

    return model


def test_the_first_wording_is_the_task_files_own() -> None:
    text = (task_path() / "_template_yaml").read_text(encoding="utf-8").replace("!function ", "")
    assert yaml.safe_load(text)["doc_to_text"] == FIRST
    assert len(set(WORDINGS)) == 3


def test_wordings_are_asked_one_after_the_other(tmp_path: Path) -> None:
    prompts: Asked = []
    report = harness.run(heard(prompts), ["raredx_sim"], metadata={"sim_n": 4}, prompts=3, output=tmp_path)
    assert len(prompts) == len(set(prompts)) == 12
    part = report.benchmarks["raredx_sim"]
    assert part.repeats["runs"] == 3
    assert "|prompts:3|" in part.signature
    assert part.repeats["spread"]["recall@1"] == 0  # the same answer to all of them
    assert read_report(report.folder or tmp_path).benchmarks["raredx_sim"].repeats == part.repeats


def test_repeats_have_means_spread_and_agreement(tmp_path: Path) -> None:
    rng = random.Random(3)

    def moody(prompt: str) -> str:
        return "1. Marfan syndrome" if rng.random() < 0.5 else "1. Fabry disease"

    rows = [{"id": f"p{n}", "observed": ["HP:0001166"], "answers": ["OMIM:154700"]} for n in range(40)]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = harness.run(moody, ["custom"], metadata={"cases": str(path)}, repeats=3, output=tmp_path / "out")
    part = report.benchmarks["custom"]
    runs = [part.verdicts, *part.rounds]
    means = [sum(each.rank("exact") == 1 for each in run) / 40 for run in runs]  # type: ignore[arg-type]
    assert part.estimates["recall@1"].value == pytest.approx(sum(means) / 3)
    assert part.repeats["pass_at"]["recall@1/pass@3"]["value"] > max(means)
    assert 0 < part.repeats["same"]["hit@1"]["value"] < 1
    folder = report.folder or tmp_path
    assert {path.name for path in (folder / "verdicts").iterdir()} == {"custom.jsonl", "custom.2.jsonl", "custom.3.jsonl"}


def test_examples_come_from_train_alone(tmp_path: Path) -> None:
    prompts: Asked = []
    harness.run(heard(prompts), ["raredx_sim@test"], num_fewshot=2, output=tmp_path)
    for prompt in prompts:
        assert prompt.count("Answer with a numbered list") == 3
        assert len(re.findall(r"^1\. \S", prompt, re.MULTILINE)) == 2
    with pytest.raises(
        UsageError, match="few-shot examples come from train, which raredx_sim asks about too: name it as raredx_sim@test"
    ):
        harness.run(marfan, ["raredx_sim"], num_fewshot=2, output=tmp_path)


def test_reasoning_asks_for_it(tmp_path: Path) -> None:
    prompts: Asked = []
    report = harness.run(heard(prompts), ["raredx_sim"], metadata={"sim_n": 2}, reasoning=True, output=tmp_path)
    assert all("First think through the case" in prompt for prompt in prompts)
    assert "|prompt:reasoning|" in report.benchmarks["raredx_sim"].signature


def test_parts_of_a_run_are_put_together_to_the_same_report(tmp_path: Path) -> None:
    options: dict[str, Any] = {"metadata": {"sim_n": 31}, "output": tmp_path}
    tasks = ["raredx_sim", "raredx_vignettes@unseen@clean"]
    whole = harness.run(marfan, tasks, **options)
    parts = [harness.run(marfan, tasks, shard=f"{number}/2", **options) for number in (1, 2)]
    assert sum(part.benchmarks["raredx_sim"].n for part in parts) == 31
    merged = merge([part.folder or tmp_path for part in parts[::-1]], tmp_path / "merged")
    for name, part in whole.benchmarks.items():
        assert merged.benchmarks[name].estimates == part.estimates
        assert merged.benchmarks[name].signature == part.signature
        assert merged.benchmarks[name].verdicts == part.verdicts


def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    def part(shard: str | None, seed: int = 1) -> Path:
        report = harness.run(marfan, ["raredx_sim"], metadata={"sim_n": 4}, shard=shard, seed=seed, output=tmp_path)
        return report.folder or tmp_path

    first = part("1/2")
    with pytest.raises(BadInput, match="all 2 parts are needed, each once; there are 1/2"):
        merge([first], tmp_path)
    with pytest.raises(BadInput, match=r"is part of another run than .*: its seed is 2"):
        merge([first, part("2/2", seed=2)], tmp_path)
    with pytest.raises(BadInput, match="is no part of a run: run it with --shard"):
        merge([part(None)], tmp_path)
    with pytest.raises(UsageError, match="a shard is a part of how many, such as 1/2, not '3/2'"):
        part("3/2")
    with pytest.raises(UsageError, match="raredx_sim has fewer cases than 9 parts"):
        part("9/9")


def test_an_estimate_sends_nothing(tmp_path: Path) -> None:
    prompts: Asked = []
    with pytest.raises(harness.Estimated) as found:
        harness.run(heard(prompts), ["raredx_sim"], metadata={"sim_n": 5}, repeats=2, estimate_only=True, output=tmp_path)
    assert (found.value.forecast.requests, found.value.forecast.exact, prompts) == (10, False, [])


def test_the_command_line_estimates_and_lists_failures(tmp_path: Path) -> None:
    arguments = ["run", "--model", "phenotype", "--output", str(tmp_path), "--tasks"]
    estimated = CliRunner().invoke(app, [*arguments, "raredx_sim", "--metadata", '{"sim_n": 5}', "--estimate"])
    assert estimated.exit_code == 0, estimated.output
    assert "5 requests, about" in estimated.output
    assert "no price is known of it" in estimated.output


def test_the_state_of_a_run_is_heard_with_each_answer(tmp_path: Path) -> None:
    states: list[tuple[int, int]] = []

    def listener(live: Live) -> None:
        states.append((live.done, live.total))

    harness.run(marfan, ["raredx_sim"], metadata={"sim_n": 3}, repeats=2, listener=listener, output=tmp_path)
    assert states == [(done, 6) for done in range(7)]


def test_a_server_gives_notes_and_a_card(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-verysecret-0123456789abcdef")
    server = serve(lambda prompt, number: (200, completion("1. Marfan syndrome", finish="length" if number == 1 else "stop")))
    report = harness.run(f"{server.url}#tiny", ["raredx_sim"], metadata={"sim_n": 3}, output=tmp_path)
    assert report.cost["prompt_tokens"] == 30
    assert report.cost["completion_tokens"] == 6
    assert (report.model["card"]["id"], report.model["card"]["chat"]["on"]) == ("tiny", True)
    assert [len(ids) for ids in report.benchmarks["raredx_sim"].failures.values() if ids] == [1]
    kept = "".join(path.read_text() for path in (report.folder or tmp_path).rglob("*.json*"))
    assert "verysecret" not in kept


def test_a_request_without_an_answer_makes_the_run_incomplete_and_is_asked_again(serve: Serve, tmp_path: Path) -> None:
    broken = {"on": True}

    def answer(prompt: str, number: int) -> Any:
        bad = broken["on"] and prompt.endswith("explanations.") and "case 1" in prompt
        return (500, {"error": "broken"}) if bad else (200, completion("1. Marfan syndrome"))

    rows = [{"id": f"p{n}", "text": f"This is case {n}.", "answers": ["OMIM:154700"]} for n in range(3)]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    server = serve(answer)
    options: dict[str, Any] = {"metadata": {"cases": str(path)}, "model_args": {"max_retries": 2}, "output": tmp_path / "out"}
    with pytest.raises(RunIncomplete, match="1 requests were not answered"):
        harness.run(f"{server.url}#tiny", ["custom"], **options)
    broken["on"] = False
    before = len(server.requests)
    report = harness.run(f"{server.url}#tiny", ["custom"], **options)
    assert len(server.requests) - before == 1
    assert report.benchmarks["custom"].estimates["recall@1"].value == 1.0
