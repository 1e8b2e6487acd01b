"""Entries -> tables to ask with SQL, by DuckDB. The entries are the truth: the tables are made from them every time.

entries      one row an entry: benchmark, model, revision, signature, n, who, cost, …
estimates    entry, metric, value, low, high, n
strata       entry, stratum, level, metric, value, low, high, n
protocols    entry, protocol, metric, value, low, high, n
verdicts     entry, round, case_id, …, predictions: the rows of every verdicts.parquet
predictions  one row a predicted name: entry, round, case_id, rank, name, id, relation, …
reported     results that papers print, apart from entries
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from raredx_bench.domain import UsageError
from raredx_bench.extras import extra
from raredx_bench.leaderboard.entries import Entry

_ESTIMATE = ("value", "low", "high", "n")
_PREDICTIONS = """
    create {kind} predictions as
    select entry, round, case_id, rank, p.name, p.id, p.label, p.how, p.score, p.relation, p.confidence
    from (select entry, round, case_id, unnest(predictions) as p, generate_subscripts(predictions, 1) as rank from verdicts)
"""


def connected(entries: Sequence[Entry], reported: Sequence[Mapping[str, Any]] = (), path: Path | None = None) -> Any:
    """A DuckDB connection with the tables: in memory, where verdicts are read from the entries' own files when they are asked for,
    or written into a file at path, which holds copies of them. Raises UsageError when DuckDB isn't installed.
    """
    import pyarrow as pa

    duckdb = extra("duckdb", "board", "asking entries with SQL")
    connection = duckdb.connect(str(path) if path else ":memory:")
    for name, rows in _tables(entries, reported).items():
        table = pa.Table.from_pylist(rows) if rows else None
        if table is not None:
            connection.register("incoming", table)
            connection.execute(f"create table {name} as select * from incoming")
            connection.unregister("incoming")
    kind = "table" if path else "view"
    if entries:
        files = [str(entry.folder / "verdicts.parquet") for entry in entries]
        listed = ", ".join("'" + each.replace("'", "''") + "'" for each in files)
        connection.execute(f"""
            create {kind} verdicts as select parse_path(filename)[-2] as entry, * exclude (filename)
            from read_parquet([{listed}], filename = true)""")
        connection.execute(_PREDICTIONS.format(kind="view"))
    return connection


def write_store(entries: Sequence[Entry], reported: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """A DuckDB file with all tables at path, written in one move; returns path."""
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    connected(entries, reported, draft).close()
    draft.replace(path)
    return path


def asked(
    query: str, entries: Sequence[Entry], reported: Sequence[Mapping[str, Any]] = ()
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(column names, rows) that a query gives. It sees the tables and nothing of the machine. Raises UsageError for a bad query."""
    duckdb = extra("duckdb", "board", "asking entries with SQL")
    connection = connected(entries, reported)
    folders = sorted({str(entry.folder.parent.parent.resolve()) for entry in entries})
    listed = ", ".join("'" + each.replace("'", "''") + "'" for each in folders)
    connection.execute(f"set allowed_directories = [{listed}]")
    connection.execute("set enable_external_access = false")
    try:
        found = connection.execute(query)
        return [column[0] for column in found.description or ()], found.fetchall()
    except duckdb.Error as error:
        raise UsageError(f"the query fails: {str(error).strip().splitlines()[0]}; tables: {', '.join(TABLES)}") from error


TABLES = ("entries", "estimates", "strata", "protocols", "verdicts", "predictions", "reported")


def _tables(entries: Sequence[Entry], reported: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {
        "entries": [_entry(each) for each in entries],
        "estimates": [{"entry": each.name, **row} for each in entries for row in _long(each.document["estimates"])],
        "strata": [
            {"entry": each.name, "stratum": name, "level": level, **row}
            for each in entries
            for name, levels in each.document["strata"].items()
            for level, found in levels.items()
            for row in _long(found)
        ],
        "protocols": [
            {"entry": each.name, "protocol": name, **row}
            for each in entries
            for name, part in each.document["protocols"].items()
            for row in _long(part["estimates"])
        ],
        "reported": [
            {**{key: row[key] for key in row if key != "estimates"}, "metric": metric, "value": value}
            for row in reported
            for metric, value in row["estimates"].items()
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    document = entry.document
    card, cost = document["model"].get("card") or {}, document["cost"]
    return {
        "entry": entry.name, "benchmark": entry.benchmark, "split": document["split"], "form": document["form"],
        "model": entry.model, "revision": card.get("revision"), "created": document["created"], "n": document["n"],
        "who": document["who"], "training": (document["training"] or {}).get("data"),
        "terminology": document["terminology"]["release"], "signature": entry.signature,
        "seconds": cost.get("seconds"), "prompt_tokens": cost.get("prompt_tokens"),
        "completion_tokens": cost.get("completion_tokens"), "price_usd": cost.get("price_usd"),
        "withdrawn": (entry.withdrawn or {}).get("why"),
    }  # fmt: skip


def _long(estimates: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for metric, each in estimates.items():
        yield {"metric": metric, **{key: each[key] for key in _ESTIMATE}}
