"""Cases from the published formats, written by hand; and from the real files where they are."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import pytest

from raredx_bench.benchmarks import BENCHMARKS, digest, load_cases, phenopacket_case
from raredx_bench.benchmarks.forms import duration
from raredx_bench.benchmarks.phenopackets import onset_and_sex
from raredx_bench.domain import BadInput, DataMissing, UnknownName
from raredx_bench.hpo import Hpo
from raredx_bench.judging import Judge
from raredx_bench.naming import plain
from raredx_bench.simulation import simulate
from raredx_bench.tasks import document
from tests.conftest import NOWHERE


def packet(**changes: Any) -> dict[str, Any]:
    """A small GA4GH phenopacket."""
    return {
        "id": "PMID_1_A",
        "subject": {"id": "A", "sex": "FEMALE"},
        "phenotypicFeatures": [
            {"type": {"id": "HP:0001166", "label": "Arachnodactyly"}},
            {"type": {"id": "HP:0001250", "label": "Seizure"}, "excluded": True},
        ],
        "interpretations": [{"diagnosis": {"disease": {"id": "OMIM:154700", "label": "Marfan syndrome"}}}],
        "metaData": {"externalReferences": [{"id": "PMID:77"}]},
        **changes,
    }


def zipped(path: Path, members: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def test_rarebench_shows_labels_never_codes(tmp_path: Path) -> None:
    rows = [{"Phenotype": ["HP:0001250", "HP:0001166"], "RareDisease": ["OMIM:154700", "ORPHA:558", "CCRD:1"], "Department": None}]
    zipped(tmp_path / "rarebench/data.zip", {"data/MME.jsonl": "\n".join(map(json.dumps, rows)) + "\n"})
    (case,) = load_cases("rarebench_mme", tmp_path)
    assert re.fullmatch(r"MME-[0-9a-f]{10}", case.id)
    assert case.presentation == "The patient has these findings: Seizure; Arachnodactyly."
    assert case.answers == ("OMIM:154700", "ORPHA:558", "CCRD:1")
    assert document(case, "hpo")["observed"] == ["HP:0001250", "HP:0001166"]


def test_pumch_adm_reads_lines_and_lists(tmp_path: Path) -> None:
    row = {"Phenotype": ["HP:0001250"], "RareDisease": ["ORPHA:558"]}
    (tmp_path / "rarebench").mkdir()
    (tmp_path / "rarebench/PUMCH_ADM.json").write_text(json.dumps([row, row]))
    listed = load_cases("rarebench_pumch_adm", tmp_path)
    (tmp_path / "rarebench/PUMCH_ADM.json").write_text(f"{json.dumps(row)}\n{json.dumps(row)}\n")
    assert digest(load_cases("rarebench_pumch_adm", tmp_path)) == digest(listed)
    assert [case.id.partition(".")[2] for case in listed] == ["", "2"]
    assert len({case.group for case in listed}) == 1


def test_a_phenopacket_becomes_a_case(hpo: Hpo) -> None:
    case = phenopacket_case(packet(), "cohort/PMID_1_A", "cohort", "here", hpo)
    assert case.presentation == (
        "The patient is female. The patient has these findings: Arachnodactyly.\n"
        "These findings were looked for and are absent: Seizure."
    )
    assert (case.observed, case.excluded, case.answers, case.group) == (
        ("HP:0001166",), ("HP:0001250",), ("OMIM:154700",), "PMID:1")  # fmt: skip


def test_cases_of_one_publication_form_one_group(hpo: Hpo) -> None:
    assert phenopacket_case(packet(), "c/other", "c", "here", hpo).group == "PMID:77"
    assert phenopacket_case(packet(metaData={}), "c/other", "c", "here", hpo).group == "c"


def test_a_phenopacket_without_interpretation_uses_its_disease_list(hpo: Hpo) -> None:
    case = phenopacket_case(packet(interpretations=[], diseases=[{"term": {"id": "ORPHA:558"}}]), "c/x", "c", "here", hpo)
    assert case.answers == ("ORPHA:558",)


def test_a_phenopacket_without_a_diagnosis_is_refused_by_name(hpo: Hpo) -> None:
    with pytest.raises(BadInput, match=r"a\.zip:x\.json has no diagnosis"):
        phenopacket_case(packet(interpretations=[]), "c/x", "c", "a.zip:x.json", hpo)


def test_obsolete_and_unknown_hpo_ids_keep_a_label(hpo: Hpo) -> None:
    old = next(identifier for identifier, new in hpo.alias.items() if hpo.name(new))
    features = [{"type": {"id": old, "label": "an old label"}}, {"type": {"id": "HP:9999999", "label": "a new finding"}},
                {"type": {"id": "HP:8888888"}}]  # fmt: skip
    case = phenopacket_case(packet(phenotypicFeatures=features), "c/x", "c", "here", hpo)
    assert str(hpo.name(old)) in case.presentation
    assert "a new finding" in case.presentation
    assert "HP:" not in case.presentation


@pytest.mark.parametrize("task", ["rds", "rdc"])
def test_rarearena_reads_its_own_field_names(tmp_path: Path, task: str) -> None:
    row = {"_id": "123-1", "case_report": "A woman with long fingers.", "diagnosis": "Marfan", "Orpha_name": "Marfan syndrome",
           "Orpha_id": "558", "age": [[2.0, "year"]],
           "gender": "F", "pub_date": "2021-05-01", "test_results": "FBN1 variant."}  # fmt: skip
    (tmp_path / "rarearena").mkdir()
    (tmp_path / f"rarearena/{task.upper()}.json").write_text(f"{json.dumps(row)}\n{json.dumps({**row, '_id': '123-2'})}\n")
    first, second = load_cases(f"rarearena_{task}", tmp_path)
    assert first.answers == ("ORPHA:558",)
    assert ("FBN1" in first.presentation) == (task == "rdc")
    assert first.group == second.group == "123"
    assert first.strata["year"] == "2021"
    assert document(first, "text")["asked"] == 5


@pytest.mark.parametrize(
    ("name", "file", "content", "fault"),
    [
        ("rarearena_rds", "rarearena/RDS.json", '{"_id": "1"}\n', r"RDS\.json, line 1: lacks Orpha_id, case_report"),
        ("rarearena_rds", "rarearena/RDS.json", '{"_id": ', r"RDS\.json, line 1: not JSON"),
        ("rarearena_rds", "rarearena/RDS.json", "[1]\n", "expected a JSON object"),
        ("rarearena_rds", "rarearena/RDS.json", "", "holds no case"),
        ("rarearena_rds", "rarearena/RDS.json", '{"_id": "1", "case_report": "x", "Orpha_id": "1"}\n' * 2, "id '1' twice"),
        ("rarebench_mme", "rarebench/data.zip", "not a zip", "not a readable zip"),
        ("phenopacket_store", "phenopackets/all_phenopackets.zip", "PK", "not a readable zip"),
    ],
)
def test_a_damaged_file_names_the_place(tmp_path: Path, name: str, file: str, content: str, fault: str) -> None:
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(BadInput, match=fault):
        load_cases(name, tmp_path)


def test_a_zip_without_the_subset_says_so(tmp_path: Path) -> None:
    zipped(tmp_path / "rarebench/data.zip", {"data/HMS.jsonl": ""})
    with pytest.raises(BadInput, match=r"holds no data/MME\.jsonl"):
        load_cases("rarebench_mme", tmp_path)


@pytest.mark.parametrize("name", [name for name, each in BENCHMARKS.items() if each.sources])
def test_missing_data_says_how_to_get_it(name: str) -> None:
    with pytest.raises(DataMissing, match=r"get it from https://.* and put it at"):
        load_cases(name, NOWHERE)


def test_own_cases_that_are_missing_say_what_is_expected() -> None:
    with pytest.raises(DataMissing, match=r"custom/cases\.jsonl, or name .* with --cases PATH"):
        load_cases("custom", NOWHERE)


def rare(root: Path, subset: str, rows: list[tuple[list[str], list[str]]]) -> None:
    """RareBench's zip with one subset."""
    lines = [json.dumps({"Phenotype": codes, "RareDisease": answers, "Department": None}) for codes, answers in rows]
    zipped(root / "rarebench/data.zip", {f"data/{subset}.jsonl": "\n".join(lines) + "\n"})


