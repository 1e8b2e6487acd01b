"""Diseases that a description names, and those of them that it denies.

A denial has to stand right beside the name, or beside a list of names that it is in: what is further off may deny something else,
and a diagnosis that counts as denied by mistake costs more than a denied one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from raredx_bench.linking.words import wording
from raredx_bench.mentions import FINDING, GENE, PARENT, Mention, MentionFinder, apart
from raredx_bench.ontology import Ontology
from raredx_bench.recognition import Span, blotted, polarities
from raredx_bench.recognition.scopes import FAMILY, HYPOTHETICAL

_ONE = "\ue000"  # of Unicode's private use: stands for each character of a name
_NAME = rf"(?:(?:an|a|the|any|known|typical|classic|classical) )*{_ONE}+(?: ?\({_ONE}+\))?"
_NAMES = rf"(?P<names>{_NAME}(?:(?: ?[,/] ?| )(?:and |or |nor |as well as )?(?:of |for |with )?{_NAME}){{0,30}})"
_ADVERBS = r"(?:(?:\w+ly|later|then|since|also|both|all|thus|at first) )*"
_UNLIKELY = r"(?:(?:considered|deemed|felt|judged|thought) (?:to be )?)?(?:very |highly |most )?unlikely"
_AFTER = re.compile(
    rf"{_NAMES}(?: (?:gene|genetic|molecular|tests?|testing|screen|screening|panels?))* {_ADVERBS}"
    rf"(?:(?:was|were|is|are|has|have|had|came|could|can) {_ADVERBS}(?:be(?:en)? |back )?{_ADVERBS})?"
    rf"(?:(?:considered|suspected)(?: at first)?,? (?:and|but) {_ADVERBS}(?:was |were )?{_ADVERBS})?"
    rf"(?:ruled out|excluded|negative|{_UNLIKELY})\b(?! (?:to|due|for|in)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\bno (?:(?:clinical |further )?(?:evidence|signs?|features|indication) (?:of|for) )?|"
    r"\bwithout (?:evidence|signs?|features) of |\bexclud(?:ed|es|ing) |\b(?:ruled|rules|ruling) out |\bnegative for |"
    r"\binconsistent with |\bunlikely to (?:be|have) |\brather than |(?:does|did|do)(?: not|n't) have |"
    r"(?:\bnot|n't) (?:(?:consistent|compatible) with |(?:typical|suggestive|indicative) (?:of|for) )?|"
    r"\b(?:negative|excluded|ruled out|absent): ?)"
    rf"(?:(?:a|the) )?(?:diagnos[ei]s of )?{_NAMES}(?! (?:gene|mutation|variant|carrier)s?\b)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:ruled|rules|ruling) out|exclud|negative|unlikely|\bno\b|\bnot\b|n't|without|inconsistent|rather|absent:", re.IGNORECASE
)
_NEAR = 120  # characters on either side of a cue, in which the names are, and what takes a denial back
_UNSURE = re.compile(r"(?:\bnot|n't|\bnever|\bcannot|\bunable to|\bdifficult to)\s+(?:be |been )?(?:\w+ly )?$", re.IGNORECASE)
_WRAPPED = re.compile(rf"\n(?=[a-z{_ONE}])")
_OTHERS = frozenset([GENE, FINDING])  # kinds of mentions that are no name of a disease


def near_denials(text: str) -> str:
    """What stands about words that deny."""
    return " ".join(text[max(0, each.start() - _NEAR) : each.end() + _NEAR] for each in _CUE.finditer(text))


def named(text: str, likely: Iterable[str], ontology: Ontology, finder: MentionFinder) -> list[list[Mention]]:
    """Where a text names some diseases (canonical ids), or the family of one; no parts of longer words or names."""
    said, found = set(wording(text).words), []
    for disease in likely:
        known = ontology[disease]
        if any(map(said.issuperset, _cores((known.name, *(each.name for each in known.synonyms))))):
            mentions = finder.find(text, [disease])
            found.append(
                [each for each in mentions if each.kind not in _OTHERS and "," not in each.text and not _is_part(text, each)]
            )
    return found


def own(mentions: Iterable[Mention]) -> list[Span]:
    """The places of a disease's own names, without those of its family."""
    return [(each.start, each.end) for each in mentions if each.kind != PARENT]


def denied(text: str, findings: Sequence[Span], diseases: Sequence[Sequence[Mention]]) -> list[Span]:
    """The places of diseases that the text denies, and those where one of them is only suspected, or a relative's."""
    spans = [(each.start, each.end) for each in apart(chain.from_iterable(diseases))]
    marked = _WRAPPED.sub(" ", blotted(text, spans, _ONE))
    gone = {span for part in _denials(marked) for span in spans if part[0] <= span[0] and span[1] <= part[1]}
    for places in map(own, diseases):
        if gone.intersection(places):
            said = zip(places, polarities(text, findings, places), strict=True)
            gone.update(span for span, each in said if each in (HYPOTHETICAL, FAMILY))
    return sorted(gone)


def _denials(marked: str) -> Iterator[Span]:
    for match in _AFTER.finditer(marked):
        yield match.span("names")
    for match in _BEFORE.finditer(marked):
        if not _UNSURE.search(marked[max(0, match.start() - _NEAR) : match.start()]):
            yield match.span("names")


def _cores(names: Sequence[str]) -> Iterator[list[str]]:
    """The telling words of each name, without numbers and letters of its forms."""
    for name in names:
        core = [word for word in wording(name).core if len(word) > 1 and not word[0].isdigit()]
        if core:
            yield core


def _is_part(text: str, mention: Mention) -> bool:
    return text[max(0, mention.start - 1) : mention.start] in {"-", "–"} or text[mention.end : mention.end + 1] in {"-", "–"}
