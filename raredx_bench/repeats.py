"""Verdicts of several runs on the same cases -> means, spread, pass@k, agreement, and intervals that hold the run-to-run part.

The runs differ in what a model leaves to chance, or in the wording of the prompt. Intervals of the means are 95 % percentile
bootstraps in two steps: clusters of cases are drawn with replacement, then runs with replacement within each drawn cluster
(Davison & Hinkley 1997, section 3.8). Chance that acts on each case apart shows in the first step already, so these intervals are
wide rather than narrow. What acts on all cases alike, as a wording does, shows in the second alone, and is drawn once for all of
them (shared); of r runs such a bootstrap holds (r - 1) / r of that variance.

pass@k: chance that the best of k runs is a hit, 1 - C(r - c, k) / C(r, k) with c hits in r runs (Chen et al. 2021,
arXiv:2107.03374), without bias. Fleiss' kappa: Fleiss 1971, doi:10.1037/h0031619.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from raredx_bench.domain import BadInput, Estimate, UsageError, Verdict
from raredx_bench.intervals import clustered
from raredx_bench.metrics import (
    CREDITS,
    MISS,
    RESAMPLES,
    histograms,
    mean_estimates,
    percentiles,
    rank_of,
    statistics_of,
    unsure,
)

HITS = (1, 5, 10)  # the k of recall@k
TRIES = (1, 2, 3, 4, 5, 10)  # the k of pass@k, and the number of runs itself
TOP = 5  # names whose diseases are compared
_CHUNK = 4_000_000  # numbers of a batch of resamples: 32 MB


@dataclass(frozen=True, slots=True)
class RunAgreement:
    """How alike runs judge the same case. Keys: hit@1, hit@5, hit@10.

    same: share of pairs of runs that are both hits or both misses, mean over cases. kappa: Fleiss', 1 is the same always, 0 is
    chance; None: every run hit every case, or none did. jaccard: diseases among the first five names that both runs of a pair
    have, of those that either has; mean over pairs and cases, 1 where neither has any.
    """

    same: Mapping[str, Estimate]
    kappa: Mapping[str, float | None]
    jaccard: Estimate


@dataclass(frozen=True, slots=True)
class Repeated:
    """Several runs on the same n cases. estimates: means over the runs, named as one run's. spread: their standard deviation
    between runs (n - 1). pass_at: "recall@1/pass@3" -> chance that the best of 3 runs hits; its interval is over cases alone.
    """

    runs: int
    n: int
    estimates: Mapping[str, Estimate]
    spread: Mapping[str, float]
    pass_at: Mapping[str, Estimate]
    agreement: RunAgreement


def repeated(runs: Sequence[Sequence[Verdict]], *, shared: bool = False, seed: int = 0) -> Repeated:
    """What runs on the same cases say together. shared: what differs between them acts on all cases alike, as a wording does.

    Raises UsageError for fewer than two runs or no cases, BadInput when the runs are not about the same cases.
    """
    runs = _aligned(runs)
    groups = [each.group for each in runs[0]]
    cluster, clusters = clustered(groups)
    ranks = np.array([[[rank_of(each, *relations) for each in run] for run in runs] for relations in CREDITS.values()])
    found = np.array([[histograms(run, cluster, clusters) for run in credit] for credit in ranks])  # (…, clusters, MISS)
    values = _named(statistics_of(found.sum(axis=2)))  # name -> (runs,)
    drawn = _named(statistics_of(_drawn(found, shared, seed)))  # name -> (runs, resamples)
    n = len(groups)
    estimates = {name: Estimate(float(each.mean()), *percentiles(drawn[name].mean(axis=0)), n) for name, each in values.items()}
    if clusters == 1 and n > 1:
        estimates = {name: unsure(name, each) for name, each in estimates.items()}
    hits = {k: (ranks[0] <= k).sum(axis=0) for k in HITS}  # in how many runs; (cases,)
    return Repeated(
        runs=len(runs),
        n=n,
        estimates=estimates,
        spread={name: float(each.std(ddof=1)) for name, each in values.items()},
        pass_at=mean_estimates({f"recall@{k}/pass@{tries}": pass_at(count, len(runs), tries) for k, count in hits.items()
                                for tries in sorted({*TRIES, len(runs)}) if tries <= len(runs)}, groups),
        agreement=_agreement(runs, hits),
    )  # fmt: skip


def _agreement(runs: Sequence[Sequence[Verdict]], hits: Mapping[int, np.ndarray]) -> RunAgreement:
    alike = {f"hit@{k}": _same(count, len(runs)) for k, count in hits.items()}
    found = mean_estimates({**alike, "jaccard": _jaccard(runs)}, [each.group for each in runs[0]])
    kappa = {f"hit@{k}": fleiss_kappa(count, len(runs)) for k, count in hits.items()}
    return RunAgreement({name: found[name] for name in alike}, kappa, found["jaccard"])


def pass_at(hits: np.ndarray, runs: int, k: int) -> np.ndarray:
    """For each case the chance that the best of k runs is a hit, from its hits in all runs; k at most runs, (cases,)."""
    chance: np.ndarray = np.array([1 - comb(runs - c, k) / comb(runs, k) for c in range(runs + 1)])[hits]
    return chance


def fleiss_kappa(hits: np.ndarray, runs: int) -> float | None:
    """Fleiss' kappa of hit or miss, from each case's hits in all runs; None when every verdict is the same."""
    share = float(hits.sum()) / (len(hits) * runs)
    by_chance = share**2 + (1 - share) ** 2
    return None if share in (0.0, 1.0) else (float(_same(hits, runs).mean()) - by_chance) / (1 - by_chance)


def _same(hits: np.ndarray, runs: int) -> np.ndarray:
    """Share of pairs of runs with the same verdict; (cases,)."""
    misses = runs - hits
    share: np.ndarray = (hits * (hits - 1) + misses * (misses - 1)) / (runs * (runs - 1))
    return share


def _jaccard(runs: Sequence[Sequence[Verdict]]) -> np.ndarray:
    """Mean over pairs of runs of the overlap of the first names' diseases; (cases,)."""
    tops = [[{p.link.id for p in each.predictions[:TOP]} - {None} for each in run] for run in runs]
    pairs = list(combinations(range(len(runs)), 2))
    return np.array([np.mean([_overlap(tops[a][case], tops[b][case]) for a, b in pairs]) for case in range(len(runs[0]))])


