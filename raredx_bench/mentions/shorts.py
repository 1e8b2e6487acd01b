"""Short forms: abbreviations of the terminology, initials of its names, gene symbols, and where a text uses them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from raredx_bench.linking.index import is_acronym
from raredx_bench.linking.words import JOINING, KIND, MODIFIERS, ROMAN_AFTER_TYPE, base_of, root, uncaused, wording
from raredx_bench.mentions.patterns import ABBREVIATION, FORM, KINDS, PARENT, without_brackets
from raredx_bench.naming import plain

SHORT = 3  # letters of an abbreviation, and characters of a gene symbol that needs no word beside it, at least
MOST_WORDS = 7  # of a name whose initials are formed
# Short forms that clinical prose uses for something else, all of them abbreviations or gene symbols of the terminology too: tests,
# drugs, measures, units and words.
ORDINARY = frozenset({
    "ABC", "ABG", "ACE", "ADA", "ADP", "AFB", "AFP", "AIDS", "AIM", "ALB", "ALK", "ALL", "ALP", "ALT", "AMP", "ANA", "APC",
    "ARC", "ART", "ASO", "AST", "ATP", "AVR", "BAL", "BID", "BMI", "BMP", "BUN", "CAD", "CAM", "CAP", "CARE", "CAT", "CBC",
    "CBS", "CHD", "CHF", "CHIP", "CMP", "CMV", "CNS", "COPD", "CPAP", "CPK", "CPR", "CRP", "CSF", "CTA", "DNA", "DVT", "EBV",
    "ECG", "ECHO", "EEG", "EGD", "EMG", "ENT", "ESR", "FEV", "FISH", "GCS", "GERD", "GFR", "GGT", "HBV", "HCV", "HDL", "HIT",
    "HIV", "HLA", "HPF", "ICD", "ICP", "ICU", "IGA", "IGG", "IGM", "INR", "INS", "IUGR", "IVF", "KIT", "LAB", "LAD", "LDH",
    "LDL", "MAP", "MAX", "MCH", "MCV", "MET", "MIC", "MICE", "MRA", "MRI", "MRS", "NICU", "NOT", "NSAID", "PAS", "PCR", "PEEP",
    "PET", "PICU", "PRN", "PSA", "PTH", "PTT", "RBC", "REST", "RNA", "SET", "SHE", "SPECT", "SPEP", "STAR", "STEMI", "THE",
    "TSH", "TTE", "TTR", "UTI", "VSD", "WAS", "WBC", "WES", "WGS",
})  # fmt: skip
# The same as gene symbols, even where a text speaks of genes.
NO_SYMBOLS = frozenset({"ACE", "AFP", "ALB", "CAT", "CRP", "INS", "MAX", "MICE", "NOT", "PTH", "REST", "SET", "SHE"})

_FORM = re.compile(
    r"(?<![A-Za-z0-9])(?P<letters>[A-Z0-9][A-Za-z0-9-]{1,9}?)s?"
    r"(?:(?:[- ]|[- ]?(?:type|Type|TYPE)[- ])(?P<mark>\d{1,3}[A-Za-z]?|[IVX]{1,4}[A-Za-z]?))?(?![A-Za-z0-9])"
)
# What makes a short form of two letters a diagnosis: words before it, with at most two more between, or "type III" beside it.
_DIAGNOSED = re.compile(
    r"\b(?:diagnos\w+ (?:of|with|as(?: having)?)|diagnosis (?:was|is)|(?:features|signs|history|case|form|typical|"
    r"characteristic|suggestive|suspicion|hallmark) of|suspected|consistent with|compatible with|confirm\w+|patients? with|known|"
    r"type [IVX\d]+[A-Za-z]?)\s+"
    r"(?:[\w-]+\s+){0,2}$"
)
_OF_DISEASE = re.compile(r"(?: \w+)? (?:cris[ie]s|attacks?|disease|syndrome|phenotype|patients?|criteria|mutations?|carriers?)\b")
# Parts of compounds that abbreviations take a letter from, and what is left behind them without one.
_COMBINING = re.compile(
    r"(?:pseudo|hypo|hyper|micro|macro|angio|muco|poly|thrombo|lympho|histio|leuko|leuco|glyco|lipo|neuro|fibro|osteo|chondro|cardio|"
    r"spondylo|encephalo|hepato|nephro|oculo|immuno|kerato|cranio|hemo|haemo|cysto|adreno|feto|photo|phospho|xantho|spino|branchio|oto|cerebro|musculo|gastro|entero|meta|epi|dys)(?=[a-z]{3})"
)
_ENDING = re.compile(r"(?:path|troph|plas|malac)(?:y|ia|ic)|(?:mat)?osis|oma|itis|emia|aemia|uria|penia|cytosis|genesis")
_MARKED = re.compile(r"(?P<letters>[A-Za-z]{2,7})[- ]?(?:type )?(?P<mark>\d{1,3}[A-Za-z]?|(?<=[- ])[IVX]{1,4}[A-Za-z]?)")
_ROMAN = re.compile(r"([IVX]{1,4})([A-Za-z]?)")


class Short(NamedTuple):
    """A short form: the name it stands for, and the kind of that."""

    name: str
    kind: str


def key(letters: str, mark: str) -> str:
    """Letters and mark in one spelling: SCA 3, SCA-3 and SCA type III are SCA3; the letters keep their case."""
    numeral = _ROMAN.fullmatch(mark)
    if numeral and numeral.group(1).lower() in ROMAN_AFTER_TYPE:
        mark = ROMAN_AFTER_TYPE[numeral.group(1).lower()] + numeral.group(2)
    return letters.replace("-", "") + mark.lower()


def shorts_of(names: Iterable[tuple[str, str]]) -> dict[str, Short]:
    """Key -> short form, of the abbreviations among names (with their kinds) and of the initials of the others."""
    found: dict[str, Short] = {}
    for name, kind in names:
        own = kind if kind in (FORM, PARENT) else ABBREVIATION
        for short, level in (*_stated(name, own), *(_initials(name, own) if own == ABBREVIATION else ())):
            known = found.get(short)
            if known is None or KINDS.index(level) < KINDS.index(known.kind):
                found[short] = Short(name, level)
    return found


def _stated(name: str, kind: str) -> Iterator[tuple[str, str]]:
    """A name that is an abbreviation, alone or before a dash ("AIP - acute …"); without its mark, its family."""
    text = name.partition(" - ")[0]
    if marked := _MARKED.fullmatch(text):
        letters = marked["letters"]
        if sum(map(str.isupper, letters)) > 1:
            yield key(letters, marked["mark"]), kind
            if len(letters) >= SHORT and letters.upper() not in ORDINARY:
                yield letters, FORM if kind == FORM else PARENT
    elif is_acronym(text) and len(text) > 1 and text.upper() not in ORDINARY:
        yield text.replace("-", ""), kind


def _initials(name: str, kind: str) -> Iterator[tuple[str, str]]:
    """The initials of a name of several words, with its mark; without the mark they stand for its family."""
    short = without_brackets(name).replace(", type", " type")
    if is_acronym(name) or "," in short:
        return
    base = base_of(short)
    words = re.sub(r"[-–/]", " ", (base or short).replace("X-linked", "X L")).split()
    telling = [word for word in words if word.lower() not in JOINING and word[0].isalpha()]
    if any(char.isdigit() for word in telling for char in word) or len(telling) > MOST_WORDS:
        return
    mark = wording(short).marks[-1:] if base else ()
    ends = {len(telling), len(telling) - (MODIFIERS.get(telling[-1].lower()) == KIND)} if telling else set()
    for parts in (parts for end in sorted(ends) for parts in product(*map(_heads, telling[:end]))):
        letters = "".join(parts)
        if len(letters) >= (SHORT if len(parts) == 1 else 2) and letters not in ORDINARY and short == uncaused(short):
            yield letters, PARENT if base else kind
        if len(letters) > 1:
            yield from ((letters + each, kind) for each in mark)


def _heads(word: str) -> tuple[str, ...]:
    """The initial of a word, and of the parts of a compound: M, and MPS for mucopolysaccharidosis."""
    heads, rest = "", word.lower()
    while found := _COMBINING.match(rest):
        heads, rest = heads + rest[0].upper(), rest[found.end() :]
    if not heads:
        return (word[0].upper(),)
    return tuple(dict.fromkeys((word[0].upper(), heads + ("" if _ENDING.fullmatch(rest) else rest[:1].upper()))))


def short_forms(text: str, shorts: Mapping[str, Short], words: Collection[str]) -> Iterator[tuple[int, int, Short]]:
    """(start, end, short form) of every use in a text, unless the text spells it out by other words than the disease's own."""
    for found in _FORM.finditer(text):
        letters, mark = found["letters"], found["mark"] or ""
        whole, bare = key(letters, mark), key(letters, "")
        if mark and whole in shorts:
            yield found.start(), found.end(), shorts[whole]
        elif bare in shorts and _is_meant(text, found, bare) and not is_short_for_other(text, letters, words):
            yield found.start(), found.end("letters"), shorts[bare]
        elif not mark and (split := _MARKED.fullmatch(letters)) and (whole := key(split["letters"], split["mark"])) in shorts:
            yield found.start(), found.end(), shorts[whole]


