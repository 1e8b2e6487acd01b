"""Fits the ranking: python -m raredx_bench.phenotype.fitting --data-dir DIR [--output FILE]

Learns from phenopackets of the split `train` (at most CAPPED a disease), the same without their own publication's annotations,
and RareBench's cases. What is told of these comes from weights that had no case of the asked disease, of whatever set: cases go
into FOLDS by groups of diseases that share a code. Choices (features, constants) go by these figures and the split `validation`.
Constants of probability are fitted on the split `validation` and on RareBench's held-out folds.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from raredx_bench import sources
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import Case
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.phenotype.citations import cited
from raredx_bench.phenotype.features import NAMES, Matcher
from raredx_bench.phenotype.profiles import Profiles
from raredx_bench.phenotype.weighing import FITTED, Weights, save
from raredx_bench.splits import parts

RAREBENCH = ("rarebench_ramedis", "rarebench_mme", "rarebench_hms", "rarebench_lirical")
CAPPED, FOLDS = 6, 4
WEIGHTS = {"train": 1.0, "removed": 0.15, "rarebench": 1.5}
RIDGE = 20.0  # of the squared weights of features with unit spread
STEPS, ENOUGH = 30, 1e-3  # Newton steps at most; a step that gains less is the last


@dataclass(frozen=True)
class Question:
    """A patient as the model sees one. right: which rows are the diagnosis; kind: a key of WEIGHTS or a split's name."""

    case: Case
    kind: str
    table: np.ndarray
    right: np.ndarray

    def rank(self, scores: np.ndarray) -> int:
        """Rank of the first right row by these scores, ties by canonical id; 0 when it isn't on the shortlist."""
        found = np.flatnonzero(self.right[np.argsort(-scores, kind="stable")])
        return int(found[0]) + 1 if len(found) else 0


def question(case: Case, kind: str, matcher: Matcher, ontology: Ontology, publication: str = "") -> Question:
    """The shortlist of a case with its right rows; without any finding that HPO knows, an empty one."""
    if not matcher.hpo.indices(case.observed):
        return Question(case, kind, np.zeros((0, len(NAMES)), np.float32), np.zeros(0, bool))
    seen = matcher.see(case.observed, case.excluded, publication)
    gold = {ontology.canonical(each) for each in case.answers}
    profiles = matcher.profiles
    right = np.array([profiles.diseases[each] in gold for each in profiles.owner[seen.rows].tolist()], bool)
    return Question(case, kind, seen.table, right)


def folds(cases: Sequence[Case], many: int = FOLDS) -> list[int]:
    """A fold of so many for each case; cases that share a code, directly or through others, share a fold."""
    leader: dict[str, str] = {}

    def top(code: str) -> str:
        while leader.setdefault(code, code) != code:
            code = leader[code]
        return code

    for case in cases:
        for code in case.answers[1:]:
            first, second = sorted((top(case.answers[0]), top(code)))
            leader[second] = first
    return [hashlib.sha256(top(case.answers[0]).encode()).digest()[0] % many for case in cases]


def fit(questions: Iterable[Question]) -> Weights:
    """The weights for findings. Phenopackets count by one over the root of their disease's number of cases, others alike."""
    usable = [each for each in questions if each.right.any()]
    often = Counter((each.kind, each.case.answers) for each in usable)
    even = [1.0 if each.kind == "rarebench" else often[each.kind, each.case.answers] ** -0.5 for each in usable]
    weight = [WEIGHTS[each.kind] * share for each, share in zip(usable, even, strict=True)]
    return logit(usable, weight, dict.fromkeys(NAMES, RIDGE))


def logit(questions: Sequence[Question], weight: Sequence[float], ridge: Mapping[str, float]) -> Weights:
    """Weights by conditional logit (McFadden 1974): the right rows' share of exp(score) on each shortlist, with a ridge.

    weight: of each question; ridge: by feature, of the squared weight at unit spread. By Newton's method, to the optimum: the same
    questions give the same weights.
    """
    asked = _Logit(questions, np.array(weight), np.array(list(ridge.values())))
    best = asked.optimum() / asked.spread
    return Weights({name: float(f"{value:.6g}") for name, value in zip(ridge, best, strict=True)})


