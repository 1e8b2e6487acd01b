"""Validation figures -> signs that the policy collapses: it makes names up, gives every case one list, falls silent or rambles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from raredx_train.rl.settings import Collapse


@dataclass(frozen=True, slots=True)
class Health:
    """What collapse shows in. unlinked, diversity: shares; length: mean tokens; entropy: nats a token."""

    unlinked: float
    diversity: float
    length: float
    entropy: float


def signs(limits: Collapse, first: Health, now: Health) -> tuple[str, ...]:
    """What is wrong with a policy, in words; empty: nothing. first: the policy that training began with."""
    return tuple(_signs(limits, first, now))


def _signs(limits: Collapse, first: Health, now: Health) -> Iterator[str]:
    if now.unlinked > first.unlinked + limits.unlinked:
        yield f"{now.unlinked:.0%} of the names mean no known disease, {first.unlinked:.0%} at first"
    if now.diversity < limits.diversity * first.diversity:
        yield f"lists of different cases are alike: diversity {now.diversity:.2f}, {first.diversity:.2f} at first"
    if not limits.shorter * first.length <= now.length <= limits.longer * first.length:
        yield f"answers have {now.length:.0f} tokens, {first.length:.0f} at first"
    if not limits.flat * first.entropy <= now.entropy <= limits.wild * first.entropy:
        yield f"the entropy is {now.entropy:.3f} nats a token, {first.entropy:.3f} at first"
