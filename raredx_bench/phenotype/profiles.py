"""Diseases -> what their patients are expected to show, compiled once: own terms, terms with all above them, traits of size.

Rows are canonical diseases. A disease that HPO doesn't annotate (a new one) gets a profile too: findings that its own names
state ("… with microcephaly, absent speech, and hypotonia"), and weakly what its siblings in Mondo share. Then come groups
("hereditary angioedema"), with what their diseases share: texts are answered by these too, findings alone by diseases. Further rows
can hold a disease without the annotations that cite one publication, so that a case from it can be ranked as if it were new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from raredx_bench.compiled import Parts, compiled, digest_of
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype.expecting import (
    GROUP_LEAST,
    KIN,
    KIN_LEAST,
    MOST_IN_GROUP,
    MOST_KIN,
    NAMED,
    TITLED,
    Shares,
    candidates,
    group_shares,
    groups,
    kin_shares,
    named_shares,
    stated_shares,
)
from raredx_bench.phenotype.standing import Standing, standings, traits

FORMAT = "profiles-5"
TRAITS = (
    "terms", "mass", "patients", "counted", "published", "automatic", "papers", "omim", "orpha", "below", "annotated", "named",
    "genes", "depth",
)  # fmt: skip


@dataclass(frozen=True)
class Cited:
    """Diseases without the annotations that cite one publication, by publication and canonical id.

    shares: {term: share}; quality: on what the remaining annotations stand.
    """

    shares: Mapping[tuple[str, str], Shares]
    quality: Mapping[tuple[str, str], Standing]


class Profiles:
    """Arrays over rows (diseases, groups, then rows without a publication). All shares lie between 0 and 1."""

    def __init__(self, hpo: Hpo, ontology: Ontology, cited: Cited | None = None) -> None:
        self.hpo, self.ontology = hpo, ontology
        shares = repr(sorted((key, sorted(value.items())) for key, value in cited.shares.items())) if cited else ""
        mark = digest_of([shares, repr(sorted(cited.quality.items()))]) if cited else ""
        constants = str((NAMED, KIN, KIN_LEAST, MOST_KIN, GROUP_LEAST, MOST_IN_GROUP, sorted(TITLED.items())))
        self.digest = digest_of([FORMAT, hpo.digest, ontology.digest, mark, constants])
        document, arrays = compiled("profiles", self.digest, lambda: _compile(hpo, ontology, cited))
        self.diseases: tuple[str, ...] = tuple(document["diseases"])  # of the real rows, groups last
        self.groups = range(document["single"], len(self.diseases))  # rows
        self.without: tuple[str, ...] = tuple(document["without"])  # publication of each further row
        self.owner = arrays["owner"]  # (rows,) the real row behind each
        self.start, self.row, self.share = arrays["start"], arrays["row"], arrays["share"]  # by term, ancestors included
        self.own_start, self.own_term, self.own_share = arrays["own_start"], arrays["own_term"], arrays["own_share"]
        self.all_start, self.all_term, self.all_share = arrays["all_start"], arrays["all_term"], arrays["all_share"]
        self.denied_start, self.denied_row = arrays["denied_start"], arrays["denied_row"]  # by term: diseases that lack it
        self.traits = arrays["traits"]  # (rows, TRAITS) float32
        self.background, self.content = arrays["background"], arrays["content"]  # (terms,): mean share; information content, nats

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.owner)

    def column(self, term: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows that have a term or one below it, ascending, and their shares."""
        span = slice(self.start[term], self.start[term + 1])
        return self.row[span], self.share[span]

    def own(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Terms that a row itself states, and their shares."""
        span = slice(self.own_start[row], self.own_start[row + 1])
        return self.own_term[span], self.own_share[span]

    def owns(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Terms that rows state, their shares, and the place of each one's row among the rows asked for."""
        return _spans(rows, self.own_start, self.own_term, self.own_share)

    def above(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same with all terms above them."""
        return _spans(rows, self.all_start, self.all_term, self.all_share)

    @cached_property
    def mass(self) -> np.ndarray:
        """Number of findings to expect of a patient of each row; (rows,) float32."""
        owner = np.repeat(np.arange(self.rows), np.diff(self.own_start))
        return np.bincount(owner, self.own_share, minlength=self.rows).astype(np.float32)

    @cached_property
    def _lacking(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        found: dict[str, list[int]] = {}
        for place, publication in enumerate(self.without, len(self.diseases)):
            found.setdefault(publication, []).append(place)
        return {each: (np.array(rows), self.owner[rows]) for each, rows in found.items()}

    def alive(self, publication: str = "", groups: bool = False) -> np.ndarray:
        """Which rows to rank: the diseases themselves, or those without a publication in their place, and groups; (rows,) bool.

        A group stands for all its diseases: it keeps what the publication says of one of them.
        """
        mask = np.zeros(self.rows, bool)
        mask[: self.groups.stop if groups else self.groups.start] = True
        if publication in self._lacking:
            fresh, stale = self._lacking[publication]
            mask[fresh], mask[stale] = True, False
        return mask


def _spans(rows: np.ndarray, start: np.ndarray, terms: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lengths = start[rows + 1] - start[rows]
    cells = np.repeat(start[rows] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    return terms[cells], shares[cells], np.repeat(np.arange(len(rows)), lengths)


def _compile(hpo: Hpo, ontology: Ontology, cited: Cited | None) -> Parts:
    stated = stated_shares(hpo, ontology)
    single, wider = candidates(ontology), groups(ontology, stated)
    named = named_shares(hpo, ontology, [*stated, *single, *wider])
    full = {each: _joined(stated.get(each, {}), named.get(each, {})) for each in sorted({*stated, *named} - {*wider})}
    for disease, kin in kin_shares(ontology, stated, [each for each in single if each not in stated]).items():
        full[disease] = _joined(full.get(disease, {}), kin)
    shared = group_shares(ontology, stated, wider)
    diseases = sorted(full) + sorted(wider)
    full |= {each: _joined(named.get(each, {}), shared[each]) for each in wider}
    position = {identifier: row for row, identifier in enumerate(diseases)}
    every: list[Shares] = [full[identifier] for identifier in diseases]
    owner, without = list(range(len(diseases))), []
    left = {key: shares for key, shares in (cited.shares if cited else {}).items() if key[1] in position}  # others: denied alone
    for (publication, disease), shares in sorted(left.items()):
        every.append(_joined(shares, named.get(disease, {})))
        owner.append(position[disease])
        without.append(publication)
    arrays = {**_own(every), **_columns(hpo, every, len(diseases) - len(wider)), **_denied(hpo, ontology, position),
              "owner": np.array(owner, np.int32)}  # fmt: skip
    quality = standings(hpo, ontology)
    known = [(quality.get(each, Standing()), each in stated) for each in diseases]
    known += [(cited.quality[each], bool(left[each])) for each in sorted(left) if cited]
    arrays["traits"] = _traits(hpo, ontology, [diseases[each] for each in owner], every, known, named)
    return {"diseases": diseases, "single": len(diseases) - len(wider), "without": without}, arrays


def _joined(first: Shares, second: Shares) -> dict[int, float]:
    return {**second, **{term: max(share, second.get(term, 0.0)) for term, share in first.items()}}


def _own(every: list[Shares]) -> dict[str, np.ndarray]:
    start = np.cumsum([0, *(len(each) for each in every)])
    return {
        "own_start": start.astype(np.int64),
        "own_term": np.array([term for each in every for term in each], np.int32),
        "own_share": np.array([share for each in every for share in each.values()], np.float32),
    }


def _columns(hpo: Hpo, every: list[Shares], real: int) -> dict[str, np.ndarray]:
    """By term the rows that have it or one below it, with the largest share; background, information content."""
    own = _own(every)
    rows = np.repeat(np.arange(len(every)), np.diff(own["own_start"]))
    lengths = np.diff(hpo.ancestor_start)[own["own_term"]]
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    above = hpo.ancestor[np.repeat(hpo.ancestor_start[own["own_term"]], lengths) + offsets]
    cell = above.astype(np.int64) * len(every) + np.repeat(rows, lengths)
    spread = np.repeat(own["own_share"], lengths)
    order = np.lexsort((-spread, cell))
    cell, first = np.unique(cell[order], return_index=True)
    spread = spread[order][first]
    inside = cell // len(every) != hpo.position[ROOT]
    cell, spread = cell[inside], spread[inside]
    term, row = cell // len(every), cell % len(every)
    mass = np.bincount(term[row < real], spread[row < real], minlength=len(hpo.ids))
    count = np.bincount(term[row < real], minlength=len(hpo.ids))
    mass[hpo.position[ROOT]] = count[hpo.position[ROOT]] = real  # every disease has it: its column was left out, it tells nothing
    by_row = np.argsort(row, kind="stable")
    return {
        "all_start": np.searchsorted(row[by_row], np.arange(len(every) + 1)).astype(np.int64),
        "all_term": term[by_row].astype(np.int32),
        "all_share": spread[by_row].astype(np.float32),
        "start": np.searchsorted(term, np.arange(len(hpo.ids) + 1)).astype(np.int64),
        "row": row.astype(np.int32),
        "share": spread.astype(np.float32),
        "background": np.maximum(mass / real, 1 / real).astype(np.float32),
        "content": (-np.log(np.maximum(count, 1) / real)).astype(np.float32),
    }


def _denied(hpo: Hpo, ontology: Ontology, position: Mapping[str, int]) -> dict[str, np.ndarray]:
    """By term the real rows of which an annotation says that patients don't have it."""
    row_of = np.array([position.get(ontology.canonical(each) or each, -1) for each in hpo.diseases], np.int64)
    rows = np.flatnonzero(hpo.negated)
    owner = row_of[hpo.disease[rows]]
    pairs = np.unique(hpo.term[rows][owner >= 0].astype(np.int64) * len(position) + owner[owner >= 0])
    return {
        "denied_start": np.searchsorted(pairs // len(position), np.arange(len(hpo.ids) + 1)).astype(np.int64),
        "denied_row": (pairs % len(position)).astype(np.int32),
    }


def _traits(
    hpo: Hpo, ontology: Ontology, diseases: list[str], every: list[Shares], known: list[tuple[Standing, bool]],
    named: Mapping[str, Shares],
) -> np.ndarray:  # fmt: skip
    """How much is known of each row, on what that stands, and what kind of entry it is; (rows, TRAITS) float32."""
    depth = np.diff(hpo.ancestor_start).tolist()
    rows = []
    for disease, shares, (quality, annotated) in zip(diseases, every, known, strict=True):
        entry = ontology.get(disease)
        ids = (disease, *(entry.xrefs if entry else ()))
        rows.append([
            np.log1p(len(shares)), np.log1p(sum(shares.values())), *traits(quality),
            sum(each.startswith("OMIM:") for each in ids), sum(each.startswith("ORPHA:") for each in ids),
            np.log1p(ontology.size_below(disease)) if entry else 0.0, annotated, disease in named,
            np.log1p(len(entry.genes) if entry else 0), sum(depth[term] for term in shares) / max(len(shares), 1),
        ])  # fmt: skip
    return np.array(rows, np.float32)
