"""Comparisons -> JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from raredx_bench.comparing.paired import Compared, Difference, Pair
from raredx_bench.comparing.runs import Run
from raredx_bench.comparing.taus import protocol_taus
from raredx_bench.metrics import MISS
from raredx_bench.report import estimates_document

SCHEMA = "raredx-comparison-1"


def comparison_document(found: Sequence[tuple[Compared, Sequence[Run]]]) -> dict[str, Any]:
    """What `compare --output` writes; fractions rounded to six digits.

    schema: raredx-comparison-1. tasks: by name, each with n, clusters; runs: name -> signature, rounds, estimates (value, low,
    high, n, by metric); taus: scoring rule -> scoring rule -> Kendall's tau-b of the runs' recall@1 (null: not defined); and
    pairs: a list of
      first, second: names of runs; differences are the first's less the second's
      wins, ties, losses: cases that the first ranks higher, alike, lower
      differences: metric -> value, low, high, n, resampled (low and high by a bootstrap over
        clusters), p, adjusted (Holm, over all pairs), won and lost (cases), effect (design effect),
        visible (smallest difference that n cases show, or null), needed (cases that show this one, or null)
      discordant: case_id, first, second (ranks, one a round, null for a miss) of each case that one run hits within some k and the
        other doesn't
    """
    return {"schema": SCHEMA, "tasks": {each.task: _task(each, runs) for each, runs in found}}


def _task(found: Compared, runs: Sequence[Run]) -> dict[str, Any]:
    taus: dict[str, dict[str, float | None]] = {}
    for (one, other), tau in protocol_taus(runs).items():
        taus.setdefault(one, {})[other] = None if tau is None else round(tau, 6)
    return {
        "n": found.n,
        "clusters": found.clusters,
        "runs": {run.name: {"signature": run.signature, "rounds": len(run.rounds),
                            "estimates": estimates_document(found.estimates[run.name])} for run in runs},
        "taus": taus,
        "pairs": [_pair(each) for each in found.pairs],
    }  # fmt: skip


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first, "second": pair.second, "wins": pair.wins, "ties": pair.ties, "losses": pair.losses,
        "differences": {name: _difference(each) for name, each in pair.differences.items()},
        "discordant": [{"case_id": each.case_id, "first": _ranks(each.first), "second": _ranks(each.second)}
                       for each in pair.discordant],
    }  # fmt: skip


def _difference(found: Difference) -> Mapping[str, Any]:
    return {
        **estimates_document({"": found.estimate})[""], "resampled": [round(each, 6) for each in found.resampled],
        "p": float(f"{found.p:.6g}"), "adjusted": float(f"{found.adjusted:.6g}"), "won": found.won, "lost": found.lost,
        "effect": round(found.effect, 6), "visible": None if found.visible is None else round(found.visible, 6),
        "needed": found.needed,
    }  # fmt: skip


def _ranks(ranks: Sequence[int]) -> list[int | None]:
    return [None if rank == MISS else rank for rank in ranks]
