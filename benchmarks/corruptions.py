"""A trajectory made wrong in one known way; every change is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from raredx_bench.domain import Case
from raredx_bench.linking import Linker
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.reasoning.trace import Trace

TRIED = 200  # draws for one replacement
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")
_FOR = re.compile(r"\brecorded with\b|\bfits?\b|\bspeaks? for\b|^In favour of\b|\bdescribed\b")
_NOT_FOR = re.compile(r"\bform of\b|\bof which\b|\binheritance\b|\bnot\b|\babsent\b|\bwithout\b")
_FIRST = ("Bra", "Kel", "Mor", "Tav", "Wes", "Hol", "Dru", "Fen", "Gar", "Lin")
_LAST = ("dovic", "mers", "quist", "halt", "worth", "enko", "ström", "ville", "bach", "rosa")
_KINDS = ("syndrome", "disease", "dysplasia", "type neuropathy", "encephalopathy")


@dataclass(frozen=True)
class Corrupted:
    """before, after: the words that were replaced, and by what."""

    trace: Trace
    kind: str
    before: str
    after: str


class Corrupter:
    """Makes trajectories wrong. Each method gives None where a trajectory has no place for its kind."""

    def __init__(self, base: Base, linker: Linker, rng: Random) -> None:
        self.base, self.linker, self.rng = base, linker, rng
        self.genes = sorted(base.every.known_values(Kind.GENE))
        self.findings = [each for each in base.findings if len(base.name(each).split()) <= 6]
        self.kinds: dict[str, Callable[[Trace, Case], Corrupted | None]] = {
            "wrong gene": self.gene, "finding not in the case": self.finding, "excluded finding cited": self.excluded,
            "another disease's fact": self.fact, "invented disease": self.disease,
        }  # fmt: skip

    def gene(self, trace: Trace, case: Case) -> Corrupted | None:
        """A gene of the reasoning replaced by one that no disease of the answer, nor a relative, is recorded with."""
        found = [word for word in re.findall(r"(?<!-)\b[A-Z][A-Z0-9]{2,}\b(?!-)", trace.think) if word in self.genes]
        near = {gene for each in self._answer(trace) for one in self.base.relatives(each)
                for gene in self.base.every.values(one, Kind.GENE)}  # fmt: skip
        own = [word for word in dict.fromkeys(found) if word in near]
        new = self._drawn(self.genes, lambda gene: gene not in near)
        return self._swapped(trace, "wrong gene", self.rng.choice(own), new) if own and new else None

    def finding(self, trace: Trace, case: Case) -> Corrupted | None:
        """A finding that is said to be the patient's replaced by one that the case has nothing like."""
        hpo, above = self.base.hpo, self.base.above
        seen = hpo.indices([*case.observed, *case.excluded])
        near = frozenset().union(*(above[each] for each in seen))
        new = self._drawn(self.findings, lambda term: hpo.position[term] not in near and above[hpo.position[term]].isdisjoint(seen))
        return self._in_opening(trace, case, "finding not in the case", new)

    def excluded(self, trace: Trace, case: Case) -> Corrupted | None:
        """A finding that is said to be the patient's replaced by one that the case excludes."""
        hpo, above = self.base.hpo, self.base.above
        seen = frozenset().union(*(above[each] for each in hpo.indices(case.observed)))
        out = [hpo.ids[each] for each in hpo.indices(case.excluded) if each not in seen]
        return self._in_opening(trace, case, "excluded finding cited", self.rng.choice(out) if out else None)

    def fact(self, trace: Trace, case: Case) -> Corrupted | None:
        """A finding that is said to be a disease's replaced by another answer's, which the disease has nothing like."""
        answer = self._answer(trace)
        said = [each for each in _SENTENCE.split(trace.think) if _FOR.search(each) and not _NOT_FOR.search(each)]
        places = [(sentence, each) for sentence in said for each in answer if self.base.name(each).lower() in sentence.lower()]
        self.rng.shuffle(places)
        for sentence, disease in places:
            others = [term for each in answer if each != disease for term in self.base.every.values(each, Kind.FINDING)
                      if self.base.lacks(disease, term)]  # fmt: skip
            old = self._label(sentence.lower().replace(self.base.name(disease).lower(), " "), case)
            if others and old:
                return self._swapped(
                    trace, "another disease's fact", old, self.base.name(self.rng.choice(others)).lower(), sentence
                )
        return None

    def disease(self, trace: Trace, case: Case) -> Corrupted | None:
        """A name of the answer replaced by an invented one, in the reasoning too."""
        rng = self.rng
        for _ in range(TRIED):
            parts = [rng.choice(_FIRST) + rng.choice(_LAST) for _ in range(rng.randint(1, 2))]
            new = f"{'-'.join(parts)} {rng.choice(_KINDS)}"
            if self.linker.link(new).id is None:
                at = rng.randrange(len(trace.names))
                names = (*trace.names[:at], new, *trace.names[at + 1 :])
                think = re.sub(re.escape(trace.names[at]), new, trace.think, flags=re.IGNORECASE)
                return Corrupted(Trace(think, names), "invented disease", trace.names[at], new)
        return None

    def _in_opening(self, trace: Trace, case: Case, kind: str, new: str | None) -> Corrupted | None:
        """The first sentence that names findings of the case says what the patient has."""
        for sentence in _SENTENCE.split(trace.think)[:2]:
            if new and (old := self._label(sentence.lower(), case)):
                return self._swapped(trace, kind, old, self.base.name(new).lower(), sentence)
        return None

    def _label(self, text: str, case: Case) -> str | None:
        """The longest label of an observed finding in a text in lower case."""
        labels = [self.base.name(each).lower() for each in case.observed if each in self.base.hpo.position]
        return max((label for label in labels if label in text), key=len, default=None)

    def _swapped(self, trace: Trace, kind: str, old: str, new: str, sentence: str = "") -> Corrupted:
        """The trace with the first such words (of a sentence) replaced."""
        where = sentence or trace.think
        changed = re.sub(re.escape(old), new.replace("\\", ""), where, count=1, flags=re.IGNORECASE)
        changed = changed[:1].upper() + changed[1:]
        return Corrupted(replace(trace, think=trace.think.replace(where, changed, 1)), kind, old, new)

    def _answer(self, trace: Trace) -> list[str]:
        links = [self.linker.link(name) for name in trace.names]
        return [link.id for link in links if link.id is not None]

    def _drawn(self, pool: Sequence[str], fits: Callable[[str], bool]) -> str | None:
        drawn = (self.rng.choice(pool) for _ in range(TRIED))
        return next((each for each in drawn if fits(each)), None)