def test_rarebench_ids_tell_the_row_whatever_stands_before_it(tmp_path: Path) -> None:
    rows = [(["HP:0001250"], ["OMIM:1"]), (["HP:0001166", "HP:0001250"], ["OMIM:2"]), (["HP:0001250"], ["OMIM:1"])]
    rare(tmp_path, "HMS", rows)
    whole = load_cases("rarebench_hms", tmp_path)
    rare(tmp_path, "HMS", rows[1:2])
    assert [case.id for case in load_cases("rarebench_hms", tmp_path)] == [whole[1].id]
    assert whole[2].id == f"{whole[0].id}.2"
    assert whole[2].group == whole[0].group != whole[1].group


def test_pumch_adm_is_read_from_the_hubs_zip_too(tmp_path: Path) -> None:
    rare(tmp_path, "PUMCH_ADM", [(["HP:0001250"], ["ORPHA:558"])])
    assert len(load_cases("rarebench_pumch_adm", tmp_path)) == 1


def test_pumch_l_reads_phenobrains_pairs(tmp_path: Path) -> None:
    (tmp_path / "phenobrain").mkdir()
    (tmp_path / "phenobrain/PUMCH_L.json").write_text(json.dumps([[["HP:0001250"], ["OMIM:154700", "ORPHA:558"]]]))
    (case,) = load_cases("pumch_l", tmp_path)
    assert case.answers == ("OMIM:154700", "ORPHA:558")
    (tmp_path / "phenobrain/PUMCH_L.json").write_text(json.dumps([["HP:0001250"]]))
    with pytest.raises(BadInput, match=r"PUMCH_L\.json, row 1: expected an object .* or a pair of lists"):
        load_cases("pumch_l", tmp_path)


