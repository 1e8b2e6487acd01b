"""RERS: cases -> traces that end in the diagnosis, sampled from a teacher, or reflected on after a failure.

For every case samples are asked until enough are accepted: the judge finds the diagnosis at the first ranks, and the constraint
finds no fault in the reasoning. A case without one goes into rounds of reflection: the teacher reads its failed reasoning with K
(records for the case and for what it named) and E (other diagnosers' lists). An accepted reflection is rewritten as forward
reasoning, and judged and filtered like any other. The diagnosis itself is known to the judge alone: no prompt is made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from raredx_bench.domain import Case, Note, Reading, Relation
from raredx_bench.judging import Judge
from raredx_train.generate import Generator, Sample
from raredx_train.knowledge.base import Base
from raredx_train.reasoning import asking, records
from raredx_train.reasoning.constraint import Constraint
from raredx_train.reasoning.experts import Expert
from raredx_train.reasoning.retrieval import Retriever
from raredx_train.reasoning.settings import Rers
from raredx_train.reasoning.trace import Trace, trace_of

Told = Callable[[int, int, str], None]  # (done, of how many, what is done)
FLIGHT = 4096  # cases that are in work at once, unless calls are budgeted


class Call(StrEnum):
    """What the teacher was asked."""

    FIRST = "first answer"
    REFLECTION = "reflection"
    REWRITING = "rewriting"


class State(StrEnum):
    """What became of a case."""

    SAMPLED = "sampled"  # a first answer was accepted
    REFLECTED = "reflected"  # a reflection was accepted and written down
    FILTERED = "filtered"  # the diagnosis was found, and every trace that found it had a fault
    FAILED = "failed"  # it was never found
    UNASKED = "not asked"  # the budget was spent before


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of the teacher on a case.

    round: 0 for first answers. rank: of the diagnosis in its list, None: not in it. faults: kinds of what the constraint found,
    looked for in right answers alone. kept: it is in the corpus, unless that is too full.
    """

    call: Call
    round: int
    trace: Trace
    rank: int | None
    faults: tuple[str, ...]
    note: Note
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case with everything that was asked of it, in order."""

    case: Case
    attempts: tuple[Attempt, ...]
    state: State

    @property
    def kept(self) -> tuple[Attempt, ...]:
        """The accepted traces."""
        return tuple(each for each in self.attempts if each.kept)

    @property
    def pass_rate(self) -> float:
        """Share of the first answers with the diagnosis at an accepted rank, 0 to 1; 0 where none was asked."""
        first = [each for each in self.attempts if each.call is Call.FIRST]
        return sum(each.rank is not None for each in first) / len(first) if first else 0.0


@dataclass(eq=False)
class _Work:
    """A case while it is worked on."""

    case: Case
    attempts: list[Attempt] = field(default_factory=list)
    accepted: int = 0
    wrong: Trace | None = None  # the last trace that missed the diagnosis
    opinions: str | None = None

    @property
    def state(self) -> State:
        """What became of it so far."""
        if not self.attempts:
            return State.UNASKED
        if kept := [each.round for each in self.attempts if each.kept]:
            return State.REFLECTED if all(kept) else State.SAMPLED
        return State.FILTERED if any(each.rank is not None for each in self.attempts) else State.FAILED


@dataclass(frozen=True)
class Panel:
    """Who is asked and who decides. retriever None: there is no K; constraint None: nothing is filtered."""

    base: Base
    judge: Judge
    teacher: Generator
    retriever: Retriever | None
    experts: Sequence[Expert]
    constraint: Constraint | None


class Reflection:
    """Runs cases through sampling and reflection. calls: of the teacher so far, the kept ones of an earlier run included."""

    def __init__(self, rers: Rers, panel: Panel, told: Told = lambda done, total, said: None) -> None:
        self.rers, self.panel, self.told = rers, panel, told
        self.calls = 0

    def run(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """The outcome of each case, in their order. Raises RunIncomplete when the teacher can't be asked now.

        Under a budget all cases are in work at once: the first of them would else be asked again and again with calls that the
        last have not had once.
        """
        flight = max(1, len(cases)) if self.rers.budget else FLIGHT
        for start in range(0, len(cases), flight):
            works = [_Work(case) for case in cases[start : start + flight]]
            self._sample(works)
            for number in range(1, self.rers.rounds + 1):
                self._reflect([work for work in works if not work.accepted and work.wrong is not None], number)
            yield from (Outcome(work.case, tuple(work.attempts), work.state) for work in works)
            self.told(min(start + flight, len(cases)), len(cases), "cases")

    def _sample(self, works: Sequence[_Work]) -> None:
        """First answers, `together` at a time, until enough are accepted."""
        rers = self.rers
        prompts: dict[str, asking.Messages] = {}
        for done in range(0, rers.samples, rers.together):
            each = min(rers.together, rers.samples - done)
            waiting = self._affordable([work for work in works if work.accepted < rers.per_case], each)
            for work in waiting:
                if work.case.id not in prompts:
                    prompts[work.case.id] = self._first(work.case)
            answers = self._ask([prompts[work.case.id] for work in waiting], done + each, each, f"first answers, from {done + 1}")
            right = self._noted(waiting, answers, Call.FIRST, 0)
            self._written(right, 0) if rers.knowledge_first and rers.rewrite else self._keep(right)

    def _first(self, case: Case) -> asking.Messages:
        known = self._known(case, ()) if self.rers.knowledge_first else ""
        return asking.diagnose(case.presentation, self.rers.asked, known)

    def _reflect(self, works: Sequence[_Work], number: int) -> None:
        """One round of reflection on cases without an accepted trace."""
        works = self._affordable(works, self.rers.reflections)
        self._consult([work for work in works if work.opinions is None])
        prompts = [reflection_prompt(work.case, work.wrong, self._named(work), work.opinions or "", self.rers.asked)
                   for work in works if work.wrong is not None]  # fmt: skip
        answers = self._ask(prompts, self.rers.reflections, self.rers.reflections, f"reflections, round {number}")
        right = self._noted(works, answers, Call.REFLECTION, number)
        self._written(right, number) if self.rers.rewrite else self._keep(right)

    def _named(self, work: _Work) -> str:
        """K for a failure: records for the case and for the diseases that its reasoning named."""
        assert work.wrong is not None
        links = (self.panel.judge.linker.link(name) for name in work.wrong.names)
        return self._known(work.case, [link.id for link in links if link.id is not None])

    def _known(self, case: Case, candidates: Sequence[str]) -> str:
        if self.panel.retriever is None:
            return ""
        found = self.panel.retriever.for_case(case, candidates, self.rers.records, self.rers.patients)
        return records.shown(found, self.panel.base)

    def _consult(self, works: Sequence[_Work]) -> None:
        lists = {expert.name: expert.differentials([work.case for work in works]) for expert in self.panel.experts}
        for at, work in enumerate(works):
            work.opinions = asking.opinions({name: each[at] for name, each in lists.items()})

    def _written(self, right: Sequence[tuple[_Work, Attempt]], number: int) -> None:
        """Accepted answers as forward reasoning; kept when they are still right and without fault."""
        right = right[: max(0, self._left())]
        prompts = [asking.rewrite(work.case.presentation, self.rers.asked, attempt.trace.said) for work, attempt in right]
        answers = self._ask(prompts, 1, 1, "rewritings")
        self._keep(self._noted([work for work, _ in right], answers, Call.REWRITING, number))

    def _ask(self, prompts: Sequence[asking.Messages], upto: int, last: int, said: str) -> list[list[Sample]]:
        """The last samples of so many for each prompt."""
        self.calls += len(prompts) * last
        if not prompts:
            return []
        found = self.panel.teacher.generate(prompts, upto, lambda done, total: self.told(done, total, said))
        return [samples[-last:] for samples in found]

    def _noted(
        self, works: Sequence[_Work], answers: Sequence[Sequence[Sample]], call: Call, number: int
    ) -> list[tuple[_Work, Attempt]]:  # fmt: skip
        """Judge and note every answer; the right ones, with their cases."""
        right = []
        for work, samples in zip(works, answers, strict=True):
            for sample in samples:
                attempt = self._judged(work.case, trace_of(sample, self.rers.asked), call, number, sample.note)
                work.attempts.append(attempt)
                if attempt.rank is not None:
                    right.append((work, attempt))
                elif work.wrong is None or (attempt.trace.names and call is not Call.REWRITING):
                    work.wrong = attempt.trace
        return right

    def _judged(self, case: Case, trace: Trace, call: Call, number: int, note: Note) -> Attempt:
        rank = self.panel.judge.judge_names(case, trace.names, Reading.LIST, "trace").rank(Relation.EXACT)
        rank = rank if rank is not None and rank <= self.rers.accept else None
        drafted = call is Call.REFLECTION and self.rers.rewrite  # what is rewritten need not be free of K and E yet
        check = rank is not None and self.panel.constraint is not None and not drafted
        faults = self.panel.constraint.faults(trace, case) if check and self.panel.constraint else []
        return Attempt(call, number, trace, rank, tuple(dict.fromkeys(each.kind.value for each in faults)), note)

    def _keep(self, right: Sequence[tuple[_Work, Attempt]]) -> None:
        """Mark the right answers that have no fault."""
        for work, attempt in right:
            if not attempt.faults:
                at = next(place for place, each in enumerate(work.attempts) if each is attempt)
                work.attempts[at] = replace(attempt, kept=True)
                work.accepted += 1

    def _affordable(self, works: Sequence[_Work], each: int) -> list[_Work]:
        """The first of the cases that the budget has calls for."""
        return list(works[: max(0, self._left() // each)])

    def _left(self) -> int:
        return self.rers.budget - self.calls if self.rers.budget else 1 << 60


def reflection_prompt(case: Case, wrong: Trace, known: str, opinions: str, asked: int) -> asking.Messages:
    """What a teacher is shown of its failure; of the case, its presentation alone."""
    return asking.reflect(case.presentation, asked, wrong.said, known, opinions)
