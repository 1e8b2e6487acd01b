"""The log of a training -> a picture of its losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Point = tuple[int, float]  # (step, loss)


def losses(log: Sequence[Mapping[str, Any]]) -> tuple[list[Point], list[Point]]:
    """(training, held-out) losses by step, of a transformers log history."""
    return ([(each["step"], each["loss"]) for each in log if "loss" in each],
            [(each["step"], each["eval_loss"]) for each in log if "eval_loss" in each])  # fmt: skip


def drawn(log: Sequence[Mapping[str, Any]], path: Path, title: str) -> None:
    """Write the losses as a picture; the file's ending says its format (.svg, .png)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for points, label, marker in zip(losses(log), ("training", "held out"), ("", "o"), strict=True):
        if points:
            steps, values = zip(*points, strict=True)
            axes.plot(steps, values, label=label, marker=marker, markersize=4)
    axes.set(xlabel="step", ylabel="loss per answer token (nats)", title=title)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
