"""Which part of a benchmark a case belongs to: the same for everybody, by hashes of ids alone.

1. Diseases held out. A tenth of all phenotypic series, and of the diseases outside of any, is held out by a hash of its id:
   unseen.txt and withheld.txt list the ids (benchmarks/held_out.py writes them; ids are only ever added). A case all of whose
   answers are in unseen.txt is `unseen`, in every benchmark. A case with another answer out of either list (a disease of two
   series, one of them held out) can only be `test`.
2. Everything else goes by its cohort, else its publication: `train` 70 %, `validation` 10 %, `test` 20 % of the hash's range.
3. No publication and no cohort crosses: a case leaves training when a case of its publication or cohort is in a later part, and
   validation when one is in `test` or `unseen`. Such cases belong to no part.

Beside the parts, `seen` is a piece of `train`: the cases of a quarter of its publications (by a hash) whose disease other
publications of train have, so that a model may be asked of new patients with diseases that it was trained on. Who reports on `seen`
must not have trained on it; raredx_train never does.

Under a new release of its benchmark a case can only leave training or validation for no part. A longer list of held-out diseases,
which comes with a new version of this package, can also make it `unseen` or `test`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from raredx_bench.domain import Case, UnknownName, UsageError

VERSION = "splits-1"
PARTS = ("train", "validation", "test", "unseen")  # in the order of rule 3
SEEN = "seen"
SMALL = (100, 300, 1000)  # sizes of the nested samples; the middle one is `small`
HELD_OUT = 0.1
SET_ASIDE = 0.25  # of the publications of train
_BOUNDS = ((0.7, "train"), (0.8, "validation"), (1.0, "test"))
_LAST = "-12-31"  # the end of a year or month that is all a date says; no month needs to have 31 days for the comparison
log = logging.getLogger("raredx")


def position(kind: str, key: str) -> float:
    """Where an id falls between 0 (included) and 1: the first 8 bytes of the SHA-256 of "<version>|<kind>|<id>"."""
    return int.from_bytes(hashlib.sha256(f"{VERSION}|{kind}|{key}".encode()).digest()[:8], "big") / 2**64


@lru_cache(maxsize=2)
def held_out(name: str) -> frozenset[str]:
    """The ids in a list, "unseen" or "withheld"."""
    text = resources.files("raredx_bench").joinpath(f"splits/{name}.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def parts(cases: Iterable[Case]) -> dict[str, str | None]:
    """Case id -> its part; None: it would cross. Rules 1 to 3 above; cases is a whole benchmark."""
    first = {}
    latest: dict[str, int] = {}
    units = {}
    for case in cases:
        first[case.id] = found = PARTS.index(_alone(case))
        units[case.id] = (f"group|{case.group}", *([f"cohort|{case.cohort}"] if case.cohort else ()))
        for unit in units[case.id]:
            latest[unit] = max(found, latest.get(unit, 0))
    return {
        identifier: None if found < min(2, max(latest[unit] for unit in units[identifier])) else PARTS[found]
        for identifier, found in first.items()
    }


def set_aside(cases: Iterable[Case], known: Mapping[str, str | None] | None = None) -> frozenset[str]:
    """Ids of the cases of `seen`; cases is a whole benchmark, known: its parts, where they are known already."""
    every = tuple(cases)
    where = parts(every) if known is None else known
    trained = [case for case in every if where[case.id] == "train"]
    away = {case.group for case in trained if position(SEEN, case.group) < SET_ASIDE}
    left = {answer for case in trained if case.group not in away for answer in case.answers}
    met: dict[str, bool] = {}  # publication -> all its diseases are left in training
    for case in trained:
        if case.group in away:
            met[case.group] = met.get(case.group, True) and not left.isdisjoint(case.answers)
    return frozenset(case.id for case in trained if met.get(case.group))


def _alone(case: Case) -> str:
    """The part of a case by rules 1 and 2."""
    answers = [each for each in case.answers if not each.startswith("CCRD:")]
    unseen = held_out("unseen")
    if answers and all(each in unseen for each in answers):
        return "unseen"
    if any(each in unseen or each in held_out("withheld") for each in answers):
        return "test"
    where = position("unit", case.cohort or case.group)
    return next(part for bound, part in _BOUNDS if where < bound)


def marked(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases of a whole benchmark with two strata more: split, and whether training has a case of the same disease."""
    known = parts(cases)
    trained = {answer for case in cases if known[case.id] == "train" for answer in case.answers}
    return tuple(
        replace(case, strata={
            **case.strata,
            "split": known[case.id] or "none",
            "disease in training": "yes" if trained.intersection(case.answers) else "no",
        })
        for case in cases
    )  # fmt: skip


