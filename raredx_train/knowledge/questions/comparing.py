"""Questions about two similar diseases: what they share, what tells one from the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Kind, draw, sample
from raredx_train.knowledge.questions.asked import Asked
from raredx_train.knowledge.templates import listed
from raredx_train.knowledge.wrong import Wrong

MOST = 5
NAMED = 4  # diseases in a differential
TELLING = 2.5  # information content of a finding that tells two diseases apart: at most one disease in twelve has it


class Comparing:
    """Questions about a disease and those most like it. What tells two apart is surely not recorded in the other."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong

    def of_disease(self, base: Base, disease: str) -> Iterator[Asked]:
        """Comparisons with the likest diseases."""
        others = [each for each in self.wrong.near(disease) if base.name(each) != base.name(disease)]
        if not others:
            return
        found = base.taught.of(disease, Kind.FINDING)
        shared = {other: _shared(base, found, other) for other in others}
        close = [other for other in others if len(shared[other]) >= 2]
        if len(close) >= 2:
            facts = tuple(dict.fromkeys(fact for other in close[:NAMED] for fact in shared[other]))
            yield Asked("resembling", disease, {"disease": base.name(disease), "others": listed(
                [f"{base.name(other)} (both: {', '.join(base.names(shared[other][:2]))})" for other in close[:NAMED]])},
                facts)  # fmt: skip
        for other in others[:2]:
            yield from self._pair(base, disease, other, found, shared[other])

    def _pair(self, base: Base, disease: str, other: str, found: Sequence[Fact], shared: Sequence[Fact]) -> Iterator[Asked]:
        rng = draw(base.seed, "pair", disease, other)
        names = {"disease": base.name(disease), "other": base.name(other)}
        told = [fact for fact in found if base.content(fact.value) >= TELLING]
        apart = [fact for fact in told if self.wrong.is_wrong(Kind.FINDING, other, fact.value)]
        if apart:
            facts = sample(rng, apart, MOST)
            yield Asked("distinguish", disease, {**names, "findings": listed(base.names(facts))}, tuple(facts))
        if len(shared) > 1:
            facts = sample(rng, shared, MOST)
            yield Asked("shared_findings", disease, {**names, "findings": listed(base.names(facts))}, tuple(facts))
        if apart and shared:
            facts = [*sample(rng, shared, 2), rng.choice(apart)]
            first, second = rng.sample([base.name(disease), base.name(other)], 2)
            names |= {"first": first, "second": second, "findings_apart": base.name(facts[-1].value)}
            yield Asked("which_of_two", disease, {**names, "findings": listed(base.names(facts))}, tuple(facts))


def _shared(base: Base, found: Sequence[Fact], other: str) -> list[Fact]:
    """The findings that another disease is recorded with as well, in what is taught, the most telling first."""
    theirs = set(base.taught.values(other, Kind.FINDING))
    return sorted((fact for fact in found if fact.value in theirs), key=lambda each: -base.content(each.value))
