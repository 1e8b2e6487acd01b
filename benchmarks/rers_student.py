"""What a student learns from rejection sampling's traces and from RERS's, of the same size and of the same budget.

python -m benchmarks.rers_student RUN --output OUT --data-dir DIR [--seeds 1 2 3] [--only ARM] [--threads 1] [--changes KEY=VALUE …]
python -m benchmarks.rers_student RUN --output OUT --data-dir DIR --compare

RUN: the folder of `raredx-train run tiny --until rers` (knowledge, knowledge-sft, rers). Rejection sampling spends as many calls of
the teacher as rers did there, asking unsolved cases again, in turn. Arms: rejection; rers, same size (as many traces, drawn by
their ids); rers, same budget (all of them). Each starts from RUN's knowledge-sft; a seed orders the examples. Students answer the
phenopackets of `seen` and 300 of `unseen` through raredx-bench; the seeds are rounds of one run, compared in pairs by publication.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from benchmarks.students import answered, arguments, as_rounds, compare
from raredx_train import manifest, sft
from raredx_train.config import Config, filled, load
from raredx_train.examples import drawn, rows
from raredx_train.knowledge import Knowledge
from raredx_train.reasoning.building import build_reasoning
from raredx_train.stages import KINDS

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
    folder = output / name(arm, seed)
    if not (folder / "model" / "README.md").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        lesson = sft.Lesson(run / "knowledge", traces, run / "knowledge-sft" / "model")
        section = replace(config.sections["rers-sft"], recall=0)
        print(folder.name, sft.train(replace(config.run, seed=seed, threads=threads), section, lesson, folder, root), flush=True)
    return folder


def of_arm(arm: str, output: Path, seeds: Sequence[int]) -> list[Path]:
    """The answers of an arm's students."""
    return [next(iter((output / "answers" / name(arm, seed)).glob("*/report.json"))).parent for seed in seeds]


def name(arm: str, seed: int) -> str:
    """The folder of one student of an arm."""
    return f"{arm.replace(', ', '-').replace(' ', '-')}-{seed}"


def main() -> None:
    """Builds what is missing, trains, asks, compares."""
    parser = arguments(str(__doc__))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", choices=ARMS)
    parser.add_argument("--compare", action="store_true")
    asked = parser.parse_args()
    asked.output.mkdir(parents=True, exist_ok=True)
    answers = asked.output / "answers"
    if asked.compare:
        before = answered(asked.run / "knowledge-sft" / "model", answers / "knowledge-sft", asked.data_dir)
        arms = [as_rounds(arm, of_arm(arm, asked.output, asked.seeds)) for arm in ARMS]
        compare(as_rounds("knowledge-sft", [before]), arms)
        return
    config = recipe(asked.run, asked.output, asked.changes)
    if not (asked.output / "same" / "train.parquet").is_file():
        corpora(asked.run, asked.output, asked.data_dir, config)
    answered(asked.run / "knowledge-sft" / "model", answers / "knowledge-sft", asked.data_dir)
    for seed in asked.seeds:
        for arm in ARMS if asked.only is None else (asked.only,):
            student = taught(asked.run, asked.output, asked.data_dir, config, arm, seed, asked.threads)
            answered(student / "model", answers / student.name, asked.data_dir)


if __name__ == "__main__":
    main()
