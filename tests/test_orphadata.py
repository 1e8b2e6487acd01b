"""Orphadata's names, prevalences, natural histories and classifications, Babelon's names; damaged files get a remedy."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.domain import BadInput
from raredx_bench.orphadata import (
    MONDO_COLUMNS,
    Classification,
    NaturalHistory,
    Prevalence,
    Translations,
    read_babelon,
    read_classifications,
    read_natural_histories,
    read_ordo_epidemiology,
    read_prevalences,
    read_product1,
)
from raredx_bench.orphadata.epidemiology import band_of
from raredx_bench.sources import find_all
from tests.orphadata import CASES, HEAD, POINT, disorder, history, node, prevalences, product3, product9

NAMES = {
    "es": ("Síndrome de Marfan", "Enfermedad de Wilson"),
    "de": ("Marfan-Syndrom", "Wilson-Krankheit mit Kupferüberschuss"),
    "it": ("Sindrome di Marfan", "Malattia di Wilson"),
    "fr": ("Syndrome de Marfan", "Maladie de Wilson héréditaire"),
    "nl": ("Syndroom van Marfan", "Ziekte van Wilson met geïsoleerde leverziekte"),
    "pl": ("Zespół Marfana", "Choroba Wilsona"),
    "pt": ("Síndrome de Marfan", "Doença de Wilson"),
    "zh": ("马凡综合征", "威尔逊病"),
    "ja": ("マルファン症候群", "ウィルソン病"),
}
LATIN_1 = ("es", "de", "it", "fr", "nl", "pt")


def product1(language: str, encoding: str = "UTF-8") -> bytes:
    """A nomenclature file in the format of Orphadata: two disorders and one that is not translated."""
    first, second = NAMES[language]
    text = f"""<?xml version="1.0" encoding="{encoding}"?>
<JDBOR date="2025-12-09 07:06:32" version="1.3.42 / 4.1.8 [2025-03-03] (orientdb version)" copyright="Orphanet (c) 2025">
  <Availability><Licence><FullName lang="en">Creative Commons Attribution 4.0 International</FullName></Licence></Availability>
  <DisorderList count="3">
    <Disorder id="109">
      <OrphaCode>558</OrphaCode>
      <ExpertLink lang="{language}">http://www.orpha.net/consor/cgi-bin/OC_Exp.php?lng={language}&amp;Expert=558</ExpertLink>
      <Name lang="{language}">{first}</Name>
      <DisorderType id="21394"><Name lang="{language}">…</Name></DisorderType>
      <SynonymList count="2"><Synonym lang="{language}">MFS</Synonym><Synonym lang="{language}"> {first}
      </Synonym></SynonymList>
      <ExternalReferenceList count="4">
        <ExternalReference id="1"><Source>OMIM</Source><Reference>154700</Reference>
          <DisorderMappingRelation id="21527"><Name lang="{language}">E (…)</Name></DisorderMappingRelation></ExternalReference>
        <ExternalReference id="2"><Source>OMIM</Source><Reference>999999</Reference>
          <DisorderMappingRelation id="21540"><Name lang="{language}">BTNT (…)</Name></DisorderMappingRelation>
        </ExternalReference>
        <ExternalReference id="3"><Source>ICD-10</Source><Reference>Q87.4</Reference>
          <DisorderMappingRelation id="21527"><Name lang="{language}">E (…)</Name></DisorderMappingRelation></ExternalReference>
        <ExternalReference id="4"><Source>MONDO</Source><Reference>0007947</Reference>
          <DisorderMappingRelation><Name lang="{language}">E (…)</Name></DisorderMappingRelation></ExternalReference>
      </ExternalReferenceList>
    </Disorder>
    <Disorder id="110"><OrphaCode>905</OrphaCode><Name lang="{language}">{second}</Name><SynonymList count="0"/>
      <ExternalReferenceList count="1"><ExternalReference id="5"><Source>OMIM</Source><Reference>277900</Reference>
      </ExternalReference></ExternalReferenceList></Disorder>
    <Disorder id="111"><OrphaCode>1</OrphaCode><Name lang="en">not translated yet</Name></Disorder>
  </DisorderList>
