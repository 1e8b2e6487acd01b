"""match."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench import sources
from raredx_bench.cli.options import DataDir, write_text
from raredx_bench.cli.printing import err, out
from raredx_bench.domain import Link, Relation, UsageError
from raredx_bench.judging import Judge

SHOWN = 10  # diseases that a name may mean


def match(
    name: Annotated[str | None, typer.Argument(help="A disease name as a model writes it.")] = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", "-a", help="Gold id (OMIM, ORPHA, Mondo); may be repeated.")
    ] = None,
    batch: Annotated[Path | None, typer.Option(help="TSV, unquoted, with columns prediction and answer (ids joined by |).")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="JSON lines for --batch; default: standard output.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Link a name and judge it against an answer, and say why; or a whole file with --batch."""
    from raredx_bench.judging import judge_for

    judge = judge_for(sources.data_dir(data_dir))
    if batch is not None:
        if name or answer:
            raise UsageError("give either a name or a file with --batch, not both")
        _match_batch(judge, batch, output)
        return
    if not name:
        raise UsageError("give a disease name, or a file with --batch")
    _match_one(judge, name, tuple(part for each in answer or () for part in each.split("|")))


def _match_one(judge: Judge, name: str, ids: tuple[str, ...]) -> None:
    prediction, why = judge.match(name, ids)
    link = prediction.link
    if ids:
        colour = {Relation.EXACT: "green", Relation.DIFFERENT: "red"}.get(prediction.relation, "yellow")
        out.print(f"[bold {colour}]{prediction.relation}[/]  {escape(why)}")
    elif link.id is None:
        out.print(f"[bold red]not linked[/]  {escape(link.how)}")
    else:
        form = "a form of " if link.form else ""
        out.print(f"[bold green]{link.id}[/]  {form}{escape(link.label or '')}  ({escape(link.how)}, score {link.score:g})")
    if link.id is None and link.among:
        out.print(f"may mean: {escape(_meanings(judge, link))}")
    out.print(f"[dim]terminology: {escape(judge.ontology.release)}, {escape(judge.ontology.origin)}[/]")


def _meanings(judge: Judge, link: Link) -> str:
    """The diseases that a name may mean, by name and id."""
    more = len(link.among) - SHOWN
    shown = "; ".join(f"{judge.ontology.name(each)} ({each})" for each in link.among[:SHOWN])
    return f"{shown}; and {more} more" if more > 0 else shown


def _match_batch(judge: Judge, batch: Path, output: Path | None) -> None:
    from raredx_bench.matching import match_file

    if output is not None and output.resolve() == batch.resolve():
        raise UsageError(f"--output {output} is the input itself: name another file")
    rows = match_file(judge, batch)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if output is None:
        typer.echo(lines, nl=False)
    else:
        write_text(output, lines)
        err.print(f"{len(rows)} rows -> {output}")
    err.print(f"terminology: {judge.ontology.release}, from {judge.ontology.origin}", soft_wrap=True)
