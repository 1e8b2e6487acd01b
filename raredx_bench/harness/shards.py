"""A run in parts, and the parts put together: each takes every n-th case, and `merge` gives the report that one run would have."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raredx_bench import sources
from raredx_bench.answers import AnswerStore
from raredx_bench.cost import cost_of
from raredx_bench.domain import BadInput, UsageError
from raredx_bench.judging import judge_for
from raredx_bench.naming import filename
from raredx_bench.report import RunReport, read_report, write_report

if TYPE_CHECKING:
    from raredx_bench.harness import Plan

_OWN = ("shard", "samples")  # what parts of one run may differ in


def part_of(shard: str) -> tuple[int, int]:
    """(number from 1, of how many) that "2/3" says. Raises UsageError for anything else."""
    number, slash, count = shard.partition("/")
    if not (slash and number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise UsageError(f"a shard is a part of how many, such as 1/2, not {shard!r}")
    return int(number), int(count)


def sharded(plan: Plan) -> Plan:
    """The plan of one part: every n-th case of each task. Raises UsageError when a part would be empty."""
    number, count = part_of(str(plan.request["shard"]))
    kept = {name: [at for at in range(len(plan.cases[name])) if at % count == number - 1] for name in plan.asked}
    if not all(kept.values()):
        raise UsageError(f"{min(plan.asked, key=lambda name: len(kept[name]))} has fewer cases than {count} parts")
    ids = {name: {plan.cases[name][at].id for at in places} for name, places in kept.items()}
    everywhere = set().union(*ids.values())
    cases = {name: tuple(case for case in each if case.id in everywhere) for name, each in plan.cases.items()}
    return replace(
        plan, request={**plan.request, "limit": None, "samples": kept, "whole_limit": plan.request["limit"]}, cases=cases
    )


def merge(folders: Sequence[Path], output: Path | str = "runs", data_dir: Path | str | None = None) -> RunReport:
    """The report of a run from the folders of all its parts; written under output, with their answers.

    Raises BadInput when the parts are not those of one run, or some are missing.
    """
    from raredx_bench.harness import data_environment, planned, reported
    from raredx_bench.harness.folders import run_folder
    from raredx_bench.harness.rounds import rounds_of

    parts = [(folder, read_report(folder)) for folder in folders]
    request = _one_request(parts)
    root = sources.data_dir(Path(data_dir) if data_dir else None)
    with data_environment(root):
        plan = planned(request, request["tasks"], root)
        judge = judge_for(root)
        with run_folder(Path(output), plan.request, plan.cases, judge) as folder:
            rounds = rounds_of(plan.request)
            for one in rounds:
                for name in plan.asked:
                    _join(
                        [part / one.folder / f"{filename(name)}.jsonl" for part, _ in parts],
                        folder / one.folder / f"{filename(name)}.jsonl",
                    )
            stores = [AnswerStore(folder / one.folder) for one in rounds]
            notes = [note for store in stores for name in plan.asked for note in store.notes(name).values()]
            seconds = sum(report.cost["seconds"] for _, report in parts)
            report = reported(plan, stores, cost_of(notes, seconds=seconds), judge, root, folder, request["protocols"],
                              request["tasks"], parts[0][1].model["card"])  # fmt: skip
            write_report(report, folder)
            return report


def _one_request(parts: Sequence[tuple[Path, RunReport]]) -> dict[str, Any]:
    """The request that all parts share, without what makes them parts."""
    requests = [dict(report.request) for _, report in parts]
    for (folder, _), request in zip(parts, requests, strict=True):
        if not request.get("shard"):
            raise BadInput(f"{folder} is no part of a run: run it with --shard 1/N")
    shared = [_shared(request) for request in requests]
    for (folder, _), each in zip(parts, shared, strict=True):
        if each != shared[0]:
            key = next(key for key in each if each[key] != shared[0].get(key))
            raise BadInput(f"{folder} is part of another run than {parts[0][0]}: its {key} is {each[key]!r}")
    numbers = sorted(part_of(str(request["shard"])) for request in requests)
    count = numbers[0][1]
    if numbers != [(number, count) for number in range(1, count + 1)]:
        raise BadInput(f"all {count} parts are needed, each once; there are {', '.join(f'{a}/{b}' for a, b in numbers)}")
    return {**shared[0], "shard": None}


def _shared(request: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in request.items() if key not in (*_OWN, "whole_limit")}
    return json.loads(json.dumps({**kept, "limit": request.get("whole_limit")}))  # type: ignore[no-any-return]


def _join(parts: Sequence[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as handle:
                shutil.copyfileobj(handle, joined)
