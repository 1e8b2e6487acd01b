"""raredx-bench: a leaf. Each command parses its arguments, calls one function and prints.

Exit codes: 0 done, 1 the run is incomplete, 2 the user's mistake.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TQDM_DISABLE", "1")  # one progress bar, ours
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from raredx_bench import sources
from raredx_bench.domain import BadInput, Estimate, RaredxError, Relation, UsageError
from raredx_bench.report import Estimates, RunReport

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                  help="Evaluate models on rare-disease diagnosis. For research only, not for clinical use.")  # fmt: skip
board = typer.Typer(no_args_is_help=True, help="Entries and the leaderboard page.")
app.add_typer(board, name="leaderboard")

out = Console(width=None if sys.stdout.isatty() else 132, highlight=False)
err = Console(stderr=True, highlight=False)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Data directory (default: RAREDX_DATA, else the user's own).")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder that runs are written to.")]


@app.command()
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
    output: Output = Path("runs"),
    data_dir: DataDir = None,
    verbose: Annotated[bool, typer.Option(help="Show lm-eval's own log.")] = False,
) -> None:
    """Run a model on tasks: prints the scores, writes report, verdicts, leaderboard entries and page."""
    from raredx_bench import harness

    _logging(verbose)
    root = sources.data_dir(data_dir)
    _say_terminology(root)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=err, transient=True)
    bar = progress.add_task("answers", total=None)

    def planned(total: int, done: int) -> None:
        progress.update(bar, total=total, completed=done)
        progress.start()

    try:
        report = harness.run(
            model, [name.strip() for name in tasks.split(",") if name.strip()], model_args=model_args or None, limit=limit,
            batch_size=batch_size, device=device, gen_kwargs=gen_kwargs or None, apply_chat_template=apply_chat_template,
            seed=seed, metadata=_json_object("--metadata", metadata), output=output, data_dir=data_dir,
            listener=lambda task, text: progress.advance(bar), planned=planned,
        )  # fmt: skip
    finally:
        if progress.live.is_started:
            progress.stop()
    _print_report(report)
    _publish(report, output)


@app.command()
def tasks(
    path: Annotated[bool, typer.Option("--path", help="Print the folder of task files, for lm_eval --include_path.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List every task and group; one name a line when piped."""
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


@app.command()
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
    from raredx_bench.matching import match_file

    judge = judge_for(sources.data_dir(data_dir))
    if batch is not None:
        if name or answer:
            raise UsageError("give either a name or a file with --batch, not both")
        if output is not None and output.resolve() == batch.resolve():
            raise UsageError(f"--output {output} is the input itself: name another file")
        rows = match_file(judge, batch)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if output is None:
            typer.echo(lines, nl=False)
        else:
            _write(output, lines)
            err.print(f"{len(rows)} rows -> {output}")
        err.print(f"terminology: {judge.ontology.release}, from {judge.ontology.origin}", soft_wrap=True)
        return
    if not name:
        raise UsageError("give a disease name, or a file with --batch")
    ids = tuple(part for each in answer or () for part in each.split("|"))
    prediction, why = judge.match(name, ids)
    if ids:
        colour = {Relation.EXACT: "green", Relation.DIFFERENT: "red"}.get(prediction.relation, "yellow")
        out.print(f"[bold {colour}]{prediction.relation}[/]  {escape(why)}")
    elif prediction.link.id is None:
        out.print(f"[bold red]not linked[/]  {escape(prediction.link.how)}")
    else:
        link = prediction.link
        out.print(f"[bold green]{link.id}[/]  {escape(link.label or '')}  ({escape(link.how)}, score {link.score:g})")
    out.print(f"[dim]terminology: {escape(judge.ontology.release)}, {escape(judge.ontology.origin)}[/]")


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="JSON lines with case_id and answer (text) or names (list).")],
    task: Annotated[str, typer.Option(help="The task the answers belong to.")],
    model: Annotated[str | None, typer.Option(help="Whose answers they are (default: the file's name).")] = None,
    metadata: Annotated[str, typer.Option(help="Options of the task as JSON.")] = "{}",
    output: Output = Path("runs"),
    data_dir: DataDir = None,
) -> None:
    """Score answers made elsewhere, by the same parser, linker and judge."""
    from raredx_bench.scoring import score_file

    _logging(False)
    _say_terminology(sources.data_dir(data_dir))
    report = score_file(file, task, model=model, metadata=_json_object("--metadata", metadata), output=output, data_dir=data_dir)
    _print_report(report)
    _publish(report, output)


@board.command("add")
def leaderboard_add(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    entries: Annotated[Path, typer.Option(help="Folder of entries.")] = Path("leaderboards/entries"),
) -> None:
    """Write the leaderboard entries of finished runs."""
    from raredx_bench.leaderboard import write_entries
    from raredx_bench.report import read_report

    for folder in runs:
        for path in write_entries(read_report(folder), entries):
            out.print(str(path))


