"""Rankings of phenotype-driven tools: their formats read, their files matched to cases, their ids judged as ids."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import raredx_bench
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import BadInput, Case, Reading, Relation, UnknownName, UsageError
from raredx_bench.hpo import Hpo
from raredx_bench.judging import Judge
from raredx_bench.models import build_model
from raredx_bench.models.ranked import ranking_text
from raredx_bench.models.rankings import Ranked, format_of, read_ranking
from raredx_bench.models.result_files import CaseNames
from raredx_bench.simulation import simulate
from tests import rankers
from tests.formats import phenopackets

DECOYS = [
    (f"OMIM:{code}", "decoy") for code in (154700, 301500, 219700, 143100, 105400, 162200, 191100, 230800, 277900, 176670, 312750)
]
RANKING = [("OMIM:154700", 'MARFAN SYNDROME; "MFS"'), ("ORPHA:324", "Fabry disease"), ("OMIM:154700", "again")]


def pheval_parquet(path: Path, ranking: rankers.Ranking) -> None:
    rankers.pheval_parquet(path, ranking, "OMIM:1")


def jsonl(path: Path, ranking: rankers.Ranking) -> None:
    """One gene a line, the disease inside an object of its own."""
    genes = [
        rankers.gene(rank, {"disease": {"diseaseId": code, "diseaseName": name}}) for rank, (code, name) in enumerate(ranking, 1)
    ]
    rankers.text(path, [json.dumps(gene) for gene in genes])


FORMS: list[tuple[str, str, Callable[[Path, rankers.Ranking], None]]] = [
    ("lirical", "x.tsv", rankers.lirical), ("exomiser", "x-exomiser.json", rankers.exomiser_json), ("exomiser", "x.jsonl", jsonl),
    ("exomiser", "x.genes.tsv", rankers.exomiser_genes), ("exomiser", "x.variants.tsv", rankers.exomiser_variants),
    ("pheval", "x-pheval_disease_result.tsv", rankers.pheval), ("pheval", "x-disease_result.parquet", pheval_parquet),
    ("pubcasefinder", "x.tsv", rankers.pubcasefinder), ("pubcasefinder", "x.json", rankers.pubcasefinder_json),
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The embedded terminology, wherever the tests run."""
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing"))


# The formats


