"""Results that papers report are kept as printed, checked by arithmetic, and shown apart from entries."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reported import rows_of
from raredx_bench.domain import BadInput
from raredx_bench.reported import RATES, fits, notes, read_reported, reported_path
from raredx_bench.tasks import all_tasks

ROOT = Path(__file__).parents[1]


def row(
    n: str | None = None, model: str = "a model", matcher: str = "judge exact", median: str = "", **rates: str
) -> dict[str, Any]:
    """A reported row; r1="20.0" is recall@1."""
    estimates = {f"recall@{name[1:]}": rate for name, rate in rates.items()} | ({"median_rank": median} if median else {})
    return {
        "benchmark": "rarebench_mme", "ours": "rarebench_mme", "split": "all", "n": n,
        "cases": int(n) if n and n.isdigit() else None, "input": "HPO", "model": model, "estimates": estimates, "matcher": matcher,
        "source": "a paper", "confidence": "primary", "note": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "cases", "possible"),
    [
        ("29.2", 24, True), ("29.2", 40, False), ("12.5", 40, True), ("0", 40, True), ("100", 3, True), ("33.3", 3, True),
        ("33", 3, True), ("34", 3, False), ("36.61", 8562, False), ("36.61", 49760, True), ("78", 40, True),  # 31 of 40: 77.5
        ("77", 40, True), ("76", 40, False), ("104", 25, False),
    ],
)  # fmt: skip
def test_a_percentage_comes_from_a_whole_number_of_cases(printed: str, cases: int, possible: bool) -> None:
    assert fits(printed, cases) is possible
    slow = any(abs(Fraction(100 * k, cases) - Fraction(printed)) <= Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
               for k in range(cases + 1))  # fmt: skip
    assert slow is possible


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("40", r1="12.5", r5="30.0", r10="60.0", median="6")], ""),
        ([row(r1="12.5", r5="12.4")], "recall@1 exceeds recall@5."),
        ([row(r1="112.5")], "A rate is not a percentage."),
        ([row("40", r1="12.5", r5="29.2")],
         "29.2 can't come from 40 cases within rounding; the fewest cases that give every rate of the row: 24."),
        ([row("40", r1="20.4", r5="46.6", r10="52.3", median="6")],
         "20.4, 46.6, 52.3 can't come from 40 cases within rounding; the fewest cases that give every rate of the row: 279."),
        ([row("24 or 40", r1="12.5", r5="29.2")], "29.2 can't come from 40 cases within rounding; they can from 24."),
        ([row(r1="9.1", r5="9.1", r10="9.1")], "The same at every k: as if one name had been given a case."),
        ([row(r1="0", r5="0", r10="0")], ""),
        ([row(r1="60.0", r10="70.0", median="2")], "recall@1 does not go with a median rank of 2."),
        ([row(r1="20.0", r10="49.0", median="8")], "recall@10 does not go with a median rank of 8."),
        ([row(r1="20.0", r10="59.0", median=">10")], "recall@10 does not go with a median rank of >10."),
        ([row(r1="20.0", r10="49.0", median=">10")], ""),
        ([row(r1="20.0"), row(r1="19.0", matcher="judge exact+broader")],
         "recall@1 exceeds the one that counts broader answers too."),
        ([row(r1="20.0"), row(r1="21.0", matcher="judge exact+broader")], ""),
        ([row(r1="20.0"), row(r1="20.0")], "The same row stands twice."),
        ([row(r1="20.0"), row(r1="20.5")], "The source gives other numbers for the same row."),
        ([row(r1="20.0"), row(r1="20.5", model="another")], ""),
    ],
)  # fmt: skip
def test_what_arithmetic_says(rows: list[dict[str, Any]], said: str) -> None:
    assert notes(rows)[0] == said


@pytest.fixture(scope="module")
def committed() -> list[dict[str, Any]]:
    return read_reported(ROOT / "leaderboards/reported.json")


def test_the_committed_file_carries_the_notes_that_its_numbers_give(committed: list[dict[str, Any]]) -> None:
    assert [each["note"] for each in committed] == notes(committed)


def test_the_committed_rates_are_percentages_that_grow_with_k(committed: list[dict[str, Any]]) -> None:
    for each in committed:
        rates = [float(each["estimates"][name]) for name in RATES if name in each["estimates"]]
        assert rates == sorted(rates)
        assert all(0 <= rate <= 100 for rate in rates)
        assert each["cases"] == (int(each["n"]) if each["n"] and each["n"].isdigit() else None)


def test_benchmarks_have_our_name_exactly_where_we_have_the_task(committed: list[dict[str, Any]]) -> None:
    tasks = all_tasks()
    assert all(each["ours"] == (each["benchmark"] if each["benchmark"] in tasks else None) for each in committed)


def test_the_committed_file_is_what_the_table_gives(committed: list[dict[str, Any]], data_root: Path) -> None:
    assert rows_of(data_root / "published/published_results.csv") == committed


def test_our_file_is_found_in_a_checkout_and_a_missing_one_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reported_path() == ROOT / "leaderboards/reported.json"
    assert read_reported() == read_reported(reported_path())
    monkeypatch.setattr("raredx_bench.reported.__file__", "/nonexistent/raredx_bench/reported.py")
    assert read_reported() == []


@pytest.mark.parametrize(
    ("change", "place"),
    [({"unit": "fractions"}, "unit"), ({"rows": [{**row(r1="20.0"), "confidence": "P"}]}, "rows/0/confidence"),
     ({"rows": [row(r1="20 %")]}, "rows/0/estimates/recall@1"), ({"rows": [row()]}, "rows/0/estimates")],
)  # fmt: skip
def test_a_damaged_file_names_the_place(change: dict[str, Any], place: str, tmp_path: Path) -> None:
    path = tmp_path / "reported.json"
    path.write_text(json.dumps({"schema": "raredx-reported-1", "unit": "percent, as printed", "rows": [row(r1="20.0")], **change}))
    with pytest.raises(BadInput, match=f"is not a raredx reported: at {place}"):
        read_reported(path)
