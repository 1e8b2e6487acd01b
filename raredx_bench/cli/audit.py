"""audit."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from raredx_bench import sources
from raredx_bench.audit import Audit, Check
from raredx_bench.cli.options import Cases, DataDir, task_options
from raredx_bench.cli.printing import numbers, out

REASONS = 5  # commonest names that are printed of each benchmark
COLUMNS = 5  # benchmarks beside one another


def audit(
    tasks: Annotated[list[str], typer.Argument(help="Tasks or groups.", metavar="TASK…")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder that the report is written to.")] = Path("out/audit"),
    against: Annotated[
        list[Path] | None,
        typer.Option(help="JSON lines to compare with: training texts, or a fingerprint file; may be repeated.", exists=True),
    ] = None,
    snippets: Annotated[
        bool, typer.Option("--snippets", help="Show text around each mention on the page. Mind the benchmark's licence.")
    ] = False,
    cases: Cases = None,
    data_dir: DataDir = None,
) -> None:
    """Look for cases that name their answer, repeat one another, have no proper gold, are too short or tell who they are about."""
    from raredx_bench.audit import Benchmarked
    from raredx_bench.audit import audit as audited
    from raredx_bench.audit.report import write_audit
    from raredx_bench.benchmarks import form_of
    from raredx_bench.harness import data_environment
    from raredx_bench.tasks import cases_of, finder_for, select_tasks, task_named

    root, options = sources.data_dir(data_dir), task_options("{}", cases)
    with data_environment(root):
        names, skipped = select_tasks(tasks, root, options)
        described = {name: {**task_named(name).metadata, **options} for name in names}
        sets = [Benchmarked(name, cases_of(each), form_of(str(each["benchmark"]), root, each) == "hpo")
                for name, each in described.items()]  # fmt: skip
        found = audited(sets, finder_for(root), against or ())
    report, page = write_audit(found, output, datetime.now(UTC).isoformat(timespec="seconds"), snippets=snippets)
    _print(found)
    for name, why in skipped.items():
        out.print(f"[yellow]skipped {name}:[/] {escape(why)}")
    out.print(f"[dim]terminology: {escape(found.terminology['release'])}. For research only, not for clinical use.[/]")
    out.print(f"report  {report}\npage    {page}\nhashes  {output / 'fingerprints'}", soft_wrap=True)


def _print(found: Audit) -> None:
    """One table a few benchmarks wide: cases with each flag, and their share; then how answers are named."""
    for start in range(0, len(found.benchmarks), COLUMNS):
        shown = found.benchmarks[start : start + COLUMNS]
        table = numbers("flagged cases", *(each.name for each in shown))
        table.add_row("cases", *(f"{len(each.cases):,}" for each in shown), end_section=True)
        for check in Check:
            table.add_row(check.value, *(_count(len(each.flagged(check)), len(each.cases)) for each in shown))
        table.add_section()
        table.add_row("[bold]no flag[/]", *(_count(len(each.cases) - len(each.flagged()), len(each.cases)) for each in shown))
        out.print(table)
    for each in found.benchmarks:
        kinds = Counter(flag.why.partition(" (")[0] for flags in each.flags.values() for flag in flags if flag.mention is not None)
        if kinds:
            said = "; ".join(f"{why} ({count})" for why, count in kinds.most_common(REASONS))
            out.print(f"[dim]{each.name}, named most often: {escape(said)}[/]", soft_wrap=True)
    for name, matches in found.against.items():
        cases = {(match.benchmark, match.case) for match in matches}
        out.print(f"{escape(name)}: {len(cases)} cases are in it, {sum(match.exact for match in matches)} rows word for word")


def _count(count: int, n: int) -> str:
    return f"{count:,} [dim]{100 * count / n:5.1f} %[/]" if count else "[dim]0[/]"
