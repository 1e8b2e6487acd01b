"""Where a text names a disease: by a name, a synonym, an abbreviation, its gene, a form of it or its family.

Names are compared word by word in the linker's own spelling (linking/words.py): letter case, punctuation, hyphens, accents, plurals
and possessives, British spelling, Roman numerals and joining words don't matter, nor does the order of a short name's words.
Abbreviations and gene symbols are compared letter by letter. A kind says how a text names the disease:

name          the preferred name of the disease in any source, or a free-text name given with it
synonym       another name
abbreviation  a short form of three characters or more, unless the text itself says that it is short for something else
stem          a name without "syndrome" or "disease" where what is left is an eponym or otherwise telling
form          a disease below it, when there are at most FORMS of them
gene          its gene or that of a form, in a sentence that speaks of variants or sequencing
parent        its family: a name without its number, cause or inheritance, or an ancestor with at most VAGUE diseases below, the
              judge's own limit
finding       its own name, but one that is also a finding of HPO ("dilated cardiomyopathy")
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from raredx_bench.compiled import compiled, digest_of
from raredx_bench.judging import VAGUE
from raredx_bench.linking.index import is_acronym
from raredx_bench.linking.words import MODIFIERS, root, wording
from raredx_bench.mentions.patterns import FINDING, FORM, GENE, KINDS, NAME, PARENT, Pattern, is_distinctive, named, patterns_of
from raredx_bench.mentions.places import Mention, Wanted, apart, mentions_in
from raredx_bench.mentions.reading import read
from raredx_bench.mentions.shorts import NO_SYMBOLS, shorts_of
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

__all__ = ["FINDING", "FORMS", "GENE", "KINDS", "PARENT", "Mention", "MentionFinder", "apart"]

FORMAT = "findings-1"
FORMS = 60  # "osteogenesis imperfecta" has 46


class MentionFinder:
    """Finds where texts name given diseases of one terminology. Patterns of a disease are made once."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._wanted = lru_cache(maxsize=4096)(self._make)
        self._read = lru_cache(maxsize=8)(read)

    def find(self, text: str, identifiers: Sequence[str], names: Sequence[str] = ()) -> list[Mention]:
        """Mentions of diseases (ids of any vocabulary; unknown ones are left out) and of further names, in the text's order.

        Mentions don't overlap: of two in one place the longer one stays, then the stronger kind.
        """
        known = (self.ontology.canonical(identifier) for identifier in identifiers)
        wanted = [self._wanted(each) for each in dict.fromkeys(known) if each is not None]
        if names:
            wanted.append(self._searched([(name, NAME) for name in names]))
        reading = self._read(text)
        return apart(mention for each in wanted for mention in mentions_in(reading, each))

    @cached_property
    def _compiled(self) -> Mapping[str, Sequence[str]]:
        key = digest_of([FORMAT, *self.ontology.findings])
        found: Mapping[str, Sequence[str]] = compiled("findings", key, lambda: (_findings(self.ontology.findings), {}))[0]
        return found

    @cached_property
    def _findings(self) -> frozenset[str]:
        return frozenset(self._compiled["names"])

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        """Words of findings, and words that describe a disease without telling which."""
        return frozenset(self._compiled["words"]) | MODIFIERS.keys()

    def _make(self, identifier: str) -> Wanted:
        disease = self.ontology[identifier]
        names = [*named(disease), *self._forms(identifier), *self._families(identifier)]
        below = self._few_below(identifier)
        genes = {symbol for each in (identifier, *below) for symbol in self.ontology.genes(each)}
        return self._searched(names, genes)

    def _searched(self, names: Sequence[tuple[str, str]], genes: Collection[str] = ()) -> Wanted:
        words = frozenset(root(word) for name, kind in names if kind not in (PARENT, FORM) for word in plain(name).split())
        return Wanted(self._patterns(names), shorts_of(names), frozenset(genes) - NO_SYMBOLS, words)

    def _patterns(self, names: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
        best: dict[tuple[str, ...], Pattern] = {}
        for name, kind in names:
            for pattern in patterns_of(name, kind, self._findings, self._ordinary):
                known = best.get(pattern.words)
                if known is None or KINDS.index(pattern.kind) < KINDS.index(known.kind):
                    best[pattern.words] = pattern
        return tuple(best.values())

    def _forms(self, identifier: str) -> Iterator[tuple[str, str]]:
        for each in self._few_below(identifier):
            form = self.ontology[each]
            yield from ((name, FORM) for name, kind in named(form) if kind != PARENT and name not in form.genes)

    def _few_below(self, identifier: str) -> Sequence[str]:
        return sorted(self.ontology.below(identifier)) if self.ontology.size_below(identifier) <= FORMS else ()

    def _families(self, identifier: str) -> Iterator[tuple[str, str]]:
        for each in sorted(self.ontology.ancestors(identifier)):
            if self.ontology.size_below(each) <= VAGUE:
                names = (name for name, kind in named(self.ontology[each]) if kind not in (PARENT, FORM))
                yield from ((name, PARENT) for name in names if self._tells(name))

    def _tells(self, name: str) -> bool:
        """True for a family's name that is more than words of findings, and no "X and related diseases"."""
        return " related " not in name and (is_acronym(name) or is_distinctive(wording(name).words, self._ordinary))


def _findings(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of findings in one spelling, their words sorted and the words without gaps; and the words."""
    found = [wording(name) for name in names]
    texts = {text for each in found for text in (each.key, each.squeezed)}
    return {"names": sorted(texts), "words": sorted({word for each in found for word in each.words})}
