"""Case + answer -> Verdict: the only place where right and wrong are decided.

Relation of a predicted name to the gold (a set of ids, any of which is right):
  exact      it means the gold: the same canonical id, or a disease that carries this very name as its own
  narrower   a gold is above the disease it means, or it means a form of a gold ("late-onset X", "X due to Y")
  broader    it means a disease, family or series above a gold, or one of a few diseases of which the gold is one ("A or B",
             a gene's disorders, a name that several diseases share)
  different  anything else, and every name that doesn't link
A wider entity is broader only while it is a diagnosis of the gold's kind; `covers` has the rule.
How much credit a relation earns is a matter of the protocol, not of the relation.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from raredx_bench import sources
from raredx_bench.domain import MAX_RANK, Case, Link, Prediction, Reading, Relation, Verdict
from raredx_bench.linking import Linker
from raredx_bench.linking.words import KIND, MODIFIERS, base_of, uncaused, wording
from raredx_bench.ontology import load_ontology
from raredx_bench.parsing import parse

VERSION = "judge-2"
VAGUE = 200  # diseases below; "spinocerebellar ataxia" has 171, "muscular dystrophy" and its like lie above


class Judge:
    """Judges answers against one terminology."""

    def __init__(self, linker: Linker) -> None:
        self.linker = linker
        self.ontology = linker.ontology
        self._names_of = lru_cache(maxsize=8192)(self._words_of_names)

    @property
    def version(self) -> str:
        """Changes whenever a verdict on the same names could change."""
        return f"{VERSION}+{self.linker.version}"

    def gold(self, answers: tuple[str, ...]) -> tuple[str, ...]:
        """Canonical ids of the answers that the terminology knows, without repeats."""
        known = (self.ontology.canonical(answer) for answer in answers)
        return tuple(dict.fromkeys(identifier for identifier in known if identifier is not None))

    def relation(self, link: Link, gold: tuple[str, ...]) -> Relation:
        """How what a name means relates to a gold set of canonical ids."""
        meant = (link.id, *link.namesakes) if link.id is not None else ()
        if not link.form and any(each in gold for each in meant):
            return Relation.EXACT
        if self._is_narrower(link, gold):
            return Relation.NARROWER
        if link.form:
            return Relation.DIFFERENT
        wider = (*meant, *link.among)
        if any(each in gold or self.covers(each, answer, link.name) for answer in gold for each in wider):
            return Relation.BROADER
        return Relation.DIFFERENT

    def _is_narrower(self, link: Link, gold: tuple[str, ...]) -> bool:
        if link.id is None:
            return bool(link.among) and any(all(self._above(each, other) for other in link.among) for each in gold)
        return (link.form and link.id in gold) or any(self._above(each, link.id) for each in gold)

    def _above(self, upper: str, lower: str) -> bool:
        return self.ontology.is_above(upper, lower)

    def covers(self, upper: str, lower: str, name: str = "") -> bool:
        """True when a disease is a diagnosis that includes another one, and not just a category or a finding of it.

        It must lie above it, with at most VAGUE diseases below. A name that is also a finding in HPO is a diagnosis only where the
        other's names go on from it ("limb-girdle muscular dystrophy type 1A"); a single word ("microcephaly") must be the other's
        whole name but for a number, a cause or an inheritance.
        """
        if not self._above(upper, lower) or self.is_vague(upper):
            return False
        label = self.ontology.name(upper)
        if not (self.linker.is_finding(name) or self.linker.is_finding(label)):
            return True
        said = (frozenset(_core(name)), frozenset(_core(label)))
        if len(min(said, key=len)) <= 1:
            return any(words in said for words in self._bases_of(lower))
        return any(_within(words, longer) for words in said for longer in self._names_of(lower))

    def _words_of_names(self, identifier: str) -> tuple[frozenset[str], ...]:
        """The words of each name of a disease, modifiers left out."""
        disease = self.ontology[identifier]
        names = (disease.name, *disease.titles, *(synonym.name for synonym in disease.synonyms))
        return tuple(dict.fromkeys(frozenset(_core(name)) for name in names))

    def _bases_of(self, identifier: str) -> set[frozenset[str]]:
        """The words of each name of a disease without number, cause and inheritance."""
        disease = self.ontology[identifier]
        names = (disease.name, *disease.titles, *(synonym.name for synonym in disease.synonyms))
        return {
            frozenset(wording(base_of(short) or short).words) - {"~ad", "~ar", "~xl"} - _KINDS for short in map(uncaused, names)
        }

    def is_vague(self, identifier: str) -> bool:
        """True for a category too wide to be a diagnosis."""
        return self.ontology.size_below(identifier) > VAGUE

    def match(self, name: str, answers: tuple[str, ...]) -> tuple[Prediction, str]:
        """Relation of one name to the answers, and why, in words."""
        link = self.linker.link(name)
        gold = self.gold(answers)
        prediction = Prediction(link, self.relation(link, gold))
        return prediction, self._why(link, prediction.relation, gold, answers)

    def judge(self, case: Case, text: str, limit: int = MAX_RANK) -> Verdict:
        """The verdict on an answer's text. Never raises: an unreadable answer is a miss."""
        answer = parse(text, limit)
        return self.judge_names(case, answer.names, answer.reading, answer.how, answer.confidences)

    def judge_names(
        self, case: Case, names: tuple[str, ...], reading: Reading, how: str, confidences: tuple[float | None, ...] = ()
    ) -> Verdict:
        """The verdict on names that are ranked already. A disease named twice under two names counts once, as it comes first.

        confidences: one a name, 0 to 1, None where the answer states nothing; or none at all.
        """
        gold = self.gold(case.answers)
        predictions: list[Prediction] = []
        seen: set[str] = set()
        for name, confidence in zip(names, confidences or (None,) * len(names), strict=True):
            link = self.linker.link(name)
            if link.id is not None and link.id in seen:
                continue
            if link.id is not None:
                seen.add(link.id)
            predictions.append(Prediction(link, self.relation(link, gold), confidence))
        return Verdict(case.id, case.group, tuple(predictions), reading, how, gold, dict(case.strata))

    def _why(self, link: Link, relation: Relation, gold: tuple[str, ...], answers: tuple[str, ...]) -> str:
        if not gold:
            return (
                "no answer was given"
                if not answers
                else f"the terminology knows none of {', '.join(answers)}, so nothing can match"
            )
        target = " / ".join(f"{self.ontology.name(each)} ({each})" for each in gold)
        if link.id is None:
            return self._why_unlinked(link, relation, target)
        said = f"{link.name!r} is {'a form of ' if link.form else ''}{link.label} ({link.id}; {link.how})"
        if relation is Relation.EXACT and link.id not in gold:
            return f"{said}, a name that the answer {target} carries too"
        reasons = {
            Relation.EXACT: "the answer itself",
            Relation.NARROWER: f"which is the answer {target}" if link.id in gold else f"a form of the answer {target}",
            Relation.BROADER: f"a wider entity that includes the answer {target} "
            f"({self.ontology.size_below(link.id)} diseases below it)",
            Relation.DIFFERENT: f"neither above nor below the answer {target}",
        }
        if relation is Relation.BROADER and not any(self._above(link.id, each) for each in gold):
            return f"{said}, a name that may mean the answer {target} too"
        if relation is Relation.DIFFERENT and any(self._above(link.id, each) for each in gold):
            return f"{said}, above the answer {target} but not a diagnosis of it: {self._why_wide(link, gold)}"
        return f"{said}, {reasons[relation]}"

    def _why_unlinked(self, link: Link, relation: Relation, target: str) -> str:
        ends = {
            Relation.BROADER: f", which may mean the answer {target}",
            Relation.NARROWER: f", all of them forms of the answer {target}",
        }
        return f"{link.name!r} was not linked: {link.how}{ends.get(relation, '')}"

    def _why_wide(self, link: Link, gold: tuple[str, ...]) -> str:
        assert link.id is not None
        if link.form:
            return "another form of it may be meant"
        if self.is_vague(link.id):
            return f"vague, more than {VAGUE} diseases lie below it"
        return "a finding of it"


_KINDS = frozenset(word for word, bit in MODIFIERS.items() if bit == KIND)


def _core(name: str) -> tuple[str, ...]:
    return wording(name).core


def _within(words: frozenset[str], longer: frozenset[str]) -> bool:
    """True when a name continues another: all its words, a number by itself or with a letter behind it (1 in 1A)."""
    if not words:
        return False
    missing = words - longer
    return all(
        word.isdigit() and any(other[: len(word)] == word and other[len(word) :].isalpha() for other in longer) for word in missing
    )


@lru_cache(maxsize=4)
def judge_for(root: Path) -> Judge:
    """The judge over a data directory's terminology, loaded once a process."""
    return Judge(Linker(load_ontology(root)))


def shared_judge() -> Judge:
    """The process-wide judge over the data directory in force."""
    return judge_for(sources.data_dir())
