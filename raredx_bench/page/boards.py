"""Entries -> boards: a table of those whose signatures say that they can be compared, best first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.comparing import comparable, rank_ranges
from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, UsageError
from raredx_bench.leaderboard import Entry
from raredx_bench.naming import slug_of
from raredx_bench.page.figures import amount, costs_of, currency_of, is_web, unique_slug
from raredx_bench.tasks import Task, all_tasks, task_named


@dataclass(frozen=True)
class Row:
    """One entry as a row. rank: the places it may hold, from 1, as far as paired differences are significant; None: not ranked.

    state: what verification said of it ("verified", "differs", "not checked"); "" where it wasn't run.
    """

    entry: Entry
    rank: tuple[int, int] | None = None
    state: str = ""

    @cached_property
    def slug(self) -> str:
        """The row as part of a file's name and of an address."""
        return unique_slug(f"{self.entry.benchmark}/{self.entry.name}")

    @cached_property
    def model_slug(self) -> str:
        """Its model's page, without the ending."""
        return unique_slug(self.entry.model)

    @property
    def document(self) -> Mapping[str, Any]:
        """entry.json."""
        return self.entry.document

    @property
    def estimates(self) -> Mapping[str, Mapping[str, float]]:
        """Measure -> value, low, high, n; rates as fractions."""
        found: Mapping[str, Mapping[str, float]] = self.document["estimates"]
        return found

    @property
    def kind(self) -> str:
        """What type of model it is (hf, http, predictions, …); "" where its card doesn't say."""
        return str(((self.document["model"].get("card")) or {}).get("type") or "")

    @property
    def failed(self) -> int:
        """Answers that held no list; all of them are misses."""
        return int(self.document.get("counts", {}).get("unparsed", 0))

    @cached_property
    def costs(self) -> dict[str, float]:
        """What is known of the cost of one case."""
        return costs_of(self.document.get("cost") or {})

    @property
    def currency(self) -> str:
        """Of the price; "" where there is none."""
        return currency_of(self.document.get("cost") or {})

    @property
    def cost_said(self) -> str:
        """What one case cost, in words."""
        units = {"price": self.currency, "tokens": "tokens", "seconds": "s"}
        return "; ".join(f"{amount(value)} {units[name]}" for name, value in self.costs.items()) or "not known"

    @property
    def training(self) -> Mapping[str, Any]:
        """What is stated of its training data; empty where nothing is."""
        return self.document.get("training") or {}

    @property
    def links(self) -> list[str]:
        """Web addresses of the entry, whatever else it lists."""
        return [each for each in self.document.get("links") or () if is_web(str(each))]


@dataclass(frozen=True)
class Board:
    """Comparable entries. rows: those that stand, best first. base: the benchmark without its variant.

    published: how many cases its publication counts; None: not known.
    """

    name: str
    signature: str
    rows: tuple[Row, ...]
    base: str
    published: int | None

    @cached_property
    def slug(self) -> str:
        """The board as part of a file's name and of an address."""
        return f"{slug_of(self.name)[:48]}-{digest_of([self.signature])[:8]}"

    @property
    def n(self) -> int:
        """Cases."""
        return int(self.rows[0].document["n"])

    @property
    def size(self) -> int:
        """Entries."""
        return len(self.rows)

    @property
    def verified(self) -> bool:
        """Every row was."""
        return all(row.state == "verified" for row in self.rows)

    @property
    def covered(self) -> str:
        """How many cases, and of how many published ones where that is known."""
        some = self.published is not None and self.n != self.published
        return f"{self.n:,} of {self.published:,} published cases" if some else f"{self.n:,} cases"

    @property
    def facts(self) -> dict[str, str]:
        """What the rows share, for people: the parts of the signature by name."""
        named = (part.partition(":") for part in self.signature.split("|")[1:] if ":" in part)
        found: dict[str, str] = {}
        for name, _, value in named:
            found.setdefault(name, value)
        return found


def boards_of(entries: Iterable[Entry], states: Mapping[str, str] = MappingProxyType({})) -> list[Board]:
    """A board per set of comparable entries that stand: by name and signature. states: of entries, by name."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if not entry.withdrawn:
            groups.setdefault((entry.benchmark, comparable(entry.signature)), []).append(entry)
    return [_board(*key, groups[key], states) for key in sorted(groups)]


def _board(name: str, signature: str, entries: Sequence[Entry], states: Mapping[str, str]) -> Board:
    best = sorted(entries, key=lambda each: (-_value(each, "recall@1"), -_value(each, "recall@10"), each.name))
    task = task_of(name)
    rows = [Row(entry, state=states.get(entry.name, "")) for entry in best]
    ranges = _ranges(best)
    return Board(
        name=name,
        signature=signature,
        rows=tuple(replace(row, rank=place) for row, place in zip(rows, ranges, strict=True)),
        base=base_of(name),
        published=BENCHMARKS[task.base].published if task and task.base in BENCHMARKS else None,
    )


def task_of(name: str) -> Task | None:
    """The task of this name, variants too; None: there is none here."""
    try:
        return task_named(name)
    except UsageError:
        return None


def base_of(name: str) -> str:
    """The benchmark of a task, without its variant."""
    task = task_of(name)
    return task.base if task else name.partition("@")[0]


def title_of(name: str) -> str:
    """What a benchmark holds, for people; "" for one that isn't a task of ours."""
    known = all_tasks()
    return str(known[name].metadata.get("title", "")) if name in known else ""


def _value(entry: Entry, measure: str) -> float:
    return float(entry.document["estimates"][measure]["value"])


def _ranges(entries: Sequence[Entry]) -> list[tuple[int, int] | None]:
    """The places that each entry may hold by recall@1; None for all where their verdicts can't be laid side by side."""
    try:
        ranks = [entry.ranks() for entry in entries]
    except BadInput:
        return [None] * len(entries)
    first = ranks[0]
    orders = [np.argsort(each.case_ids, kind="stable") for each in ranks]
    ids = first.case_ids[orders[0]]
    if any(not np.array_equal(each.case_ids[order], ids) for each, order in zip(ranks, orders, strict=True)):
        return [None] * len(entries)
    hits = np.stack([each.exact[order] <= 1 for each, order in zip(ranks, orders, strict=True)])
    return list(rank_ranges(hits, first.groups[orders[0]].tolist()))
