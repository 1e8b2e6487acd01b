"""The leaderboard's site: what stands where, what never does, and all of it in a real browser opened from disk."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import raredx_bench
from raredx_bench.benchmarks import BENCHMARKS, digest, load_cases
from raredx_bench.cli.leaderboard import publish
from raredx_bench.domain import UsageError
from raredx_bench.judging import judge_for
from raredx_bench.leaderboard import Entry, read_entries
from raredx_bench.page import assets, build_site, explorer, figures
from raredx_bench.page.boards import boards_of
from raredx_bench.page.remarks import remarks
from raredx_bench.reported import read_reported
from raredx_bench.tasks import all_tasks
from tests.browser import Watched, chromium, watched
from tests.conftest import NOWHERE
from tests.entries import written
from tests.test_reported import row as reported_row

EVIL = '<img src=x onerror=alert(1)>"</script><script>alert(2)</script>\u2028{{7*7}}'
PAPERS = [each for each in read_reported() if each["benchmark"] in ("rarearena_rdc", "mimic_iv_rare", "mygene2", "ddd")]
PAGES = ("index", "matchers", "strata", "cost", "training", "models", "cases", "benchmarks", "scoring", "downloads")


def vignettes(folder: Path, **changes: Any) -> Path:
    """An invented entry on the shipped vignettes, under the digest of their cases."""
    cases = load_cases("raredx_vignettes", NOWHERE)
    ontology = judge_for(NOWHERE).ontology
    said = {
        "model": "reader-1",
        "digest": digest(cases),
        "terminology": {"release": ontology.release, "digest": ontology.digest, "origin": "embedded default"},
        "names": [f"Invented disease {number}" for number in range(40)],
    }
    return written(folder, benchmark="raredx_vignettes", case_ids=[case.id for case in cases], **{**said, **changes})


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """Three boards with several models, a training run, an entry that was withdrawn, and one that means harm."""
    folder = tmp_path_factory.mktemp("entries")
    for number in range(6):
        card = {"id": f"invented-{number}B", "type": "hf" if number % 2 else "http"}
        written(folder, n=120, seed=number, skill=0.1 + 0.1 * number,
                model={"name": card["id"], "args": None, "card": card})  # fmt: skip
    for number, stage in enumerate(("base", "SFT", "RL")):
        training = {"data": "Simulated notes.", "run": "tiny-1", "stage": stage, "position": number, "recipe": "RareDxR1"}
        written(folder, model=f"tiny-{stage}", benchmark="rarearena_rdc", n=80, seed=20 + number, skill=0.2 + 0.2 * number,
                training=training)  # fmt: skip
    gone = {"date": "2026-11-20", "why": "Its training data held the answers.", "by": None}
    written(folder, model="withdrawn-1", benchmark="rarearena_rdc", n=80, seed=30, withdrawn=gone)
    vignettes(folder)
    vignettes(folder, model=EVIL, seed=3, skill=0.6, who=EVIL, links=["javascript:alert(3)", "https://example.org/<b>"],
              training={"data": EVIL, "run": EVIL, "stage": EVIL}, licence=EVIL)  # fmt: skip
    return read_entries_unchecked(folder)


def read_entries_unchecked(folder: Path) -> list[Entry]:
    """Entries as a hand could have put them there, whatever a schema would say of their addresses."""
    return [Entry(path.parent, json.loads(path.read_text())) for path in sorted(folder.glob("*/*/entry.json"))]


@pytest.fixture(scope="module")
def site(entries: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of these entries and of what papers report."""
    folder = tmp_path_factory.mktemp("site")
    build_site(entries, folder, PAPERS, NOWHERE)
    return folder


def text_of(path: Path) -> str:
    return re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8"))