def _overlap(one: set[str | None], other: set[str | None]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _drawn(found: np.ndarray, shared: bool, seed: int) -> np.ndarray:
    """Histograms of resampled runs; (credits, runs, clusters, MISS) -> (credits, runs, resamples, MISS)."""
    credits, runs, clusters, _ = found.shape
    table = np.moveaxis(found, 0, 2).reshape(runs * clusters, credits * MISS)
    rng = np.random.default_rng(seed)
    batch = max(1, _CHUNK // (runs * runs * clusters))
    drawn = []
    for start in range(0, RESAMPLES, batch):
        rows = min(batch, RESAMPLES - start)
        which = rng.integers(clusters, size=(rows, 1, clusters))
        run = rng.integers(runs, size=(rows, runs, 1 if shared else clusters))
        row = np.arange(rows * runs).reshape(rows, runs, 1)
        place = ((row * runs + run) * clusters + which).ravel()
        counts = np.bincount(place, minlength=rows * runs * runs * clusters).reshape(rows * runs, runs * clusters)
        drawn.append((counts.astype(float) @ table).reshape(rows, runs, credits, MISS))
    return np.concatenate(drawn).transpose(2, 1, 0, 3)


def _named(found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Statistics with the credit as their first axis, by the names that estimates have."""
    return {
        f"{name}{suffix}": each[place]
        for place, suffix in enumerate(CREDITS)
        for name, each in found.items()
        if not suffix or name.startswith("recall")
    }


def _aligned(runs: Sequence[Sequence[Verdict]]) -> list[list[Verdict]]:
    """The runs' verdicts in the order of the first run's cases."""
    if len(runs) < 2 or not runs[0]:
        raise UsageError("repeats need at least two runs of at least one case: name more of them")
    first = {each.case_id: each for each in runs[0]}
    found = []
    for number, run in enumerate(runs, 1):
        own = {each.case_id: each for each in run}
        if len(own) != len(run) or own.keys() != first.keys():
            strange = sorted(own.keys() ^ first.keys())
            said = f"{strange[0]} is in only one of them" if strange else "a case is there twice"
            raise BadInput(f"run {number} is not about the cases of run 1 ({said}): name runs of the same task and options")
        other = next((key for key, each in own.items() if (each.group, each.gold) != (first[key].group, first[key].gold)), None)
        if other:
            raise BadInput(f"case {other} has another gold or group in run {number} than in run 1: they were judged against other "
                           "terminologies or releases, score them again with one")  # fmt: skip
        found.append([own[key] for key in first])
    return found
