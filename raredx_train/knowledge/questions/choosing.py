"""Questions with a "no" or with options: whether a finding or gene belongs to a disease, which of several does, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Kind, draw
from raredx_train.knowledge.questions.asked import NONE, Asked
from raredx_train.knowledge.templates import listed
from raredx_train.knowledge.wrong import Wrong

OPTIONS = 4
_FIELDS = {Kind.FINDING: ("has_finding", "choose_finding", "finding"), Kind.GENE: ("gene_check", "choose_gene", "gene")}


class Choosing:
    """Questions that need plausible wrong values."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong

    def of_disease(self, base: Base, disease: str) -> Iterator[Asked]:
        """Checks and choices among findings and among genes."""
        for kind, (check, choose, field) in _FIELDS.items():
            stated = base.taught.of(disease, kind)
            if not stated:
                continue
            rng = draw(base.seed, check, disease)
            values = {"disease": base.name(disease)}
            right = rng.choice(stated)
            yield Asked(check, disease, {**values, field: base.name(right.value)}, (right,), "yes")
            wrong = self.wrong.values(kind, disease, OPTIONS + 1, rng)
            if wrong:
                yield Asked(check, disease, {**values, field: base.name(wrong[0])}, (), "no", tuple(stated[:1]))
            if len(wrong) == OPTIONS + 1:
                yield _choice(base, choose, disease, {**values, field: base.name(right.value)}, right, wrong[1:], rng)


def _choice(base: Base, kind: str, disease: str, values: dict[str, str], right: Fact, wrong: Sequence[str], rng: Random) -> Asked:
    """With the right one among the options, or none of them right, in equal parts."""
    if rng.random() < 0.5:
        return Asked(kind, disease, {**values, "options": listed([base.name(each) for each in wrong])}, (), NONE, (right,))
    options = [right.value, *wrong[1:]]
    rng.shuffle(options)
    return Asked(kind, disease, {**values, "options": listed([base.name(each) for each in options])}, (right,), "yes")
