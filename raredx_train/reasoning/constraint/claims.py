"""A clause -> what it claims: of the patient, of a disease, or of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from raredx_train.reasoning.constraint.polarity import Polarity, polarity
from raredx_train.reasoning.constraint.prose import DISEASE, Clause, Said


class Of(Enum):
    """Whom a finding is said of."""

    PATIENT = "the patient"
    DISEASE = "a disease"
    BOTH = "both"
    EITHER = "one of them: the clause doesn't tell which"


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding, and what is said of it. words: as written; diseases: ids, one of which it is said of, may be empty."""

    term: str
    words: str
    of: Of
    polarity: Polarity
    diseases: tuple[str, ...]
    at: Said


_PATIENT = re.compile(
    r"\b(?:the|this|our|a|an) (?:\w+[ -]){0,3}(?:patient|case|child|infant|boy|girl|man|woman|proband|individual|"
    r"newborn|neonate|baby|"
    r"presentation|picture|history|clinical)\b(?!s)|\b(?:he|she|his|her)\b|\bpatient['’]s\b|\bhere\b|\b(?:male|female|"
    r"boy|girl) with\b"
)
_FIT = re.compile(
    r"\bfit(?:s|ting|ted)?\b|\bexplain(?:s|ed|ing)?\b|\bmatch(?:es|ed|ing)?\b|\bconsistent\b|\bcompatible\b|"
    r"\bsupport(?:s|ed|ing|ive)?\b|"
    r"\baccount(?:s|ed|ing)? for\b|\bin (?:its )?favou?r\b|\bfavou?rs?\b|\bspeaks? for\b|\bpoints?\b|\bsuggest(?:s|ed|"
    r"ing|ive)?\b|"
    r"\bfor (?:it|this|_+)\s*(?:speaks?|:)|\bcovers?\b|\bagrees?\b|\balign\w*\b|\bshared?\b|\boverlap\w*\b|"
    r"\bindicat\w+\b|\bgo(?:es)? with\b"
)
_TYPICAL = re.compile(
    r"\btypical(?:ly)?\b|\bcharacteri\w+\b|\bhallmarks?\b|\bclassic(?:al|ally)?\b|\busual(?:ly)?\b|\boften\b|\bcommon(?:ly)?\b|"
    r"\bfeatures? (?:include|are|of)\b|\bis a (?:\w+ )?feature\b|\bpatients\b|\baffected\b|\bknown\b|\brecorded\b|\bdescribed\b|"
    r"\bassociated with\b|\boccurs?\b|\bseen in\b|\bfrequent(?:ly)?\b|\bdevelops?\b|\bmanifest\w*\b|\bpresents?\b|"
    r"\bincludes?\b|\bcauses?\b|\bleads? to\b|\bhas\b|\bhave\b|\bshows?\b|\bdefined by\b|\binvolves?\b|\bcombines?\b|"
    r"\bexpect\w*\b|"
    r"\balways\b|\binvariabl[ey]\b|\d ?%|\brare(?:ly)?\b|\boccasional(?:ly)?\b|\bwould\b|\bmarked by\b|\bpart of\b|\bcomprises?\b"
)
_AGAINST = re.compile(r"\bagainst\b|\bless (?:likely|well|probable)\b|\bunlikely\b|\bargues?\b|\bweak(?:er|ens)\b|"
                      r"\blacks?\b|\bdoubt\w*\b|"
                      r"\bcontradict\w*\b")  # fmt: skip
_EXPECTED = re.compile(
    r"\bexpect\w*\b|\btypical\b|\bcharacteristic\b|\bhallmark\b|\bmost\b|\bfrequent\b|\busual(?:ly)?\b|"
    r"\bcommon(?:ly)?\b|\bcardinal\b|"
    r"\bkey\b|\bcore\b|\balthough\b|\bthough\b|\byet\b|\bclassic(?:al)?\b|\bdefining\b|\bobligate\b|\balways\b|\d ?%"
)
_FORM_AFTER = re.compile(r"^\s*(?:is|are) (?:an? )?(?:\w+ )?(?:form|kind|type|variety|subtype|variant)s? of\b")
_FORM_BEFORE = re.compile(r"\bof which\s*(?:the )?$")
_ANAPHOR = re.compile(
    r"\bits?\b|\b(?:this|that|the|such a) (?:disease|disorder|syndrome|condition|diagnosis|entity|candidate|dystrophy|disorder)\b"
)


def claims(clause: Clause) -> Iterator[Claim]:
    """What a clause claims of findings, in its order."""
    diseases = diseases_of(clause)
    for each in clause.findings:
        said = polarity(clause.text, each.start, each.end)
        is_form = _FORM_AFTER.match(clause.text[each.end :]) or _FORM_BEFORE.search(clause.text[: each.start])
        of = Of.PATIENT if is_form else _holder(clause, said, diseases)
        yield Claim(each.term, clause.raw[each.start : each.end], of, said, diseases if of is not Of.PATIENT else (), each)


def diseases_of(clause: Clause) -> tuple[str, ...]:
    """The diseases that a clause speaks of: those it names, else the last one where its words refer to it."""
    if clause.named:
        return clause.named
    text = clause.text
    if _ANAPHOR.search(text) or _FIT.search(text) or _AGAINST.search(text):
        return clause.context
    return clause.context if _TYPICAL.search(text) and not _PATIENT.search(text) else ()


def is_of_patient(clause: Clause) -> bool:
    """True for a clause whose words are about the patient."""
    return bool(_PATIENT.search(clause.text))


def _holder(clause: Clause, said: Polarity, diseases: tuple[str, ...]) -> Of:
    """Whom a finding of this polarity is said of."""
    if not diseases:
        return Of.PATIENT
    if said in (Polarity.MISSING, Polarity.RULED_OUT):
        against = _AGAINST.search(clause.sentence) or _EXPECTED.search(clause.sentence)
        return Of.BOTH if against and not _favours(clause.sentence) else Of.PATIENT
    if said is Polarity.DISCORDANT:
        return Of.PATIENT
    if said is not Polarity.PRESENT:
        return Of.BOTH if said is Polarity.UNEXPLAINED else Of.DISEASE
    return _holder_of_present(clause)


def _favours(sentence: str) -> bool:
    return bool(_FIT.search(sentence)) and not _AGAINST.search(sentence)


def _holder_of_present(clause: Clause) -> Of:
    text = clause.text
    if _AGAINST.search(text) or (_AGAINST.search(clause.sentence) and not _FIT.search(text)):
        return Of.EITHER if not _TYPICAL.search(text) else Of.DISEASE if not _PATIENT.search(text) else Of.EITHER
    if _FIT.search(text) or _PATIENT.search(text):
        return Of.BOTH
    if _TYPICAL.search(text):
        return Of.DISEASE
    return Of.BOTH if clause.named and DISEASE in text else Of.EITHER
