"""Facts as annotations that the phenotype ranker ranks by: all that is taught, or the part that a limited view sees.

The ranker reads an Hpo; one whose annotations are these facts keeps its terms and nothing else. So what is withheld from the facts
(publications of held-out cases) is withheld from whoever ranks by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from raredx_bench.compiled import digest_of
from raredx_bench.hpo import Hpo
from raredx_train.knowledge.facts import Fact, Kind, place


def annotated(hpo: Hpo, facts: Iterable[Fact]) -> Hpo:
    """HPO with the findings (present and absent) of these facts as its only annotations, diseases by their canonical ids."""
    rows = sorted((fact.subject, hpo.position[fact.value], fact.kind is Kind.ABSENT, fact.frequency, fact.patients)
                  for fact in facts if fact.kind in (Kind.FINDING, Kind.ABSENT))  # fmt: skip
    diseases = sorted({row[0] for row in rows})
    order = {disease: index for index, disease in enumerate(diseases)}
    return replace(
        hpo,
        digest=digest_of([hpo.digest, *(f"{disease}|{term}|{absent}|{share}|{patients}"
                                        for disease, term, absent, share, patients in rows)]),
        diseases=tuple(diseases), disease_names=((),) * len(diseases), traits=((),) * len(diseases), genes=((),) * len(diseases),
        disease=np.array([order[row[0]] for row in rows], np.int32), term=np.array([row[1] for row in rows], np.int32),
        frequency=np.array([np.nan if row[3] is None else row[3] for row in rows], np.float32),
        patients=np.array([row[4] for row in rows], np.int32), negated=np.array([row[2] for row in rows], bool),
    )  # fmt: skip


def limited(facts: Iterable[Fact], share: float, seed: int) -> Iterable[Fact]:
    """The facts that a view of so large a share (0 to 1) sees, by a hash of each: a larger one sees all that a smaller one does."""
    return (fact for fact in facts if place(seed, "view", fact.key) < share)
