"""The fitted ranking: one weight a feature, and the constants that turn its scores into probabilities."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np

FITTED, FITTED_TEXTS = "ranking.json", "ranking_texts.json"


@dataclass(frozen=True)
class Weights:
    """A score is the weighted sum of the features. sharpness, nothing, slack: see `probabilities`; notes: what it was fitted on."""

    weights: dict[str, float]
    sharpness: float = 1.0
    nothing: float = 0.0
    slack: float = 0.0
    notes: str = ""

    def scores(self, table: np.ndarray) -> np.ndarray:
        """(rows,) float64 of a (rows, features) table, its columns in the order of the weights."""
        found: np.ndarray = table.astype(np.float64) @ np.array(list(self.weights.values()))
        return found

    def probabilities(self, scores: np.ndarray) -> tuple[np.ndarray, float]:
        """Of each row that it is the diagnosis, and of none of them being it.

        A row's odds go with exp(sharpness · (score - best)), those of none with exp(nothing - slack · lead), where the lead is how
        far the best is ahead of the mean of the ten best.
        """
        best = float(scores.max())
        lead = best - float(np.sort(scores)[-10:].mean())
        odds, none = np.exp(self.sharpness * (scores - best)), float(np.exp(np.clip(self.nothing - self.slack * lead, -50, 50)))
        total = float(odds.sum()) + none
        return odds / total, none / total


def save(weights: Weights, path: Path) -> None:
    """Writes the weights as JSON."""
    path.write_text(json.dumps(asdict(weights), indent=1) + "\n", encoding="utf-8")


@lru_cache(maxsize=4)
def fitted(features: tuple[str, ...], file: str | Path) -> Weights:
    """The weights of a file; a name alone is one of the package's. Raises ValueError when they were fitted on other features."""
    place = file if isinstance(file, Path) else Path(str(resources.files("raredx_bench").joinpath(f"phenotype/{file}")))
    found = Weights(**json.loads(place.read_text(encoding="utf-8")))
    if tuple(found.weights) != features:
        raise ValueError(f"{place} was fitted on other features than this version computes: fit it anew")
    return found