def test_mygene2_reads_shepherds_records(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "positive_phenotypes": ["HP:0001250", "HP:0001166"], "true_genes": ["ENSG1"], "omim": 154700, "orpha_id": [558],
         "true_diseases": ["MONDO:0007947"]},
        {"id": 8, "positive_phenotypes": ["HP:0001250"], "true_genes": ["ENSG1"]},
    ]  # fmt: skip
    (tmp_path / "mygene2").mkdir()
    (tmp_path / "mygene2/mygene2_5.7.22.txt").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (case,) = load_cases("mygene2", tmp_path)
    assert (case.id, case.answers) == ("mygene2-7", ("ORPHA:558", "OMIM:154700", "MONDO:0007947"))
    assert case.presentation == "The patient has these findings: Seizure; Arachnodactyly."


@pytest.mark.parametrize("file", ["RareBench_BR_SUS_v1.jsonl", "L4.jsonl"])
def test_rarebench_br_reads_both_record_shapes(tmp_path: Path, file: str) -> None:
    gold = {"primary_orphanet": "ORPHA:355", "primary_name_pt": "Doença de Gaucher"}
    shown = {"free_text_pt": "Lactente masculino, 14 meses, com barriga d'água.", "hpo_codes": ["HP:0001433"]}
    unified = file.startswith("Rare")
    rows = [{"case_id": "RB-1", "ground_truth": gold, **({"clinical_input": shown, "task": "diagnosis"} if unified else shown)}]
    rows += [{"case_id": "RB-2", "task": "trajectory_forecast", "ground_truth": {}}] if unified else []
    (tmp_path / "rarebench_br").mkdir()
    (tmp_path / "rarebench_br" / file).write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    (case,) = load_cases("rarebench_br", tmp_path)
    assert (case.id, case.answers, case.presentation) == ("RB-1", ("ORPHA:355",), shown["free_text_pt"])


def test_rarearena_full_and_subset_are_apart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    row = {"_id": "1-1", "case_report": "x", "Orpha_id": "558"}
    (tmp_path / "rarearena").mkdir()
    (tmp_path / "rarearena/RDS_benchmark.jsonl").write_text(json.dumps(row) + "\n")
    assert len(load_cases("rarearena_rds", tmp_path)) == 1
    assert "the published benchmark subset RDS_benchmark.jsonl is scored" in caplog.text
    (tmp_path / "rarearena/RDS.json").write_text("".join(json.dumps({**row, "_id": f"{n}-1"}) + "\n" for n in range(3)))
    assert len(load_cases("rarearena_rds", tmp_path)) == 3
    assert len(load_cases("rarearena_rds", tmp_path, subset=True)) == 1
    with pytest.raises(DataMissing):
        load_cases("rarearena_rdc", tmp_path, subset=True)


