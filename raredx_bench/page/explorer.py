"""Entries -> the scripts behind the case explorer: what each model named, what each name was taken for, and why.

The texts of cases stand there only where the benchmark's licence lets them, the cases are at hand, and they are the very ones that
were scored (by their digest). Everything else goes by ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks import BENCHMARKS, digest
from raredx_bench.domain import BadInput, Case, DataMissing, RaredxError
from raredx_bench.harness.folders import data_environment
from raredx_bench.judging import Judge, judge_for
from raredx_bench.leaderboard import Entry
from raredx_bench.page.boards import Board, Row, task_of
from raredx_bench.tasks import OPTIONS, cases_of

MOST = 150  # cases of a board that are shown
LEAST = 20
BUDGET = 3000  # cases times entries of a board, as far as LEAST lets it
SHOWN = ("name", "id", "label", "how", "relation")  # of each name
Document = dict[str, Any]


def explored(boards: Sequence[Board], root: Path) -> Iterator[tuple[str, Document]]:
    """(place under the site without ending, document) of every script: one of cases a board, one of names an entry."""
    for board in boards:
        ids = shown_ids(board)
        if not ids:
            continue
        cases, why_not = _cases(board, root)
        judge = judge_for(root) if cases else None
        yield f"cases/{board.slug}/cases", _case_document(board, ids, cases, why_not, judge)
        same = judge if judge and judge.ontology.digest == board.rows[0].document["terminology"]["digest"] else None
        for row in board.rows:
            yield f"cases/{board.slug}/{row.slug}", {"cases": _names(row, ids, cases, same)}


def shown_ids(board: Board) -> list[str]:
    """The cases that are shown, the same of every entry: the first by the hash of their ids, in the order of the entry."""
    try:
        ids = [str(each) for each in board.rows[0].entry.ranks().case_ids]
    except BadInput:
        return []
    count = max(LEAST, min(MOST, BUDGET // len(board.rows)))
    chosen = set(sorted(ids, key=lambda each: hashlib.sha256(each.encode()).digest())[:count])
    return [each for each in ids if each in chosen]


def _cases(board: Board, root: Path) -> tuple[Mapping[str, Case], str]:
    """The cases with their texts by id; or none, and why."""
    task = task_of(board.name)
    if task is None or not BENCHMARKS[task.base].shows_text:
        return {}, "The licence of this benchmark does not let its texts be shown here."
    entry = board.rows[0].entry
    asked = entry.document.get("request", {}).get("metadata") or {}
    options = {key: asked[key] for key in OPTIONS if key in asked and key != "cases"}
    try:
        with data_environment(root):
            cases = cases_of({**task.metadata, **options})
    except DataMissing:
        return {}, "The cases were not at hand where this page was built."
    except RaredxError as error:
        return {}, f"The cases could not be read where this page was built: {error}"
    if digest(cases) != entry.document["cases"]:
        return {}, "The cases at hand where this page was built are not the very ones that were scored."
    return {case.id: case for case in cases}, ""


def _case_document(board: Board, ids: Sequence[str], cases: Mapping[str, Case], why_not: str, judge: Judge | None) -> Document:
    return {
        "of": board.n,
        "why_not": why_not,
        "cases": [{"id": each, **(_shown(cases[each], judge) if judge and each in cases else {})} for each in ids],
    }


def _shown(case: Case, judge: Judge) -> Document:
    gold = judge.gold(case.answers)
    named = [f"{judge.ontology.name(each)} ({each})" for each in gold]
    return {"text": case.presentation, "answers": named or list(case.answers)}


def _names(row: Row, ids: Sequence[str], cases: Mapping[str, Case], judge: Judge | None) -> Document:
    """Case id -> how its answer was read and what it names."""
    wanted = set(ids)
    return {
        each["case_id"]: {
            "reading": each["reading"],
            "failure": each["failure"],
            "names": [_name(said, cases.get(each["case_id"]), judge) for said in each["predictions"] or ()],
        }
        for each in _rows(row.entry, wanted)
    }


def _rows(entry: Entry, ids: set[str]) -> list[Document]:
    """The rows of the first round of these cases: only the columns that are shown are read, only these rows become objects."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    columns = ["round", "case_id", "reading", "failure", *(f"predictions.list.element.{name}" for name in SHOWN)]
    try:
        table = pq.ParquetFile(entry.folder / "verdicts.parquet", memory_map=True).read(columns=columns)
    except (pa.ArrowException, OSError):
        return []
    kept = pc.and_(pc.equal(table["round"], 1), pc.is_in(table["case_id"], value_set=pa.array(sorted(ids))))
    rows: list[Document] = table.filter(kept).to_pylist()
    return rows


def _name(said: Mapping[str, Any], case: Case | None, judge: Judge | None) -> Document:
    """A name, what it was linked to and how it relates; why: the judge's sentence, as long as it says the same."""
    found = {key: said[key] for key in SHOWN}
    if judge is not None and case is not None and said["name"]:
        relation, why = _matched(judge, said["name"], case.answers)
        if relation == said["relation"]:
            found["why"] = why
    return found


@lru_cache(maxsize=200_000)
def _matched(judge: Judge, name: str, answers: tuple[str, ...]) -> tuple[str, str]:
    prediction, why = judge.match(name, answers)
    return prediction.relation.value, why
