"""raredx-train: a leaf. Each command parses its arguments, calls one function and prints.

Exit codes: 0 done, 1 the run is incomplete, 2 the user's mistake.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict

os.environ.setdefault("TQDM_DISABLE", "1")  # one progress bar, ours
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # trl reports what is trained, where it isn't told not to
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # threads that wait for others leave their core soon: it may be someone else's

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench import sources
from raredx_bench.cli.options import DataDir, write_json
from raredx_bench.cli.printing import err, logging_to_console, numbers, out, progress
from raredx_bench.domain import RaredxError, UnknownName
from raredx_train import recipe as running
from raredx_train.arguments import is_first
from raredx_train.cli_export import export
from raredx_train.cli_plan import plan
from raredx_train.cli_report import print_ladder, report
from raredx_train.config import Config, load, recipes
from raredx_train.modelcard import shown
from raredx_train.recipe import Listener, Ran
from raredx_train.rl import Rl
from raredx_train.settings import Sft
from raredx_train.stages import KINDS, Stage

LEARNING = [name for name, kind in KINDS.items() if kind is Sft]
PRACTISING = [name for name, kind in KINDS.items() if kind is Rl]
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                  help="Train models by the RareDxR1 recipe. For research only, not for clinical use.")  # fmt: skip
Recipe = Annotated[str, typer.Argument(help=f"{', '.join(recipes())}, or a file of your own.")]
Changes = Annotated[list[str] | None, typer.Argument(help="Changes of the recipe: knowledge-sft.epochs=2 …")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The run's folder (default: runs/<recipe's name>).")]
Verbose = Annotated[bool, typer.Option(help="Show what the libraries log.")]


class Arms(StrEnum):
    """What is run beside the recipe's own stages."""

    NONE = "none"
    ALL = "all"


@app.command()
def run(
    recipe: Recipe,
    changes: Changes = None,
    until: Annotated[str | None, typer.Option(help=f"The last stage to run: {', '.join(KINDS)}.")] = None,
    arms: Annotated[Arms, typer.Option(help="all: the stages to compare the recipe with run as well.")] = Arms.NONE,
    output: Output = None,
    data_dir: DataDir = None,
    verbose: Verbose = False,
) -> None:
    """Run the stages of a recipe. What is done already is left alone, what was stopped goes on."""
    config = load(recipe, changes or [], KINDS)
    _run(config, running.chosen(config, until, arms=arms is Arms.ALL), output, data_dir, verbose)


@app.command()
def knowledge(
    recipe: Recipe, changes: Changes = None, output: Output = None, data_dir: DataDir = None, verbose: Verbose = False
) -> None:
    """Run the stage knowledge alone."""
    config = load(recipe, changes or [], KINDS)
    _run(config, running.chosen(config, only="knowledge"), output, data_dir, verbose)


@app.command()
def rers(
    recipe: Recipe, changes: Changes = None, output: Output = None, data_dir: DataDir = None, verbose: Verbose = False
) -> None:
    """Run the stage rers alone: reasoning on training cases, on what the run's folder holds."""
    config = load(recipe, changes or [], KINDS)
    _run(config, running.chosen(config, only="rers"), output, data_dir, verbose)


@app.command()
def sft(
    recipe: Recipe,
    changes: Changes = None,
    stage: Annotated[str, typer.Option(help=f"Which one: {', '.join(LEARNING)}.")] = LEARNING[0],
    output: Output = None,
    data_dir: DataDir = None,
    verbose: Verbose = False,
) -> None:
    """Run one stage of supervised learning alone, on what the run's folder holds."""
    config = load(recipe, changes or [], KINDS)
    if stage not in LEARNING:
        raise UnknownName("stage of supervised learning", stage, LEARNING)
    _run(config, running.chosen(config, only=stage), output, data_dir, verbose)


@app.command()
def rl(
    recipe: Recipe,
    changes: Changes = None,
    stage: Annotated[str, typer.Option(help=f"Which one: {', '.join(PRACTISING)}.")] = PRACTISING[-1],
    output: Output = None,
    data_dir: DataDir = None,
    verbose: Verbose = False,
) -> None:
    """Run one stage of reinforcement learning alone, on what the run's folder holds."""
    config = load(recipe, changes or [], KINDS)
    if stage not in PRACTISING:
        raise UnknownName("stage of reinforcement learning", stage, PRACTISING)
    _run(config, running.chosen(config, only=stage), output, data_dir, verbose)


