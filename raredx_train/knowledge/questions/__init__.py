"""The questions that can be asked of a knowledge base, topic by topic.

asked.py       one question before it is put into words
findings.py    what is recorded in a disease; in which diseases a finding is recorded
choosing.py    yes and no, one of several, none of these
comparing.py   two similar diseases
genetics.py    inheritance and genes
names.py       synonyms, ids, families and forms
course.py      onset, course, prevalence, definition
terms.py       findings by themselves
"""

from __future__ import annotations

from collections.abc import Iterator

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.knowledge.questions import course, findings, genetics, terms
from raredx_train.knowledge.questions.asked import Asked, Topic
from raredx_train.knowledge.questions.choosing import Choosing
from raredx_train.knowledge.questions.comparing import Comparing
from raredx_train.knowledge.questions.names import Naming
from raredx_train.knowledge.wrong import Wrong

__all__ = ["Asked", "questions"]


def questions(base: Base, wrong: Wrong) -> Iterator[Asked]:
    """Every question that the facts answer, the same each time."""
    naming, genes = Naming(wrong), genetics.Genetics(wrong)
    of_disease: tuple[Topic, ...] = (
        findings.of_disease, findings.absences, Choosing(wrong).of_disease, Comparing(wrong).of_disease, genes.of_disease,
        genetics.genes_of, naming.of_disease, naming.families, course.Onset(wrong).of_disease, course.of_disease,
    )  # fmt: skip
    of_term: tuple[Topic, ...] = (findings.of_term, terms.of_term, terms.Hierarchy(wrong).of_term)
    for disease in base.diseases:
        for topic in of_disease:
            yield from topic(base, disease)
    for term in base.findings:
        for topic in of_term:
            yield from topic(base, term)
    for gene in sorted(base.taught.known_values(Kind.GENE)):
        yield from genes.of_gene(base, gene)
