"""Questions about genes and inheritance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Kind, draw, sample
from raredx_train.knowledge.questions.asked import Asked
from raredx_train.knowledge.questions.findings import telling
from raredx_train.knowledge.templates import listed
from raredx_train.knowledge.wrong import Wrong

MOST = 8
FEW = 6
MODES = ("HP:0000006", "HP:0000007", "HP:0001417", "HP:0001427", "HP:0001419", "HP:0001423")  # the common modes of inheritance


class Genetics:
    """Questions about genes and inheritance that a "no" may answer."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong

    def of_disease(self, base: Base, disease: str) -> Iterator[Asked]:
        """Inheritance of a disease."""
        stated = base.taught.of(disease, Kind.INHERITANCE)
        if not stated:
            return
        rng = draw(base.seed, "inheritance", disease)
        values = {"disease": base.name(disease), "modes": listed(base.names(stated))}
        yield Asked("inheritance", disease, values, tuple(stated))
        one = rng.choice(stated)
        yield Asked("inheritance_check", disease, {**values, "mode": base.name(one.value)}, (one,), "yes")
        wrong = [each for each in MODES if self.wrong.is_wrong(Kind.INHERITANCE, disease, each)]
        if wrong:
            yield Asked("inheritance_check", disease, {**values, "mode": base.name(rng.choice(wrong))}, tuple(stated), "no")

    def of_gene(self, base: Base, gene: str) -> Iterator[Asked]:
        """The diseases of a gene."""
        stating = base.taught.stating(Kind.GENE, gene)
        if not stating:
            return
        everyone = base.every.stating(Kind.GENE, gene)
        whole = len(stating) == len(everyone) <= FEW
        facts = stating if whole else sample(draw(base.seed, "gene", gene), stating, FEW - 1)
        diseases = listed([base.name(each.subject) for each in facts])
        form = "all" if whole else "some"
        yield Asked("gene_diseases", facts[0].subject, {"gene": gene, "diseases": diseases}, tuple(facts), form)
        for fact in stating if len(everyone) > 1 else ():
            modes = base.taught.of(fact.subject, Kind.INHERITANCE)
            if len(modes) == 1 and self._only(base, fact, modes[0].value, everyone):
                yield Asked("inheritance_and_gene", fact.subject, {"gene": gene, "mode": base.name(modes[0].value),
                            "disease": base.name(fact.subject)}, (fact, modes[0]))  # fmt: skip

    def _only(self, base: Base, fact: Fact, mode: str, everyone: Sequence[Fact]) -> bool:
        """True when every other disease of the gene is recorded with another mode of inheritance."""
        others = [each.subject for each in everyone if each.subject != fact.subject]
        return all(base.every.of(each, Kind.INHERITANCE) and self.wrong.is_wrong(Kind.INHERITANCE, each, mode) for each in others)


def genes_of(base: Base, disease: str) -> Iterator[Asked]:
    """Genes of a disease, and which to test."""
    genes = base.taught.of(disease, Kind.GENE)
    if not genes:
        return
    rng, name = draw(base.seed, "genes", disease), base.name(disease)
    chosen = sample(rng, genes, MOST)
    values = {"disease": name, "genes": listed(base.names(chosen))}
    yield Asked("genes", disease, values, tuple(chosen))
    recorded = {symbol for each in base.relatives(disease) for symbol in base.every.values(each, Kind.GENE)}
    if len(genes) == len(recorded):
        yield Asked("several_genes", disease, values, tuple(chosen), "yes" if len(genes) > 1 else "no")
    findings = base.taught.of(disease, Kind.FINDING)
    if len(findings) >= 3:
        present = telling(base, sample(rng, findings, 6))[:3]
        yield Asked("next_gene", disease, {**values, "findings": listed(base.names(present))}, (*chosen, *present))
