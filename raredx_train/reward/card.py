"""Settings -> the reward functions with their weights, and the card that explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from raredx_train.reward.parts import PARTS, Language, Overlength, Part
from raredx_train.reward.settings import Reward


def rewards_for(settings: Reward, root: Path) -> tuple[list[Part], list[float]]:
    """The reward functions and their weights, as GRPOTrainer's reward_funcs and GRPOConfig's reward_weights take them.

    root: the data directory whose terminology judges. Parts of weight 0 are left out, and so is overlength without a length and
    language where any will do.
    """
    chosen = [part for part in PARTS if _weight(settings, part) and not _is_mute(settings, part)]
    return [part(settings, root) for part in chosen], [_weight(settings, part) for part in chosen]


def total(values: Sequence[float | None], weights: Sequence[float]) -> float:
    """The reward of one completion: the weighted sum of its parts, those that don't apply left out, as TRL adds them."""
    return sum(value * weight for value, weight in zip(values, weights, strict=True) if value is not None)


def reward_card(settings: Reward) -> str:
    """The parts of the reward, their ranges, weights and rules, as Markdown."""
    said = {**asdict(settings), "length": settings.length or "the longest completion"}
    lines = ["| part | weight | range | rule |", "|---|---|---|---|"]
    for part in PARTS:
        weight = "off" if _is_mute(settings, part) or not _weight(settings, part) else f"{_weight(settings, part):g}"
        lines.append(f"| {part.name} | {weight} | {part.range.format(**said)} | {part.what.format(**said)} |")
    used = [part for part in PARTS if not _is_mute(settings, part)]
    least = -sum(_weight(settings, part) for part in used if part.range.startswith("-1"))
    most = settings.weights.accuracy + settings.weights.overlap * settings.overlap
    closing = (
        f"The reward is the weighted sum: from {least:g} to {most:g}. A well-formed answer of known diseases, none of them right, "
        "has 0; whatever breaks a rule has less."
    )
    return "\n".join([*lines, "", closing, ""])


def _weight(settings: Reward, part: type[Part]) -> float:
    return float(getattr(settings.weights, part.name))


def _is_mute(settings: Reward, part: type[Part]) -> bool:
    return (part is Overlength and settings.length is None) or (part is Language and not settings.language)
