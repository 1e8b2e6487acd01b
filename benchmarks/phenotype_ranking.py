"""Where the diagnoser stands: recall by set beside published figures, without a case's own publication, calibration, speed.

python benchmarks/phenotype_ranking.py --data-dir DIR [--json FILE]

RareBench is cross-validated by disease (phenotype/fitting.py: no case of its disease, of any set, was in the fit);
phenopackets are those of the splits test and unseen, which the package's weights were not fitted on. A hit is the same disease
after merging equivalent ids. Intervals: 95 %, clusters are RareBench's rows, phenopackets' publications.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from os import environ
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.calibration import calibration
from raredx_bench.domain import Case, Link, Prediction, Reading, Relation, Verdict
from raredx_bench.hpo import load_hpo
from raredx_bench.metrics import MISS, rank_estimates
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Diagnoser, Ranker, cited
from raredx_bench.phenotype.features import NAMES
from raredx_bench.phenotype.fitting import RAREBENCH, Question, crossed, gathered, question
from raredx_bench.phenotype.weighing import FITTED, fitted
from raredx_bench.reported import read_reported
from raredx_bench.splits import parts

OTHERS = ("PhenoBrain API", "LIRICAL", "Phenomizer", "Exomiser, phenotype only", "o1-preview")
START = """
import resource, sys, time
start = time.perf_counter()
from pathlib import Path
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Diagnoser
root = Path(sys.argv[1])
hpo = load_hpo(root)
ontology = load_ontology(root, hpo)
Diagnoser(hpo, ontology).diagnose(["HP:0001166"])
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # on Linux that of the process that started this one, if larger
if sys.platform == "linux":
    kilobytes = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
