"""MIMIC-IV-Rare is built from made-up files in MIMIC's format: no answer is named, everything is counted."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from raredx_bench.cli import app
from raredx_bench.domain import BadInput, Case, DataMissing, UsageError
from raredx_bench.judging import Judge
from raredx_bench.mentions import MentionFinder
from raredx_bench.mimic import NAME, cases
from raredx_bench.mimic.building import Choice, Flow, build
from raredx_bench.mimic.records import built, pseudonym
from raredx_bench.mimic.redaction import Redactor
from raredx_bench.mimic.sections import without_diagnoses
from raredx_bench.naming import plain
from raredx_bench.sources.manifest import accept
from tests.conftest import NOWHERE
from tests.mimic_files import SPELLINGS, Sickness, Truth, product1, write_mimic

LICENCE = "PhysioNet-DUA-1.5.0"
SICK = (
    Sickness("ORPHA:558", ("Marfan syndrome", "Marfan's syndrome"), ("Q8740", "Q87410", "Q8742")),
    Sickness("ORPHA:586", ("Cystic fibrosis",), ("E840", "E8411")),
    Sickness("ORPHA:399", ("Huntington disease", "Huntington's disease"), ("G10",)),
    Sickness("ORPHA:905", ("Wilson disease",), ("E8301",)),
)
MAPPING = product1([
    ("558", "Disorder", "Q87.4", "E", "Specific code"), ("586", "Disorder", "E84", "E", "Specific code"),
    ("399", "Disorder", "G10", "E", "Specific code"), ("905", "Disorder", "E83.01", "E", "Specific code"),
    ("324", "Disorder", "E75.2", "NTBT", "Inclusion term"), ("355", "Disorder", "E75.2", "NTBT", "Inclusion term"),
])  # fmt: skip
OTHERS: tuple[tuple[tuple[str, int], ...], ...] = ((), (("E7521", 10),), (("75982", 9),), (("Z9999", 10), ("V1581", 9)))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a marked mapping, MIMIC's terms accepted, and the embedded terminology."""
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))
    folder = tmp_path / "data"
    (folder / "ontology").mkdir(parents=True)
    (folder / "ontology/en_product1.xml").write_text(MAPPING)
    accept(folder, LICENCE)
    return folder


Build = Callable[..., tuple[Truth, Flow, list[Case]]]


@pytest.fixture
def make(root: Path, tmp_path: Path) -> Build:
    """Writes files by seed, builds from them, reads the cases back."""

    def made(seed: int, patients: int = 40, ending: str = "\n", limit: int | None = None) -> tuple[Truth, Flow, list[Case]]:
        folder = tmp_path / f"mimic-{seed}"
        truth = write_mimic(folder, SICK, patients, seed, ending=ending, others=OTHERS)
        flow = build(root, Choice(folder, limit=limit))
        return truth, flow, list(cases(root, {}))

    return made


@pytest.fixture(scope="module")
def redactor(judge: Judge) -> Redactor:
    """Takes names of the embedded terminology out."""
    return Redactor(MentionFinder(judge.ontology))


def records(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in built(root).read_text(encoding="utf-8").splitlines()]


def said(text: str, names: tuple[str, ...]) -> list[str]:
    """Names whose words stand in the text in a row."""
    return [name for name in names if f" {plain(name)} " in f" {plain(text)} "]


@pytest.mark.parametrize(("seed", "ending"), [(1, "\n"), (2, "\r\n"), (3, "\n")])
def test_the_build_finds_what_the_generator_hid_and_nothing_is_named(make: Build, root: Path, seed: int, ending: str) -> None:
    truth, flow, found = make(seed, ending=ending)
    rows = records(root)
    assert {
        row["source"]["subject_id"]: (row["source"]["hadm_id"], row["source"]["note_id"], row["answers"][0]) for row in rows
    } == {subject: kept[:3] for subject, kept in truth.kept.items()}
    names = {each.orpha: each.names for each in SICK}
    assert [case.id for case in found if said(case.presentation, names[case.answers[0]])] == []
    assert not any("\r" in case.presentation or "Discharge Diagnos" in case.presentation for case in found)
    assert all("History of Present Illness:" in case.presentation for case in found)
    assert flow.counts["notes read"] == truth.notes
    assert flow.counts["of them addenda, not read"] == truth.addenda


