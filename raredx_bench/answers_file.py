"""Answers made elsewhere: the rows of a file, and which case of which task each of them answers.

A row is a JSON object with case_id and either answer (a text) or names (a ranked list). Optional: task (whose answer it is, where
several tasks share cases), stop (why the answer ended), prompt_tokens, completion_tokens (whole numbers), seconds.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, Note
from raredx_bench.naming import storable
from raredx_bench.parsing import rendered
from raredx_bench.tasks import whole

SHOWN = 5  # ids of a kind that a message lists
Key = tuple[str, str]  # (task, case id)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer. text: as a model would have written it, a ranked list as `rendered`.

    task None: of every task that has the case. note: what the file says of it.
    """

    case_id: str
    text: str
    task: str | None = None
    note: Note = field(default_factory=Note)


def read_answers(path: Path) -> tuple[Given, ...]:
    """The rows of a file in its order; blank lines are passed over. Raises BadInput naming the line that is no answer."""
    try:
        lines = storable(path.read_text(encoding="utf-8-sig")).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}") from error
    return tuple(_given(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip())


def _given(line: str, where: str) -> Given:
    try:
        row = json.loads(line)
        case_id = storable(str(row["case_id"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"{where}: expected a JSON object with case_id ({error!r})") from error
    return Given(
        case_id,
        _text(row, where),
        _optional(row, "task", where, "a text", lambda value: isinstance(value, str)),
        Note(
            _optional(row, "stop", where, "a text", lambda value: isinstance(value, str)),
            _optional(row, "prompt_tokens", where, "a whole number", _is_count),
            _optional(row, "completion_tokens", where, "a whole number", _is_count),
            _optional(row, "seconds", where, "a number from 0", _is_duration),
        ),
    )


def _text(row: Mapping[str, Any], where: str) -> str:
    names, answer = row.get("names"), row.get("answer")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return rendered([storable(name) for name in names])
    if "names" in row or not isinstance(answer, str):
        raise BadInput(f"{where}: expected answer (a text) or names (a list of texts)")
    return storable(answer)


def _optional(row: Mapping[str, Any], key: str, where: str, expected: str, fits: Callable[[Any], bool]) -> Any:
    value = row.get(key)
    if value is not None and not fits(value):
        raise BadInput(f"{where}: expected {key} to be {expected}, not {value!r}")
    return value


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_duration(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def answers_for(
    rows: Iterable[Given],
    wanted: Mapping[str, Collection[str]],
    where: str,
    *,
    known: Callable[[str], Collection[str]] = lambda task: (),
    strict: bool = True,
    others: Mapping[str, Collection[str]] | None = None,
    remedy: str = "",
) -> dict[Key, Given]:
    """The row that answers each wanted case (task -> case ids); rows of other tasks are passed over.

    known: more ids of a task, asked for only when a row fits no wanted case: such a row is of a case that isn't asked now.
    others: further faults, kind -> ids. remedy: what else the message should say.
    Raises BadInput listing the ids that are missing, unknown or repeated; without strict those that are repeated or among others.
    """
    found: dict[Key, Given] = {}
    faults: dict[str, list[str]] = {"missing": [], "unknown": [], "repeated": [], **{k: list(v) for k, v in (others or {}).items()}}
    sets, known = {task: frozenset(ids) for task, ids in wanted.items()}, functools.cache(known)
    for row in rows:
        tasks = [task for task in sets if row.task is None or whole(row.task) == task]
        fitting = [(task, row.case_id) for task in tasks if row.case_id in sets[task]]
        if any(key in found for key in fitting):
            faults["repeated"].append(row.case_id)
        if tasks and not fitting and not any(row.case_id in known(task) for task in tasks):
            faults["unknown"].append(row.case_id)
        found |= dict.fromkeys(fitting, row)
    faults["missing"] = sorted({case_id for task, ids in sets.items() for case_id in ids if (task, case_id) not in found})
    refuse(
        {kind: list(dict.fromkeys(ids)) for kind, ids in faults.items() if strict or kind not in ("missing", "unknown")},
        where,
        sets,
        remedy,
    )
    return found


def refuse(faults: Mapping[str, Collection[str]], where: str, tasks: Iterable[str], remedy: str = "") -> None:
    """Raises BadInput when there are faults: how many ids of each kind, and the first of them."""
    said = [f"{len(ids)} {kind} ({', '.join(list(ids)[:SHOWN])}{', …' if len(ids) > SHOWN else ''})"
            for kind, ids in faults.items() if ids]  # fmt: skip
    if said:
        raise BadInput(f"{where} does not answer {', '.join(tasks)} case by case: {'; '.join(said)}{remedy}")
