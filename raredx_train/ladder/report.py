"""Reports on the models of a run -> the ladder: ladder.json, ladder.md, ladder.svg."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench.comparing.paired import Difference, compared
from raredx_bench.comparing.runs import Run as Compared
from raredx_bench.comparing.runs import of_report
from raredx_bench.report import RunReport, estimates_document
from raredx_train import manifest
from raredx_train.ladder.between import Tally
from raredx_train.ladder.rungs import ARMS, BASE, CRR, LEARNT

HITS = (1, 5, 10)
CHANGED = (*(f"recall@{k}" for k in HITS), "mrr")
BEFORE = {"knowledge-sft": BASE, "rejection-sft": "knowledge-sft", "rers-sft": "knowledge-sft", "rl": "rers-sft",
          "dcrl": "rers-sft"}  # fmt: skip
# arXiv 2607.00147, RareArena-Test, percent at top-1 and top-10, by its own matcher
PAPER = (("base 14B", "25.76", ""), ("+ knowledge and rejection sampling", "45.85", ""), ("+ RERS", "47.12", ""),
         ("+ RL without curriculum", "", "65.56"), ("+ DCRL", "52.29", "69.27"), ("+ CRR", "60.29", "78.73"))  # fmt: skip
SIMULATED = "raredx_sim"
MARKS = {1: "o", 10: "s"}  # of recall@k in the picture
EVALUATION = "evaluation"  # the stage that writes this: its own minutes are not known yet


def document_of(reports: Mapping[str, RunReport], general: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """ladder.json: stages (the recipe's models and crr), controls (other ways of refinement), general (lm-eval's own task)."""
    rows: list[dict[str, Any]] = [
        {"name": name, "benchmark": task, "n": part.n, "estimates": estimates_document(part.estimates)}
        for name, report in reports.items() for task, part in report.benchmarks.items() if not task.endswith("@clean")
    ]  # fmt: skip
    found = {"stages": [row for row in rows if row["name"] in (BASE, *LEARNT, CRR)],
             "controls": [row for row in rows if row["name"].startswith(f"{CRR}: ")]}  # fmt: skip
    return {**found, **({"general": dict(general)} if any(general.values()) else {})}


def pairs_of(reports: Mapping[str, RunReport]) -> list[tuple[str, str]]:
    """Whom a model is compared with: the one it learnt from, the other arm, and crr with its lead and its controls."""
    named = list(reports)
    found = [(BEFORE[name], name) for name in named if name in BEFORE and BEFORE[name] in named]
    found += [(arm, name) for arm, name in (("rejection-sft", "rers-sft"), ("rl", "dcrl")) if arm in named and name in named]
    lasting = [name for name in named if name in LEARNT and name not in ARMS]
    if CRR in named:
        found += [(other, CRR) for other in (*lasting[-1:], *(name for name in named if name.startswith(f"{CRR}: ")))]
    return found


def differences(reports: Mapping[str, RunReport]) -> list[list[str]]:
    """[task, before, after, "+3.1 (0.4 to 5.9), p 0.012" of each of CHANGED] of every pair; p of the sign-flip test, unadjusted."""
    runs: dict[str, dict[str, Compared]] = {}
    for name, report in reports.items():
        assert report.folder is not None
        runs[name] = {run.task: Compared(name, run.task, run.signature, run.rounds) for run, _ in of_report(report.folder)}
    rows = []
    for before, after in pairs_of(reports):
        for task in runs[after]:
            if task in runs[before] and not task.endswith("@clean"):
                (pair,) = compared([runs[before][task], runs[after][task]], HITS).pairs
                rows.append([task, before, after, *(_change(pair.differences[metric]) for metric in CHANGED)])
    return rows


def _change(found: Difference) -> str:
    low, value, high = (0.0 - 100 * each for each in (found.estimate.high, found.estimate.value, found.estimate.low))
    chance = f"p {found.p:.3f}" if found.p >= 0.001 else "p < 0.001"
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f}), {chance}"


def table(document: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """(headers, rows) of the ladder; percent with 95 % intervals."""
    headers = ["model", "benchmark", "cases", *(f"recall@{k}" for k in HITS)]
    rows = [
        [row["name"], row["benchmark"], f"{row['n']:,}", *(_percent(row["estimates"][f"recall@{k}"]) for k in HITS)]
        for row in (*document["stages"], *document["controls"])
    ]  # fmt: skip
    return headers, rows


def markdown(
    run: Path, document: Mapping[str, Any], reports: Mapping[str, RunReport], between: Sequence[Tally],
    notes: Sequence[str],
) -> str:  # fmt: skip
    """The ladder as a page. between: tallies of the answers that refinement was given on its way."""
    headers, rows = table(document)
    lines = ["**For research on models only. Not for clinical use.**", "", *_table(headers, rows), ""]
    if {row["benchmark"].partition("@")[0] for row in document["stages"]} == {SIMULATED}:
        lines += ["Simulated patients only: plumbing, no claim about patients.", ""]
    if compared_rows := differences(reports):
        lines += ["Differences in points by pairs of cases, intervals over publications, p of the sign-flip test, unadjusted:", "",
                  *_table(["benchmark", "from", "to", *CHANGED], compared_rows), ""]  # fmt: skip
    for name, found in document.get("general", {}).items():
        lines.append(f"* {name}, lm-eval's own task: {json.dumps(found)}")
    if between:
        lines += ["", "What was said on the way to the refined answers:", "", *_table(*_said(between)), ""]
    lines += [*(f"* {note}" for note in notes), "", f"What it took{_machine(run)}:", "", *_table(*_spent(run)), "",
              "What the answers took, those of refinement with all that was said on the way:", "", *_table(*_asked(reports)), "",
              "What the paper reports of its model of 14 B parameters (arXiv 2607.00147; RareArena, its own split and matcher; "
              "percent). It is **not comparable** with the figures above:", "",
              *_table(["model", "top-1", "top-10"], PAPER), ""]  # fmt: skip
    return "\n".join(lines)


def drawn(document: Mapping[str, Any], path: Path, title: str) -> None:
    """Write recall@1 and recall@10 of every model as a picture, a panel for each benchmark."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    tasks = list(dict.fromkeys(row["benchmark"] for row in document["stages"]))
    figure = Figure(figsize=(4.6 * len(tasks), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(tasks), squeeze=False, sharey=True).flat
    for axes, task in zip(panels, tasks, strict=True):
        rows = [row for row in document["stages"] if row["benchmark"] == task]
        for shift, k in ((-0.08, 1), (0.08, 10)):
            found = [row["estimates"][f"recall@{k}"] for row in rows]
            value, low, high = (np.array([100 * each[name] for each in found]) for name in ("value", "low", "high"))
            place = np.arange(len(rows)) + shift
            axes.errorbar(place, value, (value - low, high - value), fmt=MARKS[k], capsize=3, clip_on=False, label=f"recall@{k}")
        axes.set_xticks(range(len(rows)), [row["name"] for row in rows], rotation=35, ha="right")
        axes.set(title=f"{task}, {rows[0]['n']} cases", ylim=(0, None))
        axes.grid(alpha=0.3, axis="y")
    panels[0].set_ylabel("percent")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", fontsize="small")
    figure.suptitle(title)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _machine(run: Path) -> str:
    """What the run's last command ran on, as environment.json has it."""
    try:
        found = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    names = ("accelerators", "cpus", "platform", "torch", "trl")
    return f" ({', '.join(f'{name} {found[name]}' for name in names if found.get(name))})"


def _spent(run: Path) -> tuple[list[str], list[list[str]]]:
    rows = []
    for folder in run.iterdir():
        found = manifest.read(folder)
        if found is not None and found.stage == folder.name != EVALUATION:  # a configuration before lies under another name
            rows.append([found.finished, found.stage, f"{found.seconds / 60:.1f}", f"{found.cpu_seconds / 60:.1f}", str(found.seed),
                         (found.revision or "")[:9]])  # fmt: skip
    rows.sort()
    return ["finished", "stage", "minutes", "minutes of CPU", "seed", "commit"], rows


def _asked(reports: Mapping[str, RunReport]) -> tuple[list[str], list[list[str]]]:
    """Answers, tokens and minutes of every model; a dash for what is not known."""
    keys = ("requests", "prompt_tokens", "completion_tokens")
    rows = [
        [name, *(_count(report.cost.get(key)) for key in keys), f"{report.cost['seconds'] / 60:.1f}"]
        for name, report in reports.items()
    ]  # fmt: skip
    return ["model", "answers", "tokens read", "tokens written", "minutes"], rows


def _said(between: Sequence[Tally]) -> tuple[list[str], list[list[str]]]:
    rows = [[each.benchmark, each.who, each.what, _count(each.answers), f"{100 * each.first:.1f}", f"{100 * each.ten:.1f}",
             _count(each.tokens)] for each in between]  # fmt: skip
    return ["benchmark", "who", "asked for", "answers", "diagnosis first, percent", "among ten", "tokens written"], rows


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(headers)} |", f"|{'---|' * len(headers)}", *(f"| {' | '.join(row)} |" for row in rows)]


def _percent(found: Mapping[str, float]) -> str:
    return f"{100 * found['value']:.1f} ({100 * found['low']:.1f}–{100 * found['high']:.1f})"