class TestForms:
    """Every case can be shown as labels and as text."""

    def test_a_phenopacket_as_a_vignette_has_sex_ages_and_all_findings(self, hpo: Hpo) -> None:
        features = [
            {"type": {"id": code}} for code in ("HP:0001166", "HP:0001250", "HP:0001249", "HP:0000252", "HP:0000486", "HP:0001382")
        ]
        full = packet(
            subject={"sex": "FEMALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P7Y4M"}}},
            phenotypicFeatures=[
                *features,
                {"type": {"id": "HP:0000365"}, "excluded": True},
                {"type": {"id": "HP:0001263"}, "excluded": True},
            ],
            diseases=[{"term": {"id": "OMIM:154700"}, "onset": {"age": {"iso8601duration": "P3M"}}}],
        )
        text = phenopacket_case(full, "c/x", "c", "here", hpo, form="text").presentation
        assert text == (
            "A female patient was seen at the age of 7 years and 4 months. The first signs appeared at the age of 3 months. "
            "She had arachnodactyly, seizure, intellectual disability, microcephaly and strabismus. "
            "There was also joint hypermobility. "
            "She did not have hearing impairment or global developmental delay."
        )

    def test_an_onset_class_is_said_by_its_label(self, hpo: Hpo) -> None:
        born = packet(
            diseases=[{"term": {"id": "OMIM:1"}, "onset": {"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}}]
        )
        assert (
            "The first signs appeared with congenital onset."
            in phenopacket_case(born, "c/x", "c", "here", hpo, form="text").presentation
        )

    @pytest.mark.parametrize(
        ("duration_", "words"),
        [
            ("P7Y", "7 years"),
            ("P1Y6M", "1 year and 6 months"),
            ("P3W", "3 weeks"),
            ("P0D", "0 days"),
            ("PT3H", ""),
            ("", ""),
            ("7", ""),
        ],
    )
    def test_durations_in_words(self, duration_: str, words: str) -> None:
        assert duration(duration_) == words

    @pytest.mark.parametrize(
        ("onset", "stage"),
        [
            ({"age": {"iso8601duration": "P0D"}}, "HP:0003577"),
            ({"age": {"iso8601duration": "P2W"}}, "HP:0003623"),
            ({"age": {"iso8601duration": "P11M"}}, "HP:0003593"),
            ({"age": {"iso8601duration": "P1Y"}}, "HP:0011463"),
            ({"age": {"iso8601duration": "P1Y6M"}}, "HP:0011463"),
            ({"age": {"iso8601duration": "P17Y"}}, "HP:0011462"),
            ({"age": {"iso8601duration": "P61Y"}}, "HP:0003584"),
            ({"gestationalAge": {"weeks": 20}}, "HP:0030674"),
            ({"ontologyClass": {"id": "HP:0003623", "label": "Neonatal onset"}}, "HP:0003623"),
            ({"ontologyClass": {"id": "XX:1"}}, ""),
            ({"age": {"iso8601duration": "soon"}}, ""),
            ({}, ""),
        ],
    )
    def test_the_stage_of_onset_and_the_sex_of_a_packet(self, hpo: Hpo, onset: dict[str, Any], stage: str) -> None:
        packet = {"subject": {"sex": "FEMALE"}, "diseases": [{"term": {"id": "OMIM:1"}, "onset": onset}]}
        assert onset_and_sex(packet, hpo) == (stage, "female")
        assert onset_and_sex({"subject": {"sex": "UNKNOWN_SEX"}}, hpo) == ("", "")

    def test_rarebench_as_a_vignette(self, tmp_path: Path) -> None:
        rare(tmp_path, "MME", [(["HP:0001250"], ["OMIM:1"])])
        (case,) = load_cases("rarebench_mme", tmp_path, form="text")
        assert case.presentation == "A patient was seen. The patient had seizure."

    def test_a_text_as_labels_uses_its_own_codes_or_what_is_recognised(self, tmp_path: Path, hpo: Hpo) -> None:
        coded = load_cases("raredx_vignettes", NOWHERE, form="hpo")[0]
        assert coded.presentation.startswith(f"The patient has these findings: {hpo.name(coded.observed[0])}")
        (tmp_path / "rarearena").mkdir()
        row = {"_id": "1-1", "case_report": "She had arachnodactyly, but no seizures.", "Orpha_id": "558"}
        (tmp_path / "rarearena/RDS.json").write_text(json.dumps(row) + "\n")
        (read,) = load_cases("rarearena_rds", tmp_path, form="hpo")
        assert (read.observed, read.excluded) == (("HP:0001166",), ("HP:0001250",))
        assert document(read, "hpo")["observed"] == ["HP:0001166"]

    def test_another_form_is_refused(self) -> None:
        with pytest.raises(UnknownName, match="unknown input form 'codes': known: hpo, text"):
            load_cases("raredx_sim", NOWHERE, form="codes")


class TestCustom:
    """The user's own cases."""

    ROW: ClassVar[dict[str, Any]] = {
        "id": "p1",
        "text": "A tall boy with arachnodactyly.",
        "answers": ["OMIM:154700"],
        "published": "2021-05",
    }

    def written(self, folder: Path, *rows: dict[str, Any]) -> Path:
        path = folder / "mine.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    def test_json_lines_with_text(self, tmp_path: Path) -> None:
        path = self.written(
            tmp_path, self.ROW, {"id": "p2", "observed": ["HP:0001166"], "answers": ["ORPHA:558"], "sex": "male", "age": "P9Y"}
        )
        first, second = load_cases("custom", tmp_path, cases=str(path))
        assert (first.presentation, first.published) == (self.ROW["text"], "2021-05")
        assert second.presentation == "A male patient was seen at the age of 9 years. He had arachnodactyly."

    def test_json_lines_with_codes_alone_are_shown_as_labels(self, tmp_path: Path) -> None:
        row = {"id": "p", "observed": ["HP:0001166"], "excluded": ["HP:0001250"], "answers": ["ORPHA:558"]}
        (case,) = load_cases("custom", tmp_path, cases=str(self.written(tmp_path, row)))
        assert "has these findings: Arachnodactyly." in case.presentation

    @pytest.mark.parametrize("packed", [False, True])
    def test_a_folder_or_zip_of_phenopackets(self, tmp_path: Path, packed: bool) -> None:
        if packed:
            zipped(tmp_path / "mine.zip", {"cohort/a.json": json.dumps(packet())})
            (case,) = load_cases("custom", tmp_path, cases=str(tmp_path / "mine.zip"))
        else:
            (tmp_path / "mine/cohort").mkdir(parents=True)
            (tmp_path / "mine/cohort/a.json").write_text(json.dumps(packet()))
            (case,) = load_cases("custom", tmp_path, cases=str(tmp_path / "mine"))
        assert (case.id, case.cohort, case.benchmark, case.answers) == ("cohort/a", "cohort", "custom", ("OMIM:154700",))
        assert case.presentation.startswith("The patient is female. The patient has these findings: Arachnodactyly.")

    def test_the_data_directory_has_a_place_for_them(self, tmp_path: Path) -> None:
        (tmp_path / "custom").mkdir()
        (tmp_path / "custom/cases.jsonl").write_text(json.dumps(self.ROW) + "\n")
        assert load_cases("custom", tmp_path)[0].id == "p1"

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"answers": []}, r"line 1, answers: \[\] should be non-empty"),
            ({"answers": ["Marfan syndrome"]}, r"line 1, answers\.0: 'Marfan syndrome' does not match"),
            ({"observed": ["0001166"]}, r"line 1, observed\.0: '0001166' does not match"),
            ({"diagnosis": "x"}, r"line 1: Additional properties .*'diagnosis'"),
            ({"age": "7 years"}, r"line 1, age: '7 years' does not match"),
        ],
    )
    def test_a_bad_row_says_where_and_what(self, tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
        with pytest.raises(BadInput, match=fault):
            load_cases("custom", tmp_path, cases=str(self.written(tmp_path, {**self.ROW, **changes})))

    def test_another_kind_of_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "mine.csv").write_text("id\n")
        with pytest.raises(BadInput, match=r"cases come as JSON lines"):
            load_cases("custom", tmp_path, cases=str(tmp_path / "mine.csv"))


