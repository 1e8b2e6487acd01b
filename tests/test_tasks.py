"""Variants of tasks by name, and their datasets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from raredx_bench.domain import UnknownName, UsageError
from raredx_bench.tasks import cases_of, checked_options, dataset, loaded_tasks, select_tasks, task_named, whole
from tests.conftest import NOWHERE


@pytest.mark.parametrize(
    ("asked", "name", "added"),
    [
        ("phenopacket_store", "phenopacket_store", {}),
        ("phenopacket_store_hpo", "phenopacket_store", {}),
        ("phenopacket_store_text", "phenopacket_store_text", {"form": "text"}),
        ("rarearena_rds_text", "rarearena_rds", {}),
        ("rarearena_rds_hpo@benchmark", "rarearena_rds_hpo@benchmark", {"form": "hpo", "subset": True}),
        ("raredx_sim@test", "raredx_sim@test", {"split": "test"}),
        ("raredx_sim@small", "raredx_sim@small:300", {"split": "small:300"}),
        ("raredx_sim@test@small:100@clean", "raredx_sim@test@small:100@clean", {"split": "test@small:100", "clean": True}),
        ("custom_hpo", "custom_hpo", {"form": "hpo"}),
    ],
)
def test_a_variants_name_says_what_it_adds(asked: str, name: str, added: dict[str, object]) -> None:
    base, found = task_named(name.split("@")[0].removesuffix("_text").removesuffix("_hpo")), task_named(asked)
    assert found.name == name
    assert found.metadata == {**base.metadata, **added}


def test_a_variant_of_a_group_is_a_group_of_variants() -> None:
    assert task_named("rarebench_text@test").members[:2] == ("rarebench_ramedis_text@test", "rarebench_mme_text@test")


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("rarebench_mne", UnknownName, "did you mean rarebench_mme"),
        ("raredx_sim@tests", UnknownName, "did you mean test"),
        ("raredx_sim@benchmark", UsageError, "raredx_sim has none"),
        ("raredx_sim_codes", UnknownName, "raredx_sim"),
    ],
)
def test_a_name_that_is_none_is_refused(name: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        task_named(name)


def test_clean_comes_with_the_whole() -> None:
    assert select_tasks(["raredx_vignettes@clean"], NOWHERE)[0] == ["raredx_vignettes", "raredx_vignettes@clean"]
    assert whole("raredx_sim_hpo@test@clean") == "raredx_sim_hpo@test"


def test_lm_eval_loads_variants_under_their_names() -> None:
    found = loaded_tasks(["raredx_sim_hpo@small:100", "raredx_vignettes@unseen"], {"sim_n": 120})["tasks"]
    assert list(found) == ["raredx_sim_hpo@small:100", "raredx_vignettes@unseen"]
    coded, unseen = (list(task.test_docs()) for task in found.values())
    assert len(coded) == 100
    assert coded[0]["observed"]
    assert coded[0]["presentation"].startswith("The patient has these findings")
    assert 0 < len(unseen) < 135


def test_plain_lm_eval_reaches_variants_by_metadata() -> None:
    rows = dataset(benchmark="raredx_sim", sim_n=150, form="hpo", split="small:100")["test"]
    assert len(rows) == 100
    assert all(row["presentation"].startswith("The patient has") for row in rows)


def test_own_cases_are_a_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps({"id": "p1", "observed": ["HP:0001166"], "answers": ["OMIM:154700"]}) + "\n")
    (row,) = dataset(**task_named("custom").metadata, cases=str(path))["test"]
    assert row["observed"] == ["HP:0001166"]
    (row,) = dataset(**task_named("custom_text").metadata, cases=str(path))["test"]
    assert row["observed"] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"form": "codes"}, "unknown input form"),
        ({"split": "tests"}, "did you mean test"),
        ({"cases": 3}, "must be a text"),
        ({"sim_n": 0}, "whole number from 1"),
        ({"benchmark": "x"}, "unknown task option"),
    ],
)
def test_options_are_checked(options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        checked_options(options)


def test_every_case_knows_its_part_and_whether_training_has_its_disease() -> None:
    cases = cases_of(task_named("raredx_sim").metadata)
    assert {case.strata["split"] for case in cases} <= {"train", "validation", "test", "unseen", "none"}
    assert {case.strata["disease in training"] for case in cases} == {"yes", "no"}
