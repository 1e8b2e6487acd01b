"""The rounds of a training -> one picture: recall, reward, and what collapse would show in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]
Reading = Callable[[Record], float | None]


def _validation(kind: str, name: str) -> Reading:
    return lambda record: record["validation"][kind][name]


def _own(name: str) -> Reading:
    return lambda record: record[name]


PANELS: tuple[tuple[str, Mapping[str, Reading]], ...] = (
    ("validation recall", {"@1": _validation("greedy", "recall@1"), "@10": _validation("greedy", "recall@10"),
                           "@1, sampled": _validation("sampled", "recall@1"), "@10, sampled": _validation("sampled", "recall@10")}),
    ("reward", {"training": _own("reward"), "validation": lambda record: record["validation"]["reward"]}),
    ("share", {"right under the task": _own("pass@1"), "no variance": _own("zero variance"),
               "no variance, trained on": _own("zero variance trained"), "cut": _own("cut")}),
    ("lists", {"diversity": _validation("sampled", "diversity"), "unlinked names": _validation("sampled", "unlinked")}),
    ("tokens", {"length": _validation("sampled", "length")}),
    ("nats a token", {"entropy": lambda record: record["validation"]["entropy"],
                      "KL to the start": lambda record: record["validation"].get("kl")}),
)  # fmt: skip


def drawn(records: Sequence[Record], path: Path, title: str) -> None:
    """Write the rounds as a picture; where the task changes there is a line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained")
    FigureCanvasAgg(figure)
    rounds = [record["round"] + 1 for record in records]
    changes = [number for number, record, before in zip(rounds[1:], records[1:], records, strict=False)
               if record["task"] != before["task"]]  # fmt: skip
    for axes, (label, readings) in zip(figure.subplots(2, 3).flat, PANELS, strict=True):
        for name, reading in readings.items():
            points = [
                (number, value) for number, record in zip(rounds, records, strict=True) if (value := reading(record)) is not None
            ]
            if points:
                axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=name)
        for change in changes:
            axes.axvline(change - 0.5, color="grey", linewidth=0.8)
        axes.set(xlabel="round", ylabel=label)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    figure.suptitle(title)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
