"""The paths that a recipe names: the student's weights, records, cases; whether each is at hand, and how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from raredx_bench import sources
from raredx_bench.benchmarks import BENCHMARKS, available
from raredx_bench.domain import DataMissing
from raredx_train.config import Config
from raredx_train.knowledge import Knowledge
from raredx_train.plan.checking import Said
from raredx_train.plan.sizes import BF16, GIB
from raredx_train.reasoning.settings import Rers
from raredx_train.rl import Rl
from raredx_train.settings import FROM_SCRATCH, Run
from raredx_train.students import parameters

RECORDS = ("mondo", "ordo")  # what HPO's annotations are joined with, where it is at hand


def at_hand(config: Config, root: Path) -> frozenset[str]:
    """The benchmarks that the recipe trains on and whose data is here."""
    named = {name for section in config.sections.values() if isinstance(section, Rers | Rl) for name in section.benchmarks}
    return frozenset(name for name in named if name in BENCHMARKS and _missing(name, root) is None)


def resolved(config: Config, root: Path) -> Iterator[Said]:
    """One word on every path. root: the data directory."""
    yield from _student(config.run)
    for name in RECORDS:
        if name in sources.SOURCES:
            path = next((found for folder in sources.looked_through(root) if (found := sources.find(name, folder))), None)
            if path is not None:
                yield Said("fine", "records", f"{name}: {path}")
            else:
                how = sources.how_to_get(sources.SOURCES[name], root)
                yield Said("warning", "records", f"{name} is not here: knowledge comes from HPO's annotations alone", how)
    yield from _cases(config, root)
    for name, section in config.sections.items():
        if isinstance(section, Knowledge):
            yield from _files(name, section)


def _student(run: Run) -> Iterator[Said]:
    student = run.student
    size = f", {parameters(student.shape) * BF16 / GIB:,.1f} GiB in bfloat16" if student.shape else ""
    if student.model == FROM_SCRATCH:
        yield Said("fine", "student", "built from nothing; its tokenizer is learnt from the knowledge")
    elif Path(student.model).is_dir():
        there = (Path(student.model) / "config.json").is_file()
        yield Said(
            "fine" if there else "problem", "student", f"{Path(student.model).resolve()}{'' if there else ' has no config.json'}"
        )
    elif _cached(student.model, student.revision):
        yield Said("fine", "student", f"{student.model}: in the hub's cache on this machine")
    else:
        yield Said("warning", "student", f"{student.model} is not on this machine: it is downloaded when training begins{size}",
                   f"hf download {student.model}, or student.model=FOLDER")  # fmt: skip


def _cached(model: str, revision: str | None) -> bool:
    try:
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError
    except ImportError:
        return False
    try:
        return isinstance(try_to_load_from_cache(model, "config.json", revision=revision), str)
    except HFValidationError:  # neither a folder nor an id
        return False


def _cases(config: Config, root: Path) -> Iterator[Said]:
    """Which benchmarks are at hand; a stage without any case can't run."""
    wanted: dict[str, list[str]] = {}
    for name, section in config.sections.items():
        if isinstance(section, Rers | Rl):
            for each in section.benchmarks:
                wanted.setdefault(each, []).append(name)
    missing = {each: _missing(each, root) for each in wanted}
    for each, stages in wanted.items():
        why = missing[each]
        if why is None:
            yield Said("fine", "cases", f"{each} ({', '.join(stages)}): at hand")
            continue
        sections = [config.sections[stage] for stage in stages]
        lost = any(not section.simulated and all(missing[other] for other in section.benchmarks) for section in sections)
        yield Said("problem" if lost else "warning", "cases", f"{each} ({', '.join(stages)}): not here"
                   f"{', and nothing else to train on' if lost else '; done without'}", why)  # fmt: skip


def _files(name: str, section: Knowledge) -> Iterator[Said]:
    for path in (*section.pubmed, *section.fingerprints, *filter(None, (section.general, section.tokenizer))):
        there = Path(path).exists()
        yield Said("fine" if there else "problem", name, f"{path}: {'at hand' if there else 'not there'}")


def _missing(name: str, root: Path) -> str | None:
    """How to get a benchmark that isn't here; None: it is."""
    if name not in BENCHMARKS:
        return f"no benchmark has that name: choose from {', '.join(BENCHMARKS)}"
    try:
        available(name, root, {})
    except DataMissing as error:
        return str(error)
    return None
