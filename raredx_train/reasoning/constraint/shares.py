"""How often a clause says that a disease has a finding, and whether that agrees with a recorded share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from raredx_train.reasoning.constraint.claims import Claim

NEAR = 0.1  # how far a stated percentage may lie from the recorded share
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(\d{1,3}(?:\.\d+)?))?\s*(?:%|percent\b|per cent\b)")
_WORDS: tuple[tuple[str, Callable[[float], bool]], ...] = (
    (r"\b(?:always|invariabl[ey]|in (?:all|every|each) (?:\w+ )?(?:patients?|cases?|individuals?|people)|obligate|"
     r"without exception)\b",
     lambda share: share >= 0.95),
    (r"\b(?:very frequent|nearly always|almost (?:always|all|every)|nearly all)\b", lambda share: share >= 0.75),
    (r"\b(?:most|the majority of) (?:\w+ )?(?:patients|people|cases|individuals|of (?:them|the patients))\b|\bin most\b",
     lambda share: share >= 0.5),
    (r"(?<!very )(?<!in)(?<!less )(?<!more )\bfrequent\b", lambda share: 0.25 <= share <= 0.85),
    (r"(?<!very )\boccasional(?:ly)?\b", lambda share: share <= 0.35),
    (r"\bvery rare(?:ly)?\b|\b(?:few|a minority of) (?:patients|people|cases|individuals)\b", lambda share: share <= 0.2),
    (r"\bnever\b(?= (?:seen|reported|found|recorded|occurs) )", lambda share: share == 0.0),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), holds) for pattern, holds in _WORDS)


@dataclass(frozen=True, slots=True)
class Share:
    """A stated share, in words, of the finding of a claim. holds: whether a recorded one (0 to 1) agrees."""

    words: str
    claim: Claim
    holds: Callable[[float], bool]


def shares(text: str, claims: Sequence[Claim]) -> Iterator[Share]:
    """The shares that a clause (lower case) states, each of the finding beside it: the one before it, else the next."""
    if not claims:
        return
    for match in _PERCENT.finditer(text):
        low = float(match.group(1)) / 100
        high = float(match.group(2)) / 100 if match.group(2) else low
        yield Share(match.group(), _beside(match.start(), claims), _within(low - NEAR, high + NEAR))
    for pattern, holds in _PATTERNS:
        for match in pattern.finditer(text):
            yield Share(match.group(), _beside(match.start(), claims), holds)


def _within(low: float, high: float) -> Callable[[float], bool]:
    return lambda share: low <= share <= high


def _beside(place: int, claims: Sequence[Claim]) -> Claim:
    before = [claim for claim in claims if claim.at.end <= place]
    return before[-1] if before else claims[0]
