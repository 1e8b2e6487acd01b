"""Free-text disease name -> Link: the only place that knows how disease names vary.

A name is read as written, then without its qualifiers, brackets, causes and explanations (readings.py). Each reading is looked up
in an index of every name of the terminology (index.py) at levels that go from the letter to the gist: the name, its words in
one spelling (words.py), the words without the gaps, the words without modifiers, a numbered name without its number. Then
come gene-named disorders (genes.py), misspelt words, where rapidfuzz decides (spelling.py), and names in other languages
(cognates.py). Rules that always hold:

* Numbers, letters, types and gene symbols must agree.
* A modifier (inheritance, age of onset, "familial") may be left out only where the disease's own annotations support it.
* A name that several diseases carry means the one it is the preferred name of; else the group among them, when it holds the
  others (with a number: the member); else it is ambiguous and not linked, but Link.among tells which diseases it may mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz

from raredx_bench.compiled import compiled, digest_of
from raredx_bench.domain import Link
from raredx_bench.linking import genes, readings
from raredx_bench.linking.index import LABEL, SQUEEZED_LENGTH, SYNONYM, TITLE, Carrier, compile_index, is_acronym, joined, named, opened
from raredx_bench.linking.spelling import Speller
from raredx_bench.linking.words import FAMILIAL, INHERITANCE, KIND, MODIFIERS, ONSET, SEVERITY, Wording, base_of, marks, wording
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

__all__ = ["VERSION", "Linker", "base_of", "wording"]

VERSION = "linker-2.11"
FUZZY_LENGTH = 8  # letters of a misspelt name at least
FUZZY_FLOOR = 88.0  # of 100: rapidfuzz ratio of a misspelt name and its correction
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


class Linker:
    """Links names to one terminology; the same name always gives the same Link."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        key = digest_of([VERSION, ontology.digest])
        self._index = opened(compiled("linker", key, lambda: compile_index(ontology.values(), ontology.findings)))
        self._speller = Speller(self._index.words)
        self._ids = tuple(ontology)
        self._position = {identifier: index for index, identifier in enumerate(self._ids)}
        self._words_of = lru_cache(maxsize=16384)(self._words_in_names)
        self._genes_within = lru_cache(maxsize=4096)(self._genes_within_of)
        self._support = lru_cache(maxsize=4096)(self._support_of)
        self.link = lru_cache(maxsize=200_000)(self._link)

    @property
    def version(self) -> str:
        """Changes whenever a link could change: linker version and terminology digest."""
        return f"{VERSION}+{self.ontology.digest[:12]}"

    def is_finding(self, name: str) -> bool:
        """True when HPO has a phenotypic abnormality of this name."""
        return bool(self._index.carriers("finding", plain(name)))

    def _link(self, name: str) -> Link:
        """The disease a name means. Never raises; id None when nothing is meant clearly enough."""
        if not name.strip() or len(name) > readings.LONGEST:
            return Link(name, None, "empty" if not name.strip() else f"longer than {readings.LONGEST} characters")
        found = self._read(readings.tidy(name))
        if found is None:
            return Link(name, None, "no such name in the terminology")
        among = tuple(self._ids[index] for index in found.among)
        if found.index is None:
            labels = " / ".join(self.ontology.name(each) for each in among[:3])
            return Link(name, None, f"{found.how}: {labels}{' / …' if len(among) > 3 else ''}", among=among)
        identifier = self._ids[found.index]
        namesakes = tuple(self._ids[index] for index in found.namesakes)
        return Link(name, identifier, found.how, found.score, self.ontology.name(identifier), found.form, namesakes, among)

    # --- readings ---------------------------------------------------------------------------------------------------

    def _read(self, text: str) -> Found | None:
        """The first reading that means something."""
        if not any(char.isalpha() for char in text):
            return None
        found = self._direct(text)
        bare = readings.unqualified(text)
        if found is None and bare and bare != text:
            found = _said(self._direct(bare), "without its qualifier")
        if found is not None or self._has_unknown_code(text):
            return found
        return self._partly(bare or text) or self._misspelt(bare or text)

    def _has_unknown_code(self, text: str) -> bool:
        """True when a name holds a symbol that is no gene, no abbreviation and not made of the name's own number."""
        for code in genes.codes_in(text):
            number = "".join(char for char in code if char.isdigit())
            own = wording(text.replace(code, " ")).marks
            if not {code, code.partition("-")[0]} & self._index.genes.keys() and not self._index.carriers("acronym", code) and not any(number in mark for mark in own):
                return True
        return False

    def _partly(self, text: str) -> Found | None:
        """A name with something around it: brackets, a cause, examples, an explanation, alternatives."""
        for reading in (self._with_brackets, self._before_examples, self._with_cause, self._by_gene,
                        self._by_abbreviation, self._as_form, self._one_of_several, self._before_explanation, self._in_company):  # fmt: skip
            found = reading(text)
            if found is not None:
                return found
        return None

    def _inside(self, text: str) -> Found | None:
        """A part of a name, read like a whole one."""
        bare = readings.unqualified(text)
        return self._direct(bare) or self._partly(bare) if bare else None

    def _with_brackets(self, text: str) -> Found | None:
        """The name before its brackets; what stands in them may say which form of it, or name it once more, but not contradict it."""
        parts = readings.bracketed(text)
        if parts is None:
            return None
        base = self._inside(parts.base) or self._misspelt(parts.base) if parts.base else None
        for place, inner in enumerate(parts.inner):
            modifiers = wording(inner).mask if not wording(inner).core else 0
            if readings.MARK.match(inner):
                whole = self._direct(f"{parts.base} {inner}")
                return _said(whole, "with the mark in its brackets") or (base if base and self._carries(base, inner) else None)
            if modifiers & (INHERITANCE | ONSET):
                return _said(self._direct(f"{inner} {parts.base}"), "with its brackets")
            symbol = genes.is_gene_only(inner, self._index.genes)
            if symbol and (base is None or not self._abbreviates(inner, base)):
                return self._of_gene(base, symbol) if base else None
            within = self._named_in_brackets(inner)
            if within is not None and (base is None or self._is_closer(within, base)):
                return _said(within, "by its bracketed synonym")
            if within is not None and place == 0 and base is not None and not is_acronym(inner) and self._are_apart(within, base):
                return Found(None, "says another disease in its brackets", 0.0, among=tuple(i for i in (base.index, within.index) if i is not None))
            if within is None and base is not None and place == 0 and self._is_foreign(inner, base):
                return None
        return _said(base, "without its brackets")

    def _named_in_brackets(self, inner: str) -> Found | None:
        """A disease that a bracket names: by an abbreviation or its full name, and no mere finding."""
        found = self._direct(inner)
        if found is None or (self.is_finding(inner) and not is_acronym(inner)) or (found.index is not None and found.score < 98.0):
            return None
        return found

    def _is_foreign(self, inner: str, base: Found) -> bool:
        """True for a word or two in brackets that nothing known of the disease supports: "Rett syndrome (hepatic)"."""
        parts = wording(inner)
        if is_acronym(joined(inner)) or len(inner.split()) > 2 or not parts.core or parts.marks or base.index is None:
            return False
        return not all(word in self._support(base.index) for word in parts.core)

    def _carries(self, found: Found, mark: str) -> bool:
        """True when a disease is known under a name with this mark."""
        wanted = set(wording(f"type {mark}").marks)
        return found.index is not None and bool(wanted) and any(wanted <= set(wording(name).marks) for _, name in self._names(found.index))

    def _abbreviates(self, text: str, found: Found) -> bool:
        """True when a text is an abbreviation of the disease it stands beside."""
        carriers = {carrier.index for carrier in self._index.carriers("acronym", joined(text))}
        return found.index in carriers

    def _is_closer(self, inner: Found, base: Found) -> bool:
        """True when a bracketed name says more closely what the name before it means."""
        if inner.index is None:
            return False
        if base.index is None:
            return inner.index in base.among or any(self._above(each, inner.index) for each in base.among) or all(
                self._above(inner.index, each) for each in base.among)
        return self._above(base.index, inner.index)

    def _are_apart(self, inner: Found, base: Found) -> bool:
        """True when a bracketed name means a disease that the name before it neither is nor includes."""
        return (
            inner.index is not None and base.index is not None and inner.index not in (base.index, *base.namesakes, *base.among)
            and base.index not in inner.namesakes and not self._above(inner.index, base.index)
        )  # fmt: skip

    def _before_examples(self, text: str) -> Found | None:
        head = readings.without_examples(text)
        return _said(self._inside(head), "without its examples") if head else None

    def _with_cause(self, text: str) -> Found | None:
        """A head and its cause: the form of the head that the gene causes; another cause makes it a form of the head."""
        parts = readings.cause(text)
        head = self._inside(parts[0]) if parts else None
        if parts is None or head is None:
            return None
        symbol = genes.is_gene_only(parts[1].split(",")[0], self._index.genes)
        if symbol is None and (named := genes.gene_in(parts[1], self._index.genes)):
            symbol = named.symbol
        if symbol:
            return self._of_gene(head, symbol)
        return replace(head, form=True, namesakes=(), how=f"{head.how}, a form of it by its cause")

    def _by_abbreviation(self, text: str) -> Found | None:
        """A disease named by its numbered abbreviation ("… hearing loss type DFNA2"), where all other words are the disease's own."""
        for token in text.replace(",", " ").split():
            if not is_acronym(token) or not any(char.isdigit() for char in token) or len(token) < 4:
                continue
            found = self._chosen(self._index.carriers("acronym", joined(token)), "abbreviation", 96.0, wording(token))
            others = wording(text.replace(token, " "))
            if found is not None and found.index is not None and all(
                word in self._support(found.index) or word == "locus" for word in others.core):
                return _said(found, "beside its description")
        return None

    def _as_form(self, text: str) -> Found | None:
        inner = readings.form_of(text)
        found = self._inside(inner) if inner else None
        return replace(found, form=True, namesakes=(), how=f"{found.how}, a form of it") if found else None

    def _in_company(self, text: str) -> Found | None:
        """A disease and something beside it; a finding with something beside it is another thing."""
        head = readings.company(text)
        found = self._direct(head) if head and not self.is_finding(head) and len(wording(head).core) > 1 else None
        return replace(found, form=True, namesakes=(), how=f"{found.how}, with something beside it") if found else None

    def _before_explanation(self, text: str) -> Found | None:
        head = readings.unexplained(text)
        return _said(self._inside(head), "without its explanation") if head else None

    def _one_of_several(self, text: str) -> Found | None:
        """Several names in one: what they all mean, or the few diseases that they mean."""
        names = readings.alternatives(text)
        if not names:
            return None
        found = [self._direct(name) or self._direct(full) for name, full in zip(names, (names[0], *readings.elliptical(names)), strict=True)]
        known = [each for each in found if each is not None]
        if not known or (len(known) < len(found) and ("/" in text or is_acronym(names[0]))):
            return None
        indices = tuple(dict.fromkeys(index for each in known for index in ((each.index,) if each.index is not None else each.among)))
        if len(indices) == 1:
            return _said(known[0], "one of its names")
        top = self._group_of(indices)
        if top is not None and len(known) == len(found):
            return Found(top, "several names, one of which includes the others", 95.0)
        return Found(None, "names several diseases", 0.0, among=indices[:GROUP])

    # --- one reading ------------------------------------------------------------------------------------------------

    def _direct(self, text: str) -> Found | None:
        """What a text means as it stands: an abbreviation or a name, at the levels from the letter to the gist."""
        parts = wording(text)
        if is_acronym(joined(text)) and (found := self._chosen(self._index.carriers("acronym", joined(text)), "abbreviation", 100.0, parts)):
            return found
        if len(text) < 4 and text.isupper():
            return None
        found = self._chosen(self._index.carriers("plain", plain(text)), "exact name", 100.0, parts)
        if found is None or found.index is None:
            found = self._worded(parts, text) or found
        return self._with_series(found or self._numbered(text, parts), parts)

    def _numbered(self, text: str, parts: Wording) -> Found | None:
        """A series under any of its names, and a number: the one member that bears the number."""
        base = base_of(text) if parts.marks else None
        if base is None:
            return None
        under = wording(base)
        series = self._chosen(self._index.carriers("words", under.key), "the same words", 96.0, under)
        wanted = set(parts.marks) - set(under.marks)
        if series is None or series.index is None or not wanted:
            return None
        members = [index for index in self._below(series.index)
                   if any(wanted == set(wording(name).marks) for tier, name in self._names(index) if tier != SYNONYM)]
        return Found(members[0], "a series and its number", 95.0) if len(members) == 1 else None

    def _below(self, index: int) -> tuple[int, ...]:
        """The direct children of a disease."""
        return self._index.children.get(index, ())

    def _with_series(self, found: Found | None, parts: Wording) -> Found | None:
        """A name without a number may mean any of the series that it heads, also where one of them carries it alone."""
        if found is None or found.index is None or parts.marks:
            return found
        members = tuple(dict.fromkeys(carrier.index for carrier in self._index.carriers("base", parts.core_key)))
        return replace(found, among=members) if found.index in members and 1 < len(members) <= GROUP else found

    def _worded(self, parts: Wording, text: str) -> Found | None:
        if not parts.core:
            return None
        found = self._chosen(self._index.carriers("words", parts.key), "the same words", 99.0, parts)
        if found is None and len(parts.squeezed) >= SQUEEZED_LENGTH:
            found = self._chosen(self._index.carriers("squeezed", parts.squeezed), "the same letters", 98.0, parts)
        found = found or self._without_modifiers(parts, text, "core")
        if found is None and parts.words[-1] == "deficiency":
            found = self._chosen(self._index.carriers("cause", parts.core_key), "the deficiency that causes it", 96.0, parts)
        return found or self._without_modifiers(parts, text, "base")

    def _without_modifiers(self, parts: Wording, text: str, level: str) -> Found | None:
        """Diseases of the same core, where the modifiers that differ are supported by the disease."""
        fitting: list[tuple[int, Carrier, bool]] = []
        for carrier in self._index.carriers(level, parts.core_key):
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
        found = self._chosen(nearest, how, score - best, parts)
        if found is None or found.index is None:
            return found
        return replace(found, form=next(form for _, carrier, form in fitting if carrier.index == found.index))

    def _fits(self, mask: int, carrier: Carrier) -> bool | None:
        """Whether a name's modifiers suit a disease: None no, True as a form of it, False as the disease itself."""
        added, supported = mask & ~carrier.mask, int(self._index.traits[carrier.index])
        if added & (INHERITANCE | ONSET) & ~supported:
            return None
        if added & INHERITANCE and carrier.mask & INHERITANCE:
            return None
        if added & FAMILIAL and not supported & INHERITANCE and not self.ontology.genes(self._ids[carrier.index]):
            return None
        return bool(added & (ONSET | SEVERITY))

    def _chosen(self, carriers: Sequence[Carrier], how: str, score: float, parts: Wording) -> Found | None:
        """The one disease that a name means among those that carry it; several: what they may be; None: nobody carries it."""
        if not carriers:
            return None
        tier = min(carrier.tier for carrier in carriers)
        first = tuple(dict.fromkeys(carrier.index for carrier in carriers if carrier.tier == tier))
        chosen = first[0] if len(first) == 1 else self._lowest(first) if parts.marks else self._group_of(first)
        every = tuple(dict.fromkeys(carrier.index for carrier in carriers))
        if chosen is None:
            return Found(None, "ambiguous", 0.0, among=every) if len(every) <= GROUP else None
        if tier == SYNONYM and (parts.marks or how == "abbreviation") and (series := self._series_of(chosen, parts, how)):
            return series
        namesakes = tuple(carrier.index for carrier in carriers if carrier.index != chosen and self._is_namesake(carrier, chosen, tier, parts))
        return Found(chosen, how, score, namesakes=tuple(dict.fromkeys(namesakes)))

    def _series_of(self, index: int, parts: Wording, how: str) -> Found | None:
        """What a synonym means that lacks the number of the disease's own name, in whole (RP) or in part (4B for 4B1): the series."""
        label = wording(self.ontology.name(self._ids[index]))
        titled = any(wording(name).marks == parts.marks for tier, name in self._names(index) if tier != SYNONYM)
        if not titled and any(mark != other and other.startswith(mark) for mark in parts.marks for other in label.marks):
            return Found(None, f"{how}, without the whole number", 0.0, among=(index,))
        base = base_of(self.ontology.name(self._ids[index]))
        if how == "abbreviation" and base and _is_short_for(parts.squeezed, base):
            return _said(self._direct(base), "by its abbreviation")
        return None

    def _is_namesake(self, carrier: Carrier, chosen: int, tier: int, parts: Wording) -> bool:
        """True when a name that means one disease is another's too.

        It is the other's title, or its synonym, but not where the other lies above, not where it heads a group of which the other is a
        form, and not where it is the other's name without the number: "Noonan syndrome" means the family, even where a source gives
        it to Noonan syndrome 1 as a synonym.
        """
        if carrier.tier in (LABEL, TITLE):
            return True
        if parts.marks and (own := wording(self.ontology.name(self._ids[carrier.index])).marks) and own != parts.marks:
            return False  # 1A was once another's number
        if self._above(carrier.index, chosen) or (tier != SYNONYM and self._above(chosen, carrier.index)):
            return False
        return all(other.index != carrier.index for other in self._index.carriers("base", parts.core_key))

    def _group_of(self, indices: Sequence[int]) -> int | None:
        """The one of these diseases that is above all the others."""
        return next((each for each in indices if all(o == each or self._above(each, o) for o in indices)), None)

    def _lowest(self, indices: Sequence[int]) -> int | None:
        """The one of these diseases that is below all the others."""
        return next((each for each in indices if all(o == each or self._above(o, each) for o in indices)), None)

    def _above(self, upper: int, lower: int) -> bool:
        return self.ontology.is_above(self._ids[upper], self._ids[lower])

    # --- genes ------------------------------------------------------------------------------------------------------

    def _of_gene(self, base: Found, symbol: str) -> Found | None:
        """The form of a disease that a gene causes; the disease itself when it is the gene's; None when the gene is another's."""
        if base.index is None:
            inside = [index for index in base.among if index in self._index.genes.get(symbol, ())]
            return Found(inside[0], f"{base.how}, by the gene {symbol}", 96.0) if len(inside) == 1 else None
        owners = self._index.genes.get(symbol, ())
        own = self._genes_within(base.index)
        if own == (symbol,):
            return _said(base, f"caused by {symbol}")
        below = [index for index in owners if self._above(base.index, index)]
        leaves = [index for index in below if not any(self._above(index, other) for other in below)]
        specific = [index for index in leaves if self.ontology.genes(self._ids[index]) == (symbol,)] or leaves
        if base.index in owners and (len(specific) != 1 or not self._is_series_member(specific[0], symbol)):
            return _said(base, f"caused by {symbol}")
        if len(specific) == 1:
            return Found(specific[0], f"{base.how}, the form that {symbol} causes", base.score - 1)
        if specific:
            return Found(None, f"{base.how}, forms that {symbol} causes", 0.0, among=tuple(specific))
        return None

    def _genes_within_of(self, index: int) -> tuple[str, ...]:
        """Symbols of the genes of a disease and of everything below it, sorted."""
        found, seen, stack = set(self.ontology.genes(self._ids[index])), {index}, [index]
        while stack:
            for child in self._below(stack.pop()):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)
                    found.update(self.ontology.genes(self._ids[child]))
        return tuple(sorted(found))

    def _is_series_member(self, index: int, symbol: str) -> bool:
        """True for a disease whose label or title has a number or names the gene: a form told by its gene, not by its course."""
        return any(base_of(name) or symbol in name for tier, name in self._names(index) if tier != SYNONYM)

    def _by_gene(self, text: str) -> Found | None:
        """The disorders of a gene that a name names: the one that suits what else is said, or all of them."""
        named = genes.gene_in(text, self._index.genes)
        if named is None:
            return None
        said = genes.untalked(named.rest)
        whole = self._direct(said) if len(said.split()) > 1 else None
        if whole is not None and whole.index is not None and self._genes_within(whole.index):
            found = self._of_gene(whole, named.symbol)
            if found is not None and found.index is not None:
                return found
        rest = wording(said)
        head = tuple(word for word in rest.words if word not in genes.GENERIC and not MODIFIERS.get(word, 0) & ~INHERITANCE
                     and not word.endswith("inopathy"))
        fitting = next(filter(None, ([index for index in owners if all(word in self._support(index) for word in head)]
                                     for owners in self._disorders(named.symbol))), [])  # fmt: skip
        if fitting and (top := self._group_of(fitting)) is not None:
            fitting = [top]
        if not fitting or len(fitting) > GROUP or (marks(head) and len(fitting) > 1):
            return None
        if len(fitting) == 1:
            return Found(fitting[0], f"the disorder of {named.symbol}" if not head else f"the disorder of {named.symbol} of this kind", 94.0)
        extras = {index: self._words_beside(index, head) for index in fitting} if head else {}
        nearest = [index for index, extra in extras.items() if extra == min(extras.values())]
        if len(nearest) == 1 and extras[nearest[0]] <= 1:
            return Found(nearest[0], f"the disorder of {named.symbol} of this name", 93.0)
        return Found(None, f"disorders of {named.symbol}", 0.0, among=tuple(fitting))

    def _words_beside(self, index: int, head: Sequence[str]) -> int:
        """The least number of words that a name of a disease has beside these, marks and modifiers not counted; 99: none has them all."""
        wanted = set(head)
        names = (wording(name) for _, name in self._names(index))
        return min((len(set(each.core) - wanted - set(each.marks)) for each in names if wanted <= set(each.words)), default=99)

    def _disorders(self, symbol: str) -> tuple[list[int], list[int]]:
        """The diseases that are a gene's alone, and all that it may cause."""
        owners = self._index.genes.get(symbol, [])
        return [index for index in owners if self.ontology.genes(self._ids[index]) == (symbol,)], owners

    def _support_of(self, index: int) -> frozenset[str]:
        """The words of a disease's names and of the names of everything above it."""
        above = (self._position[each] for each in self.ontology.ancestors(self._ids[index]))
        return frozenset().union(*(self._words_of(each) for each in (index, *above)))

    def _words_in_names(self, index: int) -> frozenset[str]:
        return frozenset(word for _, name in self._names(index) for word in wording(name).words)

    def _names(self, index: int) -> Iterator[tuple[int, str]]:
        return named(self.ontology[self._ids[index]])

    # --- spelling ---------------------------------------------------------------------------------------------------

    def _misspelt(self, text: str) -> Found | None:
        """The name with the words that nobody knows put right, when that leads to one disease."""
        parts = wording(text)
        unknown = [word for word in parts.words if not self._speller.knows(word)]
        if not unknown or len(unknown) > 2 or len(parts.squeezed) < FUZZY_LENGTH or not all(map(self._speller.corrections, unknown)):
            return None
        hits: dict[int, Found] = {}
        for words in _corrected(parts.words, self._speller):
            core = tuple(word for word in words if word not in MODIFIERS)
            candidate = Wording(words, core, parts.mask)
            score = fuzz.ratio(parts.key, candidate.key)
            found = self._worded(candidate, " ".join(words)) if score >= FUZZY_FLOOR else None
            if found is not None and found.index is not None:
                hits.setdefault(found.index, replace(found, how="spelling close to a name", score=round(score * 0.97, 1)))
            elif found is not None and len(unknown) == 1:
                return replace(found, how=f"spelling close to a name, {found.how}")
        return next(iter(hits.values())) if len(hits) == 1 else None


def _corrected(words: Sequence[str], speller: Speller) -> Iterator[tuple[str, ...]]:
    """The words with each unknown one put right in every way."""
    options: list[Iterable[str]] = [speller.corrections(word) or (word,) for word in words]
    yield from itertools.product(*options)


def _is_short_for(letters: str, name: str) -> bool:
    """True when these are the first letters of a name's words, "of" and its like left out or not."""
    words = plain(name).split()
    return letters in ("".join(word[0] for word in words), "".join(word[0] for word in words if len(word) > 3))


def _said(found: Found | None, how: str) -> Found | None:
    """The same, with one more step of how it was found."""
    return None if found is None else replace(found, how=f"{found.how}, {how}")
