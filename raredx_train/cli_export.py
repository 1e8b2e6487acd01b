"""`raredx-train export`: a leaf of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench.cli.printing import numbers, out
from raredx_bench.domain import UnknownName
from raredx_train.stages import STAGES

_MODELLED = [stage.name for stage in STAGES if "model" in stage.outputs]


def export(
    run: Annotated[Path, typer.Argument(help="A run's folder, such as runs/tiny.")],
    to: Annotated[str, typer.Option("--to", help="A folder, or hub:OWNER/NAME.")],
    stage: Annotated[
        str | None, typer.Option(help=f"{', '.join(_MODELLED)} (default: the recipe's last one that is done).")
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="float32, bfloat16, float16 (default: as trained).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Of the hub: a new repository is for everybody to see.")] = False,
) -> None:
    """Publish a finished stage: merged weights, tokenizer, model card with the ladder, data cards, licences."""
    from raredx_train.exporting import uploaded, written
    from raredx_train.exporting.folder import DTYPES
    from raredx_train.exporting.hub import PREFIX

    if dtype is not None and dtype not in DTYPES:
        raise UnknownName("type of weights", dtype, DTYPES)
    if to.startswith(PREFIX):
        found, where = uploaded(run, to.removeprefix(PREFIX), stage, force=force, dtype=dtype, public=public)
    else:
        found = written(run, Path(to), stage, force=force, dtype=dtype)
        where = str(found.folder)
    table = numbers("file", "bytes", title=f"{found.stage} of {escape(str(run))}")
    for name, size in found.files.items():
        table.add_row(escape(name), f"{size:,}")
    out.print(table)
    for line in dict.fromkeys(f"learnt from {escape(work.work)}: {escape(work.terms)}" for work in found.works):
        out.print(line, soft_wrap=True)
    out.print(f"{escape(where)}\nFor research only, not for clinical use.", soft_wrap=True)
