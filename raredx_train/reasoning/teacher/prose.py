"""Evidence -> a physician's thought in prose: salient findings, candidates, what speaks for and against each, the conclusion.

Sentences come with an urgency: the most urgent are written until the thought is as long as it should be, in the order of thinking.
Evidence is one disease a sentence, so that a reader, or a filter, never has to guess what belongs to which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from raredx_train.reasoning.teacher.evidence import Dossier, Examiner, Match
from raredx_train.reasoning.teacher.wording import Names, Voice, series

_SYSTEM = re.compile(r"^Abnormality of (?:the )?(.+)$")


@dataclass(frozen=True)
class Length:
    """words: of a thought, least and most aimed at; findings, candidates: how many are named; for_: findings of a candidate."""

    words: tuple[int, int]
    findings: tuple[int, int]
    candidates: tuple[int, int]
    for_: int


LENGTHS = {
    "brief": Length((22, 40), (2, 2), (1, 2), 2),
    "short": Length((60, 95), (2, 3), (2, 3), 3),
    "full": Length((140, 215), (3, 5), (3, 4), 5),
}


@dataclass(frozen=True)
class Piece:
    """A sentence, and how urgent it is: 0 is always written, the others by their number and by chance."""

    urgency: int
    text: str


class Writer:
    """Writes one thought on one case."""

    def __init__(self, examiner: Examiner, names: Names, voice: Voice, length: str) -> None:
        self.examiner, self.names, self.voice, self.length = examiner, names, voice, LENGTHS[length]

    def candidates(self) -> int:
        """How many candidates the thought weighs."""
        return self.voice.rng.randint(*self.length.candidates)

    def thought(self, dossiers: Sequence[Dossier], opening: Sequence[str] = ()) -> str:
        """The prose. dossiers: the diseases that are weighed, best first, one at least.

        opening: sentences before it, which don't count in its length.
        """
        pieces = [*self._case(), *self._candidates(dossiers)]
        for place, dossier in enumerate(dossiers):
            pieces += self._on(dossier, place)
        pieces += self._end(dossiers)
        return " ".join([*opening, *(piece.text for piece in self._fitting(pieces))])

    def _fitting(self, pieces: Sequence[Piece]) -> list[Piece]:
        """As many of the pieces as the length allows, in their order."""
        rng, size = self.voice.rng, {place: len(piece.text.split()) for place, piece in enumerate(pieces)}
        aim = rng.randint(*self.length.words)
        kept = {place for place, piece in enumerate(pieces) if piece.urgency == 0}
        total = sum(size[place] for place in kept)
        rest = sorted((piece.urgency + rng.random() * 1.5, place) for place, piece in enumerate(pieces) if piece.urgency)
        for _, place in rest:
            if total + size[place] <= aim:
                kept.add(place)
                total += size[place]
        return [pieces[place] for place in sorted(kept)]

    def _case(self) -> Iterator[Piece]:
        reading, voice = self.examiner.reading, self.voice
        person = f"{reading.sex} patient" if reading.sex else "patient"
        if reading.age:
            yield Piece(3, voice.say("person", person=f"a {person} seen at the age of {reading.age}",
                                     a_person=f"a {person} seen at the age of {reading.age}"))  # fmt: skip
        elif reading.sex:
            yield Piece(4, voice.say("person", person=reading.sex, a_person=f"a {person}"))
        salient = self.examiner.weighed[: voice.rng.randint(*self.length.findings)]
        yield Piece(0, voice.say_all("salient", [self.names(each) for each in salient]))
        yield from self._system()
        if reading.excluded:
            shown = voice.rng.sample(reading.excluded, min(3, len(reading.excluded)))
            yield Piece(4, voice.say_all("excluded", [self.names(each) for each in shown]))

    def _system(self) -> Iterator[Piece]:
        """The organ system that most findings of the case belong to, where it is one that reads well in a sentence."""
        base, observed = self.examiner.base, self.examiner.reading.observed
        counts: dict[str, int] = {}
        for each in observed:
            for system in dict.fromkeys(base.systems_above(each)):
                counts[system] = counts.get(system, 0) + 1
        best = max(counts, key=lambda each: (counts[each], each), default="")
        named = _SYSTEM.match(base.name(best)) if best else None
        if named and len(observed) >= 4 and counts[best] * 2 >= len(observed):
            yield Piece(4, self.voice.say("system", count=str(counts[best]), total=str(len(observed)), system=named.group(1)))

    def _candidates(self, dossiers: Sequence[Dossier]) -> Iterator[Piece]:
        yield Piece(0, self.voice.say_all("candidates", [each.name for each in dossiers]))

    def _on(self, dossier: Dossier, place: int) -> Iterator[Piece]:
        """What is said of one candidate, the first place more than the others."""
        yield from self._for(dossier, place)
        yield from self._heredity(dossier, 2 if place == 0 else 5)
        yield from self._against(dossier, place)

    def _for(self, dossier: Dossier, place: int) -> Iterator[Piece]:
        exact = [match for match in dossier.for_ if match.is_exact][: self.length.for_ if place == 0 else self.length.for_ - 1]
        near = [match for match in dossier.for_ if not match.is_exact]
        urgency = (0, 1, 3, 4)[min(place, 3)]
        if exact:
            yield Piece(urgency, self.voice.say_all("for", [self._with_band(each) for each in exact], disease=dossier.name))
        for match in near[: 1 if exact else 2]:
            kind = "special" if match.is_special else "general"
            yield Piece(urgency + 3 if exact else urgency, self._said(kind, match, dossier))
        if not exact and not near:
            yield Piece(urgency, self.voice.say("nothing", disease=dossier.name))
        for each in dossier.agreed[:1]:
            yield Piece(3 + place, self.voice.say("agreed", finding=self.names(each), disease=dossier.name))

    def _against(self, dossier: Dossier, place: int) -> Iterator[Piece]:
        urgency = (3, 1, 2, 3)[min(place, 3)]
        for match in dossier.absent[:1]:
            kind = "absent_below" if match.is_general else "absent_band" if match.band else "absent"
            yield Piece(urgency, self._said(kind, match, dossier))
        if dossier.foreign and place:
            count = self.voice.rng.randint(1, 2)
            yield Piece(urgency, self.voice.say_all("foreign", [self.names(each) for each in dossier.foreign[:count]],
                                                    disease=dossier.name))  # fmt: skip
        for finding, band in dossier.missing[:1]:
            yield Piece(urgency + 1, self.voice.say("missing", finding=self.names(finding), band=band, disease=dossier.name))

    def _heredity(self, dossier: Dossier, urgency: int) -> Iterator[Piece]:
        gene, mode = series(dossier.genes[:2]), series([self.names(each) for each in dossier.inheritance[:1]])
        kind = "gene_and_inheritance" if gene and mode else "gene" if gene else "inheritance"
        if gene or mode:
            yield Piece(urgency, self.voice.say(kind, gene=gene, mode=mode, disease=dossier.name))

    def _end(self, dossiers: Sequence[Dossier]) -> Iterator[Piece]:
        first, *others = dossiers
        if others and self.voice.rng.random() < 0.4:
            yield Piece(0, self.voice.say("before", disease=first.name, second=others[0].name))
        else:
            yield Piece(0, self.voice.say("conclusion", disease=first.name))

    def _with_band(self, match: Match) -> str:
        name = self.names(match.finding)
        return f"{name} ({match.band})" if match.band and not name.endswith(")") and self.voice.rng.random() < 0.5 else name

    def _said(self, kind: str, match: Match, dossier: Dossier) -> str:
        return self.voice.say(kind, finding=self.names(match.finding), recorded=self.names(match.recorded),
                              band=match.band or "", disease=dossier.name)  # fmt: skip
