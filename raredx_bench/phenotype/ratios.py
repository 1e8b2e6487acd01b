"""The plain ranker: HPO terms (or text) -> diseases by likelihood ratios, with evidence.

Naive-Bayes likelihood ratios over HPO's annotations, after LIRICAL (Robinson et al., AJHG 2020, doi:10.1016/j.ajhg.2020.06.021):
a finding t speaks for disease d with P(t | d) / P(t). Frequencies are propagated to all ancestor terms, P(t) is the mean over all
diseases, and a finding the disease is not annotated with is scored at the best common ancestor a, at BEHIND of its ratio.
Excluded findings count (1 - P(t | d)) / (1 - P(t)). Ids that Mondo declares equivalent are one disease with the union of their
annotations. Ties are broken by the canonical id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from raredx_bench.compiled import Parts, compiled, digest_of
from raredx_bench.domain import MAX_RANK
from raredx_bench.findings import FindingReader, Findings
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.ontology import Ontology

VERSION = "phenotype-1"
# Three constants on a broad plateau (docs/phenotype.md has the grid): neighbours move recall by under one point.
UNKNOWN_FREQUENCY = 0.5  # of a finding whose annotation states none
BEHIND = 0.03  # weight of a match at an ancestor against one at the term itself
LEAST = 1e-4  # likelihood ratio of a finding that fits nowhere
LEAST_ABSENT = 0.3  # floor of 1 - P(t | d): an exclusion never costs more than this

_LN10 = float(np.log(10))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one finding says about one disease.

    log10_ratio: decimal logarithm of the likelihood ratio, negative: it speaks against.
    matched: the annotated term or ancestor that it was scored at; None when it fits nowhere.
    frequency: share of patients with the matched term, 0 to 1.
    """

    finding: str
    observed: bool
    log10_ratio: float
    matched: str | None
    frequency: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ranked disease; score is the sum of its evidence."""

    id: str
    name: str
    score: float
    evidence: tuple[Evidence, ...]


def expected(frequency: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """The share of patients to expect behind a stated one, NaN where none is stated; (annotations,)."""
    share = np.where(np.isnan(frequency), UNKNOWN_FREQUENCY, frequency)
    weight = np.maximum(patients, 0)
    return np.where(weight > 0, (share * weight + UNKNOWN_FREQUENCY) / (weight + 1), share)  # one pseudo-patient


def best(scores: np.ndarray, limit: int) -> np.ndarray:
    """So many rows with the highest scores, best first, ties by row."""
    limit = min(limit, len(scores))
    floor = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    among = np.flatnonzero(scores >= floor)
    found: np.ndarray = among[np.argsort(-scores[among], kind="stable")][:limit]
    return found


class Ranker:
    """Ranks all annotated diseases for a set of findings."""

    def __init__(self, hpo: Hpo, ontology: Ontology) -> None:
        self.hpo = hpo
        self.ontology = ontology
        self._reader = FindingReader(hpo)
        key = digest_of([VERSION, hpo.digest, ontology.digest, str(UNKNOWN_FREQUENCY)])
        document, arrays = compiled("phenotype", key, self._compile)
        self.diseases: tuple[str, ...] = tuple(document["diseases"])
        self._start, self._row, self._share = arrays["start"], arrays["row"], arrays["share"]
        background = np.add.reduceat(np.append(self._share, 0.0), self._start[:-1]) * (np.diff(self._start) > 0)
        self._background = np.maximum(background / len(self.diseases), 1 / len(self.diseases)).astype(np.float32)
        self._observed = lru_cache(maxsize=4096)(self._observed_scores)

    def rank(self, observed: Sequence[str], excluded: Sequence[str] = (), limit: int = MAX_RANK) -> list[Candidate]:
        """The best diseases with their evidence; ids that this HPO release doesn't know are passed over, none left: no list."""
        if not self.hpo.indices([*observed, *excluded]):
            return []
        scores = self.scores(observed, excluded)
        best = self.top(scores, limit)
        evidence = [self._observed_evidence(term, best) for term in self.hpo.indices(observed)]
        evidence += [self._excluded_evidence(term, best) for term in self.hpo.indices(excluded)]
        return [
            Candidate(
                id=self.diseases[row],
                name=self.ontology.name(self.diseases[row]),
                score=float(scores[row]) / _LN10,
                evidence=tuple(each[place] for each in evidence),
            )
            for place, row in enumerate(best)
        ]

    def scores(self, observed: Sequence[str], excluded: Sequence[str] = ()) -> np.ndarray:
        """Log likelihood ratio of every disease, in the order of self.diseases; (diseases,) float32."""
        total = np.zeros(len(self.diseases), np.float32)
        for term in self.hpo.indices(observed):
            total += self._observed(term)
        for term in self.hpo.indices(excluded):
            rows, share = self._column(term)
            total[rows] += np.log(np.maximum(1 - share, LEAST_ABSENT) / max(1 - float(self._background[term]), 0.05))
        return total

    def likelihood(self, profile: Mapping[str, float], observed: Sequence[str], excluded: Sequence[str] = ()) -> float:
        """Log likelihood ratio of one disease that has this profile ({HPO id: `expected` share}), by the formula of `scores`."""
        root = self.hpo.position[ROOT]
        shares: dict[int, float] = {}
        for identifier, share in profile.items():
            for each in (each for term in self.hpo.indices([identifier]) for each in self.hpo.ancestors(term).tolist()):
                if each != root:
                    shares[each] = max(share, shares.get(each, 0.0))
        total = 0.0
        for term in self.hpo.indices(observed):
            above = (each for each in self.hpo.ancestors(term).tolist() if each in shares)
            total += math.log(max([LEAST, *(shares[each] * float(self._worth(each, term)) for each in above)]))
        for term in self.hpo.indices(excluded):
            if term in shares:
                total += self.absence(term, shares[term])
        return total

    def absence(self, term: int, share: float) -> float:
        """Log likelihood ratio of an excluded term for a disease in which this share of patients has it."""
        return math.log(max(1 - share, LEAST_ABSENT) / max(1 - float(self._background[term]), 0.05))

    def top(self, scores: np.ndarray, limit: int) -> list[int]:
        """Rows of the best scores, best first, ties in the order of the canonical ids."""
        found: list[int] = best(scores, limit).tolist()
        return found

    def read(self, text: str) -> Findings:
        """The findings that a free text states."""
        return self._reader.read(text)

    def diagnose(self, text: str, limit: int = MAX_RANK) -> list[Candidate]:
        """The best diseases for a free-text case."""
        found = self.read(text)
        return self.rank(found.observed, found.excluded, limit)

    def _column(self, term: int) -> tuple[np.ndarray, np.ndarray]:
        span = slice(self._start[term], self._start[term + 1])
        return self._row[span], self._share[span]

    def _observed_scores(self, term: int) -> np.ndarray:
        """Log likelihood ratio of an observed term for every disease; (diseases,) float32."""
        best = np.full(len(self.diseases), LEAST, np.float32)
        for above in self.hpo.ancestors(term):
            rows, ratio = self._ratios(int(above), term)
            best[rows] = np.maximum(best[rows], ratio)
        scores: np.ndarray = np.log(best)
        return scores

    def _ratios(self, above: int, term: int) -> tuple[np.ndarray, np.ndarray]:
        """The diseases annotated at or below a term or its ancestor, and what a match there is worth."""
        rows, share = self._column(above)
        return rows, share * self._worth(above, term)

    def _worth(self, above: int, term: int) -> np.float32:
        """What a match at a term or its ancestor is multiplied by."""
        return np.float32((1.0 if above == term else BEHIND) / self._background[above])

    def _observed_evidence(self, term: int, wanted: Sequence[int]) -> list[Evidence]:
        best = np.full(len(wanted), LEAST, np.float32)
        matched, shares = np.full(len(wanted), -1), np.zeros(len(wanted), np.float32)
        for above in map(int, self.hpo.ancestors(term)):
            share = self._shares(above, wanted)
            ratio = share * self._worth(above, term)
            better = ratio > best
            best[better], matched[better], shares[better] = ratio[better], above, share[better]
        return [
            Evidence(self.hpo.ids[term], True, float(np.log10(ratio)), None if above < 0 else self.hpo.ids[above], float(share))
            for ratio, above, share in zip(best, matched, shares, strict=True)
        ]

    def _excluded_evidence(self, term: int, wanted: Sequence[int]) -> list[Evidence]:
        identifier, background = self.hpo.ids[term], max(1 - float(self._background[term]), 0.05)
        return [
            Evidence(identifier, False, float(np.log10(max(1 - float(share), LEAST_ABSENT) / background)), identifier, float(share))
            if share > 0
            else Evidence(identifier, False, 0.0, None, 0.0)
            for share in self._shares(term, wanted)
        ]

    def _shares(self, term: int, wanted: Sequence[int]) -> np.ndarray:
        """Share of patients of each wanted disease with a term or one below it, 0 where it isn't annotated; (wanted,) float32."""
        rows, share = self._column(term)
        at = np.searchsorted(rows, wanted)
        inside = at < len(rows)
        inside[inside] = rows[at[inside]] == np.asarray(wanted)[inside]
        found = np.zeros(len(wanted), np.float32)
        found[inside] = share[at[inside]]
        return found

    def _compile(self) -> Parts:
        hpo = self.hpo
        canonical = [self.ontology.canonical(identifier) or identifier for identifier in hpo.diseases]
        diseases = sorted(set(canonical))
        position = {identifier: row for row, identifier in enumerate(diseases)}
        row_of = np.array([position[identifier] for identifier in canonical], np.int64)
        keep = np.flatnonzero(~hpo.negated)
        share = expected(hpo.frequency, hpo.patients)
        # the mean over equivalent entries, then the largest share below each ancestor
        pair = row_of[hpo.disease[keep]] * len(hpo.ids) + hpo.term[keep]
        unique, inverse = np.unique(pair, return_inverse=True)
        mean = np.bincount(inverse, share[keep]) / np.bincount(inverse)
        rows, terms = unique // len(hpo.ids), unique % len(hpo.ids)
        lengths = np.diff(hpo.ancestor_start)[terms]
        above = np.concatenate([hpo.ancestors(int(term)) for term in terms])
        spread = np.repeat(mean, lengths)
        cell = above.astype(np.int64) * len(diseases) + np.repeat(rows, lengths)
        order = np.lexsort((-spread, cell))
        cell, first = np.unique(cell[order], return_index=True)
        spread = spread[order][first]
        inside = cell // len(diseases) != hpo.position[ROOT]
        cell, spread = cell[inside], spread[inside]
        start = np.searchsorted(cell // len(diseases), np.arange(len(hpo.ids) + 1))
        return {"diseases": diseases}, {
            "start": start.astype(np.int64),
            "row": (cell % len(diseases)).astype(np.int32),
            "share": spread.astype(np.float32),
        }
