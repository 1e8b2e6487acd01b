"""What speaks for a disease and against it, of what the teacher sees: each piece is true of the case and of the taught facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from raredx_bench.hpo import ROOT
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact, Kind
from raredx_train.reasoning.teacher.reading import Reading
from raredx_train.reasoning.teacher.sight import Sight

_TYPICAL = ("obligate", "very frequent")  # what speaks against a disease when it is not reported
_USUAL = (*_TYPICAL, "frequent", None)  # and when it is excluded; None: how often it occurs isn't known


@dataclass(frozen=True, slots=True)
class Match:
    """A finding of the case and the recorded one that it fits: the same, or one of the two is a form of the other.

    band: how often the recorded one occurs, None where that isn't known.
    """

    finding: str
    recorded: str
    band: str | None
    is_special: bool = False  # the finding of the case is a form of the recorded one
    is_general: bool = False  # the recorded one is a form of the finding of the case

    @property
    def is_exact(self) -> bool:
        """True for one and the same finding."""
        return self.finding == self.recorded


@dataclass(frozen=True, slots=True)
class Dossier:
    """One disease before one case. for_: most telling first, exact ones before others.

    absent: recorded findings, usual ones, that the case excludes. missing: typical ones that it doesn't mention, with their bands.
    foreign: findings of the case that nothing like is recorded of. agreed: excluded findings that are recorded as absent.
    """

    disease: str
    name: str
    for_: tuple[Match, ...]
    absent: tuple[Match, ...]
    missing: tuple[tuple[str, str], ...]
    foreign: tuple[str, ...]
    agreed: tuple[str, ...]
    genes: tuple[str, ...]
    inheritance: tuple[str, ...]


class Examiner:
    """Collects evidence on one case."""

    def __init__(self, sight: Sight, reading: Reading, weighed: Sequence[str]) -> None:
        self.sight, self.base, self.reading = sight, sight.base, reading
        self.weighed = telling(sight.base, weighed)
        self._observed = [self.base.hpo.position[each] for each in reading.observed]
        self._excluded = [self.base.hpo.position[each] for each in reading.excluded]

    def dossier(self, disease: str, shown: Iterable[str] = ()) -> Dossier:
        """The evidence on a disease. shown: ids and symbols read of it beside the view; of these, what is taught counts."""
        more, base = tuple(shown), self.base
        known = self.sight.known(disease, Kind.FINDING, more)
        agreed = self.sight.known(disease, Kind.ABSENT, more)
        modes = self.sight.known(disease, Kind.INHERITANCE, more)
        return Dossier(
            disease, base.name(disease), self._for(known), self._absent(known), self._missing(known),
            tuple(each for each in self.weighed if base.is_disease(disease) and base.lacks(disease, each)),
            tuple(each for each in self.reading.excluded if each in agreed),
            tuple(self.sight.known(disease, Kind.GENE, more)),
            tuple(each for each in modes if base.name(each).endswith("inheritance")),
        )  # fmt: skip

    def _for(self, known: Mapping[str, Fact]) -> tuple[Match, ...]:
        exact = [Match(each, each, known[each].band) for each in self.weighed if each in known]
        near = [match for each in self.weighed if each not in known for match in self._near(each, known)]
        return (*exact, *near)

    def _near(self, finding: str, known: Mapping[str, Fact]) -> list[Match]:
        """The most telling recorded finding directly on a finding's line, above it first; one at most."""
        index, above = self.base.hpo.position[finding], self.base.above
        over = [each for each in known if each != ROOT and self.base.hpo.position[each] in above[index]]
        under = [each for each in known if index in above[self.base.hpo.position[each]]]
        if over:
            best = telling(self.base, over)[0]
            return [Match(finding, best, known[best].band, is_special=True)]
        if under:
            best = min(under, key=lambda each: (self.base.content(each), each))
            return [Match(finding, best, known[best].band, is_general=True)]
        return []

    def _absent(self, known: Mapping[str, Fact]) -> tuple[Match, ...]:
        """Recorded findings that are excluded, by themselves or by one above them; the more frequent first."""
        found = []
        usual = [each for each, fact in known.items() if fact.band in _USUAL]
        for finding, index in zip(self.reading.excluded, self._excluded, strict=True):
            if finding in usual:
                found.append(Match(finding, finding, known[finding].band))
                continue
            under = [each for each in usual if index in self.base.above[self.base.hpo.position[each]]]
            if under:
                best = min(under, key=lambda each: (-(known[each].frequency or 0.0), each))
                found.append(Match(finding, best, known[best].band, is_general=True))
        return tuple(sorted(found, key=lambda match: -(known[match.recorded].frequency or 0.0)))

    def _missing(self, known: Mapping[str, Fact]) -> tuple[tuple[str, str], ...]:
        typical = [each for each, fact in known.items() if fact.band in _TYPICAL and not fact.sex and not self._is_touched(each)]
        return tuple((each, known[each].band or "") for each in telling(self.base, typical))

    def _is_touched(self, finding: str) -> bool:
        """True when the case says something of a finding, of a form of it or of what it is a form of."""
        index = self.base.hpo.position[finding]
        own = self.base.above[index]
        return any(each in own or index in self.base.above[each] for each in (*self._observed, *self._excluded))


def telling(base: Base, findings: Iterable[str]) -> list[str]:
    """Findings, those that fewest diseases have first."""
    return sorted(findings, key=lambda each: (-round(base.content(each), 6), each))
