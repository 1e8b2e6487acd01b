"""What onset and sex add to the ranking: with and without, on phenopackets that state them.

python benchmarks/phenotype_circumstances.py --data-dir DIR [--fit]

--fit: the constants of phenotype/circumstances.py by conditional logit on the split `train`, at most CAPPED cases a disease, on top
of the package's ranking; it prints them and recall on `validation`, and reads neither `test` nor `unseen`. Without it: recall on
test and unseen, the constants as they stand in the package. Clusters of the intervals are publications.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.benchmarks.phenopackets import onset_and_sex, packets
from raredx_bench.comparing.paired import differences
from raredx_bench.domain import Case
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Diagnoser
from raredx_bench.phenotype.circumstances import APART, WRONG_SEX, weighed
from raredx_bench.phenotype.fitting import capped, recalls
from raredx_bench.splits import parts

RIDGE = 1.0


@dataclass(frozen=True)
class Asked:
    """A case on its shortlist: scores without circumstances, stages apart (-1: unknown), rows of a sex that seldom has them."""

    case: Case
    scores: np.ndarray
    apart: np.ndarray
    unlikely: np.ndarray
    right: np.ndarray

    def rank(self, constants: Sequence[float], onset: bool = True, sex: bool = True) -> int:
        """Rank with these constants; 0: not on the shortlist."""
        unknown = np.full(len(self.apart), -1)
        more = weighed(self.apart if onset else unknown, self.unlikely & sex, constants)
        found = np.flatnonzero(self.right[np.argsort(-self.scores - more, kind="stable")])
        return int(found[0]) + 1 if len(found) else 0


def asked_of(cases: Iterable[Case], known: dict[str, tuple[str, str]], diagnoser: Diagnoser) -> list[Asked]:
    """The cases that state an onset or a sex, with what is needed to rank them."""
    found = []
    for case in cases:
        onset, sex = known[case.id]
        if (onset or sex) and diagnoser.hpo.indices(case.observed):
            rows, scores = diagnoser.ranked(case.observed, case.excluded)
            order = np.argsort(diagnoser.profiles.owner[rows], kind="stable")
            diseases = [diagnoser.disease(row) for row in rows[order].tolist()]
            gold = {diagnoser.ontology.canonical(each) for each in case.answers}
            right = np.array([each in gold for each in diseases])
            where = diagnoser.circumstances
            found.append(Asked(case, scores[order], where.apart(diseases, onset), where.unlikely(diseases, sex), right))
    return found


def fit(asked: Sequence[Asked], sharpness: float) -> list[float]:
    """The constants by conditional logit with a ridge; cases count by one over the root of their disease's number."""
    often = Counter(each.case.answers for each in asked)

    def loss(constants: np.ndarray) -> float:
        total = RIDGE * float(constants @ constants) / 2
        for each in asked:
            if each.right.any():
                odds = sharpness * (each.scores + weighed(each.apart, each.unlikely, constants.tolist()))
                odds = np.exp(odds - odds.max())
                total -= np.log(odds[each.right].sum() / odds.sum() + 1e-12) / often[each.case.answers] ** 0.5
        return total

    found = minimize(loss, np.zeros(len(APART) + 1), method="Powell", options={"xtol": 1e-2, "ftol": 1e-5}).x
    return [round(float(each), 2) for each in found]


def shown(name: str, ranks: Sequence[Sequence[int]], groups: Sequence[str]) -> None:
    """Print recall@1/3/10 without and with a circumstance, and the difference in recall@1. ranks: without, with."""
    for each, way in zip(ranks, ("not used", "used"), strict=True):
        print(f"| {name} {way} | {len(each)} | {recalls(each)} | |")
    hits = np.array([[rank == 1 for rank in each] for each in ranks], float)
    found = differences(hits, groups)[0]
    low, value, high = (-100 * part for part in (found.estimate.high, found.estimate.value, found.estimate.low))
    print(f"| less not used | | {value:+.1f} at rank 1 | {low:+.1f} to {high:+.1f}, p {found.p:.3f} |", flush=True)


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path)
    arguments.add_argument("--fit", action="store_true")
    given = arguments.parse_args()
    root = sources.data_dir(given.data_dir)
    hpo = load_hpo(root)
    diagnoser = Diagnoser(hpo, load_ontology(root, hpo))
    cases = load_cases("phenopacket_store", root)
    where, known = parts(cases), {name: onset_and_sex(packet, hpo) for name, packet in packets(root)}
    constants: Sequence[float] = (*APART, WRONG_SEX)
    if given.fit:
        learnt = asked_of((case for case in capped(cases) if where[case.id] == "train"), known, diagnoser)
        constants = fit(learnt, diagnoser.weights.sharpness)
        print(f"{len(learnt)} cases of train:", constants)
    print("| set | cases | recall@1/3/10 | 95 % |\n|---|---|---|---|")
    for part in ("validation",) if given.fit else ("test", "unseen"):
        asked = asked_of((case for case in cases if where[case.id] == part), known, diagnoser)
        for place, label in enumerate(("onset", "sex")):
            chosen = [each for each in asked if known[each.case.id][place]]
            groups = [each.case.group for each in chosen]
            without = [each.rank(constants, False, False) for each in chosen]
            used = [each.rank(constants, label == "onset", label == "sex") for each in chosen]
            shown(f"{part}, {label}", (without, used), groups)


if __name__ == "__main__":
    main()