class TestFiles:
    def test_every_page_says_that_it_is_not_for_clinical_use(self, site: Path) -> None:
        pages = sorted(site.rglob("*.html"))
        assert {path.stem for path in site.glob("*.html")} == set(PAGES)
        assert all("Not for clinical use" in path.read_text(encoding="utf-8") for path in pages)

    def test_no_entry_at_all_is_a_site_too(self, tmp_path: Path) -> None:
        assert "No entries yet" in build_site([], tmp_path, (), NOWHERE).read_text()
        assert {path.stem for path in tmp_path.glob("*.html")} == set(PAGES)

    def test_one_entry_without_optional_parts_is_a_site(self, tmp_path: Path) -> None:
        written(tmp_path / "e", n=3, strata={}, protocols={}, cost={"seconds": 1.0, "cases": 3, "requests": 3}, who=None,
                links=[], training=None, counts={}, references={"prior_only": {}, "ceiling": {}},
                model={"name": "bare", "args": None})  # fmt: skip
        page = build_site(read_entries(tmp_path / "e"), tmp_path / "s", (), NOWHERE)
        assert "bare" in page.read_text()
        (model,) = (tmp_path / "s/models").glob("*.html")
        assert "not stated" in model.read_text()

    def test_an_entry_without_its_verdicts_is_shown_without_rank_and_cases(self, tmp_path: Path) -> None:
        (written(tmp_path / "e", n=5) / "verdicts.parquet").unlink()
        page = build_site(read_entries(tmp_path / "e"), tmp_path / "s", (), NOWHERE)
        assert '<td class="place" data-order="0">–</td>' in page.read_text()
        assert not list((tmp_path / "s").glob("cases/*/*.js"))

    def test_rows_of_unlike_signatures_stand_in_separate_tables(self, tmp_path: Path) -> None:
        for number, linker in enumerate(("linker-3", "linker-3", "linker-4")):
            written(tmp_path / "e", model=f"m{number}", linker=linker, seed=number)
        page = build_site(read_entries(tmp_path / "e"), tmp_path / "s", (), NOWHERE).read_text()
        assert page.count('<table class="ranking">') == 2

    def test_what_verification_said_stands_beside_an_entry(self, tmp_path: Path) -> None:
        for number in range(2):
            written(tmp_path / "e", model=f"m{number}", seed=number)
        found = read_entries(tmp_path / "e")
        states = dict(zip((entry.name for entry in found), ("verified", "differs"), strict=True))
        page = build_site(found, tmp_path / "s", (), NOWHERE, states).read_text()
        assert sorted(re.findall('data-state="([a-z]+)"', page)) == ["differs", "verified"]
        assert "Verified entries" not in page
        page = build_site(found, tmp_path / "s", (), NOWHERE, dict.fromkeys(states, "verified")).read_text()
        assert "Verified entries" in page

    def test_unlike_cases_under_one_signature_get_no_rank(self, tmp_path: Path) -> None:
        written(tmp_path / "e", model="a", case_ids=["x", "y"], digest="same")
        written(tmp_path / "e", model="b", case_ids=["x", "z"], digest="same")
        (board,) = boards_of(read_entries(tmp_path / "e"))
        assert [row.rank for row in board.rows] == [None, None]

    def test_the_same_cases_in_another_order_are_laid_side_by_side(self, tmp_path: Path) -> None:
        ids = [f"case-{number}" for number in range(300)]
        written(tmp_path / "e", model="good", case_ids=ids, digest="same", skill=0.9, seed=1)
        written(tmp_path / "e", model="poor", case_ids=ids[::-1], digest="same", skill=0.1, seed=2)
        written(tmp_path / "e", model="poor too", case_ids=ids, digest="same", skill=0.1, seed=3)
        (board,) = boards_of(read_entries(tmp_path / "e"))
        assert [row.rank for row in board.rows] == [(1, 1), (2, 3), (2, 3)]

    def test_a_withdrawn_entry_stays_visible_and_is_ranked_no_more(self, site: Path, entries: list[Entry]) -> None:
        page = (site / "index.html").read_text()
        assert "Its training data held the answers." in page
        assert not any("withdrawn-1" in row.entry.model for board in boards_of(entries) for row in board.rows)
        assert "withdrawn-1" not in (site / "downloads/leaderboard.csv").read_text()

    def test_reported_rows_never_stand_in_a_table_with_entries(self, site: Path) -> None:
        page = (site / "index.html").read_text()
        outside = re.sub(r'<details class="reported">.*?</details>', "", page, flags=re.S)
        assert outside.count('<table class="paper">') == 0
        assert page.count('<table class="paper">') == len(
            {tuple(each[key] for key in ("benchmark", "source", "split", "n", "input", "matcher", "confidence")) for each in PAPERS}
        )
        assert "Reported in papers, not verified here" in page
        assert "Reported by RareDxR1, not verified here" in (site / "training.html").read_text()

    def test_every_reported_row_shows_source_matcher_cases_and_confidence(self, tmp_path: Path) -> None:
        rows = [reported_row("40", r1="12.5"),
                {**reported_row(r5="30.0", model="<b>other</b>", matcher="codes", median="9"),
                 "confidence": "secondary"}]  # fmt: skip
        page = build_site([], tmp_path, rows, NOWHERE).read_text()
        for said in ("read at the source · split: all · cases: 40", "second hand · split: all · cases: not stated",
                     "matcher: judge exact", "matcher: codes", "&lt;b&gt;other&lt;/b&gt;", ">median rank<",
                     "2 results"):  # fmt: skip
            assert said in page

    def test_how_many_of_the_published_cases_an_entry_covers(self, site: Path) -> None:
        page = (site / "index.html").read_text()
        assert "120 of 49,760 published cases" in page
        assert "135 cases" in page

    def test_what_the_last_build_wrote_and_this_one_does_not_goes(self, tmp_path: Path) -> None:
        written(tmp_path / "e", n=5)
        build_site(read_entries(tmp_path / "e"), tmp_path / "s", (), NOWHERE)
        mine = tmp_path / "s/models/mine.html"
        mine.write_text("kept")
        build_site([], tmp_path / "s", (), NOWHERE)
        assert list((tmp_path / "s/models").iterdir()) == [mine]

    def test_downloads_are_numbers_and_no_formulas(self, tmp_path: Path) -> None:
        written(tmp_path / "e", model="=1+1", n=20)
        build_site(read_entries(tmp_path / "e"), tmp_path / "s", (), NOWHERE)
        head, line = (tmp_path / "s/downloads/leaderboard.csv").read_text().splitlines()
        assert head.startswith("benchmark,model,model_args,date")
        assert line.startswith("rarearena_rds,'=1+1,")
        (record,) = json.loads((tmp_path / "s/downloads/leaderboard.json").read_text())
        assert record["model"] == "=1+1"
        assert record["recall@1 value"] == read_entries(tmp_path / "e")[0].document["estimates"]["recall@1"]["value"]

    def test_without_the_extra_it_says_what_to_install(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(assets, "NEEDED", ("a_package_that_nobody_has",))
        with pytest.raises(UsageError, match=re.escape("pip install 'raredx[board]'")):
            build_site([], tmp_path, (), NOWHERE)

    def test_a_run_without_the_extra_writes_its_entry_and_says_in_a_line_that_there_is_no_page(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(assets, "NEEDED", ("a_package_that_nobody_has",))
        monkeypatch.chdir(tmp_path)
        report = raredx_bench.run(lambda prompt: "1. Marfan syndrome", ["raredx_vignettes"], output=tmp_path)
        publish(report, tmp_path, NOWHERE)
        assert (
            "no page: the leaderboard's site needs the package a_package_that_nobody_has: pip install 'raredx[board]'"
            in " ".join(capsys.readouterr().out.split())
        )
        assert not (tmp_path / "site").exists()
        monkeypatch.undo()
        publish(report, tmp_path, NOWHERE)
        assert "135 cases" in (tmp_path / "site/index.html").read_text()

    def test_importing_the_package_and_its_commands_loads_none_of_the_extra(self) -> None:
        code = "import sys, raredx_bench.cli; print(sorted({'altair', 'vl_convert', 'itables', 'duckdb'} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"

    def test_a_bundle_becomes_a_script_that_names_one_of_its_exports(self) -> None:
        module = "var a=1,b$=2;export{a as other,b$ as default};\n/* licence */"
        assert assets.classic(module, "It", "default") == (
            '(()=>{"use strict";var a=1,b$=2;window.It=b$;\n/* licence */\n})();\n'
        )  # fmt: skip
        with pytest.raises(UsageError, match="no export other2"):
            assets.classic(module, "It", "other2")


class TestCases:
    def test_which_benchmarks_show_their_texts(self) -> None:
        shown = {name for name, benchmark in BENCHMARKS.items() if benchmark.shows_text}
        assert shown == {"raredx_vignettes", "raredx_sim", "phenopacket_store", "rarebench_br", "rarebench_ramedis",
                         "rarebench_mme", "rarebench_hms", "rarebench_lirical", "rarebench_pumch_adm"}  # fmt: skip
        licences = {str(all_tasks()[name].metadata["licence"]).partition(" ")[0] for name in shown}
        assert licences == {"Apache-2.0", "BSD-3-Clause", "CC-BY-4.0"}

    def test_texts_answers_and_reasons_where_the_licence_lets_them(self, tmp_path: Path) -> None:
        vignettes(tmp_path, names=["Marfan syndrome", "Nothing at all"])
        (board,) = boards_of(read_entries(tmp_path))
        documents = dict(explorer.explored([board], NOWHERE))
        cases = documents[f"cases/{board.slug}/cases"]
        first = load_cases("raredx_vignettes", NOWHERE)[0]
        assert (cases["why_not"], cases["of"], len(cases["cases"])) == ("", 135, 135)
        assert (cases["cases"][0]["id"], cases["cases"][0]["text"]) == (first.id, first.presentation)
        names = documents[f"cases/{board.slug}/{board.rows[0].slug}"]["cases"][first.id]["names"]
        assert any("neither above nor below the answer" in name.get("why", "") for name in names)

    def test_a_judge_with_another_terminology_gives_no_reasons(self, tmp_path: Path) -> None:
        vignettes(tmp_path, terminology={"release": "Mondo", "digest": "another", "origin": ""}, names=["Marfan syndrome"])
        (board,) = boards_of(read_entries(tmp_path))
        documents = dict(explorer.explored([board], NOWHERE))
        cases = documents[f"cases/{board.slug}/{board.rows[0].slug}"]["cases"]
        assert not any("why" in name for each in cases.values() for name in each["names"])

    @pytest.mark.parametrize("benchmark", ["rarearena_rds", "mygene2", "pumch_l", "mimic_iv_rare", "custom", "unknown_set"])
    def test_other_benchmarks_show_no_text(self, benchmark: str, tmp_path: Path) -> None:
        written(tmp_path, benchmark=benchmark)
        (board,) = boards_of(read_entries(tmp_path))
        documents = dict(explorer.explored([board], NOWHERE))
        cases = documents[f"cases/{board.slug}/cases"]
        assert all(set(each) == {"id"} for each in cases["cases"])
        assert cases["why_not"].startswith("The licence of this benchmark does not let")

    def test_cases_that_are_not_at_hand_or_others_show_no_text(self, tmp_path: Path) -> None:
        written(tmp_path, benchmark="rarebench_mme")
        vignettes(tmp_path, digest="of other cases")
        (tmp_path / "nothing").mkdir()
        said = [explorer.explored([board], tmp_path / "nothing") for board in boards_of(read_entries(tmp_path))]
        assert [next(documents)[1]["why_not"] for documents in said] == [
            "The cases were not at hand where this page was built.",
            "The cases at hand where this page was built are not the very ones that were scored.",
        ]

    def test_only_so_many_cases_are_shown_the_same_of_every_entry(self, tmp_path: Path) -> None:
        for number in range(2):
            written(tmp_path, model=f"m{number}", n=900, seed=number)
        (board,) = boards_of(read_entries(tmp_path))
        assert len(ids := explorer.shown_ids(board)) == explorer.MOST
        documents = dict(explorer.explored([board], NOWHERE))
        assert all(list(documents[f"cases/{board.slug}/{row.slug}"]["cases"]) == ids for row in board.rows)


@pytest.mark.parametrize(
    ("cost", "expected", "currency"),
    [
        ({}, {}, ""),
        ({"seconds": 5.0}, {}, ""),
        ({"seconds": 5.0, "cases": 10}, {"seconds": 0.5}, ""),
        ({"seconds": 0.0, "cases": 10, "prompt_tokens": 100}, {}, ""),
        ({"cases": 10, "prompt_tokens": 100, "completion_tokens": 50, "price_eur": 2.0, "price_eur_per_correct": 1.0},
         {"tokens": 15.0, "price": 0.2}, "EUR"),
    ],
)  # fmt: skip
def test_what_is_known_of_the_cost_of_a_case(cost: dict[str, float], expected: dict[str, float], currency: str) -> None:
    assert figures.costs_of(cost) == expected
    assert figures.currency_of(cost) == currency


@pytest.mark.parametrize(
    ("value", "said"), [(12345.6, "12,346"), (12.345, "12.3"), (0.00912, "0.00912"), (0.0000912, "0.000091"), (1e-9, "0.000000")]
)
def test_an_amount_has_three_digits(value: float, said: str) -> None:
    assert figures.amount(value) in (said, said.rstrip("0"))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, []),
        ({"repeats": {"runs": 5}}, [("repeats", "means of 5 rounds")]),
        ({"repeats": {"runs": 5, "spread": {"recall@1": 0.012}, "same": {"hit@1": {"value": 0.9}}}},
         [("repeats", "means of 5 rounds; standard deviation of recall@1 between them 1.2 points; the same verdict at rank 1 in "
           "90.0 % of cases")]),
        ({"cutoff": {"cutoff": "2024-06", "before": {"recall@1": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}}, "after": {},
                     "undated": 3}},
         [("knowledge cut-off", "2024-06; recall@1 on cases before it 50.0 (40.0–60.0, 9 cases); 3 cases carry no date")]),
        ({"calibration": {"confidences": {"n": 7, "brier": {"value": 0.2}}, "abstention": {"answered": {"value": 0.8}}}},
         [("calibration", "7 stated confidences; Brier score 0.200"), ("abstentions", "80.0 % answered")]),
        ({"rescored": {"from": "old@2026-01-01-aa", "date": "2026-11-27"}}, [("rescored", "from old@2026-01-01-aa on 2026-11-27")]),
    ],
)  # fmt: skip
def test_what_else_an_entry_says_is_said_in_sentences(parts: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert remarks(parts) == said


def test_json_in_a_script_ends_no_script_and_no_line() -> None:
    assert figures.script_json({"a": "</script>&\u2028"}) == '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'
    assert json.loads(figures.script_json(EVIL)) == EVIL


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def view(browser: Any, site: Path) -> Iterator[Watched]:
    """A page on which nothing may go wrong and which asks for nothing but the site's own files."""
    with watched(browser) as found:
        yield found
        assert found.faults == []
        assert found.outside(site) == []


def column(page: Any, table: str, number: int) -> list[str]:
    return [each.strip() for each in page.locator(f"{table} tbody tr > :nth-child({number})").all_inner_texts()]


@pytest.mark.browser
class TestBrowser:
    BOARD = "#rarearena_rds table.ranking"

    def models(self, view: Watched) -> list[str]:
        return [text.split("\n")[0] for text in column(view.page, self.BOARD, 2)]

    def test_a_table_sorts_by_mouse_and_by_keyboard(self, view: Watched, site: Path) -> None:
        page = view.open(site / "index.html")
        best = [f"invented-{number}B" for number in range(5, -1, -1)]
        assert self.models(view) == best  # best recall@1 first
        head = page.locator(f"{self.BOARD} thead th").nth(2)
        assert head.get_attribute("aria-sort") == "descending"
        head.click()
        page.locator(f"{self.BOARD} th:nth-child(3)[aria-sort=ascending]").wait_for()  # DataTables sorts in a task of its own
        assert (self.models(view), head.get_attribute("aria-sort")) == (best[::-1], "ascending")
        page.locator(f"{self.BOARD} thead th").nth(1).locator("[tabindex='0']").press("Enter")
        page.locator(f"{self.BOARD} th:nth-child(2)[aria-sort]").wait_for()
        assert self.models(view) == best[::-1]  # by name
        assert head.get_attribute("aria-sort") is None

    def test_search_and_filter_leave_the_rows_that_are_asked_for(self, view: Watched, site: Path) -> None:
        page = view.open(site / "index.html")
        page.locator("#rarearena_rds [data-search]").fill("nted-3")
        assert self.models(view) == ["invented-3B"]
        assert page.locator("#rarearena_rds [data-count]").inner_text() == "1 of 6 entries"
        page.locator("#rarearena_rds [data-search]").fill("")
        page.locator("#rarearena_rds select[data-kind]").select_option("http")
        assert self.models(view) == ["invented-4B", "invented-2B", "invented-0B"]

    def test_tabs_change_by_mouse_keyboard_and_address(self, view: Watched, site: Path) -> None:
        page = view.open(site / "index.html")
        shown = page.locator("[role=tabpanel]:visible")
        page.get_by_role("tab", name="rarearena_rdc").click()
        assert shown.get_attribute("id") == "rarearena_rdc"
        page.keyboard.press("ArrowRight")
        assert shown.get_attribute("id") == "raredx_vignettes"
        assert page.evaluate("document.activeElement.id") == "tab-raredx_vignettes"
        assert page.evaluate("location.hash") == "#raredx_vignettes"
        view.open(site / "index.html", "#mygene2")
        assert shown.get_attribute("id") == "mygene2"

    def test_reported_tables_unfold_and_sort(self, view: Watched, tmp_path: Path) -> None:
        rows = [reported_row("40", "first", r1="12.5", r5="50.0"), reported_row("40", "second", r1="25.0"),
                reported_row("40", "third", r1="7.5", r5="60.0")]  # fmt: skip
        page = view.open(build_site([], tmp_path, rows, NOWHERE))
        page.locator("summary").click()
        assert column(page, "table.paper", 1) == ["second", "first", "third"]  # best recall@1 first
        page.locator("table.paper thead th").nth(2).click()
        page.locator("table.paper thead th:nth-child(3)[aria-sort]").wait_for()  # DataTables sorts in a task of its own
        assert column(page, "table.paper", 1) == ["third", "first", "second"]
        assert view.outside(tmp_path) == []
        view.requests.clear()

    def test_the_theme_follows_the_system_and_then_the_reader(self, browser: Any, view: Watched, site: Path) -> None:
        ink = "getComputedStyle(document.body).color"
        light = view.open(site / "index.html").evaluate(ink)
        button = view.page.locator("[data-theme-toggle]")
        for theme in ("light", "dark"):
            button.click()
            assert button.inner_text() == f"Theme: {theme}"
        dark = view.page.evaluate(ink)
        assert dark != light
        assert view.open(site / "models.html").evaluate(ink) == dark  # it is remembered
        with watched(browser, scheme="dark") as other:
            assert other.open(site / "index.html").evaluate(ink) == dark

    def test_the_matchers_of_a_run_are_drawn_and_tabled(self, view: Watched, site: Path) -> None:
        page = view.open(site / "matchers.html")
        page.locator("[data-entry]").select_option(label="invented-2B")
        page.wait_for_selector("figure[data-drawn='2'] svg")
        rows = page.locator("figure tbody tr")
        assert rows.count() >= 7 * 2
        assert "substring" in page.locator("figure svg").text_content()
        assert page.locator("figure .canvas").get_attribute("aria-label").startswith("Recall of one run under every matcher")
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        label = page.locator("figure svg text", has_text="substring").first
        assert label.evaluate("each => getComputedStyle(each).fill") == page.evaluate("getComputedStyle(document.body).color")

    def test_strata_cost_and_training_are_drawn(self, view: Watched, site: Path) -> None:
        page = view.open(site / "strata.html")
        page.locator("[data-stratum]").select_option("findings")
        page.wait_for_selector("figure[data-drawn='2'] svg")
        assert page.locator("figure thead th").all_text_contents()[:2] == ["run", "level (cases)"]
        assert page.locator("figure tbody tr").count() == 6 * 3
        page = view.open(site / "cost.html")
        page.wait_for_selector("figure[data-drawn] svg")
        assert "in USD" in page.locator("[data-says]").inner_text()
        page.locator("[data-cost]").select_option("tokens")
        page.wait_for_selector("figure[data-drawn='2'] svg")
        assert "known for 6 of 6 runs" in page.locator("[data-says]").inner_text()
        page = view.open(site / "training.html")
        for figure in page.locator("figure").all():
            figure.locator("svg").wait_for()
        assert "2.\N{NO-BREAK SPACE}SFT" in page.locator("figure", has_text="intervals.").first.text_content()

    def test_a_case_shows_its_text_its_answer_and_why_each_name_counts(
        self, view: Watched, site: Path, entries: list[Entry]
    ) -> None:
        board = next(board for board in boards_of(entries) if board.name == "raredx_vignettes")
        page = view.open(site / "cases.html", f"#{board.slug}")
        page.locator("[data-entry]").select_option(label="reader-1")
        page.locator(".case ol").wait_for()
        first = load_cases("raredx_vignettes", NOWHERE)[0]
        assert page.locator(".case h2").inner_text() == first.id
        assert first.presentation[:60] in page.locator(".case blockquote").inner_text()
        assert page.locator(".case li").count() == 10
        page.locator(".case-list").press("ArrowDown")
        assert page.locator("[role=option][aria-selected=true]").count() == 1
        assert page.locator(".case h2").inner_text() != first.id
        page.locator("[data-outcome]").select_option("first")
        page.locator(".case-list .relation", has_text="missed").first.wait_for(state="detached")
        assert set(page.locator(".case-list .relation").all_text_contents()) == {"rank 1"}
        page.locator("[data-board]").select_option(next(b.slug for b in boards_of(entries) if b.name == "rarearena_rdc"))
        page.locator("[data-says]", has_text="licence").wait_for()
        assert page.locator(".case blockquote").count() == 0

    def test_names_and_texts_that_mean_harm_are_only_shown(self, view: Watched, site: Path) -> None:
        slug = figures.unique_slug(EVIL)
        for place in ("index.html", "models.html", "training.html", f"models/{slug}.html"):
            page = view.open(site / place)
            page.wait_for_load_state()
            assert page.locator("img").count() == 0, place
            assert page.locator("a[href^='javascript']").count() == 0, place
        assert EVIL.replace("\u2028", "") in page.locator("h1").inner_text().replace("\u2028", "")
        page = view.open(site / "cases.html")
        boards = page.locator("[data-board] option").all_text_contents()
        page.locator("[data-board]").select_option(index=[text.startswith("raredx_vig") for text in boards].index(True))
        page.locator("[data-entry] option", has_text="onerror").wait_for(state="attached")
        page.locator(".case ol").wait_for()
        assert page.evaluate("document.querySelectorAll('img').length") == 0

    @pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
    def test_every_page_fits_its_window_and_axe_finds_nothing_serious(
        self, browser: Any, site: Path, width: int, scheme: str
    ) -> None:
        axe = resources.files(pytest.importorskip("axe_playwright_python")).joinpath("axe.min.js").read_text(encoding="utf-8")
        with watched(browser, width=width, scheme=scheme) as view:
            for path in (*(site / f"{name}.html" for name in PAGES), sorted((site / "models").glob("*.html"))[0]):
                page = view.open(path)
                if page.locator("figure").count():
                    page.wait_for_selector("figure[data-drawn]")
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name
                page.evaluate(axe)
                found = page.evaluate("axe.run({preload: false, resultTypes: ['violations']}).then(found => found.violations)")
                grave = [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found
                         if each["impact"] in ("serious", "critical")]  # fmt: skip
                assert grave == [], path.name
            assert (view.faults, view.outside(site)) == ([], [])
