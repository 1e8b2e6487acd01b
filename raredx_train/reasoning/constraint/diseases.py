"""Where a reasoning names diseases: those of its answer by any of their names, others by a name of the terminology."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

from raredx_bench.domain import Scope
from raredx_bench.judging import VAGUE
from raredx_bench.linking import Linker
from raredx_bench.linking.index import is_acronym
from raredx_bench.linking.words import MODIFIERS
from raredx_bench.mentions import KINDS, PARENT, Mention, MentionFinder
from raredx_bench.mentions.patterns import FORM, GENE, STEM
from raredx_bench.mentions.shorts import ORDINARY, SHORT
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

T = TypeVar("T")
Place = tuple[str, int, int]  # an HPO id, and from where to where it is named
LONGEST = 24  # words of a name that is looked for
LEAST = 5  # letters of a name of one word
_BREAK = re.compile(r"[.;:!?]\s|\n")
_WORD = re.compile(r"[^\W_]+(?:['’]s\b)?")
_COMPARED = re.compile(
    r"(?:\bthan(?: in| for| of| that of)?|\bunlike|\binstead of|\bversus|\bvs\.?|\bas opposed to|\bin contrast to|"
    r"\bcompared (?:with|to)|\bfollowed by|\bahead of|\bbefore|\bover|\bdistinguish\w* (?:it |this |the case )?from)"
    r"\s+(?:the |a |an )?$",
    re.IGNORECASE,
)
_KIND = r"(?:syndrome|disease|disorder|dystrophy|dysplasia|anomaly|ataxia|myopathy|neuropathy|encephalopathy)"
_INVENTED = re.compile(rf"\b(?:[A-Z][\w'’]{{2,}}[- ](?:[a-z]{{3,}}[- ]){{0,2}})+{_KIND}\b(?: type [\dIVX]+[A-Z]?)?")
_BY_GENE = re.compile(  # "SMAD3-related …": a name as the terminology has them, unless what follows is any disorder at all
    r"(?<![\w-])[A-Z][A-Z0-9]{2,9}-(?:related|associated|congenital disorder of)\s+"
    r"(?!(?:disorder|disease|condition|phenotype|spectrum|syndrome|variant|mutation)s?\b)[a-z][\w-]+(?: [\w-]+)?"
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A name of a disease from start to end. ids: what it may mean; compared: another disease is measured by it ("than X").

    stated: the case has a finding of this name, which may be meant too.
    """

    start: int
    end: int
    ids: tuple[str, ...]
    compared: bool = False
    stated: bool = False


_SHORT = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][a-z]?){2,}[A-Z0-9-]*(?![a-z])")
_PLAIN = ("related", "associated", "caused", "mutation", "mutations", "form", "forms", "this", "with", "from")


class Names(NamedTuple):
    """ids: by plain name, an abbreviation by itself; lengths: words of the names that begin with a word, longest first.

    small: words of names that are written small.
    """

    ids: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]
    small: frozenset[str]


