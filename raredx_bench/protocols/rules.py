"""The rules: one predicted name against one gold -> the credit it earns, or None.

Credits count from 0, the strictest. Rules on links read what judging linked; rules on names compare the name as the parser
left it with names of the terminology or of Orphanet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from raredx_bench.domain import Prediction, Relation
from raredx_bench.judging import Judge
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology
from raredx_bench.protocols import orphanet

RATIO = 90.0  # WRatio of 100 that the best name must reach (map_diagnosis in RareAgentBench)
TIE = 5.0  # points below the best that still tie with it (map_names_to_ids_with_variants, as are the next two)
TIE_FLOOR = 88.0  # points below which nothing ties
TIES = 5  # names that can tie, the best ones
DISTANCE = 0.20  # normalised edit distance, of the longer name's characters (arXiv 2609.35549)
REMEMBERED = 200_000  # names, or golds, per rule

_NOT_NAME = re.compile(r"[^\w\s-]+")


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right for a case. answers: ids as the benchmark gives them; ids: the canonical ones that the terminology knows."""

    answers: tuple[str, ...]
    ids: tuple[str, ...]


Rule = Callable[[Prediction, Gold], int | None]
_RELATIONS = {Relation.EXACT: 0, Relation.NARROWER: 1, Relation.BROADER: 2}


def raredx(judge: Judge, root: Path) -> Rule:
    """Relations as judged: exact, narrower, broader."""
    return lambda prediction, gold: _RELATIONS.get(prediction.relation)


def rarebench(judge: Judge, root: Path) -> Rule:
    """Any of the gold's ids is meant."""
    return lambda prediction, gold: 0 if _is_meant(judge.ontology, prediction, gold) else None


def malco(judge: Judge, root: Path) -> Rule:
    """A gold is meant, or anything above one, however wide."""
    ontology = judge.ontology

    def credit(prediction: Prediction, gold: Gold) -> int | None:
        identifier = _linked(ontology, prediction)
        if _is_meant(ontology, prediction, gold):
            return 0
        return 0 if identifier and any(identifier == each or ontology.is_above(identifier, each) for each in gold.ids) else None

    return credit


def rarearena(judge: Judge, root: Path) -> Rule:
    """A gold is meant (score 2), else a narrow parent of one, by id or by the parent's very name (score 1)."""
    ontology = judge.ontology
    above = orphanet.parents(ontology, root).above

    @lru_cache(maxsize=REMEMBERED)
    def wider(gold: Gold) -> tuple[frozenset[str], frozenset[str]]:
        names = {name for each in _all_ids(ontology, gold) for name in above.get(each, ())}
        return frozenset(each for name in names for each in orphanet.called(ontology, name)), frozenset(map(plain, names))

    def credit(prediction: Prediction, gold: Gold) -> int | None:
        if _is_meant(ontology, prediction, gold):
            return 0
        identifier = _linked(ontology, prediction)
        ids, names = wider(gold)
        return 1 if identifier in ids or plain(prediction.link.name) in names else None

    return credit


def rareagentbench(judge: Judge, root: Path) -> Rule:
    """An exact Orphanet name, else one that ties for the best WRatio, is the gold's (0) or names its OMIM number (1)."""
    ontology = judge.ontology
    known = orphanet.names(ontology, root)
    owners = _owners(known.entries)
    texts = list(owners)

    @lru_cache(maxsize=REMEMBERED)
    def targets(gold: Gold) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
        """ORPHA ids that are the gold's, those that name its OMIM number too, and the names of both."""
        every = _all_ids(ontology, gold)
        same = frozenset(each for each in every if each in known.entries)
        wider = same.union(*(known.references.get(each, ()) for each in every))
        return same, wider, tuple(dict.fromkeys(spelled(name) for each in sorted(wider) for name in known.entries[each]))

    @lru_cache(maxsize=REMEMBERED)
    def meant(text: str) -> frozenset[str]:
        if text in owners:
            return owners[text]
        best = process.extract(text, texts, scorer=fuzz.WRatio, limit=TIES, score_cutoff=TIE_FLOOR)
        if not best or best[0][1] < RATIO:
            return frozenset()
        return frozenset(each for name, score, _ in best if score >= best[0][1] - TIE for each in owners[name])

    def credit(prediction: Prediction, gold: Gold) -> int | None:
        text = spelled(prediction.link.name)
        if any(text == spelled(ontology.name(each)) for each in gold.ids):
            return 0
        same, wider, names = targets(gold)
        if text not in owners and not any(fuzz.WRatio(text, name, score_cutoff=TIE_FLOOR) for name in names):
            return None  # no gold can be among the ties: the search over all names is spared
        found = meant(text)
        return 0 if found & same else 1 if found & wider else None

    return credit


