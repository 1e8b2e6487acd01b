"""Entries -> entries under the terminology and linker at hand, and how the ranking moves. The old ones stay, withdrawn.

An entry's names are linked and judged anew; names that the old linker took for a disease named before are not among them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks import BENCHMARKS, digest
from raredx_bench.comparing import comparable
from raredx_bench.domain import RaredxError, UsageError
from raredx_bench.judging import Judge, judge_for
from raredx_bench.leaderboard.entries import Entry, measured, read_entry, rows, withdraw, write_entry
from raredx_bench.leaderboard.verifying import alike, remade
from raredx_bench.reporting import environment, terminology_document
from raredx_bench.scoring import task_cases
from raredx_bench.tasks import checked_options, task_named


@dataclass(frozen=True)
class Rescored:
    """What became of an entry. new: its successor; None: it was left as it is, and why says why ("" for nothing to do).

    ranks: its places by recall@1 among the entries that stand beside it, from 1, before and after; None: it stands alone.
    """

    old: Entry
    new: Entry | None
    why: str = ""
    ranks: tuple[int, int] | None = None


def rescore(entries: Sequence[Entry], folder: Path, root: Path) -> list[Rescored]:
    """Every entry that stands, linked and judged anew with what a data directory holds, written under folder.

    An entry that the present terminology and linker give the same signature is left as it is, without a word of why.
    """
    judge = judge_for(root)
    found = [_rescored(entry, folder, root, judge) for entry in entries if not entry.withdrawn]
    before, after = _places([each.old for each in found]), _places([each.new or each.old for each in found])
    return [
        replace(each, ranks=(before[each.old.name][0], after[(each.new or each.old).name][0]))
        if before[each.old.name][1] > 1 else each
        for each in found
    ]  # fmt: skip


def _rescored(entry: Entry, folder: Path, root: Path, judge: Judge) -> Rescored:
    try:
        if BENCHMARKS[str(task_named(entry.benchmark).metadata["benchmark"])].private:
            raise UsageError("its names were withheld under the data's use agreement: score the run itself")
        options, cases = task_cases(entry.benchmark, checked_options(entry.document["request"].get("metadata")), root)
        if digest(cases) != entry.document["cases"]:
            raise UsageError(f"the cases of {entry.benchmark} at hand are others than it is about")
        part = remade(entry, options, cases, judge, root)
    except RaredxError as error:
        return Rescored(entry, None, str(error))
    if alike(part.signature, entry.signature):
        return Rescored(entry, None)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    kept = {key: value for key, value in entry.document.items() if key not in ("schema", "verdicts", "withdrawn", "rescored")}
    document = {
        **kept, "terminology": terminology_document(judge), "environment": environment(),
        **measured(entry.benchmark, part), "rescored": {"from": entry.name, "date": today},
    }  # fmt: skip
    new = read_entry(write_entry(document, _with_failures(rows(entry.benchmark, part), entry), folder))
    withdraw(entry, f"scored again with {judge.version} and {judge.ontology.release}", new.name)
    return Rescored(read_entry(entry.folder), new)


def _with_failures(now: list[dict[str, Any]], entry: Entry) -> list[dict[str, Any]]:
    """The rows with the ways of failing that the old ones state: how an answer ended is no matter of linking."""
    failed = {(row["round"], row["case_id"]): row["failure"] for row in entry.table().to_pylist()}
    return [{**row, "failure": failed[row["round"], row["case_id"]]} for row in now]


def _places(entries: Iterable[Entry]) -> Mapping[str, tuple[int, int]]:
    """Name -> (place by recall@1 from 1, number of entries) among comparable ones; equals share the better place."""
    boards: dict[str, list[Entry]] = {}
    for entry in entries:
        boards.setdefault(comparable(entry.signature), []).append(entry)
    return {
        entry.name: (1 + sum(_top(other) > _top(entry) for other in board), len(board))
        for board in boards.values()
        for entry in board
    }


def _top(entry: Entry) -> float:
    return float(entry.document["estimates"]["recall@1"]["value"])
