"""Reliability and risk-coverage of the diagnoser as one SVG, from what phenotype_ranking.py measured.

python benchmarks/phenotype_plot.py FILE.json --to FILE.svg (needs matplotlib: pip install '.[train]')
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

SETS = {"phenopackets test and unseen": ("#0b5fa5", "o"), "RareBench, cross-validated": ("#b3541e", "s")}


def drawn(document: dict[str, Any]) -> Any:
    """The figure: stated probability against what came true, and share of wrong first names at each coverage."""
    plt.rcParams.update({"svg.hashsalt": "raredx", "svg.fonttype": "none", "font.size": 9})
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
    left.plot([0, 1], [0, 1], color="#888888", linewidth=0.8, linestyle="--")
    for label, (colour, marker) in SETS.items():
        filled = [each for each in document[label]["bins"] if each["n"]]
        sizes = [6 + 90 * each["n"] / max(b["n"] for b in filled) for each in filled]
        error = document[label]["ece_mass"]["value"]
        means, hits = [each["confidence"] for each in filled], [each["accuracy"] for each in filled]
        left.scatter(means, hits, s=sizes, color=colour, marker=marker, label=f"{label}, ECE {error:.3f}")
        coverage, risk = zip(*document[label]["curve"], strict=True)
        right.plot(coverage, risk, color=colour, label=f"{label}, AURC {document[label]['aurc']['value']:.3f}")
    left.set(xlabel="stated probability of the first name", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    right.set(xlabel="share of cases answered, the surest first", ylabel="share of wrong first names", xlim=(0, 1), ylim=(0, 1))
    for each in (left, right):
        each.legend(frameon=False, fontsize=7, loc="upper left")
    return figure


def main() -> None:
    """Write the SVG."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("measured", type=Path)
    arguments.add_argument("--to", type=Path, required=True)
    given = arguments.parse_args()
    drawn(json.loads(given.measured.read_text())).savefig(given.to, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
