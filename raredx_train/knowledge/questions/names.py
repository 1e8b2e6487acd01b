"""Questions about names, ids and families of diseases."""

from __future__ import annotations

from collections.abc import Iterator

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind, draw, sample
from raredx_train.knowledge.questions.asked import Asked
from raredx_train.knowledge.templates import listed
from raredx_train.knowledge.wrong import Wrong

MOST = 8
SERIES = "OMIMPS"
_VOCABULARY = {"OMIM": "OMIM", "ORPHA": "Orphanet", "MONDO": "Mondo", SERIES: "OMIM phenotypic series"}


class Naming:
    """Questions about the names and families of a disease; similar diseases and other families give the wrong ones."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong

    def of_disease(self, base: Base, disease: str) -> Iterator[Asked]:
        """Synonyms and ids."""
        rng, name = draw(base.seed, "names", disease), base.name(disease)
        synonyms = base.taught.of(disease, Kind.SYNONYM)
        if synonyms:
            chosen = sample(rng, synonyms, 3)
            yield Asked("synonyms", disease, {"disease": name, "names": listed(base.names(chosen))}, tuple(chosen))
            alone = [each for each in synonyms if set(base.ontology.named(each.value)) <= {disease}]
            for one in sample(rng, alone, 1):
                yield Asked("preferred_name", disease, {"disease": name, "name": one.value}, (one,))
                yield Asked("same_disease", disease, {"disease": name, "name": one.value}, (one,), "yes")
        for other in self.wrong.near(disease)[:1]:
            if base.is_plainly_named(disease) and base.is_plainly_named(other):
                yield Asked("same_disease", disease, {"disease": name, "name": base.name(other)}, (), "no",
                            tuple(base.taught.of(disease, Kind.IDENTIFIER)[:1]))  # fmt: skip
        if base.is_plainly_named(disease):
            yield from _ids(base, disease)

    def families(self, base: Base, disease: str) -> Iterator[Asked]:
        """The families of a disease and its forms."""
        rng, name = draw(base.seed, "families", disease), base.name(disease)
        parents = base.taught.of(disease, Kind.PARENT)
        if parents:
            yield Asked("parent", disease, {"disease": name, "parents": listed(base.names(parents))}, tuple(parents))
            one = rng.choice(parents)
            yield Asked("form_check", disease, {"disease": name, "parent": base.name(one.value)}, (one,), "yes")
            wrong = [
                each for each in (rng.choice(base.families) for _ in range(4)) if self.wrong.is_wrong(Kind.PARENT, disease, each)
            ]
            if wrong:
                yield Asked("form_check", disease, {"disease": name, "parent": base.name(wrong[0])}, (), "no", tuple(parents))
        forms = base.taught.stating(Kind.PARENT, disease)
        if len(forms) < 2:
            return
        whole = len(forms) == len(base.every.stating(Kind.PARENT, disease))
        chosen = sample(rng, forms, MOST)
        shown = "all" if whole and len(chosen) == len(forms) else "some"
        values = {"disease": name, "forms": listed([base.name(each.subject) for each in chosen])}
        yield Asked("forms", disease, values, tuple(chosen), shown)
        if whole:
            yield Asked("forms_count", disease, {"disease": name, "count": str(len(forms))}, (), grounds=tuple(forms[:3]))


def _ids(base: Base, disease: str) -> Iterator[Asked]:
    rng, name = draw(base.seed, "ids", disease), base.name(disease)
    ids = base.taught.of(disease, Kind.IDENTIFIER)
    alone = {prefix: [each for each in ids if each.value.partition(":")[0] == prefix] for prefix in _VOCABULARY}
    for series in alone.pop(SERIES):
        yield Asked("series", disease, {"disease": name, "id": series.value}, (series,))
    single = [each for found in alone.values() if len(found) == 1 for each in found]
    if single:
        one, other = rng.choice(single), rng.choice(single)
        vocabulary = _VOCABULARY[one.value.partition(":")[0]]
        yield Asked("identifier", disease, {"disease": name, "vocabulary": vocabulary, "id": one.value}, (one,))
        yield Asked("identifier_disease", disease, {"disease": name, "id": other.value}, (other,))
