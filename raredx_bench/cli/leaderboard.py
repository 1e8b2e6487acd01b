"""leaderboard add, leaderboard build; and what every complete run publishes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench.cli.printing import out
from raredx_bench.domain import BadInput, UsageError
from raredx_bench.report import RunReport

ENTRIES = Path("leaderboards/entries")
Entries = Annotated[Path, typer.Option("--entries", help="Folder of entries.")]

board = typer.Typer(no_args_is_help=True, help="Entries and the leaderboard page.")


@board.command("add")
def add(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    entries: Entries = ENTRIES,
    who: Annotated[str | None, typer.Option(help="Who ran it: a name, a group.")] = None,
    link: Annotated[list[str], typer.Option(help="Paper, code, model; may be repeated.")] = [],  # noqa: B006
    training: Annotated[str | None, typer.Option(help="What the model was trained on, in words.")] = None,
) -> None:
    """Write the leaderboard entries of finished runs."""
    from raredx_bench.leaderboard import write_entries
    from raredx_bench.report import read_report

    for folder in runs:
        stated = {"data": training} if training else None
        for path in write_entries(read_report(folder), entries, who=who, links=link, training=stated):
            out.print(str(path), soft_wrap=True)
    if not (who and training):
        out.print("[dim]who ran it and what the model was trained on can be stated with --who and --training[/]")


@board.command("build")
def build(
    entries: Annotated[list[Path], typer.Option(help="Folders of entries; may be repeated.")] = [Path("leaderboards/entries")],  # noqa: B006
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the page.")] = Path("site"),
) -> None:
    """Build the leaderboard page from entries, with what papers report in a section of its own."""
    page = _build_page(entries, output)
    count = sum(1 for folder in entries for _ in folder.glob("*/*/entry.json"))
    out.print(f"{page} ({count} entries)")


def publish(report: RunReport, output: Path) -> None:
    """Entries and page of a run under its output folder; a partial run gets none."""
    from raredx_bench.leaderboard import write_entries

    assert report.folder is not None
    out.print(f"report  {report.folder / 'report.json'}", soft_wrap=True)
    try:
        written = write_entries(report, report.folder / "entries")
    except BadInput as partial:
        out.print(f"[dim]no entry: {escape(str(partial))}[/]")
        return
    for path in written:
        out.print(f"entry   {path}", soft_wrap=True)
    committed = Path("leaderboards/entries")
    page = _build_page([*([committed] if committed.is_dir() else []), report.folder / "entries"], output / "site")
    out.print(f"page    {page}", soft_wrap=True)


def _build_page(folders: list[Path], output: Path) -> Path:
    from raredx_bench.leaderboard import read_entries
    from raredx_bench.page import build_site
    from raredx_bench.reported import read_reported

    found = {entry.identity: entry.document for entry in read_entries(*folders)}
    try:
        return build_site(found.values(), output, read_reported())
    except OSError as error:
        raise UsageError(f"can't write the page to {output}: {error.strerror}; name another folder with --output") from error
