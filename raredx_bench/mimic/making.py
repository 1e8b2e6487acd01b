"""One chosen discharge summary -> one record, without its answer; or why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.judging import Judge
from raredx_bench.mentions import MentionFinder
from raredx_bench.mimic.records import pseudonym
from raredx_bench.mimic.redaction import Redactor
from raredx_bench.mimic.reference import Coded, References
from raredx_bench.mimic.sections import without_diagnoses
from raredx_bench.mimic.tables import PATIENTS, STAYS, TRIAGE, found, needed, rows

FEWEST_WORDS = 150
OVER_89 = 91


class Maker:
    """Chosen notes -> records, counting what is dropped."""

    def __init__(self, judge: Judge, folder: Path, references: References, limit: int | None) -> None:
        self._judge, self._limit, self._references = judge, limit, references
        self.counts, self.removed = Counter[str](), Counter[str]()
        self._redactor = Redactor(MentionFinder(judge.ontology))
        self._patients = _patients(folder)
        self._complaints = _complaints(folder, set(references.admissions))

    def records(self, notes: Path, chosen: Mapping[str, tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """A record for every note that stays, in the file's order."""
        for note_id, charted, text in rows(notes, ("note_id", "charttime", "text")):
            if note_id not in chosen:
                continue
            if self._limit is not None and self.counts["kept"] >= self._limit:
                self.counts["beyond"] += 1
                continue
            record, why = self._record(note_id, charted, text, *chosen[note_id])
            if record is None:
                self.counts[why] += 1
                continue
            self.counts["kept"] += 1
            yield record

    def _record(self, note_id: str, charted: str, text: str, subject: str, hadm: str) -> tuple[dict[str, Any] | None, str]:
        codes = self._references.admissions[hadm][1]
        answers = (codes[0].orpha,)
        if not self._judge.gold(answers):
            return None, "unknown"
        body, sections = without_diagnoses(text)
        body, mentions = self._redactor.redacted(body, answers)
        if self._redactor.named(body, answers):
            return None, "named"
        if len(body.split()) < FEWEST_WORDS:
            return None, "short"
        self.removed.update({f"section: {kind}": count for kind, count in Counter(sections).items()})
        self.removed.update({f"mention: {kind}": count for kind, count in mentions.items()})
        sex, age = self._person(subject, charted)
        return {
            "case_id": f"mimic-{pseudonym(subject, hadm)}",
            "text": body,
            "answers": list(answers),
            "group": pseudonym(subject),
            "sex": sex,
            "age": age,
            "codes": [_coded(each) for each in codes if each.orpha == answers[0]],
            "strata": self._strata(codes, sex, age, self._complaints.get(hadm), answers),
            "source": {"note_id": note_id, "subject_id": subject, "hadm_id": hadm},
        }, ""

    def _person(self, subject: str, charted: str) -> tuple[str | None, int | None]:
        """Sex and age in years at the time of the note; None where the patients table doesn't tell."""
        sex, age, anchor = self._patients.get(subject, ("", "", ""))
        years = int(age) + int(charted[:4]) - int(anchor) if age.isdigit() and anchor.isdigit() and charted[:4].isdigit() else None
        return (sex if sex in ("F", "M") else None), (OVER_89 if years is not None and years > 89 else years)

    def _strata(
        self, codes: tuple[Coded, ...], sex: str | None, age: int | None, complaint: str | None, answers: tuple[str, ...]
    ) -> dict[str, str]:
        others = {each.orpha for each in codes} - set(answers)
        arrival = "elsewhere" if complaint is None else "emergency, named" if self._says(complaint, answers) else "emergency"
        return {
            "sex": sex or "unknown",
            "age": _band(age),
            "position": "principal" if codes[0].position == 1 else "secondary",
            "mapping": str(codes[0].meaning.tie),
            "rare disorders": "several" if others else "one",
            **({"arrival": arrival} if self._complaints else {}),
        }

    def _says(self, complaint: str, answers: tuple[str, ...]) -> bool:
        """True when the complaint at triage names the answer: the disease was known before the admission."""
        return bool(self._redactor.named(complaint, answers))


def _coded(each: Coded) -> dict[str, Any]:
    return {"code": each.code, "version": each.version, "position": each.position, "stated": each.meaning.stated,
            "reading": str(each.meaning.reading), "tie": str(each.meaning.tie)}  # fmt: skip


def _band(age: int | None) -> str:
    if age is None:
        return "unknown"
    return next((name for limit, name in ((18, "under 18"), (40, "18-39"), (65, "40-64")) if age < limit), "65 or more")


def _patients(folder: Path) -> dict[str, tuple[str, str, str]]:
    """subject_id -> gender, anchor_age, anchor_year."""
    return {subject: (sex, age, year) for subject, sex, age, year in rows(needed(folder, "patients"), PATIENTS)}


def _complaints(folder: Path, admissions: set[str]) -> dict[str, str]:
    """hadm_id -> the chief complaint at triage, where the emergency department's tables are there; it goes into no note."""
    stays, triage = found(folder, "edstays"), found(folder, "triage")
    if stays is None or triage is None:
        return {}
    of_stay = {stay: hadm for hadm, stay in rows(stays, STAYS) if hadm in admissions}
    return {of_stay[stay]: complaint for stay, complaint in rows(triage, TRIAGE) if stay in of_stay}
