"""A patient's findings against all rows of the profiles: several scores, and of the most likely rows what the ranking sees.

No feature tells which disease a row is: they are scores of the match, counts, and how much is known of the row. Scores: likelihood
ratios of several softnesses (Robinson et al. 2020, doi:10.1016/j.ajhg.2020.06.021), best matches by information content both ways
(Resnik 1999; Köhler et al. 2009, doi:10.1016/j.ajhg.2009.09.003), and the common share of information (simGIC, Pesquita et al.
2008, doi:10.1186/1471-2105-9-S5-S4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from raredx_bench.phenotype.profiles import TRAITS, Profiles
from raredx_bench.phenotype.ratios import BEHIND, LEAST, LEAST_ABSENT, best

SOFT, SOFT_LEAST = 0.3, 1e-2  # of the softer likelihood ratio
WITHIN = 0.6  # share of a finding's information content from which an ancestor's match explains it
CLOSE = 0.8  # the same, of a disease's own finding by the patient's
USUAL = 0.5  # share from which an excluded finding is counted as contradicting
OPEN = 0.2  # likelihood ratio of a finding that fits nowhere in a disease of which little is known: OPEN / (1 + expected findings)
SHORTLIST = 70  # rows by each of the scores that make the shortlist
BESIDE = 100  # rows by each score of something else than findings
SCARCE = 40  # rows without annotations of their own, by the open score
SCORES = ("strict", "soft", "open", "forward", "backward", "exact", "gic", "gicshare")
COUNTS = ("hits", "unexplained", "share of hits", "contradicted", "contradictions", "denied", "unmet", "met")
PLAIN = (*SCORES, *COUNTS, *TRAITS)
BY_FINDINGS = (*SCORES, "unmet", "met", "mass", "annotated", "omim", "terms")  # times the logarithm of the number of findings
BY_EXCLUDED = (*SCORES, *TRAITS, "unmet", "met")  # counted again where something was excluded: such cases are described fully
NAMES = (*PLAIN, *(f"{name} by findings" for name in BY_FINDINGS), *(f"{name} if excluded" for name in BY_EXCLUDED))


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows on the shortlist, ascending by disease, and their features; (shortlist, NAMES) float32."""

    rows: np.ndarray
    table: np.ndarray


