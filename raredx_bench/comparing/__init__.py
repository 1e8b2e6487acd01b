"""Runs -> whether one is better than another: paired differences, tests, what so many cases can show, ranges of ranks.

What may be compared at all is in signatures.py. docs/comparing.md has the methods, and how often they are right.
"""

from __future__ import annotations

from raredx_bench.comparing.document import comparison_document
from raredx_bench.comparing.paired import Compared, Difference, Discordant, Pair, compared
from raredx_bench.comparing.power import cases_needed, visible_difference
from raredx_bench.comparing.runs import Run, runs_from, shared_tasks
from raredx_bench.comparing.signatures import comparable, unlike
from raredx_bench.comparing.signs import rank_ranges
from raredx_bench.comparing.taus import protocol_taus

__all__ = [
    "Compared",
    "Difference",
    "Discordant",
    "Pair",
    "Run",
    "cases_needed",
    "comparable",
    "compared",
    "comparison_document",
    "protocol_taus",
    "rank_ranges",
    "runs_from",
    "shared_tasks",
    "unlike",
    "visible_difference",
]
