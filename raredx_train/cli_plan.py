"""`raredx-train plan`: a leaf of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from raredx_bench import sources
from raredx_bench.cli.options import DataDir, write_json
from raredx_bench.cli.printing import numbers, out
from raredx_bench.domain import UnknownName
from raredx_train.config import load, recipes
from raredx_train.plan import Assumed, Plan, planned
from raredx_train.plan.assumed import GPUS
from raredx_train.plan.planning import NOTE, Asked
from raredx_train.plan.sizes import BF16, GIB
from raredx_train.stages import KINDS

Recipe = Annotated[str, typer.Argument(help=f"{', '.join(recipes())}, or a file of your own.")]
Changes = Annotated[list[str] | None, typer.Argument(help="Changes of the recipe: knowledge-sft.epochs=2 …")]
GUESSED = Assumed()
_MARKS = {"problem": "[bold red]problem[/]", "warning": "[yellow]warning[/]", "fine": "[green]fine[/]"}


def plan(
    recipe: Recipe,
    changes: Changes = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The run's folder, whose disk is looked at.")] = None,
    gpus: Annotated[int | None, typer.Option(help="GPUs of the cluster (default: those seen, else the recipe's).", min=0)] = None,
    gpu_memory: Annotated[float | None, typer.Option(help="GiB of each (default: seen, else the recipe's).", min=1)] = None,
    gpu: Annotated[str, typer.Option(help=f"Whose speed is reckoned with: {', '.join(GPUS)} (default: the one seen).")] = "",
    accelerate: Annotated[Path | None, typer.Option(help="accelerate's file (default: the shipped fsdp.yaml).")] = None,
    mfu: Annotated[float, typer.Option(help="Share of a GPU's arithmetic that training gets.", min=0.01, max=1)] = GUESSED.mfu,
    bandwidth: Annotated[float, typer.Option(help="The same of its memory, for decoding.", min=0.01, max=1)] = GUESSED.bandwidth,
    filled: Annotated[float, typer.Option(help="Mean completion, as a share of the longest.", min=0.01, max=1)] = GUESSED.filled,
    dull: Annotated[float, typer.Option(help="Share of groups that are sampled again.", min=0, max=1)] = GUESSED.dull,
    solved: Annotated[float, typer.Option(help="Share of cases that first answers solve.", min=0, max=1)] = GUESSED.solved,
    prompt: Annotated[int | None, typer.Option(help="Tokens of a case's prompt (default: 900; 200 from scratch).", min=1)] = None,
    teacher_rate: Annotated[float, typer.Option(help="Tokens a second of the teacher's servers.", min=1)] = GUESSED.teacher_rate,
    price: Annotated[float | None, typer.Option(help="Of an hour of one GPU.", min=0)] = None,
    teacher_price: Annotated[float | None, typer.Option(help="Of a million tokens that the teacher writes.", min=0)] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything into this file.")] = None,
    data_dir: DataDir = None,
) -> None:  # fmt: skip
    """Say what a recipe takes and whether it can run: paths, cluster, memory, hours, cost, commands. Exit code 1 when it can't.

    Nothing is run or downloaded.
    """
    if gpu and gpu not in GPUS:
        raise UnknownName("GPU", gpu, GPUS)
    asked = Asked(recipe, tuple(changes or ()), output, gpus, gpu_memory, accelerate)
    assumed = Assumed(gpu=gpu or GUESSED.gpu, mfu=mfu, bandwidth=bandwidth, filled=filled, dull=dull, solved=solved, prompt=prompt,
                      teacher_rate=teacher_rate, price=price, teacher_price=teacher_price)  # fmt: skip
    found = planned(load(recipe, changes or [], KINDS), asked, assumed, sources.data_dir(data_dir), named=bool(gpu))
    if json_file:
        write_json(json_file, found.as_document())
    _print(found)
    if not found.runs:
        raise typer.Exit(1)


def _print(found: Plan) -> None:
    size = (
        ""
        if found.parameters is None
        else f": {found.parameters / 1e6:,.1f} M parameters, {found.parameters * BF16 / GIB:,.1f} GiB in bfloat16"
    )
    out.print(f"[bold]{escape(found.recipe)}[/], {escape(found.student)}{size}")
    table = Table("", "", "", box=None, show_header=False, pad_edge=False)
    for said in found.said:
        todo = f"\n[dim]→ {escape(said.todo)}[/]" if said.todo else ""
        table.add_row(_MARKS[said.level], said.about, f"{escape(said.says)}{todo}")
    out.print(table)
    if found.stages:
        out.print()
        out.print(_work(found))
        out.print(_memory(found))
    for title, commands in (("servers", found.servers), ("stages", found.launch)):
        for each in commands:
            out.print(f"\n[bold]{title}: {escape(each.what)}[/]{f' [dim]({escape(each.note)})[/]' if each.note else ''}")
            out.print(escape(each.shell), soft_wrap=True, highlight=False)
    verdict = (
        "[green]can run[/], as far as this can tell" if found.runs else "[bold red]can't run as it is[/]: see the problems above"
    )
    out.print(f"\n{escape(found.recipe)} {verdict}. {NOTE}")


def _work(found: Plan) -> Table:
    """Tokens, time and cost by stage, with their sum."""
    assumed, priced = found.assumed, any(each.cost is not None for each in found.stages)
    speed = f"guesses: {assumed.gpu}, MFU {assumed.mfu:g}, …" if found.machine.gpus else "as fast as the cores measured"
    table = numbers("stage", "tokens\ntrained", "tokens\nsampled", "GPUs", "time", *(["cost"] if priced else []),
                    title=f"about ({speed}; docs/training.md)")  # fmt: skip
    for each in found.stages:
        cost = [f"{each.cost:,.0f}" if each.cost is not None else ""] if priced else []
        counts = (f"{count / 1e6:,.2f} M" if count else "" for count in (each.trained, each.sampled))
        name = f"{each.stage} (--arms all)" if each.arm else each.stage
        table.add_row(name, *counts, str(each.gpus or ""), _time(each.hours), *cost)
        table.add_row(f"[dim]  {escape(each.does)}[/]")
    line = [each for each in found.stages if not each.arm]
    total = [f"{sum(each.cost or 0 for each in line):,.0f}"] if priced else []
    table.add_row("[bold]together, without arms[/]", "", "", "", _time(sum(each.hours for each in line)), *total)
    table.columns[0].no_wrap, table.columns[0].max_width = False, 58
    return table


def _time(hours: float) -> str:
    """ "3 min", "1.5 hours", "64 hours"."""
    return f"{max(1, round(hours * 60))} min" if hours < 1 else f"{hours:,.1f} hours" if hours < 10 else f"{hours:,.0f} hours"


def _memory(found: Plan) -> Table:
    """GiB of each process, by what holds them."""
    who = "GPUs" if found.machine.gpus else "processes"
    table = numbers(
        "memory, GiB", who, "weights", "gradi-\nents", "opti-\nmizer", "activa-\ntions", "first\npolicy", "sampler", "GiB each"
    )
    for way in found.memory:
        held = way.memory
        parts = (held.weights, held.gradients, held.optimizer, held.activations, held.reference, held.sampler, held.total)
        shown = (f"{part / GIB:,.2f}" if part else "" for part in parts)
        table.add_row(f"{way.stage}\n  [dim]{escape(way.how)}[/]", str(way.processes), *shown, style="" if way.own else "dim")
    return table
