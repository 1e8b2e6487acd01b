"""A run's model as a model type of lm-eval: `raredx-train`."""

from __future__ import annotations

import json
from typing import Any

from lm_eval.api.registry import register_model
from lm_eval.models.huggingface import HFLM

from raredx_train.ladder.rungs import named

ROOM = 2048  # tokens of prompt and answer at least; a small student's own context holds what it was taught, not the longest case


@register_model("raredx-train")
class TrainedLM(HFLM):  # type: ignore[misc]  # lm-eval is untyped
    """The model of a stage of a run, read from its folder by transformers.

    path: the folder of a `raredx-train run`, or of one of its stages; stage: which one, None: the last of the recipe. Everything
    else as lm-eval's `hf` has it (dtype, …), but max_length: ROOM where the model has less.
    Raises DataMissing where there is no such model, UsageError when no run is named.
    """

    def __init__(self, path: str | None = None, stage: str | None = None, **others: Any) -> None:
        found = named("raredx-train", path, stage, others)
        folder, self.label = found.folder, found.label
        own = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("max_position_embeddings", ROOM)
        others["max_length"] = others.get("max_length") or max(own, ROOM)
        super().__init__(pretrained=str(folder), **others)

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results."""
        return {"name": self.label}
