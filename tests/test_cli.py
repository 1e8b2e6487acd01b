"""The command line as a person meets it: output, files, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import MONDO
from tests.endpoint import Serve

ROOT = Path(__file__).parents[1]


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
    assert all(path.exists() for path in places.values())
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
        (["score", "none.jsonl"], "name the task that the answers in none.jsonl belong to with --task"),
        (["score", "none.jsonl", "--task", "raredx_sim", "--protocol", "malko"], "did you mean malco"),
        (["run", "--model", "phenotype", "--protocol", ","], "name at least one protocol"),
        (["score", "."], "report.json can't be read"),
        (["score", "report.json", "--metadata", '{"sim_n": 1}'], "a run is scored with its own task options"),
        (["leaderboard", "add", "nowhere"], "nowhere can't be read"),
        (["adjudicate", "export", "nowhere"], "nowhere can't be read"),
        (["adjudicate", "import", "nowhere.json", "sheet.csv"], "nowhere.json can't be read"),
        (["llm-judge", "nowhere", "--base-url", "http://x", "--model", "m", "--rubric", "rarebench"], "nowhere can't be read"),
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
    assert "--who and --training" in added.stdout
    built = raredx("leaderboard", "build", "--verify", "--entries", "entries", "--output", "site", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "site/index.html").read_text()
    assert "raredx_sim" in page
    assert (page.count("Verified entries"), page.count('data-state="verified"')) == (1, 1)
    assert (tmp_path / "site/leaderboard.duckdb").stat().st_size > 0
    shown = raredx("leaderboard", "show", "--entries", "entries", "--reported", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "raredx_sim: 5 cases" in shown.stdout
    assert "not verified" in shown.stdout
    assert "not for clinical use" in shown.stdout
    exported = raredx("leaderboard", "export", "--entries", "entries", "--format", "csv", cwd=tmp_path)
    assert exported.stdout.startswith("benchmark,model,revision,entry,n,")
    asked = raredx("leaderboard", "sql", "select n from entries", "--entries", "entries", "--csv", cwd=tmp_path)
    assert asked.stdout.split() == ["n", "5"]
    verified = raredx("leaderboard", "verify", "--entries", "entries", cwd=tmp_path)
    assert (verified.returncode, "1 verified, 0 differs, 0 not checked" in verified.stdout) == (0, True)


def test_a_tampered_entry_fails_verification_and_can_be_withdrawn(tmp_path: Path) -> None:
    committed = next((ROOT / "leaderboards/entries/raredx_vignettes").iterdir())
    copy = Path(shutil.copytree(committed, tmp_path / "entries/raredx_vignettes" / committed.name))
    document = json.loads((copy / "entry.json").read_text())
    document["n"] = 134
    (copy / "entry.json").write_text(json.dumps(document))
    found = raredx("leaderboard", "verify", copy.name, "--entries", "entries", cwd=tmp_path)
    assert found.returncode == 1
    assert "differs" in found.stdout
    assert "no longer fits the entry's name" in found.stdout
    gone = raredx("leaderboard", "withdraw", copy, "--why", "wrong n", "--entries", "entries", cwd=tmp_path)
    assert gone.returncode == 0, gone.stderr
    assert "wrong n" in raredx("leaderboard", "show", "--entries", "entries", cwd=tmp_path).stdout


def test_a_pull_request_may_add_entries_that_verify_and_remove_none(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=tmp_path, check=True, capture_output=True)

    def checked() -> subprocess.CompletedProcess[str]:
        script = Path(sys.executable).with_name("raredx-bench")
        return subprocess.run([tmp_path / ".ci/entries", "base"], env={**os.environ, "RAREDX_BENCH": str(script)}, text=True,
                              capture_output=True, check=False)  # fmt: skip

    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    sims, vignettes = (ROOT / f"leaderboards/entries/{name}" for name in ("raredx_sim", "raredx_vignettes"))
    shutil.copytree(sims, tmp_path / "leaderboards/entries/raredx_sim")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "base"), ("tag", "base")):
        git(*words)
    assert "no entry changed" in checked().stdout
    shutil.copytree(vignettes, tmp_path / "leaderboards/entries/raredx_vignettes")
    git("add", ".")
    added = checked()
    count = len(list(vignettes.iterdir()))
    assert (added.returncode, f"{count} verified" in added.stdout) == (0, True), added.stdout + added.stderr
    git("rm", "-qr", "leaderboards/entries/raredx_sim")
    removed = checked()
    assert (removed.returncode, "only withdrawn" in removed.stderr) == (1, True)


def test_ctrl_c_exits_1_and_the_same_command_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from raredx_bench.cli import main; main()", "run", "--model", "phenotype", "--tasks",
               "raredx_sim", "--model_args", "ranking=plain", "--metadata", '{"sim_n": 4000}', "--output", "out"]  # fmt: skip
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


# What a run is made to say afterwards


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 8 cases."""
    place = tmp_path_factory.mktemp("run")
    raredx("run", "--model", "phenotype", "--tasks", "raredx_sim", "--metadata", '{"sim_n": 8}', "--output", "out", cwd=place)
    (report,) = (place / "out").glob("*/report.json")
    return report.parent


