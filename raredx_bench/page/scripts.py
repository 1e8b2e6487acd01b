"""Boards -> what the pages' plots and pickers load when they need it: one classic script a board."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from raredx_bench.page.boards import Board, Row
from raredx_bench.page.figures import script_json
from raredx_bench.page.reported import ReportedTable
from raredx_bench.strata import NOT_KNOWN
from raredx_bench.strata.levels import INHERITANCES, ONSETS, PREVALENCES

LADDER = ("recall@1", "recall@5", "recall@10")
HEAT = ("recall@1", "recall@10")
_LEVELS = (*PREVALENCES, *ONSETS, *INHERITANCES)
Document = dict[str, Any]


def script(place: str, document: Any) -> str:
    """A script that hands a document to the page that asked for the place."""
    return f"raredx.give({script_json(place)},{script_json(document)});\n"


def board_document(board: Board) -> Document:
    """Everything that the plots of a board show, a record per entry, best first."""
    names = labels(board.rows)
    return {"rows": [_entry_document(row, name) for row, name in zip(board.rows, names, strict=True)]}


def labels(rows: Sequence[Row]) -> list[str]:
    """A name for each row that no other has: the model's, with the entry's date and digest where a model stands there twice."""
    count = Counter(row.entry.model for row in rows)
    return [
        row.entry.model if count[row.entry.model] == 1 else f"{row.entry.model} ({row.entry.name.rpartition('@')[2] or row.slug})"
        for row in rows
    ]


def _entry_document(row: Row, label: str) -> Document:
    return {
        "slug": row.slug,
        "label": label,
        "model": row.model_slug,
        "value": _shares(row.estimates["recall@1"]),
        "costs": row.costs,
        "currency": row.currency,
        "protocols": protocol_rows(row.document.get("protocols") or {}),
        "strata": _strata(row.document.get("strata") or {}),
    }


def protocol_rows(protocols: Mapping[str, Any]) -> list[Document]:
    """A record per rule and credit: label, and measure -> value, low, high in percent; what a rule doesn't publish is absent."""
    found: dict[str, Document] = {}
    for name, part in protocols.items():
        for measure, estimate in part["estimates"].items():
            plain, _, credit = measure.partition("/")
            if plain in LADDER:
                label = f"{name} + {credit}" if credit else name
                found.setdefault(label, {})[plain] = _shares(estimate)
    return [{"label": label, "measures": measures} for label, measures in found.items()]


def _strata(strata: Mapping[str, Any]) -> Document:
    """Stratum -> level -> measure -> value, low, high in percent, and the number of cases."""
    return {
        name: {
            level: {key: [*_shares(levels[level][key]), levels[level][key]["n"]] for key in HEAT if key in levels[level]}
            for level in sorted(levels, key=_place)
        }
        for name, levels in strata.items()
        if len(levels) > 1
    }


def _place(level: str) -> tuple[bool, int, float, bool, str]:
    """Levels in their own order: as strata lists them, else by their first number; what is not known comes last."""
    digits = re.search(r"\d+", level)
    order = _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
    return level == NOT_KNOWN, order, float(digits[0]) if digits else 0.0, level[:1].isdigit(), level


def _shares(estimate: Mapping[str, float]) -> list[float]:
    return [round(100 * estimate[key], 2) for key in ("value", "low", "high")]


def ladders(boards: Iterable[Board]) -> list[Document]:
    """The training runs whose stages stand on one board, by board and run: title, board and a record per stage, in order."""
    found = []
    for board in boards:
        runs: dict[str, list[Row]] = {}
        for row in board.rows:
            if row.training.get("run"):
                runs.setdefault(str(row.training["run"]), []).append(row)
        found += [
            {
                "board": board,
                "run": run,
                "stages": sorted(members, key=lambda row: (row.training.get("position", 0), row.entry.name)),
            }
            for run, members in sorted(runs.items())
        ]
    return found


def stage_rows(stages: Sequence[Row]) -> list[Document]:
    """The rows of a training run's plot."""
    names = [str(row.training.get("stage") or row.entry.model) for row in stages]
    unlike = [f"{number}.\N{NO-BREAK SPACE}{name}" for number, name in enumerate(names, 1)]
    return [
        {"label": label, "measure": measure, **dict(zip(("value", "low", "high"), _shares(row.estimates[measure]), strict=True))}
        for label, row in zip(unlike, stages, strict=True)
        for measure in ("recall@1", "recall@10")
    ]


def reported_stage_rows(table: ReportedTable) -> list[Document]:
    """The rows of a plot of reported stages; a paper that prints no interval has none here."""
    printed = (
        (row["model"], measure, row["estimates"].get(measure)) for row in table.rows for measure in ("recall@1", "recall@10")
    )
    return [{"label": label, "measure": measure, "value": float(text)} for label, measure, text in printed if text]
