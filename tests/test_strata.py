"""Every case is told apart by what is known of its disease and of itself; a stratum it already has is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import BadInput, Case
from raredx_bench.hpo import ROOT, Hpo, load_hpo
from raredx_bench.metrics import strata as by_stratum
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.orphadata import Prevalence
from raredx_bench.strata import NOT_KNOWN, findings_band, stratified, words_band, years_band
from raredx_bench.strata.levels import (
    INHERITANCES,
    ONSETS,
    PREVALENCES,
    commonest,
    earliest,
    inheritance_levels,
    mode,
    onset_levels,
)
from raredx_bench.strata.systems import HPO_CLASSES, SYSTEMS, classified_system, main_system
from raredx_bench.strata.tables import best_band
from tests.conftest import NOWHERE
from tests.orphadata import BIRTH, CASES, INCIDENCE, LIFETIME, POINT, disorder, history, node, prevalences, product3, product9

MARFAN, PKU, HUNTINGTON, GAUCHER = "OMIM:154700", "OMIM:261600", "OMIM:143100", "ORPHA:355"


@pytest.fixture(autouse=True)
def nothing_pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the data directory of the test counts, whatever the machine has pulled."""
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data directory with products 3 and 9 for a few real disorders."""
    folder = tmp_path / "ontology"
    folder.mkdir()
    (folder / "en_product9_prev.xml").write_text(product9(
        disorder(558, prevalences([(POINT, "1-5 / 10 000", "Worldwide", True), (POINT, ">1 / 1000", "Cuba", True)])),
        disorder(716, prevalences([(BIRTH, "6-9 / 10 000", "Europe", True)])),
        disorder(399, prevalences([(POINT, "Unknown", "Worldwide", True)])),
    ))  # fmt: skip
    (folder / "es_product9_prev.xml").write_text(product9(disorder(558, "", language="es")))
    (folder / "en_product9_ages.xml").write_text(product9(
        disorder(558, history(["All ages"], ["Autosomal dominant"])),
        disorder(399, history(["Adult", "Childhood"], ["Autosomal dominant"])),
        disorder(355, history(["No data available"], ["Autosomal recessive", "X-linked recessive"])),
    ))  # fmt: skip
    for number, (name, tree) in enumerate({
        "cardiac diseases": node(1, node(2, node(558))), "ophthalmic diseases": node(3, node(558), node(4)),
        "inborn errors of metabolism": node(5, node(716)), "neurological diseases": node(6, node(716), node(399)),
        "genetic diseases": node(7, node(558), node(716), node(399), node(355)),
    }.items()):  # fmt: skip
        (folder / f"en_product3_{number}.xml").write_text(product3(f"Orphanet classification of rare {name}", tree))
    return tmp_path


def case(*answers: str, **strata: str) -> Case:
    return Case("one", "test", "a man of few words", answers, observed=("HP:0001166",), strata=strata)


def test_what_is_known_of_the_gold_becomes_strata(root: Path, embedded: Ontology, hpo: Hpo) -> None:
    cases = [case(MARFAN), case(PKU), case(HUNTINGTON), case("OMIM:000000")]
    marfan, pku, huntington, unknown = (each.strata for each in stratified(cases, embedded, hpo, root))
    assert marfan["prevalence"] == "1-5 / 10 000"  # worldwide before a country
    assert pku["prevalence"] == ">5 / 10 000"
    assert huntington["prevalence"] == NOT_KNOWN
    assert (marfan["inheritance"], pku["inheritance"]) == ("autosomal dominant", "autosomal recessive")
    assert huntington["age of onset"] == "childhood"  # the earliest of all
    assert (marfan["body system"], pku["body system"], huntington["body system"]) == (
        "heart and vessels",
        "metabolism",
        "nervous system",
    )
    assert unknown == {"prevalence": NOT_KNOWN, "inheritance": NOT_KNOWN, "age of onset": NOT_KNOWN, "body system": NOT_KNOWN,
                       "findings": "1-4"}  # fmt: skip


def test_a_gold_of_several_ids_is_united(root: Path, embedded: Ontology, hpo: Hpo) -> None:
    (united,) = stratified([case(MARFAN, PKU)], embedded, hpo, root)
    assert united.strata["prevalence"] == ">5 / 10 000"
    assert united.strata["inheritance"] == "several"
    assert united.strata["body system"] == "metabolism"


def test_what_a_case_already_says_is_kept(root: Path, embedded: Ontology, hpo: Hpo) -> None:
    (kept,) = stratified([case(MARFAN, prevalence="mine", year="2019")], embedded, hpo, root, text=True)
    assert (kept.strata["prevalence"], kept.strata["year"], kept.strata["published"]) == ("mine", "2019", "2015-2019")
    assert kept.strata["words"] == "under 150"
    assert (kept.id, kept.presentation, kept.answers) == ("one", "a man of few words", (MARFAN,))


def test_hpo_alone_tells_inheritance_onset_and_system(embedded: Ontology, hpo: Hpo) -> None:
    (marfan,) = stratified([case(MARFAN)], embedded, hpo, NOWHERE)
    assert marfan.strata == {"inheritance": "autosomal dominant", "age of onset": marfan.strata["age of onset"],
                             "body system": "musculoskeletal system", "findings": "1-4"}  # fmt: skip


def test_a_form_has_the_prevalence_of_the_disorder_above_it_but_not_of_a_group(hpo: Hpo, small_root: Path) -> None:
    ontology = load_ontology(small_root, hpo)
    path = small_root / "ontology/en_product9_prev.xml"
    estimates = prevalences([(POINT, "1-9 / 100 000", "Europe", True)])
    for group, level in (("Disorder", "1-9 / 100 000"), ("Group of disorders", NOT_KNOWN)):
        path.write_text(product9(disorder(990010, estimates, group), disorder(990020, prevalences([(POINT, "Unknown", "", True)]))))
        whole, form, other = stratified(
            [case("ORPHA:990010"), case("OMIM:100011"), case("ORPHA:990020")], ontology, hpo, small_root
        )
        assert [each.strata["prevalence"] for each in (whole, form, other)] == ["1-9 / 100 000", level, NOT_KNOWN]


def test_ordo_is_the_fallback(data_root: Path) -> None:
    hpo = load_hpo(data_root)
    (found,) = stratified([case("ORPHA:166024")], load_ontology(data_root, hpo), hpo, data_root)
    assert found.strata["prevalence"] == "<1 / 1 000 000"
    assert found.strata["inheritance"] == "autosomal recessive"


def test_a_damaged_source_is_told(root: Path, embedded: Ontology, hpo: Hpo) -> None:
    (root / "ontology/en_product9_ages.xml").write_text("<JDBOR>")
    with pytest.raises(BadInput, match="en_product9_ages"):
        stratified([case(MARFAN)], embedded, hpo, root)


@pytest.mark.parametrize(
    ("estimates", "band"),
    [
        ([], None),
        ([(POINT, None, "Worldwide", True), (CASES, None, "Worldwide", True)], None),
        ([(INCIDENCE, "1-9 / 100 000", "Worldwide", True)], None),
        ([(POINT, "1-9 / 100 000", "Worldwide", False), (BIRTH, "1-5 / 10 000", "Cuba", True)], "1-5 / 10 000"),
        ([(BIRTH, "1-5 / 10 000", "Worldwide", True), (POINT, "1-9 / 100 000", "Cuba", True)], "1-9 / 100 000"),
        ([(LIFETIME, "1-5 / 10 000", "Worldwide", True), (BIRTH, "1-9 / 100 000", "Cuba", True)], "1-9 / 100 000"),
        ([(POINT, "1-5 / 10 000", "Europe", True), (POINT, "<1 / 1 000 000", "Cuba", True)], "1-5 / 10 000"),
        ([(POINT, "1-5 / 10 000", "Europe", True), (POINT, "1-9 / 100 000", "Worldwide", True)], "1-9 / 100 000"),
        ([(POINT, "1-5 / 10 000", "Cuba", True), (POINT, "1-9 / 100 000", "Peru", True)], "1-9 / 100 000"),
        ([(POINT, "1-5 / 10 000", "Cuba", True), (POINT, "1-5 / 10 000", "Chile", True), (POINT, "1-9 / 100 000", "Peru", True)],
         "1-5 / 10 000"),
    ],
)  # fmt: skip
def test_the_best_estimate_is_validated_of_prevalence_and_of_the_world(
    estimates: list[tuple[str, str | None, str, bool]], band: str | None
) -> None:
    assert best_band([Prevalence(*each) for each in estimates]) == band


@pytest.mark.parametrize(
    ("terms", "names", "level"),
    [
        (["HP:0000006"], [], "autosomal dominant"),
        (["HP:0000006", "HP:0003745"], ["Not applicable"], "autosomal dominant"),
        (["HP:0003745"], [], "sporadic or not inherited"),
        ([], ["not genetically inherited"], "sporadic or not inherited"),
        (["HP:0001419", "HP:0001423"], ["X-linked recessive"], "X-linked"),
        (["HP:0000006", "HP:0000007"], [], "several"),
        (["HP:0000007"], ["Autosomal dominant"], "several"),
        (["HP:0003829", "HP:0025352"], ["Unknown", "No data available"], NOT_KNOWN),
        (["HP:0010984"], ["Multigenic/multifactorial", "oligogenic"], "several genes or factors"),
        ([], ["Mitochondrial inheritance"], "mitochondrial"),
        ([], ["Semi-dominant"], "semidominant"),
        ([], [], NOT_KNOWN),
    ],
)
def test_modes_of_inheritance(terms: list[str], names: list[str], level: str, hpo: Hpo) -> None:
    assert mode(inheritance_levels(terms, names, hpo)) == level


@pytest.mark.parametrize(
    ("terms", "names", "level"),
    [
        (["HP:0034198", "HP:0003581"], [], "antenatal"),  # second trimester
        (["HP:0003577"], ["Adult"], "neonatal"),
        (["HP:0003621"], ["Adolescent"], "childhood"),
        ([], ["Adolescent", "Elderly"], "adolescence"),
        (["HP:0003584"], [], "elderly"),
        (["HP:0025708"], [], "adult"),
        ([], ["All ages", "Adult"], "adult"),
        ([], ["All ages"], "all ages"),
        (["HP:0410280", "HP:0003676"], ["No data available"], NOT_KNOWN),
    ],
)
def test_the_earliest_age_counts(terms: list[str], names: list[str], level: str, hpo: Hpo) -> None:
    assert earliest(onset_levels(terms, names, hpo)) == level


@pytest.mark.parametrize(
    ("classified", "counts", "system"),
    [
        ([], {}, NOT_KNOWN),
        ([], {"eye": 2, "skin": 3}, "skin"),
        ([], {"skin": 3, "eye": 3}, "eye"),  # the earlier one in SYSTEMS
        (["eye", "skin"], {"nervous system": 9, "skin": 1}, "skin"),
        (["nervous system", "metabolism"], {"nervous system": 9}, "metabolism"),
        (["developmental anomalies"], {"eye": 9}, "developmental anomalies"),
        (["developmental anomalies", "eye"], {}, "eye"),
    ],
)
def test_the_body_system_by_its_rule(classified: list[str], counts: dict[str, int], system: str) -> None:
    assert main_system(classified, counts) == system


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("inborn errors of metabolism", "metabolism"),
        ("cardiac malformations", "heart and vessels"),
        ("circulatory system diseases", "heart and vessels"),
        ("neurological diseases", "nervous system"),
        ("abdominal surgical diseases", "digestive system"),
        ("hepatic diseases", "digestive system"),
        ("surgical thoracic diseases", "respiratory system"),
        ("urogenital diseases", "kidney and urogenital tract"),
        ("renal diseases", "kidney and urogenital tract"),
        ("ophthalmic diseases", "eye"),
        ("hematological diseases", "blood"),
        ("immunological diseases", "immune system"),
        ("systemic and rheumatological diseases of childhood", "musculoskeletal system"),
        ("otorhinolaryngological diseases", "ear, nose and throat"),
        ("odontological diseases", "head and neck"),
        ("surgical maxillo-facial diseases", "head and neck"),
        ("neoplastic diseases", "neoplasm"),
        ("infectious diseases", "infection"),
        ("developmental anomalies during embryogenesis", "developmental anomalies"),
        ("genetic diseases", None),
        ("diseases due to toxic effects", None),
        ("transplant-related diseases", None),
        ("endocrine diseases", "endocrine system"),
        ("bone diseases", "musculoskeletal system"),
        ("gynecological and obstetric diseases", "kidney and urogenital tract"),
        ("skin diseases", "skin"),
        ("respiratory diseases", "respiratory system"),
        ("gastroenterological diseases", "digestive system"),
        ("infertility disorders", "kidney and urogenital tract"),
        ("allergic diseases", "immune system"),
        ("teratologic diseases", "developmental anomalies"),
    ],
)
def test_orphanet_s_classifications_have_a_system_or_serve_sorting(name: str, system: str | None) -> None:
    assert classified_system(f"Orphanet classification of rare {name}") == system


def test_every_top_class_of_hpo_has_a_system_or_is_none(hpo: Hpo) -> None:
    root = hpo.position[ROOT]
    top = {hpo.ids[index] for index in range(len(hpo.ids)) if root in hpo.ancestors(index)[1:2] and len(hpo.ancestors(index)) == 3}
    no_system = {"HP:0000769", "HP:0001197", "HP:0001507", "HP:0025142", "HP:0025354"}
    assert set(HPO_CLASSES) | no_system == top
    assert set(HPO_CLASSES.values()) <= set(SYSTEMS)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([findings_band(n) for n in (1, 4, 5, 9, 10)], ["1-4", "1-4", "5-9", "5-9", "10 or more"]),
        ([words_band("x " * n) for n in (149, 150, 299, 300)], ["under 150", "150-299", "150-299", "300 or more"]),
        ([years_band(y) for y in (1999, 2000, 2014, 2015, 2022, 2023)],
         ["before 2000", "2000-2009", "2010-2014", "2015-2019", "2020-2022", "2023 or later"]),
        ([commonest([PREVALENCES[2], PREVALENCES[1]]), commonest(())], [PREVALENCES[1], NOT_KNOWN]),
    ],
)  # fmt: skip
def test_the_bands(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.fixture(scope="module")
def real(data_root: Path) -> tuple[Case, ...]:
    """Every phenopacket, stratified; benchmarks/strata.py says how long that takes."""
    hpo = load_hpo(data_root)
    return stratified(load_cases("phenopacket_store", data_root), load_ontology(data_root, hpo), hpo, data_root)


def test_real_cases_have_known_levels_alone(real: tuple[Case, ...]) -> None:
    assert len(real) == 7623
    levels = {"prevalence": PREVALENCES, "inheritance": (*INHERITANCES, "several"), "age of onset": ONSETS, "body system": SYSTEMS}
    for stratum, known in levels.items():
        found = [each.strata[stratum] for each in real]
        assert set(found) <= {*known, NOT_KNOWN}
        assert found.count(NOT_KNOWN) < 0.75 * len(found), stratum


def test_the_metrics_report_every_level(root: Path, embedded: Ontology, hpo: Hpo) -> None:
    from raredx_bench.domain import Reading, Verdict

    cases = stratified([case(MARFAN), case(PKU)], embedded, hpo, root)
    verdicts = [Verdict(each.id, each.answers[0], (), Reading.EMPTY, "", (), each.strata) for each in cases]
    assert set(by_stratum(verdicts)["body system"]) == {"heart and vessels", "metabolism"}
