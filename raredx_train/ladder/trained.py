"""A run's model as a model type of lm-eval: `raredx-train`."""

from __future__ import annotations

import json
from typing import Any

import torch
from lm_eval.api.registry import register_model
from lm_eval.models.huggingface import HFLM
from torch.nn.utils.rnn import pad_sequence

from raredx_train.ladder.rungs import named
from raredx_train.sampling import fits, plain, sampled

ROOM = 2048  # tokens of prompt and answer at least; a small student's own context holds what it was taught, not the longest case


@register_model("raredx-train")
class TrainedLM(HFLM):  # type: ignore[misc]  # lm-eval is untyped
    """The model of a stage of a run, read from its folder by transformers.

    path: the folder of a `raredx-train run`, of one of its stages, or of a model; stage: which one, None: the last of the recipe.
    Everything else as lm-eval's `hf` has it (dtype, …), but max_length: ROOM where the model has less. On a CPU plain answers are
    sampled as practice samples them, faster than by transformers' `generate`.
    Raises DataMissing where there is no such model, UsageError when no run is named.
    """

    def __init__(self, path: str | None = None, stage: str | None = None, **others: Any) -> None:
        found = named("raredx-train", path, stage, others)
        folder, self.label = found.folder, found.label
        own = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("max_position_embeddings", ROOM)
        others["max_length"] = others.get("max_length") or max(own, ROOM)
        super().__init__(pretrained=str(folder), **others)
        self.tokenizer.model_max_length = others["max_length"]  # else transformers warns of prompts that fit

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results."""
        return {"name": self.label}

    def _model_generate(self, context: Any, max_length: int, stop: list[str], **asked: Any) -> Any:
        """HFLM's: prompts and answers as tokens, (rows, at most max_length)."""
        config, pad = self.model.generation_config, self.tokenizer.pad_token_id
        told = {**config.to_diff_dict(), **asked}
        ended = {*stop} <= {self.tokenizer.decode(self.eot_token_id)}  # nothing else ends an answer
        if config.eos_token_id is None or pad is None or not ended or not plain(told) or not fits(self.model):
            return super()._model_generate(context, max_length, stop, **asked)
        ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
        prompts = [row[mask.bool()].tolist() for row, mask in zip(context, asked["attention_mask"], strict=True)]
        temperature = told["temperature"] if told.get("do_sample") else None
        answers = sampled(self.model, prompts, max_length - context.size(1), temperature, ends, pad)
        said = pad_sequence([context.new_tensor(each) for each in answers], batch_first=True, padding_value=pad)
        return torch.cat((context, said), dim=1)
