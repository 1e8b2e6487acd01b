"""A disease of the terminology -> everything that a text may call it by, each with what kind of name it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from raredx_bench.domain import Disease, Scope
from raredx_bench.linking.index import is_acronym
from raredx_bench.linking.words import KIND, MODIFIERS, ROMAN_AFTER_TYPE, base_of, uncaused, wording

NAME, SYNONYM, ABBREVIATION, STEM, FORM, GENE, PARENT, FINDING = (
    "name", "synonym", "abbreviation", "stem", "form", "gene", "parent", "finding",
)  # fmt: skip
KINDS = (
    NAME,
    SYNONYM,
    ABBREVIATION,
    STEM,
    FORM,
    GENE,
    PARENT,
    FINDING,
)  # of two equally long, the earlier wins
SHORTEST = 4  # letters of a name that is compared without regard to case

_LETTERS = {number: roman for roman, number in ROMAN_AFTER_TYPE.items() if len(roman) == 1}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to name a disease. words: in the spelling of names; name: as the terminology writes it; kind: one of KINDS.

    written: the part of the name that the words stand for.
    """

    words: tuple[str, ...]
    kind: str
    name: str
    written: str

    @property
    def squeezed(self) -> str:
        """The words without the gaps between them."""
        return "".join(self.words)


def patterns_of(name: str, kind: str, findings: Collection[str], ordinary: Collection[str]) -> Iterator[Pattern]:
    """Patterns of one name; those that HPO has as a finding are of kind "finding".

    findings: names of findings by Wording.key and Wording.squeezed; ordinary: words that tell nothing by themselves.
    """
    for written, weaker in _variants(name):
        parts = wording(written)
        words = parts.words
        if len("".join(words)) < SHORTEST or is_acronym(written):
            continue
        if parts.key in findings or parts.squeezed in findings or (len(words) == 1 and words[0] in ordinary):
            if not weaker and kind not in (PARENT, FORM):
                yield Pattern(words, FINDING, name, written)
            continue
        level = kind if not weaker or kind == FORM else PARENT
        stem = tuple(word for word in words if MODIFIERS.get(word) != KIND)
        own = level not in (PARENT, FORM)
        if len(words if own else stem) > 1 or (stem and stem[0] not in ordinary):
            yield Pattern(words, level, name, written)
            yield from _numeral(words, level, name, written)
        if stem and stem != words and " ".join(sorted(set(stem))) not in findings and is_distinctive(stem, ordinary):
            yield Pattern(stem, STEM if own else level, name, written)


def without_brackets(name: str) -> str:
    """A name without what stands in brackets."""
    return re.sub(r"\s*[(\[][^()\[\]]*[)\]]", "", name).strip()


def _variants(name: str) -> Iterator[tuple[str, bool]]:
    """A name as written and without brackets; then, as wider names, without cause, inheritance and mark."""
    bare = without_brackets(name)
    yield name, False
    if bare and bare != name:
        yield bare, False
    short = uncaused(bare or name)
    if short != (bare or name):
        yield short, True
    base = base_of(short)
    if base:
        yield base, True


def _numeral(words: tuple[str, ...], kind: str, name: str, written: str) -> Iterator[Pattern]:
    """The name with its last numeral as a letter: a text's lone "I", "V" or "X" is read as a letter."""
    if words[-1] in _LETTERS:
        yield Pattern((*words[:-1], _LETTERS[words[-1]]), kind, name, written)


def is_distinctive(stem: tuple[str, ...], ordinary: Collection[str]) -> bool:
    """True for a name without "syndrome" that still means the disease: an eponym, or several words not all ordinary."""
    telling = (word for word in stem if word not in ordinary and not word.startswith("~"))
    return any(len(word) > (2 if word.isalpha() else 3) for word in telling)


def named(disease: Disease) -> Iterator[tuple[str, str]]:
    """(name, kind) of a disease's names; a BROAD synonym names its family."""
    yield disease.name, NAME
    for title in disease.titles:
        yield title, NAME
    for synonym in disease.synonyms:
        yield synonym.name, {Scope.BROAD: PARENT, Scope.NARROW: FORM}.get(synonym.scope, SYNONYM)
