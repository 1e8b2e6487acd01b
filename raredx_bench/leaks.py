"""Cases whose presentation gives their answer away, and those that don't.

A case names its answer when its text names the disease, a form of it, its family or, in a sentence about genes, its gene
(mentions says how names are told). It does so whatever is said of the name: a text that excludes its own answer, or asks whether
it might be that, still puts the name before the model. A name that is a finding of HPO as well ("dilated cardiomyopathy") counts
too: a model need only repeat it. `strictly` leaves families and findings out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from raredx_bench.domain import Case
from raredx_bench.mentions import FINDING, PARENT, Mention, MentionFinder

WEAK = frozenset({PARENT, FINDING})  # kinds that name a wider entity, or something that is a finding too


class Said(StrEnum):
    """What a text says of a disease that it names."""

    STATED = "stated"
    DENIED = "denied"  # "no evidence of", "was excluded"
    UNCERTAIN = "uncertain"  # "suspected", "consistent with"
    DIFFERENTIAL = "differential"  # one of several that were thought of
    FAMILY = "family"  # of a relative, or a family history


_SENTENCE = re.compile(r"[.!?](?=\s)|\n")
_DENIED_BEFORE = re.compile(
    r"\b(?:no|not|without|absence of|negative for|ruled? out|ruling out|excluded?|excluding|denie[sd]|unlikely|rather than)\b"
    r"[^,;:]{0,60}$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^[^,;:]{0,40}\b(?:(?:was|were|is|are|been|be) (?:\w+ )?(?:excluded|ruled out|negative|unlikely|absent)|"
    r"not (?:found|present|detected|confirmed)|negative)\b",
    re.IGNORECASE,
)
_DIFFERENTIAL = re.compile(r"\b(?:differential|differentials|versus|vs\.?)\b", re.IGNORECASE)
_FAMILY = re.compile(
    r"\b(?:family history|familial history|mother|father|parents?|brothers?|sisters?|siblings?|uncles?|aunts?|cousins?|"
    r"grand(?:mother|father|parents?)|relatives?|maternal|paternal)\b[^.;]{0,80}$",
    re.IGNORECASE,
)
_UNCERTAIN = re.compile(
    r"\b(?:suspect\w*|suspicio\w+|possib\w+|probabl\w+|presum\w+|consider\w*|suggest\w*|likely|consistent with|compatible with|"
    r"query|question of|screen\w*|may|might|could)\b|\?",
    re.IGNORECASE,
)


def names_its_answer(case: Case, finder: MentionFinder) -> list[Mention]:
    """Where a case's presentation names its answer, in the text's order; empty for a case that doesn't."""
    return finder.find(case.presentation, case.answers)


def strictly(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions of the disease itself, a form of it or its gene; not of its family, nor by a word that is a finding too."""
    return [mention for mention in mentions if mention.kind not in WEAK]


def said_of(text: str, mention: Mention) -> Said:
    """What the sentence around a mention says of it; the first that holds of denied, family, differential and uncertain."""
    first = max((each.end() for each in _SENTENCE.finditer(text, max(0, mention.start - 400), mention.start)), default=0)
    last = _SENTENCE.search(text, mention.end)
    before, after = text[max(first, mention.start - 400) : mention.start], text[mention.end : last.start() if last else len(text)]
    if _DENIED_BEFORE.search(before) or _DENIED_AFTER.match(after):
        return Said.DENIED
    if _FAMILY.search(before):
        return Said.FAMILY
    if _DIFFERENTIAL.search(before) or _DIFFERENTIAL.search(after):
        return Said.DIFFERENTIAL
    return Said.UNCERTAIN if _UNCERTAIN.search(before) or _UNCERTAIN.match(after) else Said.STATED
