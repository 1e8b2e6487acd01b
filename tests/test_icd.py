"""Which ICD codes mean one Orphanet disorder: marks, shared codes, groups, prefixes, tables of one's own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from raredx_bench.domain import BadInput
from raredx_bench.icd import CodeTable, Reading, Tie, bare_code, read_codes, read_equivalents, read_given
from tests.mimic_files import product1

SPECIFIC = "Specific code (The ORPHA code has its own code in the ICD10)"
INCLUSION = "Inclusion term (The ORPHA code is included under a ICD10 category and has not its own code)"
ATTRIBUTED = "Attributed (The ICD10 code is attributed by Orphanet)"
INDEX = "Index term (The ORPHA code is listed in the ICD10 Index)"
ROWS = (
    ("558", "Disorder", "Q87.4", "E", SPECIFIC),
    ("284963", "Subtype of disorder", "Q87.4", "NTBT", INCLUSION),
    ("399", "Disorder", "G10", "E", INDEX),
    ("324", "Disorder", "E75.2", "NTBT", INCLUSION),
    ("355", "Disorder", "E75.2", "NTBT", INCLUSION),
    ("1", "Disorder", "D20.1", "E", ATTRIBUTED),
    ("2", "Disorder", "D21.1", "E", INCLUSION),
    ("3", "Group of disorders", "D22", "E", SPECIFIC),
    ("4", "Disorder", "D23", "E", SPECIFIC),
    ("5", "Disorder", "D23", "E", SPECIFIC),
    ("6", "Disorder", "D24.1", "NTBT", SPECIFIC),
    ("7", "Disorder", "D25", "BTNT", SPECIFIC),
    ("8", "Disorder", "D26", "ND", SPECIFIC),
    ("9", "Disorder", "M14.8*", "E", SPECIFIC),
    ("10", "Disorder", "E10.5+", "E", SPECIFIC),
    ("11", "Disorder", "Q99,1", "E", SPECIFIC),
    ("12", "Disorder", "Q00-Q99", "E", SPECIFIC),
)


@pytest.fixture
def table(tmp_path: Path) -> CodeTable:
    path = tmp_path / "en_product1.xml"
    path.write_text(product1(ROWS))
    return read_codes(path)


@pytest.mark.parametrize(
    ("code", "reading", "orpha", "stated"),
    [
        ("Q87.4", Reading.WHOLE, "ORPHA:558", "Q874"),  # a subtype that is narrower takes nothing away
        ("Q874", Reading.WHOLE, "ORPHA:558", "Q874"),
        ("q87410", Reading.PREFIX, "ORPHA:558", "Q874"),
        ("G10", Reading.WHOLE, "ORPHA:399", "G10"),
        ("E7521", Reading.AMBIGUOUS, None, "E752"),  # Fabry, but the mapping knows only E75.2, which many share
        ("E7522", Reading.AMBIGUOUS, None, "E752"),
        ("E75", Reading.NOT_RARE, None, ""),
        ("D201", Reading.AMBIGUOUS, None, "D201"),  # attributed by Orphanet
        ("D211", Reading.AMBIGUOUS, None, "D211"),  # an inclusion term
        ("D220", Reading.AMBIGUOUS, None, "D22"),  # a group is no diagnosis
        ("D23", Reading.AMBIGUOUS, None, "D23"),
        ("D241", Reading.AMBIGUOUS, None, "D241"),
        ("D25", Reading.AMBIGUOUS, None, "D25"),
        ("D26", Reading.AMBIGUOUS, None, "D26"),
        ("M148", Reading.NOT_RARE, None, ""),  # a manifestation's code
        ("E105", Reading.WHOLE, "ORPHA:10", "E105"),  # a dagger
        ("Q991", Reading.WHOLE, "ORPHA:11", "Q991"),  # a comma for a dot
        ("I10", Reading.NOT_RARE, None, ""),
        ("", Reading.NOT_RARE, None, ""),
    ],
)
def test_a_code_means_a_disorder_when_one_alone_states_it_as_exact(
    table: CodeTable, code: str, reading: Reading, orpha: str | None, stated: str
) -> None:
    found = table.meaning(code, 10)
    assert (found.reading, found.orpha, found.stated) == (reading, orpha, stated)
    assert found.tie == (Tie.EXACT if orpha else None)


def test_a_longer_prefix_that_is_shared_stops_the_look_up(tmp_path: Path) -> None:
    path = tmp_path / "en_product1.xml"
    rows = (("1", "Disorder", "D80", "E", SPECIFIC), ("2", "Disorder", "D80.1", "E", SPECIFIC), ("3", "Disorder", "D80.1", "E", ""))
    path.write_text(product1(rows))
    table = read_codes(path)
    assert table.meaning("D8011", 10).reading is Reading.AMBIGUOUS
    assert table.meaning("D8021", 10).orpha == "ORPHA:1"


def test_narrower_disorders_count_on_request_alone_and_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "en_product1.xml.gz"
    path.write_bytes(gzip.compress(product1(ROWS).encode()))
    table = read_codes(path, narrower=True)
    assert (table.meaning("D24.1", 10).orpha, table.meaning("D24.1", 10).tie) == ("ORPHA:6", Tie.NARROWER)
    assert table.meaning("E75.2", 10).orpha is None
    assert table.meaning("D20.1", 10).orpha is None


@pytest.mark.parametrize(
    ("text", "bare"),
    [("E75.2", "E752"), ("G10", "G10"), ("E10.5+", "E105"), ("M14.8*", None), ("Q87,4", "Q874"), ("A00-B99", None),
     ("Q87.410", "Q87410"), ("C7A.1", "C7A1"), ("", None), ("759.82", None)],
)  # fmt: skip
def test_codes_lose_dot_and_dagger(text: str, bare: str | None) -> None:
    assert bare_code(text) == bare


def graph(path: Path, entries: dict[str, tuple[str, list[str]]], edges: list[tuple[str, str]]) -> Path:
    """An OBO graph in ORDO's shape: number -> (subset, codes)."""
    iri = "http://www.orpha.net/ORDO/Orphanet_{}"
    nodes = [
        {"id": iri.format(number), "lbl": number,
         "meta": {"subsets": [f"…#{subset}"], "xrefs": [{"val": f"ICD10:{code}"} for code in codes]}}
        for number, (subset, codes) in entries.items()
    ]  # fmt: skip
    pairs = [{"sub": iri.format(lower), "pred": "is_a", "obj": iri.format(upper)} for lower, upper in edges]
    path.write_text(json.dumps({"graphs": [{"nodes": nodes, "edges": pairs, "meta": {}}]}))
    return path


