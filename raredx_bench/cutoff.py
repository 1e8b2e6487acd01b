"""Verdicts of dated cases -> estimates on those published before and after a model's knowledge cut-off.

A model can have read a case that was published before its cut-off; it can't have read one published after.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from raredx_bench.domain import Case, Estimate, UsageError, Verdict
from raredx_bench.metrics import estimates
from raredx_bench.splits import is_after

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class BeforeAfter:
    """Estimates on either side of a cut-off, each empty where no case lies there. undated: cases without a date, in neither."""

    cutoff: str
    before: Mapping[str, Estimate]
    after: Mapping[str, Estimate]
    undated: int


def before_and_after(verdicts: Sequence[Verdict], cases: Sequence[Case], cutoff: str) -> BeforeAfter:
    """The estimates before and after a year, month or date (ISO 8601) of cut-off, which itself still counts as known.

    A case is after only when all of its year, month or day of publication is; any other dated one is before, for a model may have
    read it. Raises UsageError for a cut-off that is no date.
    """
    if not _DATE.fullmatch(cutoff):
        raise UsageError(f"a knowledge cut-off is a year, a month or a date (2024-06), not {cutoff!r}")
    published = {case.id: case.published for case in cases}
    dated = [verdict for verdict in verdicts if published[verdict.case_id]]
    after = [verdict for verdict in dated if is_after(published[verdict.case_id], cutoff)]
    inside = {verdict.case_id for verdict in after}
    before = [verdict for verdict in dated if verdict.case_id not in inside]
    return BeforeAfter(cutoff, _estimates(before), _estimates(after), len(verdicts) - len(dated))


def _estimates(verdicts: Sequence[Verdict]) -> Mapping[str, Estimate]:
    return estimates(verdicts) if verdicts else {}