</JDBOR>
"""
    return text.replace("…", "...").encode(encoding)


def babelon(language: str, header: int | None = 0, status: str = "OFFICIAL") -> str:
    """A table in the format of Mondo's translations; header: the line it stands on, None for none."""
    first, second = NAMES[language]
    start = ("http://purl.obolibrary.org/obo/mondo.owl", "http://purl.obolibrary.org/obo/mondo/releases/2026-07-06/mondo.owl", "en")
    end = ("https://example.org/translator", "EXACT")
    rows = [
        (*start, language, "MONDO:0007947", "rdfs:label", "Marfan syndrome", first, *end, status, "PROFESSIONAL_TRANSLATOR"),
        (*start, language, "MONDO:0010200", "oio:hasExactSynonym", "Wilson's disease", f'"{second}"', *end, status, ""),
        (*start, language, "MONDO:0010200", "IAO:0000115", "A disorder of copper.", "…", *end, status, ""),
        (*start, language, "MONDO:0000001", "rdfs:label", "disease", "", *end, "NOT_TRANSLATED", ""),
        (*start, language, "MONDO:0000002", "rdfs:label", "x", "x?", *end, "UNDER_REVIEW", ""),
        (*start, language, "HP:0000001", "rdfs:label", "All", "?", *end, status, ""),
    ]
    if header is not None:
        rows.insert(header, MONDO_COLUMNS)
    return "".join("\t".join(row) + "\n" for row in rows)


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("language", NAMES)
def test_orphadata_gives_names_and_exact_mappings_in_every_language(language: str, tmp_path: Path) -> None:
    found = read_product1(written(tmp_path, f"{language}_product1.xml", product1(language)))
    first, second = NAMES[language]
    assert found == Translations(
        "1.3.42 2025-12-09 07:06:32",
        language,
        [("ORPHA:558", first), ("ORPHA:558", "MFS"), ("ORPHA:905", second)],
        [("OMIM:154700", "ORPHA:558"), ("MONDO:0007947", "ORPHA:558")],
    )


@pytest.mark.parametrize("language", LATIN_1)
def test_the_encoding_is_the_one_that_the_file_declares(language: str, tmp_path: Path) -> None:
    one = read_product1(written(tmp_path, f"{language}_product1.xml", product1(language, "ISO-8859-1")))
    assert [name for _, name in one.names if name != "MFS"] == list(NAMES[language])


def test_a_gzipped_file_reads_the_same(tmp_path: Path) -> None:
    plain = read_product1(written(tmp_path, "pl_product1.xml", product1("pl")))
    assert read_product1(written(tmp_path, "pl_product1.xml.gz", gzip.compress(product1("pl")))) == plain
    table = read_babelon(written(tmp_path, "mondo-ja.babelon.tsv", babelon("ja")))
    assert read_babelon(written(tmp_path, "mondo-ja.babelon.tsv.gz", gzip.compress(babelon("ja").encode()))) == table


def test_a_renamed_file_takes_its_language_from_its_first_name(tmp_path: Path) -> None:
    found = read_product1(written(tmp_path, "product1.xml", product1("it")))
    assert (found.language, len(found.names)) == ("it", 3)


def test_a_file_of_many_disorders_is_not_kept_in_memory(tmp_path: Path) -> None:
    import tracemalloc

    body = b"".join(
        b'<Disorder id="%d"><OrphaCode>%d</OrphaCode><Name lang="fr">nom</Name><TextSection>%s</TextSection></Disorder>'
        % (n, n, b"x" * 2000)
        for n in range(1, 5001)
    )
    path = written(tmp_path, "fr_product1.xml", b"<JDBOR><DisorderList>" + body + b"</DisorderList></JDBOR>")
    tracemalloc.start()
    assert len(read_product1(path).names) == 5000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 2


