"""terminology."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from raredx_bench import sources
from raredx_bench.cli.options import DataDir
from raredx_bench.cli.printing import out


def terminology(
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="List what the sources contradict each other in (JSON lines when piped).")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Say which disease terminology is in force, and what its sources contradict each other in."""
    from raredx_bench.ontology import load_ontology

    ontology = load_ontology(sources.data_dir(data_dir))
    if conflicts:
        for sentence in ontology.conflicts:
            typer.echo(sentence if sys.stdout.isatty() else json.dumps({"conflict": sentence}, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    names = sum(1 + len(disease.synonyms) for disease in ontology.values())
    rows = (
        ("release", ontology.release), ("digest", ontology.digest), ("from", ontology.origin),
        ("diseases", f"{len(ontology):,}"), ("names", f"{names:,}"), ("conflicts", f"{len(ontology.conflicts):,}"),
    )  # fmt: skip
    for label, text in rows:
        table.add_row(f"[dim]{label}[/]", escape(text))
    out.print(table, soft_wrap=True)
