"""Held-out questions: one right option among plausible ones that the facts rule out.

taught: the fact is stated by a training pair; the question has another of the wordings that pairs of its kind use, and its options
are whole answers as pairs give them. rephrased: the fact is stated by a training pair, the words are used by none. unseen: no
training pair states it, nor the same of a relative of the disease, nor a finding above or below it of the disease: a model can
know it from elsewhere or guess; the words are used by no pair either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Kind, draw, place
from raredx_train.knowledge.pairs import Pair, put
from raredx_train.knowledge.questions import Asked
from raredx_train.knowledge.templates import heldout_wordings, templates
from raredx_train.knowledge.withheld import REPHRASED, TAUGHT, UNSEEN
from raredx_train.knowledge.wrong import Wrong

WRONG = 4  # options beside the right one; a question with fewer than 3 isn't asked
LEAST = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice:
    """A held-out question. choices: what could complete it; answer: which of them does, from 0. part: as above.

    values: what each choice names, in the choices' order; the choice itself where that is all it says.
    """

    pair: Pair
    choices: tuple[str, ...]
    answer: int
    part: str
    values: tuple[str, ...]


class Examiner:
    """Makes held-out questions."""

    def __init__(self, base: Base, wrong: Wrong) -> None:
        self.base, self.wrong = base, wrong

    def choices(self, facts: Iterable[tuple[Fact, str]], taught: Collection[str], most: int) -> list[Choice]:
        """Up to so many questions of each part. taught: keys of the facts that training pairs state."""
        found: dict[str, list[Choice]] = {REPHRASED: [], UNSEEN: []}
        by_kind: dict[tuple[str, Kind], list[Fact]] = {}
        for fact, part in facts:
            by_kind.setdefault((part, fact.kind), []).append(fact)
        for part, kinds in ((part, [kind for each, kind in by_kind if each == part]) for part in found):
            queues = [iter(sorted(by_kind[part, kind], key=lambda each: place(self.base.seed, "ask", each.key))) for kind in kinds]
            for fact in in_turn(queues):
                if len(found[part]) >= most:
                    break
                fits = fact.key in taught if part == REPHRASED else fact.key not in taught and not self._follows(fact, taught)
                if fits and (choice := self._choice(fact, part)) is not None:
                    found[part].append(choice)
        return [*found[REPHRASED], *found[UNSEEN]]

    def _follows(self, fact: Fact, taught: Collection[str]) -> bool:
        """True when what is taught gives a fact away: the same of a relative, or a finding above or below it."""
        if not self.base.is_disease(fact.subject):
            return False
        near = {*self.base.relatives(fact.subject), *self.wrong.twins.get(fact.subject, ())}
        stated = [other for each in near for other in self.base.taught.of(each, fact.kind)
                  if other.key in taught]  # fmt: skip
        if fact.kind is not Kind.FINDING:
            return any(other.value == fact.value for other in stated)
        index = self.base.hpo.position[fact.value]
        indices = (self.base.hpo.position[other.value] for other in stated)
        return any(each in self.base.above[index] or index in self.base.above[each] for each in indices)

    def _choice(self, fact: Fact, part: str) -> Choice | None:
        wordings = heldout_wordings()[fact.kind]
        rng = draw(self.base.seed, "choice", fact.key)
        way = rng.choice(sorted(wordings))
        if way == "reverse" and self.base.is_disease(fact.subject) and not self.base.is_plainly_named(fact.subject):
            way = "forward"
        ids = (self.wrong.values(fact.kind, fact.subject, WRONG, rng) if way == "forward"
               else self.wrong.subjects(fact.kind, fact.subject, fact.value, WRONG, rng))  # fmt: skip
        wrong = list(dict.fromkeys(map(self.base.name, ids)))
        right = self.base.name(fact.value if way == "forward" else fact.subject)
        if len(wrong) < LEAST or right in wrong or (part == UNSEEN and _tells(self.base.name(fact.subject), fact, self.base)):
            return None
        options = [right, *wrong]
        rng.shuffle(options)
        question = rng.choice(wordings[way]).format(subject=self.base.name(fact.subject), value=self.base.name(fact.value))
        pair = Pair(question, right, f"{fact.kind}, {way}", fact.subject, fact.source, fact.record, (fact.key,))
        return Choice(pair, tuple(options), options.index(right), part, tuple(options))

    def familiar(self, questions: Iterable[Asked], pairs: Collection[Pair], most: int) -> list[Choice]:
        """Up to so many questions of the part taught, out of those that training pairs put; as even over kinds as they allow."""
        put_so = {pair.question for pair in pairs}
        by_kind: dict[str, list[Asked]] = {}
        for asked in questions:
            if len(asked.facts) == 1 and put(asked, self.base).question in put_so:
                by_kind.setdefault(asked.kind, []).append(asked)
        queues = [iter(sorted(each, key=lambda asked: place(self.base.seed, "taught", asked.facts[0].key)))
                  for _, each in sorted(by_kind.items())]  # fmt: skip
        found = (choice for asked in in_turn(queues) if (choice := self._familiar(asked, put_so)) is not None)
        return list(islice(found, most))

    def _familiar(self, asked: Asked, put_so: Collection[str]) -> Choice | None:
        (fact,), template, values = asked.facts, templates()[asked.kind], dict(asked.values)
        field = next((name for name, text in values.items() if template.is_answer(name, asked.form)
                      and text in (self.base.name(fact.value), self.base.name(fact.subject))), None)  # fmt: skip
        if field is None:
            return None
        right, rng = values[field], draw(self.base.seed, "familiar", fact.key)
        wordings = [each for each in template.asked(values) if each not in put_so]
        ids = (self.wrong.values(fact.kind, fact.subject, WRONG, rng) if right == self.base.name(fact.value)
               else self.wrong.subjects(fact.kind, fact.subject, fact.value, WRONG, rng))  # fmt: skip
        wrong = [each for each in dict.fromkeys(map(self.base.name, ids)) if each != right]
        if not wordings or len(wrong) < LEAST:
            return None
        options = [right, *wrong]
        rng.shuffle(options)
        choices = tuple(template.answered({**values, field: each}, asked.form) for each in options)
        answer = options.index(right)
        pair = Pair(rng.choice(wordings), choices[answer], asked.kind, asked.subject, fact.source, fact.record, (fact.key,))
        return Choice(pair, choices, answer, TAUGHT, tuple(options))


def in_turn(queues: Sequence[Iterator[T]]) -> Iterator[T]:
    """One of each queue after another until all are empty."""
    left: Mapping[int, Iterator[T]] = dict(enumerate(queues))
    while left:
        going = {}
        for at, queue in left.items():
            one = next(queue, None)
            if one is not None:
                going[at] = queue
                yield one
        left = going


def _tells(subject: str, fact: Fact, base: Base) -> bool:
    """True when a disease's own name gives a value away: "X, autosomal recessive", "infantile X", "STXBP1 encephalopathy"."""
    if not base.is_disease(fact.subject):
        return False
    words = set(plain(subject).split())
    return any(len(word) > 3 and any(word[:6] == each[:6] for each in words) for word in plain(base.name(fact.value)).split())
