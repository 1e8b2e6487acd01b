"""Scoring rules -> whether they rank the same runs alike: Kendall's tau-b between every two of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from raredx_bench.comparing.runs import Run

LEAST = 3  # runs that an order needs


def protocol_taus(runs: Sequence[Run], metric: str = "recall@1") -> dict[tuple[str, str], float | None]:
    """Kendall's tau-b (1945) of the runs' order under every two scoring rules that all runs have, from -1 to 1.

    None: fewer than three runs, or one of the rules tells none of them apart. Rules without the metric are left out.
    """
    from scipy.stats import kendalltau  # a second to import: only when something is compared

    names = [name for name in runs[0].protocols if all(metric in run.protocols.get(name, {}) for run in runs)]
    values = {name: [run.protocols[name][metric].value for run in runs] for name in names}
    found: dict[tuple[str, str], float | None] = {}
    for one, other in combinations(names, 2):
        tau = float(kendalltau(values[one], values[other]).statistic) if len(runs) >= LEAST else math.nan
        found[one, other] = None if math.isnan(tau) else tau
    return found
