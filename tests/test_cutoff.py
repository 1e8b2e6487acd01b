"""Before and after a model's knowledge cut-off."""

from __future__ import annotations

import pytest

from raredx_bench.cutoff import before_and_after
from raredx_bench.domain import Case, Link, Prediction, Reading, Relation, UsageError, Verdict
from raredx_bench.metrics import estimates


def judged(published: str, hit: bool, number: int = 0) -> tuple[Case, Verdict]:
    identifier = f"{published}-{number}"
    relation = Relation.EXACT if hit else Relation.DIFFERENT
    return Case(identifier, "b", "", ("X:1",), published=published), Verdict(
        identifier, identifier, (Prediction(Link("n", "X:1", ""), relation),), Reading.LIST, "", ("X:1",)
    )


@pytest.mark.parametrize(
    ("published", "cutoff", "side"),
    [
        ("2024-07-01", "2024-06-30", "after"),
        ("2024-06-30", "2024-06-30", "before"),
        ("2024-06-30", "2024-06", "before"),  # a month that is all a cut-off says is known to its end
        ("2024-06-15", "2024-06", "before"),
        ("2024-07-01", "2024-06", "after"),
        ("2024-07", "2024-06", "after"),
        ("2024-06", "2024-06", "before"),
        ("2024", "2024-06", "before"),  # part of the year may lie before
        ("2025", "2024-06", "after"),
        ("2025", "2024-12", "after"),
        ("2024-12-31", "2024", "before"),
        ("2025-01", "2024", "after"),
        ("", "2024-06", "undated"),
    ],
)
def test_a_case_is_after_only_when_all_of_its_date_is(published: str, cutoff: str, side: str) -> None:
    case, verdict = judged(published, True)
    found = before_and_after([verdict], [case], cutoff)
    assert {"before": bool(found.before), "after": bool(found.after), "undated": bool(found.undated)} == {
        name: name == side for name in ("before", "after", "undated")
    }


def test_each_side_has_the_estimates_of_its_own_cases() -> None:
    rows = [
        judged("2023-05", True, 0),
        judged("2023-05", True, 1),
        judged("2023-06", False),
        judged("2025", False),
        judged("", True),
    ]
    cases, verdicts = zip(*rows, strict=True)
    found = before_and_after(verdicts, cases, "2024-06")
    assert found.before == estimates(verdicts[:3])
    assert found.after == estimates(verdicts[3:4])
    assert (found.undated, found.cutoff) == (1, "2024-06")
    assert found.before["recall@1"].value == pytest.approx(2 / 3)


@pytest.mark.parametrize("cutoff", ["June 2024", "2024-13", "2024-6", "24", "2024-06-32", "2024-06-30T00:00"])
def test_a_cut_off_that_is_no_date_is_refused(cutoff: str) -> None:
    with pytest.raises(UsageError, match=r"a year, a month or a date \(2024-06\)"):
        before_and_after([], [], cutoff)
