"""Which annotations rest on one publication: so that a case can be ranked without those that its own publication gave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from raredx_bench.hpo import Hpo, annotation_rows, frequency_of, hpo_files, pooled
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype.profiles import Cited
from raredx_bench.phenotype.ratios import expected

_PUBLICATION = re.compile(r"PMID:\d+")


def cited(root: Path, hpo: Hpo, ontology: Ontology, publications: Iterable[str] | None = None) -> Cited:
    """What is left of each disease that cites one of these publications ("PMID:…"; None: any) without them. Raises BadInput."""
    wanted = None if publications is None else set(publications)
    _, rows = annotation_rows(hpo_files(root)[1])
    by_disease: dict[str, list[tuple[str, int, str, frozenset[str]]]] = {}
    for row in rows:
        term = hpo.current(row["hpo_id"])
        if row["aspect"] == "P" and row["qualifier"] != "NOT" and term is not None:
            references = frozenset(_PUBLICATION.findall(row["reference"]))
            disease = ontology.canonical(row["database_id"]) or row["database_id"]
            by_disease.setdefault(disease, []).append((row["database_id"], hpo.position[term], row["frequency"], references))
    left, quality = {}, {}
    for disease, stated in by_disease.items():
        for publication in sorted({each for *_, references in stated for each in references}):
            if wanted is None or publication in wanted:
                kept = [each[:3] for each in stated if publication not in each[3]]
                left[publication, disease] = _shares(kept)
                patients = [frequency_of(frequency)[1] for *_, frequency in kept]
                quality[publication, disease] = (float(max([0, *patients])), sum(n > 0 for n in patients) / max(len(patients), 1))
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
