"""Rl -> TRL's arguments: DAPO's settings as GRPOConfig names them, batches shared by processes, a checkpoint for each round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from raredx_bench.domain import UsageError
from raredx_train.arguments import bf16, check_trl, processes
from raredx_train.rl.settings import Rl
from raredx_train.settings import Run

_BATCH, _ROUNDS = "prompts, n, updates and micro_batch", "rounds and generations"
OURS = {
    "output_dir": "--output", "max_steps": _ROUNDS, "num_train_epochs": _ROUNDS, "save_strategy": _ROUNDS, "eval_strategy": _ROUNDS,
    "save_steps": _ROUNDS, "eval_steps": _ROUNDS, "eval_on_start": _ROUNDS, "ignore_data_skip": "the course",
    "shuffle_dataset": "the course", "per_device_train_batch_size": _BATCH, "gradient_accumulation_steps": _BATCH,
    "steps_per_generation": _BATCH, "generation_batch_size": _BATCH, "num_generations": "n", "num_generations_eval": "samples",
    "max_completion_length": "max_completion", "temperature": "temperature", "learning_rate": "learning_rate",
    "loss_type": "algorithm", "epsilon": "epsilon", "epsilon_high": "epsilon_high", "beta": "beta",
    "mask_truncated_completions": "algorithm", "reward_weights": "reward.weights", "seed": "the recipe's seed",
    "data_seed": "the recipe's seed", "bf16": "precision", "fp16": "precision", "use_cpu": "the machine", "use_vllm": "vllm",
    "vllm_mode": "vllm", "load_best_model_at_end": "best", "metric_for_best_model": "best", "greater_is_better": "best",
    "resume_from_checkpoint": "the run's folder", "remove_unused_columns": "the reward", "num_iterations": "updates",
}  # fmt: skip
RECALL = "recall"  # what the best checkpoint is chosen by


def checked(section: Rl, place: str) -> Rl:
    """The section with the arguments for TRL checked. place: where they stand. Raises UsageError or one of its kinds."""
    return replace(section, trl=check_trl(section.trl, place, "GRPOConfig", OURS))


def shared(section: Rl, many: int) -> tuple[int, int]:
    """(completions that one of so many processes trains on at once, how often for one step). Raises UsageError.

    A process gets whole groups, so that each can be replaced on its own.
    """
    if section.prompts % many:
        raise UsageError(f"{section.prompts} prompts can't be shared by {many} processes: choose prompts that {many} divides")
    own = section.prompts // many * section.n
    if own % section.updates:
        raise UsageError(
            f"a process's {own} completions can't be split into {section.updates} updates: choose updates that divide it"
        )
    step = own // section.updates
    held = min(section.micro_batch or step, step)
    if step % held:
        raise UsageError(
            f"a process's {step} completions of a step can't be taken {held} at a time: choose a micro_batch that divides {step}"
        )
    return held, step // held


def arguments(run: Run, section: Rl, weights: Sequence[float], rounds: int, folder: Path, *, fresh: bool) -> Any:
    """The trl.GRPOConfig of so many rounds. fresh: nothing was trained yet, so the first policy is validated."""
    import torch
    from trl import GRPOConfig

    held, times = shared(section, processes())
    cuda, steps = torch.cuda.is_available(), section.generations * section.updates
    dapo = section.algorithm == "dapo"
    ours = {
        "output_dir": str(folder / "checkpoints"), "max_steps": rounds * steps, "seed": run.seed,
        "per_device_train_batch_size": held, "gradient_accumulation_steps": times, "steps_per_generation": times * section.updates,
        "num_generations": section.n, "num_generations_eval": section.samples, "max_completion_length": section.max_completion,
        "temperature": section.temperature, "learning_rate": section.learning_rate, "loss_type": section.algorithm,
        "epsilon": section.epsilon, "epsilon_high": section.epsilon_high if dapo else None,
        "mask_truncated_completions": dapo, "beta": section.kl_weight or float(section.kl), "reward_weights": list(weights),
        "bf16": bf16(section), "use_cpu": not cuda, "save_strategy": "steps", "eval_strategy": "steps", "save_steps": steps,
        "eval_steps": steps, "eval_on_start": fresh, "ignore_data_skip": True, "shuffle_dataset": False,
        "remove_unused_columns": False, "load_best_model_at_end": True, "metric_for_best_model": RECALL, "greater_is_better": True,
        **_sampling(section),
    }  # fmt: skip
    usual = {
        "activation_checkpointing": section.trl.get("gradient_checkpointing", cuda),
        "lr_scheduler_type": "constant", "logging_steps": 1, "dataloader_pin_memory": cuda,
        "save_total_limit": 2, "per_device_eval_batch_size": -(-min(held if cuda else 64, 64) // section.samples) * section.samples,
        "report_to": "none", "disable_tqdm": True, "ddp_find_unused_parameters": False,
    }  # fmt: skip
    return GRPOConfig(**{**usual, **section.trl, **ours})


def _sampling(section: Rl) -> Mapping[str, Any]:
    """Who samples. Raises UsageError when it can't."""
    if section.vllm == "none":
        return {"use_vllm": False}
    import torch

    try:
        import vllm  # noqa: F401
    except ImportError as error:
        raise UsageError(f"rl.vllm={section.vllm} needs the package vllm: pip install 'raredx[vllm]', or set vllm=none") from error
    if not torch.cuda.is_available():
        raise UsageError(f"rl.vllm={section.vllm} needs a CUDA GPU and PyTorch sees none here: set vllm=none")
    return {"use_vllm": True, "vllm_mode": section.vllm}
