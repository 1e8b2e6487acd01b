"""How good, how varied and how fast the ontology teacher is, by the share of facts that it sees.

python benchmarks/teacher.py [--data-dir DIR] [--cases 600] [--views 0.2 0.4 0.6 0.8] [--temperature 1.0] [--noise 1.0]
    [--attention 0.8] [--length short] [--seed 1]

prints pass@1, pass@4 and pass@16 (the first name is the diagnosis or a form of it, as the judge decides) with 95 % intervals over
publications, for a seeded sample of the Phenopacket Store's part `train`; words of a thought; answers a second of one core. The row
"1 (no noise)" is the same ranking with all facts, all findings and no noise.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case, Relation
from raredx_bench.intervals import clustered, mean_intervals
from raredx_bench.judging import Judge
from raredx_bench.linking import Linker
from raredx_bench.repeats import pass_at
from raredx_bench.splits import parts
from raredx_train.generate import Sample
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.building import load_sources
from raredx_train.reasoning import asking
from raredx_train.reasoning.teacher import OntologyOptions, OntologyTeacher
from raredx_train.reasoning.trace import Trace, trace_of

SAMPLES, ASKED = 16, 10
RIGHT = (Relation.EXACT, Relation.NARROWER)


def training_cases(root: Path, size: int, seed: int) -> list[Case]:
    """So many cases of the part `train`, drawn by the seed."""
    cases = load_cases("phenopacket_store", root)
    where = parts(cases)
    train = [case for case in cases if where[case.id] == "train"]
    return Random(seed).sample(train, min(size, len(train)))


def traces(teacher: OntologyTeacher, cases: list[Case], samples: int) -> list[list[Trace]]:
    """Each case's answers."""
    prompts = [asking.diagnose(case.presentation, ASKED) for case in cases]
    return [[trace_of(Sample(teacher.said(prompt, number)), ASKED) for number in range(samples)] for prompt in prompts]


def hits_of(judge: Judge, cases: list[Case], found: list[list[Trace]]) -> np.ndarray:
    """How many of each case's answers have the diagnosis first; (cases,)."""
    return np.array([
        sum(1 for trace in row if trace.names and judge.match(trace.names[0], case.answers)[0].relation in RIGHT)
        for case, row in zip(cases, found, strict=True)
    ])  # fmt: skip


def shown(values: np.ndarray, groups: list[str]) -> str:
    """A mean in percent with its interval over publications."""
    cluster, count = clustered(groups)
    sums = np.bincount(cluster, values, count)[:, None]
    low, high = mean_intervals(sums, np.array([(values**2).sum()]), np.bincount(cluster))
    return f"{100 * values.mean():5.1f} [{100 * low[0]:.1f}, {100 * high[0]:.1f}]"


def measure(base: Base, judge: Judge, cases: list[Case], options: OntologyOptions, samples: int, label: str) -> None:
    """Prints one row."""
    teacher = OntologyTeacher(base, options)
    traces(teacher, cases[:1], 1)  # what is made on first use
    start = time.process_time()
    found = traces(teacher, cases, samples)
    rate = len(cases) * samples / (time.process_time() - start)
    hits, groups = hits_of(judge, cases, found), [case.group for case in cases]
    passed = "  ".join(f"pass@{k} {shown(pass_at(hits, samples, k), groups)}" for k in (1, 4, 16) if k <= samples)
    words = np.array([len(trace.think.split()) for row in found for trace in row])
    middle = np.percentile(words, [5, 50, 95]).astype(int)
    firsts = np.mean([len({trace.names[:1] for trace in row}) for row in found])
    print(f"view {label}: {passed}  different first names {firsts:.1f} of {samples}  words {middle.tolist()}  {rate:.0f} answers/s",
          flush=True)  # fmt: skip


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--views", type=float, nargs="+", default=[0.2, 0.4, 0.6, 0.8])
    parser.add_argument("--length", choices=("short", "full"), default="short")
    parser.add_argument("--seed", type=int, default=1)
    for name in ("temperature", "noise", "attention"):
        parser.add_argument(f"--{name}", type=float, default=getattr(OntologyOptions(), name))
    args = parser.parse_args()
    root = sources.data_dir(args.data_dir)
    base = load_sources(Knowledge(), root, Counter()).base
    cases, judge = training_cases(root, args.cases, args.seed), Judge(Linker(base.ontology))
    chosen = {"temperature": args.temperature, "noise": args.noise, "attention": args.attention, "length": args.length}
    measure(base, judge, cases, OntologyOptions(view=1.0, temperature=0.0, length=args.length), 1, "1 (no noise)")
    for view in args.views:
        measure(base, judge, cases, OntologyOptions(view=view, seed=args.seed, **chosen), SAMPLES, str(view))


if __name__ == "__main__":
    main()
