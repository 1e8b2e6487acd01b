"""data list, pull, status, verify, where: the files that benchmarks and the terminology are read from."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from raredx_bench import sources
from raredx_bench.cli.options import DataDir
from raredx_bench.cli.printing import err, logging_to_console, out
from raredx_bench.domain import RaredxError, UsageError
from raredx_bench.sources import SOURCES, Source

if TYPE_CHECKING:  # pooch and requests load when something is pulled
    from raredx_bench.sources.pulling import Request, Watch
    from raredx_bench.sources.transfer import Listener

shelf = typer.Typer(no_args_is_help=True, help="Ontologies and benchmarks: what there is, where from, under which terms.")
_COLOURS = {"here": "green", "ok": "green", "partial": "yellow", "unpinned": "yellow", "missing": "dim", "changed": "red"}


@shelf.command("list")
def show(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the table of docs/data.md.")] = False,
) -> None:
    """List every source: what it is, its licence, size and how to get it (tab-separated when piped)."""
    if markdown:
        _print_markdown()
        return
    if not sys.stdout.isatty():
        for each in SOURCES.values():
            typer.echo(
                "\t".join((each.name, each.kind, each.licence, str(each.size or ""), _way(each), each.title, each.unverified))
            )
        return
    table = _table("source", "what", "licence", "size", "how")
    for each in SOURCES.values():
        table.add_row(
            f"{each.name}{' *' if each.unverified else ''}", escape(each.title), each.licence, _size(each.size), _way(each)
        )
    out.print(table)
    out.print("[dim]open: `raredx-bench data pull NAME`; accept: the same with --accept LICENCE; by hand: `pull` says how[/]")
    for each in SOURCES.values():
        if each.unverified:
            out.print(f"[dim]* {each.name}: {escape(each.unverified)}[/]")


@shelf.command()
def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Sources, as `data list` names them.")] = None,
    all_open: Annotated[bool, typer.Option("--all-open", help="Everything whose terms need no acceptance.")] = False,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="LICENCE", help="Accept the terms of this licence, once for the data directory.")
    ] = None,
    version: Annotated[str | None, typer.Option(help="Another release or revision than `data list --markdown` shows.")] = None,
    mirror: Annotated[
        str | None,
        typer.Option(metavar="DIR|URL", envvar="RAREDX_MIRROR", help="Take files from here, laid out like a data directory."),
    ] = None,
    repin: Annotated[bool, typer.Option("--repin", help="The publisher updated it: take it and fix the new checksum.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring sources into the data directory, checked and whole. A pull that was stopped goes on with the same command."""
    from raredx_bench.sources.manifest import accept as record
    from raredx_bench.sources.manifest import known_licence
    from raredx_bench.sources.pulling import Request, told

    chosen = _chosen(names or [], all_open)
    if version and len(chosen) > 1:
        raise UsageError("--version belongs to one source: name that alone")
    logging_to_console(False)
    root = sources.data_dir(data_dir, create=True)
    for licence in map(known_licence, accept or ()):
        with told(root):
            record(root, licence)
    request = Request(root, version, mirror, repin)
    failed = [each.name for each in chosen if not _pulled(each, request, len(chosen))]
    if failed:
        err.print(f"[yellow]not pulled: {', '.join(failed)}[/]", soft_wrap=True)
        raise typer.Exit(1)


def _chosen(names: list[str], all_open: bool) -> list[Source]:
    if bool(names) == all_open:
        raise UsageError("name sources (`raredx-bench data list`), or say --all-open")
    if all_open:
        return [each for each in SOURCES.values() if each.open]
    return [sources.named(name, SOURCES) for name in dict.fromkeys(names)]


def _pulled(source: Source, request: Request, among: int) -> bool:
    """Pull and say so; False when it failed among several, which then go on."""
    from raredx_bench.sources.pulling import pull as bring

    try:
        with _progress() as bar:
            found = bring(source, replace(request, watch=_watch(bar, request.root)))
    except RaredxError as error:
        if among == 1:
            raise
        err.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)
        return False
    for each in found:
        version = f" {_short(each.pin.version)}" if each.pin.version else ""
        note = ", checksum fixed on first use" if each.pin.pinned == "first use" and each.fresh else ""
        said = f"{'pulled' if each.fresh else 'there':6}  {source.name}{version}, {_size(each.pin.size)}{note}: {each.path}"
        out.print(escape(said), soft_wrap=True)
    return True