@pytest.mark.parametrize("limit", [None, 3])
def test_every_patient_and_every_note_is_accounted_for(make: Build, limit: int | None) -> None:
    truth, flow, found = make(4, limit=limit)
    counts = flow.counts
    patients = [count for label, count in counts.items() if label.startswith("−")]
    assert counts["patients with such an admission"] == truth.patients == sum(patients) + counts["patients kept"]
    assert counts["patients kept"] == len(found) == min(limit or len(truth.kept), len(truth.kept))
    summaries = [count for label, count in counts.items() if label.startswith("summaries")]
    assert counts["notes read"] == sum(summaries) + counts["of them addenda, not read"]
    assert counts["− without a discharge summary of it"] == truth.without_summary
    assert limit or counts["− whose note has under 150 words left"] == truth.short
    assert flow.codes["ambiguous"] == 1
    assert flow.codes["ICD-9 without a mapping"] == 6


def test_nobody_else_can_read_what_was_built(make: Build, root: Path) -> None:
    before = os.umask(0)
    try:
        make(5, 20)
    finally:
        os.umask(before)
    folder = built(root).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "mimic_iv_rare.jsonl": 0o600, "manifest.json": 0o600, "NOTICE": 0o600,
    }  # fmt: skip
    assert "Not for clinical use" in (folder / "NOTICE").read_text()


def test_the_same_files_give_the_same_cases_whatever_is_asked_again(make: Build, root: Path, tmp_path: Path) -> None:
    make(6, 30)
    first = built(root).read_bytes(), json.loads((root / "mimic/manifest.json").read_text())
    build(root, Choice(tmp_path / "mimic-6"))
    assert (built(root).read_bytes(), json.loads((root / "mimic/manifest.json").read_text())) == first
    assert first[1]["private"] is True
    assert set(first[1]["inputs"]) >= {"discharge.csv.gz", "diagnoses_icd.csv.gz", "patients.csv.gz", "en_product1.xml"}


def test_cases_carry_pseudonyms_and_strata_but_no_id_of_mimic(make: Build, root: Path) -> None:
    _, _, found = make(7)
    row = records(root)[0]
    source = row["source"]
    assert row["case_id"] == f"mimic-{pseudonym(source['subject_id'], source['hadm_id'])}"
    ids = [str(value) for each in records(root) for value in each["source"].values()]
    shown = json.dumps([[case.id, case.group, case.presentation, dict(case.strata)] for case in found])
    assert not [each for each in ids if each in shown]
    assert [case.id for case in found] == sorted(case.id for case in found)
    assert {case.benchmark for case in found} == {NAME}
    assert {case.strata["arrival"] for case in found} <= {"emergency", "emergency, named", "elsewhere"}
    assert {case.strata["position"] for case in found} == {"principal", "secondary"}
    assert {row["sex"] for row in records(root)} == {"F", "M"}
    assert all(row["age"] == 91 or 0 <= row["age"] <= 89 for row in records(root))


def test_without_marks_a_codes_title_must_name_the_disorder(tmp_path: Path, root: Path) -> None:
    (root / "ontology/en_product1.xml").unlink()
    iri = "http://www.orpha.net/ORDO/Orphanet_{}"
    nodes = [
        {"id": iri.format(number), "type": "CLASS", "lbl": label,
         "meta": {"subsets": ["http://www.orpha.net/ontology/orphanet.owl#ordo_disease"], "xrefs": [{"val": f"ICD10:{code}"}]}}
        for number, label, code in (("558", "Marfan syndrome", "Q87.4"), ("586", "Cystic fibrosis", "E84.0"))
    ]  # fmt: skip
    graph = {"graphs": [{"id": "http://www.orpha.net/ontology/orphanet.owl", "meta": {}, "nodes": nodes, "edges": []}]}
    (root / "ontology/ordo.json").write_text(json.dumps(graph))
    sick = (Sickness("ORPHA:558", ("Marfan syndrome",), ("Q8740",)), Sickness("ORPHA:586", ("Cystic fibrosis",), ("E840",)))
    folder = tmp_path / "mimic"
    write_mimic(folder, sick, 30, 8)
    with pytest.raises(DataMissing, match="doesn't say which ICD-10 codes are exact"):
        build(root, Choice(folder))
    with gzip.open(folder / "d_icd_diagnoses.csv.gz", "wt", newline="") as handle:
        csv.writer(handle).writerows([("icd_code", "icd_version", "long_title"), ("Q8740", 10, "Marfan's syndrome, unspecified"),
                                      ("E840", 10, "Other disorders of the lung")])  # fmt: skip
    flow = build(root, Choice(folder))
    assert {case.answers for case in cases(root, {})} == {("ORPHA:558",)}
    assert flow.codes["unmarked, title names another"] == 1


def test_terms_must_be_accepted_first(root: Path, tmp_path: Path) -> None:
    (root / "licences.json").unlink()
    with pytest.raises(UsageError, match=f"--accept {LICENCE}"):
        build(root, Choice(tmp_path))


