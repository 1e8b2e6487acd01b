"""What each finding says about each candidate, in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from raredx_bench.phenotype.profiles import Profiles
from raredx_bench.phenotype.ratios import BEHIND, LEAST, LEAST_ABSENT

MOST_MISSING = 5
FREQUENT = 0.5  # share of patients from which a finding that nobody mentioned is told as missing


@dataclass(frozen=True)
class Evidence:
    """What one finding says about one disease.

    finding: HPO id of the patient's finding, of a missing one the disease's; kind: "supports", "contradicts", "unexplained" (the
    disease isn't known for it) or "missing" (frequent in the disease, not mentioned of the patient: no part of the score).
    annotated: HPO id of the disease's annotation that matched, "" if none; frequency: share of its patients, None if unknown.
    weight: log likelihood ratio in nats.
    """

    finding: str
    kind: str
    annotated: str
    frequency: float | None
    weight: float


def evidence(
    profiles: Profiles, rows: Sequence[int], observed: Sequence[str], excluded: Sequence[str]
) -> list[tuple[Evidence, ...]]:
    """The evidence of each row, in the order of the findings: observed, then excluded, then what is missing."""
    terms, absent = profiles.hpo.indices(observed), profiles.hpo.indices(excluded)
    columns = [_observed(profiles, rows, term) for term in terms] + [_excluded(profiles, rows, term) for term in absent]
    return [
        (*(each for column in columns if (each := column[place]) is not None), *_missing(profiles, row, terms, absent))
        for place, row in enumerate(rows)
    ]


def _observed(profiles: Profiles, rows: Sequence[int], term: int) -> list[Evidence | None]:
    best = np.full(len(rows), LEAST)
    matched, shares = np.full(len(rows), -1), np.zeros(len(rows))
    for above in profiles.hpo.ancestors(term).tolist():
        share = _shares(profiles, rows, above)
        ratio = share / float(profiles.background[above]) * (1 if above == term else BEHIND)
        better = ratio > best
        best[better], matched[better], shares[better] = ratio[better], above, share[better]
    ids = profiles.hpo.ids
    return [
        Evidence(ids[term], "supports" if above >= 0 and ratio > 1 else "unexplained", ids[above] if above >= 0 else "",
                 float(share) if above >= 0 else None, math.log(ratio))
        for ratio, above, share in zip(best.tolist(), matched.tolist(), shares.tolist(), strict=True)
    ]  # fmt: skip


def _excluded(profiles: Profiles, rows: Sequence[int], term: int) -> list[Evidence | None]:
    identifier = profiles.hpo.ids[term]
    found: list[Evidence | None] = []
    for share in _shares(profiles, rows, term).tolist():
        weight = _absence(profiles, term, share)
        kind = "contradicts" if weight < 0 else "supports"
        found.append(Evidence(identifier, kind, identifier, share, weight) if share else None)
    return found


def _missing(profiles: Profiles, row: int, terms: Sequence[int], absent: Sequence[int]) -> list[Evidence]:
    """The most frequent findings of a disease that the patient's neither state nor lie below, and that were not excluded."""
    said = {above for term in terms for above in profiles.hpo.ancestors(term).tolist()}
    own = [(share, term) for term, share in zip(*(each.tolist() for each in profiles.own(row)), strict=True)
           if share >= FREQUENT and term not in said and not set(absent) & set(profiles.hpo.ancestors(term).tolist())]  # fmt: skip
    own.sort(key=lambda each: (-each[0], each[1]))
    ids = profiles.hpo.ids
    return [Evidence(ids[term], "missing", ids[term], share, _absence(profiles, term, share)) for share, term in own[:MOST_MISSING]]


def _absence(profiles: Profiles, term: int, share: float) -> float:
    return math.log(max(1 - share, LEAST_ABSENT) / max(1 - float(profiles.background[term]), 0.05))


def _shares(profiles: Profiles, rows: Sequence[int], term: int) -> np.ndarray:
    """Share of each wanted row with a term or one below it, 0 where it has none; (wanted,) float64."""
    having, share = profiles.column(term)
    at = np.searchsorted(having, rows)
    inside = at < len(having)
    inside[inside] = having[at[inside]] == np.asarray(rows)[inside]
    found = np.zeros(len(rows))
    found[inside] = share[at[inside]]
    return found
