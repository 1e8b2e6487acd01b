"""Entries hold what their numbers are made of; the page shows them, also in a real browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import raredx_bench
from raredx_bench.domain import BadInput
from raredx_bench.leaderboard import differences, entry_name, read_entries, write_entries
from raredx_bench.report import RunReport

ROOT = Path(__file__).parents[1]


def marfan(prompt: str) -> str:
    """A model that always says the same."""
    return "1. Marfan syndrome"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[RunReport]:
    """Two models on the vignettes."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAREDX_DATA", raising=False)
        patch.setenv("XDG_DATA_HOME", str(folder / "nothing"))
        return [raredx_bench.run(model, ["raredx_vignettes"], output=folder) for model in ("phenotype", marfan)]


@pytest.fixture(scope="module")
def entries(reports: list[RunReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("entries")
    for report in reports:
        write_entries(report, folder)
    return folder


def test_an_entry_lies_under_its_benchmark_and_is_named_for_model_date_and_content(entries: Path) -> None:
    found = dict(read_entries(entries))
    assert len(found) == 2
    for path, entry in found.items():
        assert path.parent.parent.name == "raredx_vignettes"
        assert path.parent.name == entry_name(entry)
        assert path.parent.name.startswith(f"{entry['model']['name']}@{entry['created'][:10]}-")


def test_every_number_of_an_entry_follows_from_its_verdicts(entries: Path) -> None:
    for _, entry in read_entries(entries):
        assert differences(entry) == []


def test_an_edited_number_is_found(entries: Path) -> None:
    _, entry = next(read_entries(entries))
    entry["estimates"]["recall@1"]["value"] = 0.99
    (said,) = differences(entry)
    assert said.startswith("recall@1: stated {'value': 0.99")


def test_an_entry_holds_no_case_text(entries: Path) -> None:
    case = raredx_bench.benchmarks.load_cases("raredx_vignettes", ROOT)[0]
    for path, _ in read_entries(entries):
        assert case.presentation[:40] not in path.read_text()


def test_a_partial_run_makes_no_entry(tmp_path: Path) -> None:
    report = raredx_bench.run(marfan, ["raredx_vignettes"], limit=2, output=tmp_path)
    with pytest.raises(BadInput, match="saw only the first 2 cases"):
        write_entries(report, tmp_path / "entries")


def test_a_damaged_entry_names_file_and_place(entries: Path, tmp_path: Path) -> None:
    shutil.copytree(entries, tmp_path / "copy")
    path, entry = next(read_entries(tmp_path / "copy"))
    del entry["estimates"]["mrr"]
    path.write_text(json.dumps(entry))
    with pytest.raises(BadInput, match=r"entry\.json is not a raredx entry: at estimates"):
        list(read_entries(tmp_path / "copy"))


def test_the_committed_entries_are_valid_and_recomputable() -> None:
    found = dict(read_entries(ROOT / "leaderboards/entries"))
    assert {entry["benchmark"] for entry in found.values()} >= {"raredx_vignettes", "raredx_sim"}
    for path, entry in found.items():
        assert path.parent.name == entry_name(entry), path
        assert differences(entry) == [], path
