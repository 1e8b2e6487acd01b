"""RERS against plain rejection sampling and against K at the first question, at an equal number of the teacher's calls.

python benchmarks/rers.py --data-dir DIR [--cases 400] [--views 0.2 0.4 0.5 0.6 0.8] [--seed 1] [--json FILE]

Cases: phenopackets of the split train (without `seen`), whole. The ontology teacher sees a share (view) of HPO's annotations. RERS
runs first and says how many calls it took; the other arms may spend as many, asking unsolved cases again and again, in turn. A case
is covered when a trace that ends in its diagnosis at rank 1 passed the filter. Since the teacher's blindness is set by hand, this
checks the machinery: it says nothing of what RERS does for a language model.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench.intervals import clustered
from raredx_bench.metrics import drawn_clusters, mean_estimates
from raredx_bench.strata import stratified
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.grounds import Grounds, load_grounds
from raredx_train.reasoning.building import cases_for, panel_for
from raredx_train.reasoning.funnel import RARITY, total
from raredx_train.reasoning.reflection import Outcome, Reflection, State
from raredx_train.reasoning.settings import Rers
from raredx_train.settings import Teacher

MOST = 64  # first answers to one case
SOLVED = (State.SAMPLED, State.REFLECTED)
DRAWS = 2000


def arms(samples: int, rounds: int, cases: int, seed: int) -> dict[str, Rers]:
    """The arms by name; RERS first."""
    rers = Rers(cases=cases, variants=0, samples=samples, rounds=rounds, seed=seed)
    return {
        "RERS": rers,
        "RERS without E": replace(rers, baseline=False),
        "rejection sampling": replace(rers, samples=MOST, rounds=0),
        "K at the first question": replace(rers, samples=MOST, rounds=0, knowledge_first=True),
    }


def ran(rers: Rers, view: float, grounds: Grounds, data_dir: Path, budget: int) -> list[Outcome]:
    """What became of the cases in one arm."""
    trained, cases = cases_for(rers, grounds, Counter())
    shown = stratified(cases, grounds.base.ontology, grounds.base.hpo, data_dir)
    teacher = Teacher("ontology", "ontology", options={"view": view}, seed=rers.seed)
    with tempfile.TemporaryDirectory() as folder:
        panel = panel_for(rers, teacher, grounds.base, trained, Path(folder))
        return list(Reflection(replace(rers, budget=budget), panel).run(shown))


def solved(outcomes: Sequence[Outcome]) -> np.ndarray:
    """1 for each covered case; (cases,)."""
    return np.array([float(each.state in SOLVED) for each in outcomes])


def ratio(one: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> tuple[float, float, float]:
    """How many times the cases of the other arm the first covers, with a 95 % percentile interval over publications."""
    cluster, clusters = clustered(groups)
    counts = drawn_clusters(clusters, DRAWS, np.random.default_rng(0))
    sums = [counts @ np.bincount(cluster, each, clusters) for each in (one, other)]
    drawn = sums[0] / np.maximum(sums[1], 1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(one.sum() / max(1, other.sum())), float(low), float(high)


def row(name: str, outcomes: Sequence[Outcome], first: np.ndarray) -> dict[str, Any]:
    """One arm's figures; first: what RERS covers."""
    groups = [each.case.group for each in outcomes]
    values, calls = solved(outcomes), sum(len(each.attempts) for each in outcomes)
    covered = mean_estimates({"covered": values}, groups)["covered"]
    said = {
        "arm": name, "calls": calls, "covered": [covered.value, covered.low, covered.high], "traces per call": values.sum() / calls,
        "RERS covers, times": list(ratio(first, values, groups)), "states": dict(total(outcomes).states),
        "faults": dict(total(outcomes).faults),
    }  # fmt: skip
    levels: dict[str, list[int]] = {}
    for at, each in enumerate(outcomes):
        levels.setdefault(each.case.strata.get(RARITY, "not known"), []).append(at)
    said["by prevalence"] = {
        level: [
            len(places),
            float(values[places].mean()),
            list(ratio(first[places], values[places], [groups[at] for at in places])),
        ]
        for level, places in sorted(levels.items())
    }
    return said


def shown(view: float, each: dict[str, Any], seconds: float) -> str:
    """One line of the table."""
    value, low, high = (100 * part for part in each["covered"])
    times, least, most = each["RERS covers, times"]
    return (f"{view:4} {each['arm']:24}{each['calls']:7}  {value:5.1f} ({low:.1f}-{high:.1f})  {each['traces per call']:.3f}  "
            f"{times:.2f} ({least:.2f}-{most:.2f})  {seconds:5.0f} s")  # fmt: skip


def main() -> None:
    """Prints a line for each view and arm: calls, percent of cases covered, traces a call, how many times as many RERS covers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--views", type=float, nargs="+", default=[0.2, 0.4, 0.5, 0.6, 0.8])
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    grounds, found = load_grounds(Knowledge(), asked.data_dir, Counter()), []
    print("view arm                      calls  covered, %         a call  RERS, times", flush=True)
    for view in asked.views:
        budget, first = 0, np.array([])
        for name, rers in arms(asked.samples, asked.rounds, asked.cases, asked.seed).items():
            start = time.process_time()
            outcomes = ran(rers, view, grounds, asked.data_dir, budget)
            if name == "RERS":
                budget, first = sum(len(each.attempts) for each in outcomes), solved(outcomes)
            found.append({"view": view, **row(name, outcomes, first)})
            print(shown(view, found[-1], time.process_time() - start), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
