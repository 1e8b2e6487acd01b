"""A text that no longer names a disease.

What goes: whatever raredx_bench.mentions finds as its name, a synonym, a form of it, its name without "disease" or "syndrome",
or an abbreviation; and, literally, the words in a row of its names and exact synonyms, and its abbreviations in capitals, those
included that clinical prose also uses for something else ("HIT"): a test's name lost is cheaper than an answer shown. Its genes
and its family stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from raredx_bench.domain import Scope
from raredx_bench.mentions import MentionFinder
from raredx_bench.mentions.patterns import ABBREVIATION, FINDING, FORM, NAME, STEM, SYNONYM
from raredx_bench.naming import plain

PLACEHOLDER = "___"  # MIMIC's own mark of what was taken out
REMOVED = frozenset({NAME, SYNONYM, ABBREVIATION, STEM, FORM, FINDING})
ROUNDS = 5  # a removal can bring words together that name the disease again
_RUN = re.compile(r"___(?:[ /(),-]*___)+")
LETTERS = 5  # a shorter name is looked for as an abbreviation alone
_GAP = r"(?:'s?)?[\W_]+"
_SHORT_FORM = re.compile(r"[A-Z][A-Z0-9]*[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)?")


class Redactor:
    """Takes mentions of diseases out of texts."""

    def __init__(self, finder: MentionFinder) -> None:
        self._finder, self.ontology = finder, finder.ontology
        self._literal = lru_cache(maxsize=1024)(self._make)

    def redacted(self, text: str, answers: tuple[str, ...]) -> tuple[str, Mapping[str, int]]:
        """The text with every mention of the answers replaced, and how many mentions of each kind were."""
        counts: Counter[str] = Counter()
        for _ in range(ROUNDS):
            mentions = self.named(text, answers)
            if not mentions:
                break
            parts, at = [], 0
            for start, end, kind in mentions:
                counts[kind] += 1
                parts += [text[at:start], PLACEHOLDER]
                at = end
            text = _RUN.sub(PLACEHOLDER, "".join((*parts, text[at:])))
        return text, counts

    def named(self, text: str, answers: tuple[str, ...]) -> list[tuple[int, int, str]]:
        """Start, end and kind of every place where a text names the answers, in order; places that overlap are one."""
        found = [(each.start, each.end, each.kind) for each in self._finder.find(text, answers) if each.kind in REMOVED]
        for kind, pattern in self._literal(answers):
            found += [(*match.span(), kind) for match in pattern.finditer(text)]
        return list(_apart(sorted(found, key=lambda span: (span[0], -span[1]))))

    def _make(self, answers: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """Kind and pattern: the answers' abbreviations as they are written, and the words of their longer names, longest first."""
        diseases = [self.ontology[each] for each in map(self.ontology.canonical, answers) if each is not None]
        exact = {synonym.name for each in diseases for synonym in each.synonyms if synonym.scope is Scope.EXACT}
        names = exact.union(*((each.name, *each.titles) for each in diseases))
        short = {re.escape(name) for name in names if _SHORT_FORM.fullmatch(name)}
        long = {_GAP.join(map(re.escape, words)) for name in names if len("".join(words := plain(name).split())) >= LETTERS}
        patterns = ((ABBREVIATION, short, re.NOFLAG), (SYNONYM, long, re.IGNORECASE))
        return tuple((kind, _any_of(parts, flags)) for kind, parts, flags in patterns if parts)


def _apart(spans: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    start, end, kind = -1, -1, ""
    for begun, ended, other in spans:
        if begun >= end:
            if kind:
                yield start, end, kind
            start, end, kind = begun, ended, other
        else:
            end = max(end, ended)
    if kind:
        yield start, end, kind


def _any_of(parts: set[str], flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(parts, key=lambda part: (-len(part), part)))})(?![^\W_])", flags)
