"""Which models a run has, and how raredx-bench is asked for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from benchmarks.tiny import tiny_model
from raredx_bench.domain import DataMissing, UnknownName, UsageError
from raredx_bench.models import build_model
from raredx_bench.models.spelled import spelled
from raredx_train.ladder.asking import GENERAL, Question, _wanted, at_hand, before_generally, generally, question, refined
from raredx_train.ladder.report import pairs_of, table
from raredx_train.ladder.rungs import BASE, Rung, rung, rungs
from raredx_train.ladder.settings import Evaluation
from raredx_train.manifest import MANIFEST, Manifest, read
from raredx_train.settings import FROM_SCRATCH, Run, Student
from tests.conftest import NOWHERE

RUN = Run("tiny", Student())


def finished(run: Path, *stages: str, inputs: Mapping[str, str] = MappingProxyType({})) -> Path:
    """A run's folder in which these stages are done; each made one file from these inputs."""
    for stage in stages:
        (run / stage / "model").mkdir(parents=True)
        (run / stage / "model" / "config.json").write_text(json.dumps({"stage": stage}))
        made = Manifest(stage, "key", {}, dict(inputs), {}, 1, {}, (), "2026-01-01", 1.0, 1.0, 1.0, None, "0.1")
        (run / stage / MANIFEST).write_text(json.dumps(asdict(made)))
    (run / "config.yaml").write_text("name: mine\n")
    return run


