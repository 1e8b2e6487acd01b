"""Questions about what is recorded in one disease, and about findings and the diseases that have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import BANDS, Fact, Kind, draw, sample
from raredx_train.knowledge.questions.asked import Asked
from raredx_train.knowledge.templates import listed

MOST = 8  # findings in one answer
FEW = 6  # diseases that are all named
KNOWN = 8  # findings that a disease needs before the absence of a whole organ system is put in words
_PERCENT = {name: percent for _, name, percent in BANDS}


def of_disease(base: Base, disease: str) -> Iterator[Asked]:
    """Questions about the findings of a disease."""
    found = base.taught.of(disease, Kind.FINDING)
    if not found:
        return
    name, rng = base.name(disease), draw(base.seed, "findings", disease)
    chosen = sample(rng, found, MOST)
    yield Asked("described_findings", disease, {"disease": name, "findings": listed(base.names(chosen))}, tuple(chosen))
    yield from _by_band(base, disease, found)
    yield from _by_system(base, disease, found)
    for fact in sample(rng, [each for each in found if each.band is not None], 2):
        yield Asked("finding_frequency", disease, {"disease": name, "finding": base.name(fact.value), "band": fact.band or "",
                                                   "share": share_of(fact)}, (fact,))  # fmt: skip
    for fact in sample(rng, [each for each in found if each.sex], 1):
        yield Asked("sex_of_finding", disease, {"disease": name, "finding": base.name(fact.value), "sex": fact.sex}, (fact,))
    for fact in sample(rng, [each for each in found if each.onset in base.hpo.position], 1):
        yield Asked("onset_of_finding", disease, {"disease": name, "finding": base.name(fact.value),
                                                  "onset": base.name(fact.onset)}, (fact,))  # fmt: skip
    yield from _hallmark(base, disease, found)
    yield from _combination(base, disease, found)
    if len(found) >= 5:
        present, further = _split(telling(base, sample(rng, found, 2 + 4)), 2)
        yield Asked("next_findings", disease, {"disease": name, "findings": " and ".join(base.names(present)),
                                               "further": listed(base.names(further))}, (*present, *further))  # fmt: skip


def absences(base: Base, disease: str) -> Iterator[Asked]:
    """Questions about what a disease is recorded as not having."""
    absent = base.taught.of(disease, Kind.ABSENT)
    if absent:
        name, rng = base.name(disease), draw(base.seed, "absent", disease)
        chosen = sample(rng, absent, MOST)
        yield Asked("absent_findings", disease, {"disease": name, "findings": listed(base.names(chosen))}, tuple(chosen))
        one = rng.choice(absent)
        yield Asked("has_finding", disease, {"disease": name, "finding": base.name(one.value)}, (one,), "absent")


def share_of(fact: Fact) -> str:
    """The frequency of a finding in words: a count of patients, a percentage, or the percentages of its class."""
    share = fact.frequency or 0.0
    if fact.patients:
        return f"{round(share * fact.patients)} of {fact.patients} patients"
    return f"{_PERCENT[fact.band or '']} of patients"


def apart(base: Base, facts: Sequence[Fact]) -> list[Fact]:
    """Those findings that lie above no other of them."""
    indices = {base.hpo.position[fact.value] for fact in facts}
    return [fact for fact in facts if sum(base.hpo.position[fact.value] in base.above[each] for each in indices) == 1]


def telling(base: Base, facts: Sequence[Fact]) -> list[Fact]:
    """The findings, those that the fewest diseases have first."""
    return sorted(facts, key=lambda each: (-base.content(each.value), each.value))


def _split(facts: Sequence[Fact], at: int) -> tuple[Sequence[Fact], Sequence[Fact]]:
    return facts[:at], facts[at:]


def _by_band(base: Base, disease: str, found: Sequence[Fact]) -> Iterator[Asked]:
    rng = draw(base.seed, "band", disease)
    grouped: dict[str | None, list[Fact]] = {}
    for fact in found:
        grouped.setdefault(fact.band, []).append(fact)
    for _, band, percent in BANDS:
        facts = sample(rng, grouped.get(band, ()), MOST)
        if facts:
            yield Asked("findings_by_band", disease, {"disease": base.name(disease), "band": band, "percent": percent,
                                                      "findings": listed(base.names(facts))}, tuple(facts))  # fmt: skip


def _by_system(base: Base, disease: str, found: Sequence[Fact]) -> Iterator[Asked]:
    rng, name = draw(base.seed, "system", disease), base.name(disease)
    grouped: dict[str, list[Fact]] = {}
    for fact in found:
        for system in base.systems_above(fact.value):
            if system != fact.value:
                grouped.setdefault(system, []).append(fact)
    for system in sample(rng, sorted(each for each, facts in grouped.items() if len(facts) > 1), 2):
        facts = sample(rng, grouped[system], MOST)
        yield Asked("findings_of_system", disease, {"disease": name, "system": base.name(system),
                                                    "findings": listed(base.names(facts))}, tuple(facts))  # fmt: skip
    if not grouped:
        return
    system = rng.choice(sorted(grouped))
    facts = sample(rng, grouped[system], 3)
    yield Asked("system_check", disease, {"disease": name, "system": base.name(system), "findings": listed(base.names(facts))},
                tuple(facts), "yes")  # fmt: skip
    free = [each for each in sorted(base.systems) if base.lacks(disease, each)]
    if free and len(found) >= KNOWN:
        yield Asked("system_check", disease, {"disease": name, "system": base.name(rng.choice(free)), "findings": ""}, (), "no",
                    tuple(found[:1]))  # fmt: skip


def _hallmark(base: Base, disease: str, found: Sequence[Fact]) -> Iterator[Asked]:
    """The finding described in the fewest diseases, where one stands out and few have it."""
    if len(found) < 3:
        return
    ranked = sorted(found, key=lambda each: (len(base.carried_by(each.value)), each.value))
    first, second = (len(base.carried_by(each.value)) for each in ranked[:2])
    if first < second and first <= 2 * FEW:
        count = "this disease entry alone" if first == 1 else f"{first} disease entries in all"
        yield Asked("hallmark", disease, {"disease": base.name(disease), "finding": base.name(ranked[0].value), "count": count},
                    (ranked[0],))  # fmt: skip


def _combination(base: Base, disease: str, found: Sequence[Fact]) -> Iterator[Asked]:
    """Draws of three to five findings that no other disease has together, relatives aside."""
    rng = draw(base.seed, "combination", disease)
    if len(found) < 3 or not base.is_plainly_named(disease):
        return
    for _ in range(base.combinations):
        facts = apart(base, sample(rng, found, rng.randint(3, 5)))
        having = set.intersection(*(base.carried_by(each.value) for each in facts))
        if len(facts) > 2 and having == {disease}:
            yield Asked("combination_disease", disease, {"disease": base.name(disease), "findings": listed(base.names(facts))},
                        tuple(facts))  # fmt: skip


def of_term(base: Base, term: str) -> Iterator[Asked]:
    """In which diseases a finding is described."""
    stating = base.taught.stating(Kind.FINDING, term)
    if not stating or term in base.systems:
        return
    everyone = {fact.subject for fact in base.every.stating(Kind.FINDING, term)}
    rng = draw(base.seed, "diseases", term)
    whole = len(stating) == len(everyone) == len(base.carried_by(term)) <= FEW  # what lies below the finding counts as well
    facts = stating if whole else sample(rng, stating, FEW - 1)
    diseases = listed([base.name(each.subject) for each in facts])
    form = "all" if whole else "some"
    yield Asked("finding_diseases", term, {"finding": base.name(term), "diseases": diseases}, tuple(facts), form)
