"""A recipe's section -> TRL's arguments; what TRL takes is TRL's to say, and is checked against its own fields."""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_train.settings import Lora, Run, Sft

_OURS = {
    "output_dir": "--output", "num_train_epochs": "epochs", "max_steps": "epochs", "max_length": "length", "packing": "packing",
    "per_device_train_batch_size": "batch and micro_batch", "gradient_accumulation_steps": "batch and micro_batch",
    "seed": "the recipe's seed",
    "data_seed": "the recipe's seed", "bf16": "precision", "fp16": "precision", "use_cpu": "the machine", "save_steps": "saves",
    "eval_steps": "saves", "save_strategy": "saves", "eval_strategy": "saves", "train_sampling_strategy": "the order of training",
    "load_best_model_at_end": "patience", "resume_from_checkpoint": "the run's folder", "dataset_kwargs": "the stage's input",
}  # fmt: skip


class Precise(Protocol):
    """What a training section says of its weights."""

    @property
    def lora(self) -> Lora | None:
        """Adapters, None: every weight is trained."""

    @property
    def precision(self) -> str:
        """ "auto", "fp32" or "bf16"."""


def processes() -> int:
    """How many processes train together, as accelerate launch and torchrun say it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """True for the process that writes and speaks; of several, the first."""
    return os.environ.get("RANK", "0") == "0"


def dtype_of(section: Precise) -> str:
    """The type that weights are loaded in: bfloat16 under LoRA on a GPU that has it, float32 where they are trained themselves."""
    return "bfloat16" if section.lora is not None and bf16(section) else "float32"


def bf16(section: Precise) -> bool:
    """True when a stage computes in bfloat16."""
    import torch

    return section.precision == "bf16" or (
        section.precision == "auto" and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    )


def adapter(lora: Lora | None) -> Any:
    """The peft.LoraConfig of a stage, None for full training. Raises UsageError for an argument that peft lacks."""
    if lora is None:
        return None
    from peft import LoraConfig

    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    try:
        return LoraConfig(task_type="CAUSAL_LM", r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout,
                          target_modules=targets, **lora.peft)  # fmt: skip
    except (TypeError, ValueError) as error:
        raise UsageError(f"peft refuses lora.peft: {error}") from error


def split(sft: Sft, many: int) -> tuple[int, int]:
    """(examples that a process holds at once, rounds of that in one step). Raises UsageError when batch doesn't divide."""
    each, rest = divmod(sft.batch, many)
    if rest:
        raise UsageError(f"a batch of {sft.batch} can't be shared by {many} processes: choose a batch that {many} divides")
    held = min(sft.micro_batch or each, each)
    if each % held:
        raise UsageError(
            f"a process's {each} examples of a step can't be taken {held} at a time: choose a micro_batch that divides {each}"
        )
    return held, each // held


def arguments(run: Run, sft: Sft, steps: int, folder: Path) -> Any:
    """The trl.SFTConfig of a stage of so many steps."""
    import torch
    from trl import SFTConfig

    held, rounds = split(sft, processes())
    cuda, between = torch.cuda.is_available(), max(1, steps // max(1, sft.saves))
    ours = {
        "output_dir": str(folder / "checkpoints"), "num_train_epochs": sft.epochs if sft.packing else 1, "seed": run.seed,
        "per_device_train_batch_size": held, "gradient_accumulation_steps": rounds,
        "max_length": sft.length if sft.packing else None,
        "packing": sft.packing, "eval_packing": False, "bf16": bf16(sft), "use_cpu": not cuda, "save_strategy": "steps",
        "eval_strategy": "steps", "save_steps": between, "eval_steps": between, "load_best_model_at_end": sft.patience is not None,
        "train_sampling_strategy": "random" if sft.packing else "sequential",
    }  # fmt: skip
    usual = {
        "activation_checkpointing": sft.trl.get("gradient_checkpointing", cuda), "dataloader_pin_memory": cuda,
        "save_total_limit": 2, "per_device_eval_batch_size": held,
        "report_to": "none", "disable_tqdm": True, "ddp_find_unused_parameters": False,
        "metric_for_best_model": "eval_loss", "greater_is_better": False,
    }  # fmt: skip
    return SFTConfig(**{**usual, **sft.trl, **ours})


def check_trl(
    given: Mapping[str, Any], place: str, config: str = "SFTConfig", ours: Mapping[str, str] = _OURS
) -> dict[str, Any]:  # fmt: skip
    """The arguments for TRL with values of its own types. place: where they stand, for the message; config: the class of trl that
    takes them; ours: arguments that follow from other keys of the recipe, and from which.

    Raises UnknownName for one that the class lacks, UsageError for one that another key of the recipe sets, BadInput for a value of
    another type.
    """
    import pydantic
    import trl

    kind = getattr(trl, config)
    known = {field.name for field in dataclasses.fields(kind) if field.init}
    hints, found = typing.get_type_hints(kind), {}
    for name, value in given.items():
        if name not in known:
            raise UnknownName(f"argument of trl.{config} in {place}", name, known)
        if name in ours:
            raise UsageError(f"{place}: {name} follows from {ours[name]}: set that instead")
        try:
            found[name] = pydantic.TypeAdapter(hints[name]).validate_python(value)
        except pydantic.ValidationError as error:
            raise BadInput(f"{place}, {name}: {error.errors()[0]['msg'].lower()}, not {value!r}") from error
    return found
