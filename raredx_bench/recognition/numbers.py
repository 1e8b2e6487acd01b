"""Measured values -> HPO terms: "platelets 40 x 10^9/L" is thrombocytopenia, "height -3 SD" short stature.

A reference range that the text gives goes before the table. The table's limits are adults' and wide on purpose, so that only what
is clearly abnormal counts. Sources: Merck Manual Professional, "Blood Tests: Normal Values" (laboratory values); WHO Technical
Report 894, 2000 (body mass index); ICD-10 F70-F73 (IQ); HPO's definitions of HP:0000252 and HP:0004322 (2 SD, 3rd centile).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Value(NamedTuple):
    """A term that a value stands for and its place; normal: the finding is absent; numbered: by a number, not by words."""

    term: str
    start: int
    end: int
    normal: bool
    numbered: bool = True


class Analyte(NamedTuple):
    """What is measured: its names, the terms for too low and too high ("" for none), and limits by the unit's pattern."""

    names: str
    low: str
    high: str
    limits: tuple[tuple[str, float, float], ...]


_INFINITE = float("inf")
ANALYTES = (
    Analyte(r"ha?emoglobin|Hb|Hgb", "HP:0001903", "HP:0001900", ((r"g/dL", 11, 18.5), (r"g/L", 110, 185), ("mmol/L", 6.8, 11.5))),
    Analyte(r"platelets?(?: counts?)?|thrombocytes?|PLT", "HP:0001873", "HP:0001894",
            (("e9", 130, 500), ("e3", 130, 500), ("raw", 130_000, 500_000))),
    Analyte(r"white blood cells?(?: counts?)?|WBC|leu[ck]ocytes?(?: counts?)?", "HP:0001882", "HP:0001974",
            (("e9", 3.5, 15), ("e3", 3.5, 15), ("raw", 3500, 15_000))),
    Analyte(r"(?:absolute )?neutrophils?(?: counts?)?|ANC", "HP:0001875", "HP:0011897",
            (("e9", 1.5, 10), ("e3", 1.5, 10), ("raw", 1500, 10_000))),
    Analyte(r"creatinine", "", "HP:0003259", ((r"mg/dL", 0, 1.4), (r"[µμu]mol/L", 0, 125))),
    Analyte(r"creatine (?:phospho)?kinase|CPK|CK", "", "HP:0003236", ((r"I?U/L", 0, 400),)),
    Analyte(r"alanine (?:amino)?transaminase|alanine aminotransferase|ALT|GPT", "", "HP:0031964", ((r"I?U/L", 0, 60),)),
    Analyte(r"aspartate (?:amino)?transaminase|aspartate aminotransferase|AST|GOT", "", "HP:0031956", ((r"I?U/L", 0, 60),)),
    Analyte(r"lactate dehydrogenase|LDH", "", "HP:0025435", ((r"I?U/L", 0, 350),)),
    Analyte(r"gamma[- ]glutamyl ?transferase|GGT", "", "HP:0030948", ((r"I?U/L", 0, 80),)),
    Analyte(r"C[- ]reactive protein|CRP", "", "HP:0011227", ((r"mg/L", 0, 10), (r"mg/dL", 0, 1))),
    Analyte(r"erythrocyte sedimentation rate|ESR", "", "HP:0003565", ((r"mm", 0, 30),)),
    Analyte(r"ferritin", "HP:0012343", "HP:0003281", ((r"(?:[µμu]g/L|ng/mL)", 10, 400),)),
    Analyte(r"albumin", "HP:0003073", "", ((r"g/dL", 3.2, _INFINITE), (r"g/L", 32, _INFINITE))),
    Analyte(r"uric acid", "", "HP:0002149", ((r"mg/dL", 0, 7.5), (r"[µμu]mol/L", 0, 450))),
    Analyte(r"ammonia|ammonium", "", "HP:0001987", ((r"[µμu]mol/L", 0, 80),)),
    Analyte(r"lactate", "", "HP:0002151", ((r"mmol/L", 0, 2.5),)),
    Analyte(r"potassium", "HP:0002900", "HP:0002153", ((r"(?:mmol|mEq)/L", 3.4, 5.4),)),
    Analyte(r"sodium", "HP:0002902", "HP:0003228", ((r"(?:mmol|mEq)/L", 133, 147),)),
    Analyte(r"(?:total )?cholesterol", "HP:0003146", "HP:0003124", ((r"mg/dL", 100, 240), (r"mmol/L", 2.6, 6.2))),
    Analyte(r"triglycerides?", "", "HP:0002155", ((r"mg/dL", 0, 200), (r"mmol/L", 0, 2.3))),
    Analyte(r"prolactin", "", "HP:0000870", ((r"(?:ng/mL|[µμu]g/L)", 0, 30),)),
    Analyte(r"luteinizing hormone(?: \(LH\))?|LH", "HP:0030344", "HP:0011969", ((r"m?IU/m?L", 1, _INFINITE),)),
    Analyte(r"erythropoietin|EPO", "HP:0034443", "HP:0033644", ()),
    Analyte(r"plasminogen", "HP:0040228", "", ()),
    Analyte(r"IgG", "HP:0004315", "HP:0003237", ()),
    Analyte(r"IgA", "HP:0002720", "HP:0003261", ()),
    Analyte(r"IgM", "HP:0002850", "HP:0003496", ()),
    Analyte(r"IgE", "", "HP:0003212", ((r"(?:IU|kU|U)/m?L", 0, 200),)),
    Analyte(r"a?PTTR?|activated partial thromboplastin time(?: \(a?PTT\))?", "", "HP:0003645", ((r"s(?:ec\w*)?\b", 0, 45),)),
)  # fmt: skip
SIZES = (
    (r"(?:occipitofrontal|head) circumference|OFC", "HP:0000252", "HP:0000256"),
    (r"height|length|stature|tall", "HP:0004322", "HP:0000098"),
    (r"birth weight", "HP:0001518", "HP:0001520"),
    (r"weight|weighed", "HP:0004325", "HP:0004324"),
    (r"BMI|body mass index", "HP:0045082", "HP:0031418"),
)
INTELLIGENCE = ((20, "HP:0002187"), (35, "HP:0010864"), (50, "HP:0002342"), (70, "HP:0001256"), (85, "HP:0006889"))
MASS = ((30, ""), (35, "HP:0025499"), (40, "HP:0025500"), (80, "HP:0025501"))

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_UP = r"elevat\w+|increased|raised|high(?:er)?|above"
_DOWN = r"decreased|reduced|low(?:er)?|diminished|below|dropped"
_FINE = r"normal|within (?:the )?normal (?:range|limits)s?|unremarkable|average"
_WORDS = (
    r"(?:[\s,:=(]|levels?|values?|was|were|is|of|at|to|up|serum|concentrations?|counts?|showed|only|both|also|<|>|~|significantly|"
    rf"markedly|mildly|slightly|({_UP})|({_DOWN})|({_FINE})|(?:I?U)(?=\W)|CPK|CK|ESR|CRP|LDH|ALT|AST|PLT|;|\)(?! ?[a-z]))*"
)
_POWER = r"\s*(?:[×x*·]\s*)?10\s*\^?\s*"
_VOLUME = r"\s*/\s*(?:[µμu]L|mm\s*\^?[3³])"
_SCALE = {"e9": rf"{_POWER}(?:9|⁹)\s*/\s*L", "e3": rf"{_POWER}(?:3|³){_VOLUME}", "raw": rf"\s*(?:cells)?{_VOLUME}"}
_RANGE = re.compile(
    r"[^()\d]{0,25}[(\[,;]\s*(?:normal|reference|ref|RV|RR|NR)[^\d<≤>≥)]{0,30}(?:([<≤])\s*)?"
    + _NUMBER
    + r"(?:\s*[–\-−]\s*"
    + _NUMBER
    + r")?"
)
_SPREAD = re.compile(
    r"([−–-]|\+|minus |plus )\s*(\d+(?:\.\d+)?)\s*(?:to\s*[−–+-]?\s*\d+(?:\.\d+)?\s*)?(?:SDS?|standard deviations?|z)\b",
    re.IGNORECASE,
)
_SCORE = re.compile(r"(?:z[- ]?score|SDS)\D{0,6}?([−–-]|\+)?\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
_BELOW = re.compile(
    r"(?:<|below|under|less than)\s*(?:the )?(?:(?:3|1|2|0\.\d)(?:rd|th|st|nd)?|third|first)\s*(?:per)?centile", re.IGNORECASE
)
_ABOVE = re.compile(
    r"(?:>|above|over|greater than)\s*(?:the )?(?:9[5-9](?:\.\d)?)(?:th|rd|st|nd)?\s*(?:per)?centile", re.IGNORECASE
)

_ACUITY = re.compile(
    r"\b(?:visual acuity|BCVA|VA)\b[^.;]{0,90}?(?:(counting fingers|count fingers|hand mo\w+|light perception)|20/(\d{2,4}))",
    re.IGNORECASE,
)  # 6/60 and less is WHO's severe impairment


def values(sentence: str) -> Iterator[Value]:
    """Values of a sentence and the terms they stand for, without those that are neither abnormal nor called normal."""
    yield from _laboratory(sentence)
    yield from _sizes(sentence)
    for each in re.finditer(r"\bIQ\b[^\d.;]{0,40}(\d{2,3})\b(?!\s*years)", sentence):
        term = next((term for limit, term in INTELLIGENCE if int(each.group(1)) < limit), "")
        if term:
            yield Value(term, each.start(), each.end(), False)
    for each in re.finditer(rf"\b(?:BMI|body mass index)\b[^\d.;]{{0,25}}{_NUMBER}\s*(?!%|percentile|centile|SD)", sentence):
        mass = float(each.group(1).replace(",", ""))
        term = "HP:0045082" if 8 < mass < 16 else next((term for limit, term in MASS if mass < limit), "")
        if term:
            yield Value(term, each.start(), each.end(), False)

    for each in _ACUITY.finditer(sentence):
        if each.group(1) or int(each.group(2)) >= 40:
            severe = each.group(1) or int(each.group(2)) > 200
            yield Value("HP:0001141" if severe else "HP:0007663", each.start(), each.end(), False)


def _laboratory(sentence: str) -> Iterator[Value]:
    for analyte in ANALYTES:
        for each in re.finditer(rf"\b(?:{analyte.names})\b{_WORDS}(?:{_NUMBER})?", sentence, re.IGNORECASE):
            verdict = _verdict(sentence, each, analyte)
            term = (
                {-1: analyte.low, 1: analyte.high, 0: analyte.high or analyte.low}.get(verdict, "") if verdict is not None else ""
            )
            if term:
                yield Value(term, each.start(), each.end(), verdict == 0, each.group(4) is not None)


def _verdict(sentence: str, found: re.Match[str], analyte: Analyte) -> int | None:
    """-1 for too low, 1 for too high, 0 for called normal, None for not told."""
    if re.search(r"CSF|cerebrospinal|urin\w+|ratio|fluid", sentence[max(0, found.start() - 250) : found.start()]):
        return None
    up, down, fine, number = found.groups()
    before = sentence[max(0, found.start() - 25) : found.start()]
    if number:
        amount = float(number.replace(",", ""))
        stated = _RANGE.match(sentence, found.end())
        if stated:
            first, second = float(stated.group(2).replace(",", "")), stated.group(3)
            low, high = (first, float(second.replace(",", ""))) if second else (0.0, first)
            return -1 if amount < low else 1 if amount > high else None
        for unit, low, high in analyte.limits:
            pattern = _SCALE.get(unit, rf"\s*{unit}")
            if re.match(pattern, sentence[found.end() :]):
                return -1 if amount < low else 1 if amount > high else None
    if up or re.search(rf"(?:{_UP})(?: serum| blood| plasma| levels of)*\s*$", before, re.IGNORECASE):
        return 1
    if down or re.search(rf"(?:{_DOWN})(?: serum| blood| plasma| levels of)*\s*$", before, re.IGNORECASE):
        return -1
    return 0 if fine or re.search(r"\bnormal(?: serum| levels of)*\s*$", before) else None


def _sizes(sentence: str) -> Iterator[Value]:
    for names, low, high in SIZES:
        for each in re.finditer(rf"\b(?:{names})\b", sentence, re.IGNORECASE):
            rest = re.split(
                r"\b(?:height|length|weight|weighed|circumference|BMI|OFC)\b|(?<=[);])\s", sentence[each.end() :], maxsplit=1
            )[0][:70]
            if found := _SPREAD.search(rest) or _SCORE.search(rest):
                sign = -1 if (found.group(1) or "").strip() in ("-", "−", "–", "minus") else 1
                if float(found.group(2)) >= 2:
                    yield Value(low if sign < 0 else high, each.start(), each.end() + found.end(), False)
            elif found := _BELOW.search(rest):
                yield Value(low, each.start(), each.end() + found.end(), False)
            elif found := _ABOVE.search(rest):
                yield Value(high, each.start(), each.end() + found.end(), False)
