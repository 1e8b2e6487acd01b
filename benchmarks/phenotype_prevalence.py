"""What a prior by Orphanet's classes of prevalence would do to the ranking: constants fitted on `train`, measured on other splits.

python -m benchmarks.phenotype_prevalence --data-dir DIR

The data directory must have ORDO (JSON). A constant for each class is added to the scores of diseases that state it, those of the
largest conditional likelihood on phenopackets of `train` (at most 6 a disease), ridge 1. RareBench is in the fit of the ranking.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.orphadata import read_ordo_epidemiology
from raredx_bench.phenotype import Diagnoser
from raredx_bench.phenotype.fitting import RAREBENCH, capped, recalls
from raredx_bench.splits import parts
from raredx_bench.strata.tables import best_band

Asked = tuple[np.ndarray, np.ndarray, np.ndarray]  # of a shortlist: scores, classes (-1: none stated), which rows are right


def classes(root: Path, ontology: Ontology) -> dict[str, str]:
    """Canonical id -> its class of prevalence, as ORDO states it."""
    stated = read_ordo_epidemiology(sources.require("ordo", root))[0]
    found = ((ontology.canonical(each), best_band(estimates)) for each, estimates in sorted(stated.items()))
    return {disease: str(band) for disease, band in found if disease is not None and band is not None}


def asked(diagnoser: Diagnoser, cases: Iterable[Case], stated: np.ndarray) -> list[Asked]:
    """The shortlists of cases. stated: class of each real row."""
    found = []
    for case in cases:
        gold = {diagnoser.ontology.canonical(each) for each in case.answers}
        rows, scores = diagnoser.ranked(case.observed, case.excluded)
        right = np.array([diagnoser.disease(row) in gold for row in rows.tolist()], bool)
        found.append((scores, stated[diagnoser.profiles.owner[rows]], right))
    return found


def shifted(one: Asked, constants: np.ndarray) -> np.ndarray:
    """The scores with the constants of the classes."""
    scores, classed, _ = one
    return np.asarray(scores + np.where(classed < 0, 0, constants[classed]))


def fitted(questions: Iterable[Asked], many: int) -> np.ndarray:
    """The constants of the largest likelihood."""
    usable = [each for each in questions if each[2].any()]

    def loss(constants: np.ndarray) -> float:
        total = float(constants @ constants) / 2
        for each in usable:
            odds = np.exp((scores := shifted(each, constants)) - scores.max())
            total -= float(np.log(odds[each[2]].sum() / odds.sum()))
        return total

    return np.asarray(minimize(loss, np.zeros(many)).x)


def rank(one: Asked, constants: np.ndarray) -> int:
    """Rank of the first right row, 0 where there is none."""
    found = np.flatnonzero(one[2][np.argsort(-shifted(one, constants), kind="stable")])
    return int(found[0]) + 1 if len(found) else 0


def main() -> None:
    """Prints the constants and recall@1/3/10 without and with them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    root = parser.parse_args().data_dir
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    diagnoser = Diagnoser(hpo, ontology)
    known = classes(root, ontology)
    names = sorted(set(known.values()))
    stated = np.array([names.index(known[each]) if each in known else -1 for each in diagnoser.profiles.diseases])
    packets = [case for case in load_cases("phenopacket_store", root) if hpo.indices(case.observed)]
    where = parts(packets)
    train = asked(diagnoser, (case for case in capped(packets) if where[case.id] == "train"), stated)
    constants = fitted(train, len(names))
    for name, value in zip(names, constants, strict=True):
        print(f"{name}: {sum(each == name for each in known.values())} diseases, {value:+.2f}")
    sets = {part: [case for case in packets if where[case.id] == part] for part in ("test", "unseen")}
    sets["rarebench"] = [case for name in RAREBENCH for case in load_cases(name, root) if hpo.indices(case.observed)]
    for name, cases in sets.items():
        questions = asked(diagnoser, cases, stated)
        before, after = ([rank(each, shift) for each in questions] for shift in (np.zeros(len(names)), constants))
        print(f"{name}, {len(questions)} cases: recall@1/3/10 {recalls(before)} without, {recalls(after)} with")


if __name__ == "__main__":
    main()