@pytest.mark.parametrize(("kind", "name", "write"), FORMS, ids=[f"{kind} {name}" for kind, name, _ in FORMS])
def test_every_format_is_recognised_and_read_in_the_order_of_its_ranks(tmp_path: Path, kind: str, name: str, write: Any) -> None:
    path = tmp_path / name
    write(path, RANKING)
    assert format_of(path) == kind
    read = read_ranking([path], kind)
    assert [each.id for each in read] == [code for code, _ in RANKING]
    assert read[1].name == ("" if name.endswith("parquet") else "Fabry disease")
    if path.suffix != ".parquet":
        zipped = tmp_path / f"{name}.gz"
        zipped.write_bytes(gzip.compress(path.read_bytes()))
        assert format_of(zipped) == kind
        assert read_ranking([zipped], kind) == read


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.html", "<p>"), ("results.yml", "tool: x"), ("x-pheval_gene_result.tsv", "rank\tscore\tgene_symbol\n"),
     ("x-gene_result.parquet", ""), ("x.json", "{}"), ("x.tsv", "")],
)  # fmt: skip
def test_what_is_no_ranking_of_diseases_is_no_format(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert format_of(tmp_path / name) is None


def test_ties_keep_the_order_of_the_file_and_an_empty_file_ranks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x-pheval_disease_result.tsv"
    path.write_text("rank\tscore\tdisease_name\tdisease_identifier\n3\t0\tc\tOMIM:3\n2\t1\tb\tOMIM:2\n2\t1\ta\tOMIM:1\n")
    assert [each.id for each in read_ranking([path], "pheval")] == ["OMIM:2", "OMIM:1", "OMIM:3"]
    path.write_text("")
    assert format_of(path) == "pheval"
    assert read_ranking([path], "pheval") == []


def test_the_truth_that_pheval_adds_with_rank_0_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "x-disease_result.parquet"
    rankers.pheval_parquet(path, DECOYS[:2], truth="OMIM:310300")
    assert [each.id for each in read_ranking([path], "pheval")] == ["OMIM:154700", "OMIM:301500"]


def test_exomiser_files_of_several_modes_are_one_ranking_and_json_tells_more(tmp_path: Path) -> None:
    dominant, recessive, whole = (tmp_path / name for name in ("x_AD.genes.tsv", "x_AR.genes.tsv", "x.json"))
    rankers.exomiser_genes(dominant, [("OMIM:1", "a"), ("OMIM:3", "c")])
    rankers.exomiser_genes(recessive, [("OMIM:2", "b")])
    rankers.exomiser_json(whole, [("OMIM:4", "d")])
    assert [each.id for each in read_ranking([dominant, recessive], "exomiser")] == ["OMIM:1", "OMIM:2", "OMIM:3"]
    assert [each.id for each in read_ranking([dominant, recessive, whole], "exomiser")] == ["OMIM:4"]


@pytest.mark.parametrize(
    ("kind", "name", "text", "said"),
    [
        ("lirical", "x.tsv", "rank\tdiseaseCurie\nfirst\tOMIM:1\n", "line 2: expected rank to be a number, not 'first'"),
        ("lirical", "x.tsv", "! a\n!b\nrank\tdiseaseName\n1\tx\n", "line 4: expected a disease's id in a column diseasecurie"),
        ("pheval", "x-disease_result.parquet", "nonsense", "can't be read as Parquet"),
        ("exomiser", "x.json", "[1]", "expected a list of JSON objects"),
        ("exomiser", "x.json", "[", "is not JSON"),
        ("exomiser", "x.json", '[{"priorityResults": 7}]', "object 1: expected priorityResults.HIPHIVE_PRIORITY to be an object"),
        (
            "exomiser",
            "x.json",
            '[{"priorityResults": {"HIPHIVE_PRIORITY": {"diseaseMatches": [{"score": 1}]}}}]',
            "has no diseaseId",
        ),
        ("exomiser", "x.genes.tsv", "#RANK\n1\n", "expected a column HUMAN_PHENO_EVIDENCE"),
        ("exomiser", "x.txt", "", "is no file of Exomiser's"),
        ("pubcasefinder", "x.tsv.gz", "plain", "can't be read"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(tmp_path: Path, kind: str, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=said):
        read_ranking([tmp_path / name], kind)


# Files and cases


@pytest.mark.parametrize(
    ("path", "case_ids"),
    [
        ("PMID_1_P1.tsv", ["GENE/PMID_1_P1"]),
        ("PMID_1_P1-exomiser.json.gz", ["GENE/PMID_1_P1"]),
        ("results/PMID_1_P1_AD.genes.tsv", ["GENE/PMID_1_P1"]),
        ("PMID_1_P1-exomiser_AR.variants.tsv", ["GENE/PMID_1_P1"]),
        ("pheval_disease_results/pmid-1-p1-pheval_disease_result.tsv", ["GENE/PMID_1_P1"]),
        ("GENE_PMID_1_P1-disease_result.parquet", ["GENE/PMID_1_P1"]),
        ("SHARED.json", ["A/SHARED", "B/SHARED"]),
        ("run 2/b/SHARED_lirical.tsv", ["B/SHARED"]),
        ("A_SHARED.tsv", ["A/SHARED"]),
        ("P_AR.genes.tsv", ["GENE/P_AR"]),
        ("x.1.tsv", ["GENE/x.1"]), ("x_1.tsv", ["GENE/x_1"]), ("X-1.tsv", ["GENE/x.1", "GENE/x_1"]),
        ("MME-77.tsv", ["MME-77"]),
        ("PMID_1.tsv", []), ("summary.tsv", []),
    ],
)  # fmt: skip
def test_a_file_belongs_to_the_case_of_its_name(path: str, case_ids: list[str]) -> None:
    known = ["GENE/PMID_1_P1", "A/SHARED", "B/SHARED", "GENE/P_AR", "GENE/P", "GENE/x.1", "GENE/x_1", "MME-77"]
    assert CaseNames(known).of(Path(path)) == case_ids


# Judged by id


def test_a_disease_is_judged_by_its_id_and_once(small: Judge) -> None:
    ranking = [Ranked("OMIM:100011", "anything"), Ranked("MONDO:0000011", ""), Ranked("OMIM:7", "Cedar's haemolytic anaemia"),
               Ranked("ORPHA:990010", "Alder syndrome 1"), Ranked("OMIM:8", "")]  # fmt: skip
    verdict = small.judge(Case("c", "raredx_sim", "", ("OMIM:100011",)), ranking_text(ranking, small))
    assert [each.link.id for each in verdict.predictions] == ["MONDO:0000011", "MONDO:0000020", "MONDO:0000010", None]
    assert verdict.predictions[0].relation is Relation.EXACT


def test_a_name_that_means_more_than_the_disease_gives_way_to_the_id(judge: Judge) -> None:
    shared = next(each for each in judge.ontology if judge.linker.link(judge.ontology.name(each)).id is None)
    assert ranking_text([Ranked(shared, "x")], judge) == f"1. {shared}"
    assert judge.linker.link(shared).id == shared


def test_the_diagnoses_of_all_phenopackets_come_back_as_themselves(data_root: Path, full_judge: Judge) -> None:
    for code in {answer for case in load_cases("phenopacket_store", data_root) for answer in case.answers}:
        canonical = full_judge.ontology.canonical(code)
        verdict = full_judge.judge(Case("c", "raredx_sim", "", (code,)), ranking_text([Ranked(code, "")], full_judge))
        assert canonical is None or [each.link.id for each in verdict.predictions] == [canonical], code


# One run


@pytest.fixture
def store(tmp_path: Path, hpo: Hpo) -> list[Case]:
    """Six made-up patients under tmp_path/data, with OMIM diagnoses that are no decoys."""
    decoys = {code for code, _ in DECOYS}
    cases = (case for case in simulate(hpo, 300, seed=5) if case.answers[0].startswith("OMIM:") and case.answers[0] not in decoys)
    phenopackets(tmp_path / "data", [next(cases) for _ in range(6)], hpo)
    return list(load_cases("phenopacket_store", tmp_path / "data"))


def run(tmp_path: Path, **args: Any) -> raredx_bench.BenchmarkReport:
    report = raredx_bench.run("phenopacket-ranker", ["phenopacket_store"], model_args={"path": str(tmp_path / "ranked"), **args},
                              output=tmp_path / "out", data_dir=tmp_path / "data")  # fmt: skip
    return report.benchmarks["phenopacket_store"]


def ranked_at(case: Case, rank: int | None) -> rankers.Ranking:
    """The decoys with the diagnosis at a rank; None: without it."""
    return DECOYS if rank is None else [*DECOYS[: rank - 1], (case.answers[0], "x"), *DECOYS[rank - 1 :]]


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("{}.tsv", rankers.lirical),
        ("{}-exomiser.json", rankers.exomiser_json),
        ("pheval_disease_results/{}-disease_result.parquet", None),
    ],
)
def test_a_folder_of_files_scores_what_their_ranks_say(tmp_path: Path, store: list[Case], name: str, write: Any) -> None:
    for case, rank in zip(store, (1, 2, 4, 10, 11, None), strict=True):
        path, ranking = tmp_path / "ranked" / name.format(case.id.rpartition("/")[2]), ranked_at(case, rank)
        if write:
            write(path, ranking)
        else:
            rankers.pheval_parquet(path, ranking, case.answers[0])
    part = run(tmp_path)
    assert [verdict.rank(Relation.EXACT) for verdict in part.verdicts] == [1, 2, 4, 10, None, None]
    assert {key: round(part.estimates[key].value * 6) for key in ("recall@1", "recall@3", "recall@5", "recall@10")} == {
        "recall@1": 1, "recall@3": 2, "recall@5": 3, "recall@10": 4,
    }  # fmt: skip
    assert part.estimates["mrr"].value == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 10) / 6)