@board.command("build")
def leaderboard_build(
    entries: Annotated[list[Path], typer.Option(help="Folders of entries; may be repeated.")] = [Path("leaderboards/entries")],  # noqa: B006
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the page.")] = Path("site"),
) -> None:
    """Build the leaderboard page from entries."""
    page = _build_page(entries, output)
    count = sum(1 for folder in entries for _ in folder.glob("*/*/entry.json"))
    out.print(f"{page} ({count} entries)")


def _publish(report: RunReport, output: Path) -> None:
    """Entries and page of a run under its output folder; a partial run gets none."""
    from raredx_bench.leaderboard import write_entries

    assert report.folder is not None
    out.print(f"report  {report.folder / 'report.json'}")
    try:
        written = write_entries(report, report.folder / "entries")
    except BadInput as partial:
        out.print(f"[dim]no entry: {escape(str(partial))}[/]")
        return
    for path in written:
        out.print(f"entry   {path}")
    committed = Path("leaderboards/entries")
    page = _build_page([*([committed] if committed.is_dir() else []), report.folder / "entries"], output / "site")
    out.print(f"page    {page}")


def _build_page(folders: list[Path], output: Path) -> Path:
    from raredx_bench.leaderboard import read_entries
    from raredx_bench.page import build_site

    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"there is no folder of entries {folder}: name one with --entries")
    found = {path.parent.name: entry for folder in folders for path, entry in read_entries(folder)}
    try:
        return build_site(found.values(), output)
    except OSError as error:
        raise UsageError(f"can't write the page to {output}: {error.strerror}; name another folder with --output") from error


def _print_report(report: RunReport) -> None:
    table = Table("task", "cases", "recall@1", "recall@5", "recall@10", "+ narrower", "+ broader", "MRR", "median rank",
                  title=f"{report.model['name']}: percent, 95 % intervals")  # fmt: skip
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    for name, part in report.benchmarks.items():
        table.add_row(f"[bold]{name}[/]", str(part.n), *_cells(part.estimates))
        table.add_row("  same list always", "", *_cells(part.prior_only), style="dim")
        ceiling = f"{100 * part.ceiling['in_terminology']:.1f}"
        table.add_row("  answers known", "", *([ceiling] * 3), style="dim", end_section=True)
    for name, group in report.groups.items():
        table.add_row(f"[bold]{name}[/] together", str(group.n), *_cells(group.estimates))
    out.print(table)
    for name, part in report.benchmarks.items():
        failed = {key: value for key, value in part.counts.items() if value and key in ("no list", "empty", "truncated", "refused")}
        if failed:
            said = ", ".join(f"{value} {key}" for key, value in failed.items())
            out.print(f"[yellow]{name}: {said} (counted as misses)[/]")
        if part.counts["unlinked names"]:
            out.print(f"[dim]{name}: {part.counts['unlinked names']} of {part.counts['names']} names were not linked[/]")
        if part.unknown_gold:
            out.print(f"[yellow]{name}: the terminology knows no answer of {len(part.unknown_gold)} cases (counted as misses, "
                      f"listed in report.json)[/]")  # fmt: skip
    for name, why in report.skipped.items():
        out.print(f"[yellow]skipped {name}:[/] {escape(why)}")
    out.print(
        f"[dim]{report.cost['seconds']:.1f} s for {report.cost['cases']:.0f} answers. For research only, not for clinical use.[/]"
    )


def _cells(estimates: Estimates) -> list[str]:
    keys = ("recall@1", "recall@5", "recall@10", "recall@10/narrower", "recall@10/broader", "mrr", "median_rank")
    return [_cell(estimates.get(key), *{"median_rank": (1, 0), "mrr": (1, 3)}.get(key, (100, 1))) for key in keys]


def _cell(estimate: Estimate | None, factor: int, digits: int) -> str:
    if estimate is None:
        return ""
    value, low, high = (f"{factor * each:.{digits}f}" for each in (estimate.value, estimate.low, estimate.high))
    return f"{value}\n[dim]{low}–{high}[/]"


def _say_terminology(root: Path) -> None:
    from raredx_bench.judging import judge_for

    ontology = judge_for(root).ontology
    out.print(f"terminology: {escape(ontology.release)}, {len(ontology):,} diseases, from {escape(ontology.origin)}")


def _data_status(benchmark: str, root: Path) -> str:
    from raredx_bench.benchmarks import BENCHMARKS

    source = BENCHMARKS[benchmark].source
    if source is None:
        return "[green]built in[/]"
    return "[green]here[/]" if sources.find(source, root) else f"[yellow]missing[/]: {sources.SOURCES[source].url}"


def _json_object(option: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f'{option} must be a JSON object such as {{"sim_n": 100}}: {error}') from error
    if not isinstance(value, dict):
        raise UsageError(f'{option} must be a JSON object such as {{"sim_n": 100}}')
    return value


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def _logging(verbose: bool) -> None:
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, format="%(message)s",
                        handlers=[RichHandler(console=err, show_path=False, show_time=False)])  # fmt: skip
    logging.getLogger("raredx").setLevel(logging.DEBUG if verbose else logging.INFO)


def main() -> None:
    """Entry point: our errors become one sentence and their exit code; Ctrl-C outside a run exits 1."""
    try:
        app()
    except RaredxError as error:
        err.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(error.exit_code)