class DiseaseFinder:
    """Finds disease names in prose. symbols: of genes, which are no abbreviations of diseases here."""

    def __init__(self, ontology: Ontology, linker: Linker, symbols: Iterable[str]) -> None:
        self.ontology, self.linker = ontology, linker
        self.finder = MentionFinder(ontology)
        self._symbols = frozenset(symbols) | ORDINARY
        self._telling = lru_cache(maxsize=65536)(self._make_telling)
        self._meant = lru_cache(maxsize=65536)(self._make_meant)

    def spots(self, text: str, answer: Sequence[str], findings: Sequence[Place], known: Container[str]) -> list[Spot]:
        """The names in a text's order, none overlapping: the longest stays.

        answer: canonical ids that are looked for by any name. findings: where findings are named; the name of one is a disease only
        where the answer has that disease, and a part of it never. known: HPO ids that the case speaks of.
        """
        found: dict[tuple[int, int], list[tuple[int, str]]] = {}
        for start, end, ids in self._named(text):
            if any(first <= start and end <= last and end - start < last - first for _, first, last in findings):
                continue
            if self.linker.is_finding(text[start:end]):
                ids = tuple(each for each in ids if each in answer)
            if ids:
                found[start, end] = [(0, each) for each in ids]
        for identifier in self._worth_finding(text, answer, [*found, *(place[1:] for place in findings)]):
            for mention in self.finder.find(text, [identifier]):
                if mention.kind != GENE and not _is_finding(mention, findings):
                    found.setdefault((mention.start, mention.end), []).append((KINDS.index(mention.kind), identifier))
        stated = {(start, end) for term, start, end in findings if term in known}
        return [Spot(start, end, _strongest(ids), bool(_COMPARED.search(text[max(0, start - 40) : start])), (start, end) in stated)
                for (start, end), ids in _apart(found)]  # fmt: skip

    def _worth_finding(self, text: str, answer: Sequence[str], taken: Iterable[tuple[int, int]]) -> list[str]:
        """Those of the answer that the text may name beside what is found already: by a telling word or an abbreviation."""
        left = list(text)
        for start, end in taken:
            left[start:end] = " " * (end - start)
        rest = "".join(left)
        if any(match.group() not in self._symbols for match in _SHORT.finditer(rest)):
            return list(answer)
        words = set(plain(rest).split())
        return [each for each in answer if not words.isdisjoint(self._telling(each))]

    def _make_telling(self, identifier: str) -> frozenset[str]:
        """The words of a disease's names that no finding's name has."""
        disease = self.ontology[identifier]
        names = (disease.name, *disease.titles, *(each.name for each in disease.synonyms))
        return frozenset(word for name in names for word in plain(name).split() if len(word) > SHORT) - self._ordinary

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        names = (*self.ontology.findings, *_PLAIN)
        return frozenset(word for name in names for word in plain(name).split()) | MODIFIERS.keys()

    def invented(self, text: str, taken: Sequence[tuple[int, int]]) -> Iterator[str]:
        """What is written like the name of a disease and is none, nor holds one. taken: places of diseases and findings."""
        for match in _BY_GENE.finditer(text):
            if not any(start <= match.start() < end for start, end in taken) and not self._is_known(match.group()):
                yield match.group()
        for match in _INVENTED.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            words = match.group().split(" ")
            if not any(self._is_known(" ".join(words[at:])) for at in range(len(words) - 1)) and self._is_proper(match, text):
                yield match.group()

    def _is_known(self, name: str) -> bool:
        link = self.linker.link(name)
        return bool(link.id or link.among) or self.linker.is_finding(name)

    def _is_proper(self, match: re.Match[str], text: str) -> bool:
        """True for a name with a capital that doesn't come from the beginning of a sentence."""
        before = text[: match.start()].rstrip()
        starts = not before or before[-1] in ".:;!?" or "\n" in text[len(before) : match.start()]
        capitals = re.findall(r"\b[A-Z]\w+", match.group())
        return len(capitals) > 1 or not starts or capitals[0].lower() not in self._names.small

    @cached_property
    def _names(self) -> Names:
        found: dict[str, dict[str, None]] = {}
        lengths: dict[str, set[int]] = {}
        small: set[str] = set()
        for disease in self.ontology.values():
            small.update(word for word in disease.name.split() if word.islower())
            if self.ontology.size_below(disease.id) > VAGUE:
                continue
            names = (disease.name, *disease.titles, *(each.name for each in disease.synonyms if each.scope is Scope.EXACT))
            for name in names:
                words = plain(name).split()
                if len(words) > LONGEST or not _tells(name, words) or name in self._symbols:
                    continue
                key = name if len(words) == 1 and is_acronym(name) else " ".join(words)
                found.setdefault(key, {})[disease.id] = None
                lengths.setdefault(words[0], set()).add(len(words))
        return Names({name: tuple(ids) for name, ids in found.items()},
                     {word: tuple(sorted(sizes, reverse=True)) for word, sizes in lengths.items()}, frozenset(small))  # fmt: skip

    def _named(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        lengths = self._names.lengths
        words = [(match.start(), match.end(), plain(match.group())) for match in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            for size in lengths.get(words[at][2], ()):
                inside = words[at : at + size]
                start, end = inside[0][0], inside[-1][1]
                if (
                    len(inside) == size
                    and not _BREAK.search(text, start, end)
                    and (ids := self._meant(text[start:end], " ".join(word for *_, word in inside)))
                ):
                    yield start, end, ids
                    at += size
                    break
            else:
                at += 1

    def _make_meant(self, written: str, key: str) -> tuple[str, ...]:
        """The diseases of this very name."""
        names = self._names.ids
        return names.get(key, ()) or (names.get(written, ()) if is_acronym(written) else ())


def _is_finding(mention: Mention, findings: Sequence[Place]) -> bool:
    """True for what means a finding, though a disease may be called so: a part of its name, or all of it, weakly named."""
    return any(start <= mention.start and mention.end <= end
               and ((start, end) != (mention.start, mention.end) or mention.kind in (PARENT, FORM, STEM))
               for _, start, end in findings)  # fmt: skip


def _tells(name: str, words: Sequence[str]) -> bool:
    """True for a name that means a disease where it stands in prose."""
    if len(words) != 1:
        return bool(words)
    if is_acronym(name):
        return len(name) >= SHORT and name.upper() not in ORDINARY
    return len(words[0]) >= LEAST


def _strongest(found: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """The diseases that a name means most directly: its own name before a synonym, any before a family's. found: (rank, id)."""
    best = min(rank for rank, _ in found)
    return tuple(dict.fromkeys(identifier for rank, identifier in found if rank == best))


def _apart(found: Mapping[tuple[int, int], T]) -> list[tuple[tuple[int, int], T]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda each: (each[0] - each[1], each[0])):
        if all(end <= first or last <= start for first, last in kept):
            kept.append((start, end))
    return [(each, found[each]) for each in sorted(kept)]
