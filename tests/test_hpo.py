"""HPO: terms through every id they ever had, annotations with their frequencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from raredx_bench.domain import BadInput
from raredx_bench.hpo import ROOT, Hpo, load_hpo, packaged

OBO = """format-version: 1.2
data-version: hp/releases/2030-01-01

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001

[Term]
id: HP:0000010
name: Big thing
synonym: "Large thing" EXACT []
alt_id: HP:0000019
is_a: HP:0000118

[Term]
id: HP:0000011
name: Very big thing
is_a: HP:0000010

[Term]
id: HP:0000012
name: obsolete Huge thing
is_obsolete: true
replaced_by: HP:0000011

[Term]
id: HP:0000013
name: obsolete Odd thing
is_obsolete: true
"""
HEADER = (
    "#version: 2030-02-02\n"
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration\n"
)


def annotation(disease: str, term: str, frequency: str = "", qualifier: str = "", aspect: str = "P") -> str:
    return f"{disease}\tD {disease}\t{qualifier}\t{term}\tPMID:1\tPCS\t\t{frequency}\t\t\t{aspect}\tHPO:x\n"


def folder(path: Path, rows: str, obo: str = OBO) -> Path:
    (path / "ontology").mkdir()
    (path / "ontology/hp.obo").write_text(obo)
    (path / "ontology/phenotype.hpoa").write_text(HEADER + rows)
    return path


@pytest.mark.parametrize(
    ("identifier", "current", "label"),
    [
        ("HP:0000010", "HP:0000010", "Big thing"),
        ("HP:0000019", "HP:0000010", "Big thing"),  # merged
        ("HP:0000012", "HP:0000011", "Very big thing"),  # replaced
        ("HP:0000013", None, "Odd thing"),  # obsolete without a replacement keeps its last label
        ("HP:7777777", None, None),
    ],
)
def test_a_term_is_found_by_any_id_it_had(tmp_path: Path, identifier: str, current: str | None, label: str | None) -> None:
    hpo = load_hpo(folder(tmp_path, annotation("OMIM:1", "HP:0000010")))
    assert hpo.current(identifier) == current
    assert hpo.name(identifier) == label


@pytest.mark.parametrize(
    ("rows", "share", "patients", "negated"),
    [
        (["3/4"], 0.75, 4, False),
        (["1/4", "3/4"], 0.5, 8, False),  # pooled over patients
        (["HP:0040281"], 0.895, 0, False),
        (["50%"], 0.5, 0, False),
        (["HP:0040281", "1/2"], 0.5, 2, False),  # counted patients outweigh a stated class
        ([""], None, 0, False),
        (["0/7"], 0.0, 7, True),
        (["HP:0040285"], 0.0, 0, True),
    ],
)
def test_frequencies_are_pooled_over_references(
    tmp_path: Path, rows: list[str], share: float | None, patients: int, negated: bool
) -> None:
    hpo = load_hpo(folder(tmp_path, "".join(annotation("OMIM:1", "HP:0000010", each) for each in rows)))
    assert len(hpo.term) == 1
    assert bool(np.isnan(hpo.frequency[0])) if share is None else hpo.frequency[0] == pytest.approx(share)
    assert (hpo.patients[0], hpo.negated[0]) == (patients, negated)


def test_negated_findings_and_other_aspects_are_kept_apart(tmp_path: Path) -> None:
    rows = annotation("OMIM:1", "HP:0000010", qualifier="NOT") + annotation("OMIM:1", "HP:0000011") + annotation(
        "OMIM:1", "HP:0000001", aspect="I")  # fmt: skip
    hpo = load_hpo(folder(tmp_path, rows))
    assert dict(zip([hpo.ids[each] for each in hpo.term], hpo.negated.tolist(), strict=True)) == {
        "HP:0000010": True, "HP:0000011": False}  # fmt: skip


def test_ancestors_start_with_the_term_itself(tmp_path: Path) -> None:
    hpo = load_hpo(folder(tmp_path, annotation("OMIM:1", "HP:0000011")))
    found = [hpo.ids[each] for each in hpo.ancestors(hpo.position["HP:0000011"])]
    assert found == ["HP:0000011", "HP:0000010", ROOT, "HP:0000001"]


@pytest.mark.parametrize("obo", ["", "garbage", OBO.replace(ROOT, "HP:9999999"), OBO[:120]])
def test_a_cut_hp_obo_is_refused_by_name(tmp_path: Path, obo: str) -> None:
    with pytest.raises(BadInput, match=r"hp\.obo"):
        load_hpo(folder(tmp_path, annotation("OMIM:1", "HP:0000010"), obo))


def test_annotations_without_their_columns_are_refused(tmp_path: Path) -> None:
    root = folder(tmp_path, "")
    (root / "ontology/phenotype.hpoa").write_text("a\tb\n1\t2\n")
    with pytest.raises(BadInput, match="lacks the columns"):
        load_hpo(root)


def test_an_unreadable_frequency_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"row 3.*often"):
        load_hpo(folder(tmp_path, annotation("OMIM:1", "HP:0000010") + annotation("OMIM:1", "HP:0000011", "often")))


def test_the_packaged_release_is_the_stated_one(hpo: Hpo) -> None:
    assert packaged("hp.obo").is_file()
    assert hpo.release == "2025-01-16"
    assert len(hpo.ids) == 19_034
