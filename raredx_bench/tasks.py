"""The lm-eval side of a task: which there are, the dataset a task is built from, and the score of one answer.

Plain `lm_eval --include_path "$(raredx-bench tasks --path)"` comes in here, and so does the harness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raredx_bench import sources
from raredx_bench.benchmarks import BENCHMARKS, available, load_cases
from raredx_bench.domain import Case, DataMissing, UnknownName, UsageError
from raredx_bench.judging import shared_judge
from raredx_bench.metrics import case_metrics

if TYPE_CHECKING:
    import datasets

OPTIONS = {"sim_n": 1, "sim_seed": 0}  # what a user may set, and the least value


def task_path() -> Path:
    """The folder of task files: in the installed wheel, else beside the package in a checkout."""
    shipped = Path(__file__).parent / "_tasks"
    return shipped if shipped.is_dir() else Path(__file__).parents[1] / "tasks"


def task_manager(metadata: Mapping[str, Any] | None) -> Any:
    """lm-eval's manager of our tasks alone, with options for them."""
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=str(task_path()), include_defaults=False, metadata=dict(metadata or {}))


@dataclass(frozen=True)
class Task:
    """A task file of ours; members is empty for a single benchmark."""

    name: str
    members: tuple[str, ...]
    metadata: Mapping[str, Any]


def all_tasks() -> dict[str, Task]:
    """Every task and group by name, as lm-eval's own index sees them."""
    index = task_manager(None).task_index
    found = {}
    for name, entry in sorted(index.items()):
        config = entry.cfg or {}
        members = config.get("task") if isinstance(config.get("task"), list) else ()
        found[name] = Task(name, tuple(members or ()), dict(config.get("metadata") or {}))
    return found


def select_tasks(names: Sequence[str], root: Path) -> tuple[list[str], dict[str, str]]:
    """(tasks to run, task -> why it is skipped). Only members of groups are skipped.

    Raises UnknownName for a name that is no task, DataMissing when a task asked for by its own name has no data or when
    nothing is left to run.
    """
    known = all_tasks()
    if not names:
        raise UsageError(f"name at least one task: {', '.join(known)}")
    chosen: dict[str, None] = {}
    skipped: dict[str, str] = {}
    for name in names:
        if name not in known:
            raise UnknownName("task", name, known)
        for member in known[name].members or (name,):
            try:
                available(str(known[member].metadata["benchmark"]), root)
                chosen[member] = None
            except DataMissing as missing:
                if member == name:
                    raise
                skipped[member] = str(missing)
    skipped = {name: why for name, why in skipped.items() if name not in chosen}
    if not chosen:
        raise DataMissing("nothing to run: " + "; ".join(f"{name}: {why}" for name, why in skipped.items()))
    return list(chosen), skipped


def checked_options(metadata: Mapping[str, Any] | None) -> dict[str, int]:
    """Options of tasks as a user gives them. Raises UnknownName or UsageError for one that no task has or can use."""
    for name, value in (metadata or {}).items():
        if name not in OPTIONS:
            raise UnknownName("task option", name, OPTIONS)
        if type(value) is not int or value < OPTIONS[name]:
            raise UsageError(f"the task option {name} must be a whole number from {OPTIONS[name]}, not {value!r}")
    return dict(metadata or {})


def document(case: Case) -> dict[str, Any]:
    """A case as lm-eval sees it. Findings' ids travel only where the published input form has them."""
    benchmark = BENCHMARKS[case.benchmark]
    coded = benchmark.form == "hpo"
    return {
        "case_id": case.id,
        "benchmark": case.benchmark,
        "presentation": case.presentation,
        "asked": benchmark.asked,
        "answers": list(case.answers),
        "target": ", ".join(case.answers),
        "observed": list(case.observed) if coded else [],
        "excluded": list(case.excluded) if coded else [],
        "group": case.group,
    }


@lru_cache(maxsize=16)
def cases_for(benchmark: str, root: Path, options: tuple[tuple[str, Any], ...]) -> tuple[Case, ...]:
    """The cases of a benchmark under a data directory, loaded once a process."""
    return load_cases(benchmark, root, **dict(options))


def cases_of(metadata: Mapping[str, Any]) -> tuple[Case, ...]:
    """The cases that a task's metadata names; the data directory is RAREDX_DATA's, else the user's own."""
    options = tuple(sorted((key, metadata[key]) for key in ("sim_n", "sim_seed", "digest") if key in metadata))
    return cases_for(str(metadata["benchmark"]), sources.data_dir(), options)


def dataset(**metadata: Any) -> dict[str, datasets.Dataset]:
    """lm-eval's custom_dataset hook: the task's metadata (and the model's arguments) in, the test split out."""
    import datasets

    return {"test": datasets.Dataset.from_list([document(case) for case in cases_of(metadata)])}


def score(doc: Mapping[str, Any], results: list[Any]) -> dict[str, float]:
    """lm-eval's process_results hook: the metrics of the first answer to one case."""
    case = Case(doc["case_id"], doc["benchmark"], doc["presentation"], tuple(doc["answers"]), group=doc["group"])
    text = results[0] if not isinstance(results[0], list) else results[0][0]
    return case_metrics(shared_judge().judge(case, text, int(doc["asked"])))
