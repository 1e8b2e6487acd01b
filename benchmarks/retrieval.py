"""How often K holds the record of the right disease: by profile, by words, fused, with patients; before and after withholding.

python benchmarks/retrieval.py --data-dir DIR [--cases N] [--seed S]    phenopackets of splits train and test, N of each (0: all)

Recall@k counts a case when its disease is among the first k (the ontology's own id, no relatives). "fused + patients" counts k
diseases and two training patients. Three states of knowledge are compared: nothing withheld; what held-out cases' publications say
withheld (as it is taught); and beside that, for training cases, what the case's own publication alone says (as K is given).
Intervals are clustered by publication.
"""

from __future__ import annotations

import argparse
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case, Estimate
from raredx_bench.metrics import mean_estimates
from raredx_bench.splits import parts
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.building import load_sources
from raredx_train.reasoning.records import shown
from raredx_train.reasoning.retrieval import Retriever

KS = (1, 5, 10, 20)
PATIENTS = 2
BOTH = "fused + patients"
NOWHERE = 10**6  # the rank of a disease that isn't found


def ranks(retriever: Retriever, case: Case) -> dict[str, int]:
    """The rank of the right disease by each way of looking, from 1; and of "patients", 1 where one of two has it."""
    rows = [bisect_left(retriever.diseases, each) for each in gold(retriever.base, case) if each in retriever.base.taught.subjects]
    found = {way: min((_rank(scores, row) for row in rows), default=NOWHERE) for way, scores in retriever.rankings(case).items()}
    alike = retriever.patients.like(case, retriever.findings(case), PATIENTS)
    return {**found, "patients": 1 if {disease for _, disease, _ in alike} & gold(retriever.base, case) else NOWHERE}


def gold(base: Base, case: Case) -> set[str]:
    """The canonical ids of a case's answers."""
    return {found for answer in case.answers if (found := base.ontology.canonical(answer)) is not None}


def _rank(scores: np.ndarray, row: int) -> int:
    """Ties in the order of the ids, as K has them."""
    if not np.isfinite(scores[row]):
        return NOWHERE
    return 1 + int((scores > scores[row]).sum() + (scores[:row] == scores[row]).sum())


def recalls(found: Sequence[dict[str, int]], cases: Sequence[Case]) -> Iterator[tuple[str, list[Estimate]]]:
    """Each way that found anything, with its recall at KS."""
    groups = [case.group for case in cases]
    patients = [BOTH] if any(each["patients"] == 1 for each in found) else []
    for way in ("profile", "words", "fused", *patients):
        hits = {str(k): np.array([_hit(each, way, k) for each in found], float) for k in KS}
        yield way, list(mean_estimates(hits, groups).values())


def _hit(ranked: dict[str, int], way: str, k: int) -> bool:
    if way == BOTH:
        return _hit(ranked, "fused", k) or ranked["patients"] == 1
    return ranked.get(way, NOWHERE) <= k


def report(title: str, retriever: Retriever, cases: Sequence[Case]) -> None:
    """Prints the recalls of some cases as a table, percent with 95 % intervals."""
    print(f"\n{title}: {len(cases)} cases, {len({case.group for case in cases})} publications")
    found = [ranks(retriever, case) for case in cases]
    for way, estimates in recalls(found, cases):
        print(
            f"| {way} | " + " | ".join(f"{100 * e.value:.1f} ({100 * e.low:.1f} to {100 * e.high:.1f})" for e in estimates) + " |"
        )


def sizes(retriever: Retriever, cases: Sequence[Case]) -> None:
    """Prints what K takes: milliseconds of one core a case, and words, by the number of diseases; no case is met twice."""
    share = len(cases) // len(KS)
    retriever.for_case(cases[-1])  # the patients are read when first asked for
    for number, k in enumerate(KS):
        met = cases[number * share : (number + 1) * share]
        start = time.process_time()
        texts = [shown(retriever.for_case(case, diseases=k, patients=PATIENTS), retriever.base) for case in met]
        spent = 1000 * (time.process_time() - start) / len(met)
        print(
            f"K of {k} diseases and {PATIENTS} patients: {np.mean([len(text.split()) for text in texts]):.0f} words, {spent:.1f} ms"
        )


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    root = sources.data_dir(asked.data_dir)
    base = load_sources(Knowledge(), root, Counter()).base
    every = Base(base.ontology, base.hpo, base.glossary, base.every, base.every, base.seed)
    cases = load_cases("phenopacket_store", root)
    where = parts(cases)
    split = {part: [case for case in cases if where[case.id] == part] for part in ("train", "test")}
    drawn = {part: Random(asked.seed).sample(each, min(asked.cases or len(each), len(each))) for part, each in split.items()}
    start = time.process_time()
    retriever = Retriever(base, split["train"])
    print(
        f"{len(retriever.diseases)} diseases, {len(split['train'])} training patients, {time.process_time() - start:.1f} s to load"
    )
    print("| | " + " | ".join(f"recall@{k}" for k in KS) + " |")
    report("train, as K is given", retriever, drawn["train"])
    report("test, as K is given", retriever, drawn["test"])
    report("train, own publications not withheld", Retriever(base), drawn["train"])
    report("train, nothing withheld", Retriever(every), drawn["train"])
    report("test, nothing withheld", Retriever(every), drawn["test"])
    sizes(Retriever(base, split["train"]), drawn["test"][:800])


if __name__ == "__main__":
    main()