@shelf.command()
def status(data_dir: DataDir = None) -> None:
    """Say what of each source the data directory holds (tab-separated when piped)."""
    from raredx_bench.sources.condition import condition_of

    root = sources.data_dir(data_dir)
    found = [condition_of(each, root) for each in SOURCES.values()]
    rows = [(each.source.name, str(each.state), f"{each.there} of {each.wanted}" if each.state == "partial" else "",
             str(each.size or ""), each.version or "", _terms(each.source, each.accepted)) for each in found]  # fmt: skip
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = _table("source", "state", "files", "size", "version", "licence", title=f"Data directory {root}")
    for (name, state, files, _, version, terms), each in zip(rows, found, strict=True):
        table.add_row(name, f"[{_COLOURS[state]}]{state}[/]", files, _size(each.size), escape(_short(version)), escape(terms))
    out.print(table)


@shelf.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Sources (default: all that are here).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Hash every file anew and compare with what was pulled; exit code 1 when something differs."""
    from raredx_bench.sources.condition import Finding
    from raredx_bench.sources.condition import verify as checks

    root = sources.data_dir(data_dir)
    bad = 0
    for each in checks(root, names or ()):
        differs = each.finding in (Finding.CHANGED, Finding.MISSING)
        bad += differs
        why = f"  expected {each.expected}, found {each.found}" if each.finding is Finding.CHANGED else ""
        colour = _COLOURS[each.finding] if each.finding is not Finding.MISSING else "red"
        out.print(f"[{colour}]{each.finding:8}[/]  {escape(each.place)}{why}", soft_wrap=True)
    if bad:
        err.print(f"{bad} files differ: `raredx-bench data pull NAME` brings what was pulled once more", soft_wrap=True)
        raise typer.Exit(1)


@shelf.command()
def where(
    name: Annotated[str, typer.Argument(help="A source, as `data list` names it.")],
    data_dir: DataDir = None,
) -> None:
    """Print where a source lies, one path a line; exit code 2 when it is missing."""
    from raredx_bench.sources.condition import condition_of

    root = sources.data_dir(data_dir)
    source = sources.named(name, SOURCES)
    for path in condition_of(source, root).paths or (sources.require(name, root),):
        typer.echo(path)


def _print_markdown() -> None:
    typer.echo("| name | what | licence | version | size | how | files |\n|---|---|---|---|---|---|---|")
    for each in SOURCES.values():
        more = f" and {len(each.files) - 1} more" if len(each.files) > 1 else ""
        cells = (f"`{each.name}`{' (*)' if each.unverified else ''}", f"[{each.title}]({each.url})",
                 f"[{each.licence}]({each.terms.terms})", _short(each.version or ""), _size(each.size), _way(each),
                 f"`{each.files[0].place}`{more}")  # fmt: skip
        typer.echo(f"| {' | '.join(cells)} |")


def _table(*headers: str, title: str = "") -> Table:
    table = Table(*headers, title=title or None, box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False, show_edge=False)
    for column in (table.columns[0], *table.columns[2:]):
        column.no_wrap = True
    return table


def _way(source: Source) -> str:
    return "by hand" if source.access else "accept" if source.terms.ask else "open"


def _terms(source: Source, accepted: str | None) -> str:
    if not source.terms.ask:
        return source.licence
    return f"{source.licence} ({'accepted ' + accepted[:10] if accepted else 'not accepted'})"


def _short(version: str) -> str:
    return version[:12]


def _size(count: float | None) -> str:
    """A number of bytes in words; empty for none."""
    if not count:
        return ""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.{1 if unit == 'MB' else 0}f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _progress() -> Progress:
    """A bar on the error console, for people alone."""
    return Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
                    console=err, transient=True, disable=not err.is_terminal)  # fmt: skip


def _watch(bar: Progress, root: Path) -> Watch:
    """Shows one bar, of the file that is coming."""
    shown = bar.add_task("", total=None, visible=False)

    def started(place: Path) -> Listener:
        bar.reset(shown, description=escape(str(place.relative_to(root))), visible=True)
        return lambda done, total: bar.update(shown, completed=done, total=total)

    return started
