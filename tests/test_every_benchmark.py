"""Every benchmark runs, under its bare name and in its other form, from files in its published format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from raredx_bench import harness
from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.cli import app
from raredx_bench.hpo import Hpo
from raredx_bench.leaderboard import read_entries, write_entries
from raredx_bench.leaderboard.verifying import State, verified
from raredx_bench.report import RunReport
from tests.formats import write_all

ROOT = Path(__file__).parents[1]
LONG = "She was seen because of back pain and had grown fast in the last years. " * 4


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, hpo: Hpo) -> Path:
    """A data directory with all benchmarks in their published formats."""
    root = tmp_path_factory.mktemp("shelf")
    write_all(root, hpo)
    return root


@pytest.fixture(scope="module")
def bare(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    return harness.run("phenotype", list(BENCHMARKS), limit=20, data_dir=shelf, output=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def turned(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """Every benchmark in the form that isn't its own."""
    names = [f"{each.name}_{'hpo' if each.form == 'text' or each.name == 'custom' else 'text'}" for each in BENCHMARKS.values()]
    return harness.run("phenotype", names, limit=20, data_dir=shelf, output=tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_from_its_published_format(bare: RunReport, name: str) -> None:
    part = bare.benchmarks[name]
    assert part.n == 20
    assert part.estimates["recall@10"].value > 0.2  # simulated from the annotations that the ranker knows
    assert {"split", "disease in training", "inheritance", "age of onset", "body system"} <= set(part.strata)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_in_its_other_form(turned: RunReport, name: str) -> None:
    (part,) = (part for task, part in turned.benchmarks.items() if task.rpartition("_")[0] == name)
    assert part.n == 20
    assert part.estimates["recall@10"].value > 0.2


def test_a_task_can_be_run_from_the_command_line_with_its_strata(shelf: Path, tmp_path: Path) -> None:
    arguments = [
        "run",
        "--model",
        "phenotype",
        "--tasks",
        "rarearena_rdc@benchmark,rarearena_rds@after:2015@clean",
        "--data-dir",
        str(shelf),
    ]
    shown = CliRunner().invoke(app, [*arguments, "--output", str(tmp_path), "--strata"])
    assert shown.exit_code == 0, shown.output
    assert "disease in training" in shown.output
    (path,) = tmp_path.glob("*/report.json")
    report = json.loads(path.read_text())
    assert list(report["benchmarks"]) == ["rarearena_rdc@benchmark", "rarearena_rds@after:2015", "rarearena_rds@after:2015@clean"]
    assert report["benchmarks"]["rarearena_rdc@benchmark"]["n"] == 22


def test_both_numbers_are_shown_when_texts_name_their_answers(shelf: Path, tmp_path: Path) -> None:
    texts = {"named": f"A girl with Marfan syndrome and a tall stature. {LONG}", "clean": f"A girl with arachnodactyly. {LONG}"}
    rows = [{"id": name, "text": text, "answers": ["OMIM:154700"]} for name, text in texts.items()]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = harness.run(lambda prompt: "1. Marfan syndrome" if "with Marfan" in prompt else "1. Achoo syndrome", ["custom@clean"],
                         metadata={"cases": str(path)}, data_dir=shelf, output=tmp_path / "runs")  # fmt: skip
    whole, clean = report.benchmarks["custom"], report.benchmarks["custom@clean"]
    assert (whole.n, whole.estimates["recall@1"].value) == (2, 0.5)
    assert (clean.n, clean.estimates["recall@1"].value) == (1, 0.0)
    assert {level: each["recall@1"].value for level, each in whole.strata["text names the answer"].items()} == {
        "yes": 1.0,
        "no": 0.0,
    }
    assert "audit:" in clean.signature
    assert "audit:" not in whole.signature
    assert report.cost["cases"] == 2


def test_of_a_private_benchmark_only_ids_and_ranks_travel(shelf: Path, tmp_path: Path) -> None:
    report = harness.run("phenotype", ["mimic_iv_rare"], data_dir=shelf, output=tmp_path / "runs")
    write_entries(report, tmp_path / "entries")
    (entry,) = read_entries(tmp_path / "entries")
    names = {prediction.link.name for verdict in report.benchmarks["mimic_iv_rare"].verdicts for prediction in verdict.predictions}
    assert len(names) > 20
    text = (entry.folder / "entry.json").read_text() + str(entry.table().to_pylist())
    assert not [name for name in names if name in text]
    checked = verified(entry, [shelf])  # ranks and estimates fit together, the names can't be linked again
    assert checked.state is State.UNCHECKED
    assert "withheld under the data's use agreement" in checked.said[0]


def test_an_earlier_run_of_variants_is_scored_again(shelf: Path, tmp_path: Path) -> None:
    from raredx_bench.scoring import score_run

    names = ["rarearena_rds_hpo@after:2015-02@clean", "phenopacket_store_text@small:100"]
    report = harness.run("phenotype", names, data_dir=shelf, output=tmp_path / "runs")
    assert report.folder is not None
    again = score_run(report.folder, data_dir=shelf, output=tmp_path / "again")
    for name, part in report.benchmarks.items():
        assert again.benchmarks[name].estimates == part.estimates
        assert again.benchmarks[name].signature == part.signature


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_has_a_card(name: str) -> None:
    cards = [path for path in (ROOT / "docs/benchmarks").glob("*.md") if f"`{name}`" in path.read_text(encoding="utf-8")]
    assert any(path.name != "README.md" for path in cards), name
