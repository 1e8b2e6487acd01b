"""A disease of the terminology -> everything that a text may call it by, each with what kind of name it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from raredx_bench.domain import Disease, Scope
from raredx_bench.linking.index import is_acronym, joined
from raredx_bench.linking.words import KIND, MODIFIERS, ROMAN_AFTER_TYPE, base_of, uncaused, wording
from raredx_bench.naming import plain

NAME, SYNONYM, ABBREVIATION, STEM, FORM, GENE, PARENT, FINDING = (
    "name", "synonym", "abbreviation", "stem", "form", "gene", "parent", "finding",
)  # fmt: skip
KINDS = (NAME, SYNONYM, ABBREVIATION, STEM, FORM, GENE, PARENT, FINDING)  # of two names in one place, the earlier kind wins
SHORT = 3  # characters of an abbreviation, and of a gene symbol, at least

# Short forms that clinical prose uses for something else, all of them abbreviations or gene symbols of the terminology too: tests,
# drugs, measures, units and words.
ORDINARY = frozenset({
    "ABC", "ABG", "ACE", "ADA", "ADP", "AFB", "AFP", "AIDS", "AIM", "ALB", "ALK", "ALL", "ALP", "ALT", "AMP", "ANA", "APC",
    "ARC", "ART", "ASO", "AST", "ATP", "AVR", "BAL", "BID", "BMI", "BMP", "BUN", "CAD", "CAM", "CAP", "CARE", "CAT", "CBC",
    "CBS", "CHD", "CHF", "CHIP", "CMP", "CMV", "CNS", "COPD", "CPAP", "CPK", "CPR", "CRP", "CSF", "CTA", "DNA", "DVT", "EBV",
    "ECG", "ECHO", "EEG", "EGD", "EMG", "ENT", "ESR", "FEV", "FISH", "GCS", "GERD", "GFR", "GGT", "HBV", "HCV", "HDL", "HIT",
    "HIV", "HLA", "HPF", "ICD", "ICP", "ICU", "IGA", "IGG", "IGM", "INR", "INS", "IQ", "IUGR", "IVF", "KIT", "LAB", "LAD",
    "LDH", "LDL", "MAP", "MAX", "MCH", "MCV", "MET", "MIC", "MICE", "MRA", "MRI", "MRS", "NICU", "NOT", "NSAID", "PAS", "PCR",
    "PEEP", "PET", "PICU", "PRN", "PSA", "PTH", "PTT", "RBC", "REST", "RNA", "SET", "SHE", "SPECT", "SPEP", "STAR", "STEMI",
    "THE", "TSH", "TTE", "TTR", "UTI", "VSD", "WAS", "WBC", "WES", "WGS",
})  # fmt: skip
# The same as gene symbols, even where a text speaks of genes.
NO_SYMBOLS = frozenset({"ACE", "AFP", "ALB", "CAT", "CRP", "INS", "MAX", "MICE", "NOT", "PTH", "REST", "SET", "SHE"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to name a disease. words: in the spelling of names; name: as the terminology writes it; kind: one of KINDS."""

    words: tuple[str, ...]
    kind: str
    name: str

    @property
    def squeezed(self) -> str:
        """The words without the gaps between them."""
        return "".join(self.words)


def abbreviations_of(names: Collection[str]) -> dict[str, str]:
    """Abbreviation without spaces and hyphens -> as written, of those that clinical prose doesn't use for something else."""
    found = {}
    for name in names:
        for text in (name, *name.split(" - ")[:1]):
            short = joined(text.replace(" ", "")) if re.fullmatch(r"[A-Za-z]+[- ]?(?:[A-Z]*\d*|[IVX]+)[A-Za-z]?", text) else text
            if is_acronym(short) and len(short) >= SHORT and short.upper() not in ORDINARY and sum(map(str.isupper, short)) > 1:
                found[short] = name
    return found


def patterns_of(name: str, kind: str, findings: Collection[str], ordinary: Collection[str]) -> Iterator[Pattern]:
    """Patterns of one name; those that HPO has as a finding are of kind "finding".

    findings: names of findings as naming.plain writes them; ordinary: words that tell nothing by themselves.
    """
    for written, weaker in _variants(name):
        words = wording(written).words
        if not words or len("".join(words)) <= SHORT:
            continue
        if plain(written) in findings:
            if not weaker:
                yield Pattern(words, FINDING, name)
            continue
        level = (PARENT if kind not in (FORM,) else FORM) if weaker else kind
        if len(words) > 1 or words[0] not in ordinary:
            yield Pattern(words, level, name)
            yield from _numeral(words, level, name)
        stem = tuple(word for word in words if MODIFIERS.get(word) != KIND)
        if stem and stem != words and " ".join(stem) not in findings and _is_distinctive(stem, ordinary):
            yield Pattern(stem, STEM if level in (NAME, SYNONYM) else level, name)


def _variants(name: str) -> Iterator[tuple[str, bool]]:
    """A name as written and without brackets; then, as wider names, without cause, inheritance and mark."""
    bare = re.sub(r"\s*[\(\[][^()\[\]]*[\)\]]", "", name).strip()
    yield name, False
    if bare and bare != name:
        yield bare, False
    short = uncaused(bare or name)
    if short != (bare or name):
        yield short, True
    base = base_of(short)
    if base:
        yield base, True


def _numeral(words: tuple[str, ...], kind: str, name: str) -> Iterator[Pattern]:
    """The name with its last numeral as a letter: a text's lone "I", "V" or "X" is read as a letter."""
    letters = {number: roman for roman, number in ROMAN_AFTER_TYPE.items() if len(roman) == 1}
    if words[-1] in letters:
        yield Pattern((*words[:-1], letters[words[-1]]), kind, name)


def _is_distinctive(stem: tuple[str, ...], ordinary: Collection[str]) -> bool:
    """True for a name without "syndrome" that still means the disease: an eponym, or several words not all ordinary."""
    telling = [word for word in stem if word not in ordinary and not word.startswith("~") and len(word) >= SHORT and word.isalpha()]
    return bool(telling)


def named(disease: Disease) -> Iterator[tuple[str, str]]:
    """(name, kind) of a disease's names; a BROAD synonym names its family."""
    yield disease.name, NAME
    for title in disease.titles:
        yield title, NAME
    for synonym in disease.synonyms:
        yield synonym.name, {Scope.BROAD: PARENT, Scope.NARROW: FORM}.get(synonym.scope, SYNONYM)
