"""Disease -> the diseases most like it by the findings they share, the telling ones weighing more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from scipy import sparse

from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind

Likest = Mapping[str, tuple[str, ...]]
COMMON = 300  # diseases: a finding of more than this many is passed over, it says little and costs much
LIKE = 6  # diseases kept for each
TWINS = 3  # of the likest that no vocabulary tells apart
RICH = 5  # findings that a disease needs to be compared


def similar_diseases(base: Base) -> tuple[Likest, Likest]:
    """Per disease with RICH findings or more: up to LIKE diseases like it, likest first, and those that may be the same disease.

    Both have the same measure: the sum of the information content of shared findings over the root of the product of both
    diseases' sums. Diseases that no id vocabulary tells apart (one has an OMIM id alone, the other an ORPHA id alone) may be the
    same, where they are as like as that or share a gene; so may those of which one name holds all words of the other ("X" and
    "classic X"). Like ones are no relatives and have no common parent.
    """
    like: dict[str, tuple[str, ...]] = {}
    twins = _by_gene(base)
    for disease, others in _likest(base):
        mine = _vocabularies(base, disease)
        same = [each for each in others if mine.isdisjoint(_vocabularies(base, each)) or _is_longer(base, disease, each)]
        twins[disease] = tuple(dict.fromkeys((*twins.get(disease, ()), *same[:TWINS])))
        parents, near = set(base.ontology[disease].parents), base.relatives(disease)
        like[disease] = tuple(each for each in others if each not in near and each not in same
                              and parents.isdisjoint(base.ontology[each].parents))[:LIKE]  # fmt: skip
    return like, twins


def _is_longer(base: Base, disease: str, other: str) -> bool:
    """True when the words of one name are all in the other."""
    one, two = (set(plain(base.name(each)).split()) for each in (disease, other))
    return one <= two or two <= one


def _vocabularies(base: Base, disease: str) -> set[str]:
    return {value.partition(":")[0] for value in base.every.values(disease, Kind.IDENTIFIER)} & {"OMIM", "ORPHA"}


def _by_gene(base: Base) -> dict[str, tuple[str, ...]]:
    """Diseases of the same gene that no vocabulary tells apart."""
    found = {}
    for disease in base.diseases:
        mine = _vocabularies(base, disease)
        same = dict.fromkeys(fact.subject for gene in base.every.values(disease, Kind.GENE)
                             for fact in base.every.stating(Kind.GENE, gene))  # fmt: skip
        found[disease] = tuple(each for each in same if mine.isdisjoint(_vocabularies(base, each)))
    return found


def _likest(base: Base) -> Iterator[tuple[str, list[str]]]:
    rich = [each for each in base.diseases if len(base.taught.of(each, Kind.FINDING)) >= RICH]
    row = {disease: at for at, disease in enumerate(rich)}
    pairs = [(row[fact.subject], base.hpo.position[fact.value], base.content(fact.value))
             for fact in base.taught if fact.kind is Kind.FINDING and fact.subject in row
             and len(base.carried_by(fact.value)) <= COMMON]  # fmt: skip
    if not pairs:
        return
    rows, columns, weights = map(np.array, zip(*pairs, strict=True))
    table = sparse.csr_matrix((np.sqrt(weights), (rows, columns)), shape=(len(rich), len(base.hpo.ids)))
    size = np.sqrt(np.maximum(np.asarray(table.multiply(table).sum(axis=1)).ravel(), 1e-9))
    scaled = sparse.diags(1 / size) @ table
    for start in range(0, len(rich), 512):
        block = (scaled[start : start + 512] @ scaled.T).tocsr()
        for offset, (first, last) in enumerate(pairwise(block.indptr)):
            indices, scores = block.indices[first:last], block.data[first:last]
            best = indices[np.lexsort((indices, -scores))][: 5 * LIKE]
            yield rich[start + offset], [rich[at] for at in best.tolist() if at != start + offset]