def _is_meant(text: str, found: re.Match[str], letters: str) -> bool:
    """True for three letters or more; two must be said to be a diagnosis, or have a mark beside them."""
    if len(letters) >= SHORT or found["mark"]:
        return True
    return bool(_DIAGNOSED.search(text[max(0, found.start() - 60) : found.start()]) or _OF_DISEASE.match(text, found.end()))


def is_short_for_other(text: str, short: str, own: Collection[str]) -> bool:
    """True when a text spells a short form out before a bracket, by words that no name of the disease has."""
    defined = re.search(rf"((?:[\w'’/-]+\s+){{1,{len(short) + 3}}})[(\[]{re.escape(short)}s?[)\],;]", text)
    if defined is None:
        return False
    words = plain(defined.group(1)).split()
    letters = [char.lower() for char in short if char.isalpha()]
    for at in range(len(words) - 1, -1, -1):
        if words[at][0] == letters[0] and _spells("".join(words[at:]), letters):
            return not any(root(word) in own for word in words[at:] if len(word) > SHORT)
    return False


def _spells(letters: str, wanted: Sequence[str]) -> bool:
    """True when the wanted letters stand among the letters in their order."""
    rest = iter(letters)
    return all(letter in rest for letter in wanted)


_SYMBOL = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9]{1,9}(?:-[A-Z0-9]{1,4})?(?![A-Za-z0-9])")
_SPEAKS_OF_GENES = re.compile(
    r"\b(?:genes?|genetic|genom\w+|exomes?|exons?|introns?|sequenc\w+|mutat\w+|variants?|alleles?|biallelic|pathogenic|missense|"
    r"nonsense|frameshift|splic\w+|deletion|duplication|homozyg\w+|heterozyg\w+|hemizyg\w+|de novo|polymorphism|"
    r"[cpgm]\.[A-Z\d*(_]\w*)",
    re.IGNORECASE,
)
_BESIDE_AFTER = re.compile(r"\s*(?:gene|mutation|variant|deletion|exon)")
_BESIDE_BEFORE = re.compile(r"(?:gene|mutations? (?:in|of)|variants? (?:in|of))\s+(?:the\s+)?$")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")


def symbols_in(text: str, symbols: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """(start, end, symbol) of every use of a gene symbol where a text speaks of genes."""
    for found in _SYMBOL.finditer(text):
        symbol = found.group() if found.group() in symbols else found.group().partition("-")[0]
        if symbol in symbols and _means_gene(text, found.start(), found.start() + len(symbol)):
            yield found.start(), found.start() + len(symbol), symbol


def _means_gene(text: str, start: int, end: int) -> bool:
    """True when a symbol stands in a sentence about genes; a short one, when the word gene or variant stands beside it."""
    if end - start < SHORT:
        return bool(_BESIDE_AFTER.match(text, end) or _BESIDE_BEFORE.search(text[max(0, start - 30) : start]))
    return bool(_SPEAKS_OF_GENES.search(_sentence(text, start, end)))


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a place in a text, without the place."""
    first = max((each.end() for each in _SENTENCE_END.finditer(text, max(0, start - 600), start)), default=max(0, start - 600))
    last = _SENTENCE_END.search(text, end)
    return f"{text[first:start]} {text[end : last.start() if last else len(text)]}"
