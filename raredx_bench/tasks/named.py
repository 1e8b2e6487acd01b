"""Which tasks there are: task files, groups, and variants of them by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from raredx_bench import splits
from raredx_bench.benchmarks import BENCHMARKS, FORMS, available
from raredx_bench.domain import DataMissing, UnknownName, UsageError
from raredx_bench.prompts import FIRST

_NUMBERS = {"sim_n": 1, "sim_seed": 0}  # options that are whole numbers, and the least value
OPTIONS = (*_NUMBERS, "form", "split", "cases")  # what a user may set
CLEAN = "clean"  # selector: without the cases whose text names the answer
SUBSET = "benchmark"  # selector: RareArena's own published subset


def task_path() -> Path:
    """The folder of task files: in the installed wheel, else beside the package in a checkout."""
    shipped = Path(__file__).parents[1] / "_tasks"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "tasks"


def task_manager(metadata: Mapping[str, Any] | None) -> Any:
    """lm-eval's manager of our tasks alone, with options for them."""
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=str(task_path()), include_defaults=False, metadata=dict(metadata or {}))


@dataclass(frozen=True)
class Task:
    """A task file of ours, or a variant of one; members is empty for a single benchmark.

    base: the task file's own name. metadata: the file's, with what the variant adds (form, split, subset, clean).
    """

    name: str
    base: str
    members: tuple[str, ...]
    metadata: Mapping[str, Any]


@lru_cache(maxsize=1)
def all_tasks() -> dict[str, Task]:
    """Every task file and group by name, as lm-eval's own index sees them; variants (task_named) are not listed."""
    found = {}
    for name, entry in sorted(task_manager(None).task_index.items()):
        config = entry.cfg or {}
        members = config.get("task") if isinstance(config.get("task"), list) else ()
        found[name] = Task(name, name, tuple(members or ()), dict(config.get("metadata") or {}))
    return found


def task_named(name: str) -> Task:
    """A task, group or variant: NAME, NAME_text, NAME_hpo, each with @train, @validation, @test, @unseen, @after:<date>, @small,
    @small:<size>, @clean or (RareArena) @benchmark behind it, also several.

    A variant in the published form is the task itself. Raises UnknownName, or UsageError for a selector that can't be.
    """
    known = all_tasks()
    stem, *selectors = name.split("@")
    base, form = (stem, "") if stem in known else _formed(stem)
    if base not in known:
        raise UnknownName("task", stem, known)
    suffix = f"_{form}" if form else ""
    tail = "".join(f"@{each}" for each in _checked(selectors, base))
    task = known[base]
    if task.members:
        return replace(task, name=f"{base}{suffix}{tail}", members=tuple(f"{each}{suffix}{tail}" for each in task.members))
    published = BENCHMARKS[str(task.metadata["benchmark"])]
    if form == published.form and base != "custom":
        form = suffix = ""
    return replace(task, name=f"{base}{suffix}{tail}", metadata={**task.metadata, **_changes(form, tail)}) if form or tail else task


def _formed(stem: str) -> tuple[str, str]:
    base, _, form = stem.rpartition("_")
    return (base, form) if form in FORMS else (stem, "")


def _checked(selectors: Sequence[str], base: str) -> list[str]:
    found = []
    for selector in selectors:
        if selector == SUBSET and not base.startswith("rarearena"):
            raise UsageError(f"@{SUBSET} is RareArena's published subset: {base} has none")
        found.append(selector if selector in (SUBSET, CLEAN) else splits.checked(selector))
    return list(dict.fromkeys(found))


def _changes(form: str, tail: str) -> dict[str, Any]:
    selectors = [each for each in tail.split("@") if each]
    kept = "@".join(each for each in selectors if each not in (SUBSET, CLEAN))
    return {
        **({"form": form} if form else {}),
        **({"split": kept} if kept else {}),
        **({"subset": True} if SUBSET in selectors else {}),
        **({"clean": True} if CLEAN in selectors else {}),
    }


def whole(name: str) -> str:
    """A task without @clean: what is asked, so that the score on all cases can stand beside the score on the clean ones."""
    return "@".join(part for part in name.split("@") if part != CLEAN)


def select_tasks(names: Sequence[str], root: Path, options: Mapping[str, Any] | None = None) -> tuple[list[str], dict[str, str]]:
    """(tasks to run, task -> why it is skipped). Only members of groups are skipped. TASK@clean comes with TASK.

    options: the user's, which may say where a task's cases are. Raises UnknownName for a name that is no task, DataMissing when a
    task asked for by its own name has no data or when nothing is left to run.
    """
    if not names:
        raise UsageError(f"name at least one task: {', '.join(all_tasks())}")
    chosen: dict[str, None] = {}
    skipped: dict[str, str] = {}
    for name in names:
        asked = task_named(name)
        for member in map(task_named, asked.members or (asked.name,)):
            try:
                available(str(member.metadata["benchmark"]), root, {**member.metadata, **(options or {})})
                chosen |= {whole(member.name): None, member.name: None}
            except DataMissing as missing:
                if member.name == asked.name:
                    raise
                skipped[member.name] = str(missing)
    skipped = {name: why for name, why in skipped.items() if name not in chosen}
    if not chosen:
        raise DataMissing("nothing to run: " + "; ".join(f"{name}: {why}" for name, why in skipped.items()))
    return list(chosen), skipped


def loaded_tasks(names: Sequence[str], metadata: Mapping[str, Any], *, wording: str = FIRST, shots: int = 0) -> Any:
    """lm-eval's task objects of our tasks and variants, with the user's options for all of them.

    wording: the prompt's template. shots: examples before each case, out of train.
    """
    from lm_eval.tasks._yaml_loader import load_yaml

    manager = task_manager({**metadata, **({"shots": shots} if shots else {})})
    examples = {"fewshot_split": "train", "fewshot_config": {"sampler": "first_n"}, "target_delimiter": "\n\n"} if shots else {}
    specs = []
    for task in map(task_named, names):
        file = load_yaml(manager.task_index[task.base].yaml_path)
        specs.append({**file, "task": task.name, "doc_to_text": wording, "metadata": dict(task.metadata), **examples})
    return manager.load(specs)


def checked_options(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Options of tasks as a user gives them. Raises UnknownName or UsageError for one that no task has or can use."""
    for name, value in (metadata or {}).items():
        if name not in OPTIONS:
            raise UnknownName("task option", name, OPTIONS)
        if name in _NUMBERS:
            if type(value) is not int or value < _NUMBERS[name]:
                raise UsageError(f"the task option {name} must be a whole number from {_NUMBERS[name]}, not {value!r}")
        elif not isinstance(value, str) or not value:
            raise UsageError(f"the task option {name} must be a text, not {value!r}")
        elif name == "form" and value not in FORMS:
            raise UnknownName("input form", value, FORMS)
        elif name == "split":
            for selector in value.split("@"):
                splits.checked(selector)
    return dict(metadata or {})