def test_the_last_model_of_the_recipe_stands_for_the_run_and_arms_never_do(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", "knowledge-sft", "rers-sft", "rl")
    assert [each.stage for each in rungs(run)] == ["knowledge-sft", "rers-sft", "rl"]
    assert rung(run).stage == "rers-sft"
    assert rung(run / "knowledge-sft") == rung(run, "knowledge-sft")
    assert (rung(run, "rl").folder, rung(run, "rl").label) == (run / "rl" / "model", "mine rl")
    assert rung(run).digest != rung(run, "rl").digest


def test_a_model_that_stands_on_an_earlier_state_of_another_stage_is_no_rung(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", "knowledge-sft")
    finished(run, "rl", inputs={"knowledge-sft/model/model.safetensors": "before"})
    assert [each.stage for each in rungs(run)] == ["knowledge-sft"]
    made = read(run / "knowledge-sft")
    assert made is not None
    outputs = {"model/model.safetensors": "before"}
    (run / "knowledge-sft" / MANIFEST).write_text(json.dumps(asdict(replace(made, outputs=outputs))))
    assert [each.stage for each in rungs(run)] == ["knowledge-sft", "rl"]
    before = rung(run, "knowledge-sft").digest
    (run / "knowledge-sft" / MANIFEST).write_text(json.dumps(asdict(replace(made, outputs={"model/model.safetensors": "now"}))))
    assert rung(run, "knowledge-sft").digest != before


def test_a_stage_that_is_not_there_is_said_with_what_makes_it(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", "knowledge-sft")
    with pytest.raises(
        DataMissing, match=r"no finished dcrl \(finished are knowledge-sft\): `raredx-train run RECIPE --until dcrl`"
    ):
        rung(run, "dcrl")
    with pytest.raises(DataMissing, match="holds no finished stage with a model"):
        rung(tmp_path / "nothing")
    with pytest.raises(UnknownName, match="did you mean rers-sft"):
        rung(run, "rers_sft")


def test_the_folder_of_a_model_is_taken_as_it_is(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", "dcrl")
    assert rung(run / "dcrl" / "model").folder == run / "dcrl" / "model"


def test_a_model_on_a_cpu_says_what_transformers_generate_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts of several lengths in batches, greedily; with a stop word, and with likelihoods cut, generate itself answers."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    from raredx_train.ladder import trained
    from raredx_train.sampling import sampled

    texts = [f"The patient has finding {'and finding ' * (at % 5)}{at}." for at in range(12)]
    model, ways = tiny_model(tmp_path / "model", texts * 9, vocabulary=300), list[int]()

    def counted(model: Any, prompts: Sequence[Sequence[int]], *others: Any) -> Any:
        ways.append(len(prompts))
        return sampled(model, prompts, *others)

    monkeypatch.setattr(trained, "sampled", counted)
    shared: dict[str, Any] = {"device": "cpu", "dtype": "float32", "batch_size": 5}
    ours, theirs = trained.TrainedLM(path=str(model), **shared), HFLM(pretrained=str(model), max_length=2048, **shared)

    def said(lm: HFLM, **asked: object) -> list[str]:
        wanted = [Instance("generate_until", {}, (text, {"max_gen_toks": 24, "until": [], **asked}), 0) for text in texts]
        return list(lm.generate_until(wanted, disable_tqdm=True))

    assert said(ours) == said(theirs)
    assert ways == [5, 5, 2]
    assert said(ours, until=["a"]) == said(theirs, until=["a"])
    said(ours, do_sample=True, temperature=0.7)  # from the 50 likeliest tokens, as transformers has it
    assert len(ways) == 3
    assert len(set(said(ours, do_sample=True, temperature=5.0, top_k=0))) == len(texts)
    assert len(ways) == 6


def test_a_run_is_named_by_its_folder() -> None:
    assert spelled("raredx-train:runs/tiny/dcrl") == ("raredx-train", {"path": "runs/tiny/dcrl"})
    assert spelled("raredx-train:runs/tiny", "stage=rl").args == {"path": "runs/tiny", "stage": "rl"}
    with pytest.raises(UsageError, match="names no path: write raredx-train:PATH"):
        spelled("raredx-train:")


def test_answers_stand_under_the_digest_of_the_weights(tmp_path: Path) -> None:
    run, section = finished(tmp_path / "run", "knowledge-sft"), Evaluation()
    before = question(RUN, section, rung(run))
    assert before.folder.parent == run / "answers"
    (run / "knowledge-sft" / "model" / "model.safetensors").write_bytes(b"other weights")
    assert question(RUN, section, rung(run)).folder != before.folder
    assert refined(section, rung(run), "rrf", tmp_path).name == "crr: rrf"


def test_a_data_directory_that_nobody_made_is_not_handed_on(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", "knowledge-sft")
    assert "data_dir" not in refined(Evaluation(), rung(run), "crr", tmp_path / "nowhere").model_args
    assert refined(Evaluation(), rung(run), "crr", tmp_path).model_args["data_dir"] == str(tmp_path)


def test_another_named_student_has_answers_of_its_own(tmp_path: Path) -> None:
    base = Rung(tmp_path, "base", tmp_path / "evaluation" / "base")
    students = (Student("org/one"), Student("org/two"), Student("org/one", revision="abc"))
    assert len({question(Run("mine", each), Evaluation(), base).folder for each in students}) == 3


def test_answers_under_other_settings_are_not_taken_for_these(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", "knowledge-sft")
    alone, crr = question(RUN, Evaluation(), rung(run)), refined(Evaluation(), rung(run), "crr", tmp_path)
    for changes, of_alone in (({"dtype": "float32"}, True), ({"context": 2048}, True), ({"experts": "phenotype"}, False)):
        changed = Evaluation(**changes)
        assert (_wanted(alone, Evaluation(), ()) != _wanted(alone, changed, ())) == of_alone
        assert _wanted(crr, Evaluation(), ()) != _wanted(crr, changed, ())


def test_vllm_answers_where_the_recipe_says_so(tmp_path: Path) -> None:
    run, section = finished(tmp_path, "knowledge-sft"), Evaluation(vllm={"tensor_parallel_size": 2}, context=900)
    student = Run("r", Student(FROM_SCRATCH))
    alone = question(student, section, rung(run))
    assert (alone.model, alone.model_args["max_model_len"], alone.model_args["tensor_parallel_size"]) == (
        "raredx-train-vllm",
        900,
        2,
    )
    assert question(Run("r", Student("org/m")), section, Rung(run, BASE, run)).model == "vllm"
    lead = str(refined(section, rung(run), "crr", tmp_path).model_args["lead"])
    assert lead.startswith(f"raredx-train-vllm(path={run};")
    assert lead.endswith(";tensor_parallel_size=2)")
    assert question(student, replace(section, vllm=None), rung(run)).model == "raredx-train"
    if find_spec("vllm") is None:
        with pytest.raises(UsageError, match=r"raredx-train-vllm.*vllm"):
            build_model(alone.model, alone.model_args)


def test_figures_of_one_general_task_are_not_taken_for_another(tmp_path: Path) -> None:
    put = question(RUN, Evaluation(general="medmcqa"), rung(finished(tmp_path / "run", "knowledge-sft")))
    put.folder.mkdir(parents=True)
    stored = {"task": "medmcqa", "limit": 0, "dtype": "auto", "context": 4096, "found": {"acc,none": 0.25}}
    (put.folder / GENERAL).write_text(json.dumps(stored))
    assert generally(put, Evaluation(general="medmcqa")) == {"acc,none": 0.25}
    assert before_generally(put, Evaluation(general="pubmedqa")) == {}


def test_a_general_task_is_asked_through_lm_eval_and_one_without_data_is_said(tmp_path: Path) -> None:
    """A task of lm-eval's own kind in a file, on data beside it; then the same where the data isn't there."""
    rows = [{"question": f"Which organ beats, {at}?", "options": ["heart", "liver"], "answer": 0} for at in range(4)]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task = {"task": "organs", "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(tmp_path / "q.jsonl")}},
            "test_split": "test", "output_type": "multiple_choice", "doc_to_text": "{{question}}\nAnswer:",
            "doc_to_choice": "{{options}}", "doc_to_target": "answer",
            "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}]}  # fmt: skip
    (tmp_path / "organs.yaml").write_text(json.dumps(task))
    model = tiny_model(tmp_path / "model", ["Which organ beats? heart liver Answer:"] * 20, vocabulary=300)
    put = Question("base", "hf", {"pretrained": str(model), "dtype": "float32"}, tmp_path / "answers")
    found = generally(put, Evaluation(general=str(tmp_path / "organs.yaml")))
    assert 0 <= found["acc,none"] <= 1
    assert before_generally(put, Evaluation(general=str(tmp_path / "organs.yaml"))) == found
    task["dataset_kwargs"] = {"data_files": {"test": str(tmp_path / "gone.jsonl")}}
    (tmp_path / "gone.yaml").write_text(json.dumps(task))
    assert "gone.yaml can't be asked: " in generally(put, Evaluation(general=str(tmp_path / "gone.yaml")))["note"]


def test_tasks_without_data_are_left_out_and_none_left_is_an_error() -> None:
    here, why = at_hand(("phenopacket_store@seen", "raredx_vignettes"), NOWHERE)
    assert here == ["raredx_vignettes"]
    assert why[0].startswith("phenopacket_store@seen is left out: ")
    with pytest.raises(DataMissing, match="add raredx_vignettes, which needs no data"):
        at_hand(("phenopacket_store",), NOWHERE)
    with pytest.raises(UnknownName):
        at_hand(("raredx_vignetes",), NOWHERE)


@pytest.mark.parametrize(("changes", "error", "said"), [
    ({"tasks": ()}, UsageError, "evaluation.tasks is empty"),
    ({"limit": -1}, UsageError, "evaluation.limit is -1"),
    ({"max_new": 0}, UsageError, "evaluation.max_new is 0"),
    ({"max_new": 5000}, UsageError, "leaves no room for a prompt in 4096 tokens"),
    ({"refined": ("cr",)}, UnknownName, "did you mean crr"),
])  # fmt: skip
def test_settings_that_can_not_be_are_one_sentence(changes: dict[str, object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Evaluation(**changes)  # type: ignore[arg-type]


def test_a_model_is_compared_with_the_one_it_learnt_from_and_with_its_arm() -> None:
    names = ("base", "knowledge-sft", "rejection-sft", "rers-sft", "rl", "dcrl", "crr", "crr: k")
    assert pairs_of(dict.fromkeys(names)) == [  # type: ignore[arg-type]
        ("base", "knowledge-sft"), ("knowledge-sft", "rejection-sft"), ("knowledge-sft", "rers-sft"), ("rers-sft", "rl"),
        ("rers-sft", "dcrl"), ("rejection-sft", "rers-sft"), ("rl", "dcrl"), ("dcrl", "crr"), ("crr: k", "crr"),
    ]  # fmt: skip


def test_the_table_has_percent_with_intervals() -> None:
    recall = {f"recall@{k}": {"value": 0.125, "low": 0.05, "high": 0.25} for k in (1, 5, 10)}
    row = {"name": "base", "benchmark": "raredx_vignettes", "n": 1350, "estimates": recall}
    headers, rows = table({"stages": [row], "controls": []})
    assert headers[-1] == "recall@10"
    assert rows == [["base", "raredx_vignettes", "1,350", *["12.5 (5.0–25.0)"] * 3]]
