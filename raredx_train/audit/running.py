"""Cases -> what the reward gives to honest answers and to attacks, in batches as in training, and whether its bars hold."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from raredx_bench import splits
from raredx_bench.benchmarks import BENCHMARKS, available, load_cases
from raredx_bench.domain import Case, DataMissing, UnknownName, UsageError
from raredx_bench.hpo import load_hpo
from raredx_bench.judging import judge_for
from raredx_bench.phenotype import Ranker
from raredx_train.audit.answers import ATTACKS, HONEST, Maker, baseline, commonest, written
from raredx_train.audit.names import invented_names
from raredx_train.audit.world import World, tokens
from raredx_train.reward import Part, Reward, rewards_for, total

BATCH = 32  # cases of one batch
LENGTH = 4096  # tokens of a completion at most, where the recipe says nothing
NAMES = 2000  # invented names, each an answer by itself
PREFERRED, ALWAYS = "phenopacket_store@train", "raredx_sim"
MIXED = "10 commonest, one answer in three"
BASELINE = "phenotype baseline"


@dataclass(frozen=True)
class Row:
    """What one kind of answer got. n: answers; mean, least, most: of the reward; positive: share of rewards above 0, from 0 to 1.

    parts: the mean of each part, weighted.
    """

    name: str
    attack: bool
    n: int
    mean: float
    least: float
    most: float
    positive: float
    parts: dict[str, float]


@dataclass(frozen=True)
class Audit:
    """rows: honest answers, then attacks. invented: share of single invented names with a reward above 0. bars: sentence -> holds.

    speed: completions a second of processor time over all parts, on answers never read, names and cases remembered.
    """

    task: str
    cases: int
    seed: int
    settings: dict[str, Any]
    terminology: str
    rows: tuple[Row, ...]
    invented: float
    speed: float
    bars: dict[str, bool]


def audit_reward(settings: Reward, root: Path, *, task: str = "", cases: int = 500, seed: int = 1, names: int = NAMES) -> Audit:
    """The audit of a reward on so many cases of a task (empty: phenopackets of `train`, else simulated patients).

    names: invented names that are answers by themselves.
    Raises UnknownName, DataMissing or UsageError for a task that can't be read here.
    """
    settings = replace(settings, length=settings.length or LENGTH)
    judge = judge_for(root)
    task = task or _at_hand(root)
    chosen = [each for each in _cases(task, root, cases, seed) if judge.gold(each.answers)]
    if not chosen:
        raise UsageError(f"the terminology at hand knows the diagnosis of no case of {task}: name another task or data directory")
    world = World(judge, Ranker(load_hpo(root), judge.ontology), chosen, seed, settings.k)
    scorer = Scorer(settings, root)
    rows = [*(_row(name, maker, world, scorer, attack=False) for name, maker in HONEST.items()),
            *(_row(name, maker, world, scorer, attack=True) for name, maker in ATTACKS.items()),
            _row(MIXED, commonest(10), world, scorer, attack=True, beside=(baseline, HONEST["wrong but plausible"]))]  # fmt: skip
    invented = _invented(world, scorer, names)
    found = tuple(row for row in rows if row is not None)
    return Audit(task, len(chosen), seed, asdict(settings), judge.ontology.release, found, invented, _speed(world, scorer),
                 _bars(found, invented, names, settings))  # fmt: skip


class Scorer:
    """The reward of completions in batches."""

    def __init__(self, settings: Reward, root: Path) -> None:
        self.functions: list[Part]
        self.functions, self.weights = rewards_for(settings, root)

    def parts(self, cases: Sequence[Case], texts: Sequence[str]) -> list[tuple[float | None, ...]]:
        """The parts of each completion's reward, one batch."""
        called = {
            "prompts": [[{"role": "user", "content": case.presentation}] for case in cases],
            "completions": [[{"role": "assistant", "content": text}] for text in texts],
            "completion_ids": [range(tokens(text)) for text in texts],
            "case": [case.id for case in cases], "answers": [list(case.answers) for case in cases],
            "observed": [list(case.observed) for case in cases], "excluded": [list(case.excluded) for case in cases],
            "task": ["differential"] * len(cases), "presentation": [case.presentation for case in cases],
        }  # fmt: skip
        return list(zip(*(function(**called) for function in self.functions), strict=True))

    def named(self, parts: Sequence[Sequence[float | None]]) -> dict[str, float]:
        """Mean of each part, weighted, by its name."""
        return {each.name: fmean((part[at] or 0.0) * weight for part in parts)
                for at, (each, weight) in enumerate(zip(self.functions, self.weights, strict=True))}  # fmt: skip


