"""leaderboard show: the site's tables in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench.cli.options import ENTRIES, Folders
from raredx_bench.cli.printing import cells, numbers, out
from raredx_bench.domain import UnknownName
from raredx_bench.page.boards import Board, boards_of
from raredx_bench.page.reported import ReportedTable, reported_groups
from raredx_bench.report import estimates_from
from raredx_bench.reported import read_reported


def show(
    benchmark: Annotated[list[str] | None, typer.Argument(help="Benchmarks, without their variants; all unless said.")] = None,
    entries: Folders = [ENTRIES],  # noqa: B006
    reported: Annotated[bool, typer.Option(help="What papers report too, in tables of its own.")] = False,
) -> None:
    """Every table of comparable entries: places as far as differences are significant, percent, 95 % intervals."""
    from raredx_bench.leaderboard import read_entries

    found = read_entries(*entries)
    boards = boards_of(found)
    groups = reported_groups(read_reported()) if reported else []
    known = {*(each.base for each in boards), *(each.benchmark for each in groups)}
    for name in benchmark or ():
        if name not in known:
            raise UnknownName("benchmark with entries", name, known)
    wanted = set(benchmark or known)
    for each in boards:
        if each.base in wanted:
            _print_board(each)
    for entry in found:
        if entry.withdrawn:
            said = f"withdrawn: {entry.benchmark}/{entry.name}, {entry.withdrawn['date']}: {entry.withdrawn['why']}"
            out.print(f"[dim]{escape(said)}[/]", soft_wrap=True)
    for group in groups:
        if group.benchmark in wanted:
            for table in group.tables:
                _print_reported(group.benchmark, table)
    if not found:
        out.print("no entries yet: raredx-bench leaderboard add RUN")
    out.print("[dim]For research only, not for clinical use.[/]")


def _print_board(board: Board) -> None:
    columns = ("recall@1", "recall@5", "recall@10", "+ nar-\nrower", "+ broad-\ner", "median\nrank", "failed")
    title = f"{board.name}: {board.covered}, {board.facts['terminology'].partition(' (')[0]}; percent, 95 % intervals"
    table = numbers("model", "place", *columns, title=escape(title))
    for row in board.rows:
        low, high = row.rank or ("", "")
        place = str(low) if low == high else f"{low}–{high}"
        model = f"{escape(row.entry.model)}\n[dim]{row.document['created'][:10]}[/]"
        table.add_row(model, place, *cells(estimates_from(row.estimates), wide=False), str(row.failed))
    out.print(table)
    out.print(f"[dim]{escape(board.signature)}[/]\n", soft_wrap=True)


def _print_reported(name: str, table: ReportedTable) -> None:
    first = table.first
    read = "read at the source" if first["confidence"] == "primary" else "second hand"
    asked = f"{first['split']}, n {first['n'] or 'not stated'}, {first['input']}, by {first['matcher']}"
    said = f"{first['source']} ({read}), not verified; {asked}"
    out.print(f"[bold]{name}[/], as reported by {escape(said)}", soft_wrap=True)
    drawn = numbers("model", *(each.replace("_", " ") for each in table.columns))
    for row in table.rows:
        drawn.add_row(escape(row["model"]), *(row["estimates"].get(each, "") for each in table.columns))
    out.print(drawn, "")
