"""What can be wrong with one case by itself: its text names its answer, is too short, tells who it is about; its gold is none.

Every check gives the reasons it has against a case, in words without case text; no reason, no flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from raredx_bench.domain import Case
from raredx_bench.leaks import names_its_answer, said_of, strictly
from raredx_bench.mentions import FINDING, PARENT, Mention, MentionFinder
from raredx_bench.ontology import Ontology

GROUP = 10  # diseases below a gold: with more, it is a group (RareArena takes parents with at most 10 for diseases)
FEW_WORDS = 30  # of a text: room for about three findings
FEW_FINDINGS = 3  # of a case given as findings


class Check(StrEnum):
    """A reason to look at a case, by the name it has in reports."""

    NAMED = "names its answer"
    FAMILY = "names its answer's family"
    FINDING = "answer is a finding it states"
    UNKNOWN = "gold unknown"
    GROUP = "gold is a group"
    SHORT = "too short"
    IDENTIFYING = "may identify a person"
    ANIMAL = "not about a human"
    REPEATED = "repeated"
    NEAR = "nearly repeated"
    SEEN = "in other data"


MEANING: Mapping[Check, str] = {
    Check.NAMED: "The text names the disease by a name, synonym, abbreviation, form or gene, whatever it says of it.",
    Check.FAMILY: "The text names only a family of the disease, narrow enough that the judge would call it broader.",
    Check.FINDING: "The text names the disease only by a name that is also a finding of HPO.",
    Check.UNKNOWN: "The terminology in force knows none of the answers: nothing can be right.",
    Check.GROUP: f"Every answer that is known has more than {GROUP} diseases below it.",
    Check.SHORT: f"Fewer than {FEW_WORDS} words, or {FEW_FINDINGS} findings where a case is given as findings.",
    Check.IDENTIFYING: "Something that looks like an identifier of the HIPAA Safe Harbor list (45 CFR 164.514(b)(2)).",
    Check.ANIMAL: "The text speaks of an animal as the patient.",
    Check.REPEATED: "The same words, or the same findings and answer, as another case.",
    Check.NEAR: "Much of the same text as another case.",
    Check.SEEN: "The text, or much of it, is in a file that the benchmark was compared with.",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason against a case, in words without case text. mention: where its text names the answer; None for other checks."""

    check: Check
    why: str
    mention: Mention | None = None


def flags_of(case: Case, finder: MentionFinder, *, coded: bool) -> Iterator[Flag]:
    """Every reason against a case by itself. coded: a case given as findings, not as text."""
    yield from _answer(case, finder)
    yield from _gold(case, finder.ontology)
    yield from _length(case, coded)
    if not coded:
        yield from (Flag(Check.IDENTIFYING, kind) for kind in identifiers_in(case.presentation))
        if is_animal(case.presentation):
            yield Flag(Check.ANIMAL, "a species or veterinary words where the patient is introduced")


def _answer(case: Case, finder: MentionFinder) -> Iterator[Flag]:
    mentions = names_its_answer(case, finder)
    for mention in strictly(mentions) or mentions:
        check = {PARENT: Check.FAMILY, FINDING: Check.FINDING}.get(mention.kind, Check.NAMED)
        said = said_of(case.presentation, mention)
        yield Flag(check, f"{mention.kind}: {mention.name} ({said})", mention)


def _gold(case: Case, ontology: Ontology) -> Iterator[Flag]:
    known = [found for found in map(ontology.canonical, case.answers) if found is not None]
    if not known:
        yield Flag(Check.UNKNOWN, ", ".join(case.answers))
    elif all(ontology.size_below(each) > GROUP for each in known):
        groups = (f"{ontology.name(each)} ({ontology.size_below(each)} below)" for each in dict.fromkeys(known))
        yield Flag(Check.GROUP, ", ".join(groups))


def _length(case: Case, coded: bool) -> Iterator[Flag]:
    words, findings = len(case.presentation.split()), len(case.observed)
    if coded and findings < FEW_FINDINGS:
        yield Flag(Check.SHORT, f"{findings} findings")
    if not coded and words < FEW_WORDS:
        yield Flag(Check.SHORT, f"{words} words")


