"""The diagnoser: findings -> a differential in which every candidate carries its evidence. Not for clinical use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from raredx_bench.bm25 import words
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.mentions import Mention, MentionFinder
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype.circumstances import Circumstances
from raredx_bench.phenotype.denying import denied, named, near_denials, own
from raredx_bench.phenotype.evidence import Evidence, evidence
from raredx_bench.phenotype.features import NAMES, Matcher, Seen
from raredx_bench.phenotype.profiles import Cited, Profiles
from raredx_bench.phenotype.weighing import FITTED, FITTED_TEXTS, Weights, fitted
from raredx_bench.phenotype.wording import PROPOSING, TEXT_NAMES, Wording
from raredx_bench.recognition import Recognised, Recogniser, Span, blotted

WORDS = 6  # of a text, told with a candidate
NAMED = 100  # diseases that are looked for by name in a text
LISTED = 0.5  # of a text's words in names of findings, above which it is a list of them and ranked as codes are
FEW = 10  # different words of the documents below which a text without findings says nothing


@dataclass(frozen=True)
class Candidate:
    """A ranked disease. ids: its OMIM, ORPHA and MONDO ids; probability: that it is the diagnosis, 0 to 1.

    words: those of the text, where one was given, that speak for it most.
    """

    disease: str
    ids: tuple[str, ...]
    name: str
    score: float
    probability: float
    evidence: tuple[Evidence, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """Candidates, best first; none_of_these: probability that the right one isn't listed; notes: what to know, in sentences."""

    candidates: tuple[Candidate, ...]
    none_of_these: float
    notes: tuple[str, ...]