DAMAGED = {
    "cut short": (product1("es")[:1200], "it may be cut short"),
    "cut inside the declaration": (b"<?xml vers", "it may be cut short"),
    "empty": (b"", "it may be cut short"),
    "no XML": (b"OrphaCode,Name\n558,Marfan\n", "it may be cut short"),
    "a web page": (b"<html><body>moved</body></html>", "not <JDBOR>"),
    "another root": (b'<?xml version="1.0"?><rdf><a/></rdf>', "not <JDBOR>"),
    "another product": (b"<JDBOR><ClassificationList/></JDBOR>", "no named disorder"),
    "an encoding that is none": (product1("es").replace(b"UTF-8", b"UTF-88"), "it may be cut short"),
    "bytes that are not of the encoding": (product1("es").replace("í".encode(), b"\xed"), "it may be cut short"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:f91c\nsize 28988385\n", "git lfs pull"),
    "no language of its own": (product1("es").replace(b'lang="es"', b'lang="en"'), "no named disorder"),
}


@pytest.mark.parametrize(("content", "remedy"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_named_with_its_remedy(content: bytes, remedy: str, tmp_path: Path) -> None:
    path = written(tmp_path, "es_product1.xml", content)
    with pytest.raises(BadInput, match=remedy) as caught:
        read_product1(path)
    assert str(path) in str(caught.value)
    assert "again" in str(caught.value) or "get it" in str(caught.value) or "is it" in str(caught.value)


def test_a_gzip_file_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "es_product1.xml.gz", gzip.compress(product1("es"))[:200])
    with pytest.raises(BadInput, match="cut short"):
        read_product1(path)
    with pytest.raises(BadInput, match="damaged"):
        read_babelon(written(tmp_path, "x.babelon.tsv.gz", gzip.compress(babelon("ja").encode())[:80]))


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("header", [0, 3, 6, None])
def test_babelon_gives_official_names_of_mondo_terms_wherever_its_header_stands(
    language: str, header: int | None, tmp_path: Path
) -> None:
    found = read_babelon(written(tmp_path, f"mondo-{language}.babelon.tsv", babelon(language, header)))
    first, second = NAMES[language]
    assert found == Translations("2026-07-06", language, [("MONDO:0007947", first), ("MONDO:0010200", second)])


def test_a_short_babelon_table_without_status_and_release_is_read(tmp_path: Path) -> None:
    lines = "\ufeffsubject_id\tpredicate_id\ttranslation_language\ttranslation_value\nMONDO:0007947\trdfs:label\tzh\t马凡综合征\n"
    found = read_babelon(written(tmp_path, "mondo-zh.babelon.tsv", lines))
    assert found == Translations("mondo-zh.babelon.tsv", "zh", [("MONDO:0007947", "马凡综合征")])


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        ("", "lacks the columns subject_id, translation_value"),
        ("id\tname\nMONDO:1\tx\n", "lacks the columns subject_id, translation_value"),
        ("subject_id\tname\nMONDO:1\tx\n", "lacks the columns translation_value"),
        (babelon("ja", status="CANDIDATE"), "holds no translated Mondo term"),
        (babelon("ja").replace("MONDO:", "HP:"), "holds no translated Mondo term"),
        (babelon("ja") + babelon("zh", None), "mixes the languages ja, zh"),
        (b"subject_id\ttranslation_value\nMONDO:1\t\xff\xfe\n", "not readable as UTF-8"),
    ],
)
def test_a_damaged_babelon_table_is_named_with_its_remedy(content: bytes | str, remedy: str, tmp_path: Path) -> None:
    path = written(tmp_path, "mondo-ja.babelon.tsv", content)
    with pytest.raises(BadInput, match=remedy) as caught:
        read_babelon(path)
    assert str(path) in str(caught.value)


