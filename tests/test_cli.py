"""The command line as a person meets it: output, files, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def raredx(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run raredx-bench in a process of its own, with nothing pulled and no data named."""
    env = {**os.environ, "RAREDX_DATA": "", "XDG_DATA_HOME": str(cwd / "nothing"), "COLUMNS": "140", **environment}
    command = [sys.executable, "-c", "from raredx_bench.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env)


def test_the_main_job(tmp_path: Path) -> None:
    done = raredx("run", "--model", "phenotype", "--metadata", '{"sim_n": 20}', "--output", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for said in ("embedded default", "raredx_vignettes", "raredx_sim", "same list always", "not for clinical use"):
        assert said in done.stdout
    places = {line.split()[0]: tmp_path / line.split()[1] for line in done.stdout.splitlines()
              if line.startswith(("report ", "entry ", "page "))}  # fmt: skip
    assert set(places) == {"report", "entry", "page"}
    assert all(path.is_file() for path in places.values())
    report = json.loads(places["report"].read_text())
    assert set(report["benchmarks"]["raredx_sim"]["estimates"]) >= {"recall@1", "recall@10/broader", "mrr", "median_rank"}
    assert "raredx_vignettes" in places["page"].read_text()


def test_a_limited_run_makes_no_entry(tmp_path: Path) -> None:
    done = raredx("run", "--model", "phenotype", "--tasks", "raredx_sim", "--limit", "3", "--output", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert "saw only the first 3 cases" in done.stdout
    assert not list((tmp_path / "out").rglob("entry.json"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--model", "phenotyp"], "did you mean phenotype"),
        (["run", "--model", "phenotype", "--tasks", "rarebench_mne"], "did you mean rarebench_mme"),
        (
            ["run", "--model", "phenotype", "--tasks", "rarebench_mme"],
            "get it from https://huggingface.co/datasets/chenxz/RareBench",
        ),
        (["run", "--model", "phenotype", "--tasks", "rarebench"], "nothing to run"),
        (["run", "--model", "phenotype", "--metadata", "{"], "--metadata must be a JSON object"),
        (["run", "--model", "phenotype", "--data-dir", "nowhere"], "the data directory nowhere does not exist"),
        (
            ["run", "--model", "hf", "--model_args", "pretrained=/no/such/model"],
            "could not be built from pretrained=/no/such/model",
        ),
        (["run"], "Missing option"),
        (["match"], "give a disease name"),
        (["match", "Marfan", "--batch", "none.tsv"], "not both"),
        (["match", "--batch", "none.tsv", "--output", "none.tsv"], "is the input itself"),
        (["leaderboard", "build"], "there is no folder of entries"),
        (["match", "--batch", "none.tsv"], "none.tsv can't be read"),
        (["score", "none.jsonl", "--task", "raredx_sim"], "none.jsonl can't be read"),
        (["leaderboard", "add", "nowhere"], "nowhere can't be read"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = raredx(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_tasks_are_one_a_line_when_piped(tmp_path: Path) -> None:
    lines = raredx("tasks", cwd=tmp_path).stdout.split("\n")
    assert {"rarebench", "rarebench_mme", "phenopacket_store", "raredx_demo", "raredx_vignettes"} <= set(lines)


def test_the_path_of_the_tasks_is_a_folder_of_yaml(tmp_path: Path) -> None:
    path = Path(raredx("tasks", "--path", cwd=tmp_path).stdout.strip())
    assert (path / "rarebench_mme.yaml").is_file()


def test_match_explains_itself(tmp_path: Path) -> None:
    done = raredx("match", "Marfan's syndrome", "--answer", "ORPHA:558", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("exact")
    assert "the answer itself" in done.stdout


def test_match_reads_a_file_in_order(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("prediction\tanswer\nNoonan syndrome\tOMIM:609942\nMarfan syndrome\tORPHA:558|OMIM:1\n")
    done = raredx("match", "--batch", "pairs.tsv", "--output", "rows.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [row["relation"] for row in rows] == ["broader", "exact"]
    assert set(rows[0]) == {"prediction", "answer", "relation", "link", "why"}


def test_entries_are_added_and_the_page_is_built(tmp_path: Path) -> None:
    raredx("run", "--model", "phenotype", "--tasks", "raredx_sim", "--metadata", '{"sim_n": 5}', "--output", "out", cwd=tmp_path)
    (report,) = (tmp_path / "out").glob("*/report.json")
    added = raredx("leaderboard", "add", report.parent, "--entries", "entries", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    built = raredx("leaderboard", "build", "--entries", "entries", "--output", "site", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert "raredx_sim" in (tmp_path / "site/index.html").read_text()


def test_ctrl_c_exits_1_and_the_same_command_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from raredx_bench.cli import main; main()", "run", "--model", "phenotype", "--tasks",
               "raredx_sim", "--metadata", '{"sim_n": 4000}', "--output", "out"]  # fmt: skip
    env = {**os.environ, "RAREDX_DATA": "", "XDG_DATA_HOME": str(tmp_path / "nothing")}
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    stored = tmp_path / "none"
    while time.monotonic() < deadline and not (stored.is_file() and stored.stat().st_size > 2000):
        stored = next((tmp_path / "out").glob("*/answers/raredx_sim.jsonl"), stored)
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the same command goes on from there" in stderr.replace("\n", " ")
    before = len(stored.read_text().splitlines())
    assert 0 < before < 4000
    again = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    rows = [json.loads(line)["case_id"] for line in stored.read_text().splitlines()]
    assert len(rows) == len(set(rows)) == 4000
