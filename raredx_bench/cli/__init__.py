"""raredx-bench: a leaf. Each command parses its arguments, calls one function and prints.

Exit codes: 0 done, 1 the run is incomplete, 2 the user's mistake.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("TQDM_DISABLE", "1")  # one progress bar, ours
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import typer
from rich.markup import escape

from raredx_bench.cli import (
    adjudication,
    audit,
    comparing,
    data,
    diagnosing,
    evaluating,
    leaderboard,
    matching,
    mimic,
    splits,
    terminology,
)
from raredx_bench.cli.printing import err
from raredx_bench.domain import RaredxError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                  help="Evaluate models on rare-disease diagnosis. For research only, not for clinical use.")  # fmt: skip
for command in (
    evaluating.run,
    evaluating.merge,
    evaluating.score,
    evaluating.tasks,
    comparing.compare,
    splits.splits,
    audit.audit,
    matching.match,
    diagnosing.diagnose,
    terminology.terminology,
):
    app.command()(command)
app.add_typer(data.shelf, name="data")
app.add_typer(leaderboard.board, name="leaderboard")
app.add_typer(adjudication.readers, name="adjudicate")
app.add_typer(mimic.mimic, name="mimic")
app.command("llm-judge")(adjudication.llm_judge)


def main() -> None:
    """Entry point: our errors become one sentence and their exit code; Ctrl-C outside a run exits 1."""
    try:
        app()
    except RaredxError as error:
        err.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(error.exit_code)