def test_the_data_directory_knows_both_kinds_of_file(tmp_path: Path) -> None:
    folder = tmp_path / "ontology"
    folder.mkdir()
    for name in ("es_product1.xml", "zh_product1.xml.gz", "mondo-jp.babelon.tsv", "mondo.obo"):
        written(folder, name, "")
    assert [path.name for path in find_all("product1", tmp_path)] == ["es_product1.xml", "zh_product1.xml.gz"]
    assert [path.name for path in find_all("babelon", tmp_path)] == ["mondo-jp.babelon.tsv"]


def test_prevalences_are_read_with_all_that_is_said_of_them(tmp_path: Path) -> None:
    content = product9(
        disorder(558, prevalences([(POINT, "1-5 / 10 000", "Worldwide", True), (POINT, "Unknown", "Europe", False)], "15.0")),
        disorder(905, prevalences([(CASES, "", "Japan", True)], "4.0"), group="Group of disorders"),
        disorder(1, prevalences([])),
    )
    for name, written_as in (
        ("en_product9_prev.xml", content.encode()),
        ("en_product9_prev.xml.gz", gzip.compress(content.encode())),
    ):
        assert read_prevalences(written(tmp_path, name, written_as)) == {
            "ORPHA:558": (
                Prevalence(POINT, "1-5 / 10 000", "Worldwide", True, "Value and class", 15.0),
                Prevalence(POINT, None, "Europe", False, "Value and class", 15.0),
            ),
            "ORPHA:905": (Prevalence(CASES, None, "Japan", True, "Case(s)", 4.0, of_group=True),),
        }


@pytest.mark.parametrize(
    ("stated", "band"),
    [
        (">1 / 1000", ">1 / 1000"),
        ("> 1 / 1,000", ">1 / 1000"),
        ("6-9 / 10 000", "6-9 / 10 000"),
        ("1-9 / 1\u00a0000\u202f000", "1-9 / 1 000 000"),
        ("<1/1,000,000", "<1 / 1 000 000"),
        ("Unknown", None),
        ("Not yet documented", None),
        ("", None),
    ],
)
def test_a_class_is_the_same_however_its_thousands_are_set_apart(stated: str, band: str | None) -> None:
    assert band_of(stated) == band


def test_natural_histories_are_read_as_they_are_named(tmp_path: Path) -> None:
    content = product9(disorder(558, history(["Neonatal", "Adult"], ["Autosomal dominant"])), disorder(1, history([], [])))
    found = read_natural_histories(written(tmp_path, "en_product9_ages.xml", content))
    assert found == {"ORPHA:558": NaturalHistory(("Neonatal", "Adult"), ("Autosomal dominant",))}


def test_a_classification_lists_every_node_of_its_tree_once(tmp_path: Path) -> None:
    tree = node(97929, node(167848, node(217569, node(558)), node(905)), node(558))
    found = read_classifications(
        written(tmp_path, "en_product3_146.xml", product3("Orphanet classification of rare cardiac diseases", tree))
    )
    members = ("ORPHA:97929", "ORPHA:167848", "ORPHA:217569", "ORPHA:558", "ORPHA:905")
    assert found == (Classification("Orphanet classification of rare cardiac diseases", members),)


def test_a_classification_without_a_name_has_that_of_its_root_and_may_be_deep(tmp_path: Path) -> None:
    tree = node(2000)
    for code in range(1999, 0, -1):
        tree = node(code, tree)
    (found,) = read_classifications(written(tmp_path, "en_product3_147.xml", product3("", tree)))
    assert (found.name, len(found.members)) == ("disorder 1", 2000)


