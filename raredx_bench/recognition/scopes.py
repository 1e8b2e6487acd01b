"""What a sentence says of a finding that it names: observed, excluded, of the family, or only thought of; and by which words."""

from __future__ import annotations

import re
from collections.abc import Iterator

OBSERVED, EXCLUDED, FAMILY, HYPOTHETICAL = "observed", "excluded", "family", "hypothetical"

# A line of fifty characters and more that goes on in lower case was wrapped: its end is no end of a sentence.
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d(\[])|(?:(?<![^\n]{50})\n|\n(?![a-z]))\n*")
_SECTION = re.compile(
    r"(?:^|(?<=\n)|(?<=[.;] ))\s*((?:past |prior |previous )?(?:medical|surgical|social|personal|birth|developmental|drug) history|"
    r"family history|familial history|history of present illness|physical examination|examination|laboratory(?: findings| tests)?|"
    r"imaging|investigations|chief complaint|presenting complaint|allergies|medications?|indications?|assessment|plan|impression)"
    r"\s*[:\-–]\s",
    re.IGNORECASE,
)
_RELATIVE = (
    r"(?:mother|father|parents?|brothers?|sisters?|siblings?|uncles?|aunts?|cousins?|nephews?|nieces?|"
    r"grand(?:mothers?|fathers?|parents?)|relatives?|family members?)"
)
_FAMILY = re.compile(
    rf"\b(?:famil(?:y|ial) history|{_RELATIVE})\b(?!(?:'s)? (?:had |have )?(?:report|notic|noted|stat|describ|den(?:y|ied)|"
    r"brought|observ|sought|was concerned|were concerned|complain|first notic))",
    re.IGNORECASE,
)
_FAMILY_AFTER = re.compile(rf"^[^.;,]{{0,30}}\b(?:in|of) (?:his|her|the|their|a) (?:\w+ )?{_RELATIVE}\b", re.IGNORECASE)
_FALSE = re.compile(
    r"\b(?:not only|no (?:increase|change|improvement|response|doubt|further|recurrence|specific treatment|effect|longer)|"
    r"without (?:treatment|difficulty|improvement|response|success)|"
    r"not (?:certain|necessarily|respond\w*|improve\w*|treated|aware)|"
    r"no known|no cause|did not (?:respond|improve|resolve|undergo|start|receive))\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:no|not|denie[sd]|denying|without|never(?: had)?|absence of|absent|negative for|free of|neither|nor|"
    r"lack(?:s|ed|ing)?(?: of)?|ruled out|excluded?|failed to (?:show|reveal)|unremarkable for|none of)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\b(?:absent|negative|excluded|ruled out|not (?:present|found|seen|observed)|denied)\s*:\s*", re.IGNORECASE)
_AFTER = re.compile(
    r"^(?:\s+(?:or|and)\s+[\w -]{1,40}?)?\W*(?:(?:was|were|is|are|(?:has|have|had) (?:since )?been|being) )?"
    r"(?:(?:\w+ly )?(?:considered|suspected),? (?:and|but) )?(?:was |were )?(?:\w+ly |later |then |also |all |both )?"
    r"(?:not (?:seen|present|found|noted|observed|detected|identified|reported)|absent|excluded|ruled out|denied|negative|"
    r"(?:within )?normal|unremarkable)\b",
    re.IGNORECASE,
)
_THOUGHT = re.compile(
    r"\b(?:to (?:rule out|exclude|prevent|avoid)|risk of|if|in case of|(?:was|were|is|initially) suspected|suspicion of|suspected|"
    r"possible|possibility of|differential diagnos[ei]s|concern for|fear of|screen(?:ed|ing)? for|prophyla\w+|susceptib\w+|"
    r"monitor\w* for|no mention of)\b",
    re.IGNORECASE,
)
_THOUGHT_AFTER = re.compile(
    r"^\W*(?:was|were|is|are|(?:has|had) been) (?:\w+ly |also |first |then )?suspected\b(?!.*\b(?:confirm|diagnos|prove|found))",
    re.IGNORECASE,
)
_END = re.compile(
    r"\b(?:but|however|although|except|though|apart from|besides|aside from|whereas|while|yet|and (?:has|had|was|is|shows?|showed|"
    r"he|she|the patient)|which|who|revealing|showing|with the exception of|later|then|subsequently)\b|;|"
    r",\s*(?:he|she|the|his|her|it|they|there|with|and was|and had|presented|developed)\b|"
    r",\s*\w+ (?:was|were|had|developed|showed)\b|"
    r":(?!\s*(?:no|not|absent|negative)\b)",
    re.IGNORECASE,
)


def sentences(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, heading of its section in lower case, "" for none) of every sentence.

    A heading holds until the next one or a blank line.
    """
    heads = [(each.start(1), each.group(1).lower()) for each in _SECTION.finditer(text)]
    blanks = [each.start() for each in re.finditer(r"\n\s*\n", text)]
    start = 0
    for each in [*_SENTENCE.finditer(text), None]:
        end = each.start() if each else len(text)
        last = max((head for head in heads if head[0] < end), default=(0, ""))
        ended = any(last[0] < blank < start for blank in blanks)
        yield start, end, "" if ended else last[1]
        start = each.end() if each else end


def polarity(sentence: str, start: int, end: int, section: str = "") -> tuple[str, str]:
    """What a sentence says of its words from start to end, and the words that say so."""
    if "famil" in section:
        return FAMILY, section
    before, after = sentence[:start], sentence[end:]
    scope = before[max((each.end() for each in _END.finditer(before)), default=0) :]
    if (found := _FAMILY.search(scope)) or (found := _FAMILY_AFTER.match(after)):
        return FAMILY, found.group().strip(" ,")
    if found := _LISTED.search(before):
        return EXCLUDED, found.group().strip()
    if found := _THOUGHT.search(scope):
        return HYPOTHETICAL, found.group()
    if (found := _AFTER.match(after)) or (found := _negated(scope)):
        return EXCLUDED, found.group().strip(" ,()")
    if found := _THOUGHT_AFTER.match(after):
        return HYPOTHETICAL, found.group().strip()
    return OBSERVED, ""


def _negated(scope: str) -> re.Match[str] | None:
    false = [(each.start(), each.end()) for each in _FALSE.finditer(scope)]
    hits = [each for each in _BEFORE.finditer(scope) if not any(a <= each.start() < b for a, b in false)]
    return hits[-1] if hits else None
