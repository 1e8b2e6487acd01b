"""Results that papers and READMEs report, as they print them, and what arithmetic says of them. Nobody here has verified one.

leaderboards/reported.json holds a row a result: benchmark (our task's name where the cases are the same, else the source's
own, with ours null), split, n as stated and as a number where it is one, input form, model, estimates (percent in the printed
precision, so as text), matcher, source, confidence ("primary": read at the source, "secondary": second hand) and note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from raredx_bench.validation import read_json

SCHEMA = "raredx-reported-1"
RATES = ("recall@1", "recall@3", "recall@5", "recall@10")
_MOST = 1000  # cases up to which a number that gives all rates is looked for
_WHERE = ("benchmark", "split", "model", "source")
Row = Mapping[str, Any]


def reported_path() -> Path:
    """The file of reported results: in the installed wheel, else in a checkout; it may be missing."""
    shipped = Path(__file__).parent / "_reported.json"
    return shipped if shipped.is_file() else Path(__file__).parents[1] / "leaderboards" / "reported.json"


def read_reported(path: Path | None = None) -> list[dict[str, Any]]:
    """The rows of a file of reported results (default: ours), in its order; none where our file is missing.

    Raises BadInput naming file and place of the first fault.
    """
    if path is None and not reported_path().is_file():
        return []
    rows: list[dict[str, Any]] = read_json(path or reported_path(), "reported")["rows"]
    return rows


def notes(rows: Sequence[Row]) -> list[str]:
    """What arithmetic says of each row, in sentences; "" where nothing is wrong.

    Rates must lie from 0 to 100 and grow with k, fit the median rank, come from a whole number of cases within rounding, not
    exceed those that count broader answers too, and be printed once.
    """
    found = []
    for index, row in enumerate(rows):
        said = [*_order(row), *_median(row), *_same(row), *_counts(row)]
        others = [other for place, other in enumerate(rows) if place != index and all(other[key] == row[key] for key in _WHERE)]
        said += [sentence for other in others for sentence in (*_broader(row, other), *_repeated(row, other))]
        found.append(" ".join(dict.fromkeys(said)))
    return found


def fits(printed: str, cases: int) -> bool:
    """True when some whole number of cases gives a percentage that is printed so, halves rounded either way.

    >>> fits("29.2", 24), fits("29.2", 40)
    (True, False)
    """
    half = Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
    nearest = round(Fraction(printed) * cases / 100)
    return 0 <= nearest <= cases and abs(Fraction(100 * nearest, cases) - Fraction(printed)) <= half


def _rates(row: Row) -> dict[str, Fraction]:
    return {name: Fraction(row["estimates"][name]) for name in RATES if name in row["estimates"]}


def _order(row: Row) -> Iterator[str]:
    rates = _rates(row)
    if any(not 0 <= rate <= 100 for rate in rates.values()):
        yield "A rate is not a percentage."
    for (lower, first), (upper, second) in pairwise(rates.items()):
        if first > second:
            yield f"{lower} exceeds {upper}."


def _median(row: Row) -> Iterator[str]:
    stated = row["estimates"].get("median_rank", "")
    for name, rate in _rates(row).items():
        k = int(name.partition("@")[2])
        reached = stated.isdigit() and k >= int(stated)
        missed = (stated.isdigit() and k < int(stated)) or (stated.startswith(">") and k <= int(stated[1:]))
        if (reached and rate < 50) or (missed and rate > 50):
            yield f"{name} does not go with a median rank of {stated}."


def _same(row: Row) -> Iterator[str]:
    rates = _rates(row)
    if len(rates) > 1 and len(set(rates.values())) == 1 and any(rates.values()):
        yield "The same at every k: as if one name had been given a case."


def _counts(row: Row) -> Iterator[str]:
    """Whether the rates can come from the stated number of cases, or from each where the source leaves open which it is."""
    printed = list(dict.fromkeys(row["estimates"][name] for name in _rates(row)))
    stated = [int(number) for number in (row["n"] or "").split(" or ") if number.isdigit()]
    bad = {cases: [rate for rate in printed if not fits(rate, cases)] for cases in stated}
    good = [str(cases) for cases, rates in bad.items() if not rates]
    for cases, rates in bad.items():
        if not rates:
            continue
        sentence = f"{', '.join(rates)} can't come from {cases} cases within rounding"
        least = next((n for n in range(1, _MOST) if all(fits(rate, n) for rate in printed)), None)
        if good:
            sentence += f"; they can from {' or '.join(good)}"
        elif least is not None:
            sentence += f"; the fewest cases that give every rate of the row: {least}"
        yield f"{sentence}."


def _broader(row: Row, other: Row) -> Iterator[str]:
    if row["matcher"].endswith(" exact") and other["matcher"] == f"{row['matcher']}+broader":
        wide = _rates(other)
        for name, rate in _rates(row).items():
            if name in wide and rate > wide[name]:
                yield f"{name} exceeds the one that counts broader answers too."


def _repeated(row: Row, other: Row) -> Iterator[str]:
    if row["matcher"] == other["matcher"] and row["input"] == other["input"]:
        same = row["estimates"] == other["estimates"]
        yield "The same row stands twice." if same else "The source gives other numbers for the same row."