# --- who the text is about --------------------------------------------------------------------------------------------

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|"
    r"Dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_IDENTIFIERS: Mapping[str, re.Pattern[str]] = {
    "a date with its day": re.compile(
        rf"\b(?:{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b|{_MONTH}\.?\s+{_DAY}(?:st|nd|rd|th)?(?:,?\s+(?:19|20)\d\d|\b(?!\s*\d))|"
        rf"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.]{_DAY}|{_DAY}[/.](?:0?[1-9]|1[0-2])[/.](?:19|20)\d\d|"
        rf"(?:0?[1-9]|1[0-2])/{_DAY}/(?:19|20)\d\d)\b"
    ),
    "an age over 89": re.compile(
        r"\b(?:9\d|1[01]\d)[- ](?:year|yr|y)s?[- ]?(?:old|o\b)|\baged? (?:of )?(?:9\d|1[01]\d)\b(?! ?(?:days|weeks|months|%))"
    ),
    "a person's name": re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mister)\.?\s+[A-Z][a-z]+"),
    "a telephone or fax number": re.compile(
        r"\b(?:tel|telephone|phone|fax|mobile|call)\b\.?:?\s*\+?\d[\d ()/.-]{6,}\d|\+\d{1,3}[ -]\(?\d{2,4}\)?[ -]\d{3,4}"
        r"[ -]?\d{2,4}|\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}-\d{3}-\d{4}\b",
        re.IGNORECASE,
    ),
    "an e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[A-Za-z]{2,}"),
    "a web address": re.compile(r"\bhttps?://|\bwww\.[a-z]", re.IGNORECASE),
    "an internet protocol address": re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b(?![.\d])"),
    "a social security number": re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),
    "a record or account number": re.compile(
        r"\b(?:medical record|hospital|patient|account|insurance|policy|accession|licen[cs]e|passport)(?: (?:number|no\.?|id|#))+"
        r"\W{0,3}[A-Z]{0,3}\d[\w-]{3,}|\bMRN\W{0,3}\d{4,}",
        re.IGNORECASE,
    ),
    "a street address": re.compile(
        r"\b\d{1,5}\s+(?:[A-Z][a-z]+\s+){1,3}(?:Street|St\.|Avenue|Ave\.|Road|Rd\.|Lane|Drive|Boulevard)(?:\W|$)"
    ),
}
_SPECIES = (
    r"(?:dog|puppy|cat|kitten|horse|mare|stallion|gelding|foal|pony|donkey|cow|heifer|bull|steer|goat|sheep|ewe|lamb|pig|piglet|rabbit|"
    r"ferret|hamster|guinea pig|macaque|monkey|baboon|chimpanzee|marmoset|llama|alpaca|camel|rat|mouse)"
)
_PERSON = (
    r"(?:man|woman|boy|girl|patient|lady|gentleman|child|infant|neonate|newborn|human|with|who|whose|after|presented|was|had|bitten|"
    r"exposed|scratched)"
)
_ANIMAL = re.compile(
    r"\b(?:neutered|spayed|castrated|intact) (?:male|female)\b|\b(?:fe)?male (?:neutered|spayed|castrated)\b|"
    r"\bveterinary\b[^.]{0,60}\b(?:hospital|clinic|cent(?:er|re)|campus|school|department)\b|"
    rf"\b\d+[- ](?:year|month|week|day)s?[- ]old\b(?:(?!\b{_PERSON}\b)(?:St\.|[^.;])){{0,60}}?\b{_SPECIES}\b"
    r"(?! (?:bite|scratch|owner|hair|allerg|exposure|contact|eye|cry))|"
    rf"\b[Tt]he (?:affected )?{_SPECIES} (?:was|had|showed|presented|developed|exhibited|underwent)\b",
    re.IGNORECASE,
)


def identifiers_in(text: str) -> list[str]:
    """Kinds of strings in a text that may identify a person, of the Safe Harbor list; patterns of form, not of meaning.

    Names are told by a title, addresses by a house number and a street; other names and places are not looked for.
    """
    return [kind for kind, pattern in _IDENTIFIERS.items() if pattern.search(text)]


def is_animal(text: str) -> bool:
    """True when a text introduces its patient as an animal, or speaks of neutering or a veterinary hospital."""
    return bool(_ANIMAL.search(text))
