"""The reward's speed: completions a second and core, part by part, on completions of many kinds that were never read before.

python benchmarks/reward.py [--data-dir DIR] [--cases N] [--each N] [--seed N]

"cold" is the first pass: names are linked and judged for the first time. "warm" passes read new completions of the same cases, as
an epoch of training does. "mixed" puts new cases among them, so that about a fifth of the names is new: not judged for its case
before. Seconds are of processor time, in one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from raredx_bench import sources
from raredx_bench.domain import Case
from raredx_bench.hpo import load_hpo
from raredx_bench.judging import judge_for
from raredx_bench.phenotype import Ranker
from raredx_bench.simulation import simulate
from raredx_train.audit.answers import written
from raredx_train.audit.running import Scorer
from raredx_train.audit.world import World
from raredx_train.reward import Reward
from raredx_train.reward.reading import read

BATCH = 256  # completions of one call
WARM = 3  # passes
FRESH = 0.44  # share of new cases in the mixed pass
SENTENCES = (
    "{0} is the finding that weighs most in pass {2}.",
    "With {0} in mind, {1} has to be considered before anything else.",
    "Against {1} speaks that it does not explain {0} by itself.",
    "It is less likely that {1} would present with {0} alone at this age.",
)


def completion(world: World, case: Case, rng: Random, turn: int) -> str:
    """One of many kinds: 90 % are lists of ten that keep the contract, 4 % one name, 4 % explained lists, 2 % cut or empty."""
    pool = [*world.ranked(case), *world.above(case)[:2], *world.drawn(case, 6), *world.imagined(case, 2)]
    names = rng.sample(pool, min(world.k, len(pool)))
    found = world.findings(case)
    thought = " ".join(rng.choice(SENTENCES).format(rng.choice(found).lower(), rng.choice(names), turn) for _ in range(8))
    kind = rng.random()
    if kind < 0.9:
        return written(thought, names)
    if kind < 0.94:
        return written(thought, names[:1])
    if kind < 0.98:
        return f"<think>\n{thought}\n</think>\n\n" + "\n".join(f"{at}. **{name}**: it fits." for at, name in enumerate(names, 1))
    return f"<think>\n{thought}" if kind < 0.99 else ""


def measured(scorer: Scorer, cases: Sequence[Case], texts: Sequence[str]) -> float:
    """Completions a second of processor time."""
    begun = time.process_time()
    for start in range(0, len(texts), BATCH):
        scorer.parts(cases[start : start + BATCH], texts[start : start + BATCH])
    return len(texts) / (time.process_time() - begun)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    root = sources.data_dir(asked.data_dir)
    judge, hpo = judge_for(root), load_hpo(root)
    drawn = [case for case in simulate(hpo, 2 * asked.cases, asked.seed) if judge.gold(case.answers)]
    cases, fresh = drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]
    world, scorer = World(judge, Ranker(hpo, judge.ontology), drawn, asked.seed, 10), Scorer(Reward(length=4096), root)
    share = round(FRESH * len(cases))
    met: set[tuple[str, str]] = set()
    for turn, kind in enumerate(("cold", *["warm"] * WARM, "mixed")):
        rng = Random(f"{asked.seed} {turn}")
        seen = [*fresh[:share], *cases[share:]] if kind == "mixed" else cases
        answered = [case for case in seen for _ in range(asked.each)]
        rng.shuffle(answered)
        texts = [completion(world, case, rng, turn) for case in answered]
        rate = measured(scorer, answered, texts)
        pairs = [(case.id, name) for case, text in zip(answered, texts, strict=True) for name in read(text).names]
        new = len({*pairs} - met) / len(pairs)
        met.update(pairs)
        print(f"{kind}: {rate:,.0f} completions a second and core ({len(texts):,} completions, "
              f"{sum(map(len, texts)) / len(texts):,.0f} characters on average, {new:.0%} of names new)")  # fmt: skip
    for function in scorer.functions:
        alone = Scorer(Reward(length=4096), root)
        alone.functions, alone.weights = [function], [1.0]
        print(f"  {function.name}, completions read already: {1e6 / measured(alone, answered[:4096], texts[:4096]):,.0f} µs each")


if __name__ == "__main__":
    main()