def test_an_unknown_benchmark_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean rarebench_mme"):
        load_cases("rarebench_mne", NOWHERE)


def test_simulated_patients_are_the_same_for_the_same_seed_at_any_size(hpo: Hpo) -> None:
    small, large, other = (list(simulate(hpo, n, seed)) for n, seed in ((5, 1), (12, 1), (5, 2)))
    assert large[:5] == small
    assert other != small
    for case in large:
        assert len(case.observed) >= 3
        assert not set(case.observed) & set(case.excluded)
        assert all(hpo.current(each) == each for each in (*case.observed, *case.excluded))
        assert "HP:" not in case.presentation


def test_free_text_tasks_hand_no_codes_to_a_model() -> None:
    for name in ("raredx_vignettes", "raredx_sim"):
        first = load_cases(name, NOWHERE, sim_n=1)[0]
        assert document(first, "text")["observed"] == document(first, "text")["excluded"] == []


class TestVignettes:
    """The frozen set is what it says it is."""

    TEXT = resources.files("raredx_bench").joinpath("embedded/vignettes.jsonl").read_text(encoding="utf-8")
    ROWS = tuple(json.loads(line) for line in io.StringIO(TEXT))

    def test_the_digest_is_the_frozen_one(self) -> None:
        yaml = (Path(__file__).parents[1] / "tasks/raredx_vignettes.yaml").read_text()
        assert hashlib.sha256(self.TEXT.encode()).hexdigest() in yaml

    def test_a_changed_set_is_refused(self) -> None:
        with pytest.raises(BadInput, match="frozen at digest 0000"):
            load_cases("raredx_vignettes", NOWHERE, digest="0000")

    def test_size_length_and_spread(self) -> None:
        assert len(self.ROWS) >= 120
        assert all(80 <= len(row["presentation"].split()) <= 200 for row in self.ROWS)
        assert len({row["answers"][0] for row in self.ROWS}) == len(self.ROWS)  # each another disease
        assert len({row["system"] for row in self.ROWS}) >= 12
        assert set(Counter(row["prevalence"] for row in self.ROWS)) == {
            ">5 / 10 000", "1-5 / 10 000", "1-9 / 100 000", "1-9 / 1 000 000", "<1 / 1 000 000"}  # fmt: skip

    def test_gold_ids_come_from_all_three_vocabularies(self) -> None:
        for row in self.ROWS:
            assert {each.split(":")[0] for each in row["answers"]} == {"MONDO", "OMIM", "ORPHA"}, row["id"]

    def test_findings_are_current_terms(self, hpo: Hpo) -> None:
        for row in self.ROWS:
            terms = [*row["observed"], *row["excluded"]]
            assert len(row["observed"]) >= 5
            assert all(hpo.current(each) == each for each in terms), row["id"]
            assert not set(row["observed"]) & set(row["excluded"])

    def test_most_findings_agree_with_the_annotations(self, hpo: Hpo) -> None:
        annotated: dict[str, set[int]] = {}
        for disease, term, negated in zip(hpo.disease, hpo.term, hpo.negated, strict=True):
            if not negated:
                annotated.setdefault(hpo.diseases[disease], set()).add(int(term))
        for row in self.ROWS:
            own = set().union(*(annotated.get(each, set()) for each in row["answers"]))
            above = {int(each) for term in own for each in hpo.ancestors(term)}
            agreeing = [term for term in hpo.indices(row["observed"])
                        if term in above or own & {int(each) for each in hpo.ancestors(term)}]  # fmt: skip
            assert len(agreeing) >= 0.6 * len(row["observed"]), row["id"]

    def test_no_text_names_its_answer(self, judge: Judge) -> None:
        for row in self.ROWS:
            text = f" {plain(row['presentation'])} "
            identifiers = {judge.ontology.canonical(each) for each in row["answers"]} - {None}
            names = {row["name"], *(judge.ontology.name(str(each)) for each in identifiers)}
            names |= {synonym.name for each in identifiers for synonym in judge.ontology[str(each)].synonyms}
            for name in names:
                assert f" {plain(name)} " not in text, (row["id"], name)
            for eponym in re.findall(r"\b[A-Z][a-z]{3,}(?= (?:syndrome|disease))", row["name"]):
                assert f" {eponym.lower()} " not in text, (row["id"], eponym)

    def test_answers_agree_with_mondo(self, full_judge: Judge) -> None:
        for row in self.ROWS:
            assert {full_judge.ontology.canonical(each) for each in row["answers"]} == {row["answers"][0]}, row["id"]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("rarebench_ramedis", 316),
        ("rarebench_mme", 23),
        ("rarebench_hms", 40),
        ("rarebench_lirical", 192),
        ("phenopacket_store", 7623),
    ],
)
def test_the_real_files_load_whole(data_root: Path, name: str, size: int) -> None:
    cases = load_cases(name, data_root)
    assert len(cases) == size
    assert all("HP:" not in case.presentation for case in cases)