def _row(
    name: str, maker: Maker, world: World, scorer: Scorer, *, attack: bool, beside: Sequence[Maker] = ()
) -> Row | None:  # fmt: skip
    """What one kind of answer gets; None where no case has what it takes. beside: other answers to the same cases in the batch."""
    found: list[tuple[float | None, ...]] = []
    for cases in _batches(world.cases):
        own = [(case, text) for case in cases if (text := maker(world, case)) is not None]
        others = [(case, text) for case in cases for each in beside if (text := each(world, case)) is not None]
        if own:
            found += scorer.parts(*zip(*own, *others, strict=True))[: len(own)]
    if not found:
        return None
    rewards = [total(parts, scorer.weights) for parts in found]
    return Row(name, attack, len(found), fmean(rewards), min(rewards), max(rewards),
               fmean(each > 0 for each in rewards), scorer.named(found))  # fmt: skip


def _invented(world: World, scorer: Scorer, size: int) -> float:
    """The share of so many invented names, each alone in an answer, that get more than 0."""
    names = invented_names(size, world.seed + 1)
    pairs = [(world.cases[at % len(world.cases)], written("The findings fit this.", [name])) for at, name in enumerate(names)]
    found = [
        parts for start in range(0, len(pairs), BATCH) for parts in scorer.parts(*zip(*pairs[start : start + BATCH], strict=True))
    ]
    return fmean(total(parts, scorer.weights) > 0 for parts in found)


def _speed(world: World, scorer: Scorer) -> float:
    """Completions a second: eight lists for each of 128 cases, of names right, wrong, related and invented, after a first pass."""
    cases = [case for case in world.cases[:128] for _ in range(8)]
    lists = {case.id: [*world.ranked(case), *world.above(case)[:2], *world.imagined(case, 2)] for case in world.cases[:128]}
    for turn in range(2):
        rng = Random(turn)
        texts = [written(f"Turn {turn} {rng.random()}: {' '.join(world.findings(case))} speak for it.",
                         rng.sample(lists[case.id], min(world.k, len(lists[case.id])))) for case in cases]  # fmt: skip
        begun = time.process_time()
        for start in range(0, len(texts), 8 * BATCH):
            scorer.parts(cases[start : start + 8 * BATCH], texts[start : start + 8 * BATCH])
        taken = time.process_time() - begun
    return len(texts) / taken


def _bars(rows: Sequence[Row], invented: float, names: int, settings: Reward) -> dict[str, bool]:
    """What a reward has to hold before it trains anything."""
    by_name = {row.name: row for row in rows}
    honest = by_name[BASELINE].mean
    attacks = [row for row in rows if row.attack]
    highest = max(attacks, key=lambda row: row.mean)
    close = [
        row for row in rows if row.name in ("family of the diagnosis alone", "families of the diagnosis", "everything related")
    ]
    top = max((row.most for row in close), default=0.0)
    least = by_name[f"diagnosis at rank {settings.k}"].least if settings.k == 10 else by_name["diagnosis alone"].least
    return {
        f"no invented name earns anything ({invented:.1%} of {names:,} do)": invented == 0,
        f"every attack's mean is below the baseline's {honest:.3f} (highest: {highest.name}, {highest.mean:.3f})":
            highest.mean < honest,
        f"the diagnosis, wherever it stands, earns more ({least:.3f} at least) than related names ({top:.3f} at most)": least > top,
    }  # fmt: skip


def _batches(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    yield from (cases[start : start + BATCH] for start in range(0, len(cases), BATCH))


def _at_hand(root: Path) -> str:
    """The preferred task where its data is there, else the simulated patients."""
    try:
        available(PREFERRED.partition("@")[0], root, {})
    except DataMissing:
        return ALWAYS
    return PREFERRED


def _cases(task: str, root: Path, size: int, seed: int) -> list[Case]:
    """Cases of a task, drawn by the seed; of simulated patients, as many as are wanted."""
    if size < 1:
        raise UsageError(f"--cases {size}: give 1 or more")
    name, *selectors = task.split("@")
    if name not in BENCHMARKS:
        raise UnknownName("benchmark", name, BENCHMARKS)
    cases = splits.marked(load_cases(name, root, sim_n=size, sim_seed=seed))
    left = splits.selected(cases, selectors) if selectors else cases
    return Random(seed).sample(list(left), min(size, len(left)))