class Diagnoser:
    """Ranks diseases for a patient's findings, and for a description they were read from.

    cited: what diseases keep without a publication's annotations (`citations.cited`), for `diagnose(publication=…)`;
    definitions: canonical id -> text, for descriptions; weights, text_weights: other fitted rankings than the package's.
    """

    def __init__(
        self, hpo: Hpo, ontology: Ontology, *, cited: Cited | None = None, definitions: Mapping[str, str] | None = None,
        weights: Weights | None = None, text_weights: Weights | None = None,
    ) -> None:  # fmt: skip
        self.hpo, self.ontology = hpo, ontology
        self.profiles = Profiles(hpo, ontology, cited)
        self.matcher = Matcher(self.profiles)
        self.weights = weights or fitted(NAMES, FITTED)
        self.text_weights = text_weights or fitted(TEXT_NAMES, FITTED_TEXTS)
        self._definitions = definitions or {}

    @cached_property
    def circumstances(self) -> Circumstances:
        """Ages of onset and modes of inheritance of the diseases."""
        return Circumstances(self.hpo, self.ontology)

    @cached_property
    def wording(self) -> Wording:
        """The words that stand for the diseases."""
        return Wording(self.profiles, self._definitions)

    @cached_property
    def _read(self) -> Callable[[str], Recognised]:
        return lru_cache(maxsize=8)(Recogniser(self.hpo).read)

    @cached_property
    def _finder(self) -> MentionFinder:
        return MentionFinder(self.ontology)

    @cached_property
    def _denied(self) -> Callable[[str], list[Span]]:
        return lru_cache(maxsize=8)(self._denials)

    @cached_property
    def _cleared(self) -> Callable[[str], str]:
        return lru_cache(maxsize=8)(self._clear)

    def read(self, text: str) -> Recognised:
        """The findings that a free text states."""
        return self._read(text)

    def said(self, text: str) -> np.ndarray:
        """What the words of a text say of every row (`wording.scores`), but those of findings that are denied, only supposed, or of
        a relative, and of diseases that are denied."""
        return self.wording.scores(self._cleared(text))

    def diagnose(
        self, observed: Sequence[str], excluded: Sequence[str] = (), *, text: str = "", onset: str = "", sex: str = "",
        most: int = 10, publication: str = "",
    ) -> Diagnosis:  # fmt: skip
        """The differential for HPO ids; without an observed finding that this release knows: no candidate, and a note says so.

        text: the description that the findings were read from, ranked as texts are: by its words too, groups among the candidates;
        one without any finding is ranked by its words alone, if they are not too few; a mere list of findings as their ids are.
        onset: HPO id of an age of onset; sex: "female" or "male", "" if unknown; publication: rank without the annotations that
        cite it ("PMID:…").
        """
        notes = self._notes(observed, excluded, onset)
        if text and (gone := dict.fromkeys(text[start:end] for start, end in self._denied(text))):
            notes.append(f"the text denies {'; '.join(gone)}: not ranked by the name")
        if text and self._is_list(text):
            notes.append("the text hardly says more than findings' names: ranked as their ids are")
            text = ""
        if not self.hpo.indices(observed) and not (text and self.wording.known(self._cleared(text)) >= FEW):
            return Diagnosis((), 1.0, (*notes, "no finding that this HPO release knows was observed: nothing can be ranked"))
        rows, scores = self.ranked(observed, excluded, text=text, onset=onset, sex=sex, publication=publication)
        chances, _ = (self.text_weights if text else self.weights).probabilities(scores)
        best = rows[:most].tolist()
        weighed = evidence(self.profiles, best, observed, excluded)
        spoken = self.wording.common(self._cleared(text), best, WORDS) if text else [()] * len(best)
        found = tuple(map(self._candidate, best, scores.tolist(), chances.tolist(), weighed, spoken))
        return Diagnosis(found, max(0.0, 1.0 - float(chances[:most].sum())), tuple(notes))

    def ranked(
        self, observed: Sequence[str], excluded: Sequence[str] = (), *, text: str = "", onset: str = "", sex: str = "",
        publication: str = "",
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Rows of the shortlist, best first, ties by canonical id, and their scores; at least one finding must be known, or a word
        of the text."""
        said = self.said(text) if text else None
        seen, scores = self.shortlist(observed, excluded, said, onset=onset, sex=sex, publication=publication)
        if said is not None:
            scores = self.text_weights.scores(self.wording.table(seen, said, scores))
        order = np.argsort(-scores, kind="stable")
        return seen.rows[order], scores[order]

    def shortlist(
        self, observed: Sequence[str], excluded: Sequence[str] = (), said: np.ndarray | None = None, *, onset: str = "",
        sex: str = "", publication: str = "",
    ) -> tuple[Seen, np.ndarray]:  # fmt: skip
        """The rows worth ranking, and their scores by findings alone. said: of a text, whose rows come beside."""
        known = observed if said is None or self.hpo.indices(observed) else (ROOT,)
        seen = self.matcher.see(known, excluded, publication, None if said is None else said[list(PROPOSING)])
        scores = self.weights.scores(seen.table)
        if onset or sex:
            scores = scores + self.circumstances.bonus([self.disease(row) for row in seen.rows.tolist()], onset, sex)
        return seen, scores

    def disease(self, row: int) -> str:
        """Canonical id of a row."""
        return self.profiles.diseases[int(self.profiles.owner[row])]

    def _is_list(self, text: str) -> bool:
        """Whether a text says hardly more than findings' names, and states no disease."""
        read = self.read(text)
        if len(words(blotted(self._cleared(text), read.places))) >= (1 - LISTED) * len(words(text)):
            return False
        stated = (span for each in self._named(text, text) for span in own(each) if span not in self._denied(text))
        return all(any(first <= start and end <= last for first, last in read.places) for start, end in stated)

    def _clear(self, text: str) -> str:
        """The text without findings that aren't the patient's, and without diseases that it denies."""
        return blotted(text, [*self.read(text).unsaid, *self._denied(text)])

    def _denials(self, text: str) -> list[Span]:
        return denied(text, self.read(text).places, self._named(text, near_denials(text)))

    def _named(self, text: str, within: str) -> list[list[Mention]]:
        """Where a text names those diseases whose names have most in common with a part of it."""
        return named(text, map(self.disease, self.wording.named(within, NAMED)), self.ontology, self._finder)

    def _candidate(
        self, row: int, score: float, chance: float, weighed: tuple[Evidence, ...], spoken: tuple[str, ...]
    ) -> Candidate:
        disease = self.disease(row)
        known = self.ontology[disease]
        ids = [each for each in (disease, *known.xrefs) if each.startswith(("OMIM:", "ORPHA:", "MONDO:"))]
        return Candidate(disease, tuple(dict.fromkeys(ids)), known.name, score, chance, weighed, spoken)

    def _notes(self, observed: Sequence[str], excluded: Sequence[str], onset: str) -> list[str]:
        given = dict.fromkeys([*observed, *excluded, *([onset] if onset else [])])
        unknown = [each for each in given if self.hpo.current(each) is None]
        return [f"{each} is no term of HPO {self.hpo.release}: passed over" for each in unknown]
