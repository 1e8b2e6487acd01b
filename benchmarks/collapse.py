"""What the gates of the reward prevent: the same training with credit for likeness alone, without the gates and with them.

python -m benchmarks.collapse RUN --output OUT --data-dir DIR [--start FOLDER] [--changes dcrl.rounds=12 …] [--seed 1] [--threads 1]

RUN: the folder of `raredx-train run tiny --until rers-sft`. In both trainings nothing is paid for the diagnosis itself, and the
overlap of findings with any named disease pays in full: the reward that a policy can please with one list for everybody. Prints
every round's reward, diversity, unlinked share, length, entropy and signs, and whether the guard stopped it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from benchmarks.rl_student import patients_of
from benchmarks.students import arguments
from raredx_train.config import load
from raredx_train.rl import Rl, practise
from raredx_train.stages import KINDS


def tempting(section: Rl, gates: bool) -> Rl:
    """The section with partial credit for everything and nothing else, gates on or off, no curriculum."""
    weights = replace(section.reward.weights, accuracy=0.0, overlap=1.0)
    reward = replace(section.reward, gates=gates, overlap=1.0, weights=weights)
    return replace(section, reward=reward, curriculum=replace(section.curriculum, task=False, case=False))


def main() -> None:
    """Train what is missing, and print the rounds."""
    parser = arguments(str(__doc__))
    parser.add_argument("--start", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    config = load(str(asked.run / "config.yaml"), [*asked.changes, f"threads={asked.threads}", f"seed={asked.seed}"], KINDS)
    section: Rl = config.sections["dcrl"]
    patients = None
    for gates in (False, True):
        folder = asked.output / f"gates-{'on' if gates else 'off'}-{asked.seed}"
        if not (folder / "rounds.json").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            patients = patients or patients_of(asked.run, section, asked.data_dir)
            start = asked.start or asked.run / "rers-sft" / "model"
            practise(config.run, tempting(section, gates), patients, start, folder, asked.data_dir)
        document = json.loads((folder / "rounds.json").read_text(encoding="utf-8"))
        print(f"\ngates {'on' if gates else 'off'}, seed {asked.seed}: reward, diversity, unlinked, tokens, entropy, signs")
        for at, record in enumerate([{"validation": document["first"], "signs": []}, *document["rounds"]]):
            found = record["validation"]["sampled"]
            print(f"  {at:2} {record.get('reward', float('nan')):+.3f} {found['diversity']:.2f} {found['unlinked']:.2f} "
                  f"{found['length']:.0f} {record['validation']['entropy']:.3f} {'; '.join(record['signs'])}")  # fmt: skip
        rounds = len(document["rounds"])
        stopped = bool(rounds and document["rounds"][-1]["signs"] and rounds < section.rounds)
        print(f"  {'stopped by the guard' if stopped else 'not stopped'} after {rounds} of {section.rounds} rounds")


if __name__ == "__main__":
    main()
