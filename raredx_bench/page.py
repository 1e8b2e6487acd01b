"""Entries -> a static site: one self-contained page, sortable tables, no request to anywhere.

Results that papers report stand in a section of their own, never in a table with entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from raredx_bench.comparing import comparable
from raredx_bench.reported import RATES
from raredx_bench.tasks import all_tasks

COLUMNS = (
    ("recall@1", "recall@1"),
    ("recall@3", "recall@3"),
    ("recall@5", "recall@5"),
    ("recall@10", "recall@10"),
    ("recall@10/narrower", "+ narrower"),
    ("recall@10/broader", "+ broader"),
    ("mrr", "MRR"),
    ("median_rank", "median rank"),
)
_ALIKE = ("source", "split", "n", "input", "matcher", "confidence")  # what reported rows share that can be compared


def build_site(entries: Iterable[Mapping[str, Any]], folder: Path, reported: Iterable[Mapping[str, Any]] = ()) -> Path:
    """Write index.html under folder, from entries and the rows of reported results; returns its path."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("raredx_bench"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["percent"] = lambda rate: f"{100 * rate:.1f}"
    html = environment.get_template("leaderboard.html").render(
        boards=_boards(entries), columns=COLUMNS, reported=_reported(reported)
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(html, encoding="utf-8")
    return path


def _boards(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One table per set of comparable entries, best recall@1 first."""
    known = all_tasks()
    boards: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        boards.setdefault(comparable(entry["signature"]), []).append(entry)
    return [
        {
            "benchmark": rows[0]["benchmark"],
            "title": known[rows[0]["benchmark"]].metadata.get("title", "") if rows[0]["benchmark"] in known else "",
            "signature": signature,
            "first": rows[0],
            "rows": sorted(rows, key=lambda entry: -entry["estimates"]["recall@1"]["value"]),
        }
        for signature, rows in sorted(boards.items(), key=lambda pair: (not pair[0].startswith("raredx_vig"), pair[0]))
    ]


def _reported(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Reported rows by benchmark, ours first; inside, a table per source, split, input and matcher: only those compare."""
    known = all_tasks()
    groups: dict[str, dict[tuple[Any, ...], list[Mapping[str, Any]]]] = {}
    for row in rows:
        groups.setdefault(row["benchmark"], {}).setdefault(tuple(row[key] for key in _ALIKE), []).append(row)
    return [
        {
            "benchmark": name,
            "title": known[name].metadata.get("title", "") if name in known else "",
            "count": sum(map(len, tables.values())),
            "tables": [_table(tables[alike]) for alike in sorted(tables, key=str)],
        }
        for name, tables in sorted(groups.items(), key=lambda pair: (pair[0] not in known, pair[0]))
    ]


def _table(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Comparable reported rows, best first by the first rate that is reported."""
    columns = [name for name in (*RATES, "median_rank") if any(name in row["estimates"] for row in rows)]
    best = sorted(rows, key=lambda row: -float(row["estimates"].get(columns[0], "-1").lstrip(">")))
    return {"first": rows[0], "columns": columns, "rows": best, "noted": any(row["note"] for row in rows)}
