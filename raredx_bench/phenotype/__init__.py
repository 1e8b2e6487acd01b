"""Findings -> ranked diseases with evidence, without a language model.

ratios.py is the plain ranker by likelihood ratios alone, which the training of raredx_train rests on; diagnosing.py the diagnoser.
"""

from raredx_bench.phenotype.diagnosing import Candidate, Diagnoser, Diagnosis, Evidence
from raredx_bench.phenotype.ratios import UNKNOWN_FREQUENCY, VERSION, Ranker, expected

__all__ = ["UNKNOWN_FREQUENCY", "VERSION", "Candidate", "Diagnoser", "Diagnosis", "Evidence", "Ranker", "expected"]