def editdistance(judge: Judge, root: Path) -> Rule:
    """The nearest of all names, by edit distance, is within DISTANCE and is the gold's; any of equally near ones will do."""
    ontology = judge.ontology
    shelves = _shelves(ontology)

    @lru_cache(maxsize=REMEMBERED)
    def beaten(text: str, near: float) -> bool:
        """True when some name is nearer than the gold's nearest one."""
        fitting = range(int(len(text) * (1 - near)), int(len(text) / (1 - near)) + 2)  # lengths that can be as near
        best = (
            process.extractOne(text, shelves.get(length, ()), scorer=Levenshtein.normalized_distance, score_cutoff=near)
            for length in fitting
        )
        return any(each is not None and each[1] < near for each in best)

    names = lru_cache(maxsize=REMEMBERED)(lambda gold: tuple(dict.fromkeys(map(plain, _gold_names(ontology, gold)))))

    def credit(prediction: Prediction, gold: Gold) -> int | None:
        text = plain(prediction.link.name)
        near = min((Levenshtein.normalized_distance(text, name, score_cutoff=DISTANCE) for name in names(gold)), default=1.0)
        return 0 if text and near <= DISTANCE and not beaten(text, near) else None

    return credit


def substring(judge: Judge, root: Path) -> Rule:
    """A gold's preferred name and the prediction, in lower case, are equal or one holds the other."""
    ontology = judge.ontology

    def credit(prediction: Prediction, gold: Gold) -> int | None:
        text = prediction.link.name.strip().lower()
        names = (ontology.name(each).lower() for each in gold.ids)
        return 0 if text and any(text in name or name in text for name in names) else None

    return credit


def spelled(name: str) -> str:
    """A name as RareAgentBench compares it: lower case, punctuation but hyphens and underscores as spaces."""
    return " ".join(_NOT_NAME.sub(" ", name.lower()).split())


def _is_meant(ontology: Ontology, prediction: Prediction, gold: Gold) -> bool:
    """True when a prediction means a gold itself, or a disease that carries the very name as its own; not when it means a form."""
    link = prediction.link
    meant = (link.id, *link.namesakes) if link.id is not None and not link.form else ()
    return any(ontology.canonical(each) in gold.ids for each in meant)


def _linked(ontology: Ontology, prediction: Prediction) -> str | None:
    """Canonical id of what judging linked; None: not linked, or unknown to this terminology."""
    return None if prediction.link.id is None else ontology.canonical(prediction.link.id)


def _all_ids(ontology: Ontology, gold: Gold) -> tuple[str, ...]:
    """Every id of the gold: as given, canonical, and equivalent."""
    return tuple(dict.fromkeys((*gold.answers, *(other for each in gold.ids for other in orphanet.all_ids(ontology, each)))))


def _gold_names(ontology: Ontology, gold: Gold) -> Iterable[str]:
    return (name for each in gold.ids for name in orphanet.own_names(ontology[each]))


def _owners(entries: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Spelled name -> the ids that carry it: those that prefer it, else those that have it as a synonym."""
    preferred: dict[str, set[str]] = {}
    synonyms: dict[str, set[str]] = {}
    for identifier, (first, *others) in entries.items():
        preferred.setdefault(spelled(first), set()).add(identifier)
        for other in others:
            synonyms.setdefault(spelled(other), set()).add(identifier)
    return {text: frozenset(ids) for text, ids in {**synonyms, **preferred}.items()}


def _shelves(ontology: Ontology) -> dict[int, tuple[str, ...]]:
    """Every plain name of the terminology, by its length."""
    texts = dict.fromkeys(plain(name) for disease in ontology.values() for name in orphanet.own_names(disease))
    shelves: dict[int, list[str]] = {}
    for text in texts:
        shelves.setdefault(len(text), []).append(text)
    return {length: tuple(each) for length, each in shelves.items()}
