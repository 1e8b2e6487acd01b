"""A folder of MIMIC-IV's tables -> the benchmark's file, a manifest and a notice, all readable by their owner alone.

Rules (RULES names their version)
1. A patient belongs when an admission has a code that means one rare disorder (icd.py, reference.py) and a discharge summary
   (type DS).
2. One case a patient: of those admissions the one whose summary was charted first, with its own reference. Of several summaries
   of one admission, the longest; of equally long ones, the one with the highest note_seq. Addenda are not read.
3. The sections that state diagnoses and the chief complaint go (sections.py); every mention of the answer in the rest becomes "___"
   (redaction.py). A note that still names its answer, or is shorter than FEWEST_WORDS, drops the patient: no later admission
   stands in.
4. Age is anchor_age plus the years from anchor_year to the summary's; over 89 it is 91, as in MIMIC.
Two passes over the notes, the first for their dates and lengths alone: one note is held at a time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.compiled import file_digest
from raredx_bench.domain import DataMissing, UsageError
from raredx_bench.icd import CODE_RULES, CodeTable, Tie, read_codes, read_equivalents, read_given
from raredx_bench.judging import Judge, judge_for
from raredx_bench.mimic.making import FEWEST_WORDS, Maker
from raredx_bench.mimic.records import FOLDER, NAME, Spool, built, private_folder, written
from raredx_bench.mimic.reference import Reader, References, read_references, read_titles
from raredx_bench.mimic.tables import NOTES, found, needed, rows
from raredx_bench.sources.manifest import demand

RULES = "mimic-1"
SOURCE = sources.SOURCES["mimic_iv"]
NOTICE = """MIMIC-IV-Rare, built from MIMIC-IV and MIMIC-IV-Note under the PhysioNet Credentialed Health Data Use Agreement 1.5.0.

The notes in this folder are restricted data. The agreement binds whoever built them: share them with nobody, keep them secure,
try to identify no one, use them for lawful research only. Sending them to another party's service, model endpoints included, is
sharing. Of results on them only case ids, the ids that names were linked to, and ranks may leave this machine: no text, and no
predicted name. For research on models only. Not for clinical use.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to build from. given, equivalents: tables of codes (icd.py); narrower: NTBT codes too; limit: patients, None: all."""

    folder: Path
    given: Path | None = None
    equivalents: Path | None = None
    narrower: bool = False
    limit: int | None = None


@dataclass(slots=True)
class Flow:
    """What became of notes, admissions and patients; every count of patients adds up to the patients with a code."""

    counts: dict[str, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, int]]:
        """Label and count, in the order of the steps."""
        yield from self.counts.items()


@dataclass(slots=True)
class _Note:
    """The summary that was chosen for an admission."""

    note_id: str
    charted: str
    length: int
    sequence: int


def build(root: Path, choice: Choice, progress: Callable[[str], None] = lambda step: None) -> Flow:
    """Builds the benchmark under a data directory and returns the flow.

    Raises UsageError before MIMIC-IV's terms were accepted there, DataMissing for a missing table or mapping, BadInput for a
    damaged one.
    """
    demand(SOURCE, root, f"raredx-bench mimic build --accept {SOURCE.licence}")
    table, mapping = _codes(root, choice)
    judge = judge_for(root)
    titles = found(choice.folder, "d_icd_diagnoses")
    if not table.marked and not table.given and titles is None:
        raise DataMissing(
            f"{mapping.name} doesn't say which ICD-10 codes are exact: put Orphadata's en_product1.xml "
            f"into {root / 'ontology'}, or "
            f"MIMIC-IV's d_icd_diagnoses.csv.gz, whose titles can confirm them, into {choice.folder}"
        )
    flow = Flow()
    progress("reading the coded diagnoses")
    reader = Reader(table, judge, read_titles(titles) if titles and not table.marked else {})
    references = read_references(needed(choice.folder, "diagnoses_icd"), reader)
    flow.codes = dict(sorted(references.codes.items()))
    progress("reading the dates of the notes")
    notes = needed(choice.folder, "discharge")
    chosen = _chosen(notes, references, flow)
    private_folder(built(root).parent)
    spool = Spool(built(root).parent)
    try:
        progress("writing the cases")
        maker = Maker(judge, choice.folder, references, choice.limit)
        for record in maker.records(notes, chosen):
            spool.add(record)
        flow.counts |= _kept(maker.counts)
        flow.removed = dict(sorted(maker.removed.items()))
        _write(root, choice, spool, _manifest(root, choice, judge, table, mapping, flow))
    finally:
        spool.close()
    return flow


def _codes(root: Path, choice: Choice) -> tuple[CodeTable, Path]:
    """The mapping in force, with the user's own tables, and the file it comes from: product 1 in English, else ORDO."""
    english = [path for path in sources.find_all("product1", root) if path.name.startswith("en_")]
    path = next(iter(english), None) or sources.find("ordo", root)
    if path is None:
        raise DataMissing(f"no mapping from ICD-10 to Orphanet: put Orphadata's en_product1.xml into {root / 'ontology'}")
    table = read_codes(path, narrower=choice.narrower)
    given = read_given(choice.given) if choice.given else {}
    given = {key: meant for key, meant in given.items() if choice.narrower or meant[1] is Tie.EXACT}
    equivalent = read_equivalents(choice.equivalents) if choice.equivalents else {}
    return CodeTable(table.release, table.marked, table.single, table.known, given, equivalent), path


