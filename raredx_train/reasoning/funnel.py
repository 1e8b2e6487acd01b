"""What became of every case: the funnel from cases to kept traces, rates by rarity, costs, and what a bad teacher shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from raredx_bench.metrics import mean_estimates
from raredx_bench.naming import plain
from raredx_bench.prices import Price
from raredx_train.reasoning.masking import source_of
from raredx_train.reasoning.reflection import Attempt, Call, Outcome, State

RARITY = "prevalence"  # the stratum
MANY = 20  # answers from which a pattern is a pattern
MOST = 0.5  # share of answers that makes one


@dataclass
class Funnel:
    """Counted case by case; `document` says it all."""

    cases: int = 0
    sources: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    rarity: dict[str, list[tuple[str, State]]] = field(default_factory=lambda: defaultdict(list))
    _empty: int = 0
    _listless: int = 0
    _lists: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _copied: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one case."""
        self.cases += 1
        self.sources.add(source_of(outcome.case.id))
        self.states[outcome.state.value] += 1
        self.rarity[outcome.case.strata.get(RARITY, "not known")].append((outcome.case.group, outcome.state))
        said = plain(outcome.case.presentation)
        for attempt in outcome.attempts:
            self._attempt(attempt, said)

    def _attempt(self, attempt: Attempt, said: str) -> None:
        call, trace = attempt.call.value, attempt.trace
        self.calls[call] += 1
        self.right[call] += attempt.rank is not None
        self.kept[call] += attempt.kept
        self.faults.update(attempt.faults)
        for name in ("prompt_tokens", "completion_tokens"):
            count = getattr(attempt.note, name)
            self.tokens[name] += count or 0
            self.tokens["counted"] += count is not None and name == "completion_tokens"
        if attempt.call is Call.FIRST:
            self._empty += not trace.think.strip() and not trace.names
            self._listless += not trace.names
            self._lists[trace.names] += bool(trace.names)
            self._copied += bool(said) and (said in plain(trace.think) or any(said in plain(each) for each in trace.names))

    def symptoms(self) -> list[str]:
        """What is wrong with the teacher, in sentences; nothing where nothing shows."""
        first = self.calls[Call.FIRST.value]
        if first < MANY:
            return []
        same = max(self._lists.values(), default=0)
        found = [
            (self._empty, "are empty: look at the teacher's settings and at its replies"),
            (self._listless - self._empty, "hold no ranked list: look at how the teacher answers the prompt"),
            (same if self.cases >= MANY else 0, "are the same list for different cases: the teacher doesn't read the case"),
            (self._copied, "repeat the case's text: the teacher copies"),
        ]
        said = [f"{count:,} of {first:,} first answers {what}" for count, what in found if count > MOST * first]
        if not sum(self.kept.values()):
            said.append(f"no trace was kept: of {self.cases:,} cases "
                        f"{', '.join(f'{count:,} {state}' for state, count in self.states.most_common())}")  # fmt: skip
        return said

    def document(self, price: Price | None = None) -> dict[str, Any]:
        """Everything that was counted, for JSON."""
        asked = sum(self.calls.values())
        return {
            "patients": len(self.sources),
            "cases with masked forms": self.cases,
            "calls": dict(self.calls),
            "right": dict(self.right),
            "kept": dict(self.kept),
            "cases by outcome": dict(self.states),
            "faults of right traces": dict(self.faults.most_common()),
            "traces per call": round(sum(self.kept.values()) / asked, 4) if asked else None,
            "prompt tokens": self.tokens["prompt_tokens"],
            "completion tokens": self.tokens["completion_tokens"],
            "calls with counted tokens": self.tokens["counted"],
            "price": None if price is None else {
                "value": round(price.of(self.tokens["prompt_tokens"], self.tokens["completion_tokens"]), 4),
                "currency": price.currency, "seen": price.seen, "source": price.source,
            },
            "covered by rarity": {level: covered(rows) for level, rows in sorted(self.rarity.items())},
            "symptoms": self.symptoms(),
        }  # fmt: skip


def covered(rows: Sequence[tuple[str, State]]) -> dict[str, Any]:
    """The share of cases with an accepted trace, with its interval over publications, and how many of them were reflected on."""
    import numpy as np

    values = {"covered": np.array([float(state in (State.SAMPLED, State.REFLECTED)) for _, state in rows])}
    estimate = mean_estimates(values, [group for group, _ in rows])["covered"]
    return {"n": estimate.n, "value": round(estimate.value, 4), "low": round(estimate.low, 4), "high": round(estimate.high, 4),
            "reflected": sum(state is State.REFLECTED for _, state in rows)}  # fmt: skip


def total(outcomes: Iterable[Outcome]) -> Funnel:
    """The funnel of all of them."""
    found = Funnel()
    for outcome in outcomes:
        found.add(outcome)
    return found


def stages(document: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The funnel's steps with what is left at each."""
    states, calls = document["cases by outcome"], document["calls"]
    reflected = document["right"].get(Call.REFLECTION.value, 0)
    return [
        ("cases, masked forms included", document["cases with masked forms"]),
        ("first answers", calls.get(Call.FIRST.value, 0)),
        ("first answers with the diagnosis", document["right"].get(Call.FIRST.value, 0)),
        ("cases solved by a first answer", states.get(State.SAMPLED.value, 0)),
        ("reflections", calls.get(Call.REFLECTION.value, 0)),
        ("reflections with the diagnosis", reflected),
        ("rewritings", calls.get(Call.REWRITING.value, 0)),
        ("rewritings that keep the diagnosis", document["right"].get(Call.REWRITING.value, 0)),
        ("cases solved by a reflection", states.get(State.REFLECTED.value, 0)),
        ("cases whose every right trace was filtered", states.get(State.FILTERED.value, 0)),
        ("cases never solved", states.get(State.FAILED.value, 0)),
        ("cases not asked, the budget was spent", states.get(State.UNASKED.value, 0)),
        ("accepted traces", sum(document["kept"].values())),
    ]
