"""What reinforcement learning does to a student: full DCRL, no curriculum, plain GRPO, against the student it starts from.

python -m benchmarks.rl_student RUN --output OUT --data-dir DIR [--start FOLDER] [--seeds 1 2 3] [--only ARM] [--threads 1]
                                [--changes dcrl.rounds=10 …]
python -m benchmarks.rl_student RUN --output OUT --data-dir DIR --compare

RUN: the folder of `raredx-train run tiny --until rers-sft`; --start: another model than its rers-sft/model. Arms: "DCRL" (section
dcrl), "no curriculum" (dcrl without both levels), "GRPO" (that, by GRPO). All practise as often, on the same patients; a seed
orders them and draws the samples. Start and students answer the phenopackets of `seen`, 300 of `unseen` and FRESH new simulated
patients of the practised diseases (`custom`) through raredx-bench, greedily (once), and those of `seen` as warm as in training
(SAMPLED times: recall is their mean, pass@k as `raredx-bench` reports it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.students import answered, arguments, as_rounds, compare
from raredx_bench.report import read_report
from raredx_train import manifest
from raredx_train.config import Config, filled, load
from raredx_train.knowledge import Knowledge
from raredx_train.rl import Rl, practise
from raredx_train.rl.stage import Patients, patients_for
from raredx_train.stages import KINDS

SAMPLED = 8
FRESH = 400
_DRAW = 50  # added to the seed of the practised patients' draw: nobody else's
SIMULATED, FILE = "raredx_sim", "fresh.jsonl"
ARMS = ("DCRL", "no curriculum", "GRPO")


def section_of(arm: str, dcrl: Rl) -> Rl:
    """What an arm practises by."""
    flat = replace(dcrl, curriculum=replace(dcrl.curriculum, task=False, case=False))
    plain = {name: value for name, value in dcrl.trl.items() if name != "scale_rewards"}  # GRPO's own: by each group
    return {ARMS[0]: dcrl, ARMS[1]: flat, ARMS[2]: replace(flat, algorithm="grpo", trl=plain)}[arm]


def name(arm: str, seed: int) -> str:
    """The folder of one student of an arm."""
    return f"{arm.replace(' ', '-')}-{seed}"


def patients_of(run: Path, section: Rl, root: Path) -> Patients:
    """The patients that RUN's recipe practises on."""
    made = manifest.read(run / "knowledge")
    assert made is not None
    return patients_for(section, filled(Knowledge, made.config, ("knowledge",), {}).of_all, root)


def practised(start: Path, output: Path, root: Path, config: Config, patients: Patients, arm: str, seed: int) -> Path:
    """The folder of a student that practised by one arm."""
    folder = output / name(arm, seed)
    if not (folder / "rounds.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        section = section_of(arm, config.sections["dcrl"])
        run = replace(config.run, seed=seed)
        print(folder.name, json.dumps(practise(run, section, patients, start, folder, root), default=str), flush=True)
    return folder


def fresh(run: Path, section: Rl, root: Path, path: Path) -> Path:
    """The file of cases with new simulated patients of the practised diseases; written where it isn't there."""
    if not path.is_file():
        drawn = patients_of(run, replace(section, seed=section.seed + _DRAW, validation=2 * FRESH, beside=True), root).validation
        rows = [
            {"id": case.id, "text": case.presentation, "answers": case.answers} for case in drawn if case.benchmark == SIMULATED
        ][:FRESH]
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def greedily(student: Path, made: Path, root: Path) -> Path:
    """The run folder of its greedy answers. made: its folder below OUT's answers."""
    return answered(student, made / "greedy", root, cases=made.parent / FILE)


def asked_all(student: Path, made: Path, root: Path, temperature: float) -> tuple[Path, Path]:
    """The run folders of its greedy and of its sampled answers."""
    return greedily(student, made, root), answered(student, made / "sampled", root, sampled=SAMPLED, temperature=temperature)


def shown(start: Path, output: Path, root: Path, seeds: Sequence[int], temperature: float) -> None:
    """Print what start and arms reach, greedily and sampled, pass@k, and the validation of every round; arms that lack answers of a
    seed are left out."""
    answers = output / "answers"
    for way in ("greedy", "sampled"):
        print(f"\n{way}")
        there = {arm: [list((answers / name(arm, seed) / way).glob("*/report.json")) for seed in seeds] for arm in ARMS}
        folders = {arm: [report.parent for (report, *_) in each] for arm, each in there.items() if all(each)}
        if not folders:
            print("  no arm has all its answers")
            continue
        before = asked_all(start, answers / "start", root, temperature)[way == "sampled"]
        compare(as_rounds("start", [before] * len(seeds)), [as_rounds(arm, each) for arm, each in folders.items()], with_start=True)
        for arm, each in {"start": [before], **folders}.items() if way == "sampled" else ():
            for folder in each:
                for task, part in read_report(folder).benchmarks.items():
                    chances = {metric: f"{100 * found['value']:.1f}" for metric, found in part.repeats["pass_at"].items()}
                    print(f"  {arm}, {task}: {chances}")
    for arm in ARMS:
        for seed in (each for each in seeds if (output / name(arm, each) / "rounds.json").is_file()):
            print(f"\n{arm}, seed {seed}: round, task, reward, its parts; validation: greedy @1/@10, sampled @1 of n, entropy, kl")
            document = json.loads((output / name(arm, seed) / "rounds.json").read_text(encoding="utf-8"))
            for at, record in enumerate([{"validation": document["first"]}, *document["rounds"]]):
                print(f"  {at} {_round(record)}")


def _round(record: Mapping[str, Any]) -> str:
    """A round's record in a line."""
    found = record["validation"]
    parts = {key: round(value, 3) for key, value in record.get("rewards", {}).items() if value is not None}
    sampled = {key: round(value, 3) for key, value in found["sampled"].items() if key.startswith("recall@1") and "10" not in key}
    return (f"{record.get('task', '')} {record.get('reward', float('nan')):.3f} {parts} {found['greedy']['recall@1']:.3f}/"
            f"{found['greedy']['recall@10']:.3f} {sampled} {found['entropy']:.3f} {found.get('kl', 0.0):.4f}")  # fmt: skip


def main() -> None:
    """Practises what is missing, asks, compares."""
    parser = arguments(str(__doc__))
    parser.add_argument("--start", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", choices=ARMS)
    parser.add_argument("--compare", action="store_true")
    asked = parser.parse_args()
    start = asked.start or asked.run / "rers-sft" / "model"
    asked.output.mkdir(parents=True, exist_ok=True)
    config = load(str(asked.run / "config.yaml"), [*asked.changes, f"threads={asked.threads}"], KINDS)
    warm = config.sections["dcrl"].temperature
    if asked.compare:
        shown(start, asked.output, asked.data_dir, asked.seeds, warm)
        return
    patients = patients_of(asked.run, config.sections["dcrl"], asked.data_dir)
    answers = asked.output / "answers"
    answers.mkdir(exist_ok=True)
    fresh(asked.run, config.sections["dcrl"], asked.data_dir, answers / FILE)
    for seed in asked.seeds:
        for arm in ARMS if asked.only is None else (asked.only,):
            folder = practised(start, asked.output, asked.data_dir, config, patients, arm, seed)
            greedily(folder / "model", answers / folder.name, asked.data_dir)
    for seed in asked.seeds:  # the slow half last
        for arm in ARMS if asked.only is None else (asked.only,):
            asked_all(asked.output / name(arm, seed) / "model", answers / name(arm, seed), asked.data_dir, warm)


if __name__ == "__main__":
    main()