def test_cases_and_files_that_do_not_belong_together_are_listed_before_anything_is_scored(
    tmp_path: Path, store: list[Case]
) -> None:
    names = [case.id.rpartition("/")[2] for case in store]
    for name in (*names[:4], f"again/{names[0]}", "stranger"):
        rankers.lirical(tmp_path / f"ranked/{name}.tsv", DECOYS)
    with pytest.raises(BadInput, match=rf"2 missing \(.*\); 1 unknown \(stranger.tsv\); 1 repeated \({store[0].id}\)"):
        run(tmp_path)
    (tmp_path / f"ranked/again/{names[0]}.tsv").unlink()
    part = run(tmp_path, strict=False)
    assert [verdict.case_id for verdict in part.verdicts if verdict.reading is Reading.EMPTY] == [case.id for case in store[4:]]


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        ({"path": "nowhere"}, BadInput, "nowhere is no folder"),
        ({"path": ".", "format": "liricl"}, UnknownName, "did you mean lirical"),
        ({"path": ".", "fromat": "lirical"}, UsageError, "knows no argument fromat: path, format, strict, data_dir"),
    ],
)
def test_wrong_arguments_are_the_users_mistake(args: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        build_model("phenopacket-ranker", args)


def test_a_folder_of_nothing_or_of_several_formats_is_refused(tmp_path: Path, store: list[Case]) -> None:
    (tmp_path / "ranked").mkdir()
    with pytest.raises(BadInput, match="holds no ranking of diseases"):
        run(tmp_path)
    for case in store:
        name = case.id.rpartition("/")[2]
        rankers.exomiser_json(tmp_path / f"ranked/raw_results/{name}.json", DECOYS)
        rankers.pheval(tmp_path / f"ranked/pheval_disease_results/{name}-pheval_disease_result.tsv", DECOYS)
    with pytest.raises(UsageError, match="holds rankings by exomiser, pheval: say which with format="):
        run(tmp_path)
    assert run(tmp_path, format="pheval").n == len(store)
