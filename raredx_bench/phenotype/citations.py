"""Which annotations rest on one publication: so that a case can be ranked without those that its own publication gave."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from raredx_bench.hpo import Hpo, annotation_rows, frequency_of, hpo_files, pooled
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype.profiles import Cited
from raredx_bench.phenotype.ratios import expected
from raredx_bench.phenotype.standing import cited_by, standing, stated_rows


def cited(root: Path, hpo: Hpo, ontology: Ontology, publications: Iterable[str] | None = None) -> Cited:
    """What is left of each disease that cites one of these publications ("PMID:…"; None: any) without them. Raises BadInput."""
    wanted = None if publications is None else set(publications)
    by_disease: dict[str, list[tuple[str, int, str, str, frozenset[str]]]] = {}
    for row in stated_rows(annotation_rows(hpo_files(root)[1])[1]):
        term = hpo.current(row["hpo_id"])
        if term is not None:
            disease = ontology.canonical(row["database_id"]) or row["database_id"]
            stated = (row["database_id"], hpo.position[term], row["frequency"], row.get("evidence") or "", cited_by(row))
            by_disease.setdefault(disease, []).append(stated)
    left, quality = {}, {}
    for disease, every in by_disease.items():
        for publication in sorted({each for *_, references in every for each in references}):
            if wanted is None or publication in wanted:
                kept = [each for each in every if publication not in each[4]]
                left[publication, disease] = _shares([each[:3] for each in kept])
                patients = [frequency_of(frequency)[1] for _, _, frequency, *_ in kept]
                quality[publication, disease] = standing(patients, [each[3:] for each in kept])
    return Cited(left, quality)


def _shares(annotations: list[tuple[str, int, str]]) -> dict[int, float]:
    """{term: share} from (entry, term, frequency): pooled within an entry, the mean over entries."""
    entries: dict[tuple[str, int], list[tuple[float, int]]] = {}
    for entry, term, frequency in annotations:
        stated_share = frequency_of(frequency)
        if stated_share[0] != 0.0:
            entries.setdefault((entry, term), []).append(stated_share)
    terms: dict[int, list[float]] = {}
    for (_, term), stated in sorted(entries.items()):
        share, patients = pooled(stated)
        terms.setdefault(term, []).append(float(expected(np.array([share]), np.array([patients]))[0]))
    return {term: sum(each) / len(each) for term, each in terms.items()}
