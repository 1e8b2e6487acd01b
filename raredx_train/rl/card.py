"""A training's figures -> the model card that lies beside the policy's weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from raredx_train.reward.card import reward_card
from raredx_train.rl.settings import Rl
from raredx_train.settings import Run


def card(run: Run, section: Rl, figures: Mapping[str, Any]) -> str:
    """The card, as Markdown with the hub's header."""
    course = section.curriculum
    levels = [name for name, on in (("task", course.task), ("case", course.case)) if on]
    lines = [
        "---", "library_name: transformers", f"tags: [raredx, trl, {section.algorithm}]", "---", "",
        f"# {run.name}: a policy of the RareDxR1 recipe", "",
        "**For research on models only. Not for clinical use.**", "",
        f"* {section.algorithm.upper()} on {figures['cases']:,} cases, {figures['rounds']} of {section.rounds} rounds, "
        f"{figures['steps']:,} steps, {section.prompts} x {section.n} completions each generation, seed {run.seed}",
        f"* curriculum: {' and '.join(levels) or 'none'}; gates of the reward: {'on' if section.reward.gates else 'off'}; "
        f"{'LoRA of rank ' + str(section.lora.rank) if section.lora else 'all parameters trained'}",
        f"* weights of round {figures['best round']} of {figures['rounds']} (0: the policy that it began with), the best by greedy "
        f"{section.best} of {figures['validation']} validation cases", *(f"* stopped: {sign}" for sign in figures["stopped"]),
        *(f"* {note}" for note in figures["notes"]), "",
        "| validation | recall@1 | recall@10 | sampled recall@1 | sampled recall@10 |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for name in ("first", "best", "last"):
        found = figures["recall"][name]
        shown = (found[kind][key] for kind in ("greedy", "sampled") for key in ("recall@1", "recall@10"))
        lines.append(f"| {name} | {' | '.join(f'{value:.1%}'.replace('%', ' %') for value in shown)} |")
    lines += ["", "The reward:", "", reward_card(section.reward)]
    return "\n".join(lines)