def test_a_run_is_scored_under_the_protocols_asked_for(folder: Path, tmp_path: Path) -> None:
    done = raredx("score", folder, "--protocol", "raredx,rarearena-2026", "--output", "out", cwd=tmp_path, COLUMNS="100")
    assert done.returncode == 0, done.stderr
    for said in ("raredx_sim, 8 cases: percent, 95 % intervals", "rarearena-2026   5", "  + narrower", "raredx: The linked disease",
                 "rarearena-2026: Score 2: the name links to a gold", "judge: exact precision 0.", "judged by a language model",
                 "docs/scoring.md"):  # fmt: skip
        assert said in done.stdout, done.stdout
    (report,) = (tmp_path / "out").glob("scored-*/report.json")
    (entry,) = (tmp_path / "out").glob("scored-*/entries/*/*/entry.json")
    stated = [json.loads(report.read_text())["benchmarks"]["raredx_sim"], json.loads(entry.read_text())]
    for each in stated:
        assert list(each["protocols"]) == ["raredx", "rarearena-2026"]
        assert "|protocol:rarearena-2026|protocols-" in each["protocols"]["rarearena-2026"]["signature"]
        assert set(each["protocols"]["rarearena-2026"]["estimates"]) == {"recall@1", "recall@5", "recall@1/broader",
                                                                         "recall@5/broader"}  # fmt: skip


def test_a_run_prints_other_protocols_only_when_asked(tmp_path: Path) -> None:
    command = ("run", "--model", "phenotype", "--tasks", "raredx_sim", "--metadata", '{"sim_n": 3}', "--output", "out")
    plain, asked = raredx(*command, cwd=tmp_path), raredx(*command, "--protocol", "substring", cwd=tmp_path)
    assert "protocol" not in plain.stdout
    assert "substring: In lower case, the name equals" in asked.stdout
    assert all("judge: exact precision" in done.stdout for done in (plain, asked))


def test_tables_fit_a_hundred_columns(folder: Path, tmp_path: Path) -> None:
    code = ("from raredx_bench.cli import printing; from rich.console import Console; from pathlib import Path; import sys;"
            "from raredx_bench.report import read_report; printing.out = Console(width=100, highlight=False);"
            "printing.print_report(read_report(Path(sys.argv[1])))")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert "…" not in done.stdout, done.stdout
    assert "raredx_sim" in done.stdout


