"""run, score, tasks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from raredx_bench import sources
from raredx_bench.cli.leaderboard import publish
from raredx_bench.cli.options import Cases, DataDir, Output, Protocols, listed, task_options
from raredx_bench.cli.printing import (
    logging_to_console,
    out,
    print_closing,
    print_protocols,
    print_report,
    print_strata,
    progress,
    say_terminology,
)
from raredx_bench.domain import DataMissing, UsageError

OURS = "raredx"
HOW = {"custom": "run --tasks custom --cases PATH", "mimic_iv_rare": "mimic build"}  # what there is no source of


def run(
    model: Annotated[str, typer.Option(help="Model type: phenotype, or any of lm-eval's (hf, vllm, …).")],
    tasks: Annotated[str, typer.Option(help="Tasks or groups, comma separated.")] = "raredx_demo",
    model_args: Annotated[str, typer.Option("--model_args", help="Arguments of the model, key=value,key=value.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="First N cases of each task only.")] = None,
    batch_size: Annotated[str | None, typer.Option("--batch_size", help="Batch size, or auto.")] = None,
    device: Annotated[str | None, typer.Option(help="Device for local models.")] = None,
    gen_kwargs: Annotated[str, typer.Option("--gen_kwargs", help="Generation arguments, key=value,key=value.")] = "",
    apply_chat_template: Annotated[
        bool, typer.Option("--apply_chat_template", help="Put prompts into the model's chat template.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 1234,
    metadata: Annotated[str, typer.Option(help='Options of the tasks as JSON, e.g. \'{"sim_n": 1000, "sim_seed": 7}\'.')] = "{}",
    cases: Cases = None,
    protocol: Protocols = OURS,
    strata: Annotated[bool, typer.Option("--strata", help="Print recall by stratum too; report.json always has it.")] = False,
    output: Output = Path("runs"),
    data_dir: DataDir = None,
    verbose: Annotated[bool, typer.Option(help="Show lm-eval's own log.")] = False,
) -> None:
    """Run a model on tasks: prints the scores, writes report, verdicts, leaderboard entries and page."""
    from raredx_bench import harness

    logging_to_console(verbose)
    say_terminology(sources.data_dir(data_dir))
    bar = progress()
    shown = bar.add_task("answers", total=None)

    def planned(total: int, done: int) -> None:
        bar.update(shown, total=total, completed=done)
        bar.start()

    try:
        report = harness.run(
            model, listed(tasks), model_args=model_args or None, limit=limit, batch_size=batch_size, device=device,
            gen_kwargs=gen_kwargs or None, apply_chat_template=apply_chat_template, seed=seed,
            metadata=task_options(metadata, cases), protocols=listed(protocol), output=output, data_dir=data_dir,
            listener=lambda task, text: bar.advance(shown), planned=planned,
        )  # fmt: skip
    finally:
        if bar.live.is_started:
            bar.stop()
    print_report(report)
    if listed(protocol) != [OURS]:  # under ours alone it would say the same twice
        print_protocols(report)
    if strata:
        print_strata(report)
    print_closing(report)
    publish(report, output)


def score(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWERS|RUN",
            help="JSON lines with case_id and answer (text) or names (list); or the folder or report.json of an earlier run.",
        ),
    ],
    task: Annotated[
        str, typer.Option(help="The task the answers belong to; of a run: tasks, comma separated (default: all of its own).")
    ] = "",
    model: Annotated[
        str | None, typer.Option(help="Whose answers they are (default: the file's name, or what the run says).")
    ] = None,
    metadata: Annotated[str, typer.Option(help="Options of the task as JSON; a run has its own.")] = "{}",
    cases: Cases = None,
    protocol: Protocols = OURS,
    output: Output = Path("runs"),
    data_dir: DataDir = None,
) -> None:
    """Score answers made elsewhere, or an earlier run once more, by the present parser, linker and judge: no model is asked."""
    from raredx_bench.scoring import is_run, score_file, score_run

    logging_to_console(False)
    options = task_options(metadata, cases)
    say_terminology(sources.data_dir(data_dir))
    if is_run(source):
        if options:
            raise UsageError("a run is scored with its own task options: leave out --metadata")
        report = score_run(source, listed(task), model=model, protocols=listed(protocol), output=output, data_dir=data_dir)
    elif task:
        report = score_file(source, task, model=model, metadata=options, protocols=listed(protocol), output=output,
                            data_dir=data_dir)  # fmt: skip
    else:
        raise UsageError(f"name the task that the answers in {source} belong to with --task")
    print_report(report)
    print_protocols(report)
    print_closing(report)
    publish(report, output)


def tasks(
    path: Annotated[bool, typer.Option("--path", help="Print the folder of task files, for lm_eval --include_path.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List every task and group; one name a line when piped. Any of them takes a form (_text, _hpo) and selectors (@test, …)."""
    from raredx_bench.tasks import all_tasks, task_path

    if path:
        typer.echo(task_path())
        return
    known = all_tasks()
    if not sys.stdout.isatty():
        for name in known:
            typer.echo(name)
        return
    root = sources.data_dir(data_dir)
    table = Table("task", "what", "data", "licence", title="Tasks and groups")
    table.columns[2].overflow = "fold"
    for name, task in known.items():
        status = ", ".join(task.members) if task.members else _data_status(str(task.metadata["benchmark"]), root)
        table.add_row(f"[bold]{name}[/]" if task.members else name, escape(str(task.metadata.get("title", ""))), status,
                      str(task.metadata.get("licence", "")))  # fmt: skip
    out.print(table)
    out.print("[dim]Variants of any task: NAME_text, NAME_hpo; NAME@train, @validation, @test, @unseen, @after:<date>, @small, "
              "@small:<size>, @clean; of RareArena @benchmark. They can be joined: NAME_text@test@small:100.[/]")  # fmt: skip


def _data_status(benchmark: str, root: Path) -> str:
    from raredx_bench.benchmarks import BENCHMARKS, available

    names = BENCHMARKS[benchmark].sources
    if not names and BENCHMARKS[benchmark].located is None:
        return "[green]built in[/]"
    try:
        available(benchmark, root, {})
    except DataMissing:
        return f"[yellow]missing[/]: raredx-bench {HOW.get(benchmark) or f'data pull {names[0]}'}"
    return "[green]here[/]"
