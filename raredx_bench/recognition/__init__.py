"""English clinical text -> HPO terms with their places and what is said of them. Not for clinical use.

lexicon.py finds names, numbers.py values ("platelets 40 x 10^9/L"), scopes.py tells observed from excluded, of the family and only
thought of. How well it does: docs/findings.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from raredx_bench.hpo import Hpo
from raredx_bench.recognition.lexicon import Lexicon
from raredx_bench.recognition.numbers import values
from raredx_bench.recognition.scopes import EXCLUDED, OBSERVED, polarity, sentences

__all__ = ["Mention", "Recognised", "Recogniser", "Span", "blotted", "polarities"]


Span = tuple[int, int]  # first character, and the one behind the last


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding's place in the text. polarity: "observed", "excluded", "family" or "hypothetical"; cue: what decided it."""

    start: int
    end: int
    term: str
    polarity: str
    cue: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """All mentions of a text, in its order."""

    mentions: tuple[Mention, ...]

    @property
    def observed(self) -> tuple[str, ...]:
        """HPO ids stated of the patient, in the order of the text, without repeats."""
        return tuple(dict.fromkeys(each.term for each in self.mentions if each.polarity == OBSERVED))

    @property
    def excluded(self) -> tuple[str, ...]:
        """HPO ids denied of the patient, without those that are observed elsewhere in the text."""
        seen = set(self.observed)
        return tuple(dict.fromkeys(each.term for each in self.mentions if each.polarity == EXCLUDED and each.term not in seen))

    @property
    def places(self) -> list[Span]:
        """Where findings are named."""
        return [(each.start, each.end) for each in self.mentions]

    @property
    def unsaid(self) -> list[Span]:
        """Where findings are named that are not observed of the patient."""
        return [(each.start, each.end) for each in self.mentions if each.polarity != OBSERVED]


def blotted(text: str, spans: Iterable[Span], blot: str = " ") -> str:
    """The text with the characters of spans replaced by one, as long as before."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = blot * (end - start)
    return "".join(characters)


def polarities(text: str, findings: Iterable[Span], spans: Iterable[Span]) -> list[str]:
    """What the text says of each span, as Mention has it; "observed" where one leaves its sentence. findings: their places."""
    masked = blotted(text, findings, "x")
    parts = list(sentences(text))
    starts, found = [start for start, _, _ in parts], []
    for first, last in spans:
        start, end, section = parts[bisect_right(starts, first) - 1]
        said = polarity(masked[start:end], first - start, last - start, section)[0] if last <= end else OBSERVED
        found.append(said)
    return found


class Recogniser:
    """Recognises HPO terms in English clinical text."""

    def __init__(self, hpo: Hpo) -> None:
        self.hpo = hpo
        self._lexicon = Lexicon(hpo)

    def read(self, text: str) -> Recognised:
        """What the text states of the patient and of others; places are those of the given text."""
        found: list[Mention] = []
        for start, end, section in sentences(text):
            found += self._sentence(text[start:end], start, section)
        return Recognised(tuple(sorted(found, key=lambda each: (each.start, each.end))))

    def _sentence(self, sentence: str, offset: int, section: str) -> list[Mention]:
        named = self._lexicon.find(sentence)
        spans = [(each.start, each.end) for each in named]
        measured = [
            each for each in values(sentence)
            if self.hpo.current(each.term) is not None
            and (each.numbered or _free(each.start, each.end, spans))
        ]  # fmt: skip
        named = [each for each in named if _free(each.start, each.end, [(value.start, value.end) for value in measured])]
        taken = [*((value.start, value.end) for value in measured), *((each.start, each.end) for each in named)]
        healthy = [each for each in self._lexicon.healthy(sentence) if _free(each.start, each.end, taken)]
        words = blotted(sentence, taken, "x")  # "absent speech" denies nothing behind it

        found = []
        for value in measured:
            said, cue = polarity(words, value.start, value.end, section)
            if said in (OBSERVED, EXCLUDED):
                said, cue = (EXCLUDED if value.normal else OBSERVED), sentence[value.start : value.end]
            found.append(Mention(value.start + offset, value.end + offset, value.term, said, cue))
        for term, start, end in named:
            found.append(Mention(start + offset, end + offset, term, *polarity(words, start, end, section)))
        for term, start, end in healthy:
            said, cue = polarity(words, start, end, section)
            said, cue = (EXCLUDED, "normal") if said == OBSERVED else (said, cue)
            found.append(Mention(start + offset, end + offset, term, said, cue))
        return found


def _free(start: int, end: int, taken: Sequence[Span]) -> bool:
    return all(end <= first or start >= last for first, last in taken)
