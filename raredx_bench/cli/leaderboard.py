"""leaderboard add, verify, rescore, withdraw, build, serve, export, show, sql; and what every complete run publishes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from raredx_bench import sources
from raredx_bench.cli.boards import show
from raredx_bench.cli.options import ENTRIES, DataDir, Entries, Folders, write_text
from raredx_bench.cli.printing import err, numbers, out, progress
from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_bench.report import RunReport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from raredx_bench.leaderboard import Entry
    from raredx_bench.leaderboard.verifying import Checked

Named = Annotated[list[str] | None, typer.Argument(help="Entries, by folder or name; all of --entries unless said.")]

DataDirs = Annotated[
    list[Path] | None,
    typer.Option("--data-dir", help="Data directory with terminologies and cases; may be repeated. What is shipped is used too."),
]

board = typer.Typer(no_args_is_help=True, help="Leaderboards that can be checked: entries, verification, tables, the site.")


board.command("show")(show)


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
            out.print(escape(str(path)), soft_wrap=True)
    if not (who and training):
        out.print("[dim]who ran it and what the model was trained on can be stated with --who and --training[/]")


@board.command("verify")
def verify(
    entry: Named = None,
    entries: Entries = ENTRIES,
    data_dir: DataDirs = None,
) -> None:
    """Make every number of the entries again from their predicted names; exit 1 unless all of them are verified."""
    from raredx_bench.leaderboard.verifying import State, verify

    folders = _folders(entry, entries)
    roots = _roots(data_dir)
    found: list[Checked] = []
    with progress() as bar:
        task = bar.add_task("verifying", total=len(folders))
        for checked in verify(folders, roots):
            found.append(checked)
            bar.advance(task)
            _print_checked(checked)
    counts = {state: sum(each.state is state for each in found) for state in State}
    out.print(", ".join(f"{count} {state.value}" for state, count in counts.items()))
    if counts[State.VERIFIED] < len(found):
        raise typer.Exit(1)


def _print_checked(checked: Checked) -> None:
    from raredx_bench.leaderboard.verifying import State

    colour = {State.VERIFIED: "green", State.DIFFERS: "bold red", State.UNCHECKED: "yellow"}[checked.state]
    name = f"{checked.folder.parent.name}/{checked.folder.name}"
    out.print(f"[{colour}]{checked.state.value:<11}[/] {escape(name)}", soft_wrap=True)
    for sentence in checked.said:
        out.print(f"            {escape(sentence)}", soft_wrap=True)


@board.command("rescore")
def rescore(entry: Named = None, entries: Entries = ENTRIES, data_dir: DataDir = None) -> None:
    """Link and judge the entries' names anew with the terminology and linker at hand; the old entries stay, withdrawn."""
    from raredx_bench.leaderboard import chosen_entries
    from raredx_bench.leaderboard.rescoring import rescore

    found = rescore(chosen_entries(entry or (), entries), entries, sources.data_dir(data_dir))
    table = numbers("entry", "recall@1", "recall@10", "place", title="rescored: before → after, percent")
    for each in found:
        new = (each.new or each.old).document["estimates"]
        moved = (f"{100 * each.old.document['estimates'][key]['value']:.1f} → {100 * new[key]['value']:.1f}"
                 for key in ("recall@1", "recall@10"))  # fmt: skip
        place = "alone" if each.ranks is None else f"{each.ranks[0]} → {each.ranks[1]}"
        name = escape(f"{each.old.benchmark}/{(each.new or each.old).name}")
        table.add_row(name, *(moved if each.new else ("left as it is", "")), place)
    out.print(table)
    failed = [each for each in found if each.why]
    for each in failed:
        err.print(f"[yellow]{escape(each.old.name)}: not rescored: {escape(each.why)}[/]", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


@board.command("withdraw")
def withdraw(
    entry: Annotated[str, typer.Argument(help="The entry, by folder or name.")],
    why: Annotated[str, typer.Option(help="Why, in a sentence.")],
    entries: Entries = ENTRIES,
) -> None:
    """Mark an entry as withdrawn: it stays visible, and is ranked no more."""
    from raredx_bench.leaderboard import chosen_entries, withdraw

    (found,) = chosen_entries([entry], entries)
    withdraw(found, why)
    out.print(f"withdrawn: {escape(str(found.folder))}", soft_wrap=True)


@board.command("build")
def build(
    entries: Folders = [ENTRIES],  # noqa: B006
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the site.")] = Path("site"),
    check: Annotated[bool, typer.Option("--verify", help="Verify the entries, and say of each what came out.")] = False,
    data_dir: DataDirs = None,
) -> None:
    """Build the site from entries, with what papers report apart, and leaderboard.duckdb for analysis."""
    from raredx_bench.leaderboard import read_entries, twins
    from raredx_bench.leaderboard.store import write_store
    from raredx_bench.leaderboard.verifying import verify as verified
    from raredx_bench.reported import read_reported

    found = read_entries(*entries)
    for first, second in twins(found):
        raise BadInput(f"{second.folder} is the same submission as {first.folder}: remove one of the two, or withdraw it")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"can't write the site to {output}: {error.strerror}; name another folder with --output") from error
    write_store(found, read_reported(), output / "leaderboard.duckdb")  # first: the site links it
    roots = _roots(data_dir)
    states = {each.folder.name: each.state.value for each in verified([each.folder for each in found], roots)} if check else {}
    page = _build_page(found, output, roots[0], states)
    out.print(f"{escape(str(page))} ({len(found)} entries)", soft_wrap=True)