def selected(cases: Sequence[Case], selectors: Sequence[str]) -> tuple[Case, ...]:
    """The marked cases that selectors leave, in their order: a part's name, "seen", "after:<date>", "small" or "small:<size>".

    cases: a whole benchmark. Whatever their order, parts are taken first and samples last. Raises UnknownName for another selector,
    UsageError for a date that is none, for dates that the benchmark doesn't have, and when nothing is left.
    """
    left = tuple(cases)
    for selector in sorted(map(checked, selectors), key=_order):
        if selector == SEEN:
            away = set_aside(cases, {case.id: case.strata["split"] for case in cases})
            left = tuple(case for case in left if case.id in away)
        elif selector in PARTS:
            left = tuple(case for case in left if case.strata["split"] == selector)
        elif selector.startswith("after:"):
            left = _after(left, selector.removeprefix("after:"))
        else:
            left = _small(left, int(selector.removeprefix("small:")))
    if not left:
        raise UsageError(f"no case is left by {' and '.join(selectors)}: leave one out")
    return left


def checked(selector: str) -> str:
    """A selector in its full spelling. Raises UnknownName or UsageError for one that doesn't exist."""
    if selector == "small":
        return f"small:{SMALL[1]}"
    kind, _, value = selector.partition(":")
    if kind == "small" and value.isdigit() and int(value) in SMALL:
        return selector
    if kind == "after":
        if len(value) not in (4, 7, 10) or not value.replace("-", "").isdigit():
            raise UsageError(f"after: takes a year, a year and month, or a date (after:2024-06-30), not {value!r}")
        return selector
    if selector not in (*PARTS, SEEN):
        raise UnknownName("split", selector, [*PARTS, SEEN, "small", *(f"small:{size}" for size in SMALL), "after:<date>"])
    return selector


def _order(selector: str) -> int:
    return 2 if selector.startswith("small") else 1 if selector.startswith("after") else 0


def is_after(published: str, date: str) -> bool:
    """True when all of a day, month or year of publication lies after all of another; both as ISO 8601."""
    end = date + _LAST[len(date) - len("YYYY-MM-DD") :] if len(date) < len("YYYY-MM-DD") else date
    return published > end[: len(published)]


def _after(cases: tuple[Case, ...], date: str) -> tuple[Case, ...]:
    """Cases published after a date; one of which only the year or month is known counts when all of it lies after."""
    dated = [case for case in cases if case.published]
    if not dated:
        raise UsageError(
            f"the cases of {cases[0].benchmark if cases else 'this task'} carry no date of publication: leave out after:{date}"
        )
    if len(dated) < len(cases):
        log.warning("after:%s leaves out %d cases without a date of publication", date, len(cases) - len(dated))
    return tuple(case for case in dated if is_after(case.published, date))


def shuffled(cases: Iterable[Case]) -> list[Case]:
    """The cases in an order of their own, the same for everybody: by a hash of their ids."""
    return sorted(cases, key=lambda case: (position("small", case.id), case.id))


def _small(cases: tuple[Case, ...], size: int) -> tuple[Case, ...]:
    """The size cases whose ids' hashes come first: a smaller sample lies inside a larger one."""
    kept = {case.id for case in shuffled(cases)[:size]}
    return tuple(case for case in cases if case.id in kept)
