"""A run's model as a model type of lm-eval: `raredx-train`."""

from __future__ import annotations

import json
from typing import Any

import torch
from lm_eval.api.registry import register_model
from lm_eval.models.huggingface import HFLM
from torch.nn.utils.rnn import pad_sequence

from raredx_train.ladder.rungs import named
from raredx_train.sampling import fits, sampled

ROOM = 2048  # tokens of prompt and answer at least; a small student's own context holds what it was taught, not the longest case

_KNOWN = {"_from_model_config", "eos_token_id", "pad_token_id", "bos_token_id", "output_attentions", "output_hidden_states",
          "use_cache", "transformers_version"}  # of a generation config, which change no token  # fmt: skip


@register_model("raredx-train")
class TrainedLM(HFLM):  # type: ignore[misc]  # lm-eval is untyped
    """The model of a stage of a run, read from its folder by transformers.

    path: the folder of a `raredx-train run`, of one of its stages, or of a model; stage: which one, None: the last of the recipe.
    Everything else as lm-eval's `hf` has it (dtype, …), but max_length: ROOM where the model has less. On a CPU plain answers are
    sampled as practice samples them, several times as fast as by transformers' `generate`.
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

    def _model_generate(self, context: Any, max_length: int, stop: list[str], **asked: Any) -> Any:
        """HFLM's: prompts and answers as tokens, (rows, at most max_length)."""
        temperature = asked.get("temperature") or None
        ends, pad = self.model.generation_config.eos_token_id, self.tokenizer.pad_token_id
        if ends is None or pad is None or not fits(self.model) or not self._plainly(stop, temperature, asked):
            return super()._model_generate(context, max_length, stop, **asked)
        prompts = [row[mask.bool()].tolist() for row, mask in zip(context, asked["attention_mask"], strict=True)]
        answers = sampled(
            self.model, prompts, max_length - context.size(1), temperature, ends if isinstance(ends, list) else [ends], pad
        )
        said = pad_sequence([context.new_tensor(each) for each in answers], batch_first=True, padding_value=pad)
        return torch.cat((context, said), dim=1)

    def _plainly(self, stop: list[str], temperature: float | None, asked: dict[str, Any]) -> bool:
        """False where something else than the end of the text ends an answer, or tokens are drawn otherwise than by probability."""
        drawn = temperature is not None
        stated = self.model.generation_config.to_diff_dict().keys() - _KNOWN
        more = {name: value for name, value in asked.items() if name not in ("attention_mask", "do_sample", "temperature")}
        every = more == {"top_k": 0} if drawn else not more  # transformers draws from the 50 likeliest where it isn't told
        sure = bool(asked.get("do_sample", drawn)) == drawn
        return sure and every and not stated and {*stop} <= {self.tokenizer.decode(self.eot_token_id)}
