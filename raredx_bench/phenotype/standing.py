"""On what a disease's annotations stand: patients counted, kinds of evidence, publications."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from raredx_bench.hpo import Hpo, annotation_rows
from raredx_bench.ontology import Ontology

_PUBLICATION = re.compile(r"PMID:\d+")


class Standing(NamedTuple):
    """Of one disease's annotations: the largest number of patients behind one, the share with such a number, the shares whose
    evidence is a published clinical study (HPO's code PCS) and inferred by a program (IEA), and how many publications they cite.
    """

    patients: float = 0.0
    counted: float = 0.0
    published: float = 0.0
    automatic: float = 0.0
    papers: int = 0


def cited_by(row: Mapping[str, str]) -> frozenset[str]:
    """The publications ("PMID:…") that a row of phenotype.hpoa cites."""
    return frozenset(_PUBLICATION.findall(row.get("reference") or ""))


def standing(patients: Sequence[int], rows: Sequence[tuple[str, frozenset[str]]]) -> Standing:
    """From the patients behind each annotation, and the evidence code and publications of each row."""
    many, of = max(len(rows), 1), max(len(patients), 1)
    codes = [code for code, _ in rows]
    papers = {each for _, cited in rows for each in cited}
    return Standing(float(max([0, *patients])), sum(n > 0 for n in patients) / of, codes.count("PCS") / many,
                    codes.count("IEA") / many, len(papers))  # fmt: skip


def standings(hpo: Hpo, ontology: Ontology) -> dict[str, Standing]:
    """Canonical id -> its standing."""
    patients: dict[str, list[int]] = {}
    owners = [ontology.canonical(each) or each for each in hpo.diseases]
    for disease, asked in zip(hpo.disease[~hpo.negated].tolist(), hpo.patients[~hpo.negated].tolist(), strict=True):
        patients.setdefault(owners[disease], []).append(asked)
    rows: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for row in stated_rows(annotation_rows(hpo.annotated)[1]):
        rows.setdefault(ontology.canonical(row["database_id"]) or row["database_id"], []).append(
            (row.get("evidence") or "", cited_by(row))
        )
    return {each: standing(patients.get(each, ()), rows[each]) for each in rows}


def stated_rows(rows: Iterable[Mapping[str, str]]) -> Iterable[Mapping[str, str]]:
    """Those of phenotype.hpoa that say what patients show."""
    return (row for row in rows if row["aspect"] == "P" and row["qualifier"] != "NOT")


def traits(known: Standing) -> list[float]:
    """The numbers of a standing as the ranking sees them."""
    return [float(np.log1p(known.patients)), known.counted, known.published, known.automatic, float(np.log1p(known.papers))]
