"""Sections of a recipe -> memory of each process, the recipe's own way first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from raredx_train.config import Config
from raredx_train.plan.sizes import Memory, memory, rl_memory
from raredx_train.plan.work import Reckoned
from raredx_train.rl import Rl
from raredx_train.settings import Sft


@dataclass(frozen=True)
class Way:
    """How a stage may be trained. how: in words; own: as the recipe does it; beside: another way, for comparison."""

    stage: str
    how: str
    processes: int
    memory: Memory
    own: bool


def held(section: Sft | Rl, reckoned: Reckoned, sharded: bool) -> Memory:
    """What a process of the stage holds. Raises UsageError for a batch that doesn't divide."""
    many, cuda = reckoned.run.processes, reckoned.cuda
    if isinstance(section, Sft):
        return memory(reckoned.shape, section, many, sharded, cuda)
    return rl_memory(reckoned.shape, section, reckoned.prompt, many, sharded, cuda, reckoned.machine.room)


def ways(config: Config, reckoned: Reckoned) -> Iterator[Way]:
    """Every training stage as the recipe does it (spread by FSDP or ZeRO-3 where it has several processes) and, where it has
    several, not spread."""
    many = reckoned.run.processes
    for name, section in config.sections.items():
        if isinstance(section, Sft | Rl):
            label = f"LoRA {section.lora.rank}" if section.lora else "all weights"
            spread = f"{label}, FSDP or ZeRO-3" if many > 1 else label
            yield Way(name, spread, many, held(section, reckoned, many > 1), own=True)
            if many > 1:
                yield Way(name, f"{label}, not spread", many, held(section, reckoned, False), own=False)
