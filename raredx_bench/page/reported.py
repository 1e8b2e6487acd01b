"""Rows that papers report -> tables of those that can be compared with each other; never one with an entry of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from raredx_bench.page.boards import title_of
from raredx_bench.reported import RATES

_ALIKE = ("source", "split", "n", "input", "matcher", "confidence")  # what reported rows share that can be compared
LADDER = "RareDxR1"  # the paper whose stages are shown as a ladder
_STAGES = ("baseline", "DeepSeek", "RareDxR1-14B", "CRR")  # what names its stages, in order
Reported = Mapping[str, Any]


@dataclass(frozen=True)
class ReportedTable:
    """Comparable rows, best first by the first rate that is reported. columns: the measures that any of them has."""

    rows: tuple[Reported, ...]
    columns: tuple[str, ...]
    noted: bool

    @property
    def first(self) -> Reported:
        """What the rows share stands in any of them."""
        return self.rows[0]


@dataclass(frozen=True)
class ReportedGroup:
    """All tables of a benchmark. ours: we have a task of that name."""

    benchmark: str
    title: str
    ours: bool
    tables: tuple[ReportedTable, ...]

    @property
    def count(self) -> int:
        """Rows in all tables."""
        return sum(len(table.rows) for table in self.tables)


def reported_groups(rows: Iterable[Reported]) -> list[ReportedGroup]:
    """Rows by benchmark, ours first; inside, a table per source, split, input and matcher: only those compare."""
    groups: dict[str, dict[tuple[Any, ...], list[Reported]]] = {}
    ours: set[str] = set()
    for row in rows:
        groups.setdefault(row["benchmark"], {}).setdefault(tuple(row[key] for key in _ALIKE), []).append(row)
        if row["ours"]:
            ours.add(row["benchmark"])
    return [
        ReportedGroup(name, title_of(name), name in ours, tuple(_table(tables[alike]) for alike in sorted(tables, key=str)))
        for name, tables in sorted(groups.items(), key=lambda pair: (pair[0] not in ours, pair[0]))
    ]


def reported_ladders(rows: Iterable[Reported]) -> list[ReportedTable]:
    """The stages that the recipe's paper reports, a table per benchmark and split, in the order of training."""
    groups: dict[tuple[str, str], list[Reported]] = {}
    for row in rows:
        if str(row["source"]).startswith(LADDER):
            groups.setdefault((row["benchmark"], row["split"]), []).append(row)
    return [_ordered(members) for members in groups.values()]


def _ordered(rows: list[Reported]) -> ReportedTable:
    def stage(row: Reported) -> int:
        return max((place for place, name in enumerate(_STAGES) if name in row["model"]), default=-1)

    return ReportedTable(tuple(sorted(rows, key=stage)), _columns(rows), any(row["note"] for row in rows))


def _table(rows: list[Reported]) -> ReportedTable:
    columns = _columns(rows)
    best = sorted(rows, key=lambda row: -float(row["estimates"].get(columns[0], "-1").lstrip(">")))
    return ReportedTable(tuple(best), columns, any(row["note"] for row in rows))


def _columns(rows: list[Reported]) -> tuple[str, ...]:
    return tuple(name for name in (*RATES, "median_rank") if any(name in row["estimates"] for row in rows))
