"""One reading of a name -> what it means: the index asked at levels that go from the letter to the gist, and one disease chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from raredx_bench.linking.index import LABEL, SQUEEZED_LENGTH, SYNONYM, TITLE, Carrier, Index, is_acronym, joined, named
from raredx_bench.linking.words import CONGENITAL, FAMILIAL, INHERITANCE, KIND, ONSET, SEVERITY, Wording, base_of, wording
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

GROUP = 40  # a name that may mean more diseases than this means none


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading means: one disease, or the few it may mean (index None)."""

    index: int | None
    how: str
    score: float
    form: bool = False
    namesakes: tuple[int, ...] = ()
    among: tuple[int, ...] = ()


class Lookup:
    """Asks the index of one terminology."""

    def __init__(self, ontology: Ontology, index: Index) -> None:
        self.ontology = ontology
        self.index = index
        self.ids = tuple(ontology)
        self.names = lru_cache(maxsize=16384)(self._named)  # (tier, name) of every name of the disease at a position

    def is_finding(self, name: str) -> bool:
        """True when HPO has a phenotypic abnormality of this name."""
        return bool(self.index.carriers("finding", plain(name)))

    def direct(self, text: str) -> Found | None:
        """What a text means as it stands: an abbreviation or a name, at the levels from the letter to the gist."""
        parts = wording(text)
        if is_acronym(joined(text)) and (
            found := self.chosen(self.index.carriers("acronym", joined(text)), "abbreviation", 100.0, parts)
        ):
            return found
        if len(text) < 4 and text.isupper():
            return None
        found = self.chosen(self.index.carriers("plain", plain(text)), "exact name", 100.0, parts)
        if found is None or found.index is None:
            found = self.worded(parts, text) or found
        return self._with_series(found or self._numbered(text, parts), parts)

    def _with_series(self, found: Found | None, parts: Wording) -> Found | None:
        """A name without a number may mean any of the series that it heads, also where one of them carries it alone."""
        if found is None or found.index is None or parts.marks:
            return found
        members = tuple(dict.fromkeys(carrier.at for carrier in self.index.carriers("base", parts.core_key)))
        return replace(found, among=members) if found.index in members and 1 < len(members) <= GROUP else found

    def _numbered(self, text: str, parts: Wording) -> Found | None:
        """A series under any of its names, and a number: the one member that bears the number."""
        base = base_of(text) if parts.marks else None
        if base is None:
            return None
        under = wording(base)
        series = self.chosen(self.index.carriers("words", under.key), "the same words", 96.0, under)
        wanted = set(parts.marks) - set(under.marks)
        if series is None or series.index is None or not wanted:
            return None
        members = [index for index in self.below(series.index) if self._bears(index, wanted, series.index)]
        return Found(members[0], "a series and its number", 95.0) if len(members) == 1 else None

    def _bears(self, index: int, wanted: set[str], series: int) -> bool:
        """True when a disease's label or title is a name of the series with just these marks behind it."""
        for tier, name in self.names(index):
            base = base_of(name) if tier != SYNONYM and wanted == set(wording(name).marks) else None
            if base and any(carrier.at == series for carrier in self.index.carriers("core", wording(base).core_key)):
                return True
        return False

    def below(self, index: int) -> tuple[int, ...]:
        """The direct children of a disease."""
        return self.index.children.get(index, ())

    def worded(self, parts: Wording, text: str) -> Found | None:
        if not parts.core:
            return None
        found = self.chosen(self.index.carriers("words", parts.key), "the same words", 99.0, parts)
        if found is None and len(parts.squeezed) >= SQUEEZED_LENGTH:
            found = self.chosen(self.index.carriers("squeezed", parts.squeezed), "the same letters", 98.0, parts)
        found = found or self._without_modifiers(parts, text, "core")
        if found is None and parts.words[-1] == "deficiency":
            found = self.chosen(self.index.carriers("cause", parts.core_key), "the deficiency that causes it", 96.0, parts)
        return found or self._without_modifiers(parts, text, "base")

    def _without_modifiers(self, parts: Wording, text: str, level: str) -> Found | None:
        """Diseases of the same core, where the modifiers that differ are supported by the disease."""
        fitting: list[tuple[int, Carrier, bool]] = []
        for carrier in self.index.carriers(level, parts.core_key):
            form = self._fits(parts.mask, carrier)
            if form is not None:
                differing = (parts.mask ^ carrier.mask) & ~KIND
                fitting.append((differing.bit_count(), carrier, form))
        if not fitting:
            return None
        best = min(count for count, _, _ in fitting)
        if best and self.is_finding(text):
            return None  # "hyperoxaluria" is a finding, not primary hyperoxaluria
        nearest = [carrier for count, carrier, _ in fitting if count == best]
        how, score = ("modifiers aside", 97.0) if level == "core" else ("without a number", 95.0)
        found = self.chosen(nearest, how, score - best, parts)
        if found is None or found.index is None:
            return found
        return replace(found, form=next(form for _, carrier, form in fitting if carrier.at == found.index))

    def _fits(self, mask: int, carrier: Carrier) -> bool | None:
        """Whether a name's modifiers suit a disease: None no, True as a form of it, False as the disease itself."""
        added, supported = mask & ~carrier.mask, int(self.index.traits[carrier.at])
        if added & (INHERITANCE | ONSET) & ~supported or carrier.mask & ~mask & ONSET & ~CONGENITAL:
            return None
        if added & INHERITANCE and carrier.mask & INHERITANCE:
            return None
        if added & FAMILIAL and not supported & INHERITANCE and not self.ontology.genes(self.ids[carrier.at]):
            return None
        return bool(added & (ONSET | SEVERITY))

    def chosen(self, carriers: Sequence[Carrier], how: str, score: float, parts: Wording) -> Found | None:
        """The one disease that a name means among those that carry it; several: what they may be; None: nobody carries it."""
        if not carriers:
            return None
        tier = min(carrier.tier for carrier in carriers)
        first = tuple(dict.fromkeys(carrier.at for carrier in carriers if carrier.tier == tier))
        one = first[0] if len(first) == 1 else self._lowest(first) if parts.marks else self.group_of(first)
        every = tuple(dict.fromkeys(carrier.at for carrier in carriers))
        if one is None:
            return Found(None, "ambiguous", 0.0, among=every) if len(every) <= GROUP else None
        if tier == SYNONYM and (parts.marks or how == "abbreviation") and (series := self._series_of(one, parts, how)):
            return series
        namesakes = tuple(carrier.at for carrier in carriers if carrier.at != one and self._is_namesake(carrier, one, tier, parts))
        return Found(one, how, score, namesakes=tuple(dict.fromkeys(namesakes)))

    def _series_of(self, index: int, parts: Wording, how: str) -> Found | None:
        """The series, where a synonym lacks the number of the disease's own name in whole (RP) or in part (4B for 4B1)."""
        label = wording(self.ontology.name(self.ids[index]))
        titled = any(wording(name).marks == parts.marks for tier, name in self.names(index) if tier != SYNONYM)
        if not titled and any(mark != other and other.startswith(mark) for mark in parts.marks for other in label.marks):
            return Found(None, f"{how}, without the whole number", 0.0, among=(index,))
        base = base_of(self.ontology.name(self.ids[index]))
        if how == "abbreviation" and base and is_short_for(parts.squeezed, base):
            return said(self.direct(base), "by its abbreviation")
        return None

    def _is_namesake(self, carrier: Carrier, chosen: int, tier: int, parts: Wording) -> bool:
        """True when a name that means one disease is another's too.

        It is the other's title, or its synonym, but not where the other lies above, not where it heads a group of which the other
        is a form, and not where it is the other's name without the number: "Noonan syndrome" means the family, even where a
        source gives it to Noonan syndrome 1 as a synonym.
        """
        if carrier.tier in (LABEL, TITLE):
            return True
        if parts.marks and (own := wording(self.ontology.name(self.ids[carrier.at])).marks) and own != parts.marks:
            return False  # 1A was once another's number
        if self.above(carrier.at, chosen) or (tier != SYNONYM and self.above(chosen, carrier.at)):
            return False
        return all(other.at != carrier.at for other in self.index.carriers("base", parts.core_key))

    def group_of(self, indices: Sequence[int]) -> int | None:
        """The one of these diseases that is above all the others."""
        return next((each for each in indices if all(o == each or self.above(each, o) for o in indices)), None)

    def _lowest(self, indices: Sequence[int]) -> int | None:
        """The one of these diseases that is below all the others."""
        return next((each for each in indices if all(o == each or self.above(o, each) for o in indices)), None)

    def above(self, upper: int, lower: int) -> bool:
        return self.ontology.is_above(self.ids[upper], self.ids[lower])

    def _named(self, index: int) -> tuple[tuple[int, str], ...]:
        return tuple(named(self.ontology[self.ids[index]]))


def is_short_for(letters: str, name: str) -> bool:
    """True when these are the first letters of a name's words, "of" and its like left out or not."""
    words = plain(name).split()
    return letters in ("".join(word[0] for word in words), "".join(word[0] for word in words if len(word) > 3))


def said(found: Found | None, how: str) -> Found | None:
    """The same, with one more step of how it was found."""
    return None if found is None else replace(found, how=f"{found.how}, {how}")
