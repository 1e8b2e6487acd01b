"""Case + answer -> Verdict: the only place where right and wrong are decided.

Relation of a predicted disease to the gold (a set of ids, any of which is right):
  exact      the same canonical id
  narrower   a gold is an ancestor of the prediction
  broader    the prediction is an ancestor of a gold (a disease, family or phenotypic series), unless it is vague:
             a term with more than VAGUE diseases below it names a field of medicine, not a diagnosis
  different  anything else, and every name that doesn't link
How much credit a relation earns is a matter of the protocol, not of the relation.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from raredx_bench import sources
from raredx_bench.domain import MAX_RANK, Case, Link, Prediction, Reading, Relation, Verdict
from raredx_bench.linking import Linker
from raredx_bench.ontology import load_ontology
from raredx_bench.parsing import parse

VERSION = "judge-1"
VAGUE = 200  # diseases below; "spinocerebellar ataxia" has 171, "muscular dystrophy" and its like lie above


class Judge:
    """Judges answers against one terminology."""

    def __init__(self, linker: Linker) -> None:
        self.linker = linker
        self.ontology = linker.ontology

    @property
    def version(self) -> str:
        """Changes whenever a verdict on the same names could change."""
        return f"{VERSION}+{self.linker.version}"

    def gold(self, answers: tuple[str, ...]) -> tuple[str, ...]:
        """Canonical ids of the answers that the terminology knows, without repeats."""
        known = (self.ontology.canonical(answer) for answer in answers)
        return tuple(dict.fromkeys(identifier for identifier in known if identifier is not None))

    def relation(self, identifier: str | None, gold: tuple[str, ...]) -> Relation:
        """How a linked disease relates to a gold set of canonical ids."""
        if identifier is None:
            return Relation.DIFFERENT
        if identifier in gold:
            return Relation.EXACT
        above = self.ontology.ancestors(identifier)
        if any(each in above for each in gold):
            return Relation.NARROWER
        if any(identifier in self.ontology.ancestors(each) for each in gold) and not self.is_vague(identifier):
            return Relation.BROADER
        return Relation.DIFFERENT

    def is_vague(self, identifier: str) -> bool:
        """True for a category too wide to be a diagnosis."""
        return self.ontology.size_below(identifier) > VAGUE

    def match(self, name: str, answers: tuple[str, ...]) -> tuple[Prediction, str]:
        """Relation of one name to the answers, and why, in words."""
        link = self.linker.link(name)
        gold = self.gold(answers)
        prediction = Prediction(link, self.relation(link.id, gold))
        return prediction, self._why(link, prediction.relation, gold, answers)

    def judge(self, case: Case, text: str, limit: int = MAX_RANK) -> Verdict:
        """The verdict on an answer's text. Never raises: an unreadable answer is a miss."""
        answer = parse(text, limit)
        return self.judge_names(case, answer.names, answer.reading, answer.how)

    def judge_names(self, case: Case, names: tuple[str, ...], reading: Reading, how: str) -> Verdict:
        """The verdict on names that are ranked already. A disease named twice under two names counts once."""
        gold = self.gold(case.answers)
        predictions: list[Prediction] = []
        seen: set[str] = set()
        for name in names:
            link = self.linker.link(name)
            if link.id is not None and link.id in seen:
                continue
            if link.id is not None:
                seen.add(link.id)
            predictions.append(Prediction(link, self.relation(link.id, gold)))
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
            return f"{link.name!r} was not linked: {link.how}"
        said = f"{link.name!r} is {link.label} ({link.id}; {link.how})"
        reasons = {
            Relation.EXACT: "the answer itself",
            Relation.NARROWER: f"a form of the answer {target}",
            Relation.BROADER: f"a wider entity that includes the answer {target} "
            f"({self.ontology.size_below(link.id)} diseases below it)",
            Relation.DIFFERENT: f"neither above nor below the answer {target}",
        }
        if relation is Relation.DIFFERENT and any(link.id in self.ontology.ancestors(each) for each in gold):
            return f"{said}, above the answer {target} but vague: more than {VAGUE} diseases lie below it"
        return f"{said}, {reasons[relation]}"


@lru_cache(maxsize=4)
def judge_for(root: Path) -> Judge:
    """The judge over a data directory's terminology, loaded once a process."""
    return Judge(Linker(load_ontology(root)))


def shared_judge() -> Judge:
    """The process-wide judge over the data directory in force."""
    return judge_for(sources.data_dir())
