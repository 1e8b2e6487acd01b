"""What the teacher sees of diseases: a limited view of the taught facts, and of those that a prompt's records add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from raredx_bench.compiled import digest_of
from raredx_bench.phenotype import UNKNOWN_FREQUENCY, Ranker, expected
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Facts, Kind
from raredx_train.reasoning.records import Record
from raredx_train.reasoning.views import annotated, limited

PATIENT = 0.4  # what a finding of one patient counts as a share of patients


class Sight:
    """ranker: ranks by the view alone."""

    def __init__(self, base: Base, view: float, seed: int) -> None:
        self.base = base
        self.facts = Facts(limited(base.taught, view, seed))
        self.ranker = Ranker(annotated(base.hpo, self.facts), base.ontology)
        self.row = {disease: row for row, disease in enumerate(self.ranker.diseases)}
        self.profile = lru_cache(maxsize=16384)(self._profile)

    @property
    def digest(self) -> str:
        """Stands for all facts in the view and for the names that are written."""
        stated = (f"{fact.key}|{fact.frequency}|{fact.patients}" for fact in self.facts)
        return digest_of([self.base.ontology.digest, self.base.hpo.digest, *stated])

    def _profile(self, disease: str) -> Mapping[str, float]:
        """The findings in the view with their expected shares, as the ranker has them."""
        facts = self.facts.of(disease, Kind.FINDING)
        shares = expected(np.array([np.nan if fact.frequency is None else fact.frequency for fact in facts], np.float32),
                          np.array([fact.patients for fact in facts]))  # fmt: skip
        return {fact.value: float(share) for fact, share in zip(facts, shares, strict=True)}

    def widened(self, disease: str, records: Iterable[Record]) -> dict[str, float]:
        """The profile of a disease with what records say of it."""
        profile = dict(self.profile(disease))
        for record in records:
            for term, share in record.findings:
                stated = PATIENT if record.patient else UNKNOWN_FREQUENCY if share is None else share
                profile[term] = max(stated, profile.get(term, 0.0))
        return profile

    def known(self, disease: str, kind: Kind, shown: Iterable[str] = ()) -> dict[str, Fact]:
        """Value -> the fact of each that is in the view, or that is shown by its value and taught."""
        found = {fact.value: fact for fact in self.facts.of(disease, kind)}
        more = frozenset(shown)
        found.update({fact.value: fact for fact in self.base.taught.of(disease, kind) if fact.value in more} if more else {})
        return found
