"""Verdicts <-> verdicts.parquet: the names, links, relations and ranks of each case and round; no case text, no gold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, Relation, Verdict
from raredx_bench.metrics import MISS
from raredx_bench.report import verdict_from, verdict_row

RANKS = tuple(relation.value for relation in Relation if relation is not Relation.DIFFERENT)
WITHHELD = "withheld"  # how a name was linked, and an answer read, where neither may leave the machine
Row = dict[str, Any]


@dataclass(frozen=True)
class Ranks:
    """The ranks of the first round's cases, as vectors of one length; a miss is MISS.

    exact, narrower, broader: of the first name with that very relation; within(…) takes several.
    """

    case_ids: np.ndarray
    groups: np.ndarray
    exact: np.ndarray
    narrower: np.ndarray
    broader: np.ndarray

    COLUMNS: ClassVar = ("case_id", "group", *RANKS)

    def within(self, *relations: str) -> np.ndarray:
        """Rank of the first name with one of these relations; (cases,), a miss is MISS."""
        found: np.ndarray = np.min([getattr(self, each) for each in relations], axis=0)
        return found


def rows_of(rounds: Iterable[Iterable[Verdict]], failures: Mapping[str, Iterable[str]], *, private: bool) -> list[Row]:
    """One row per round and case. failures: way of failing -> ids of the first round's cases.

    Of a benchmark whose data may not leave the machine (private) only ids and ranks travel: a name may quote the text.
    """
    failed = {case_id: way for way, ids in failures.items() for case_id in ids}
    return [
        _row(number, verdict, failed.get(verdict.case_id) if number == 1 else None, private)
        for number, verdicts in enumerate(rounds, 1)
        for verdict in verdicts
    ]


def _row(number: int, verdict: Verdict, failure: str | None, private: bool) -> Row:
    row = verdict_row(verdict)
    said = [_private(each) if private else each for each in row["predictions"]]
    return {
        "round": number, "case_id": row["case_id"], "group": row["group"], "reading": row["reading"],
        "how": WITHHELD if private else row["how"], "failure": failure, **row["rank"],
        "predictions": [{"form": False, "namesakes": [], "among": [], "confidence": None, **each} for each in said],
    }  # fmt: skip


def _private(prediction: Mapping[str, Any]) -> Row:
    return {"name": "", "label": None, "how": WITHHELD, "score": 0.0, "id": prediction["id"], "relation": prediction["relation"]}


def columns() -> Any:
    """Arrow's schema of the file."""
    import pyarrow as pa

    texts = pa.list_(pa.string())
    prediction = [
        ("name", pa.string()), ("id", pa.string()), ("label", pa.string()), ("how", pa.string()), ("score", pa.float64()),
        ("relation", pa.string()), ("form", pa.bool_()), ("namesakes", texts), ("among", texts), ("confidence", pa.float64()),
    ]  # fmt: skip
    return pa.schema([
        ("round", pa.int8()), ("case_id", pa.string()), ("group", pa.string()), ("reading", pa.string()), ("how", pa.string()),
        ("failure", pa.string()), *((name, pa.int8()) for name in RANKS), ("predictions", pa.list_(pa.struct(prediction))),
    ])  # fmt: skip


def write_rows(rows: list[Row], path: Path) -> None:
    """The rows as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows, schema=columns()), path, compression="zstd")


def read_table(path: Path, only: Iterable[str] | None = None) -> Any:
    """The Arrow table of a file of rows, whole or of these columns. Raises BadInput for a file that is missing or another's."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise BadInput(f"{path} is missing: the entry's numbers can't be recomputed without its verdicts, add the run again")
    try:
        found = pq.read_table(path, columns=None if only is None else list(only))
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path} can't be read as Parquet ({str(error).splitlines()[0]}): add the run again") from error
    wanted = {each.name: each.type for each in columns() if only is None or each.name in set(only)}
    strange = [name for name, kind in wanted.items() if name not in found.column_names or found.schema.field(name).type != kind]
    if strange or set(found.column_names) != set(wanted):
        raise BadInput(f"{path} has not the columns of an entry's verdicts ({', '.join(strange or found.column_names)}): add the "
                       "run again")  # fmt: skip
    return found


def rounds_in(rows: Iterable[Mapping[str, Any]]) -> tuple[tuple[Verdict, ...], ...]:
    """The verdicts of each round, without gold and strata. Raises ValueError, KeyError or TypeError for rows that are none."""
    found: dict[int, list[Verdict]] = {}
    for row in rows:
        found.setdefault(row["round"], []).append(verdict_from({**row, "gold": (), "strata": {}}))
    return tuple(tuple(found[number]) for number in sorted(found))


def rows_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the content of rows, whatever wrote the file. Raises ValueError for a number that is not finite."""
    return digest_of([json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False) for row in rows])


def ranks_in(table: Any) -> Ranks:
    """The vectors of the first round."""
    import pyarrow.compute as pc

    first = table.filter(pc.equal(table["round"], 1))
    names, ranks = Ranks.COLUMNS[:2], Ranks.COLUMNS[2:]
    texts = [first[name].to_numpy(zero_copy_only=False) for name in names]
    return Ranks(*texts, *(pc.fill_null(first[name], MISS).to_numpy() for name in ranks))
