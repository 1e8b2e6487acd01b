"""What a student learns from rejection sampling's traces and from RERS's, of the same size and of the same budget.

python benchmarks/rers_student.py RUN --output OUT --data-dir DIR [--seeds 1 2 3] [--only ARM] [--threads 1] [--changes KEY=VALUE …]
python benchmarks/rers_student.py RUN --output OUT --data-dir DIR --compare

RUN: the folder of `raredx-train run tiny --until rers` (knowledge, knowledge-sft, rers). Rejection sampling spends as many calls of
the teacher as rers did there, asking unsolved cases again, in turn. Arms: rejection; rers, same size (as many traces, drawn by
their ids); rers, same budget (all of them). Each starts from RUN's knowledge-sft; a seed orders the examples. Students answer the
phenopackets of `seen` and 300 of `unseen` through raredx-bench; the seeds are rounds of one run, compared in pairs by publication.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from raredx_bench.comparing.paired import compared
from raredx_bench.comparing.runs import Run, of_report
from raredx_train import manifest, sft
from raredx_train.config import Config, filled, load
from raredx_train.examples import drawn, rows
from raredx_train.knowledge import Knowledge
from raredx_train.reasoning.building import build_reasoning
from raredx_train.stages import KINDS

TASKS = "phenopacket_store@seen,phenopacket_store@unseen@small:300"
MOST = 64  # first answers to one case
ARMS = ("rejection", "rers, same size", "rers, same budget")


def recipe(run: Path, output: Path, changes: Sequence[str]) -> Config:
    """The configuration that RUN was made by, with changes."""
    document = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    path = output / "recipe.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load(str(path), changes, KINDS)


def corpora(run: Path, output: Path, root: Path, config: Config) -> None:
    """Rejection sampling at rers's number of calls, and as many of rers's traces as that gives."""
    before = manifest.read(run / "knowledge")
    assert before is not None
    assert config.run.teacher is not None
    spent = sum(json.loads((run / "rers" / "card.json").read_text(encoding="utf-8"))["funnel"]["calls"].values())
    facts = filled(Knowledge, before.config, ("knowledge",), {}).of_all
    section = replace(config.sections["rers"], rounds=0, samples=MOST, budget=spent)
    (output / "rejection").mkdir(parents=True, exist_ok=True)
    print(f"rejection sampling, {spent:,} calls:", build_reasoning(section, config.run.teacher, facts, output / "rejection", root))
    size = len(rows(output / "rejection" / "train.parquet"))
    traces = rows(run / "rers" / "train.parquet")
    (output / "same").mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(drawn(traces)[:size]), output / "same" / "train.parquet")
    pq.write_table(pq.read_table(run / "rers" / "heldout.parquet"), output / "same" / "heldout.parquet")
    print(f"traces: rejection {size:,}, rers {len(traces):,}", flush=True)


def taught(run: Path, output: Path, root: Path, config: Config, arm: str, seed: int, threads: int) -> Path:
    """The folder of a student that learnt one arm's traces."""
    traces = {ARMS[0]: output / "rejection", ARMS[1]: output / "same", ARMS[2]: run / "rers"}[arm]
    folder = output / f"{arm.replace(', ', '-').replace(' ', '-')}-{seed}"
    if not (folder / "model" / "README.md").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        lesson = sft.Lesson(run / "knowledge", traces, run / "knowledge-sft" / "model")
        section = replace(config.sections["rers-sft"], recall=0)
        print(folder.name, sft.train(replace(config.run, seed=seed, threads=threads), section, lesson, folder, root), flush=True)
    return folder


def answered(folder: Path, output: Path, root: Path) -> Path:
    """The run folder of a student's answers."""
    made = output / "answers" / folder.name
    if not list(made.glob("*/report.json")):
        model = f"pretrained={folder / 'model'},dtype=float32,max_length=1536"
        command = ["run", "--model", "hf", "--model_args", model, "--tasks", TASKS, "--apply_chat_template",
                   "--batch_size", "64", "--device", "cpu", "--gen_kwargs", "max_gen_toks=420",
                   "--data-dir", str(root), "-o", str(made)]  # fmt: skip
        subprocess.run([sys.executable, "-m", "raredx_bench", *command], check=True)
    return next(iter(made.glob("*/report.json"))).parent


def as_rounds(arm: str, folders: Sequence[Path]) -> dict[str, Run]:
    """The answers of one arm's students as rounds of one run, by task."""
    reports = [{run.task: run for run, _ in of_report(folder)} for folder in folders]
    return {task: replace(run, name=arm, rounds=tuple(each[task].verdicts for each in reports)) for task, run in reports[0].items()}


def compare(output: Path, seeds: Sequence[int]) -> None:
    """Prints every arm's recall and every pair's difference."""
    arms = {}
    for arm in ARMS:
        names = [f"{arm.replace(', ', '-').replace(' ', '-')}-{seed}" for seed in seeds]
        arms[arm] = as_rounds(arm, [next(iter((output / "answers" / name).glob("*/report.json"))).parent for name in names])
    start = next(iter((output / "answers" / "knowledge-sft").glob("*/report.json"))).parent
    for task, before in as_rounds("knowledge-sft", [start]).items():
        runs = [arms[arm][task] for arm in ARMS]
        found = compared(runs, (1, 5, 10))
        print(f"\n{task}: {found.n} cases, {found.clusters} publications, {len(seeds)} seeds")
        start_estimates = compared([before, runs[0]], (1, 5, 10)).estimates["knowledge-sft"]
        for name, each in {"knowledge-sft": start_estimates, **found.estimates}.items():
            values = (
                f"{metric} {100 * value.value:5.1f} ({100 * value.low:.1f}-{100 * value.high:.1f})"
                for metric, value in each.items()
            )
            print(f"  {name:20}", "  ".join(values))
        for pair in found.pairs:
            for metric, found_of in pair.differences.items():
                estimate = found_of.estimate
                low, value, high = (-100 * part for part in (estimate.high, estimate.value, estimate.low))
                print(f"  {pair.second} less {pair.first}, {metric}: {value:+.1f} ({low:+.1f} to {high:+.1f}), p {found_of.p:.3f}, "
                      f"adjusted {found_of.adjusted:.3f}")  # fmt: skip


def main() -> None:
    """Builds what is missing, trains, asks, compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", choices=ARMS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--changes", nargs="+", default=[], help="of the recipe, as raredx-train takes them")
    parser.add_argument("--compare", action="store_true")
    asked = parser.parse_args()
    asked.output.mkdir(parents=True, exist_ok=True)
    if asked.compare:
        compare(asked.output, asked.seeds)
        return
    config = recipe(asked.run, asked.output, asked.changes)
    if not (asked.output / "same" / "train.parquet").is_file():
        corpora(asked.run, asked.output, asked.data_dir, config)
    if asked.only in (None, ARMS[0]):
        answered(asked.run / "knowledge-sft", asked.output, asked.data_dir)
    for seed in asked.seeds:
        for arm in ARMS if asked.only is None else (asked.only,):
            answered(
                taught(asked.run, asked.output, asked.data_dir, config, arm, seed, asked.threads), asked.output, asked.data_dir
            )


if __name__ == "__main__":
    main()
