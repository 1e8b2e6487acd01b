"""Questions -> pairs of question and answer: balanced over kinds and diseases, put in words, without repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import place
from raredx_train.knowledge.questions import Asked
from raredx_train.knowledge.templates import templates


@dataclass(frozen=True, slots=True)
class Pair:
    """One question and its answer. subject: the disease or finding it is about; facts: keys of the facts it states."""

    question: str
    answer: str
    kind: str
    subject: str
    source: str
    record: str
    facts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that stand for kind, question and answer."""
        return blake2b(f"{self.kind}|{self.question}|{self.answer}".encode(), digest_size=8).hexdigest()


def put(asked: Asked, base: Base) -> Pair:
    """A question in words. Raises KeyError when its template wants a field that it doesn't have."""
    facts = asked.facts or asked.grounds
    key = (base.seed, asked.kind, asked.form, asked.subject, *sorted(asked.values.items()))
    question, answer = templates()[asked.kind].rendered(asked.values, asked.form, *key)
    return Pair(
        question, answer, asked.kind, asked.subject,
        source="; ".join(dict.fromkeys(fact.source for fact in facts)),
        record="; ".join(dict.fromkeys(fact.record for fact in facts)),
        facts=tuple(fact.key for fact in asked.facts),
    )  # fmt: skip


def without_repeats(pairs: Iterable[Pair], gone: Counter[str]) -> list[Pair]:
    """The first pair of each question, letter case and punctuation aside; an empty question or answer goes as well, counted."""
    seen: set[str] = set()
    kept = []
    for pair in pairs:
        key = plain.__wrapped__(pair.question)
        if not key or not pair.answer.strip():
            gone["empty question or answer"] += 1
        elif key in seen:
            gone["repeated question"] += 1
        else:
            seen.add(key)
            kept.append(pair)
    return kept


def balanced(questions: Sequence[Asked], wanted: int, per_subject: int, seed: int) -> list[Asked]:
    """Up to so many questions: first one for every disease, of its scarcest kind, then as even over kinds as they allow.

    No subject gets more than per_subject. What is taken and its order follow from the seed: the order is a shuffle.
    """
    order = sorted(range(len(questions)), key=lambda at: place(seed, "order", questions[at].kind, questions[at].subject, at))
    by_kind: dict[str, list[int]] = {}
    for at in order:
        by_kind.setdefault(questions[at].kind, []).append(at)
    first: dict[str, int] = {}
    for kind in sorted(by_kind, key=lambda each: (len(by_kind[each]), each)):
        for at in by_kind[kind]:
            if not questions[at].subject.startswith("HP:"):
                first.setdefault(questions[at].subject, at)
    taken = dict.fromkeys(sorted(first.values(), key=lambda at: place(seed, "first", questions[at].subject))[:wanted])
    subjects = Counter(questions[at].subject for at in taken)
    kinds = Counter(questions[at].kind for at in taken)
    for left, kind in zip(range(len(by_kind), 0, -1), sorted(by_kind, key=lambda each: (len(by_kind[each]), each)), strict=True):
        quota = kinds[kind] + (wanted - len(taken)) // left
        for at in sorted(by_kind[kind], key=lambda at: subjects[questions[at].subject]):
            if kinds[kind] >= quota:
                break
            if at not in taken and subjects[questions[at].subject] < per_subject:
                taken[at] = None
                subjects[questions[at].subject] += 1
                kinds[kind] += 1
    return [questions[at] for at in sorted(taken, key=lambda at: place(seed, "shuffle", at))]
