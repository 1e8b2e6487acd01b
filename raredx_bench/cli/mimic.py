"""mimic build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench import sources
from raredx_bench.cli.options import DataDir
from raredx_bench.cli.printing import err, numbers, out

mimic = typer.Typer(no_args_is_help=True, help="MIMIC-IV-Rare, built on your own machine from your own copy of MIMIC-IV.")


@mimic.callback()
def _group() -> None:
    """MIMIC-IV-Rare, built on your own machine from your own copy of MIMIC-IV."""


@mimic.command()
def build(
    folder: Annotated[
        Path | None, typer.Option("--mimic", help="Folder of MIMIC-IV's tables (default: mimic in the data directory).")
    ] = None,
    data_dir: DataDir = None,
    codes: Annotated[Path | None, typer.Option(help="Table of further codes: icd_version, icd_code, orpha[, relation].")] = None,
    gem: Annotated[Path | None, typer.Option(help="CMS's mapping from ICD-9-CM to ICD-10-CM (2018_I9gem.txt).")] = None,
    broader_codes: Annotated[
        bool,
        typer.Option("--broader-codes", help="Also codes broader than the one disorder that states them (NTBT), as a stratum."),
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Keep this many patients at most.")] = None,
    accept: Annotated[
        str | None, typer.Option(metavar="LICENCE", help="Say that you signed this licence, once for a data directory.")
    ] = None,
) -> None:
    """Build the benchmark from discharge notes and coded diagnoses, and say what became of every patient."""
    from raredx_bench.mimic.building import SOURCE, Choice, build
    from raredx_bench.mimic.records import FOLDER, built
    from raredx_bench.sources.manifest import accept as record
    from raredx_bench.sources.manifest import known_licence

    root = sources.data_dir(data_dir, create=True)
    if accept is not None:
        record(root, known_licence(accept))
    with err.status("reading") as status:
        flow = build(
            root, Choice(folder or root / FOLDER, codes, gem, broader_codes, limit), lambda step: status.update(escape(step))
        )
    for title, counted in (
        ("what became of the notes", dict(flow.rows())),
        ("distinct codes", flow.codes),
        ("taken out", flow.removed),
    ):
        table = numbers(title, "count")
        for label, count in counted.items():
            table.add_row(escape(label), f"{count:,}")
        out.print(table)
    out.print(f"{built(root)}: restricted data under {SOURCE.licence}, for you alone. Not for clinical use.", soft_wrap=True)
