"""Fits the ranking of texts: python -m raredx_bench.phenotype.fitting_texts --data-dir DIR [--output FILE]

Learns from the case reports of REPORTS (RareArena's format). Findings read from a text are fewer, more general and less certain
than codes that a curator chose, so their scores are weighed anew, beside the words of the text. What is told of the reports comes
from weights that had no report of the asked disease (FOLDS groups by disease). Features and ridge were chosen by the same figures.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from raredx_bench import sources
from raredx_bench.benchmarks.rarearena import reports
from raredx_bench.definitions import defined
from raredx_bench.domain import Case, DataMissing
from raredx_bench.hpo import load_hpo
from raredx_bench.leaks import names_its_answer
from raredx_bench.mentions import MentionFinder
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.phenotype.diagnosing import Diagnoser
from raredx_bench.phenotype.fitting import Question, calibrated, folds, logit
from raredx_bench.phenotype.weighing import FITTED_TEXTS, Weights, save
from raredx_bench.phenotype.wording import BY_FINDINGS, TEXT_NAMES

REPORTS = "rarearena/RDS_format_sample.jsonl"
FOLDS = 8
WEIGHTS = {"silent": 1.0, "named": 0.5}  # reports that don't name their diagnosis, and those that do
RIDGE = 60.0  # of the squared weights of features with unit spread; the score by findings is free


class Read(Protocol):
    """Findings that a text states, by whatever reader."""

    @property
    def observed(self) -> Sequence[str]: ...  # HPO ids
    @property
    def excluded(self) -> Sequence[str]: ...


Reader = Callable[[str], Read]


def question(case: Case, kind: str, diagnoser: Diagnoser, observed: Sequence[str], excluded: Sequence[str]) -> Question:
    """A report as the ranking of texts sees it, with the findings that were read from it."""
    said = diagnoser.said(case.presentation)
    seen, scores = diagnoser.shortlist(observed, excluded, said)
    gold = {diagnoser.ontology.canonical(each) for each in case.answers}
    right = np.array([diagnoser.disease(row) in gold for row in seen.rows.tolist()], bool)
    return Question(case, kind, diagnoser.wording.table(seen, said, scores), right)


def fit(questions: Sequence[Question]) -> Weights:
    """The weights of a text's features."""
    usable = [each for each in questions if each.right.any()]
    return logit(usable, [WEIGHTS[each.kind] for each in usable], dict.fromkeys(TEXT_NAMES, RIDGE) | {BY_FINDINGS: 0.0})


def crossed(questions: Sequence[Question]) -> list[np.ndarray]:
    """The scores of each question by weights that had no report of its disease."""
    fold = folds([each.case for each in questions], FOLDS)
    weights = {part: fit([q for q, f in zip(questions, fold, strict=True) if f != part]) for part in sorted(set(fold))}
    return [weights[part].scores(each.table) for each, part in zip(questions, fold, strict=True)]


def kinds(root: Path, ontology: Ontology) -> list[tuple[Case, str]]:
    """The reports of a data directory with their kind, a key of WEIGHTS. Raises DataMissing without them, BadInput for others."""
    if not (root / REPORTS).is_file():
        raise DataMissing(f"{root / REPORTS} is not there: case reports in RareArena's format, one JSON record a line")
    finder = MentionFinder(ontology)
    return [(case, "named" if names_its_answer(case, finder) else "silent") for case in reports("rds", root / REPORTS)]


def asked(cases: Iterable[tuple[Case, str]], diagnoser: Diagnoser, read: Reader) -> list[Question]:
    """The questions of cases with their kinds."""
    found = ((case, kind, read(case.presentation)) for case, kind in cases)
    return [question(case, kind, diagnoser, each.observed, each.excluded) for case, kind, each in found]


def main() -> None:
    """Fits, says how reports fare out of the fit, and writes the weights."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path)
    arguments.add_argument("--output", type=Path, default=Path(__file__).with_name(FITTED_TEXTS))
    given = arguments.parse_args()
    root = sources.data_dir(given.data_dir)
    hpo = load_hpo(root)
    ontology = load_ontology(root, hpo)
    diagnoser = Diagnoser(hpo, ontology, definitions=defined(root, ontology), text_weights=Weights({}))
    questions = asked(kinds(root, ontology), diagnoser, diagnoser.read)
    apart = crossed(questions)
    for chosen in (("silent",), ("silent", "named")):
        ranks = [each.rank(scores) for each, scores in zip(questions, apart, strict=True) if each.kind in chosen]
        print(f"{' and '.join(chosen)}, {len(ranks)} reports, recall@1/5/10, cross-validated:",
              "/".join(f"{100 * sum(0 < rank <= k for rank in ranks) / len(ranks):.1f}" for k in (1, 5, 10)))  # fmt: skip
    notes = f"{len(questions)} case reports, {sum(each.kind == 'silent' for each in questions)} of which don't name their diagnosis"
    save(replace(calibrated(fit(questions), list(zip(questions, apart, strict=True))), notes=notes), given.output)
    print(notes, given.output.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
