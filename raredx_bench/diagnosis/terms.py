"""What a person writes for a finding or an age of onset -> HPO's id, or a sentence that says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from raredx_bench.benchmarks.forms import years
from raredx_bench.benchmarks.phenopackets import stage_at
from raredx_bench.domain import BadInput, UsageError
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology

_HPO_ID = re.compile(r"HP[:_]\d{7}", re.IGNORECASE)
_DISEASE_ID = re.compile(r"(OMIM|ORPHA|ORPHANET|MONDO|MIM|OMIMPS)[:_]\s*\w+", re.IGNORECASE)
_AGE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>y|yrs?|years?|m|mo|months?|w|weeks?|d|days?)", re.IGNORECASE)
_YEARS = {"y": 1.0, "m": 1 / 12, "w": 7 / 365.25, "d": 1 / 365.25}
ONSET = "HP:0003674"
NEAR = 3  # suggestions


class Vocabulary:
    """HPO's findings by id, label and synonym, and the names of diseases, to say when one is given for a finding."""

    def __init__(self, hpo: Hpo, ontology: Ontology) -> None:
        self.hpo, self.ontology = hpo, ontology

    @cached_property
    def _named(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for rank in (False, True):  # labels first
            for identifier, name, synonyms in zip(self.hpo.ids, self.hpo.names, self.hpo.synonyms, strict=True):
                for each in synonyms if rank else (name,):
                    found.setdefault(plain(each), identifier)
        return found

    def finding(self, written: str) -> tuple[str, str]:
        """(the id in force, a note or "") of a finding. Raises UsageError for what is none, with the nearest that are."""
        identifier, note = self._current(written)
        if not self.is_below(identifier, ROOT):
            said = "an age of onset: give it with --onset" if self.is_below(identifier, ONSET) else "no abnormal finding"
            raise UsageError(f"{identifier} ({self.hpo.name(identifier)}) is {said}")
        return identifier, note

    def onset(self, written: str) -> str:
        """HPO's id of an onset: an id or label below HP:0003674, or an age ("3 months", "P2Y"). Raises UsageError."""
        if (age := _age(written.strip())) is not None:
            return stage_at(age)
        identifier, _ = self._current(written)
        if not self.is_below(identifier, ONSET):
            raise UsageError(f"{identifier} ({self.hpo.name(identifier)}) is no age of onset: give an age (3 months, 12 years) or "
                             "a term below HP:0003674, such as Infantile onset")  # fmt: skip
        return identifier

    def is_below(self, identifier: str, above: str) -> bool:
        """Whether a current id is a term below another (or that term itself)."""
        return self.hpo.position[above] in self.hpo.ancestors(self.hpo.position[identifier])

    def near(self, written: str) -> Iterator[str]:
        """The findings whose names are spelled most alike: "Seizure (HP:0001250)"."""
        from rapidfuzz import fuzz, process

        known = [(name, each) for name, each in self._named.items() if self.is_below(each, ROOT)]
        seen: dict[str, None] = {}
        for _, _, at in process.extract(
            plain(written), [name for name, _ in known], scorer=fuzz.ratio, limit=3 * NEAR, score_cutoff=60
        ):
            seen.setdefault(known[at][1])
        return (f"{self.hpo.name(each)} ({each})" for each in list(seen)[:NEAR])

    def _current(self, written: str) -> tuple[str, str]:
        text = written.strip()
        if _HPO_ID.fullmatch(text):
            return self._by_id(text.upper().replace("_", ":"))
        if _DISEASE_ID.fullmatch(text):
            raise self._disease(text, self.ontology.canonical(text.upper().replace("_", ":")))
        if (found := self._named.get(plain(text))) is not None:
            return found, ""
        if diseases := self.ontology.named(text):
            raise self._disease(text, diseases[0])
        near = ", ".join(self.near(text))
        raise UsageError(f"{written!r} is no term of HPO {self.hpo.release}: "
                         + (f"did you mean {near}?" if near else "look the finding up at https://hpo.jax.org"))  # fmt: skip

    def _by_id(self, identifier: str) -> tuple[str, str]:
        current = self.hpo.current(identifier)
        if current is None:
            if (label := self.hpo.obsolete.get(identifier)) is None:
                raise UsageError(f"{identifier} is no term of HPO {self.hpo.release}: look the finding up at https://hpo.jax.org")
            near = ", ".join(self.near(label.removeprefix("obsolete ")))
            raise UsageError(f"{identifier} ({label}) is obsolete and nothing replaces it: " + (f"did you mean {near}?" if near else
                             "look the finding up at https://hpo.jax.org"))  # fmt: skip
        replaced = "" if current == identifier else f"{identifier} was replaced by {current} ({self.hpo.name(current)})"
        return current, replaced

    def _disease(self, written: str, known: str | None) -> BadInput:
        name = f" ({self.ontology.name(known)})" if known else ""
        return BadInput(f"{written!r} is a disease{name}, no finding: give what was seen of the patient, such as --hpo Seizure")


def _age(written: str) -> float | None:
    """An age in years; None for a text that states none."""
    match = _AGE.fullmatch(written)
    return years(written.upper()) if match is None else float(match["number"]) * _YEARS[match["unit"][0].lower()]
