"""Free-text disease name -> Link: the only place that knows how disease names vary.

A name is read as written, then without its qualifiers, brackets, causes and explanations (readings.py). Each reading is looked up
in an index of every name of the terminology (index.py) at levels that go from the letter to the gist: the name, its words in
one spelling (words.py), the words without the gaps, the words without modifiers, a numbered name without its number. Then
come gene-named disorders (genes.py), misspelt words, where rapidfuzz decides (spelling.py), and names in other languages
(cognates.py). Rules that always hold:

* Numbers, letters, types and gene symbols must agree.
* A modifier (inheritance, age of onset, "familial") may be left out only where the disease's own annotations support it.
* An id by itself ("OMIM:154700") means the disease it identifies, and nothing else.
* A name that several diseases carry means the one it is the preferred name of; else the group among them, when it holds the
  others (with a number: the member); else it is ambiguous and not linked, but Link.among tells which diseases it may mean.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import fuzz

from raredx_bench.cognates import LANGUAGES, anglicised, language_of
from raredx_bench.compiled import compiled, digest_of
from raredx_bench.domain import Link
from raredx_bench.linking import genes, readings
from raredx_bench.linking.bygene import ByGene
from raredx_bench.linking.index import FORMAT, compile_index, is_acronym, joined, opened
from raredx_bench.linking.lookup import GROUP, Found, Lookup, is_short_for, said
from raredx_bench.linking.spelling import Speller
from raredx_bench.linking.words import INHERITANCE, MODIFIERS, ONSET, Wording, wording
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

__all__ = ["VERSION", "Linker"]

VERSION = "linker-3"
_IDENTIFIER = re.compile(r"\s*[A-Za-z]+:(?:PS)?\d+\s*")
FUZZY_LENGTH = 8  # letters of a misspelt name at least
FUZZY_FLOOR = 88.0  # of 100: rapidfuzz ratio of a misspelt name and its correction


class Linker:
    """Links names to one terminology; the same name always gives the same Link."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        key = digest_of([VERSION, FORMAT, ontology.digest])
        self._index = opened(compiled("linker", key, lambda: compile_index(ontology.values(), ontology.findings)))
        self._lookup = Lookup(ontology, self._index)
        self._genes = ByGene(self._lookup)
        self._speller = Speller(self._index.words)
        self.link = lru_cache(maxsize=200_000)(self._link)

    @property
    def version(self) -> str:
        """Changes whenever a link could change: linker version and terminology digest."""
        return f"{VERSION}+{self.ontology.digest[:12]}"

    def is_finding(self, name: str) -> bool:
        """True when HPO has a phenotypic abnormality of this name."""
        return self._lookup.is_finding(name)

    def _link(self, name: str) -> Link:
        """The disease a name means. Never raises; id None when nothing is meant clearly enough."""
        if not name.strip() or len(name) > readings.LONGEST:
            return Link(name, None, "empty" if not name.strip() else f"longer than {readings.LONGEST} characters")
        identified = self.ontology.canonical(name) if _IDENTIFIER.fullmatch(name) else None
        if identified is not None:
            return Link(name, identified, "its id", 100.0, self.ontology.name(identified))
        found = self._read(readings.tidy(name))
        if found is None:
            return Link(name, None, "no such name in the terminology")
        among = tuple(self._lookup.ids[index] for index in found.among)
        if found.index is None:
            labels = " / ".join(self.ontology.name(each) for each in among[:3])
            return Link(name, None, f"{found.how}: {labels}{' / …' if len(among) > 3 else ''}", among=among)
        identifier = self._lookup.ids[found.index]
        namesakes = tuple(self._lookup.ids[index] for index in found.namesakes)
        return Link(name, identifier, found.how, found.score, self.ontology.name(identifier), found.form, namesakes, among)

    def _read(self, text: str) -> Found | None:
        """The first reading that means something."""
        if not any(char.isalpha() for char in text):
            return None
        found = self._lookup.direct(text)
        bare = text
        for bare in readings.unqualified(text):
            found = found or said(self._lookup.direct(bare) if bare else None, "without its qualifier")
        if found is not None or self._has_unknown_code(text):
            return found
        found = self._partly(bare or text) or self._misspelt(bare or text)
        return found if found is not None and found.index is not None else self._foreign(bare or text) or found

    def _foreign(self, text: str) -> Found | None:
        """What a name in another language means, read in English word for word."""
        brackets = readings.bracketed(text)
        for written in dict.fromkeys(
            (text, *((brackets.base, *brackets.inner) if brackets else ()), readings.unexplained(text) or "")
        ):
            language = language_of(written)
            for english in anglicised(written, self._index.vocabulary) if language else ():
                found = self._lookup.direct(english)
                if found is not None and found.index is not None:
                    return said(found, f"read from {LANGUAGES[language or '']}: {english}")
        return None

    def _has_unknown_code(self, text: str) -> bool:
        """True when a name holds a symbol that is no gene, no abbreviation and not made of the name's own number."""
        for code in genes.codes_in(text):
            number = "".join(char for char in code if char.isdigit())
            own = wording(text.replace(code, " ")).marks
            if (
                not {code, code.partition("-")[0]} & self._index.genes.keys()
                and not self._index.carriers("acronym", code)
                and not any(number in mark for mark in own)
            ):
                return True
        return False

    def _partly(self, text: str) -> Found | None:
        """A name with something around it: brackets, a cause, examples, an explanation, alternatives."""
        for reading in (self._with_brackets, self._before_examples, self._with_cause, self._genes.named_by_gene,
                        self._by_abbreviation, self._as_form, self._one_of_several, self._before_explanation,
                        self._in_company):  # fmt: skip
            found = reading(text)
            if found is not None:
                return found
        return None

    def _inside(self, text: str) -> Found | None:
        """A part of a name, read like a whole one."""
        *_, bare = readings.unqualified(text)
        return self._lookup.direct(bare) or self._partly(bare) if bare else None

    def _with_brackets(self, text: str) -> Found | None:
        """The name before its brackets; what stands in them may say which form it is, or name it again, but not contradict it."""
        parts = readings.bracketed(text)
        if parts is None:
            return None
        base = self._inside(parts.base) or self._misspelt(parts.base) if parts.base else None
        for place, inner in enumerate(parts.inner):
            if base is not None and is_short_for(plain(inner), parts.base):
                continue
            modifiers = wording(inner).mask if not wording(inner).core else 0
            if readings.MARK.match(inner):
                whole = self._lookup.direct(f"{parts.base} {inner}")
                return said(whole, "with the mark in its brackets") or (base if base and self._carries(base, inner) else None)
            if modifiers & (INHERITANCE | ONSET):
                return said(self._lookup.direct(f"{inner} {parts.base}"), "with its brackets")
            symbol = genes.is_gene_only(inner, self._index.genes)
            if symbol and (base is None or not self._abbreviates(inner, base)):
                return self._genes.of_gene(base, symbol) if base else None
            within = self._named_in_brackets(inner)
            if within is not None and (base is None or self._is_closer(within, base)):
                return said(within, "by its bracketed synonym")
            if within is not None and place == 0 and base is not None and not is_acronym(inner) and self._are_apart(within, base):
                return Found(
                    None,
                    "says another disease in its brackets",
                    0.0,
                    among=tuple(i for i in (base.index, within.index) if i is not None),
                )
            if within is None and base is not None and place == 0 and self._is_foreign(inner, base):
                return None
        return said(base, "without its brackets")

    def _named_in_brackets(self, inner: str) -> Found | None:
        """A disease that a bracket names: by an abbreviation or its full name, and no mere finding."""
        found = self._lookup.direct(inner)
        if found is None or (self.is_finding(inner) and not is_acronym(inner)) or (found.index is not None and found.score < 98.0):
            return None
        return found

    def _is_foreign(self, inner: str, base: Found) -> bool:
        """True for a word or two in brackets that nothing known of the disease supports: "Rett syndrome (hepatic)"."""
        parts = wording(inner)
        if is_acronym(joined(inner)) or len(inner.split()) > 2 or not parts.core or parts.marks or base.index is None:
            return False
        return not all(word in self._genes.support(base.index) for word in parts.core)

    def _carries(self, found: Found, mark: str) -> bool:
        """True when a disease is known under a name with this mark."""
        wanted = set(wording(f"type {mark}").marks)
        return (
            found.index is not None
            and bool(wanted)
            and any(wanted <= set(wording(name).marks) for _, name in self._lookup.names(found.index))
        )

    def _abbreviates(self, text: str, found: Found) -> bool:
        """True when a text is an abbreviation of the disease it stands beside."""
        carriers = {carrier.at for carrier in self._index.carriers("acronym", joined(text))}
        return found.index in carriers

    def _is_closer(self, inner: Found, base: Found) -> bool:
        """True when a bracketed name says more closely what the name before it means."""
        if inner.index is None:
            return False
        if base.index is None:
            return (
                inner.index in base.among
                or any(self._lookup.above(each, inner.index) for each in base.among)
                or all(self._lookup.above(inner.index, each) for each in base.among)
            )
        return self._lookup.above(base.index, inner.index)

    def _are_apart(self, inner: Found, base: Found) -> bool:
        """True when a bracketed name means a disease that the name before it neither is nor includes."""
        return (
            inner.index is not None and base.index is not None and inner.index not in (base.index, *base.namesakes, *base.among)
            and base.index not in inner.namesakes and not self._lookup.above(inner.index, base.index)
        )  # fmt: skip

    def _before_examples(self, text: str) -> Found | None:
        head = readings.without_examples(text)
        return said(self._inside(head), "without its examples") if head else None

    def _with_cause(self, text: str) -> Found | None:
        """A head and its cause: the form of the head that the gene causes; another cause makes it a form of the head."""
        parts = readings.cause(text)
        head = self._inside(parts[0]) if parts else None
        if parts is None or head is None:
            return None
        named = genes.gene_in(parts[1], self._index.genes)
        if named is not None:
            return self._genes.of_gene(head, named.symbol)
        return replace(head, form=True, namesakes=(), how=f"{head.how}, a form of it by its cause")

    def _by_abbreviation(self, text: str) -> Found | None:
        """A disease named by a numbered abbreviation ("… hearing loss type DFNA2"), where all other words are the disease's own."""
        for token in text.replace(",", " ").split():
            if not is_acronym(token) or not any(char.isdigit() for char in token) or len(token) < 4:
                continue
            found = self._lookup.chosen(self._index.carriers("acronym", joined(token)), "abbreviation", 96.0, wording(token))
            others = wording(text.replace(token, " "))
            if (
                found is not None
                and found.index is not None
                and all(word in self._genes.support(found.index) or word == "locus" for word in others.core)
            ):
                return said(found, "beside its description")
        return None

    def _as_form(self, text: str) -> Found | None:
        inner = readings.form_of(text)
        found = self._inside(inner) if inner else None
        return replace(found, form=True, namesakes=(), how=f"{found.how}, a form of it") if found else None

    def _in_company(self, text: str) -> Found | None:
        """A disease and something beside it; a finding with something beside it is another thing."""
        head = readings.company(text)
        found = self._lookup.direct(head) if head and len(head.split()) > 1 and not self.is_finding(head) else None
        return replace(found, form=True, namesakes=(), how=f"{found.how}, with something beside it") if found else None

    def _before_explanation(self, text: str) -> Found | None:
        head = readings.unexplained(text)
        return said(self._inside(head), "without its explanation") if head else None

    def _one_of_several(self, text: str) -> Found | None:
        """Several names in one: what they all mean, or the few diseases that they mean."""
        names = readings.alternatives(text)
        if not names:
            return None
        found = [
            self._lookup.direct(name) or self._lookup.direct(full)
            for name, full in zip(names, (names[0], *readings.elliptical(names)), strict=True)
        ]
        known = [each for each in found if each is not None]
        if not known or (len(known) < len(found) and ("/" in text or is_acronym(names[0]))):
            return None
        indices = tuple(
            dict.fromkeys(index for each in known for index in ((each.index,) if each.index is not None else each.among))
        )
        if len(indices) == 1:
            return said(known[0], "one of its names")
        top = self._lookup.group_of(indices)
        if top is not None and len(known) == len(found):
            return Found(top, "several names, one of which includes the others", 95.0)
        return Found(None, "names several diseases", 0.0, among=indices[:GROUP])

    def _misspelt(self, text: str) -> Found | None:
        """The name with the words that nobody knows put right, when that leads to one disease."""
        parts = wording(text)
        unknown = [word for word in parts.words if not self._speller.knows(word)]
        if (
            not unknown
            or len(unknown) > 2
            or len(parts.squeezed) < FUZZY_LENGTH
            or not all(map(self._speller.corrections, unknown))
        ):
            return None
        hits: dict[int, Found] = {}
        for words in _corrected(parts.words, self._speller):
            core = tuple(word for word in words if word not in MODIFIERS)
            candidate = Wording(words, core, parts.mask)
            score = fuzz.ratio(parts.key, candidate.key)
            found = self._lookup.worded(candidate, " ".join(words)) if score >= FUZZY_FLOOR else None
            if found is not None and found.index is not None:
                hits.setdefault(found.index, replace(found, how="spelling close to a name", score=round(score * 0.97, 1)))
            elif found is not None and len(unknown) == 1:
                return replace(found, how=f"spelling close to a name, {found.how}")
        return next(iter(hits.values())) if len(hits) == 1 else None


def _corrected(words: Sequence[str], speller: Speller) -> Iterator[tuple[str, ...]]:
    """The words with each unknown one put right in every way."""
    options: list[Iterable[str]] = [speller.corrections(word) or (word,) for word in words]
    yield from itertools.product(*options)
