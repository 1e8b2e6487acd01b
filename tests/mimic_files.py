"""Made-up files in the exact format of MIMIC-IV, MIMIC-IV-Note and MIMIC-IV-ED, and of Orphadata's product 1.

Nothing in them is real; the same seed gives the same files. Notes have the layout of discharge summaries, de-identification
marks, quotes, and their answer planted in many spellings, in the sections that state diagnoses and outside them.
The generator keeps the truth of what a build must find.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMON = ("I10", "E119", "N179", "J189", "I2510", "K219", "E785")
COMMON_9 = ("4019", "25000", "5849", "486")
FILLER = (
    "Pt is a ___ year old with intermittent fevers, night sweats and a 10 lb weight loss over ___ months.",
    'He describes the pain as "sharp, like a knife", worse with inspiration, and denies cough or hemoptysis.',
    "Vitals on arrival: T 98.6, HR 88, BP 132/76, RR 16, SpO2 97% on RA.",
    "___ 06:30AM BLOOD WBC-7.9 RBC-4.12* Hgb-11.8* Hct-36.2* MCV-88 Plt ___",
    "CT chest: no pulmonary embolus; a 6 mm nodule in the right lower lobe, follow up in ___ months.",
    "Was seen by Dr. ___ in clinic on ___, who started prednisone 20 mg daily and arranged an MRI.",
    "EXT: Warm, well perfused, 2+ pulses, no clubbing, cyanosis or edema.",
    "# HTN: continued home amlodipine, lisinopril held in the setting of ___.",
    "On the day of discharge the patient was tolerating a regular diet, ambulating and voiding without difficulty.",
)
SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda name: name,
    lambda name: name.upper(),
    lambda name: name.lower(),
    lambda name: name.title(),
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace(" ", "\n", 1),
    lambda name: name.replace("-", " "),
    lambda name: name.replace(" ", "-", 1),
    lambda name: f'"{name}"',
    lambda name: f"({name})",
    lambda name: f"{name}'s",
    lambda name: f"{name},",
)  # fmt: skip
SENTENCES = ("Known {}, followed at ___.",
             "Her history is notable for {}.", "# {}: continued home regimen.", "Findings consistent with {}.",
             "Family history of {} in mother.", "You were admitted for {}.", "?{} per neurology; w/u as outpatient.")  # fmt: skip


@dataclass(frozen=True)
class Sickness:
    """A disorder with the names it is planted by and the codes that mean it."""

    orpha: str
    names: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass
class Truth:
    """What a build over the files must find. kept: subject_id -> (hadm_id, note_id, disorder, names planted)."""

    notes: int = 0
    addenda: int = 0
    patients: int = 0
    without_summary: int = 0
    short: int = 0
    kept: dict[str, tuple[str, str, str, int]] = field(default_factory=dict)


class Files:
    """Writes the tables of made-up patients into a folder."""

    def __init__(self, folder: Path, seed: int, *, ending: str = "\n", sentences: int = 60) -> None:
        self._rng = random.Random(seed)
        self._ending, self._sentences = ending, sentences
        self.truth = Truth()
        folder.mkdir(parents=True, exist_ok=True)
        self._open: list[Any] = []
        self._notes = self._table(folder, "discharge", "note_id subject_id hadm_id note_type note_seq charttime storetime text")
        self._coded = self._table(folder, "diagnoses_icd", "subject_id hadm_id seq_num icd_code icd_version")
        self._patients = self._table(folder, "patients", "subject_id gender anchor_age anchor_year anchor_year_group dod")
        self._stays = self._table(
            folder, "edstays", "subject_id hadm_id stay_id intime outtime gender race arrival_transport disposition"
        )
        self._triage = self._table(folder, "triage", "subject_id stay_id temperature pain acuity chiefcomplaint")

    def _table(self, folder: Path, name: str, columns: str) -> Any:
        handle = gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="", compresslevel=1)  # noqa: SIM115
        self._open.append(handle)
        table = csv.writer(handle, lineterminator=self._ending)
        table.writerow(columns.split())
        return table

    def close(self) -> Truth:
        """Ends the files and returns the truth."""
        for handle in self._open:
            handle.close()
        return self.truth

    def patient(self, number: int, sickness: Sickness | None, other_codes: Sequence[tuple[str, int]] = ()) -> None:
        """One patient with one to three admissions, the sickness coded in some of them, and their notes."""
        rng, subject = self._rng, str(10_000_000 + number)
        anchor = rng.randint(2110, 2190)
        self._patients.writerow([subject, rng.choice("FM"), rng.choice([0, 25, 52, 71, 88, 91]), anchor, "2014 - 2016", ""])
        admissions = rng.randint(1, 3)
        coded = set(rng.sample(range(admissions), rng.randint(1, admissions))) if sickness else set()
        self.truth.patients += sickness is not None
        candidates = []
        for visit in range(admissions):
            hadm = str(20_000_000 + number * 10 + visit)
            codes = [*((rng.choice(COMMON), 10) for _ in range(3)), (rng.choice(COMMON_9), 9), *other_codes]
            if sickness and visit in coded:
                codes.insert(rng.randint(0, len(codes)), (rng.choice(sickness.codes), 10))
            for position, (code, version) in enumerate(codes, 1):
                self._coded.writerow([subject, hadm, position, code, version])
            note = self._visit(subject, hadm, anchor + visit, visit, sickness if visit in coded else None)
            if visit in coded and note:
                candidates.append((hadm, *note))
        if sickness and not candidates:
            self.truth.without_summary += 1
        elif sickness and candidates[0][2]:
            self.truth.short += 1
        elif sickness:
            hadm, note_id, _, planted = candidates[0]
            self.truth.kept[subject] = (hadm, note_id, sickness.orpha, planted)

    def _visit(self, subject: str, hadm: str, year: int, visit: int, sickness: Sickness | None) -> tuple[str, bool, int] | None:
        """The notes of an admission; id, shortness and plants of the one a build must choose, None without any."""
        rng = self._rng
        if rng.random() < 0.5:
            stay = str(30_000_000 + int(hadm) % 10_000_000)
            self._stays.writerow([subject, hadm, stay, "", "", "F", "", "", ""])
            complaint = sickness.names[0] if sickness and rng.random() < 0.3 else "Abd pain, Fever"
            self._triage.writerow([subject, stay, 98.6, 3, 2, complaint])
        if rng.random() < 0.1:
            return None
        charted = f"{year}-0{rng.randint(1, 9)}-{rng.randint(10, 28)} 00:00:00"
        short = rng.random() < 0.05
        text, planted = self._note(sickness, 2 if short else self._sentences)
        chosen = f"{subject}-DS-{2 * visit + 2}"
        if not short and rng.random() < 0.2:  # an earlier, shorter draft of the same summary
            draft = self._note(sickness, 1)[0]
            self._write(f"{subject}-DS-{2 * visit + 1}", subject, hadm, "DS", 2 * visit + 1, charted, draft[: len(text) - 1])
        self._write(chosen, subject, hadm, "DS", 2 * visit + 2, charted, text)
        if rng.random() < 0.1:
            self._write(f"{subject}-AD-{visit + 1}", subject, hadm, "AD", visit + 1, charted, "Addendum: " + text * 2)
            self.truth.addenda += 1
        return chosen, short, planted

    def _write(self, note_id: str, subject: str, hadm: str, kind: str, sequence: int, charted: str, text: str) -> None:
        self._notes.writerow([note_id, subject, hadm, kind, sequence, charted, charted, text.replace("\n", self._ending)])
        self.truth.notes += 1

    def _note(self, sickness: Sickness | None, sentences: int) -> tuple[str, int]:
        rng = self._rng
        body = [rng.choice(FILLER) for _ in range(sentences)]
        diagnosis, planted = "Community acquired pneumonia", 0
        if sickness:
            diagnosis = rng.choice(sickness.names)
            for _ in range(rng.randint(1, 5)):
                spelled = rng.choice(SPELLINGS)(rng.choice(sickness.names))
                body.insert(rng.randrange(len(body) + 1), rng.choice(SENTENCES).format(spelled))
                planted += 1
        return note(body, diagnosis, rng), planted


def note(body: list[str], diagnosis: str, rng: random.Random) -> str:
    """A discharge summary whose complaint and diagnosis sections name the diagnosis."""
    third = max(1, len(body) // 3)
    complaint = rng.choice(
        ("Chief Complaint:\n{}", "CHIEF COMPLAINT: {}", "Chief Complaint:\n \n{} flare", "Reason for Admission: {}")
    )
    final = rng.choice((
        "Discharge Diagnosis:\nPrimary:\n{}\n\nSecondary:\nHTN\n", "Discharge Diagnoses: \n1. {}\n2. HTN\n",
        "DISCHARGE DIAGNOSIS:\n====================\nPRIMARY DIAGNOSIS:\n{}\n",
        "Primary Diagnosis:\n- {}\nSecondary Diagnoses:\n- HTN\n",
        "Final Diagnosis: {}\n",
    ))  # fmt: skip
    admission = rng.choice(("Admission Diagnosis: {}\n \n", "ADMITTING DIAGNOSIS:\n{}\n \n", "")).format(diagnosis)
    return (
        " \nName:  ___                     Unit No:   ___\n \nAdmission Date:  ___              Discharge Date:   ___\n \n"
        "Date of Birth:  ___             Sex:   F\n \nService: MEDICINE\n \n"
        "Allergies: \nNo Known Allergies / Adverse Drug Reactions\n \n"
        f"Attending: ___.\n \n{complaint.format(diagnosis)}\n \n{admission}Major Surgical or Invasive Procedure:\nNone\n\n \n"
        "History of Present Illness:\n" + "\n".join(body[:third]) + "\n \nPast Medical History:\nHTN\n \nSocial History:\n___\n"
        "Physical Exam:\n" + "\n".join(body[third : 2 * third]) + "\n \nBrief Hospital Course:\n" + "\n".join(body[2 * third :]) +
        f"\n \nDischarge Disposition:\nHome\n \n{final.format(diagnosis)} \n"
        "Discharge Condition:\nMental Status: Clear and coherent.\n \n"
        "Discharge Instructions:\nDear Ms. ___,\nPlease take your medicines and see Dr. ___.\n \nFollowup Instructions:\n___\n"
    )  # fmt: skip


def write_mimic(folder: Path, sicknesses: Sequence[Sickness], patients: int, seed: int, *, sick: float = 0.3, ending: str = "\n",
                sentences: int = 60, others: Sequence[Sequence[tuple[str, int]]] = ((),)) -> Truth:  # fmt: skip
    """Tables of made-up patients, a share of them sick; others: further codes, a choice of which every patient gets."""
    files, rng = Files(folder, seed, ending=ending, sentences=sentences), random.Random(-seed)
    for number in range(patients):
        files.patient(number, rng.choice(sicknesses) if rng.random() < sick else None, rng.choice(others))
    return files.close()


def product1(rows: Sequence[tuple[str, str, str, str, str]]) -> str:
    """Orphadata's product 1 with a disorder for each row: number, kind of entry, code, relation, ICD relation."""
    disorders = "".join(
        f"""<Disorder id="{index}"><OrphaCode>{number}</OrphaCode><Name lang="en">Disorder {number}</Name>
<DisorderGroup id="1"><Name lang="en">{kind}</Name></DisorderGroup><ExternalReferenceList count="2">
<ExternalReference id="a{index}"><Source>OMIM</Source><Reference>100100</Reference></ExternalReference>
<ExternalReference id="b{index}"><Source>ICD-10</Source><Reference>{code}</Reference>
<DisorderMappingRelation id="2"><Name lang="en">{relation} (as the file explains)</Name></DisorderMappingRelation>
<DisorderMappingICDRelation id="3"><Name lang="en">{icd}</Name></DisorderMappingICDRelation></ExternalReference>
<ExternalReference id="c{index}"><Source>ICD-11</Source><Reference>8A00.0</Reference></ExternalReference>
</ExternalReferenceList></Disorder>
"""
        for index, (number, kind, code, relation, icd) in enumerate(rows)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<JDBOR date="2025-12-09 07:06:32" version="1.3.42 / 4.1.8 [2025-03-03] (orientdb version)" copyright="Orphanet (c) 2025">
<DisorderList count="{len(rows)}">{disorders}</DisorderList></JDBOR>
"""