class Matcher:
    """Scores of findings against profiles."""

    def __init__(self, profiles: Profiles) -> None:
        self.profiles = profiles
        self.hpo = profiles.hpo
        self._open = (OPEN / (1 + profiles.mass)).astype(np.float32)
        self._annotated = profiles.traits[:, TRAITS.index("annotated")] > 0
        self._length = 0.5 * np.log(np.maximum(profiles.mass, 1e-3))
        self._matched = lru_cache(maxsize=1024)(self._match)

    def see(
        self, observed: Sequence[str], excluded: Sequence[str] = (), publication: str = "", besides: np.ndarray | None = None
    ) -> Seen:
        """The shortlist of a patient with at least one known finding observed. besides: scores of rows by something else than
        findings, (n, rows): the BESIDE best by each are on it as well, groups among them."""
        terms, absent = self.hpo.indices(observed), self.hpo.indices(excluded)
        strict, soft, wide = (sum(parts) for parts in zip(*(self._matched(term) for term in terms), strict=True))
        against, worst, number = self._against(absent)
        whole = {"strict": strict + against, "soft": soft + against, "open": wide + against,
                 "lengthwise": strict + against - self._length}  # fmt: skip
        rows = self._shortlist(whole, self.profiles.alive(publication, groups=besides is not None), besides)
        counts = {"contradicted": worst[rows], "contradictions": number[rows], "denied": self._denied(rows, terms)}
        return Seen(rows, self._table(rows, {name: each[rows] for name, each in whole.items()}, counts, terms, absent))

    def _against(self, absent: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log ratio of the excluded findings, the largest share contradicted, the number of usual ones; (rows,) each."""
        against, worst, number = (np.zeros(self.profiles.rows, np.float32) for _ in range(3))
        for term in absent:
            rows, share = self.profiles.column(term)
            against[rows] += np.log(np.maximum(1 - share, LEAST_ABSENT) / max(1 - float(self.profiles.background[term]), 0.05))
            worst[rows] = np.maximum(worst[rows], share)
            number[rows] += share >= USUAL
        return against, worst, number

    def _denied(self, rows: np.ndarray, terms: list[int]) -> np.ndarray:
        """How many of the findings, or terms above them, an annotation says that the disease doesn't have; (wanted,)."""
        owners = self.profiles.owner[rows]
        found = np.zeros(len(rows), np.float32)
        for above in np.flatnonzero(self._closure(terms)):
            span = slice(self.profiles.denied_start[above], self.profiles.denied_start[above + 1])
            if span.stop > span.start:
                found += np.isin(owners, self.profiles.denied_row[span])
        return found

    def _closure(self, terms: list[int]) -> np.ndarray:
        """Which terms the findings or terms above them are; (terms,) bool."""
        closure = np.zeros(len(self.hpo.ids), bool)
        closure[np.concatenate([self.hpo.ancestors(term) for term in terms])] = True
        return closure

    def _match(self, term: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Strict, soft and open log ratio of an observed finding; (rows,) float32 each."""
        above = np.full(self.profiles.rows, 0, np.float32)
        for each in self.hpo.ancestors(term)[1:].tolist():
            rows, share = self.profiles.column(each)
            above[rows] = np.maximum(above[rows], share / self.profiles.background[each])
        rows, share = self.profiles.column(term)
        own = np.zeros(self.profiles.rows, np.float32)
        own[rows] = share / self.profiles.background[term]
        soft = np.maximum(own, above * np.float32(SOFT))
        strict = np.maximum(np.maximum(own, above * np.float32(BEHIND)), np.float32(LEAST))
        return np.log(strict), np.log(np.maximum(soft, np.float32(SOFT_LEAST))), np.log(np.maximum(soft, self._open))

    def _shortlist(self, scores: dict[str, np.ndarray], alive: np.ndarray, besides: np.ndarray | None) -> np.ndarray:
        chosen = [best(np.where(alive, each, -np.inf), SHORTLIST) for each in scores.values()]
        for each in () if besides is None else besides:
            said = best(np.where(alive, each, -np.inf), BESIDE)
            chosen.append(said[each[said] > 0])
        chosen.append(best(np.where(alive & ~self._annotated, scores["open"], -np.inf), SCARCE))
        rows = np.unique(np.concatenate(chosen))
        rows = rows[alive[rows]]
        ordered: np.ndarray = rows[np.argsort(self.profiles.owner[rows], kind="stable")]
        return ordered

    def _table(
        self, rows: np.ndarray, found: dict[str, np.ndarray], counts: dict[str, np.ndarray], terms: list[int], absent: list[int]
    ) -> np.ndarray:
        found |= self._forward(rows, terms, counts) | self._both(rows, terms) | self._backward(rows, terms, counts)
        found |= counts | dict(zip(TRAITS, self.profiles.traits[rows].T, strict=True))
        many, some = np.log(len(terms)), float(bool(absent))
        columns = [found[name] for name in PLAIN]
        columns += [found[name] * many for name in BY_FINDINGS] + [found[name] * some for name in BY_EXCLUDED]
        table: np.ndarray = np.stack(columns, axis=1).astype(np.float32)
        return table

    def _forward(self, rows: np.ndarray, terms: list[int], counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """How well each row explains the findings, by information content; counts gets how many it explains."""
        profiles = self.profiles
        line = np.full(profiles.rows, -1)
        line[rows] = np.arange(len(rows))
        near, own = (np.zeros((len(terms), len(rows)), np.float32) for _ in range(2))
        columns: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for place, term in enumerate(terms):
            for above in self.hpo.ancestors(term).tolist():
                if above not in columns:
                    having, share = profiles.column(above)
                    at = line[having]
                    columns[above] = at[at >= 0], share[at >= 0]
                at, share = columns[above]
                near[place, at] = np.maximum(near[place, at], profiles.content[above])
                if above == term:
                    own[place, at] = share
        content = profiles.content[terms][:, None]
        known = max(float(content.sum()), 1e-3)
        counts["hits"], counts["share of hits"] = (own > 0).mean(axis=0), own.mean(axis=0)
        counts["unexplained"] = (near < WITHIN * content).mean(axis=0)
        return {"forward": near.sum(axis=0) / known, "exact": (content * (own > 0)).sum(axis=0) / known}

    def _both(self, rows: np.ndarray, terms: list[int]) -> dict[str, np.ndarray]:
        """Information content of the terms above both, over that above either, and the former by shares."""
        closure = self._closure(terms)
        having, share, owner = self.profiles.above(rows)
        content = self.profiles.content[having]
        common = np.where(closure[having], content, 0)
        both, by_share, all_of_row = (np.bincount(owner, each, minlength=len(rows)) for each in (common, common * share, content))
        asked = max(float(self.profiles.content[closure].sum()), 1e-3)
        return {"gic": both / np.maximum(all_of_row + asked - both, 1e-3), "gicshare": by_share / asked}

    def _backward(self, rows: np.ndarray, terms: list[int], counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """How much of each row's own information the findings reach; counts gets how many expected findings they miss and meet."""
        content = self.profiles.content
        reached = np.maximum.reduceat(np.where(self._closure(terms), content, 0)[self.hpo.ancestor], self.hpo.ancestor_start[:-1])
        having, share, owner = self.profiles.owns(rows)
        part = np.minimum(reached[having] / np.maximum(content[having], 1e-3), 1)
        met, unmet, got, all_of_row = (
            np.bincount(owner, each, minlength=len(rows))
            for each in (share * (part >= CLOSE), share * (part < CLOSE), share * reached[having], share * content[having])
        )
        counts["met"], counts["unmet"] = met, unmet
        return {"backward": got / np.maximum(all_of_row, 1e-3)}
