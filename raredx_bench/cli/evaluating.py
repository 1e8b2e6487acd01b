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
    print_failures,
    print_protocols,
    print_report,
    print_strata,
    progress,
    say_terminology,
)
from raredx_bench.domain import DataMissing, UsageError
from raredx_bench.progress import Live

OURS = "raredx"
HOW = {"custom": "run --tasks custom --cases PATH", "mimic_iv_rare": "mimic build"}  # what there is no source of


def run(
    model: Annotated[
        str,
        typer.Option(
            help="phenotype, predictions:FILE, phenopacket-ranker:DIR, hf:NAME, vllm:NAME, openai:NAME, anthropic:NAME, "
            "http://HOST/v1#NAME, or any model type of lm-eval."
        ),
    ],
    tasks: Annotated[str, typer.Option(help="Tasks or groups, comma separated.")] = "raredx_demo",
    model_args: Annotated[str, typer.Option("--model_args", help="Arguments of the model, key=value,key=value.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="First N cases of each task only.")] = None,
    batch_size: Annotated[str | None, typer.Option("--batch_size", help="Batch size, or auto.")] = None,
    device: Annotated[str | None, typer.Option(help="Device for local models.")] = None,
    gen_kwargs: Annotated[str, typer.Option("--gen_kwargs", help="Generation arguments, key=value,key=value.")] = "",
    apply_chat_template: Annotated[
        bool | None,
        typer.Option("--apply_chat_template/--no_chat_template", help="Chat template on or off (default: on for chat models)."),
    ] = None,
    num_fewshot: Annotated[int, typer.Option("--num_fewshot", min=0, help="Examples before each case, out of train.")] = 0,
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Ask for reasoning before the list.")] = False,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Ask for a confidence of each name: calibration is reported.")
    ] = False,
    prompts: Annotated[int, typer.Option(min=1, max=3, help="How many wordings of the prompt to ask by.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="How often to ask each case.")] = 1,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 1234,
    metadata: Annotated[str, typer.Option(help='Options of the tasks as JSON, e.g. \'{"sim_n": 1000, "sim_seed": 7}\'.')] = "{}",
    cases: Cases = None,
    protocol: Protocols = OURS,
    card: Annotated[Path | None, typer.Option(help="What you state of the model (YAML): cutoff: 2024-06, …")] = None,
    prices: Annotated[Path | None, typer.Option(help="Prices of models (YAML), before the shipped ones.")] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say how many requests, tokens and what price; send nothing.")
    ] = False,
    allow_remote: Annotated[
        str | None, typer.Option("--allow-remote", help="Agreement under which cases may go to an endpoint.")
    ] = None,
    shard: Annotated[str | None, typer.Option(help="One of several parts, 1/2; put together by merge.")] = None,
    strata: Annotated[bool, typer.Option("--strata", help="Print recall by stratum too; report.json always has it.")] = False,
    explain_failures: Annotated[
        bool, typer.Option("--explain-failures", help="List the cases whose answers failed in form.")
    ] = False,
    output: Output = Path("runs"),
    data_dir: DataDir = None,
    verbose: Annotated[bool, typer.Option(help="Show lm-eval's own log.")] = False,
) -> None:
    """Run a model on tasks: prints the scores, writes report, verdicts, leaderboard entries and page."""
    from raredx_bench import harness
    from raredx_bench.models.card import load_card

    logging_to_console(verbose)
    say_terminology(sources.data_dir(data_dir))
    bar = progress()
    shown = bar.add_task("answers", total=None)

    def heard(live: Live) -> None:
        bar.update(shown, total=live.total, completed=live.done, description=f"answers {live.said()}".rstrip())
        bar.start()

    try:
        report = harness.run(
            model, listed(tasks), model_args=model_args or None, limit=limit, batch_size=batch_size, device=device,
            gen_kwargs=gen_kwargs or None, apply_chat_template=apply_chat_template, num_fewshot=num_fewshot, reasoning=reasoning,
            confidence=confidence, prompts=prompts, repeats=repeats, seed=seed, metadata=task_options(metadata, cases),
            protocols=listed(protocol), card=load_card(card) if card else None, prices=prices, estimate_only=estimate,
            allow_remote=allow_remote, shard=shard,
            output=output, data_dir=data_dir, listener=heard,
        )  # fmt: skip
    except harness.Estimated as forecast:
        out.print(str(forecast), soft_wrap=True)
        return
    finally:
        if bar.live.is_started:
            bar.stop()
    print_report(report)
    if listed(protocol) != [OURS]:  # under ours alone it would say the same twice
        print_protocols(report)
    if strata:
        print_strata(report)
    if explain_failures:
        print_failures(report)
    print_closing(report)
    publish(report, output, sources.data_dir(data_dir))


def merge(
    runs: Annotated[list[Path], typer.Argument(help="Folders of all parts of a run (made with --shard).")],
    output: Output = Path("runs"),
    data_dir: DataDir = None,
) -> None:
    """Put the parts of a run together: the report that one run would have."""
    from raredx_bench.harness.shards import merge as merged

    logging_to_console(False)
    report = merged(runs, output, data_dir)
    print_report(report)
    print_closing(report)
    publish(report, output, sources.data_dir(data_dir))


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
    publish(report, output, sources.data_dir(data_dir))


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
