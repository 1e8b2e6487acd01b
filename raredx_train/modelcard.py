"""A training's figures -> the model card that lies beside the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from raredx_train.settings import FROM_SCRATCH, Run, Sft


def card(run: Run, sft: Sft, figures: Mapping[str, Any]) -> str:
    """The card of a model trained on question-answer pairs, as Markdown with the hub's header."""
    named = run.student.model != FROM_SCRATCH
    header = [
        "---",
        "library_name: transformers",
        "tags: [raredx, trl, sft]",
        *([f"base_model: {run.student.model}"] if named else []),
        "---",
    ]
    losses = ", ".join(
        f"{name} {figures[name][0]:.3f} → {figures[name][1]:.3f}" for name in ("loss", "held-out loss") if figures[name]
    )
    lines = [
        f"# {run.name}: a student of the RareDxR1 recipe", "",
        "**For research on models only. Not for clinical use.**", "",
        f"* student: {run.student.model}{f' at {run.student.revision}' if run.student.revision else ''}, "
        f"{figures['parameters']:,} parameters, {'LoRA of rank ' + str(sft.lora.rank) if sft.lora else 'all trained'}",
        f"* {figures['examples']:,} examples, {figures['steps']:,} steps of {sft.batch}, "
        f"{figures['tokens']:,} tokens, seed {run.seed}",
        *([f"* {losses} (nats per answer token)"] if losses else []), *(f"* {note}" for note in figures["notes"]),
    ]  # fmt: skip
    if figures["recall"].get("after"):
        lines += ["", "| held-out questions | n | before | after |", "|---|---|---|---|"]
        for form, sets in figures["recall"]["after"].items():
            for name, after in sets.items():
                before = figures["recall"]["before"][form][name]
                lines.append(f"| {form}, {name} | {after['n']} | {shown(before)} | {shown(after)} |")
    return "\n".join([*header, "", *lines, ""])


def shown(estimate: Mapping[str, float]) -> str:
    """An estimate of a share as people read it: "41.2 % (37.0–45.5)"."""
    return f"{100 * estimate['value']:.1f} % ({100 * estimate['low']:.1f}–{100 * estimate['high']:.1f})"
