"""Verdicts -> a blinded, stratified sample of predicted names beside their golds.

A pair is one predicted name and one gold, as often as it occurs. Pairs are drawn by stratum (benchmark and our verdict) so that
rare verdicts are read as often as common ones, and are weighted back to all occurrences.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from raredx_bench.compiled import digest_of
from raredx_bench.domain import BadInput, Link, Relation, UsageError, Verdict
from raredx_bench.judging import Judge
from raredx_bench.ontology import Ontology
from raredx_bench.report import read_report, read_verdicts


@dataclass(frozen=True)
class Pair:
    """A predicted name beside a gold, with our verdict. gold: canonical ids; names: theirs, in the same order.

    count: how often it occurs. link None: the name was not linked. id: what readers see it under; empty before it is drawn.
    """

    prediction: str
    gold: tuple[str, ...]
    names: tuple[str, ...]
    benchmark: str
    relation: Relation
    link: str | None
    how: str
    count: int = 1
    id: str = ""

    @property
    def stratum(self) -> str:
        """Benchmark and our verdict; a name that was not linked is a stratum of its own."""
        return f"{self.benchmark}/{'unlinked' if self.link is None else self.relation.value}"


@dataclass(frozen=True)
class Sample:
    """What readers get, in their order. strata: stratum -> number of distinct pairs it was drawn from.

    unreadable: occurrences left out because the terminology knows none of the case's answers, so there is no name to compare.
    """

    pairs: tuple[Pair, ...]
    strata: Mapping[str, int]
    seed: int
    unreadable: int = 0

    def weights(self, read: Iterable[str]) -> dict[str, float]:
        """Id -> how many occurrences a pair stands for when only these ids of the sample were read."""
        ids = frozenset(read)
        inside = [pair for pair in self.pairs if pair.id in ids]
        seen = Counter(pair.stratum for pair in inside)
        return {pair.id: pair.count * self.strata[pair.stratum] / seen[pair.stratum] for pair in inside}


def read_runs(paths: Iterable[Path]) -> Iterator[tuple[str, Verdict]]:
    """(benchmark, verdict) of run folders, report.json files or files of verdicts. Raises BadInput for anything else."""
    for path in paths:
        if path.suffix == ".jsonl":
            yield from ((path.stem, verdict) for verdict in read_verdicts(path))
        else:
            yield from ((task, verdict) for task, part in read_report(path).benchmarks.items() for verdict in part.verdicts)


def pairs_of(verdicts: Iterable[tuple[str, Verdict]], ontology: Ontology) -> list[Pair]:
    """Every predicted name of the verdicts beside its gold; a gold that the terminology doesn't know has no names.

    Raises BadInput when the verdicts were made with another terminology than this one.
    """
    found = []
    for benchmark, verdict in verdicts:
        strange = next((each for each in verdict.gold if each not in ontology), None)
        if strange:
            raise BadInput(f"case {verdict.case_id} of {benchmark} was judged with another terminology ({strange} is not in "
                           f"{ontology.release}): score its answers again, or name that data directory")  # fmt: skip
        names = tuple(ontology.name(each) for each in verdict.gold)
        found += [_pair(p.link, p.relation, verdict.gold, names, benchmark) for p in verdict.predictions]
    return found


def pairs_from(judge: Judge, rows: Iterable[tuple[str, tuple[str, ...]]], benchmark: str = "pairs") -> list[Pair]:
    """Predicted names and their answers' ids, judged."""
    found = []
    for name, answers in rows:
        prediction, _ = judge.match(name, answers)
        gold = judge.gold(answers)
        names = tuple(judge.ontology.name(each) for each in gold)
        found.append(_pair(prediction.link, prediction.relation, gold, names, benchmark))
    return found


def _pair(link: Link, relation: Relation, gold: tuple[str, ...], names: tuple[str, ...], benchmark: str) -> Pair:
    return Pair(" ".join(link.name.split()), gold, names, benchmark, relation, link.id, link.how)


def draw(pairs: Iterable[Pair], size: int = 200, seed: int = 0) -> Sample:
    """A sample of distinct pairs in random order: as even over the strata as they allow, at random within each.

    Raises UsageError when there is no pair to read or size is below one a stratum, BadInput when runs contradict each other.
    """
    distinct, unreadable = _distinct(pairs)
    strata: dict[str, list[Pair]] = {}
    for pair in sorted(distinct, key=lambda each: (each.stratum, each.prediction, each.gold)):
        strata.setdefault(pair.stratum, []).append(pair)
    if not strata:
        raise UsageError("there is no predicted name with a known gold to read: name runs that have some")
    if size < len(strata):
        raise UsageError(f"{size} pairs are fewer than one for each of the {len(strata)} strata: ask for more")
    rng = random.Random(seed)
    share = _even({name: len(inside) for name, inside in strata.items()}, size)
    drawn = [pair for name, inside in strata.items() for pair in rng.sample(inside, share[name])]
    rng.shuffle(drawn)
    named = tuple(replace(pair, id=_identifier(pair, seed)) for pair in drawn)
    return Sample(named, {name: len(inside) for name, inside in strata.items()}, seed, unreadable)


def _distinct(pairs: Iterable[Pair]) -> tuple[list[Pair], int]:
    """Each pair once, with its count; and how many occurrences have no gold names."""
    found: dict[tuple[str, str, tuple[str, ...]], Pair] = {}
    unreadable = 0
    for pair in pairs:
        if not pair.names:
            unreadable += pair.count
            continue
        key = (pair.benchmark, pair.prediction, pair.gold)
        known = found.get(key)
        if known and (known.relation, known.link) != (pair.relation, pair.link):
            raise BadInput(f"{pair.prediction!r} beside {pair.names[0]} is {known.relation} in one run and {pair.relation} in "
                           "another: they were judged by different versions, score the older answers again")  # fmt: skip
        found[key] = replace(known, count=known.count + pair.count) if known else pair
    return list(found.values()), unreadable


def _even(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """As equal a share of total for each stratum as its size allows; what small ones leave goes to the others."""
    shares: dict[str, int] = {}
    for left, name in zip(range(len(sizes), 0, -1), sorted(sizes, key=lambda each: (sizes[each], each)), strict=True):
        shares[name] = min(sizes[name], total // left)
        total -= shares[name]
    return shares


def _identifier(pair: Pair, seed: int) -> str:
    """An id that tells nothing of the verdict; the letter in front keeps spreadsheets from reading a number."""
    return "r" + digest_of([str(seed), pair.benchmark, pair.prediction, *pair.gold])[:9]
