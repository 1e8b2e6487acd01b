"""What the benchmarks of students share: students answer held-out patients through raredx-bench, arms are compared in pairs.

The seeds of an arm are rounds of one run: differences are paired by case, intervals are over publications.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from raredx_bench.comparing.paired import compared
from raredx_bench.comparing.runs import Run, of_report
from raredx_bench.domain import Estimate

SEEN = "phenopacket_store@seen"
TASKS = f"{SEEN},phenopacket_store@unseen@small:300"
TOKENS = 420  # of an answer at most
HITS = (1, 5, 10)


def arguments(about: str) -> argparse.ArgumentParser:
    """What every benchmark of students is told: a run, where its results go, the data, and changes of the recipe."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--changes", nargs="+", default=[], help="of the recipe, as raredx-train takes them")
    return parser


def answered(model: Path, made: Path, root: Path, *, sampled: int = 0, temperature: float = 1.0, cases: Path | None = None) -> Path:
    """The run folder, below made, of a model's greedy answers, or of so many sampled ones to each case of SEEN.

    cases: of the benchmark custom, greedily answered as well.
    """
    if not list(made.glob("*/report.json")):
        told = f"max_gen_toks={TOKENS}" + (f",do_sample=True,temperature={temperature},top_k=0" if sampled else "")
        tasks = SEEN if sampled else f"{TASKS},custom" if cases else TASKS
        command = ["run", "--model", "raredx-train", "--model_args", f"path={model},dtype=float32",
                   "--tasks", tasks, *(["--cases", str(cases)] if cases else []),
                   "--apply_chat_template", "--batch_size", "64",
                   "--device", "cpu", "--gen_kwargs", told,
                   *(["--repeats", str(sampled)] if sampled else []), "--data-dir", str(root), "-o", str(made)]  # fmt: skip
        subprocess.run([sys.executable, "-m", "raredx_bench", *command], check=True)
    return next(iter(made.glob("*/report.json"))).parent


def as_rounds(arm: str, folders: Sequence[Path]) -> dict[str, Run]:
    """The answers of one arm's students as rounds of one run, by task."""
    reports = [{run.task: run for run, _ in of_report(folder)} for folder in folders]
    return {
        task: replace(run, name=arm, rounds=tuple(verdicts for each in reports for verdicts in each[task].rounds))
        for task, run in reports[0].items()
    }


def compare(start: Mapping[str, Run], arms: Sequence[Mapping[str, Run]], *, with_start: bool = False) -> None:
    """Print, by task, the recall of the start and of every arm, and the differences of arms; with_start: from the start as well."""
    for task, before in start.items():
        runs = [arm[task] for arm in arms]
        found = compared([before, *runs] if with_start else runs, HITS)
        print(f"\n{task}: {found.n} cases, {found.clusters} publications, {len(runs[0].rounds)} rounds an arm")
        shown = found.estimates if with_start else {**compared([before, runs[0]], HITS).estimates, **found.estimates}
        for name, estimates in shown.items():
            print(f"  {name:24}", "  ".join(f"{metric} {_percent(value)}" for metric, value in estimates.items()))
        for pair in found.pairs:
            for metric, difference in pair.differences.items():
                estimate = difference.estimate
                low, value, high = (-100 * part for part in (estimate.high, estimate.value, estimate.low))
                print(f"  {pair.second} less {pair.first}, {metric}: {value:+.1f} ({low:+.1f} to {high:+.1f}), "
                      f"p {difference.p:.3f}, adjusted {difference.adjusted:.3f}")  # fmt: skip


def _percent(value: Estimate) -> str:
    return f"{100 * value.value:5.1f} ({100 * value.low:.1f}-{100 * value.high:.1f})"
