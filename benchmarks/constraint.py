"""The knowledge-constraint filter against trajectories that are made wrong in known ways, and against untouched ones.

python -m benchmarks.constraint [--data-dir DIR] [--seed 1] [--clean 700] [--each 60] [--missed] [--read 100]

The trajectories are the ontology teacher's, on training cases of the Phenopacket Store (without it: simulated patients). The
teacher states what is taught, so what is rejected of the untouched ones is either its mistake in reading a case or the filter's.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from benchmarks.corruptions import Corrupted, Corrupter
from raredx_bench import sources
from raredx_bench.agreement import wilson
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case, DataMissing
from raredx_bench.linking import Linker
from raredx_bench.simulation import simulate
from raredx_bench.splits import parts
from raredx_train.generate import Sample
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.grounds import load_grounds
from raredx_train.reasoning import asking
from raredx_train.reasoning.constraint import Constraint, Fault
from raredx_train.reasoning.teacher import OntologyOptions, OntologyTeacher
from raredx_train.reasoning.trace import Trace, trace_of

Written = tuple[Trace, Case]


def cases_for(base: Base, root: Path, size: int, seed: int) -> list[Case]:
    """Training cases at hand, else simulated patients."""
    try:
        every = load_cases("phenopacket_store", root)
    except DataMissing:
        return list(simulate(base.hpo, size, seed))
    where = parts(every)
    return Random(seed).sample([case for case in every if where[case.id] == "train"], size)


def written(base: Base, cases: Sequence[Case], seed: int) -> Iterator[Written]:
    """Trajectories of the teacher, short and full ones in turn."""
    teachers = [
        OntologyTeacher(base, OntologyOptions(seed=seed, length="short")),
        OntologyTeacher(base, OntologyOptions(seed=seed, length="full")),
    ]
    for number, case in enumerate(cases):
        said = teachers[number % 2].said(asking.diagnose(case.presentation, 10), 0)
        trace = trace_of(Sample(said), 10)
        if trace.names and trace.think:
            yield trace, case


def corrupted(kept: Sequence[Written], corrupter: Corrupter, each: int) -> Iterator[tuple[Corrupted, Case]]:
    """So many of each kind, one kind a trajectory."""
    wanted = Counter(dict.fromkeys(corrupter.kinds, each))
    for trace, case in kept:
        for kind in sorted(wanted, key=lambda kind: -wanted[kind]):
            made = corrupter.kinds[kind](trace, case) if wanted[kind] else None
            if made is not None:
                wanted[kind] -= 1
                yield made, case
                break


def share(count: int, total: int) -> str:
    """A count, of how many, and percent with a 95 % interval."""
    low, high = wilson(count / total, total)
    return f"{count}/{total} = {count / max(total, 1):.1%} ({low:.1%}–{high:.1%})"


def show_clean(clean: Sequence[Written], faults: Sequence[list[Fault]]) -> None:
    """Prints how many untouched trajectories are rejected, and why."""
    rejected = sum(map(bool, faults))
    reasons = Counter(kind for each in faults for kind in {fault.kind for fault in each})
    print(f"untouched, rejected: {share(rejected, len(clean))}")
    for kind, count in reasons.most_common():
        print(f"  {count:4} {kind}")


def show_caught(made: Sequence[tuple[Corrupted, Case]], constraint: Constraint, missed: bool) -> None:
    """Prints how many corrupted trajectories are rejected, by kind, and by which faults."""
    caught, total, by = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for each, case in made:
        faults = constraint.faults(each.trace, case)
        total[each.kind] += 1
        caught[each.kind] += bool(faults)
        by.update((each.kind, str(kind)) for kind in {fault.kind for fault in faults})
        if missed and not faults:
            print(f"MISSED {each.kind}: {each.before!r} -> {each.after!r}\n  {each.trace.think}")
    for kind in total:
        print(f"{kind}: caught {share(caught[kind], total[kind])}")
        for (_, fault), count in sorted(((key, n) for key, n in by.items() if key[0] == kind), key=lambda row: -row[1]):
            print(f"  {count:4} {fault}")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clean", type=int, default=700, help="trajectories")
    parser.add_argument("--each", type=int, default=60, help="corrupted ones of each kind")
    parser.add_argument("--missed", action="store_true", help="print what is not caught")
    parser.add_argument("--read", type=int, default=0, help="print so many accepted trajectories with their cases, for reading")
    asked = parser.parse_args()
    root = sources.data_dir(asked.data_dir)
    base = load_grounds(Knowledge(), root, Counter()).base
    run(base, root, asked)


def run(base: Base, root: Path, asked: argparse.Namespace) -> None:
    """Writes, corrupts, filters and prints."""
    linker = Linker(base.ontology)
    constraint = Constraint(base, linker)
    clean = list(written(base, cases_for(base, root, asked.clean, asked.seed), asked.seed))
    for each in clean[:50]:
        constraint.faults(*each)
    start = time.process_time()
    faults = [constraint.faults(*each) for each in clean]
    print(f"{len(clean) / (time.process_time() - start):.0f} trajectories a second of one core")
    show_clean(clean, faults)
    kept = [each for each, found in zip(clean, faults, strict=True) if not found]
    made = list(corrupted(kept, Corrupter(base, linker, Random(asked.seed)), asked.each))
    show_caught(made, constraint, asked.missed)
    for number, (trace, case) in enumerate(kept[: asked.read], 1):
        print(f"\n{number}. {case.id}\n{case.presentation}\n{trace.said}")


if __name__ == "__main__":
    main()
