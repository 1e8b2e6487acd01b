"""Entries -> a static site: one self-contained page, sortable tables, no request to anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2

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


def build_site(entries: Iterable[Mapping[str, Any]], folder: Path) -> Path:
    """Write index.html from entries under folder; returns its path."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("raredx_bench"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["percent"] = lambda rate: f"{100 * rate:.1f}"
    html = environment.get_template("leaderboard.html").render(boards=_boards(entries), columns=COLUMNS)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(html, encoding="utf-8")
    return path


def comparable(signature: str) -> str:
    """What two rows must share to stand in one table: everything but the chat template and the package version."""
    return "|".join(part for part in signature.split("|") if not part.startswith(("chat:", "raredx:")))


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
