"""Answers as they come -> how far a run is, how fast, and how well the model does so far."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from raredx_bench.domain import MAX_RANK, Case, Relation
from raredx_bench.judging import Judge


class Live:
    """The state of a run, told of each answer once, by one thread at a time.

    Judging an answer fills the linker's cache, so that the verdicts at the end cost less by as much.
    """

    def __init__(self, judge: Judge, total: int, done: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        """total: answers wanted; done: those that were stored already, which are not judged here. clock: in seconds."""
        self.total = total
        self.done = done
        self._judge = judge
        self._clock = clock
        self._started = clock()
        self._ranks: dict[str, Counter[int]] = {}  # task -> rank of an exact hit, 0 for a miss -> answers

    def add(self, task: str, case: Case, text: str, asked: int = MAX_RANK) -> None:
        """An answer to a case came in. asked: names that its benchmark asks for."""
        self.done += 1
        rank = self._judge.judge(case, text, asked).rank(Relation.EXACT) or 0
        self._ranks.setdefault(task, Counter())[rank] += 1

    @property
    def rate(self) -> float | None:
        """Answers a second since the start; None before the first."""
        fresh, elapsed = sum(each.total() for each in self._ranks.values()), self._clock() - self._started
        return fresh / elapsed if fresh and elapsed > 0 else None

    def recall(self, k: int, task: str | None = None) -> float | None:
        """Share of the answers so far, of one task or of all, with the diagnosis among the first k; None before the first."""
        chosen = [each for name, each in self._ranks.items() if task in (None, name)]
        answers = sum(each.total() for each in chosen)
        return sum(each[rank] for each in chosen for rank in range(1, k + 1)) / answers if answers else None

    def said(self) -> str:
        """What stands beside a bar: "recall@1 31.2, @5 50.0 %, 4.1/s"; empty before the first answer."""
        first, fifth, rate = self.recall(1), self.recall(5), self.rate
        if first is None or fifth is None:
            return ""
        speed = "" if rate is None else f", {rate:.1f}/s"
        return f"recall@1 {100 * first:.1f}, @5 {100 * fifth:.1f} %{speed}"