WRONG: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "prevalences cut short": (read_prevalences, product9(disorder(558, prevalences([])))[:300], "it may be cut short"),
    "natural histories cut short": (read_natural_histories, product9(disorder(558, history([], [])))[:300], "it may be cut short"),
    "a classification cut short": (read_classifications, product3("x", node(1))[:300], "it may be cut short"),
    "not Orphadata's": (read_prevalences, "<html/>", r"not <JDBOR>: is it Orphadata's epidemiology file"),
    "ages instead of prevalences": (read_prevalences, product9(disorder(558, history(["Adult"], []))), "holds no prevalence"),
    "prevalences instead of ages": (
        read_natural_histories, product9(disorder(558, prevalences([(POINT, "Unknown", "", True)]))), "holds no age of onset",
    ),
    "no classification": (read_classifications, product9(disorder(558, "")), "holds no classified disorder"),
    "an empty list": (read_prevalences, f"{HEAD}<DisorderList/></JDBOR>", "holds no prevalence"),
    "another language": (read_prevalences, product9(disorder(558, "", language="es")), "is in the language 'es'"),
    "no class of Orphanet's": (
        read_prevalences, product9(disorder(558, prevalences([(POINT, "1-5 / 10", "", True)]))), "558 has the prevalence class",
    ),
    "a mean that is no number": (
        read_prevalences, product9(disorder(558, prevalences([(POINT, "Unknown", "", True)], "many"))), "mean 'many'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("read", "content", "remedy"), WRONG.values(), ids=WRONG)
def test_a_wrong_product_is_named_with_its_remedy(
    read: Callable[[Path], object], content: str, remedy: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "en_product.xml", content)
    with pytest.raises(BadInput, match=remedy) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_an_external_entity_is_never_loaded(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret.txt", "secret")
    entity = f'<!DOCTYPE JDBOR [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    content = (
        product9(disorder(558, history(["&x;"], ["Autosomal dominant"]))).replace("&amp;x;", "&x;").replace("?>", f"?>{entity}", 1)
    )
    with pytest.raises(BadInput, match="undefined entity"):
        read_natural_histories(written(tmp_path, "en_product9_ages.xml", content))


def ordo(value: str = "1-9 / 100 000") -> dict[str, Any]:
    """ORDO's OBO-graph JSON with one disorder."""
    iri = "http://www.orpha.net/ORDO/Orphanet_"
    labels = {
        "558": "Marfan syndrome",
        "1": value,
        "2": "Unknown_epidemiological_range",
        "3": "autosomal dominant",
        "4": "all ages",
    }
    edges = [("C025", "1"), ("C026", "2"), ("C016", "3"), ("C017", "4"), ("C022", "1")]
    return {"graphs": [{
        "nodes": [{"id": f"{iri}{code}", "lbl": label, "meta": {"subsets": ["x#ordo_disease"]}} for code, label in labels.items()],
        "edges": [{"sub": f"{iri}558", "pred": f"{iri}{relation}", "obj": f"{iri}{code}"} for relation, code in edges]
        + [{"sub": f"{iri}558", "pred": "is_a", "obj": f"{iri}377788"}],
    }]}  # fmt: skip


def test_ordo_states_the_same_where_product_9_is_not_at_hand(tmp_path: Path) -> None:
    text = json.dumps(ordo())
    for name, content in (("ordo.json", text.encode()), ("ordo.json.gz", gzip.compress(text.encode()))):
        assert read_ordo_epidemiology(written(tmp_path, name, content)) == (
            {"ORPHA:558": (Prevalence(POINT, "1-9 / 100 000"), Prevalence("Prevalence at birth", None))},
            {"ORPHA:558": NaturalHistory(("all ages",), ("autosomal dominant",))},
        )
    assert read_ordo_epidemiology(written(tmp_path, "ORDO.owl", "<rdf/>")) == ({}, {})


@pytest.mark.parametrize("content", ["", "{}", '{"graphs": []}', json.dumps(ordo("1 in 7")), json.dumps(ordo())[:200]])
def test_a_damaged_ordo_is_told(content: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a readable ORDO file"):
        read_ordo_epidemiology(written(tmp_path, "ordo.json", content))


def test_the_real_ordo_states_thousands(data_root: Path) -> None:
    prevalences_of, histories = read_ordo_epidemiology(data_root / "ontology/ordo-2.6-obograph.json.gz")
    assert len(prevalences_of) > 5000
    assert len(histories) > 6000
    assert histories["ORPHA:558"] == NaturalHistory(("all ages",), ("autosomal dominant",))
