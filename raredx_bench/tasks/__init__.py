"""The lm-eval side of a task: which there are, the dataset a task is built from, and the score of one answer.

Plain `lm_eval --include_path "$(raredx-bench tasks --path)"` comes in here, and so does the harness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raredx_bench import sources, splits
from raredx_bench.audit.checks import Check
from raredx_bench.audit.cleaning import LEAKS, spoiled
from raredx_bench.benchmarks import BENCHMARKS, digest, form_of, load_cases
from raredx_bench.domain import Case, UsageError
from raredx_bench.hpo import load_hpo
from raredx_bench.judging import judge_for, shared_judge
from raredx_bench.mentions import MentionFinder
from raredx_bench.metrics import case_metrics
from raredx_bench.strata import stratified
from raredx_bench.tasks.named import (
    OPTIONS,
    Task,
    all_tasks,
    checked_options,
    loaded_tasks,
    select_tasks,
    task_manager,
    task_named,
    task_path,
    whole,
)

if TYPE_CHECKING:
    import datasets

__all__ = ["AUDIT", "LEAK", "OPTIONS", "Task", "all_tasks", "cases_of", "checked_options", "dataset", "document", "finder_for",
           "loaded_tasks", "score", "select_tasks", "shown_cases", "task_manager", "task_named", "task_path", "whole"]  # fmt: skip

LEAK = "text names the answer"  # stratum of free-text cases: yes or no
AUDIT = "audit"  # stratum: clean or flagged
_BATCH = 2000  # cases that are turned into Arrow at a time


def document(case: Case, form: str) -> dict[str, Any]:
    """A case as lm-eval sees it. Findings' ids travel only where the input form, "hpo" or "text", has them."""
    coded = form == "hpo"
    return {
        "case_id": case.id,
        "benchmark": case.benchmark,
        "presentation": case.presentation,
        "asked": BENCHMARKS[case.benchmark].asked,
        "answers": list(case.answers),
        "target": ", ".join(case.answers),
        "observed": list(case.observed) if coded else [],
        "excluded": list(case.excluded) if coded else [],
        "group": case.group,
    }


@lru_cache(maxsize=2)
def finder_for(root: Path) -> MentionFinder:
    """The finder of disease names over a data directory's terminology, made once a process."""
    return MentionFinder(judge_for(root).ontology)


@lru_cache(maxsize=16)
def cases_for(benchmark: str, root: Path, options: tuple[tuple[str, Any], ...]) -> tuple[Case, ...]:
    """The cases of a benchmark under a data directory, loaded once a process, each with the part of the splits it belongs to."""
    return splits.marked(load_cases(benchmark, root, **dict(options)))


def cases_of(metadata: Mapping[str, Any]) -> tuple[Case, ...]:
    """The cases that a task's metadata names; the data directory is RAREDX_DATA's, else the user's own."""
    keys = ("sim_n", "sim_seed", "digest", "form", "subset", "cases")
    options = tuple(sorted((key, metadata[key]) for key in keys if metadata.get(key) is not None))
    cases = cases_for(str(metadata["benchmark"]), sources.data_dir(), options)
    if metadata.get("split"):
        cases = splits.selected(cases, str(metadata["split"]).split("@"))
    against = _spoiled(cases, metadata) if metadata.get("clean") else {}
    return tuple(case for case in cases if case.id not in against)


def shown_cases(metadata: Mapping[str, Any], limit: int | None = None) -> tuple[Case, ...]:
    """What a report is about: the first cases that a task's metadata names, with all their strata.

    Of a clean task, those of the first that the audit has nothing against: it reads the same answers as the whole task.
    """
    root = sources.data_dir()
    cases = cases_of({**metadata, "clean": None})[:limit]
    text = form_of(str(metadata["benchmark"]), root, metadata) == "text"
    cases = stratified(cases, judge_for(root).ontology, load_hpo(root), root, text)
    against = _spoiled(cases, metadata)
    cases = tuple(replace(case, strata={**case.strata, **_audited(against.get(case.id, frozenset()), text)}) for case in cases)
    return tuple(case for case in cases if case.id not in against) if metadata.get("clean") else cases


def _audited(checks: frozenset[Check], text: bool) -> dict[str, str]:
    leak = {LEAK: "yes" if checks & LEAKS else "no"} if text else {}
    return {**leak, AUDIT: "flagged" if checks else "clean"}


def _spoiled(cases: tuple[Case, ...], metadata: Mapping[str, Any]) -> Mapping[str, frozenset[Check]]:
    root = sources.data_dir()
    coded = form_of(str(metadata["benchmark"]), root, metadata) == "hpo"
    return spoiled(cases, finder_for(root), coded=coded, digest=digest(cases))


def dataset(**metadata: Any) -> dict[str, datasets.Dataset]:
    """lm-eval's custom_dataset hook: the task's metadata (and the model's arguments) in, the test split out."""
    import datasets
    import pyarrow

    form = form_of(str(metadata["benchmark"]), sources.data_dir(), metadata)

    def table(cases: Sequence[Case]) -> datasets.Dataset:
        batches = (cases[start : start + _BATCH] for start in range(0, len(cases), _BATCH))
        rows = [pyarrow.Table.from_pylist([document(case, form) for case in batch], schema=_columns()) for batch in batches]
        return datasets.Dataset(pyarrow.concat_tables(rows))

    found = {"test": table(cases_of(metadata))}
    return {**found, "train": table(_examples(metadata))} if metadata.get("shots") else found


def _examples(metadata: Mapping[str, Any]) -> tuple[Case, ...]:
    """The first cases of train, in the order of their ids' hashes, as examples: each of another disease, answered by its name."""
    ontology = judge_for(sources.data_dir()).ontology
    found: dict[str, Case] = {}
    for case in splits.shuffled(cases_of({**metadata, "split": "train", "clean": True})):
        known = [each for each in map(ontology.canonical, case.answers) if each]
        if known and known[0] not in found:
            found[known[0]] = replace(case, answers=(f"1. {ontology.name(known[0])}",))
    if len(found) < int(metadata["shots"]):
        raise UsageError(f"train has {len(found)} cases to take examples from: ask for fewer than {metadata['shots']}")
    return tuple(found.values())[: int(metadata["shots"])]


def _columns() -> Any:
    """Arrow's types of a document, stated so that a batch of empty lists has the same as any other."""
    import pyarrow

    listed = ("answers", "observed", "excluded")
    return pyarrow.schema([
        (name, pyarrow.int64() if name == "asked" else pyarrow.list_(pyarrow.string()) if name in listed else pyarrow.string())
        for name in ("case_id", "benchmark", "presentation", "asked", "answers", "target", "observed", "excluded", "group")
    ])  # fmt: skip


def score(doc: Mapping[str, Any], results: list[Any]) -> dict[str, float]:
    """lm-eval's process_results hook: the metrics of the first answer to one case."""
    case = Case(doc["case_id"], doc["benchmark"], doc["presentation"], tuple(doc["answers"]), group=doc["group"])
    text = results[0] if not isinstance(results[0], list) else results[0][0]
    return case_metrics(shared_judge().judge(case, text, int(doc["asked"])))
