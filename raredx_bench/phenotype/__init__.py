"""Findings, or a description -> ranked diseases with evidence, without a language model.

profiles.py says what a disease's patients show, features.py how a patient's findings fit it, weighing.py ranks by these (fitted by
fitting.py); wording.py adds what the words of a description say (fitting_texts.py); diagnosing.py is the diagnoser. citations.py
takes a case's own publication out of the annotations. ratios.py is the plain ranker by likelihood ratios alone, which the training
of raredx_train rests on.
"""

from raredx_bench.phenotype.citations import cited
from raredx_bench.phenotype.diagnosing import Candidate, Diagnoser, Diagnosis
from raredx_bench.phenotype.evidence import Evidence
from raredx_bench.phenotype.profiles import Cited
from raredx_bench.phenotype.ratios import UNKNOWN_FREQUENCY, VERSION, Ranker, expected

__all__ = [
    "UNKNOWN_FREQUENCY", "VERSION", "Candidate", "Cited", "Diagnoser", "Diagnosis", "Evidence", "Ranker", "cited", "expected",
]  # fmt: skip
