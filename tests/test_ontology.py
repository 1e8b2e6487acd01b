"""Terminologies in, one canonical disease out."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from raredx_bench.compiled import compiled
from raredx_bench.domain import BadInput, Scope
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.terminologies import read_mim_titles, read_ordo
from tests.test_hpo import HEADER, OBO, annotation

ORDO_GRAPH = {
    "graphs": [
        {
            "id": "http://www.orpha.net/ontology/orphanet.owl",
            "nodes": [
                {"id": f"http://www.orpha.net/ORDO/Orphanet_{number}", "type": "CLASS", "lbl": label,
                 "meta": {"subsets": ["http://x#ordo_disease"] if number != 400 else [],
                          "synonyms": [{"pred": "hasExactSynonym", "val": f"{label}, other name", "xrefs": []}],
                          "xrefs": [{"val": each} for each in xrefs]}}
                for number, label, xrefs in (
                    (300, "Elm disorders", []), (301, "Elm disease\x92s form", ["OMIM:300301", "ICD10:Q1"]),
                    (302, "Fir disease", ["OMIM:300302", "OMIM:300303"]), (400, "a gene", []),
                )
            ],
            "edges": [{"sub": "http://www.orpha.net/ORDO/Orphanet_301", "pred": "is_a", "obj": "http://www.orpha.net/ORDO/Orphanet_300"}],
        }
    ]
}  # fmt: skip

ORDO_OWL = """<?xml version="1.0"?>
<rdf:RDF xmlns="http://www.orpha.net/ontology/orphanet.owl#" xml:base="http://www.orpha.net/ontology/orphanet.owl"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:efo="http://www.ebi.ac.uk/efo/"
  xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#">
  <owl:Ontology rdf:about="http://www.orpha.net/ontology/orphanet.owl"><owl:versionInfo>4.6</owl:versionInfo></owl:Ontology>
  <owl:AnnotationProperty rdf:about="http://www.ebi.ac.uk/efo/alternative_term"/>
  <owl:AnnotationProperty rdf:about="http://www.w3.org/2004/02/skos/core#notation"/>
  <owl:AnnotationProperty rdf:about="http://www.geneontology.org/formats/oboInOwl#hasDbXref"/>
  <owl:Class rdf:about="http://www.orpha.net/ORDO/Orphanet_300">
    <rdfs:label>Elm disorders</rdfs:label><skos:notation>ORPHA:300</skos:notation>
  </owl:Class>
  <owl:Class rdf:about="http://www.orpha.net/ORDO/Orphanet_301">
    <rdfs:subClassOf rdf:resource="http://www.orpha.net/ORDO/Orphanet_300"/>
    <rdfs:label>Elm disease</rdfs:label><skos:notation>ORPHA:301</skos:notation>
    <efo:alternative_term>Ulmus disease</efo:alternative_term>
    <oboInOwl:hasDbXref>OMIM:300301</oboInOwl:hasDbXref><oboInOwl:hasDbXref>OMIM:300305</oboInOwl:hasDbXref>
  </owl:Class>
  <owl:Axiom>
    <owl:annotatedSource rdf:resource="http://www.orpha.net/ORDO/Orphanet_301"/>
    <owl:annotatedProperty rdf:resource="http://www.geneontology.org/formats/oboInOwl#hasDbXref"/>
    <owl:annotatedTarget>OMIM:300301</owl:annotatedTarget>
    <oboInOwl:source>E (Exact mapping: the two concepts are equivalent)</oboInOwl:source>
  </owl:Axiom>
  <owl:Axiom>
    <owl:annotatedSource rdf:resource="http://www.orpha.net/ORDO/Orphanet_301"/>
    <owl:annotatedProperty rdf:resource="http://www.geneontology.org/formats/oboInOwl#hasDbXref"/>
    <owl:annotatedTarget>OMIM:300305</owl:annotatedTarget>
    <oboInOwl:source>BTNT (ORPHA code's Broader Term maps to a Narrower Term)</oboInOwl:source>
  </owl:Axiom>
</rdf:RDF>
"""


@pytest.fixture
def small(small_root: Path, hpo: Hpo) -> Ontology:
    return load_ontology(small_root, hpo)


@pytest.mark.parametrize(
    ("identifier", "canonical"),
    [
        ("MONDO:0000011", "MONDO:0000011"),
        ("OMIM:100011", "MONDO:0000011"),
        ("MIM:100012", "MONDO:0000012"),
        ("Orphanet:990010", "MONDO:0000010"),
        ("ORPHA:990010", "MONDO:0000010"),
        ("orpha:990010", "MONDO:0000010"),
        ("OMIMPS:100010", "MONDO:0000010"),
        ("MONDO:0000099", "MONDO:0000012"),  # an alternative id
        ("MONDO:0000013", "MONDO:0000012"),  # an obsolete id with a replacement
        ("ORPHA:990020", "MONDO:0000020"),  # an SSSOM exact match
        ("ORPHA:990021", None),  # an SSSOM broad match is no equivalence
        ("OMIM:999999", None),  # MONDO:relatedTo is no equivalence
        ("CCRD:1", None),
    ],
)
def test_an_id_is_canonical_only_through_declared_equivalence(small: Ontology, identifier: str, canonical: str | None) -> None:
    assert small.canonical(identifier) == canonical


def test_a_disease_keeps_names_scopes_xrefs_and_parents(small: Ontology) -> None:
    disease = small["MONDO:0000010"]
    assert disease.name == "Alder syndrome"
    assert {(each.name, each.scope) for each in disease.synonyms} == {
        ("Alder-Birch syndrome", Scope.EXACT), ("ABS", Scope.EXACT), ("birch spectrum", Scope.BROAD)}  # fmt: skip
    assert disease.xrefs == ("OMIMPS:100010", "ORPHA:990010")
    assert disease.parents == ("MONDO:0000001",)


def test_the_hierarchy_is_transitive_and_counted(small: Ontology) -> None:
    assert small.ancestors("MONDO:0000011") == {"MONDO:0000010", "MONDO:0000001"}
    assert small.size_below("MONDO:0000010") == 2
    assert small.size_below("MONDO:0000011") == 0


def test_contradictions_are_reported_and_resolved_by_the_stated_rule(small: Ontology) -> None:
    said = "\n".join(small.conflicts)
    assert "closes a cycle" in said
    assert "OMIM:100011 is declared equivalent to MONDO:0000011 and to MONDO:0000020: MONDO:0000011 is used" in said
    assert not (small.ancestors("MONDO:0000020") & {"MONDO:0000020"})


def test_names_are_found_whatever_their_case_and_punctuation(small: Ontology) -> None:
    assert small.named("ALDER–BIRCH   syndrome") == ("MONDO:0000010",)
    assert small.named("Birch") == ()


def test_it_is_a_mapping_that_cannot_be_written(small: Ontology) -> None:
    assert len(small) == len(list(small))
    assert "MONDO:0000010" in small
    with pytest.raises(TypeError):
        small["MONDO:1"] = small["MONDO:0000010"]  # type: ignore[index]


def test_the_second_load_reads_the_compiled_index(small_root: Path, hpo: Hpo, tmp_path: Path) -> None:
    first = load_ontology(small_root, hpo)
    stored = list((tmp_path / "cache").iterdir())
    again = load_ontology(small_root, hpo)
    assert list((tmp_path / "cache").iterdir()) == stored
    assert dict(again) == dict(first)


def test_a_second_load_maps_its_arrays_and_changes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path))
    built = compiled("kind", "key", lambda: ({"a": (1, 2)}, {"some": np.arange(5), "none": np.zeros(0, np.int32)}))
    again = compiled("kind", "key", lambda: ({}, {}))
    assert built[0] == again[0] == {"a": [1, 2]}
    assert {name: each.tolist() for name, each in again[1].items()} == {"some": [0, 1, 2, 3, 4], "none": []}
    assert isinstance(again[1]["some"].base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        again[1]["some"][0] = 1


def test_a_damaged_compiled_index_is_built_again(small_root: Path, hpo: Hpo, tmp_path: Path) -> None:
    first = load_ontology(small_root, hpo)
    damaged = [*(tmp_path / "cache").glob("*/*.npy"), *(tmp_path / "cache").glob("*/*.json")]
    assert damaged
    for path in damaged:
        path.write_bytes(path.read_bytes()[:100])
    assert dict(load_ontology(small_root, hpo)) == dict(first)


def test_every_process_compiles_the_same_index(small_root: Path, tmp_path: Path) -> None:
    terms = (f"\n[Term]\nid: MONDO:1{n:06d}\nname: disease number {n}\nis_a: MONDO:0000001\n" for n in range(3000))
    with (small_root / "ontology/mondo.obo").open("a") as mondo:  # pronto parses in threads: the order of terms is left to chance
        mondo.writelines(terms)
    (small_root / "ontology/hp.obo").write_text(OBO)
    (small_root / "ontology/phenotype.hpoa").write_text(HEADER + annotation("OMIM:1", "HP:0000010"))
    code = (
        "import hashlib, sys, pathlib; from raredx_bench.ontology import load_ontology\n"
        "load_ontology(pathlib.Path(sys.argv[1]))\n"
        "for path in sorted(pathlib.Path(sys.argv[2]).glob('*-*/*')):\n"
        "    print(path.parent.name, path.name, hashlib.md5(path.read_bytes()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(small_root), str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed, "RAREDX_CACHE": str(tmp_path / seed)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1
    assert said.pop().count("document.json") == 2


def test_a_changed_source_is_compiled_anew(small_root: Path, hpo: Hpo) -> None:
    before = load_ontology(small_root, hpo)
    path = small_root / "ontology/mondo.obo"
    path.write_text(path.read_text().replace("Alder syndrome 1", "Alder syndrome one"))
    after = load_ontology(small_root, hpo)
    assert after.digest != before.digest
    assert after.name("MONDO:0000011") == "Alder syndrome one"


def test_a_gzipped_mondo_reads_the_same(small_root: Path, hpo: Hpo) -> None:
    plain = dict(load_ontology(small_root, hpo))
    path = small_root / "ontology/mondo.obo"
    (small_root / "ontology/mondo.obo.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert dict(load_ontology(small_root, hpo)) == plain


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an ontology",
        b"format-version: 1.2\n\n[Term]\nid: XYZ:1\nname: a\n",
        b'[Term]\nid: MONDO:1\nname: a\nsynonym: "b" EXACT UNDECLARED []\n',
    ],
)
def test_a_file_that_is_no_mondo_is_refused_by_name(tmp_path: Path, hpo: Hpo, content: bytes) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology/mondo.obo").write_bytes(content)
    with pytest.raises(BadInput, match=r"mondo\.obo"):
        load_ontology(tmp_path, hpo)


def test_a_truncated_gzip_is_refused_by_name(small_root: Path, hpo: Hpo) -> None:
    path = small_root / "ontology/mondo.obo"
    whole = gzip.compress(path.read_bytes())
    path.unlink()
    (small_root / "ontology/mondo.obo.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="truncated"):
        load_ontology(small_root, hpo)


def test_a_file_cut_between_terms_is_refused_for_the_term_it_lacks(small_root: Path, hpo: Hpo) -> None:
    path = small_root / "ontology/mondo.obo"
    path.write_text(path.read_text().partition("\n[Term]\nid: MONDO:0000021")[0])
    with pytest.raises(BadInput, match="refers to 'MONDO:0000021' but does not define it"):
        load_ontology(small_root, hpo)


def test_ordo_json_gives_names_hierarchy_and_meaningful_omim_links(tmp_path: Path) -> None:
    path = tmp_path / "ordo.json"
    path.write_text(json.dumps(ORDO_GRAPH))
    ordo = read_ordo(path)
    entries = {entry.id: entry for entry in ordo.entries}
    assert set(entries) == {"ORPHA:300", "ORPHA:301", "ORPHA:302"}
    assert entries["ORPHA:301"].parents == ["ORPHA:300"]
    assert ordo.equivalences == [("OMIM:300301", "ORPHA:301")]  # one number on one entry
    assert ordo.below == [("OMIM:300302", "ORPHA:302"), ("OMIM:300303", "ORPHA:302")]  # several numbers lie below it


def test_ordo_owl_says_itself_which_omim_links_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "ORDO_en_4.6.owl"
    path.write_text(ORDO_OWL)
    ordo = read_ordo(path)
    entries = {entry.id: entry for entry in ordo.entries}
    assert ordo.release == "4.6"
    assert entries["ORPHA:301"].parents == ["ORPHA:300"]
    assert "Ulmus disease" in entries["ORPHA:301"].synonyms
    assert ordo.equivalences == [("OMIM:300301", "ORPHA:301")]
    assert ordo.below == []


def test_ordo_alone_makes_a_terminology(tmp_path: Path, hpo: Hpo) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology/ordo.json").write_text(json.dumps(ORDO_GRAPH))
    ontology = load_ontology(tmp_path, hpo)
    assert ontology.canonical("OMIM:300301") == "ORPHA:301"
    assert ontology.ancestors("ORPHA:301") == {"ORPHA:300"}
    assert ontology.canonical("ORPHA:558") == ontology.canonical("OMIM:154700")  # the annotated diseases are there too


def test_mim_titles_are_read_without_genes_and_moved_entries(tmp_path: Path) -> None:
    path = tmp_path / "mimTitles.txt"
    path.write_text(
        "# Prefix\tMIM Number\tPreferred Title; symbol\tAlternative Title(s); symbol(s)\n"
        "Number Sign\t154700\tMARFAN SYNDROME; MFS\tMARFAN SYNDROME, TYPE I; MFS1\n"
        "Asterisk\t134797\tFIBRILLIN 1; FBN1\t\n"
        "Caret\t100050\tMOVED TO 200150\t\n"
    )
    (entry,) = read_mim_titles(path)
    assert (entry.id, entry.name) == ("OMIM:154700", "MARFAN SYNDROME")
    assert set(entry.synonyms) == {"MFS", "MARFAN SYNDROME, TYPE I", "MFS1"}


def test_a_damaged_mim_titles_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mimTitles.txt"
    path.write_text("Number Sign\t154700\tMARFAN SYNDROME\nonly one field\n")
    with pytest.raises(BadInput, match="line 2"):
        read_mim_titles(path)


def test_the_embedded_default_holds_every_annotated_disease(embedded: Ontology, hpo: Hpo) -> None:
    assert sum(each.startswith("OMIM:") for each in hpo.diseases) == 8359
    assert sum(each.startswith("ORPHA:") for each in hpo.diseases) > 4200
    assert all(embedded.canonical(identifier) is not None for identifier in hpo.diseases)


def test_the_embedded_default_joins_namesakes_and_stacks_numbers(embedded: Ontology) -> None:
    assert embedded.canonical("ORPHA:558") == embedded.canonical("OMIM:154700") == "OMIM:154700"
    assert "ORPHA:648" in embedded.ancestors("OMIM:609942")  # Noonan syndrome 3 lies below Noonan syndrome


def test_the_full_terminology_knows_series_and_groups(data_root: Path) -> None:
    ontology = load_ontology(data_root)
    assert ontology.canonical("OMIMPS:163950") == ontology.canonical("ORPHA:648") == "MONDO:0018997"
    assert "MONDO:0018997" in ontology.ancestors(str(ontology.canonical("OMIM:609942")))
    assert len(ontology) > 28_000
