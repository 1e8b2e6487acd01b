"""raredx_bench: the evaluation harness for rare-disease diagnosis by language models. Not for clinical use."""

from raredx_bench.domain import (
    BadInput,
    Case,
    DataMissing,
    Differential,
    Disease,
    Estimate,
    Link,
    Prediction,
    RaredxError,
    Reading,
    Relation,
    RunIncomplete,
    Scope,
    Synonym,
    UnknownName,
    UsageError,
    Verdict,
)
from raredx_bench.harness import run
from raredx_bench.report import BenchmarkReport, GroupReport, RunReport

__all__ = [
    "BadInput",
    "BenchmarkReport",
    "Case",
    "DataMissing",
    "Differential",
    "Disease",
    "Estimate",
    "GroupReport",
    "Link",
    "Prediction",
    "RaredxError",
    "Reading",
    "Relation",
    "RunIncomplete",
    "RunReport",
    "Scope",
    "Synonym",
    "UnknownName",
    "UsageError",
    "Verdict",
    "run",
]
