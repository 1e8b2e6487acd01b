"""The knowledge-constraint filter: a trace and its case -> what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from raredx_bench.domain import Case, Link
from raredx_bench.findings import FindingReader
from raredx_bench.linking import Linker
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.reasoning.constraint.checking import Checker
from raredx_train.reasoning.constraint.diseases import DiseaseFinder, Spot
from raredx_train.reasoning.constraint.faults import Fault, FaultKind
from raredx_train.reasoning.constraint.form import of_form, repeated
from raredx_train.reasoning.constraint.patient import Patient, patient_of
from raredx_train.reasoning.constraint.prose import clauses, places, sentences
from raredx_train.reasoning.trace import Trace

ENDING = 3  # sentences at the end that a conclusion is looked for in
_CONCLUDES = re.compile(
    r"\bmost likely\b|\bmost probable\b|\b(?:best|most) (?:explain\w*|fit\w*|support\w*|match\w*)\b|\b(?:fits?|"
    r"explains?|matches)\b[^.]*"
    r"\b(?:best|most)\b|\bin (?:conclusion|summary)\b|\btherefore\b|\bi (?:conclude|rank|favou?r|settle)\b|\bthe diagnosis is\b|"
    r"\bleading (?:diagnosis|candidate)\b|\bfirst choice\b|\bleads\b|\bon balance\b|\btaken together\b|\boverall\b|"
    r"\bmore likely\b|"
    r"\bfinal diagnosis\b|\bthus\b|\bhence\b|\bbest diagnosis\b|\branks? (?:first|before|highest|ahead)\b",
    re.IGNORECASE,
)
_LESSER = re.compile(r"\bless (?:likely|probable|well)\b|\bunlikely\b|\bsecond\b|\balternative\w*\b|\bagainst\b|\bnot\b|\bnext\b|"
                     r"\bremains? possible\b", re.IGNORECASE)  # fmt: skip


class Constraint:
    """Decides whether a trajectory may be kept. What is made for one case or disease is kept for the next trace."""

    def __init__(self, base: Base, linker: Linker) -> None:
        self.base, self.linker = base, linker
        self.reader = FindingReader(base.hpo)
        self.diseases = DiseaseFinder(base.ontology, linker, base.every.known_values(Kind.GENE))
        self.checker = Checker(base)
        self._patients = lru_cache(maxsize=4096)(self._make_patient)

    def faults(self, trace: Trace, case: Case) -> list[Fault]:
        """What is wrong with a trace, each thing once; empty: it may be kept."""
        links = [self.linker.link(name) for name in trace.names]
        found = [*self._of_answer(trace, links), *of_form(trace.think)]
        if not any(fault.kind is FaultKind.NO_REASONING for fault in found):
            found += self._of_content(trace, [link.id for link in links if link.id is not None], links, case)
        return list(dict.fromkeys(found))

    def _of_answer(self, trace: Trace, links: Sequence[Link]) -> Iterator[Fault]:
        if not trace.names:
            yield Fault(FaultKind.NO_NAMES, "", "the answer names no disease")
        seen: dict[str, str] = {}
        for rank, (name, link) in enumerate(zip(trace.names, links, strict=True), 1):
            if link.id is None and (rank == 1 or not link.among):
                yield Fault(FaultKind.UNKNOWN_DISEASE, name, f"name {rank} of the answer: {link.how}")
            elif link.id is not None and link.id in seen:
                yield Fault(FaultKind.REPETITION, name, f"the same disease as {seen[link.id]!r}")
            if link.id is not None:
                seen.setdefault(link.id, name)

    def _of_content(self, trace: Trace, answer: Sequence[str], links: Sequence[Link], case: Case) -> Iterator[Fault]:
        patient = self._patient(case)
        findings = places(trace.think, self.reader)
        spots = self.diseases.spots(trace.think, answer, findings, patient.terms)
        taken = sorted([*((spot.start, spot.end) for spot in spots), *((start, end) for _, start, end in findings)])
        if fault := repeated(trace.think, taken):
            yield fault
        for name in self.diseases.invented(trace.think, taken):
            yield Fault(FaultKind.UNKNOWN_DISEASE, name, "the reasoning names a disease that is not known")
        for clause in clauses(trace.think, spots, findings, self.reader):
            yield from self.checker.clause(clause, patient, answer)
        if links and links[0].id is not None and (said := self._concludes_on(trace.think, spots, links[0].id)):
            yield Fault(FaultKind.CONCLUSION, said, f"the answer's first name is {trace.names[0]!r}")

    def _concludes_on(self, think: str, spots: Sequence[Spot], first: str) -> str | None:
        """The concluding sentence where it names diseases of which none is the first of the answer, nor a relative; else None."""
        for sentence in reversed(list(sentences(think))[-ENDING:]):
            if not _CONCLUDES.search(sentence.text) or _LESSER.search(sentence.text):
                continue
            named = [
                each for spot in spots if sentence.start <= spot.start < sentence.end and not spot.compared for each in spot.ids
            ]
            if named:
                near = self.base.relatives(first)
                agrees = any(each in near or first in self.base.relatives(each) for each in named)
                return None if agrees else sentence.text
        return None

    def _patient(self, case: Case) -> Patient:
        return self._patients(case.observed, case.excluded, case.presentation, case.id)

    def _make_patient(self, observed: tuple[str, ...], excluded: tuple[str, ...], presentation: str, number: str) -> Patient:
        return patient_of(Case(number, "", presentation, ("",), observed, excluded), self.base, self.reader)