def _chosen(path: Path, references: References, flow: Flow) -> dict[str, tuple[str, str]]:
    """note_id -> (subject_id, hadm_id) of each patient's summary."""
    by_admission: dict[str, _Note] = {}
    first: dict[str, str] = {}  # hadm_id -> when its earliest summary was charted
    counts = Counter[str]()
    for note_id, _, hadm, kind, sequence, charted, text in rows(path, (*NOTES[:6], "text")):
        counts["notes"] += 1
        if kind != "DS":
            counts["addenda"] += 1
        elif hadm in references.admissions:
            counts["coded"] += 1
            note = _Note(note_id, charted, len(text), int(sequence))
            first[hadm] = min(charted, first.get(hadm, charted))
            best = by_admission.get(hadm)
            if best is None or (note.length, note.sequence) > (best.length, best.sequence):
                by_admission[hadm] = note
    of_patient: dict[str, str] = {}
    for hadm in by_admission:
        subject = references.admissions[hadm][0]
        known = of_patient.get(subject)
        if known is None or (first[hadm], hadm) < (first[known], known):
            of_patient[subject] = hadm
    patients = {subject for subject, _ in references.admissions.values()}
    flow.counts |= {
        "notes read": counts["notes"],
        "of them addenda, not read": counts["addenda"],
        "summaries of admissions without a code that means one rare disorder": counts["notes"]
        - counts["addenda"]
        - counts["coded"],
        "summaries of admissions with one": counts["coded"],
        "coded admissions": references.read_admissions,
        "of them with ambiguous codes alone": references.ambiguous_only,
        "of them with a code that means one rare disorder": len(references.admissions),
        "patients with such an admission": len(patients),
        "− without a discharge summary of it": len(patients) - len(of_patient),
    }
    return {by_admission[hadm].note_id: (subject, hadm) for subject, hadm in of_patient.items()}


def _kept(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        "− whose reference the terminology doesn't know": counts["unknown"],
        "− whose note still names it": counts["named"],
        f"− whose note has under {FEWEST_WORDS} words left": counts["short"],
        "− beyond the limit asked for": counts["beyond"],
        "patients kept": counts["kept"],
    }


def _manifest(root: Path, choice: Choice, judge: Judge, table: CodeTable, mapping: Path, flow: Flow) -> dict[str, Any]:
    tables = ("discharge", "diagnoses_icd", "patients", "edstays", "triage", "d_icd_diagnoses")
    paths = [path for path in (*(found(choice.folder, name) for name in tables), mapping, choice.given, choice.equivalents) if path]
    return {
        "benchmark": NAME,
        "private": True,
        "licence": SOURCE.licence,
        "rules": [RULES, CODE_RULES],
        "options": {"narrower": choice.narrower, "limit": choice.limit},
        "mapping": {
            "release": table.release,
            "marked": table.marked,
            "codes": len(table.known),
            "of one disorder": len(table.single),
        },
        "terminology": {"release": judge.ontology.release, "digest": judge.ontology.digest},
        "judge": judge.version,
        "inputs": {path.name: file_digest(path) for path in paths},
        "flow": flow.counts,
        "codes": dict(flow.codes),
        "removed": dict(flow.removed),
    }


def _write(root: Path, choice: Choice, spool: Spool, manifest: dict[str, Any]) -> None:
    if not len(spool):
        raise UsageError(f"no patient of {choice.folder} is left: {json.dumps(manifest['flow'], ensure_ascii=False)}")
    with written(built(root)) as file:
        file.writelines(spool.lines())
    manifest["digest"] = file_digest(built(root))
    for name, text in (("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"), ("NOTICE", NOTICE)):
        with written(root / FOLDER / name) as file:
            file.write(text.encode())
