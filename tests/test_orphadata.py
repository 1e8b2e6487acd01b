"""Disease names in nine languages from Orphadata's XML and Babelon's TSV; damaged files are told with a remedy."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from raredx_bench.domain import BadInput
from raredx_bench.orphadata import MONDO_COLUMNS, Translations, read_babelon, read_product1
from raredx_bench.sources import find_all

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
