"""A reading of a case -> ranked diseases, as somebody would who overlooks a finding now and then and does not weigh exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from raredx_bench.naming import plain
from raredx_bench.parsing import parse
from raredx_train.reasoning.records import Record
from raredx_train.reasoning.teacher.options import OntologyOptions
from raredx_train.reasoning.teacher.reading import Reading
from raredx_train.reasoning.teacher.sight import Sight

AMONG = 200  # diseases that noise can move; the next ones are out of its reach
OPINION = 1.5  # what a diagnoser's first name counts, in natural logarithms of a likelihood ratio; the r-th name: 1/r of it
SUSPICION = 6.0  # what the first name of a reasoning that was judged wrong loses
CARE = 0.5  # of the noise and inattention, when looking a second time
_RANKED = re.compile(r"(?:^|; )(\d+)\. ")


@dataclass(frozen=True)
class Aids:
    """What a prompt gives beside the case. records: K; opinions: who -> canonical ids by rank; suspect: canonical ids."""

    records: Sequence[Record] = ()
    opinions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    suspect: frozenset[str] = frozenset()
    second: bool = False

    def of(self, disease: str) -> list[Record]:
        """The records of a disease, its patients' among them."""
        return [record for record in self.records if record.disease == disease]


@dataclass(frozen=True)
class Ranked:
    """diseases: canonical ids, best first, each by a name of its own that is read back; weighed: findings not overlooked."""

    diseases: tuple[str, ...]
    weighed: tuple[str, ...]


def ranked(reading: Reading, aids: Aids, sight: Sight, options: OntologyOptions, wanted: int, rng: Random) -> Ranked:
    """The diseases that explain a case best by what is seen of them."""
    care = options.temperature * (CARE if aids.second else 1.0)
    weighed = _weighed(reading.observed, min(1.0, care) * (1 - options.attention), rng)
    scores = _scores(weighed, reading.excluded, aids, sight, wanted)
    if noise := options.noise * care:
        for disease in sorted(scores):
            scores[disease] -= noise * math.log(-math.log(max(rng.random(), 1e-12)))
    order = sorted(scores, key=lambda each: (-round(scores[each], 4), each))
    best: dict[str, str] = {}
    for disease in order:
        name = sight.base.name(disease)
        if len(best) < wanted and name not in best and reads_back(name):
            best[name] = disease
    return Ranked(tuple(best.values()), weighed)


@lru_cache(maxsize=32768)
def reads_back(name: str) -> bool:
    """True when a name in a numbered list is read as itself; a handful of names end in a dash or read like a sentence."""
    return parse(f"1. {name}\n2. another disease").names[:1] == (name,)


def ids_of(names: Sequence[str], sight: Sight) -> list[str]:
    """The canonical ids of those names that are a disease's, in their order; of several, the one whose own name it is."""
    base = sight.base
    found: list[str] = []
    for name in names:
        known = base.ontology.named(name)  # those whose synonym it is as well
        found += sorted(known, key=lambda each: (plain(base.name(each)) != plain(name), each not in sight.row))[:1]
    return list(dict.fromkeys(found))


def opinions_of(text: str, sight: Sight) -> dict[str, list[str]]:
    """Who -> canonical ids by rank, out of a text that asking.opinions wrote."""
    found = {}
    for line in text.splitlines():
        who, _, names = line.partition(": ")
        if listed := ids_of(_RANKED.split(names)[2::2], sight):
            found[who] = listed
    return found


def _weighed(observed: Sequence[str], overlooked: float, rng: Random) -> tuple[str, ...]:
    """The findings without those that are overlooked; one at least stays."""
    left = tuple(each for each in observed if rng.random() >= overlooked)
    return left or tuple(rng.sample(list(observed), 1))


def _scores(weighed: Sequence[str], excluded: Sequence[str], aids: Aids, sight: Sight, wanted: int) -> dict[str, float]:
    """Log likelihood ratios of the diseases in reach, with what K, E and the suspicion change."""
    every = sight.ranker.scores(weighed, excluded)
    scores = {sight.ranker.diseases[row]: float(every[row]) for row in sight.ranker.top(every, AMONG)}
    for disease in sorted({record.disease for record in aids.records}):
        if sight.base.is_disease(disease):
            scores[disease] = sight.ranker.likelihood(sight.widened(disease, aids.of(disease)), weighed, excluded)
    tail = sorted(scores.values(), reverse=True)[:wanted][-1]
    for listed in aids.opinions.values():
        for rank, disease in enumerate(listed, 1):
            scores[disease] = max(scores.get(disease, tail), tail) + OPINION / rank
    for disease in aids.suspect & scores.keys():
        scores[disease] -= SUSPICION
    return scores