def test_without_marks_one_entry_or_one_with_those_below_it_has_the_code(tmp_path: Path) -> None:
    entries = {
        "1": ("ordo_disease", ["D57.1"]), "2": ("ordo_group_of_disorders", ["D57.1"]),
        "3": ("ordo_clinical_subtype", ["D57.1", "D58"]),
        "4": ("ordo_disease", ["D59"]), "5": ("ordo_disease", ["D59"]), "6": ("ordo_group_of_disorders", ["D60"]),
    }  # fmt: skip
    table = read_codes(graph(tmp_path / "ordo.json", entries, [("3", "7"), ("7", "1"), ("1", "2")]))
    assert not table.marked
    assert {code: table.single.get(code) for code in sorted(table.known)} == {
        "D571": ("ORPHA:1", Tie.UNMARKED), "D58": ("ORPHA:3", Tie.UNMARKED), "D59": None, "D60": None,
    }  # fmt: skip


OWL = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:obo="http://purl.obolibrary.org/obo/">
<owl:Ontology rdf:about="https://www.orphadata.com/data/ontologies/ordo"><owl:versionInfo>4.6</owl:versionInfo></owl:Ontology>
<owl:Class rdf:about="http://www.orpha.net/ORDO/Orphanet_3">
 <rdfs:subClassOf rdf:resource="http://www.orpha.net/ORDO/Orphanet_557492"/></owl:Class>
{axioms}</rdf:RDF>"""
AXIOM = """<owl:Axiom><owl:annotatedSource rdf:resource="http://www.orpha.net/ORDO/Orphanet_{0}"/>
<owl:annotatedProperty rdf:resource="http://www.geneontology.org/formats/oboInOwl#hasDbXref"/>
<owl:annotatedTarget>ICD-10:{1}</owl:annotatedTarget><obo:ECO_0000218>{2}</obo:ECO_0000218></owl:Axiom>"""


def test_marks_of_ordos_owl_are_read_from_its_axioms(tmp_path: Path) -> None:
    exact = f"- E (Exact mapping: the two concepts are equivalent).\n- {SPECIFIC}."
    rows = (("558", "Q87.4", exact),
            ("9", "Q87.4", f"- NTBT (ORPHA code's Narrower Term maps to a Broader Term).\n- {ATTRIBUTED}."),
            ("3", "D22", exact),
            ("4", "D23", f"- E (Exact mapping: the two concepts are equivalent).\n- {INCLUSION}."))  # fmt: skip
    path = tmp_path / "ordo.owl"
    path.write_text(OWL.replace("{axioms}", "".join(AXIOM.format(*row) for row in rows)))
    table = read_codes(path)
    assert (table.release, table.marked, table.single) == ("ORDO 4.6", True, {"Q874": ("ORPHA:558", Tie.EXACT)})


def test_icd_9_goes_through_ones_own_table_or_one_identical_target(table: CodeTable, tmp_path: Path) -> None:
    gem = tmp_path / "2018_I9gem.txt"
    gem.write_text(
        "75982 Q874    00000\n1351  G10     10000\n3334  G10     00000\n"
        "2772  Q874    00111\n2772  G10     00112\n2773  NoDx  11000\n"
    )
    own = tmp_path / "own.tsv"
    own.write_text("icd_version\ticd_code\torpha\trelation\n9\t277.2\tORPHA:355\tE\n10\tE75.21\t324\t\n")
    full = CodeTable(table.release, True, table.single, table.known, read_given(own), read_equivalents(gem))
    expected = {("75982", 9): (Reading.EQUIVALENT, "ORPHA:558"), ("3334", 9): (Reading.EQUIVALENT, "ORPHA:399"),
                ("1351", 9): (Reading.UNMAPPED, None), ("4019", 9): (Reading.UNMAPPED, None),
                ("2772", 9): (Reading.GIVEN, "ORPHA:355"),
                ("E7521", 10): (Reading.GIVEN, "ORPHA:324"), ("E7522", 10): (Reading.AMBIGUOUS, None)}  # fmt: skip
    assert {key: (full.meaning(*key).reading, full.meaning(*key).orpha) for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("en_product1.xml", "<JDBOR><DisorderList>", "cut short"),
        ("en_product1.xml", "<html/>", "not <JDBOR>"),
        ("en_product1.xml", product1(()), "states no ICD-10 code"),
        ("ordo.json", "{}", "cut short"),
        ("ordo.json", '{"graphs": [{"nodes": [], "edges": []}]}', "states no ICD-10 code"),
    ],
)
def test_a_damaged_mapping_is_told_with_a_remedy(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=said):
        read_codes(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "said"),
    [("code\torpha\n", "lacks the columns"), ("icd_version\ticd_code\torpha\n11\tX\t1\n", "line 2"),
     ("icd_version\ticd_code\torpha\n9\t135\tMarfan\n", "line 2"),
     ("icd_version\ticd_code\torpha\n9\t135\t1\n9\t135\t2\n", "line 3.*given twice")],
)  # fmt: skip
def test_a_table_of_ones_own_is_checked_row_by_row(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "own.tsv").write_text(text)
    with pytest.raises(BadInput, match=said):
        read_given(tmp_path / "own.tsv")


def test_the_codes_of_ordo_2_6_are_counted(data_root: Path) -> None:
    table = read_codes(data_root / "ontology/ordo-2.6-obograph.json.gz")
    assert (len(table.known), len(table.single), len({orpha for orpha, _ in table.single.values()})) == (2013, 1173, 844)
    assert table.meaning("D57.1", 10).orpha == "ORPHA:232"
    assert table.meaning("E75.21", 10).reading is Reading.AMBIGUOUS
