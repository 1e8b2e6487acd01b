"""How a clause speaks of a finding: as there, as not there, as not explained by a disease, or as something that may be."""

from __future__ import annotations

import re
from enum import Enum

from raredx_train.reasoning.constraint.prose import DISEASE, FINDING


class Polarity(Enum):
    """What is said of a finding."""

    PRESENT = "present"
    MISSING = "not there, whether looked for or not"
    RULED_OUT = "looked for and not there"
    UNEXPLAINED = "there, and no part of the disease"
    DENIED = "no part of the disease"
    DISCORDANT = "there, and speaks against the disease"
    OPEN = "may be, or is somebody else's"


_SERIES = (rf"(?:[\s,;{FINDING}()/–-]|\b(?:and|or|nor|as well as|both|the|any|an?|all|of)\b|\b(?:in|for)\s+(?:{DISEASE}+|it\b)|"
           r"\band (?:it|they)\b|\b(?:was|were) (?:looked|searched|tested) for (?:and|but)\b)*")  # fmt: skip
_BE = r"(?:(?:is|are|was|were|has been|have been|being|remains?)\s+)"
_ADVERB = r"(?:(?:also|both|all|clearly|notably|explicitly|so far|here|therefore|however|apparently|either|each|currently)\s+)*"
_SEEN = (r"(?:reported|described|documented|present|seen|found|noted|observed|stated|evident|given|there|detected|recorded|"
         r"mentioned|listed|known|apparent|part of th(?:e|is) (?:case|picture|presentation))")  # fmt: skip
_OF = (rf"\s+(?:in|of|for|with|among|as part of|to)\s+(?:it\b|(?:the |this |either |an? )?"
       rf"(?:{DISEASE}|disease|disorder|syndrome|condition))")  # fmt: skip
_NOTHING = re.compile(
    r"\bnot only\b|\b(?:no|without|beyond) (?:any )?doubt\b|\bno other\b|\bnone of the (?:other|remaining)\b|\bnot (?:specific|"
    r"pathognomonic|surprising|unusual|uncommon|unexpected|rare|necessarily|merely|just|diagnostic|exclusive)\b|\bno single\b|"
    r"\bno (?:specific|better|further)\b"
)
_EXPLAIN = (r"(?:explain(?:s|ed|ing)?|account(?:s|ed|ing)? for|fit(?:s|ted)?(?: with)?|cover(?:s|ed)?|match(?:es|ed)?|accommodate|"
            r"include|reproduce)")  # fmt: skip
