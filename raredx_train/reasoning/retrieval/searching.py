"""Case -> records: diseases by phenotype profile, by words and by vectors, fused; candidates; training patients like the case.

Nothing here reads the answers of the case that is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from raredx_bench.domain import Case
from raredx_bench.findings import FindingReader, Findings
from raredx_bench.phenotype import Ranker
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.reasoning.records import Record
from raredx_train.reasoning.retrieval.dense import Dense, Encoder
from raredx_train.reasoning.retrieval.patients import Patients
from raredx_train.reasoning.retrieval.words import Bm25, words
from raredx_train.reasoning.retrieval.writing import disease_record, patient_record
from raredx_train.reasoning.views import annotated

# Of the fusion, chosen on training cases (benchmarks/retrieval.py): the constant of reciprocal rank fusion (Cormack, Clarke &
# Büttcher 2009, doi:10.1145/1571941.1572114), and what a place in each list counts.
CONSTANT = 60
WEIGHTS: Mapping[str, float] = {"profile": 1.0, "words": 0.5, "dense": 0.5}
_TEXT = (Kind.SYNONYM, Kind.DEFINITION, Kind.FINDING, Kind.GENE, Kind.INHERITANCE, Kind.ONSET, Kind.COURSE)


class Retriever:
    """Looks up what is taught that bears on a case. patients: training cases alone; encoder: id, path or object; empty: none."""

    def __init__(self, base: Base, patients: Sequence[Case] = (), encoder: str | Encoder = "") -> None:
        self.base = base
        self._ranker = Ranker(annotated(base.hpo, base.taught), base.ontology)
        self.diseases = tuple(sorted({*base.diseases, *self._ranker.diseases}))
        self._row = {disease: row for row, disease in enumerate(self.diseases)}
        self._profiles = np.array([self._row[each] for each in self._ranker.diseases], np.int64)
        texts = [self._text(each) for each in self.diseases]
        self._bm25 = Bm25(map(words, texts))
        self._dense = Dense(encoder, texts) if encoder else None
        self._read = lru_cache(maxsize=1024)(FindingReader(base.hpo).read)
        self._fused = lru_cache(maxsize=1024)(self._fuse)
        self.patients = Patients(base, patients, self.findings)

    def for_case(self, case: Case, candidates: Sequence[str] = (), diseases: int = 5, patients: int = 2) -> list[Record]:
        """Records of the diseases that fit best, then of candidates not among them, then of training patients like this one.

        candidates: ids of any vocabulary; those without facts are passed over, of the others up to `diseases` are shown, best
        fitting first. A patient is never the case, a variant of it, or one of its publication (group).
        """
        seen = self.findings(case)
        scores = self._fused(seen, case.presentation)
        fitting = self.best(scores, diseases)
        known = {self._row[each] for each in map(self.base.ontology.canonical, candidates) if each in self._row}
        named = sorted(known.difference(fitting), key=lambda row: (-scores[row], row))
        found = [*self._records(fitting, seen, scores)[:diseases], *self._records(named, seen, scores)[:diseases]]
        return found + [patient_record(self.base, patient, self.findings(patient), disease, seen, score)
                        for patient, disease, score in self.patients.like(case, seen, patients)]  # fmt: skip

    def findings(self, case: Case) -> Findings:
        """The case's findings: its codes, or what its text says where it has none; ids that HPO's release knows."""
        found = Findings(case.observed, case.excluded) if case.observed or case.excluded else self._read(case.presentation)
        hpo = self.base.hpo
        return Findings(*(tuple(hpo.ids[index] for index in hpo.indices(each)) for each in (found.observed, found.excluded)))

    def rankings(self, case: Case) -> dict[str, np.ndarray]:
        """The scores of all diseases, in their order, by each way of looking that finds any, and "fused"; (diseases,) each."""
        seen = self.findings(case)
        return {**self._ways(seen, case.presentation), "fused": self._fused(seen, case.presentation)}

    def best(self, scores: np.ndarray, limit: int) -> list[int]:
        """Rows of the best diseases that have any score, best first, ties in the order of the ids."""
        order: list[int] = np.argsort(-scores, kind="stable")[:limit].tolist()
        return [row for row in order if scores[row] > 0]

    def _ways(self, seen: Findings, presentation: str) -> dict[str, np.ndarray]:
        found = {}
        if seen.observed or seen.excluded:
            found["profile"] = np.full(len(self.diseases), -np.inf, np.float32)
            found["profile"][self._profiles] = self._ranker.scores(seen.observed, seen.excluded)
        if (scores := self._bm25.scores(self._query(seen, presentation))).any():
            found["words"] = np.where(scores > 0, scores, -np.inf)
        if self._dense is not None and presentation.strip():
            found["dense"] = self._dense.scores(presentation)
        return found

    def _query(self, seen: Findings, presentation: str) -> list[str]:
        return words("; ".join(map(self.base.name, seen.observed)) or presentation)

    def _fuse(self, seen: Findings, presentation: str) -> np.ndarray:
        """Reciprocal rank fusion of all ways, 0 where none finds anything; (diseases,)."""
        total = np.zeros(len(self.diseases))
        for way, scores in self._ways(seen, presentation).items():
            order = np.argsort(-scores, kind="stable")[: int(np.isfinite(scores).sum())]
            total[order] += WEIGHTS[way] / (CONSTANT + 1 + np.arange(len(order)))
        return total

    def _records(self, rows: Iterable[int], seen: Findings, scores: np.ndarray) -> list[Record]:
        found = (disease_record(self.base, self.diseases[row], seen, float(scores[row])) for row in rows)
        return [each for each in found if each is not None]

    def _text(self, disease: str) -> str:
        """What the words of a disease are: its name, and everything that is taught of it."""
        taught = self.base.taught
        return "\n".join([self.base.name(disease), *(self.base.name(each) for kind in _TEXT for each in taught.values(disease, kind))])
