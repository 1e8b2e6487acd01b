"""Case -> records: diseases by phenotype profile, by words and by vectors, fused; candidates; training patients like the case.

Nothing here reads the answers of the case that is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from raredx_bench.bm25 import Bm25, words
from raredx_bench.domain import Case
from raredx_bench.findings import FindingReader, Findings
from raredx_bench.phenotype import Ranker
from raredx_train.knowledge.base import Base
from raredx_train.reasoning.records import Record
from raredx_train.reasoning.retrieval.dense import Dense, Encoder
from raredx_train.reasoning.retrieval.known import Rows
from raredx_train.reasoning.retrieval.patients import Patients
from raredx_train.reasoning.retrieval.writing import Writing
from raredx_train.reasoning.views import annotated

CONSTANT = 20  # of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009, doi:10.1145/1571941.1572114); chosen on training cases
DEPTH = 500  # places of each list that count


class Retriever:
    """Looks up what is taught that bears on a case. patients: training cases alone; encoder: id, path or object; empty: none.

    A case of a patient's publication sees nothing that this publication alone says of a disease.
    """

    def __init__(self, base: Base, patients: Sequence[Case] = (), encoder: str | Encoder = "") -> None:
        self.base = base
        self._rows = Rows(base, (each.group for each in patients))
        self.diseases = self._rows.diseases
        keys = {key: row for row, key in enumerate(self._rows.keys)}
        self._ranker = Ranker(annotated(base.hpo, self._rows.facts()), base.ontology)
        self._profiles = np.array([keys[each] for each in self._ranker.diseases], np.int64)
        texts = self._rows.texts()
        self._bm25 = Bm25(map(words, texts))
        self._dense = Dense(encoder, texts) if encoder else None
        self._read = lru_cache(maxsize=1024)(FindingReader(base.hpo).read)
        self._fused = lru_cache(maxsize=1024)(self._fuse)
        self.patients = Patients(base, patients, self.findings)

    def for_case(self, case: Case, candidates: Sequence[str] = (), diseases: int = 5, patients: int = 2) -> list[Record]:
        """Records of the diseases that fit best, then of candidates not among them, then of training patients like this one.

        candidates: ids of any vocabulary; those without facts are passed over, of the others up to `diseases` are shown, best
        fitting first (those beyond DEPTH in every list come last, by their ids). A patient is never the case, a variant of it, or
        one of its publication (group).
        """
        seen = self.findings(case)
        scores = self._fused(seen, case.presentation, case.group)
        fitting = self.best(scores, diseases)
        named = (self._rows.row.get(self.base.ontology.canonical(each) or "") for each in candidates)
        others = sorted({row for row in named if row is not None}.difference(fitting), key=lambda row: (-scores[row], row))
        writing = Writing(self.base, seen, case.group)
        found = [[record for row in rows if (record := writing.disease(self.diseases[row], float(scores[row])))]
                 for rows in (fitting, others)]  # fmt: skip
        alike = [writing.patient(patient, self.findings(patient), disease, score)
                 for patient, disease, score in self.patients.like(case, seen, patients)]  # fmt: skip
        return [*found[0], *found[1][:diseases], *alike]

    def findings(self, case: Case) -> Findings:
        """The case's findings: its codes, or what its text says where it has none; ids that HPO's release knows."""
        found = Findings(case.observed, case.excluded) if case.observed or case.excluded else self._read(case.presentation)
        hpo = self.base.hpo
        return Findings(*(tuple(hpo.ids[index] for index in hpo.indices(each)) for each in (found.observed, found.excluded)))

    def rankings(self, case: Case) -> dict[str, np.ndarray]:
        """The scores of all diseases, in their order, by each way of looking that finds any, and "fused"; (diseases,) each.

        -inf where a way finds nothing of a disease.
        """
        seen = self.findings(case)
        fused = self._fused(seen, case.presentation, case.group)
        return {**self._ways(seen, case.presentation, case.group), "fused": np.where(fused > 0, fused, -np.inf)}

    def best(self, scores: np.ndarray, limit: int) -> list[int]:
        """Rows of the best diseases that have any score, best first, ties in the order of the ids."""
        return [row for row in self._top(scores, limit) if scores[row] > 0]

    def _ways(self, seen: Findings, presentation: str, publication: str) -> dict[str, np.ndarray]:
        found = {}
        if seen.observed or seen.excluded:
            found["profile"] = np.full(len(self._rows.keys), -np.inf, np.float32)
            found["profile"][self._profiles] = self._ranker.scores(seen.observed, seen.excluded)
        labels = map(self.base.name, (*seen.observed, *seen.excluded))
        scores = self._bm25.scores(dict.fromkeys(words(presentation or "; ".join(labels))))
        if scores.any():
            found["words"] = np.where(scores > 0, scores, -np.inf)
        if self._dense is not None and presentation.strip():
            found["dense"] = self._dense.scores(presentation)
        return {way: self._rows.seen(each, publication) for way, each in found.items()}

    def _fuse(self, seen: Findings, presentation: str, publication: str) -> np.ndarray:
        """Reciprocal rank fusion of the first DEPTH places of all ways, 0 for what is in none; (diseases,)."""
        total = np.zeros(len(self.diseases))
        for scores in self._ways(seen, presentation, publication).values():
            order = np.array(self._top(scores, DEPTH), np.int64)
            order = order[np.isfinite(scores[order])]
            total[order] += 1 / (CONSTANT + 1 + np.arange(len(order)))
        return total

    def _top(self, scores: np.ndarray, limit: int) -> list[int]:
        return self._ranker.top(scores, limit) if limit else []