_NOT_EXPLAIN = re.compile(
    rf"(?:\b(?:do|does|did|could|would|can) ?not|\bcannot|n['’]t|\bfail(?:s|ing)? to|\bunable to|\bhardly|\bpoorly|\bwithout)\s+"
    rf"(?:\w+\s+){{0,2}}?{_EXPLAIN}\b|\bbut not(?: for| by| with)?(?: the)?|\b(?:leav(?:es|ing)|"
    rf"with) (?=[^.]*unexplained)|\bunexplained (?:by it )?"
    rf"(?:is|are|remains?|stays?)?|\bspeaks? against (?:it|{DISEASE}+)\s*:?\s*(?:is|are)?\s*(?:that|the presence of)?"
)
_NOT_HAVE = re.compile(
    r"(?:\b(?:do|does|did|would) ?not|\bcannot|n['’]t|\bnever)\s+(?:(?:also|even|itself|ever)\s+)?(?:have|show|"
    r"feature|cause|produce|involve|"
    r"list|present with|lead to|comprise|exhibit|develop)\b"
)
_RULED_BEFORE = re.compile(
    rf"\babsence of\b|(?<!is )(?<!are )(?<!was )(?<!were )(?<!{FINDING} )\b(?:absent|excluded|"
    rf"ruled out)\b(?!,)(?=\W+(?:is |are |the "
    rf"|an? )*(?:{FINDING}|$))|\b(?:rul(?:es|ed|ing) out|exclud(?:es|ing))\b|\bdenie[sd]\b|\bnegative for\b|\bfree of\b"
)
_MISSING_BEFORE = re.compile(
    rf"\b(?:no|not|without|lack(?:s|ed|ing)?(?: of)?|neither|nor|never|missing)\b(?!,)(?<!{FINDING} is missing)|"
    rf"\bnot (?:reported|"
    r"mentioned|described|seen|found|present|known|said) (?:is|are|to (?:have|show))\b"
)
_RULED_AFTER = re.compile(
    rf"^{_SERIES},?\s*(?:which |that )?{_BE}{_ADVERB}(?:explicitly )?(?:absent|excluded|ruled out|denied|negative)\b|^{_SERIES}"
    r"(?:\(|—|–|-|:)?\s*(?:absent|excluded|ruled out)\b"
)
_MISSING_AFTER = re.compile(
    rf"^{_SERIES},?\s*(?:which |that )?{_BE}{_ADVERB}(?:not|n['’]t)\s*{_ADVERB}(?:been )?{_SEEN}\b|^{_SERIES},?\s*"
    rf"(?:which |that )?(?:has|have) not been {_SEEN}\b|^{_SERIES},?\s*(?:which |that )?(?:{_BE}{_ADVERB}(?:missing|"
    rf"lacking|unreported|"
    rf"unmentioned|wanting)|fails? to appear)\b|^{_SERIES},?\s*(?:neither|none) of which\b|^{_SERIES}\((?:missing|"
    rf"not (?:seen|reported|present|mentioned))"
)
_DENIED_AFTER = re.compile(
    rf"^{_SERIES},?\s*(?:which |that )?{_BE}{_ADVERB}not\s+{_ADVERB}(?:(?:known|recorded|described|reported|listed|"
    rf"documented){_OF}|"
    rf"(?:an? |the )?(?:\w+ )?(?:feature|part|finding|sign|manifestation){_OF}|"
    r"among its (?:\w+ )?(?:findings|features|signs|manifestations))"
)
_SOFTLY_AFTER = re.compile(
    rf"^{_SERIES},?\s*(?:which |that )?(?:{_BE}{_ADVERB}(?:not {_ADVERB}(?:typical|expected|characteristic|usual|"
    rf"explained|accounted "
    r"for|covered|an? (?:typical|usual|characteristic|common|classic)|readily|easily|well|fully)|(?:\w+ )?(?:atypical|unusual|"
    r"unexpected|unexplained|uncommon|rare|hard|difficult|harder))|(?:do|does) not (?:\w+ )?(?:fit|belong|match|"
    r"agree)|(?:speaks?|argues?|"
    r"counts?|weighs?|stands?|points?) against|(?:fits?|explained|matches) (?:poorly|badly|less))\b"
)
_PRESENT_AFTER = re.compile(rf"^\s*{_BE}{_ADVERB}(?:present|{_SEEN}|prominent|typical|explained|striking|there)\b")
_OPEN_BEFORE = re.compile(
    r"(?:\bnot|n['’]t) (?:typically|usually|commonly|often|generally|normally|characteristically|classically|always) \w+\b|"
    r"\bif\b|\blook(?:ing)? for\b|\bscreen(?:ing)? for\b|\bassess(?:ing|ed|ment)? (?:for|of)\b|\btest(?:ing)? for\b|"
    r"\bshould be\b|"
    r"\brather than\b|\binstead of\b|\bwhether\b|\bevaluat\w+ (?:for|of)\b|\bmonitor\w* for\b|\brisk of\b|"
    r"\bas opposed to\b|\bunlike\b"
)
_OPEN_AFTER = re.compile(rf"^{_SERIES}(?:should|needs? to|must|could|might) (?:be|also be)\b")
_WITHOUT = re.compile(r"^\W*(?:without|in the absence of)\b.*\bwould\b")
_OTHER_PERSON = re.compile(
    r"\b(?:family history|mother|father|parents?|brother|sister|siblings?|uncle|aunt|cousin|grand(?:mother|father))s?\b"
)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|shows?|fits?|explains?|supports?|presents?|points?|despite|"
                   r"remains?|occurs?|"
                   r"speaks?|argues?|makes?|matches)\b|:")  # fmt: skip
_COPULA = re.compile(r"^[\s:]*(?:is|are|was|were)?\s*")
_ASIDE = re.compile(
    r"^(\s*),\s*(?:which|that|an?|the|one of|seen|present|found|recorded|described|so|very|though|itself|obligate|"
    r"frequent|occasional)"
    r"\b[^,;:]*,"
)
_BRACKET = re.compile(r"\([^()]*\)")


def polarity(text: str, start: int, end: int) -> Polarity:
    """How a clause speaks of the finding from start to end. text: with FINDING and DISEASE for names, in lower case."""
    text = _NOTHING.sub(lambda match: "·" * len(match.group()), text)
    before, after = text[:start], _ASIDE.sub(r"\1 ", _BRACKET.sub("", text[end:]))
    if _is_open(before, after):
        return Polarity.OPEN
    for pattern, said in ((_DENIED_AFTER, Polarity.UNEXPLAINED), (_SOFTLY_AFTER, Polarity.DISCORDANT),
                          (_RULED_AFTER, Polarity.RULED_OUT), (_MISSING_AFTER, Polarity.MISSING)):  # fmt: skip
        if pattern.match(after) or (said in (Polarity.RULED_OUT, Polarity.MISSING) and pattern.match(text[end:])):
            return said
    if _WITHOUT.search(text):
        return Polarity.OPEN
    for pattern, said in ((_NOT_EXPLAIN, Polarity.UNEXPLAINED), (_NOT_HAVE, Polarity.DENIED),
                          (_RULED_BEFORE, Polarity.RULED_OUT), (_MISSING_BEFORE, Polarity.MISSING)):  # fmt: skip
        if _reaches(pattern, before, after):
            return said
    return Polarity.PRESENT


def _is_open(before: str, after: str) -> bool:
    relative = _OTHER_PERSON.search(before)
    return bool(relative) or _reaches(_OPEN_BEFORE, before, after) or bool(_OPEN_AFTER.match(after))


def _reaches(pattern: re.Pattern[str], before: str, after: str) -> bool:
    """True when the last such words before a finding still hold for it: no verb between, and no verb of its own after ", and"."""
    found = list(pattern.finditer(before))
    if not found:
        return False
    between = _COPULA.sub("", before[found[-1].end() :])
    if _VERB.search(between):
        return False
    return not (re.search(r",\s*(?:and|the|an?)?\s*$", between) and _PRESENT_AFTER.match(after))