@board.command("serve")
def serve(
    entries: Folders = [ENTRIES],  # noqa: B006
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the site.")] = Path("site"),
    port: Annotated[int, typer.Option(help="Port on this machine alone.")] = 8080,
) -> None:
    """Build the site and serve it on 127.0.0.1 until Ctrl-C."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    build(entries, output)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=str(output)))
    except OSError as error:
        raise UsageError(f"can't listen on port {port}: {error.strerror}; name another with --port") from error
    out.print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@board.command("export")
def export(
    entry: Named = None,
    form: Annotated[str, typer.Option("--format", help="csv, json, latex, markdown, or hf: a model card's block.")] = "markdown",
    entries: Entries = ENTRIES,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; the console unless said.")] = None,
) -> None:
    """The entries as CSV, JSON, LaTeX, Markdown, or as the model-index block of a model card."""
    from raredx_bench.leaderboard import chosen_entries
    from raredx_bench.leaderboard.exporting import FORMS, exported

    if form not in FORMS:
        raise UnknownName("format", form, FORMS)
    text = exported(chosen_entries(entry or (), entries), form)
    if output:
        write_text(output, text)
    else:
        typer.echo(text, nl=False)


@board.command("sql")
def sql(
    query: Annotated[
        str, typer.Argument(help="A query over entries, estimates, strata, protocols, verdicts, predictions, reported.")
    ],
    entries: Folders = [ENTRIES],  # noqa: B006
    csv: Annotated[bool, typer.Option(help="CSV instead of a table.")] = False,
) -> None:
    """Ask the entries with SQL (DuckDB)."""
    from raredx_bench.leaderboard import read_entries
    from raredx_bench.leaderboard.store import asked
    from raredx_bench.reported import read_reported

    columns, rows = asked(query, read_entries(*entries), read_reported())
    if csv:
        import csv as written
        import sys

        written.writer(sys.stdout).writerows([columns, *rows])
        return
    table = numbers(*map(escape, columns))
    for row in rows:
        table.add_row(*("" if each is None else escape(str(each)) for each in row))
    out.print(table)


def publish(report: RunReport, output: Path, root: Path) -> None:
    """Entries and page of a run under its output folder; a partial run gets none."""
    from raredx_bench.leaderboard import read_entries, write_entries

    assert report.folder is not None
    out.print(f"report  {report.folder / 'report.json'}", soft_wrap=True)
    try:
        written = write_entries(report, report.folder / "entries")
    except BadInput as partial:
        out.print(f"[dim]no entry: {escape(str(partial))}[/]")
        return
    for path in written:
        out.print(f"entry   {path}", soft_wrap=True)
    folders = [*([ENTRIES] if ENTRIES.is_dir() else []), report.folder / "entries"]
    distinct = {entry.identity: entry for entry in reversed(read_entries(*folders))}  # a run that is an entry already stands once
    try:
        out.print(f"page    {_build_page(list(distinct.values()), output / 'site', root)}", soft_wrap=True)
    except UsageError as missing:
        out.print(f"[dim]no page: {escape(str(missing))}[/]", soft_wrap=True)


def _roots(data_dir: list[Path] | None) -> list[Path]:
    return [sources.data_dir(each) for each in data_dir] if data_dir else [sources.data_dir()]


def _folders(named: list[str] | None, entries: Path) -> list[Path]:
    """The folders of entries that are named, by path or name, or of all; nothing is read yet, so damaged ones are there too."""
    if not entries.is_dir() and not named:
        raise UsageError(f"there is no folder of entries {entries}: name one with --entries")
    known = {path.name: path for path in sorted(entries.glob("*/*")) if path.is_dir()}
    found = []
    for name in named or ():
        path = Path(name).parent if Path(name).name in ("entry.json", "verdicts.parquet") else Path(name)
        if not path.is_dir() and name not in known:
            raise UnknownName(f"entry of {entries}", name, known)
        found.append(path if path.is_dir() else known[name])
    return list(dict.fromkeys(found)) if named else list(known.values())


def _build_page(entries: Sequence[Entry], output: Path, root: Path, states: Mapping[str, str] | None = None) -> Path:
    from raredx_bench.page import build_site
    from raredx_bench.reported import read_reported

    try:
        return build_site(entries, output, read_reported(), root, states or {})
    except OSError as error:
        raise UsageError(f"can't write the site to {output}: {error.strerror}; name another folder with --output") from error
