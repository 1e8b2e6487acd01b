"""Where a text names a disease: by a name, a synonym, an abbreviation, its gene, a form of it or its family.

Names are compared word by word in the linker's own spelling (linking/words.py): letter case, punctuation, hyphens, accents, plurals
and possessives, British spelling, Roman numerals and joining words don't matter, nor does the order of a short name's words.
Abbreviations and gene symbols are compared letter by letter. A kind says how a text names the disease:

name          the preferred name of the disease in any source, or a free-text name given with it
synonym       another name
abbreviation  a short form of three characters or more, unless the text itself says that it is short for something else
stem          a name without "syndrome" or "disease" where what is left is an eponym or otherwise telling
form          a disease below it, when there are at most FORMS of them
gene          its gene, in a sentence that speaks of variants or sequencing
parent        its family: a name without its number, cause or inheritance, or an ancestor with at most FAMILY diseases below
finding       its own name, but one that is also a finding of HPO ("dilated cardiomyopathy")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from raredx_bench.linking.words import MODIFIERS, root
from raredx_bench.mentions.patterns import FORM, KINDS, NAME, NO_SYMBOLS, PARENT, Pattern, abbreviations_of, named, patterns_of
from raredx_bench.mentions.places import Mention, Wanted, apart, mentions_in
from raredx_bench.mentions.reading import read
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

__all__ = ["FAMILY", "FORMS", "KINDS", "Mention", "MentionFinder"]

FAMILY = 60  # diseases below an ancestor at most; "osteogenesis imperfecta" has 46
FORMS = 60


class MentionFinder:
    """Finds where texts name given diseases of one terminology. Patterns of a disease are made once."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._wanted = lru_cache(maxsize=4096)(self._make)
        self._read = lru_cache(maxsize=8)(read)

    def find(self, text: str, identifiers: Sequence[str], names: Sequence[str] = ()) -> list[Mention]:
        """Mentions of diseases (ids of any vocabulary; unknown ones are left out) and of further names, in the text's order.

        Mentions don't overlap: of two in one place the stronger kind stays, then the longer one.
        """
        known = (self.ontology.canonical(identifier) for identifier in identifiers)
        wanted = [self._wanted(each) for each in dict.fromkeys(known) if each is not None]
        if names:
            wanted.append(self._searched([(name, NAME) for name in names], names))
        reading = self._read(text)
        return apart(mention for each in wanted for mention in mentions_in(reading, each))

    @cached_property
    def _findings(self) -> frozenset[str]:
        return frozenset(map(plain, self.ontology.findings))

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        """Words of findings, and words that describe a disease without telling which."""
        return frozenset(root(word) for name in self._findings for word in name.split()) | MODIFIERS.keys()

    def _make(self, identifier: str) -> Wanted:
        disease = self.ontology[identifier]
        names = [*named(disease), *self._forms(identifier), *self._families(identifier)]
        return self._searched(names, [name for name, kind in names if kind not in (PARENT, FORM)], disease.genes)

    def _searched(self, names: Sequence[tuple[str, str]], own: Sequence[str], genes: Sequence[str] = ()) -> Wanted:
        words = frozenset(root(word) for name in own for word in plain(name).split())
        return Wanted(self._patterns(names), abbreviations_of(own), frozenset(genes) - NO_SYMBOLS, words)

    def _patterns(self, names: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
        best: dict[tuple[str, ...], Pattern] = {}
        for name, kind in names:
            for pattern in patterns_of(name, kind, self._findings, self._ordinary):
                known = best.get(pattern.words)
                if known is None or KINDS.index(pattern.kind) < KINDS.index(known.kind):
                    best[pattern.words] = pattern
        return tuple(best.values())

    def _forms(self, identifier: str) -> Iterator[tuple[str, str]]:
        if 0 < self.ontology.size_below(identifier) <= FORMS:
            for each in self.ontology.below(identifier):
                yield from ((name, FORM) for name, kind in named(self.ontology[each]) if kind != PARENT)

    def _families(self, identifier: str) -> Iterator[tuple[str, str]]:
        for each in sorted(self.ontology.ancestors(identifier)):
            if self.ontology.size_below(each) <= FAMILY:
                yield from ((name, PARENT) for name, kind in named(self.ontology[each]) if kind not in (PARENT, FORM))