def test_the_terminology_says_what_it_is_and_what_its_sources_contradict(small_root: Path, tmp_path: Path) -> None:
    said = raredx("terminology", cwd=tmp_path).stdout
    assert {line.split()[0] for line in said.splitlines()} == {"release", "digest", "from", "diseases", "names", "conflicts"}
    assert "embedded default" in said
    lines = raredx("terminology", "--conflicts", "--data-dir", small_root, cwd=tmp_path).stdout.splitlines()
    sentences = [json.loads(line)["conflict"] for line in lines]
    assert "xref: OMIM:100011" in MONDO
    assert any(each.startswith("OMIM:100011 is declared equivalent to ") for each in sentences)
    assert any("closes a cycle" in each for each in sentences)


def test_match_names_what_an_unclear_name_may_mean(tmp_path: Path) -> None:
    done = raredx("match", "Usher syndrome or Waardenburg syndrome", cwd=tmp_path)
    assert "may mean: Usher syndrome (ORPHA:886); Waardenburg syndrome (ORPHA:3440)" in done.stdout
    (tmp_path / "pairs.tsv").write_text("prediction\tanswer\nUsher syndrome or Waardenburg syndrome\tORPHA:886\n")
    (line,) = raredx("match", "--batch", "pairs.tsv", cwd=tmp_path).stdout.splitlines()
    row = json.loads(line)
    assert (row["relation"], row["link"], row["among"]) == ("broader", None, ["ORPHA:886", "ORPHA:3440"])


def test_a_sample_is_exported_filled_in_and_read_back(folder: Path, tmp_path: Path) -> None:
    done = raredx("adjudicate", "export", folder, "--size", "9", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    places = {
        line.split()[0]: tmp_path / line.split()[1] for line in done.stdout.splitlines() if line.startswith(("sheet ", "key "))
    }
    rows = places["sheet"].read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 10
    assert raredx("adjudicate", "export", folder, cwd=tmp_path).returncode == 2  # a filled sheet is never overwritten
    for name in ("anna.csv", "ben.csv"):
        (tmp_path / name).write_text("\n".join([rows[0], *(row.replace('"",""', '"D",""') for row in rows[1:])]))
    read = raredx("adjudicate", "import", places["key"], "anna.csv", "ben.csv", cwd=tmp_path)
    assert read.returncode == 0, read.stderr
    assert all(said in read.stdout for said in ("anna (0 unsure, 0 empty)", "majority", "anna and ben", "disagreements, all in"))
    found = json.loads((tmp_path / "sheet.adjudicated.json").read_text())
    assert [each["read"] for each in found["readers"]] == [9, 9]


@pytest.mark.parametrize(("rubric", "reply"), [("rarearena", "score: 2"), ("rarebench", "rank: 1")])
def test_a_language_model_judges_only_when_asked_and_says_so(
    folder: Path, tmp_path: Path, serve: Serve, rubric: str, reply: str
) -> None:
    pytest.importorskip("openai", reason="the judge extra is not installed")
    server = serve(lambda prompt, number: reply)
    command = ("llm-judge", folder, "--base-url", server.url, "--model", "a/model", "--rubric", rubric, "--cache", "replies")
    done = raredx(*command, cwd=tmp_path, OPENAI_API_KEY="secret")
    assert done.returncode == 0, done.stderr
    assert server.keys == {"Bearer secret"}
    for said in ("raredx_sim, judged by a language model", "a/model", "our judge against it", "replies asked now"):
        assert said in done.stdout, done.stdout
    path = folder / f"llm-judge/raredx_sim-{rubric}-1-a-model.json"
    assert json.loads(path.read_text())["estimates"]["recall@1"]["value"] == 1
    asked = len(server.requests)
    assert "0 replies asked now" in raredx(*command, cwd=tmp_path).stdout  # all were kept
    assert len(server.requests) == asked


def test_help_says_plainly_that_a_language_model_judges(tmp_path: Path) -> None:
    assert "LANGUAGE MODEL judge" in raredx("llm-judge", "--help", cwd=tmp_path).stdout
    assert "LANGUAGE MODEL judge" in raredx("--help", cwd=tmp_path).stdout
