"""splits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from raredx_bench import sources
from raredx_bench.cli.options import Cases, DataDir, write_text
from raredx_bench.cli.printing import numbers, out


def splits(
    task: Annotated[str, typer.Argument(help="A task.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the ids and their parts, tab separated.")] = None,
    cases: Cases = None,
    data_dir: DataDir = None,
) -> None:
    """How a benchmark is split: train, validation, test, unseen; with --output, the list of case ids."""
    from raredx_bench import splits as rules
    from raredx_bench.harness import data_environment
    from raredx_bench.tasks import cases_of, task_named

    metadata = {**task_named(task).metadata, **({"cases": str(cases)} if cases else {})}
    with data_environment(sources.data_dir(data_dir)):
        found = cases_of(metadata)
    table = numbers("part", "cases", "share", "publications", "diseases", title=f"{task}, {rules.VERSION}")
    where = {case.id: case.strata["split"] for case in found}
    away = rules.set_aside(found, where)
    for part in (*rules.PARTS, "none", rules.SEEN):
        inside = [case for case in found if (case.id in away if part == rules.SEEN else where[case.id] == part)]
        table.add_row(part, str(len(inside)), f"{100 * len(inside) / len(found):.1f}", str(len({case.group for case in inside})),
                      str(len({case.answers for case in inside})))  # fmt: skip
    out.print(table)
    out.print("[dim]none: left out, because its publication or cohort is in a later part; seen: a piece of train.[/]")
    if output:
        head = f"# {task}, {rules.VERSION}; written by: raredx-bench splits {task} --output FILE\ncase_id\tsplit\n"
        write_text(output, head + "".join(f"{case.id}\t{where[case.id]}{',seen' * (case.id in away)}\n" for case in found))
        out.print(str(output))
