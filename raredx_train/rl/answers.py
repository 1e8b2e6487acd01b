"""Completions -> what was answered, by the benchmark's own parser and judge; many answers -> figures. No tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from raredx_bench.domain import Case, Reading, Relation
from raredx_bench.judging import Judge
from raredx_bench.naming import plain
from raredx_train.curriculum import FINAL


@dataclass(frozen=True, slots=True)
class Answer:
    """One completion. rank: of the diagnosis, from 1, None: it is not in the list. names: what each name means, ids where it links.

    unlinked: names that mean no known disease. whole: it ended by itself. rewards: by part, None where a part doesn't apply.
    """

    case: str
    task: str
    rank: int | None
    names: tuple[str, ...]
    unlinked: int
    tokens: int
    whole: bool
    rewards: tuple[float | None, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it is right under its task: the diagnosis first, or anywhere in the list."""
        return self.rank == 1 if self.task == FINAL else self.rank is not None


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1 of completions, but at_n of cases: those with one such completion among n at least.

    first: the diagnosis is the first name; listed: it is in the list; passed: right under the task. tokens: mean length; cut: not
    ended by itself; named: names in a list; unlinked: share of them that mean no known disease; unread: without any name.
    diversity: 1 less the mean overlap (Jaccard) of the lists of one case and of another one, half the cases further on by id.
    """

    n: int
    first: float
    first_at_n: float
    listed: float
    listed_at_n: float
    passed: float
    passed_at_n: float
    tokens: float
    cut: float
    named: float
    unlinked: float
    unread: float
    diversity: float

    def as_document(self) -> dict[str, float]:
        """The figures under the names that logs use."""
        names = {"first": "recall@1", "listed": "recall@10", "passed": "pass@1", "tokens": "length", "named": "names",
                 "first_at_n": f"recall@1 of {self.n}", "listed_at_n": f"recall@10 of {self.n}",
                 "passed_at_n": f"pass@{self.n}"}  # fmt: skip
        found = {names.get(name, name): value for name, value in asdict(self).items() if name != "n"}
        return {name: value for name, value in found.items() if self.n > 1 or not name.endswith(" of 1")}


def read(judge: Judge, case: Case, task: str, text: str, tokens: int, *, whole: bool) -> Answer:
    """What a completion answers."""
    verdict = judge.judge(case, text)
    links = [each.link for each in verdict.predictions] if verdict.reading is Reading.LIST else []
    return Answer(
        case.id, task, verdict.rank(Relation.EXACT), tuple(link.id or plain(link.name) for link in links),
        sum(link.id is None and not link.among for link in links), tokens, whole,
    )  # fmt: skip


def by_case(answers: Sequence[Answer], most: int | None = None) -> dict[str, list[Answer]]:
    """The answers to each case, at most so many, cases in the order of their ids."""
    found: dict[str, list[Answer]] = {}
    for answer in answers:
        found.setdefault(answer.case, []).append(answer)
    return {case: found[case][:most] for case in sorted(found)}


def figures(answers: Sequence[Answer], n: int) -> Figures:
    """The figures of n answers to each of some cases, one case at least."""
    groups = by_case(answers, n)
    flat = [answer for group in groups.values() for answer in group]
    named = sum(len(answer.names) for answer in flat)

    def of(groups: Mapping[str, Sequence[Answer]], kind: str) -> tuple[float, float]:
        right = [[_is(kind, answer) for answer in group] for group in groups.values()]
        return fmean(each for group in right for each in group), fmean(map(any, right))

    return Figures(
        n, *of(groups, "first"), *of(groups, "listed"), *of(groups, "passed"), fmean(answer.tokens for answer in flat),
        fmean(not answer.whole for answer in flat), named / len(flat), sum(answer.unlinked for answer in flat) / max(1, named),
        fmean(not answer.names for answer in flat), 1 - fmean(_overlaps(list(groups.values()))),
    )  # fmt: skip


def _is(kind: str, answer: Answer) -> bool:
    return {"first": answer.rank == 1, "listed": answer.rank is not None, "passed": answer.right}[kind]


def _overlaps(groups: Sequence[Sequence[Answer]]) -> Iterator[float]:
    """How much of their names the answers to one case and to another share, 0 to 1; two without any are alike."""
    half = len(groups) // 2
    if not half:
        yield 0.0
    for one, other in zip(groups, groups[half:], strict=False):
        for left, right in zip(one, other, strict=False):
            names, others = set(left.names), set(right.names)
            yield len(names & others) / len(names | others) if names | others else 1.0
