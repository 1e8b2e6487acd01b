"""A text that no longer names a disease.

What goes: its names and synonyms, names of forms of it, its name without "disease" or "syndrome", and its abbreviations, those included that
clinical prose also uses for something else ("HIT"): a test's name lost is cheaper than an answer shown. Its genes and its family stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from raredx_bench.mentions import MentionFinder
from raredx_bench.mentions.patterns import ABBREVIATION, FINDING, FORM, NAME, STEM, SYNONYM

PLACEHOLDER = "___"  # MIMIC's own mark of what was taken out
REMOVED = frozenset({NAME, SYNONYM, ABBREVIATION, STEM, FORM, FINDING})
ROUNDS = 5  # a removal can bring words together that name the disease again
_RUN = re.compile(r"___(?:[ /(),-]*___)+")
_SHORT_FORM = re.compile(r"[A-Z][A-Z0-9]*[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)?")


class Redactor:
    """Takes mentions of diseases out of texts."""

    def __init__(self, finder: MentionFinder) -> None:
        self._finder = finder
        self._short_forms = lru_cache(maxsize=1024)(self._make)

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
                parts += [text[at : max(at, start)], PLACEHOLDER]
                at = max(at, end)
            text = _RUN.sub(PLACEHOLDER, "".join((*parts, text[at:])))
        return text, counts

    def named(self, text: str, answers: tuple[str, ...]) -> list[tuple[int, int, str]]:
        """Start, end and kind of every place where a text names the answers, in order."""
        found = [(each.start, each.end, each.kind) for each in self._finder.find(text, answers) if each.kind in REMOVED]
        short = self._short_forms(answers)
        if short is not None:
            found += [(*match.span(), ABBREVIATION) for match in short.finditer(text)]
        return sorted(found)

    def _make(self, answers: tuple[str, ...]) -> re.Pattern[str] | None:
        """Every abbreviation of the answers in capitals, as a word of its own; None when they have none."""
        ontology = self._finder.ontology
        known = [each for each in map(ontology.canonical, answers) if each is not None]
        names = {synonym.name for each in known for synonym in ontology[each].synonyms}
        short = sorted((name for name in names if _SHORT_FORM.fullmatch(name)), key=len, reverse=True)
        return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, short))})(?![A-Za-z0-9])") if short else None
