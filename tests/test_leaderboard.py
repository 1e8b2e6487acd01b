"""Entries hold what their numbers are made of; the page shows them, also in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import raredx_bench
from raredx_bench.comparing import comparable
from raredx_bench.domain import BadInput
from raredx_bench.leaderboard import differences, entry_name, read_entries, write_entries
from raredx_bench.page import build_site
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


def test_rows_of_unlike_signatures_stand_in_separate_tables(entries: Path, tmp_path: Path) -> None:
    rows = [entry for _, entry in read_entries(entries)]
    assert build_site(rows, tmp_path).read_text().count("<table>") == 1
    other = {**rows[0], "signature": rows[0]["signature"].replace("linker:", "linker:x")}
    assert build_site([*rows, other], tmp_path).read_text().count("<table>") == 2
    assert comparable(rows[0]["signature"]) == comparable(rows[1]["signature"])


def test_an_empty_board_is_still_a_page(tmp_path: Path) -> None:
    assert "No entries yet" in build_site([], tmp_path).read_text()


def test_names_from_entries_cannot_inject_markup(entries: Path, tmp_path: Path) -> None:
    _, entry = next(read_entries(entries))
    entry["model"]["name"] = "<script>alert(1)</script>"
    assert "<script>alert" not in build_site([entry], tmp_path).read_text()


def test_the_committed_entries_are_valid_and_recomputable() -> None:
    found = dict(read_entries(ROOT / "leaderboards/entries"))
    assert {entry["benchmark"] for entry in found.values()} >= {"raredx_vignettes", "raredx_sim"}
    for path, entry in found.items():
        assert path.parent.name == entry_name(entry), path
        assert differences(entry) == [], path


def opened_browser() -> Iterator[Any]:
    """A headless Chromium, closed afterwards; the test is skipped where there is none."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("Chromium and ChromeDriver are not installed: this test needs a browser")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--window-size=1280,900"):  # fmt: skip
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(shutil.which("chromedriver"))))
    yield driver
    driver.quit()


@pytest.fixture
def browser() -> Iterator[Any]:
    yield from opened_browser()


@pytest.mark.browser
def test_the_table_sorts_in_a_browser(browser: Any, entries: Path, tmp_path: Path) -> None:
    page = build_site([entry for _, entry in read_entries(entries)], tmp_path)
    browser.get(page.as_uri())

    def models() -> list[str]:
        return [row.find_element("css selector", "td").text.split("\n")[0]
                for row in browser.find_elements("css selector", "tbody:first-of-type tr")]  # fmt: skip

    assert models() == ["phenotype", "marfan"]  # best recall@1 first
    button = browser.find_element("css selector", "thead th:nth-child(2) button")
    button.click()
    assert models() == ["marfan", "phenotype"]
    assert button.find_element("xpath", "..").get_attribute("aria-sort") == "ascending"
    browser.find_element("css selector", "thead th:first-child button").click()
    assert models() == ["phenotype", "marfan"]
    assert "Not for clinical use" in browser.find_element("tag name", "body").text
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