@pytest.mark.parametrize("table", ["discharge", "diagnoses_icd", "patients"])
def test_a_missing_or_cut_table_is_told_by_name(make: Build, root: Path, tmp_path: Path, table: str) -> None:
    make(9, 10)
    path = tmp_path / f"mimic-9/{table}.csv.gz"
    before = built(root).read_bytes()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match=f"{table}.csv.gz.*cut short"):
        build(root, Choice(tmp_path / "mimic-9"))
    path.unlink()
    with pytest.raises(DataMissing, match=f"{table}.csv.gz is not in"):
        build(root, Choice(tmp_path / "mimic-9"))
    assert built(root).read_bytes() == before
    assert not list(built(root).parent.glob(".writing*"))


def test_cases_are_asked_for_before_they_were_built(root: Path) -> None:
    with pytest.raises(DataMissing, match="mimic build --mimic DIR"):
        list(cases(root, {}))


def test_the_command_accepts_builds_and_prints_the_flow(root: Path, tmp_path: Path) -> None:
    write_mimic(tmp_path / "m", SICK, 30, 10)
    (root / "licences.json").unlink()
    arguments = ["mimic", "build", "--mimic", str(tmp_path / "m"), "--data-dir", str(root), "--limit", "4"]
    assert isinstance(CliRunner().invoke(app, arguments).exception, UsageError)
    printed = CliRunner().invoke(app, [*arguments, "--accept", LICENCE])
    assert printed.exit_code == 0, printed.exception
    assert "patients kept" in printed.output
    assert "Not for clinical use" in printed.output
    assert len(list(cases(root, {}))) == 4


KEPT = "History of Present Illness:\nFever.\n"


@pytest.mark.parametrize(
    ("note", "kept", "removed"),
    [
        (f"Chief Complaint:\nGone\n \n{KEPT}", KEPT, 1),
        (f"CC: gone\n{KEPT}", KEPT, 1),
        (f"Chief complaint: gone\r\nstill gone\r\nMajor Surgical or Invasive Procedure:\r\nBiopsy\r\n{KEPT}",
         f"Major Surgical or Invasive Procedure:\nBiopsy\n{KEPT}", 1),
        (f"Chief Complaint:\nGone\n\nSome Unusual Heading:\nStays\n{KEPT}", f"Some Unusual Heading:\nStays\n{KEPT}", 1),
        (f"{KEPT}Discharge Diagnosis:\nPrimary:\nGone\n\nSecondary:\nGone\n \nDischarge Condition:\nStable",
         f"{KEPT}Discharge Condition:\nStable", 1),
        (f"{KEPT}DISCHARGE DIAGNOSES:\n=====\nPRIMARY DIAGNOSIS:\nGone\nSECONDARY DIAGNOSES:\nGone\nDISCHARGE CONDITION: Stable",
         f"{KEPT}DISCHARGE CONDITION: Stable", 3),
        (f"Admission Diagnosis: Gone\n{KEPT}Final Diagnosis: Gone", KEPT, 2),
        (f"{KEPT}Discharge Diagnosis/es:\nGone\nDischarge Instructions:\nRest", f"{KEPT}Discharge Instructions:\nRest", 1),
        (f"{KEPT}The diagnosis was unclear at discharge.", f"{KEPT}The diagnosis was unclear at discharge.", 0),
        (f"{KEPT}Differential diagnosis includes sepsis: treated.", f"{KEPT}Differential diagnosis includes sepsis: treated.", 0),
        (KEPT, KEPT, 0),
        ("", "", 0),
    ],
)  # fmt: skip
def test_sections_that_state_the_diagnosis_go_and_no_others(note: str, kept: str, removed: int) -> None:
    text, kinds = without_diagnoses(note)
    assert (text, len(kinds)) == (kept.strip(), removed)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6), spelling=st.sampled_from(SPELLINGS), again=st.sampled_from(SPELLINGS), between=st.text(max_size=20)
)
def test_no_spelling_of_a_name_survives(redactor: Redactor, seed: int, spelling: Callable[[str], str], again: Callable[[str], str],
                                        between: str) -> None:  # fmt: skip
    ontology = redactor.ontology
    identifier = random.Random(seed).choice([each for each in ontology if each.startswith("ORPHA:")])
    name = ontology.name(identifier)
    text, counts = redactor.redacted(f"Known {spelling(name)} since {between} {again(name)}.", (identifier,))
    assert said(text, (name,) if len(plain(name)) > 4 else ()) == []
    assert sum(counts.values()) >= 1
    assert text.startswith("Known")


def test_short_forms_in_capitals_go_even_where_prose_uses_them_otherwise(small: Judge) -> None:
    text, _ = Redactor(MentionFinder(small.ontology)).redacted(
        "ABS flare, abs exercises, Alder-Birch syndrome.", ("MONDO:0000010",)
    )
    assert text == "___ flare, abs exercises, ___."