peak = kilobytes / 1024
own = "".join(line for line in open("/proc/self/smaps_rollup") if line.startswith("Private")) if sys.platform == "linux" else ""
own = sum(int(line.split()[1]) for line in own.splitlines() if "Hugetlb" not in line) / 1024
took = f"{time.perf_counter() - start:.1f} s ({time.process_time():.1f} s of processor)"
print(f"{took}, peak {peak:.0f} MB, of its own {own:.0f} MB")
"""


def row(name: str, ranks: Sequence[int], groups: Sequence[str]) -> dict[str, Any]:
    """recall@1/3/10 with intervals; rank 0 is a miss."""
    capped = np.array([rank if 0 < rank <= 10 else MISS for rank in ranks])
    found = rank_estimates(capped, groups)
    threes = rank_estimates(np.where(capped <= 3, 1, MISS), groups)["recall@1"]
    figures = [found["recall@1"], threes, found["recall@10"]]
    shown = " | ".join(f"{100 * each.value:.1f} ({100 * each.low:.1f}–{100 * each.high:.1f})" for each in figures)
    print(f"| {name} | {len(ranks)} | {shown} |", flush=True)
    return {"name": name, "n": len(ranks), "recall@1/3/10": [asdict(each) for each in figures]}


def printed(benchmark: str) -> None:
    """The rows of others on a benchmark, as they print them (leaderboards/reported.json): the full set, in percent."""
    for each in read_reported():
        if each["ours"] == benchmark and each["model"] in OTHERS and "HPO" in each["input"]:
            figures = (each["estimates"].get(f"recall@{k}") for k in (1, 3, 10))
            print(f"| {benchmark}, {each['split']}: {each['model']}, as printed | {each['n'] or ''} |",
                  " | ".join(figure or "" for figure in figures), "|", flush=True)  # fmt: skip


def plain_ranks(ranker: Ranker, cases: Sequence[Case]) -> list[int]:
    """Ranks by likelihood ratios alone."""
    ranks = []
    for case in cases:
        gold = {ranker.ontology.canonical(each) for each in case.answers}
        known = ranker.hpo.indices(case.observed)
        best = [ranker.diseases[each] for each in ranker.top(ranker.scores(case.observed, case.excluded), 10)] if known else []
        ranks.append(next((rank for rank, each in enumerate(best, 1) if each in gold), 0))
    return ranks


def verdict(asked: Question, right: bool, confidence: float) -> Verdict:
    """The first diagnosis of a case as the calibration takes it."""
    link = Link("", None, "ranked")
    first = Prediction(link, Relation.EXACT if right else Relation.DIFFERENT, confidence)
    return Verdict(asked.case.id, asked.case.group, (first,), Reading.LIST, "ranked", ())


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    root = sources.data_dir(given.data_dir)
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    packets = load_cases("phenopacket_store", root)
    where = parts(packets)
    left = cited(root, hpo, ontology, {case.group for case in packets})
    diagnoser, ranker = Diagnoser(hpo, ontology, cited=left), Ranker(hpo, ontology)
    weights, annotated = fitted(NAMES, FITTED), set(ranker.diseases)
    document: dict[str, Any] = {"tables": []}

    def known(case: Case) -> bool:
        return any(ontology.canonical(each) in annotated for each in case.answers)

    print("| set | cases | recall@1 | @3 | @10 |\n|---|---|---|---|---|")
    kinds = gathered(root, ontology, diagnoser.matcher)
    apart = crossed(kinds)
    pairs = list(zip(kinds["rarebench"], apart["rarebench"], strict=True))
    for name in (*RAREBENCH, "rarebench"):
        chosen = [(q, s) for q, s in pairs if q.case.benchmark == name or name == "rarebench"]
        document["tables"].append(row(name, [q.rank(s) for q, s in chosen], [q.case.group for q, _ in chosen]))
        cases = [q.case for q, _ in chosen]
        document["tables"].append(row(f"{name}, likelihood ratios alone", plain_ranks(ranker, cases), [c.group for c in cases]))
        printed(name)
    held: list[tuple[Question, np.ndarray]] = []
    for part in ("test", "unseen"):
        cases = [case for case in packets if where[case.id] == part]
        for label, own in (("all annotations", True), ("without those of the own publication", False)):
            asked = [question(case, part, diagnoser.matcher, ontology, "" if own else case.group) for case in cases]
            scored = [(each, weights.scores(each.table)) for each in asked]
            for which, chosen in (("", scored), (", annotated golds", [each for each in scored if known(each[0].case)])):
                ranks, groups = [q.rank(s) for q, s in chosen], [q.case.group for q, _ in chosen]
                document["tables"].append(row(f"phenopackets {part}{which}, {label}", ranks, groups))
            held += [each for each in scored if own and len(each[1])]
        groups = [case.group for case in cases]
        document["tables"].append(row(f"phenopackets {part}, likelihood ratios alone", plain_ranks(ranker, cases), groups))
    printed("phenopacket_store")
    for label, scored in (("phenopackets test and unseen", held), ("RareBench, cross-validated", pairs)):
        document[label] = calibrated(label, scored, weights)
    speed(root, diagnoser, packets[::10])
    if given.json:
        given.json.write_text(json.dumps(document, indent=1) + "\n")


def calibrated(label: str, scored: Sequence[tuple[Question, np.ndarray]], weights: Any) -> dict[str, Any]:
    """ECE, reliability and risk at coverage of the first diagnosis; and of "none of these": that the shortlist lacks it."""
    verdicts = []
    for asked, scores in scored:
        chances, _ = weights.probabilities(scores)
        verdicts.append(verdict(asked, bool(asked.right[np.argmax(scores)]), float(chances.max())))
    found = calibration(verdicts)
    assert found is not None
    print(f"\n{label}: ECE (equal mass) {found.ece_mass.value:.3f} ({found.ece_mass.low:.3f}–{found.ece_mass.high:.3f}), "
          f"Brier {found.brier.value:.3f}, AURC {found.aurc.value:.3f}")  # fmt: skip
    print("| probability | cases | mean | right |\n|---|---|---|---|")
    for each in found.bins_width:
        if each.n:
            print(f"| {each.low:.1f}–{each.high:.1f} | {each.n} | {each.confidence:.2f} | {each.accuracy:.2f} |")
    print("right among the surest", ", ".join(f"{k} %: {100 * each.value:.1f}" for k, each in found.accuracy_at.items()))
    lacking = np.array([not q.right.any() for q, _ in scored])
    none = np.array([weights.probabilities(s)[1] for _, s in scored])
    print(f"none of the shortlist: {100 * lacking.mean():.1f} % of cases, mean probability {100 * none.mean():.1f} %")
    return {
        "ece_mass": asdict(found.ece_mass), "aurc": asdict(found.aurc), "bins": [asdict(each) for each in found.bins_width],
        "curve": [[round(each.coverage, 4), round(each.risk, 4)] for each in found.curve[:: max(1, len(found.curve) // 200)]],
    }  # fmt: skip


def speed(root: Path, diagnoser: Diagnoser, cases: Sequence[Case]) -> None:
    """Print cases and diseases a second, memory, cold and warm start."""
    for label, evidence in (("ranking", False), ("with evidence", True)):
        start = time.perf_counter()
        for case in cases:
            if diagnoser.hpo.indices(case.observed):
                (diagnoser.diagnose if evidence else diagnoser.ranked)(case.observed, case.excluded)
        each = (time.perf_counter() - start) / len(cases)
        diseases = len(diagnoser.profiles.diseases) / each
        print(f"{label}: {1000 * each:.1f} ms a case, {1 / each:.0f} cases/s, {diseases:,.0f} diseases/s")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    with tempfile.TemporaryDirectory() as cache:
        for label in ("cold", "warm"):
            done = subprocess.run([sys.executable, "-c", START, str(root)], capture_output=True, text=True, check=True,
                                  env={**environ, "RAREDX_CACHE": cache})  # fmt: skip
            print(f"{label} start to the first diagnosis: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
