"""compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from raredx_bench.cli.options import listed, write_json
from raredx_bench.cli.printing import cell, numbers, out
from raredx_bench.domain import UsageError

if TYPE_CHECKING:  # it would load scipy
    from raredx_bench.comparing import Compared, Difference, Discordant, Pair, Run

SURE = 0.05  # adjusted p below it is set in bold


def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN RUN…", help="Two or more runs: folders, report.json, leaderboard entries.")
    ],
    task: Annotated[str, typer.Option(help="The task to compare (default: all that the runs share).")] = "",
    k: Annotated[str, typer.Option("--k", help="The k of recall@k, comma separated.")] = "1,5,10",
    discordant: Annotated[int, typer.Option(min=0, help="List so many cases that one run hits and the other doesn't.")] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the comparison to this file, as JSON.")] = None,
) -> None:
    """Compare runs on the same cases: paired differences with intervals and tests, and what so many cases can show."""
    from raredx_bench.comparing import compared, comparison_document, runs_from, shared_tasks
    from raredx_bench.leaderboard import runs_at

    ks = _ranks(k)
    tasks = shared_tasks(runs_from(runs, runs_at), task)
    found = [(compared(members, ks), members) for members in tasks.values()]
    for each, members in found:
        _print_runs(each)
        _print_pairs(each)
        _print_power(each)
        _print_taus(members)
        for pair in each.pairs if discordant else ():
            _print_discordant(pair, discordant)
    out.print(
        "[dim]p: adjusted over all pairs of runs (Holm); bold where it is below 5 %. For research only, not for clinical use.[/]"
    )
    if output:
        write_json(output, comparison_document(found))
        out.print(f"comparison  {output}", soft_wrap=True)


def _ranks(text: str) -> list[int]:
    try:
        return sorted({int(each) for each in listed(text)})
    except ValueError:
        raise UsageError(f"--k takes ranks joined by commas, such as 1,5,10, not {text!r}") from None


def _title(found: Compared) -> str:
    clusters = "" if found.clusters == found.n else f" in {found.clusters} clusters"
    return f"{found.task}, {found.n} cases{clusters}"


def _print_runs(found: Compared) -> None:
    metrics = list(next(iter(found.estimates.values())))
    table = numbers("run", *map(_header, metrics), title=f"{_title(found)}: percent, 95 % intervals")
    for name, estimates in found.estimates.items():
        rounds = f"\n[dim]  mean of {found.rounds[name]} rounds[/]" if found.rounds[name] > 1 else ""
        table.add_row(f"[bold]{escape(name)}[/]{rounds}", *(cell(estimates[each], *_unit(each)) for each in metrics))
    _fold(table)
    out.print(table)


def _print_pairs(found: Compared) -> None:
    metrics = list(found.pairs[0].differences)
    table = numbers(
        "first − second", "won, tied,\nlost", *map(_header, metrics), title="Differences: percentage points, 95 % intervals, p"
    )
    for pair in found.pairs:
        table.add_row(f"[bold]{escape(pair.first)}[/]\n− {escape(pair.second)}", f"{pair.wins}, {pair.ties},\n{pair.losses}",
                      *(_difference(each, pair.differences[each]) for each in metrics), end_section=True)  # fmt: skip
    _fold(table)
    out.print(table)


def _fold(table: object) -> None:
    """Names of runs may be long: they are broken, figures are not."""
    first = table.columns[0]  # type: ignore[attr-defined]
    first.no_wrap, first.overflow = False, "fold"


def _header(metric: str) -> str:
    return "MRR" if metric == "mrr" else metric


def _unit(metric: str) -> tuple[int, int]:
    """What a value is multiplied by, and its decimals: rates are printed in percent, the MRR as it is."""
    return (1, 3) if metric == "mrr" else (100, 1)


def _difference(metric: str, found: Difference) -> str:
    factor, digits = _unit(metric)
    estimate = found.estimate
    value, low, high = (f"{factor * each:+.{digits}f}" for each in (estimate.value, estimate.low, estimate.high))
    p = _chance(found.adjusted)
    return f"{value}\n[dim]{low} to {high}[/]\n{f'[bold]{p}[/]' if found.adjusted < SURE else p}"


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _print_power(found: Compared) -> None:
    """What so many cases can show of each pair, at its first metric."""
    out.print("With 80 % power, two-sided 5 %:")
    for pair in found.pairs:
        metric, difference = next(iter(pair.differences.items()))
        out.print(f"  {escape(pair.first)} − {escape(pair.second)}: {_power(metric, difference)}", soft_wrap=True)


def _power(metric: str, found: Difference) -> str:
    n, value = found.estimate.n, abs(found.estimate.value)
    seen = "no difference" if found.visible is None else f"{100 * found.visible:.1f} points"
    said = f"{n:,} cases show {seen} of {_header(metric)}"
    if found.needed is not None:
        said += f"; the {100 * value:.1f} seen here would need {found.needed:,}"
    return said + (f" [dim](each counts as 1/{found.effect:.1f}, being alike in clusters)[/]" if found.effect > 1.05 else "")


def _print_taus(runs: list[Run]) -> None:
    """Whether the scoring rules that all runs have rank them alike."""
    from raredx_bench.comparing import protocol_taus
    from raredx_bench.comparing.taus import LEAST

    found = protocol_taus(runs)
    if not found:
        return
    if len(runs) < LEAST:
        out.print(f"[dim]Whether scoring rules rank runs alike needs {LEAST} runs or more.[/]")
        return
    otherwise = {rules: tau for rules, tau in found.items() if tau != 1}
    same = (
        f"{len(found) - len(otherwise)} of {len(found)} pairs of scoring rules rank the runs by recall@1 alike (Kendall's tau-b 1)"
    )
    out.print(f"[dim]{same}[/]{':' if otherwise else ''}")
    for (one, other), tau in otherwise.items():
        out.print(f"  {one} and {other}: {'one of them tells none apart' if tau is None else f'tau-b {tau:+.2f}'}")


def _print_discordant(pair: Pair, most: int) -> None:
    shown = pair.discordant[:most]
    out.print(f"[bold]{escape(pair.first)} − {escape(pair.second)}[/]: {len(shown)} of {len(pair.discordant)} cases that one hits "
              "and the other doesn't", soft_wrap=True)  # fmt: skip
    table = numbers("case", "first's rank", "second's rank")
    for each in shown:
        table.add_row(escape(each.case_id), *_both(each))
    _fold(table)
    out.print(table)


def _both(case: Discordant) -> tuple[str, str]:
    from raredx_bench.metrics import MISS

    first, second = (", ".join("miss" if rank == MISS else str(rank) for rank in ranks) for ranks in (case.first, case.second))
    return first, second
