"""report: the ladder of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from raredx_bench import sources
from raredx_bench.cli.options import DataDir
from raredx_bench.cli.printing import numbers, out
from raredx_bench.domain import DataMissing
from raredx_train.config import load
from raredx_train.stages import KINDS


def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run whose models were evaluated.")],
    to: Annotated[Path | None, typer.Option(help="Write the page here as well.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Build a run's ladder (tables, tests, picture) once more from the answers that are there; no model is asked."""
    from raredx_train.ladder.stage import LADDER, rebuilt  # with it comes the benchmark

    if not (folder / "config.yaml").is_file():
        raise DataMissing(f"{folder} is no run: name the folder that `raredx-train run` wrote")
    config = load(str(folder / "config.yaml"), [], KINDS)
    if "evaluation" not in config.sections:
        raise DataMissing(f"the recipe of {folder} has no section evaluation: add one to it, and run it once more")
    print_ladder(rebuilt(config.run, config.sections["evaluation"], folder, sources.data_dir(data_dir)))
    for name in LADDER:
        out.print(f"[dim]{escape(str(folder / name))}[/]", soft_wrap=True)
    if to:
        to.write_text((folder / LADDER[1]).read_text(encoding="utf-8"), encoding="utf-8")


def print_ladder(document: Mapping[str, Any]) -> None:
    """The ladder as a table."""
    from raredx_train.ladder.report import table

    headers, rows = table(document)
    shown = numbers(*headers, title="the ladder: percent, 95 % intervals")
    for row in rows:
        shown.add_row(*map(escape, row))
    out.print(shown)
