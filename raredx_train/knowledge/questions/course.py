"""Questions about when a disease begins, how it runs, how common it is, and what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind, draw
from raredx_train.knowledge.questions.asked import Asked
from raredx_train.knowledge.templates import listed
from raredx_train.knowledge.wrong import Wrong

ONSETS = ("HP:0003577", "HP:0003593", "HP:0011463", "HP:0003621", "HP:0003581", "HP:0003584")  # congenital … late
LONGEST = 120  # words of a definition
SHORTEST = 12  # words of one that a disease can be told by
_SHORT = re.compile(r"\s*\([A-Z][\w-]{1,9}\)")


class Onset:
    """Questions about the onset of a disease, which a "no" may answer."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong

    def of_disease(self, base: Base, disease: str) -> Iterator[Asked]:
        """When a disease begins."""
        onsets = base.taught.of(disease, Kind.ONSET)
        if not onsets:
            return
        rng = draw(base.seed, "onset", disease)
        values = {"disease": base.name(disease), "onsets": listed(base.names(onsets))}
        yield Asked("onset", disease, values, tuple(onsets))
        one = rng.choice(onsets)
        yield Asked("onset_check", disease, {**values, "onset": base.name(one.value)}, (one,), "yes")
        wrong = [each for each in ONSETS if self.wrong.is_wrong(Kind.ONSET, disease, each)]
        if wrong:
            yield Asked("onset_check", disease, {**values, "onset": base.name(rng.choice(wrong))}, tuple(onsets), "no")


def of_disease(base: Base, disease: str) -> Iterator[Asked]:
    """Course, prevalence and definition of a disease."""
    name = base.name(disease)
    if courses := base.taught.of(disease, Kind.COURSE):
        yield Asked("course", disease, {"disease": name, "courses": listed(base.names(courses))}, tuple(courses))
    for fact in base.taught.of(disease, Kind.PREVALENCE):
        yield Asked("prevalence", disease, {"disease": name, "prevalence": fact.value}, (fact,))
    for fact in base.taught.of(disease, Kind.DEFINITION)[:1]:
        if len(fact.value.split()) <= LONGEST:
            yield Asked("definition", disease, {"disease": name, "definition": fact.value}, (fact,))
            hidden = masked(fact.value, (name, *(each.name for each in base.ontology[disease].synonyms)), "this disease")
            if hidden and len(hidden.split()) >= SHORTEST and base.is_plainly_named(disease) and "as this disease" not in hidden:
                yield Asked("definition_disease", disease, {"disease": name, "masked": hidden}, (fact,))


def masked(text: str, names: tuple[str, ...], instead: str) -> str | None:
    """The text with every name and abbreviation in brackets replaced or left out; None where a name still shows."""
    lower = text.lower()
    for name in sorted((each for each in names if each.lower() in lower), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, text, flags=re.IGNORECASE)
    text = _SHORT.sub("", text)
    shown = f" {plain(text)} "
    return None if any(f" {plain(name)}" in shown for name in names) else text[:1].upper() + text[1:]