app.command()(plan)
app.command()(export)
app.command()(report)


@app.command("audit-reward")
def audit_reward(
    recipe: Annotated[str, typer.Argument(help="Whose dcrl.reward is audited; without one, the default reward.")] = "",
    task: Annotated[str, typer.Option(help="Cases (default: phenopacket_store@train, raredx_sim where that isn't here).")] = "",
    cases: Annotated[int, typer.Option(help="How many, drawn by the seed.")] = 500,
    seed: Annotated[int, typer.Option(help="Of the draw and of the invented names.")] = 1,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as Markdown.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything into this file.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Attack the reward before training: what each attack gets, next to honest answers. Exit code 1 when a bar is missed."""
    from raredx_train import audit as auditing  # with it come the diagnoser and every benchmark

    section = load(recipe, [], KINDS).sections.get("dcrl") if recipe else None
    settings = getattr(section, "reward", auditing.Reward())
    found = auditing.audit_reward(settings, sources.data_dir(data_dir), task=task, cases=cases, seed=seed)
    if markdown:
        out.print(auditing.markdown(found), markup=False, soft_wrap=True)
    else:
        table = numbers(*auditing.headers(found), title=f"mean reward; {found.task}, {found.cases} cases, seed {found.seed}")
        for line in auditing.lines(found):
            table.add_row(*map(escape, line))
        out.print(table)
    for said, holds in found.bars.items():
        out.print(f"{'[green]holds[/] ' if holds else '[red]missed[/]'} {escape(said)}", soft_wrap=True)
    out.print(f"{found.speed:,.0f} completions a second and core. For research only, not for clinical use.")
    if json_file:
        write_json(json_file, asdict(found))
    if not all(found.bars.values()):
        raise typer.Exit(1)


def _run(config: Config, stages: list[Stage], output: Path | None, data_dir: Path | None, verbose: bool) -> None:
    logging_to_console(verbose)
    first = is_first()
    folder = output or Path("runs") / config.run.name
    with progress() as bar:
        task = bar.add_task("", total=None, visible=False)

        def begins(stage: str) -> None:
            out.print(f"[bold]{stage}[/] …")
            bar.update(task, description=stage, completed=0, total=None, visible=True)

        def told(done: int, total: int, said: str) -> None:
            bar.update(task, completed=done, total=total, description=said)

        def ended(ran: Ran) -> None:
            bar.update(task, visible=False)
            _print(ran)

        running.run(config, stages, folder, sources.data_dir(data_dir), Listener(begins, ended, told) if first else Listener())
    if first:
        out.print(f"[dim]everything is in {escape(str(folder))}. For research only, not for clinical use.[/]")


def _print(ran: Ran) -> None:
    """One stage's outcome: what it counted, how long it took, where its results are."""
    figures = ran.manifest.figures
    if ran.moved:
        out.print(f"[yellow]{ran.stage}: the results of another configuration are now in {escape(str(ran.moved))}[/]")
    how = (
        "done before"
        if ran.skipped
        else f"{ran.manifest.seconds:.0f} s ({ran.manifest.cpu_seconds:.0f} s of CPU), {ran.manifest.peak_memory:,.0f} MiB at most"
    )
    out.print(f"[bold]{ran.stage}[/]: {how}; {escape(str(ran.folder))}")
    counted = [f"{name} {value:,}" for name, value in figures.items() if isinstance(value, int)]
    lost = [f"{name} {value[0]:.3f} → {value[1]:.3f}" for name, value in figures.items() if "loss" in name and value]
    if counted or lost:
        out.print(f"  {'; '.join([*counted, *lost])}")
    for note in figures.get("notes", ()):
        out.print(f"  [yellow]{escape(note)}[/]")
    if "ladder" in figures:
        print_ladder(figures["ladder"])
    after = figures.get("recall", {}).get("after", {})
    if after:
        table = numbers("held-out questions", "n", "before", "after", title="share right, 95 % intervals")
        for form, sets in after.items():
            for name, each in sets.items():
                table.add_row(f"{form}, {name}", str(each["n"]), shown(figures["recall"]["before"][form][name]), shown(each))
        out.print(table)


def main() -> None:
    """Entry point: our errors become one sentence and their exit code."""
    try:
        app()
    except RaredxError as error:
        err.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(error.exit_code)
