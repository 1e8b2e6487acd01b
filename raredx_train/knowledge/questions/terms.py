"""Questions about findings by themselves: what they mean, what they are kinds of, how they are called."""

from __future__ import annotations

from collections.abc import Iterator

from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind, draw, sample
from raredx_train.knowledge.questions.asked import Asked
from raredx_train.knowledge.questions.course import LONGEST, masked
from raredx_train.knowledge.templates import listed
from raredx_train.knowledge.wrong import Wrong

MOST = 8


def of_term(base: Base, term: str) -> Iterator[Asked]:
    """Meaning, names and id of a finding."""
    rng, name = draw(base.seed, "term", term), base.name(term)
    for fact in base.taught.of(term, Kind.TERM_DEFINITION):
        if len(fact.value.split()) <= LONGEST:
            yield Asked("term_definition", term, {"finding": name, "definition": fact.value}, (fact,))
            hidden = masked(fact.value, (name,), "this finding")
            if hidden and "his finding" not in hidden:
                yield Asked("definition_term", term, {"finding": name, "masked": hidden}, (fact,))
    synonyms = base.taught.of(term, Kind.TERM_SYNONYM)
    if synonyms:
        chosen = sample(rng, synonyms, 3)
        yield Asked("term_synonyms", term, {"finding": name, "names": listed(base.names(chosen))}, tuple(chosen))
    lay = base.taught.of(term, Kind.TERM_LAY)
    if lay:
        chosen = sample(rng, lay, 2)
        yield Asked("term_lay", term, {"finding": name, "names": listed(base.names(chosen))}, tuple(chosen))
        alone = [each for each in lay if len(base.every.stating(Kind.TERM_LAY, each.value)) == 1
                 and plain(each.value) not in base.labels]  # fmt: skip
        for one in sample(rng, alone, 1):
            yield Asked("lay_term", term, {"finding": name, "name": one.value}, (one,))
    grounds = (*base.taught.of(term, Kind.TERM_DEFINITION), *base.taught.of(term, Kind.TERM_PARENT))[:1]
    yield Asked("term_id", term, {"finding": name, "id": term}, (), grounds=grounds)


class Hierarchy:
    """Questions about what a finding is a kind of, which a "no" may answer."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong

    def of_term(self, base: Base, term: str) -> Iterator[Asked]:
        """Where a finding stands in the hierarchy."""
        rng, name = draw(base.seed, "hierarchy", term), base.name(term)
        parents = base.taught.of(term, Kind.TERM_PARENT)
        systems = [each for each in base.taught.of(term, Kind.TERM_SYSTEM) if each.value != term]
        if systems:
            yield Asked("term_system", term, {"finding": name, "systems": listed(base.names(systems))}, tuple(systems))
        children = base.taught.stating(Kind.TERM_PARENT, term)
        if children:
            chosen = sample(rng, children, MOST)
            yield Asked("term_children", term, {"finding": name, "children": listed([base.name(each.subject) for each in chosen])},
                        tuple(chosen))  # fmt: skip
        if not parents:
            return
        yield Asked("term_parent", term, {"finding": name, "parents": listed(base.names(parents))}, tuple(parents))
        one = rng.choice(parents)
        yield Asked("term_check", term, {"finding": name, "parent": base.name(one.value)}, (one,), "yes")
        near = [each for parent in parents for above in base.glossary.parents.get(parent.value, ())
                for each in base.glossary.children[above] if self.wrong.is_wrong(Kind.TERM_PARENT, term, each)]  # fmt: skip
        if near:
            yield Asked(
                "term_check", term, {"finding": name, "parent": base.name(rng.choice(sorted(near)))}, (), "no", tuple(parents)
            )
