"""TRL's SFTTrainer where its own kernel for the answers' logits does not run.

On a GPU with Triton, TRL 1.16 projects the hidden states of the answers alone onto the vocabulary. Elsewhere it projects those of
the questions too and throws them away, which is most of a small model's step. Here the rows are padded on the left, so that all
answers end at the same place, and transformers' own `logits_to_keep` leaves the rest out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback
from transformers.integrations import TensorBoardCallback
from trl import SFTTrainer

from raredx_train.checkpoints import listed
from raredx_train.curves import losses


class LeftCollator:
    """Rows -> a batch padded on the left; labels are -100 on padding."""

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in rows)
        fill = {"input_ids": self.pad, "labels": -100, "attention_mask": 0}
        found = {}
        for name, value in fill.items():
            lists = [row[name] if name in row else [1] * len(row["input_ids"]) for row in rows]
            found[name] = torch.tensor([[value] * (longest - len(each)) + list(each) for each in lists])  # (rows, longest)
        return found


class AnswerTrainer(SFTTrainer):
    """SFTTrainer that computes logits on the answers' positions alone, for batches of LeftCollator."""

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:  # fmt: skip
        """Mean negative log-likelihood of the answers' tokens, of num_items_in_batch over all processes when it is given."""
        inputs = dict(inputs)
        labels = inputs.pop("labels")  # (rows, length)
        answered = (labels != -100).any(dim=0).nonzero()
        keep = labels.size(1) - int(answered[0]) if len(answered) else 1
        outputs = model(**inputs, use_cache=False, logits_to_keep=keep + 1)  # logits (rows, keep + 1, vocabulary)
        logits, targets = outputs.logits[:, :-1].flatten(0, 1).float(), labels[:, -keep:].flatten()
        loss = torch.nn.functional.cross_entropy(logits, targets, ignore_index=-100, reduction="sum")
        counted = (targets != -100).sum() if num_items_in_batch is None else num_items_in_batch
        loss = loss / torch.as_tensor(counted).clamp(min=1)
        if self.args.average_tokens_across_devices and num_items_in_batch is not None:
            loss = loss * self.accelerator.num_processes
        return (loss, outputs) if return_outputs else loss


class Listing(TrainerCallback):
    """Lists every checkpoint's files once it is written."""

    def on_save(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        """Called by the trainer after a checkpoint."""
        if state.is_world_process_zero:
            listed(Path(args.output_dir) / f"checkpoint-{state.global_step}")


class Watch(TrainerCallback):
    """Tells how far the training is, and its last losses."""

    def __init__(self, told: Callable[[int, int, str], None]) -> None:
        self.told = told

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **about: Any) -> None:
        """Called by the trainer after each line of its log."""
        if state.is_world_process_zero:
            trained, held = losses(state.log_history)
            said = [f"{name} {points[-1][1]:.3f}" for name, points in (("loss", trained), ("held out", held)) if points]
            self.told(state.global_step, state.max_steps, ", ".join(said))


def tensorboard(folder: Path) -> Any:
    """A callback that logs for TensorBoard under folder/tensorboard."""
    from tensorboardX import SummaryWriter

    return TensorBoardCallback(SummaryWriter(logdir=str(folder / "tensorboard")))
