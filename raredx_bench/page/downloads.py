"""Boards -> files to work with: CSV and JSON of every board, and of all of them together."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from raredx_bench.page.boards import Board, Row

MEASURES = ("recall@1", "recall@3", "recall@5", "recall@10", "recall@10/narrower", "recall@10/broader", "mrr", "median_rank")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula
_SHARED = ("benchmark", "model", "model_args", "date", "who", "entry", "rank_low", "rank_high", "n")


def files(boards: Sequence[Board], reported: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Name under downloads/ -> content. Rates are fractions; an empty cell is not known."""
    rows = {board.slug: [_record(row) for row in board.rows] for board in boards}
    every = [record for records in rows.values() for record in records]
    found = {"leaderboard.csv": table(every), "leaderboard.json": _json(every)}
    for slug, records in rows.items():
        found |= {f"{slug}.csv": table(records), f"{slug}.json": _json(records)}
    papers = list(reported)
    return {**found, "reported.json": _json(papers)} if papers else found


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """Records as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    names = [*_SHARED, *(f"{measure} {part}" for measure in MEASURES for part in ("value", "low", "high")), "signature"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([_cell(record.get(name)) for name in names])
    return out.getvalue()


def _record(row: Row) -> dict[str, Any]:
    document = row.document
    shared = (
        row.entry.benchmark, row.entry.model, document["model"].get("args"), document["created"][:10], document.get("who"),
        row.entry.name, *(row.rank or (None, None)), document["n"],
    )  # fmt: skip
    numbers = {f"{measure} {part}": row.estimates[measure][part] for measure in MEASURES if measure in row.estimates
               for part in ("value", "low", "high")}  # fmt: skip
    return {**dict(zip(_SHARED, shared, strict=True)), **numbers, "signature": row.entry.signature}


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(records: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(records, indent=1, ensure_ascii=False) + "\n"
