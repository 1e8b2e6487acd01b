"""A text, a GA4GH phenopacket, or terms -> what is known of a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks.phenopackets import onset_and_sex, parsed
from raredx_bench.diagnosis.terms import Vocabulary
from raredx_bench.domain import BadInput, UsageError
from raredx_bench.recognition import Mention, Recognised, Recogniser

SEXES = ("female", "male")
MANY = 50  # findings from which a note says that the ranking was fitted on fewer


@dataclass(frozen=True)
class Patient:
    """observed, excluded: HPO ids in force, in the order they were given, without repeats. onset: HPO id or ""; sex: "female",
    "male" or "". text: what was read, with its mentions; source: where it came from, in words; notes: sentences."""

    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    onset: str = ""
    sex: str = ""
    text: str = ""
    mentions: tuple[Mention, ...] = ()
    source: str = "terms"
    notes: tuple[str, ...] = field(default=())


def from_terms(vocabulary: Vocabulary, observed: Iterable[str], excluded: Iterable[str], onset: str = "", sex: str = "") -> Patient:
    """The patient that ids, labels or synonyms describe. Raises UsageError for one that is none."""
    if sex and sex not in SEXES:
        raise UsageError(f"sex is {sex!r}: give {' or '.join(SEXES)}, or leave it out")
    seen, absent = [vocabulary.finding(each) for each in observed], [vocabulary.finding(each) for each in excluded]
    notes = tuple(note for _, note in (*seen, *absent) if note)
    found = Patient((), (), vocabulary.onset(onset) if onset else "", sex, notes=notes)
    return with_findings(found, [each for each, _ in seen], [each for each, _ in absent])


def with_findings(patient: Patient, observed: Sequence[str], excluded: Sequence[str]) -> Patient:
    """The patient with these as well; what is both observed and excluded counts as observed, and a note says so."""
    seen = tuple(dict.fromkeys((*patient.observed, *observed)))
    absent = tuple(dict.fromkeys((*patient.excluded, *excluded)))
    both = [each for each in absent if each in seen]
    notes = patient.notes + tuple(f"{each} is stated as observed and as absent: taken as observed" for each in both)
    return replace(patient, observed=seen, excluded=tuple(each for each in absent if each not in both), notes=notes)


def merged(read: Patient, given: Patient) -> Patient:
    """What was read of a patient, with what was given besides; a given onset or sex counts more."""
    both = replace(read, onset=given.onset or read.onset, sex=given.sex or read.sex, notes=read.notes + given.notes)
    return with_findings(both, given.observed, given.excluded)


def from_file(vocabulary: Vocabulary, path: Path | None, text: str, read: Callable[[str], Recognised] | None = None) -> Patient:
    """The patient of a phenopacket (a text that begins with a brace) or of a free text.

    path: where it stood, None: standard input; read: reads a free text's findings, the recogniser by default.

    Raises BadInput for an empty one, for JSON that is no phenopacket, and for one in which no finding is recognised.
    """
    where = str(path) if path else "standard input"
    if not text.strip():
        raise BadInput(f"{where} is empty: give a description of the patient, or a GA4GH phenopacket (JSON)")
    if text.lstrip().startswith("{") or (path is not None and path.suffix.lower() == ".json"):
        return _from_packet(vocabulary, where, parsed(text, where))
    return _from_text(where, text, read or Recogniser(vocabulary.hpo).read)


def checked(patient: Patient) -> Patient:
    """The patient, when there is something to rank by. Raises UsageError when nothing was observed."""
    if not patient.observed:
        what = "only absent findings are given" if patient.excluded else "no finding is given"
        raise UsageError(f"{what} ({patient.source}), so nothing can be ranked: add what was seen, such as --hpo Seizure")
    if len(patient.observed) > MANY:
        note = f"{len(patient.observed)} findings: the ranking was fitted on fewer, so its probabilities are less sure here"
        return replace(patient, notes=(*patient.notes, note))
    return patient


def _from_text(where: str, text: str, reader: Callable[[str], Recognised]) -> Patient:
    read = reader(text)
    if not read.observed and not read.excluded:
        raise BadInput(f"no finding of the patient is recognised in {where}{_besides(read.mentions)}: write findings in English as "
                       "HPO names them, or give --hpo")  # fmt: skip
    return Patient(read.observed, read.excluded, text=text, mentions=read.mentions, source=where)


def _besides(mentions: Sequence[Mention]) -> str:
    """What was read, but not of the patient: " (3 of relatives or supposed)"."""
    return f" ({len(mentions)} of relatives or only supposed)" if mentions else ""


def _from_packet(vocabulary: Vocabulary, where: str, packet: Mapping[str, Any]) -> Patient:
    notes: list[str] = []
    if isinstance(packet.get("members"), list):
        raise BadInput(f"{where} is a cohort of {len(packet['members'])} patients: give the phenopacket of one")
    if isinstance(packet.get("proband"), dict):
        notes.append("a family: its proband is ranked, relatives are not read")
        packet = packet["proband"]
    features = packet.get("phenotypicFeatures")
    if not isinstance(features, list):
        raise BadInput(f"{where} has no phenotypicFeatures: give a GA4GH phenopacket (version 2), or a text under another name")
    seen: list[str] = []
    absent: list[str] = []
    for number, feature in enumerate(features, 1):
        kind = feature.get("type") if isinstance(feature, dict) else None
        identifier = str(kind.get("id") or "") if isinstance(kind, dict) else ""
        try:
            known, note = vocabulary.finding(identifier)
        except (UsageError, BadInput) as error:  # one that is newer than this release must not hide the others
            notes.append(f"phenotypicFeatures[{number}] is passed over: {error}")
            continue
        notes += [note] if note else []
        (absent if feature.get("excluded") else seen).append(known)
    onset, sex = onset_and_sex(packet, vocabulary.hpo)
    found = Patient((), (), onset, sex, source=where, notes=tuple(notes))
    return with_findings(found, seen, absent)
