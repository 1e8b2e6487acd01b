"""The diagnoser: findings -> a differential in which every candidate carries its evidence. Not for clinical use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from raredx_bench.findings import FindingReader
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype.circumstances import Circumstances
from raredx_bench.phenotype.evidence import Evidence, evidence
from raredx_bench.phenotype.features import NAMES, Matcher
from raredx_bench.phenotype.profiles import Cited, Profiles
from raredx_bench.phenotype.weighing import Weights, fitted


@dataclass(frozen=True)
class Candidate:
    """A ranked disease. ids: its OMIM, ORPHA and MONDO ids; probability: that it is the diagnosis, 0 to 1."""

    disease: str
    ids: tuple[str, ...]
    name: str
    score: float
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Diagnosis:
    """Candidates, best first; none_of_these: probability that the right one isn't listed; notes: what to know, in sentences."""

    candidates: tuple[Candidate, ...]
    none_of_these: float
    notes: tuple[str, ...]


class Diagnoser:
    """Ranks diseases for a patient's findings.

    cited: what diseases keep without a publication's annotations (`citations.cited`), for `diagnose(publication=…)`;
    weights: another fitted ranking than the package's.
    """

    def __init__(self, hpo: Hpo, ontology: Ontology, *, cited: Cited | None = None, weights: Weights | None = None) -> None:
        self.hpo, self.ontology = hpo, ontology
        self.profiles = Profiles(hpo, ontology, cited)
        self.matcher = Matcher(self.profiles)
        self.weights = weights or fitted(NAMES)

    @cached_property
    def circumstances(self) -> Circumstances:
        """Ages of onset and modes of inheritance of the diseases."""
        return Circumstances(self.hpo, self.ontology)

    @cached_property
    def reader(self) -> FindingReader:
        """Reads findings from a free text."""
        return FindingReader(self.hpo)

    def diagnose(
        self, observed: Sequence[str], excluded: Sequence[str] = (), *, onset: str = "", sex: str = "", most: int = 10,
        publication: str = "",
    ) -> Diagnosis:  # fmt: skip
        """The differential for HPO ids; without an observed finding that this release knows: no candidate, and a note says so.

        onset: HPO id of an age of onset;
        sex: "female" or "male", "" if unknown; publication: rank without the annotations that cite it ("PMID:…").
        """
        notes = self._notes(observed, excluded, onset)
        if not self.hpo.indices(observed):
            return Diagnosis((), 1.0, (*notes, "no finding that this HPO release knows was observed: nothing can be ranked"))
        rows, scores = self.ranked(observed, excluded, onset=onset, sex=sex, publication=publication)
        chances, _ = self.weights.probabilities(scores)
        best = rows[:most].tolist()
        weighed = evidence(self.profiles, best, observed, excluded)
        found = tuple(map(self._candidate, best, scores.tolist(), chances.tolist(), weighed))
        return Diagnosis(found, max(0.0, 1.0 - float(chances[:most].sum())), tuple(notes))

    def ranked(
        self, observed: Sequence[str], excluded: Sequence[str] = (), *, onset: str = "", sex: str = "", publication: str = ""
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the shortlist, best first, ties by canonical id, and their scores; at least one finding must be known."""
        seen = self.matcher.see(observed, excluded, publication)
        scores = self.weights.scores(seen.table)
        if onset or sex:
            scores = scores + self.circumstances.bonus([self.disease(row) for row in seen.rows.tolist()], onset, sex)
        order = np.argsort(-scores, kind="stable")
        return seen.rows[order], scores[order]

    def disease(self, row: int) -> str:
        """Canonical id of a row."""
        return self.profiles.diseases[int(self.profiles.owner[row])]

    def _candidate(self, row: int, score: float, chance: float, weighed: tuple[Evidence, ...]) -> Candidate:
        disease = self.disease(row)
        known = self.ontology[disease]
        ids = [each for each in (disease, *known.xrefs) if each.startswith(("OMIM:", "ORPHA:", "MONDO:"))]
        return Candidate(disease, tuple(dict.fromkeys(ids)), known.name, score, chance, weighed)

    def _notes(self, observed: Sequence[str], excluded: Sequence[str], onset: str) -> list[str]:
        given = dict.fromkeys([*observed, *excluded, *([onset] if onset else [])])
        unknown = [each for each in given if self.hpo.current(each) is None]
        return [f"{each} is no term of HPO {self.hpo.release}: passed over" for each in unknown]
