"""A run's model as a model type of lm-eval, answered by vLLM: `raredx-train-vllm`. Importing this needs the package vllm."""

from __future__ import annotations

from typing import Any

from lm_eval.api.registry import register_model
from lm_eval.models.vllm_causallms import VLLM

from raredx_train.ladder.rungs import named


@register_model("raredx-train-vllm")
class TrainedVLLM(VLLM):  # type: ignore[misc]  # lm-eval is untyped
    """The model of a stage of a run, read from its folder by vLLM.

    path: the folder of a `raredx-train run`, or of one of its stages; stage: which one, None: the last of the recipe. Everything
    else as lm-eval's `vllm` has it (tensor_parallel_size, max_model_len, …). Raises as `raredx-train` does.
    """

    def __init__(self, path: str | None = None, stage: str | None = None, **others: Any) -> None:
        found = named("raredx-train-vllm", path, stage, others)
        self.label = found.label
        super().__init__(pretrained=str(found.folder), **others)

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results."""
        return {"name": self.label}
