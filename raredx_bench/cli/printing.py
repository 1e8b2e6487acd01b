"""What the commands print: the consoles, and reports as tables."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from raredx_bench.agreement import Agreement
from raredx_bench.domain import Estimate
from raredx_bench.report import BenchmarkReport, Estimates, RunReport

out = Console(width=None if sys.stdout.isatty() else 132, highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)

LEAST = 10  # cases that a level of a stratum needs to be printed
WIDE = 110  # characters that a table needs to show the MRR too
_FAILED = ("no list", "empty", "truncated", "refused", "abstained")
_DIM = "[dim]{}[/]"


def logging_to_console(verbose: bool) -> None:
    """Send what the project logs to the error console; with verbose, what everybody else logs too."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, format="%(message)s",
                        handlers=[RichHandler(console=err, show_path=False, show_time=False)])  # fmt: skip
    logging.getLogger("raredx").setLevel(logging.DEBUG if verbose else logging.INFO)


def progress() -> Progress:
    """A bar on the error console that disappears when it is done."""
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
                    console=err, transient=True)  # fmt: skip


def numbers(*headers: str, title: str = "") -> Table:
    """An empty table whose columns after the first hold numbers; narrow, so that eight columns fit a hundred characters."""
    table = Table(*headers, title=title or None, box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False, show_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def say_terminology(root: Path) -> None:
    """One line: release, size and origin of the terminology in force."""
    from raredx_bench.judging import judge_for

    ontology = judge_for(root).ontology
    out.print(f"terminology: {escape(ontology.release)}, {len(ontology):,} diseases, from {escape(ontology.origin)}")


def print_report(report: RunReport) -> None:
    """The headline figures of every task and group, then what failed."""
    wide = ("MRR",) if out.width >= WIDE else ()
    table = numbers("task", "cases", "recall@1", "recall@5", "recall@10", "+ nar-\nrower", "+ broad-\ner", *wide, "median\nrank",
                    title=f"{escape(str(report.model['name']))}: percent, 95 % intervals")  # fmt: skip
    for name, part in report.benchmarks.items():
        table.add_row(f"[bold]{name}[/]", str(part.n), *cells(part.estimates))
        table.add_row("  same list always", "", *cells(part.prior_only), style="dim")
        if clean := _clean(part):
            table.add_row(f"  without {part.n - clean['recall@1'].n} flagged", str(clean["recall@1"].n), *cells(clean))
        ceiling = f"{100 * part.ceiling['in_terminology']:.1f}"
        table.add_row("  answers known", "", *([ceiling] * 3), style="dim", end_section=True)
    for name, group in report.groups.items():
        table.add_row(f"[bold]{name}[/]\n  together", str(group.n), *cells(group.estimates))
    out.print(table)
    for name, part in report.benchmarks.items():
        _print_rounds(name, part)
        _print_cutoff(name, part)
        _print_calibration(name, part)
        _print_failures(name, part)
    for name, why in report.skipped.items():
        out.print(f"[yellow]skipped {name}:[/] {escape(why)}")


def print_closing(report: RunReport) -> None:
    """How far the judge can be trusted, what the run cost, and what it is not for."""
    from raredx_bench.measured import measured_for

    release = report.terminology["release"]
    known = measured_for(release)
    said = known.said(release) if known else "judge: its agreement with judged pairs was not measured with this terminology"
    out.print(_DIM.format(escape(said)))
    out.print(f"[dim]{_cost(report.cost)}. For research only, not for clinical use.[/]")


def _cost(cost: Mapping[str, float]) -> str:
    parts = [f"{cost['seconds']:.1f} s for {cost.get('requests', cost['cases']):.0f} answers"]
    if "completion_tokens" in cost:
        parts.append(f"{cost['prompt_tokens']:,.0f} + {cost['completion_tokens']:,.0f} tokens")
    priced = {name: value for name, value in cost.items() if name.startswith("price_")}
    for name, value in priced.items():
        currency = name.removeprefix("price_").removesuffix("_per_correct").upper()
        parts.append(f"{value:.4f} {currency}{' for each right diagnosis' if name.endswith('correct') else ''}")
    return ", ".join(parts)


def print_failures(report: RunReport) -> None:
    """The cases whose answers failed in form, by task and way of failing."""
    for task, part in report.benchmarks.items():
        for way, ids in part.failures.items():
            if ids:
                out.print(f"[bold]{task}, {way}[/] ({len(ids)}): {escape(', '.join(ids))}", soft_wrap=True)


def _print_rounds(name: str, part: BenchmarkReport) -> None:
    """Spread and agreement of several rounds."""
    if not part.repeats:
        return
    spread, same = part.repeats["spread"], part.repeats["same"]
    best = [f"{key} {100 * each['value']:.1f}" for key, each in part.repeats["pass_at"].items()
            if key.startswith("recall@1/") and key.endswith(f"@{part.repeats['runs']}")]  # fmt: skip
    alike = f"{100 * same['hit@1']['value']:.1f} %"
    out.print(f"{name}: means of {part.repeats['runs']} rounds; sd between them recall@1 {100 * spread['recall@1']:.1f}, @10 "
              f"{100 * spread['recall@10']:.1f}; same verdict at rank 1 in {alike}; {'; '.join(best)}")  # fmt: skip


def _print_cutoff(name: str, part: BenchmarkReport) -> None:
    """Recall before and after the model's knowledge cut-off."""
    if not part.cutoff:
        return
    sides = [
        f"{side} {100 * each['value']:.1f} ({100 * each['low']:.1f}–{100 * each['high']:.1f}, {each['n']} cases)"
        if (each := part.cutoff[side].get("recall@1")) else f"{side}: no case"
        for side in ("before", "after")
    ]  # fmt: skip
    undated = f"; {part.cutoff['undated']} cases carry no date" if part.cutoff["undated"] else ""
    out.print(f"{name}: recall@1 by the knowledge cut-off {part.cutoff['cutoff']}: {', '.join(sides)}{undated}")


def _print_calibration(name: str, part: BenchmarkReport) -> None:
    """How far stated confidences can be believed, and what abstaining did."""
    if stated := part.calibration.get("confidences"):
        out.print(f"{name}: of {stated['n']} stated confidences Brier {stated['brier']['value']:.3f}, ECE "
                  f"{stated['ece_mass']['value']:.3f}, area under risk and coverage {stated['aurc']['value']:.3f}")  # fmt: skip
    if held := part.calibration.get("abstention"):
        among = held["among_answered"].get("recall@1")
        right = f", recall@1 {100 * among['value']:.1f} among them" if among else ""
        out.print(f"{name}: {100 * held['answered']['value']:.1f} % answered{right}")


def _print_failures(name: str, part: BenchmarkReport) -> None:
    from raredx_bench.failures import warning

    for said in warning(part.failures, part.n):
        out.print(f"[bold yellow]{name}: {escape(said)}; --explain-failures lists them[/]", soft_wrap=True)
    failed = {key: value for key, value in part.counts.items() if value and key in _FAILED}
    if failed:
        said = ", ".join(f"{value} {key}" for key, value in failed.items())
        out.print(f"[yellow]{name}: {said} (counted as misses)[/]")
    if part.counts["unlinked names"]:
        out.print(f"[dim]{name}: {part.counts['unlinked names']} of {part.counts['names']} names were not linked[/]")
    if part.unknown_gold:
        out.print(f"[yellow]{name}: the terminology knows no answer of {len(part.unknown_gold)} cases (counted as misses, "
                  f"listed in report.json)[/]")  # fmt: skip


def print_protocols(report: RunReport) -> None:
    """Each task under each of the report's scoring rules, and what the rules say."""
    from raredx_bench.protocols import PROTOCOLS

    for task, part in report.benchmarks.items():
        table = numbers("protocol", "k", "recall@1", "recall@5", "recall@10", "median rank",
                        title=f"{task}, {part.n} cases: percent, 95 % intervals")  # fmt: skip
        for name, scored in part.protocols.items():
            for suffix in PROTOCOLS[name].credits:
                keys = (f"recall@1{suffix}", f"recall@5{suffix}", f"recall@10{suffix}", f"median_rank{suffix}")
                head = (f"  + {suffix.removeprefix('/')}", "") if suffix else (f"[bold]{name}[/]", str(PROTOCOLS[name].k))
                last = suffix == PROTOCOLS[name].credits[-1]
                table.add_row(*head, *(cell(scored.estimates.get(key)) if "@" in key else _rank(scored.estimates.get(key))
                                       for key in keys), end_section=last)  # fmt: skip
        out.print(table)
    for name in dict.fromkeys(name for part in report.benchmarks.values() for name in part.protocols):
        out.print(f"[dim][bold]{name}[/bold]: {escape(PROTOCOLS[name].rule)}[/]")


def print_estimates(rows: Sequence[tuple[str, Estimates]], keys: Sequence[str], title: str) -> None:
    """A table of named estimates, one row each."""
    table = numbers("", *(key.replace("_", " ") for key in keys), title=title)
    for name, estimates in rows:
        table.add_row(name, *(_rank(estimates.get(key)) if key == "median_rank" else cell(estimates.get(key)) for key in keys))
    out.print(table)


def print_agreements(rows: Sequence[tuple[str, Agreement | None]], title: str) -> None:
    """How two readings agree, one row each: precision and recall of a hit, accuracy, kappa."""
    table = numbers("", "pairs", "hit, precision", "hit, recall", "same verdict", "kappa", title=title)
    for name, found in rows:
        if found is None:
            table.add_row(escape(name), "0")
            continue
        kappa = "" if found.kappa is None else f"{found.kappa:.3f}"
        table.add_row(escape(name), str(found.n), cell(found.precision), cell(found.recall), cell(found.accuracy), kappa)
    out.print(table)


def print_strata(report: RunReport) -> None:
    """Recall by stratum, one table a task; levels of fewer than LEAST cases are counted, not shown."""
    for task, part in report.benchmarks.items():
        table = numbers("stratum", "cases", "recall@1", "recall@5", "recall@10", title=f"{task}: percent, 95 % intervals")
        for name, levels in part.strata.items():
            table.add_row(f"[bold]{escape(name)}[/]")
            small = [level for level, each in levels.items() if each["recall@1"].n < LEAST]
            for level, each in levels.items():
                if level not in small:
                    table.add_row(f"  {escape(level)}", str(each["recall@1"].n), *(cell(each[f"recall@{k}"]) for k in (1, 5, 10)))
            if small:
                count = sum(levels[level]["recall@1"].n for level in small)
                table.add_row(f"  [dim]{len(small)} levels under {LEAST}[/]", f"[dim]{count}[/]")
            table.add_section()
        out.print(table)


def _clean(part: BenchmarkReport) -> Estimates | None:
    """The estimates on the cases that the audit has nothing against; None when that is all of them, or none."""
    levels = part.strata.get("audit", {})
    return levels.get("clean") if "flagged" in levels else None


def cells(estimates: Estimates, wide: bool | None = None) -> list[str]:
    """The headline of estimates; what they lack stays empty. wide: with the MRR; None: where the console has room for it."""
    rates = ("recall@1", "recall@5", "recall@10", "recall@10/narrower", "recall@10/broader")
    return [
        *(cell(estimates.get(key)) for key in rates),
        *([cell(estimates.get("mrr"), 1, 3)] if (out.width >= WIDE if wide is None else wide) else []),
        _rank(estimates.get("median_rank")),
    ]


def _rank(estimate: Estimate | None) -> str:
    return cell(estimate, 1, 0 if estimate is None or estimate.value.is_integer() else 1)


def cell(estimate: Estimate | None, factor: int = 100, digits: int = 1) -> str:
    """A value over its interval, in percent unless said otherwise; empty for None."""
    if estimate is None:
        return ""
    value, low, high = (f"{factor * each:.{digits}f}" for each in (estimate.value, estimate.low, estimate.high))
    return f"{value}\n[dim]{low}–{high}[/]"
