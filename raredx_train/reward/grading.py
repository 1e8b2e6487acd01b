"""Names and a gold set -> what the benchmark's judge says of each, remembered. The judge decides; nothing here does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from raredx_bench.domain import Case, Prediction, Reading
from raredx_bench.judging import Judge, judge_for

REMEMBERED = 500_000  # relations of a name and a gold set; about 100 bytes each


@dataclass(frozen=True, slots=True)
class Graded:
    """predictions: as the judge counts them, a disease that is named twice once. gold: canonical ids; empty: nothing is known.

    unlinked: names that mean no disease, nor one of a few; repeats: names of a disease that stands further up. meant: what each
    prediction means: the id of a disease, else the name itself.
    """

    predictions: tuple[Prediction, ...]
    gold: tuple[str, ...]
    unlinked: int
    repeats: int
    meant: tuple[str, ...]


class Grader:
    """The judge of one data directory with a memory."""

    def __init__(self, judge: Judge) -> None:
        self.judge = Judge(judge.linker)
        self.judge.relation = lru_cache(maxsize=REMEMBERED)(judge.relation)  # type: ignore[method-assign]
        self.graded = lru_cache(maxsize=8192)(self._graded)

    def _graded(self, names: tuple[str, ...], answers: tuple[str, ...]) -> Graded:
        case = Case("", "", "", answers or ("",))
        verdict = self.judge.judge_names(case, names, Reading.LIST, "")
        links = [each.link for each in verdict.predictions]
        unlinked = sum(link.id is None and not link.among for link in links)
        meant = tuple([link.id or link.name for link in links])
        return Graded(verdict.predictions, verdict.gold, unlinked, len(names) - len(links), meant)


@lru_cache(maxsize=4)
def grader_for(root: Path) -> Grader:
    """The grader over a data directory, loaded once a process."""
    return Grader(judge_for(root))