class _Logit:
    """The questions' tables on top of each other, features with unit spread; the penalised loss and its optimum."""

    def __init__(self, questions: Sequence[Question], weight: np.ndarray, ridge: np.ndarray) -> None:
        self.table = np.concatenate([each.table for each in questions])
        self.spread = self.table.std(axis=0, dtype=np.float64) + 1e-9
        self.table /= self.spread.astype(np.float32)
        self.right = np.concatenate([each.right for each in questions])
        sizes = np.array([len(each.right) for each in questions])
        self.start, self.asked = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sizes)), sizes)
        self.weight, self.ridge = weight, ridge

    def optimum(self) -> np.ndarray:
        """Weights of the smallest loss, by damped Newton steps; (features,) float64."""
        weights = np.zeros(self.table.shape[1])
        loss, chance, hit = self._loss(weights)
        for _ in range(STEPS):
            slope, curvature = self._slopes(weights, chance, hit)
            step = np.linalg.solve(curvature, slope)
            for halved in 0.5 ** np.arange(12):
                after = self._loss(weights - halved * step)
                if after[0] < loss:
                    break
            else:
                break
            gained, weights, (loss, chance, hit) = loss - after[0], weights - halved * step, after
            if gained < ENOUGH:
                break
        return weights

    def _loss(self, weights: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Loss, each row's probability on its shortlist, and among the right rows of its shortlist."""
        scores = (self.table @ weights.astype(np.float32)).astype(np.float64)
        odds = np.exp(scores - np.maximum.reduceat(scores, self.start)[self.asked])
        chance = odds / np.add.reduceat(odds, self.start)[self.asked]
        hit = np.where(self.right, chance, 0)
        found = np.add.reduceat(hit, self.start) + 1e-12
        return float(self.ridge @ weights**2 / 2 - (self.weight * np.log(found)).sum()), chance, hit / found[self.asked]

    def _slopes(self, weights: np.ndarray, chance: np.ndarray, hit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slope, and the curvature of its convex part (a question with several right rows has another part)."""
        each = self.weight[self.asked]
        slope = self.table.T @ ((chance - hit) * each).astype(np.float32) + self.ridge * weights
        rooted = self.table * np.sqrt(chance * each).astype(np.float32)[:, None]
        mean = np.add.reduceat(self.table * chance.astype(np.float32)[:, None], self.start, axis=0)
        mean *= np.sqrt(self.weight).astype(np.float32)[:, None]
        return slope, (rooted.T @ rooted - mean.T @ mean).astype(np.float64) + np.diag(self.ridge)


def calibrated(weights: Weights, held_out: Sequence[tuple[Question, np.ndarray]]) -> Weights:
    """The weights with constants of probability that make the diagnoses of held-out questions (with their scores) most likely."""

    def loss(constants: np.ndarray) -> float:
        asked = replace(weights, sharpness=float(np.exp(constants[0])), nothing=float(constants[1]), slack=float(constants[2]))
        total = 0.0
        for question, scores in held_out:
            chances, none = asked.probabilities(scores)
            total -= np.log(max(float(chances[question.right].sum()) if question.right.any() else none, 1e-9))
        return total / len(held_out)

    best = minimize(loss, np.array([0.0, 0.0, 0.1]), method="Nelder-Mead", options={"maxiter": 300}).x
    return replace(weights, sharpness=float(np.exp(best[0])), nothing=float(best[1]), slack=float(best[2]))


def capped(cases: Iterable[Case]) -> list[Case]:
    """At most CAPPED cases a disease, those whose ids' hashes come first."""
    met: Counter[tuple[str, ...]] = Counter()
    found = []
    for case in sorted(cases, key=lambda each: hashlib.sha256(each.id.encode()).digest()):
        met[case.answers] += 1
        if met[case.answers] <= CAPPED:
            found.append(case)
    return found


def gathered(root: Path, ontology: Ontology, matcher: Matcher) -> dict[str, list[Question]]:
    """The questions by kind: those of WEIGHTS and the split validation."""
    packets = load_cases("phenopacket_store", root)
    where = parts(packets)
    kinds: dict[str, list[Question]] = {kind: [] for kind in (*WEIGHTS, "validation")}
    for case in capped(packets):
        if where[case.id] in ("train", "validation"):
            part = str(where[case.id])
            kinds[part].append(question(case, part, matcher, ontology))
            if part == "train":
                kinds["removed"].append(question(case, "removed", matcher, ontology, case.group))
    kinds["rarebench"] = [question(case, "rarebench", matcher, ontology) for name in RAREBENCH for case in load_cases(name, root)]
    return kinds


def crossed(kinds: dict[str, list[Question]]) -> dict[str, list[np.ndarray]]:
    """By kind of WEIGHTS the scores of its questions, each by weights that had no case of its diseases, of any kind."""
    every = [each for kind in WEIGHTS for each in kinds[kind]]
    fold = folds([each.case for each in every])
    weights = {part: fit(q for q, f in zip(every, fold, strict=True) if f != part) for part in sorted(set(fold))}
    found: dict[str, list[np.ndarray]] = {kind: [] for kind in WEIGHTS}
    for each, part in zip(every, fold, strict=True):
        found[each.kind].append(weights[part].scores(each.table))
    return found


def recalls(ranks: Sequence[int]) -> str:
    """recall@1/3/10 in percent; rank 0 is a miss."""
    return "/".join(f"{100 * sum(0 < rank <= k for rank in ranks) / len(ranks):.1f}" for k in (1, 3, 10))


def told(scored: Sequence[tuple[Question, np.ndarray]]) -> str:
    """recall@1/3/10 in percent, and the mean log probability of the right rows where the shortlist has them."""
    logs = [
        np.log(np.exp(scores[asked.right] - scores.max()).sum() / np.exp(scores - scores.max()).sum() + 1e-12)
        for asked, scores in scored if asked.right.any()
    ]  # fmt: skip
    return f"{recalls([asked.rank(scores) for asked, scores in scored])} {np.mean(logs):.4f}"


def main() -> None:
    """Fits, says how held-out cases fare, and writes the weights."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path)
    arguments.add_argument("--output", type=Path, default=Path(__file__).with_name(FITTED))
    given = arguments.parse_args()
    root = sources.data_dir(given.data_dir)
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    publications = {case.group for case in load_cases("phenopacket_store", root)}
    matcher = Matcher(Profiles(hpo, ontology, cited(root, hpo, ontology, publications)))
    kinds = gathered(root, ontology, matcher)
    apart = crossed(kinds)
    weights = fit(each for kind in WEIGHTS for each in kinds[kind])
    held = [(each, weights.scores(each.table)) for each in kinds["validation"] if len(each.table)]
    held_out = held + list(zip(kinds["rarebench"], apart["rarebench"], strict=True))
    print("recall@1/3/10, log likelihood a case; validation:", told(held))
    for kind in WEIGHTS:
        print(f"{kind}, cross-validated:", told(list(zip(kinds[kind], apart[kind], strict=True))))
    notes = f"HPO {hpo.release}; " + ", ".join(f"{len(kinds[kind])} {kind}" for kind in (*WEIGHTS, "validation"))
    save(replace(calibrated(weights, held_out), notes=notes), given.output)
    print(notes, given.output.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
