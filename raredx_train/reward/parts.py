"""The reward's parts, as TRL calls them: f(prompts, completions, completion_ids, **columns) -> one number a completion, or None.

Only Accuracy and Overlap can be more than 0; every other part takes away, from 0 down to -1. Columns: answers (ids), presentation,
case (id), observed (HPO ids), task ("differential" or "final"). None: the part does not apply. No part raises on a completion, and
each can be pickled: it holds settings and a path, and loads the judge when it is first called in a process.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from raredx_bench.domain import Reading
from raredx_train.reward.crediting import credit
from raredx_train.reward.grading import Graded, Grader, grader_for
from raredx_train.reward.guarding import ignoring, is_copy
from raredx_train.reward.language import foreign_share
from raredx_train.reward.overlap import overlap_for
from raredx_train.reward.reading import Answer, read
from raredx_train.reward.repeating import repeated_runs
from raredx_train.reward.rows import Row, rows
from raredx_train.reward.settings import Reward


class Part:
    """A reward function; subclasses say what a row is worth. root: the data directory whose terminology judges."""

    name = ""
    what = ""  # of the reward card
    range: ClassVar[str] = "-1 to 0"
    judges: ClassVar[bool] = False  # True where it says how right an answer is, not what form it has

    def __init__(self, settings: Reward, root: Path) -> None:
        self.settings, self.root = settings, root
        self.__name__ = self.name  # what TRL logs it under

    def __call__(
        self, prompts: Any = None, completions: Any = (), completion_ids: Any = None, **columns: Any
    ) -> list[float | None]:  # fmt: skip
        """A number or None for each completion."""
        batch = rows(completions, completion_ids, columns, opened=self.settings.thought == "opened")
        return [None if value is None else value + 0.0 for value in self.values(batch)]  # no -0.0

    def values(self, batch: list[Row]) -> list[float | None]:
        """A number or None for each row; where a row's worth doesn't depend on the others, subclasses define `value` alone."""
        return [self.value(row) for row in batch]

    def value(self, row: Row) -> float | None:
        """What one row is worth."""
        raise NotImplementedError(f"{type(self).__name__} defines neither value nor values")

    @property
    def grader(self) -> Grader:
        return grader_for(self.root)

    def graded(self, row: Row) -> Graded:
        return self.grader.graded(read(row.text).names[: self.settings.k], row.answers)

    def judged(self, batch: list[Row]) -> Iterator[tuple[Row, Graded, bool]]:
        """Each row, what the judge says of it, and whether it earns nothing, whatever it hits."""
        graded = [self.graded(row) for row in batch]
        yield from zip(batch, graded, self._blocked(batch, graded), strict=True)

    def _blocked(self, batch: list[Row], graded: list[Graded]) -> list[bool]:
        wanted = self.settings
        if not wanted.gates:
            return [False] * len(batch)
        lists = tuple([each.meant for each in graded])
        diagnoses = tuple([each.gold or row.case for each, row in zip(graded, batch, strict=True)])
        alone = ignoring(lists, diagnoses, wanted.alike, wanted.same, wanted.others)
        return [same or self._is_spoilt(row, read(row.text)) for row, same in zip(batch, alone, strict=True)]

    def _is_spoilt(self, row: Row, answer: Answer) -> bool:
        """True for an enumeration of names, and for a copy of the case."""
        enumerated = len(answer.names) > 2 * self.settings.k
        return enumerated or is_copy(answer.body, answer.names, row.presentation, self.settings.copied)


class Accuracy(Part):
    """The best name's credit over log2(rank + 1)."""

    name = "accuracy"
    judges = True
    range = "0 to 1"
    what = (
        "The best of the first {k} names: 1 for the diagnosis, {narrower:g} for a form of it, {broader:g} / log2(n + 1) for a "
        "family of n diseases above it, each divided by log2(rank + 1); in the final-diagnosis task rank 1 alone. Nothing for "
        "names that don't link, for copies of the case, for more than twice {k} names, and for a list that other cases get, too. "
        "None where the terminology doesn't know the diagnosis."
    )

    def values(self, batch: list[Row]) -> list[float | None]:
        ontology = self.grader.judge.ontology
        return [
            None if not graded.gold else 0.0 if blocked else credit(graded, ontology, self.settings, final=row.final)
            for row, graded, blocked in self.judged(batch)
        ]


