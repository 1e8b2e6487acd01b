"""Leaderboards that can be checked: a run becomes entries, and every number of an entry can be made again from its own verdicts.

rows.py        verdicts <-> verdicts.parquet
entries.py     a run -> entries on disk; reading them
verifying.py   an entry -> what in it isn't what its names give
rescoring.py   entries -> entries under another terminology or linker
exporting.py   entries -> CSV, JSON, LaTeX, Markdown, a model card's block
store.py       entries -> tables to ask with SQL
"""

from raredx_bench.leaderboard.entries import (
    Entry,
    chosen_entries,
    entry_name,
    read_entries,
    read_entry,
    runs_at,
    twins,
    withdraw,
    write_entries,
)
from raredx_bench.leaderboard.rows import Ranks

__all__ = [
    "Entry", "Ranks", "chosen_entries", "entry_name", "read_entries", "read_entry", "runs_at", "twins", "withdraw",
    "write_entries",
]  # fmt: skip
