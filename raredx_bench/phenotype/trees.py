"""The fitted ranking: an ensemble of small trees as plain arrays, and the constants that turn its scores into probabilities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

FITTED = "ranking.npz"


@dataclass(frozen=True)
class Trees:
    """Trees side by side; arrays are (trees, nodes), the root first. A leaf leads to itself.

    sharpness, nothing, slack: see `probabilities`. features: names of the columns that the trees were fitted on; notes: how.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    depth: int
    features: tuple[str, ...]
    sharpness: float = 1.0
    nothing: float = 0.0
    slack: float = 0.0
    notes: str = ""

    def scores(self, table: np.ndarray) -> np.ndarray:
        """Sum of all trees' leaves; table is (rows, features) float32, the answer (rows,) float64."""
        count, nodes = self.feature.shape
        base = np.arange(count) * nodes
        place = np.broadcast_to(base, (len(table), count))
        lines = np.arange(len(table))[:, None]
        feature, threshold, left, right = (each.ravel() for each in (self.feature, self.threshold, self.left, self.right))
        for _ in range(self.depth):
            goes = table[lines, feature[place]] <= threshold[place]
            place = base + np.where(goes, left[place], right[place])
        total: np.ndarray = self.value.ravel()[place].sum(axis=1, dtype=np.float64)
        return total

    def probabilities(self, scores: np.ndarray) -> tuple[np.ndarray, float]:
        """Of each row that it is the diagnosis, and of none of them being it.

        A row's odds go with exp(sharpness · score), those of none with exp(nothing + slack · sharpness · best score).
        """
        sharp = self.sharpness * scores
        best = float(sharp.max())
        odds, none = np.exp(sharp - best), float(np.exp(min(self.nothing + (self.slack - 1) * best, 50.0)))
        total = float(odds.sum()) + none
        return odds / total, none / total


def from_dump(dump: Mapping[str, Any], **more: Any) -> Trees:
    """The trees of LightGBM's dump_model(); more: the constants of `Trees`. Raises ValueError for a split that isn't "<=" of numbers."""
    flat = [_flat(each["tree_structure"]) for each in dump["tree_info"]]
    nodes, shape = max(map(len, flat)), len(flat)
    arrays = {name: np.zeros((shape, nodes), kind) for name, kind in (("feature", np.int16), ("threshold", np.float32),
              ("left", np.int16), ("right", np.int16), ("value", np.float32))}  # fmt: skip
    for row, tree in enumerate(flat):
        for place, node in enumerate(tree):
            for name, each in zip(arrays, node, strict=True):
                arrays[name][row, place] = each
    return Trees(**arrays, depth=max(_depth(each["tree_structure"]) for each in dump["tree_info"]),
                 features=tuple(dump["feature_names"]), **more)  # fmt: skip


def _flat(root: Mapping[str, Any]) -> list[tuple[float, ...]]:
    found: list[tuple[float, ...]] = []

    def visit(node: Mapping[str, Any]) -> int:
        place = len(found)
        if "leaf_value" in node:
            found.append((0, np.inf, place, place, node["leaf_value"]))
            return place
        if node["decision_type"] != "<=":
            raise ValueError(f"the split {node['decision_type']!r} is not supported")
        found.append(())
        left, right = visit(node["left_child"]), visit(node["right_child"])
        found[place] = (node["split_feature"], node["threshold"], left, right, 0.0)
        return place

    visit(root)
    return found


def _depth(node: Mapping[str, Any]) -> int:
    return 0 if "leaf_value" in node else 1 + max(_depth(node["left_child"]), _depth(node["right_child"]))


def save(trees: Trees, path: Path) -> None:
    """Writes the trees as one compressed .npz of numbers."""
    document = {"depth": trees.depth, "features": trees.features, "sharpness": trees.sharpness, "nothing": trees.nothing,
                "slack": trees.slack, "notes": trees.notes}  # fmt: skip
    text = np.frombuffer(json.dumps(document).encode(), np.uint8)
    np.savez_compressed(path, json=text, feature=trees.feature, threshold=trees.threshold, left=trees.left, right=trees.right,
                        value=trees.value)  # fmt: skip


@lru_cache(maxsize=4)
def fitted(features: Sequence[str], path: Path | None = None) -> Trees:
    """The trees of a file, the package's own by default. Raises ValueError when they were fitted on other features."""
    place = path or Path(str(resources.files("raredx_bench").joinpath(f"phenotype/{FITTED}")))
    with np.load(place, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    document = json.loads(arrays.pop("json").tobytes())
    if tuple(document["features"]) != tuple(features):
        raise ValueError(f"{place} was fitted on other features than this version computes: fit it anew")
    return Trees(**arrays, **{**document, "features": tuple(document["features"])})