class Guards(Part):
    """What names that mean nothing, are too many or repeat another cost; -1 for an answer that earns nothing."""

    name = "guards"
    what = (
        "{cost:g} less for each name that links to nothing, each name beyond {k}, and each further name of a disease that is named "
        "already; -1 for a copy of the case, an enumeration, and a list that is alike ({alike:.0%} of its names) to those of "
        "{same:.0%} of the other diagnoses in the batch."
    )

    def values(self, batch: list[Row]) -> list[float | None]:
        return [-1.0 if blocked else self._cost(row, graded) for row, graded, blocked in self.judged(batch)]

    def _cost(self, row: Row, graded: Graded) -> float:
        if not self.settings.gates:
            return 0.0
        extra = max(len(read(row.text).names) - self.settings.k, 0)
        return max(-1.0, -self.settings.cost * (graded.unlinked + graded.repeats + extra))


class Format(Part):
    """The output contract: a thought in its marks, then a numbered list and nothing else."""

    name = "format"
    what = "-0.5 for a thought that is missing, empty or not closed, -0.5 for anything beside a numbered list; -1 without any list."

    def value(self, row: Row) -> float:
        answer = read(row.text)
        if answer.reading is not Reading.LIST:
            return -1.0
        wanted = self.settings.thought != "optional"
        thinks = answer.closed and bool(answer.thought) and "<think>" not in answer.thought and "</think>" not in answer.thought
        return -0.5 * (wanted and not thinks) - 0.5 * (not answer.listed)


class Language(Part):
    """Whether thought and names are in English."""

    name = "language"
    what = "Minus the share of foreign words, names or letters, whichever is largest, where it is above a fifth."

    def value(self, row: Row) -> float:
        answer = read(row.text)
        return -foreign_share(answer.thought or row.text, answer.names[: self.settings.k])


class Repetition(Part):
    """Repeated runs of words, and repeated lines of the list."""

    name = "repetition"
    what = (
        "Minus the share of repeated runs of {ngram} words above {repeats:.0%}, or of repeated lines of the answer, the larger one."
    )

    def value(self, row: Row) -> float:
        free = self.settings.repeats
        share = repeated_runs(row.text, self.settings.ngram, free)
        runs = (share - free) / (1 - free) if share > free else 0.0
        return -max(runs, read(row.text).repeats)


class Overlength(Part):
    """DAPO's soft punishment of long answers (Yu et al. 2025, arXiv 2503.14476, equation 13)."""

    name = "overlength"
    what = "0 up to {length} tokens less their last {soft:.0%}, then down to -1 at {length} in a straight line."

    def value(self, row: Row) -> float | None:
        if row.tokens is None or self.settings.length is None:
            return None
        room = max(self.settings.soft * self.settings.length, 1e-6)
        return -min(1.0, max(0.0, row.tokens - (self.settings.length - room)) / room)


class Overlap(Part):
    """What the case's findings share with those of a named disease, capped far below a hit."""

    name = "overlap"
    judges = True
    range = "0 to {overlap:g}"
    what = (
        "{overlap:g} times the overlap of the case's coded findings with a named disease's (Jaccard of all terms at or above them, "
        "each weighed by its information content), over log2(rank + 1), of the best name. None where the case has no codes."
    )

    def values(self, batch: list[Row]) -> list[float | None]:
        return [
            None if not row.observed else 0.0 if blocked else self._credit(row, graded)
            for row, graded, blocked in self.judged(batch)
        ]

    def _credit(self, row: Row, graded: Graded) -> float:
        known = overlap_for(self.root)
        counted = graded.predictions[: 1 if row.final else self.settings.k]
        return self.settings.overlap * max(
            (known.share(each.link.id, row.observed) / math.log2(rank + 1) for rank, each in enumerate(counted, 1) if each.link.id),
            default=0.0,
        )


PARTS: tuple[type[Part], ...] = (Accuracy, Guards, Format, Language, Repetition, Overlength, Overlap)
