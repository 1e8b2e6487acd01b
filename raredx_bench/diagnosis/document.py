"""A patient and the diagnosis -> one JSON document, as schemas/diagnosis.schema.json describes it."""

from __future__ import annotations

from typing import Any

from raredx_bench.diagnosis.patient import Patient
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.phenotype import Diagnosis, Evidence
from raredx_bench.validation import validate

SCHEMA = "raredx-diagnosis-2"
TOO_GENERAL = ("HP:0000001", ROOT)  # "All" and "Phenotypic abnormality": an annotation there says nothing
WARNING = "For research only, not for clinical use."


def document_of(patient: Patient, diagnosis: Diagnosis, hpo: Hpo) -> dict[str, Any]:
    """The document; labels stand beside every HPO id. Weights are log likelihood ratios in nats, shares 0 to 1."""
    document = {
        "schema": SCHEMA, "warning": WARNING, "hpo": hpo.release,
        "patient": {
            "source": patient.source, "sex": patient.sex or None, "onset": _term(hpo, patient.onset),
            "observed": [_term(hpo, each) for each in patient.observed],
            "excluded": [_term(hpo, each) for each in patient.excluded],
            "text": patient.text or None,
            "mentions": [{"start": each.start, "end": each.end, "polarity": each.polarity, "cue": each.cue,
                          **(_term(hpo, each.term) or {})}
                         for each in patient.mentions],
        },
        "candidates": [
            {"rank": rank, "id": each.disease, "ids": list(each.ids), "name": each.name, "score": round(each.score, 4),
             "probability": round(each.probability, 4), "words": list(each.words),
             "evidence": [_evidence(hpo, said) for said in each.evidence]}
            for rank, each in enumerate(diagnosis.candidates, 1)
        ],
        "none_of_these": round(diagnosis.none_of_these, 4),
        "notes": [*patient.notes, *diagnosis.notes],
    }  # fmt: skip
    validate(document, "diagnosis")
    return document


def _evidence(hpo: Hpo, said: Evidence) -> dict[str, Any]:
    general = said.annotated in TOO_GENERAL
    frequency = None if said.frequency is None or general else round(said.frequency, 4)
    return {"kind": said.kind, "finding": _term(hpo, said.finding), "annotated": _term(hpo, "" if general else said.annotated),
            "frequency": frequency, "weight": round(said.weight, 4)}  # fmt: skip


def _term(hpo: Hpo, identifier: str) -> dict[str, str] | None:
    return {"id": identifier, "label": hpo.name(identifier) or identifier} if identifier else None
