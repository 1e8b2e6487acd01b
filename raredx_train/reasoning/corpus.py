"""Outcomes -> RareDxCOT: examples in TRL's conversational format, each once, no disease too often, nothing of a held-out case.

The student is asked in the benchmark's own words and taught to answer with its thought and the ranked list. Balance: at most
per_disease examples of a disease, taken in turn from the difficulties; where the whole is limited, one disease after another.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from jinja2 import Environment

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.domain import Case
from raredx_bench.fingerprints import SHORTEST, Fingerprint, overlaps, words_of
from raredx_bench.ontology import Ontology
from raredx_bench.prompts import WORDINGS
from raredx_train.knowledge.facts import place
from raredx_train.reasoning.reflection import Attempt, Outcome
from raredx_train.reasoning.settings import Rers

DIFFICULTIES = ("easy", "medium", "hard")  # the first answer was right; a later one; a reflection


@dataclass(frozen=True, slots=True)
class Example:
    """One trace as the student learns it. disease: canonical id; group: the case's publication."""

    id: str
    case: Case
    disease: str
    difficulty: str
    attempt: Attempt
    question: str

    @property
    def answer(self) -> str:
        """Thought and list."""
        return self.attempt.trace.text


def examples(outcomes: Iterable[Outcome], rers: Rers, ontology: Ontology) -> Iterator[Example]:
    """An example for each accepted trace that `keep` chooses."""
    render = Environment(autoescape=False, keep_trailing_newline=True).from_string(WORDINGS[rers.wording - 1]).render
    for outcome in outcomes:
        question = render(asked=BENCHMARKS[outcome.case.benchmark].asked, presentation=outcome.case.presentation)
        known = (ontology.canonical(answer) for answer in outcome.case.answers)
        disease = next((each for each in known if each is not None), outcome.case.answers[0])
        for attempt in chosen(outcome.kept, rers):
            name = hashlib.sha256(f"{outcome.case.id}\n{attempt.trace.text}".encode()).hexdigest()[:16]
            yield Example(f"cot-{name}", outcome.case, disease, difficulty(outcome, attempt), attempt, question)


def chosen(accepted: Sequence[Attempt], rers: Rers) -> list[Attempt]:
    """The accepted traces of one case that are kept: all, the shortest, or those that share fewest words with the ones before."""
    if rers.keep == "all":
        return list(accepted)[: rers.per_case]
    ranked = sorted(accepted, key=lambda each: (len(each.trace.think.split()), each.trace.text))
    if rers.keep == "shortest":
        return ranked[: rers.per_case]
    found = ranked[:1]
    while len(found) < min(rers.per_case, len(ranked)):
        rest = [each for each in ranked if each not in found]
        found.append(min(rest, key=lambda each: max(_shared(each, other) for other in found)))
    return found


def _shared(one: Attempt, other: Attempt) -> float:
    """Jaccard of the words of two thoughts, 0 to 1."""
    a, b = set(words_of(one.trace.think)), set(words_of(other.trace.think))
    return len(a & b) / max(1, len(a | b))


def difficulty(outcome: Outcome, attempt: Attempt) -> str:
    """How hard a case was for the teacher."""
    if attempt.round:
        return DIFFICULTIES[2]
    return DIFFICULTIES[0] if outcome.attempts[0].rank is not None else DIFFICULTIES[1]


def without_repeats(found: Iterable[Example], gone: Counter[str]) -> Iterator[Example]:
    """The examples whose question and thought, and whose thought by itself, nobody had before."""
    met: set[str] = set()
    for each in found:
        thought = " ".join(words_of(each.attempt.trace.think))
        key = hashlib.sha256(f"{each.disease}\n{thought}".encode()).hexdigest()
        if key in met:
            gone["trace that says the same as another one of its disease"] += 1
        else:
            met.add(key)
            yield each


def unleaked(
    found: Sequence[Example], known: Sequence[Fingerprint], held: frozenset[str], gone: Counter[str]
) -> list[Example]:  # fmt: skip
    """The examples that overlap no held-out case and are not of a disease that is held out. held: canonical ids."""
    allowed = []
    for each in found:
        if each.disease in held:
            gone["trace of a disease that is held out"] += 1
        else:
            allowed.append(each)
    exact = {each.sha256 for each in known if each.words < SHORTEST}
    texts = [(at, text) for at, each in enumerate(allowed) for text in (each.case.presentation, each.attempt.trace.think)
             if exact or len(words_of(text)) >= SHORTEST]  # fmt: skip
    bad = {texts[match.text][0] for match in overlaps(known, (text for _, text in texts))}
    gone["trace that overlaps a held-out case"] += len(bad)
    return [each for at, each in enumerate(allowed) if at not in bad]


def balanced(found: Sequence[Example], rers: Rers, gone: Counter[str]) -> list[Example]:
    """At most per_disease examples of each disease and `size` in all, in an order of the seed."""
    by: dict[str, dict[str, list[Example]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(found, key=lambda each: place(rers.seed, "example", each.id)):
        by[each.disease][each.difficulty].append(each)
    turns = {disease: _in_turn(list(parts.values()))[: rers.per_disease or None] for disease, parts in sorted(by.items())}
    kept = _in_turn([turns[disease] for disease in sorted(turns, key=lambda each: place(rers.seed, "disease", each))])
    gone["trace beyond per_disease"] += len(found) - len(kept)
    wanted = kept[: rers.size or None]
    gone["trace beyond size"] += len(kept) - len(wanted)
    return sorted(wanted, key=lambda each: place(rers.seed, "order", each.id))


def _in_turn(lists: Sequence[Sequence[Example]]) -> list[Example]:
    """The first of each list, then the second of each, …"""
    return [each for turn in zip_longest(*lists) for each in turn if each is not None]


def row(example: Example) -> dict[str, Any]:
    """An example as the corpus file has it."""
    attempt = example.attempt
    return {
        "prompt": [{"role": "user", "content": example.question}],
        "completion": [{"role": "assistant", "content": example.answer}],
        "id": example.id,
        "case": example.case.id,
        "disease": example.disease,
        "difficulty": example.difficulty,
        "lacks": example.case.strata.get("lacks", ""),
        "call": attempt.call.value,
        "round": attempt.round,
        "rank": attempt.rank,
    }
