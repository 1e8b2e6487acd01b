"""Disorders named by a gene -> the one disease or the few that the gene's relations to diseases and the rest of the name leave."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from raredx_bench.linking import genes
from raredx_bench.linking.index import SYNONYM
from raredx_bench.linking.lookup import GROUP, Found, Lookup, said
from raredx_bench.linking.words import INHERITANCE, MODIFIERS, base_of, marks, wording


class ByGene:
    """Reads gene-named disorders by one terminology's gene-disease relations."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._position = {identifier: index for index, identifier in enumerate(lookup.ids)}
        self._genes_within = lru_cache(maxsize=4096)(self._genes_within_of)
        self.support = lru_cache(maxsize=4096)(self._support_of)

    def of_gene(self, base: Found, symbol: str) -> Found | None:
        """The form of a disease that a gene causes; the disease itself when it is the gene's; None when the gene is another's."""
        if base.index is None:
            inside = [index for index in base.among if index in self._lookup.index.genes.get(symbol, ())]
            return Found(inside[0], f"{base.how}, by the gene {symbol}", 96.0) if len(inside) == 1 else None
        owners = self._lookup.index.genes.get(symbol, ())
        own = self._genes_within(base.index)
        if own == (symbol,):
            return said(base, f"caused by {symbol}")
        below = [index for index in owners if self._lookup.above(base.index, index)]
        leaves = [index for index in below if not any(self._lookup.above(index, other) for other in below)]
        specific = [index for index in leaves if self._lookup.ontology.genes(self._lookup.ids[index]) == (symbol,)] or leaves
        if base.index in owners and (len(specific) != 1 or not self._is_series_member(specific[0], symbol)):
            return said(base, f"caused by {symbol}")
        if len(specific) == 1 and self._is_series_member(specific[0], symbol):
            return Found(specific[0], f"{base.how}, the form that {symbol} causes", base.score - 1)
        if specific:
            return Found(None, f"{base.how}, forms that {symbol} causes", 0.0, among=tuple(specific))
        return None

    def _genes_within_of(self, index: int) -> tuple[str, ...]:
        """Symbols of the genes of a disease and of everything below it, sorted."""
        found, seen, stack = set(self._lookup.ontology.genes(self._lookup.ids[index])), {index}, [index]
        while stack:
            for child in self._lookup.below(stack.pop()):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)
                    found.update(self._lookup.ontology.genes(self._lookup.ids[child]))
        return tuple(sorted(found))

    def _is_series_member(self, index: int, symbol: str) -> bool:
        """True for a disease whose label or title has a number or names the gene: a form told by its gene, not by its course."""
        return any(base_of(name) or symbol in name for tier, name in self._lookup.names(index) if tier != SYNONYM)

    def named_by_gene(self, text: str) -> Found | None:
        """The disorders of a gene that a name names: the one that suits what else is said, or all of them."""
        named = genes.gene_in(text, self._lookup.index.genes)
        if named is None:
            return None
        text_beside = genes.untalked(named.rest)
        whole = self._lookup.direct(text_beside) if len(text_beside.split()) > 1 else None
        if whole is not None and whole.index is not None and self._genes_within(whole.index):
            found = self.of_gene(whole, named.symbol)
            if found is not None and found.index is not None:
                return found
        rest = wording(text_beside)
        head = tuple(
            word
            for word in rest.words
            if word not in genes.GENERIC and not MODIFIERS.get(word, 0) & ~INHERITANCE and not word.endswith("inopathy")
        )
        fitting = next(filter(None, ([index for index in owners if all(word in self.support(index) for word in head)]
                                     for owners in self._disorders(named.symbol))), [])  # fmt: skip
        if fitting and (top := self._lookup.group_of(fitting)) is not None:
            fitting = [top]
        if not fitting or len(fitting) > GROUP or (marks(head) and len(fitting) > 1):
            return None
        if len(fitting) == 1:
            return Found(
                fitting[0], f"the disorder of {named.symbol}" if not head else f"the disorder of {named.symbol} of this kind", 94.0
            )
        extras = {index: self._words_beside(index, head) for index in fitting} if head else {}
        nearest = [index for index, extra in extras.items() if extra == min(extras.values())]
        if len(nearest) == 1 and extras[nearest[0]] <= 1:
            return Found(nearest[0], f"the disorder of {named.symbol} of this name", 93.0)
        every = fitting if head else self._disorders(named.symbol)[1][:GROUP]
        return Found(None, f"disorders of {named.symbol}", 0.0, among=tuple(every))

    def _words_beside(self, index: int, head: Sequence[str]) -> int:
        """The fewest words that a name of a disease has beside these, but for marks and modifiers; 99: no name has them all."""
        wanted = set(head)
        names = (wording(name) for _, name in self._lookup.names(index))
        return min((len(set(each.core) - wanted - set(each.marks)) for each in names if wanted <= set(each.words)), default=99)

    def _disorders(self, symbol: str) -> tuple[list[int], list[int]]:
        """The diseases that are a gene's alone, and all that it may cause."""
        owners = self._lookup.index.genes.get(symbol, [])
        return [index for index in owners if self._lookup.ontology.genes(self._lookup.ids[index]) == (symbol,)], owners

    def _support_of(self, index: int) -> frozenset[str]:
        """The words of a disease's names and of the names of everything above it."""
        above = (self._position[each] for each in self._lookup.ontology.ancestors(self._lookup.ids[index]))
        return frozenset().union(*(self._lookup.index.words_of(each) for each in (index, *above)))
