"""Finished runs on disk -> what is compared: a name, a task, a signature and verdicts, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from raredx_bench.comparing.signatures import check_alike
from raredx_bench.domain import BadInput, Relation, UnknownName, UsageError, Verdict
from raredx_bench.metrics import rank_of
from raredx_bench.report import Estimates, read_report

Reader = Callable[[Path], "list[tuple[Run, str]]"]


@dataclass(frozen=True)
class Run:
    """One model's answers to one task. rounds: the verdicts of each round, one at least; protocols: estimates by scoring rule.

    again: what names the run in a command, a folder or file.
    """

    name: str
    task: str
    signature: str
    rounds: tuple[tuple[Verdict, ...], ...]
    protocols: Mapping[str, Estimates] = field(default_factory=dict)
    again: str = ""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Of the first round."""
        return self.rounds[0]


def of_report(path: Path) -> list[tuple[Run, str]]:
    """Every task of a run's folder or report.json, with the run's id. Raises BadInput for a file that can't be read."""
    report = read_report(path)
    return [
        (Run(str(report.model["name"]), task, part.signature, (part.verdicts, *part.rounds),
             {name: each.estimates for name, each in part.protocols.items()}, str(path)), report.id)
        for task, part in report.benchmarks.items()
    ]  # fmt: skip


def runs_from(paths: Iterable[Path], read: Reader = of_report) -> list[Run]:
    """Every task of every run; runs of one name are told apart by their ids. read: a path -> runs, each with its id."""
    found = [each for path in paths for each in read(path)]
    names = {(run.name, run.task) for run, _ in found}
    taken = {key for key in names if sum((run.name, run.task) == key for run, _ in found) > 1}
    return _distinct([replace(run, name=f"{run.name} ({own})") if (run.name, run.task) in taken else run for run, own in found])


def _distinct(runs: Sequence[Run]) -> list[Run]:
    """The same runs, those that are there more than once numbered."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for run in runs:
        number = seen[run.name, run.task] = seen.get((run.name, run.task), 0) + 1
        found.append(replace(run, name=f"{run.name} #{number}") if number > 1 else run)
    return found


def shared_tasks(runs: Sequence[Run], asked: str = "") -> dict[str, list[Run]]:
    """The runs by task, of the tasks that all of them have; or of the one that is asked for.

    Raises UsageError when that is none, UnknownName for a task that none of them has.
    """
    places = list(dict.fromkeys(run.again for run in runs))
    tasks = {task: [run for run in runs if run.task == task] for task in dict.fromkeys(run.task for run in runs)}
    if asked and asked not in tasks:
        raise UnknownName("task of these runs", asked, tasks)
    shared = {task: members for task, members in tasks.items() if {run.again for run in members} == set(places)}
    wanted = {asked: tasks[asked]} if asked else shared
    if all(len(members) < 2 for members in tasks.values()) and len(places) < 2:
        raise UsageError(f"a comparison needs two runs at least, and {', '.join(places)} is one: name another")
    if not wanted or any(len(members) < 2 for members in wanted.values()):
        raise UsageError(f"{', '.join(places)} have no task in common ({', '.join(tasks)}): name runs of the same task")
    return wanted


def check_comparable(runs: Sequence[Run]) -> None:
    """Raises UsageError when two runs were scored otherwise, naming both, the part of their signatures and its two values."""
    check_alike([(run.name, run.again, run.signature) for run in runs])


def aligned_ranks(runs: Sequence[Run]) -> tuple[list[str], list[str], list[list[list[int]]]]:
    """Ids and clusters of the cases of runs, and for each run and round the rank of each case's exact hit (MISS for a miss).

    Raises BadInput when runs aren't about the same cases, or hold one twice, or put it into another cluster: which, and how many.
    """
    groups = {each.case_id: each.group for each in runs[0].verdicts}
    if not groups:
        raise BadInput(f"{runs[0].name} has no verdicts: there is nothing to compare")
    ranks = []
    for run in runs:
        by_case = [{each.case_id: each for each in verdicts} for verdicts in run.rounds]
        for verdicts, own in zip(run.rounds, by_case, strict=True):
            _check(run.name, verdicts, own, runs[0].name, groups)
        ranks.append([[rank_of(own[case], Relation.EXACT) for case in groups] for own in by_case])
    return list(groups), list(groups.values()), ranks


def _check(name: str, verdicts: Sequence[Verdict], own: Mapping[str, Verdict], first: str, groups: Mapping[str, str]) -> None:
    twice = [case for case, times in Counter(each.case_id for each in verdicts).items() if times > 1]
    if twice:
        raise BadInput(f"{name} holds {_counted(twice)} more than once: score it again, each case once")
    for has, lacks, missing in ((first, name, groups.keys() - own.keys()), (name, first, own.keys() - groups.keys())):
        if missing:
            raise BadInput(f"{lacks} lacks {_counted(missing)} of {has}: compare runs of the same cases")
    moved = [case for case, group in groups.items() if own[case].group != group]
    if moved:
        raise BadInput(f"{name} has {_counted(moved)} in another cluster than {first}: score both again with the same data")


def _counted(cases: Iterable[str]) -> str:
    """How many cases, and which: three of them at most."""
    ids = sorted(cases)
    return f"{len(ids)} case{'s' if len(ids) > 1 else ''} ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})"
