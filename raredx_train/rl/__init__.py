"""DCRL, dual-level curriculum reinforcement learning: an SFT checkpoint and training cases -> the policy.

settings.py    Rl: what the stage can be told
prompts.py     cases -> the rows that a trainer reads
answers.py     completions -> what was answered, and figures of many answers
collapse.py    figures -> signs that the policy collapses
course.py      the rounds: which prompts come next, what came of them; JSON that a stopped run goes on from
configured.py  Rl -> TRL's arguments
rollouts.py    TRL's GRPOTrainer with the course's prompts and dynamic sampling
following.py   what happens at the end of a round: validation, checkpoints, stopping
plots.py       the rounds as a picture
card.py        the model card
stage.py       train: all of it

Imports go down this list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from raredx_train.rl.settings import Collapse, Rl

if TYPE_CHECKING:
    from raredx_train.rl.stage import Patients, practise, train

__all__ = ["Collapse", "Patients", "Rl", "practise", "train"]


def __getattr__(name: str) -> Any:
    """The public names that need the whole stage, imported when asked for: settings alone load in a blink."""
    from importlib import import_module

    if name not in ("Patients", "practise", "train"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.stage"), name)
