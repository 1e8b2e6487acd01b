"""Signatures -> whether two scores may be compared, and what keeps them apart.

A score's signature is everything that could change it, parts joined by "|": the task, then name:value pairs; the scoring rule
(protocol:…) has further parts of its own and ends where the chat template is named.
"""

from __future__ import annotations

from collections.abc import Sequence

from raredx_bench.domain import UsageError

SCORED = ("parser", "linker", "judge", "terminology", "protocol")  # what scoring anew brings up to date
FREE = ("intervals", "chat", "raredx")  # intervals, chat template, package version: what may differ


def comparable(signature: str) -> str:
    """What two scores must share to stand in one table: everything but the parts that are FREE to differ."""
    return "|".join(part for part in signature.split("|") if part.partition(":")[0] not in FREE or ":" not in part)


def parts(signature: str) -> dict[str, str]:
    """The parts of a signature by name; the first is the task, and protocol holds all that belongs to the scoring rule."""
    task, *rest = signature.split("|")
    found, last = {"task": task}, ""
    for part in rest:
        name, colon, value = part.partition(":")
        if last == "protocol" and (name not in FREE or not colon):
            found[last] += f"|{part}"
            continue
        found[name], last = value, name
    return found


def unlike(signatures: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    """The parts in which signatures differ that may not be compared, with each one's value (None: it lacks the part); {}: none."""
    split = [parts(each) for each in signatures]
    names = dict.fromkeys(name for each in split for name in each if name not in FREE)
    values = {name: tuple(each.get(name) for each in split) for name in names}
    return {name: each for name, each in values.items() if len(set(each)) > 1}


def check_alike(runs: Sequence[tuple[str, str, str]]) -> None:
    """Raises UsageError for runs that may not be compared, naming two of them, the part and both values.

    runs: name, what names it in a command, signature. Of several parts the first is named.
    """
    for part, values in unlike([signature for _, _, signature in runs]).items():
        places = (0, next(place for place, value in enumerate(values) if value != values[0]))
        (one, path, _), (other, _, _) = (runs[place] for place in places)
        said = [f"{part}:{values[place]}" if values[place] is not None else f"no {part}" for place in places]
        verb = "scored" if part in SCORED else "made"
        raise UsageError(f"{one} was {verb} with {said[0]}, {other} with {said[1]}: {_remedy(part, path or one)}")


def _remedy(part: str, path: str) -> str:
    if part in SCORED:
        return f"score {path} again (raredx-bench score RUN, leaderboard rescore ENTRY), and the other one where that isn't enough"
    return "they answer different questions, so nothing can be said; run both models on the same task with the same options"
