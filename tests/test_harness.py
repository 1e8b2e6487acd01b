"""run(): a real function as the model, real tasks, real files; killed runs go on; plain lm-eval agrees."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager

import raredx_bench
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import (
    BadInput,
    DataMissing,
    Link,
    Prediction,
    Reading,
    Relation,
    RunIncomplete,
    UnknownName,
    UsageError,
    Verdict,
)
from raredx_bench.harness import planned
from raredx_bench.metrics import estimates
from raredx_bench.models import FunctionLM, PhenotypeLM, build_model
from raredx_bench.parsing import parse
from raredx_bench.protocols import PROTOCOLS
from raredx_bench.report import RunReport, read_report, report_document, verdict_from, verdict_row
from raredx_bench.scoring import is_run, score_file, score_run
from raredx_bench.tasks import task_path

SIM = {"sim_n": 12}


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing pulled, nothing named: the embedded default."""
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing"))


def marfan(prompt: str) -> str:
    """A model that always says the same."""
    return "1. Marfan syndrome\n2. Fabry disease"


def test_a_function_can_be_benchmarked(tmp_path: Path) -> None:
    asked: list[str] = []

    def model(prompt: str) -> str:
        asked.append(prompt)
        return marfan(prompt)

    report = raredx_bench.run(model, ["raredx_vignettes"], limit=3, output=tmp_path)
    assert report.benchmarks["raredx_vignettes"].n == len(asked) == 3
    assert all("Answer with a numbered list of 10 disease names" in prompt for prompt in asked)
    assert load_cases("raredx_vignettes", tmp_path)[0].presentation in asked[0]
    assert report.folder is not None
    assert json.loads((report.folder / "report.json").read_text())["model"]["name"] == "model"


def test_a_report_is_read_back_whole_and_its_numbers_follow_from_its_verdicts(tmp_path: Path) -> None:
    report = raredx_bench.run("phenotype", ["raredx_demo"], metadata=SIM, output=tmp_path)
    assert report.folder is not None
    again = read_report(report.folder)
    assert report_document(again) == report_document(report)
    for part in again.benchmarks.values():
        assert {name: e.value for name, e in estimates(part.verdicts).items()} == pytest.approx(
            {name: e.value for name, e in part.estimates.items()}, abs=1e-6
        )
    assert again.groups["raredx_demo"].n == sum(part.n for part in again.benchmarks.values())
    vignettes = again.benchmarks["raredx_vignettes"]
    assert {"system", "prevalence"} <= set(vignettes.strata)
    assert vignettes.ceiling == {"in_terminology": 1.0, "annotated": 1.0}
    assert "terminology:HPO 2025-01-16" in vignettes.signature


def test_the_baseline_beats_the_list_that_ignores_the_case(tmp_path: Path) -> None:
    part = raredx_bench.run("phenotype", ["raredx_vignettes"], output=tmp_path).benchmarks["raredx_vignettes"]
    assert part.estimates["recall@10"].low > part.prior_only["recall@10"].value


def test_a_run_that_breaks_keeps_its_answers_and_goes_on(tmp_path: Path) -> None:
    asked: list[str] = []

    def model(prompt: str) -> str:
        asked.append(prompt)
        if len(asked) == 6:
            raise ConnectionError("the server went away")
        return marfan(prompt)

    with pytest.raises(RunIncomplete, match=r"ConnectionError.*5 answers are kept"):
        raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path)
    (folder,) = tmp_path.iterdir()
    with (folder / "answers/raredx_sim.jsonl").open("a") as handle:
        handle.write('{"case_id": "sim-1-000')  # killed in the middle of a line
    report = raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path)
    assert report.folder == folder
    assert len(asked) == 12 + 1  # the broken one is asked again, nothing else is
    whole = raredx_bench.run(marfan, ["raredx_sim"], metadata=SIM, output=tmp_path / "other")
    assert whole.benchmarks["raredx_sim"].verdicts == report.benchmarks["raredx_sim"].verdicts


def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    asked: list[str] = []

    def model(prompt: str) -> str:
        asked.append(prompt)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return marfan(prompt)

    with pytest.raises(RunIncomplete, match=r"stopped; 3 answers are kept in .* the same command goes on"):
        raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path)
    raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path)
    assert len(asked) == 13


def test_two_runs_at_once_keep_out_of_each_others_folder(tmp_path: Path) -> None:
    inner: list[str] = []

    def model(prompt: str) -> str:
        if not inner:
            inner.append("")
            inner[0] = raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path).id
        return marfan(prompt)

    outer = raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path).id
    assert inner[0] != outer
    for name in (inner[0], outer):
        assert len((tmp_path / name / "answers/raredx_sim.jsonl").read_text().splitlines()) == SIM["sim_n"]


def test_a_model_object_can_be_run_again_without_touching_its_first_run(tmp_path: Path) -> None:
    asked: list[str] = []

    def model(prompt: str) -> str:
        asked.append(prompt)
        return marfan(prompt)

    lm = FunctionLM(model)
    first = raredx_bench.run(lm, "raredx_sim", metadata=SIM, output=tmp_path)
    second = raredx_bench.run(lm, "raredx_sim", metadata=SIM, output=tmp_path)
    assert len(asked) == 2 * SIM["sim_n"]  # nothing is answered from the other run's store
    for report in (first, second):
        assert report.folder is not None
        assert len((report.folder / "answers/raredx_sim.jsonl").read_text().splitlines()) == SIM["sim_n"]


def test_another_request_starts_another_run(tmp_path: Path) -> None:
    first = raredx_bench.run(marfan, ["raredx_sim"], metadata=SIM, output=tmp_path)
    again = raredx_bench.run(marfan, ["raredx_sim"], metadata=SIM, output=tmp_path)
    other = raredx_bench.run(marfan, ["raredx_sim"], metadata={"sim_n": 3}, output=tmp_path)
    assert len({first.id, again.id, other.id}) == 3


def test_a_damaged_answer_file_names_the_line(tmp_path: Path) -> None:
    def model(prompt: str) -> str:
        raise ConnectionError

    with pytest.raises(RunIncomplete):
        raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path)
    (folder,) = tmp_path.iterdir()
    (folder / "answers/raredx_sim.jsonl").write_text("garbage\n")
    with pytest.raises(BadInput, match=r"raredx_sim\.jsonl, line 1 is damaged"):
        raredx_bench.run(model, ["raredx_sim"], metadata=SIM, output=tmp_path)


def test_group_members_without_data_are_skipped_by_name(small_rarebench: Path, tmp_path: Path) -> None:
    report = raredx_bench.run(marfan, ["rarebench"], output=tmp_path / "out", data_dir=small_rarebench)
    assert set(report.benchmarks) == {"rarebench_ramedis", "rarebench_mme", "rarebench_hms", "rarebench_lirical"}
    assert set(report.skipped) == {"rarebench_pumch_adm"}
    assert "get it from" in report.skipped["rarebench_pumch_adm"]


@pytest.fixture
def small_rarebench(tmp_path: Path) -> Path:
    import zipfile

    (tmp_path / "data/rarebench").mkdir(parents=True)
    row = json.dumps({"Phenotype": ["HP:0001166"], "RareDisease": ["ORPHA:558"], "Department": None})
    with zipfile.ZipFile(tmp_path / "data/rarebench/data.zip", "w") as archive:
        for subset in ("RAMEDIS", "MME", "HMS", "LIRICAL"):
            archive.writestr(f"data/{subset}.jsonl", f"{row}\n")
    return tmp_path / "data"


def test_a_task_asked_for_by_name_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="get it from"):
        raredx_bench.run(marfan, ["rarebench_mme"], output=tmp_path)


@pytest.mark.parametrize(
    ("model", "tasks", "error", "said"),
    [
        ("phenotyp", ["raredx_sim"], UnknownName, "did you mean phenotype"),
        ("phenotype", ["raredx_simm"], UnknownName, "did you mean raredx_sim"),
    ],
)
def test_unknown_names_get_the_nearest(tmp_path: Path, model: str, tasks: list[str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        raredx_bench.run(model, tasks, output=tmp_path)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"sim_n": "abc"}, "sim_n must be a whole number from 1, not 'abc'"),
        ({"sim_n": 0}, "from 1, not 0"),
        ({"sim_n": True}, "not True"),
        ({"sim_seed": 1.5}, "sim_seed must be a whole number from 0"),
        ({"simn": 5}, "did you mean sim_n"),
        ({"benchmark": "raredx_sim"}, "unknown task option 'benchmark'"),
    ],
)
def test_task_options_are_checked(tmp_path: Path, metadata: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        raredx_bench.run(marfan, "raredx_sim", metadata=metadata, output=tmp_path)


@pytest.mark.parametrize(("model", "tasks", "said"), [(3, "raredx_sim", "not int"), (marfan, [], "name at least one task")])
def test_what_is_no_model_or_no_task_is_said(tmp_path: Path, model: Any, tasks: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        raredx_bench.run(model, tasks, output=tmp_path)


def test_characters_that_no_file_can_hold_are_replaced(tmp_path: Path) -> None:
    report = raredx_bench.run(lambda prompt: "1. \ud800Marfan syndrome", "raredx_sim", metadata={"sim_n": 1}, output=tmp_path)
    assert report.benchmarks["raredx_sim"].verdicts[0].predictions[0].link.name.endswith("Marfan syndrome")
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff{"case_id": "sim-1-00000", "answer": "1. \\ud800 Marfan syndrome"}\r\n', encoding="utf-8")
    assert score_file(path, "raredx_sim", metadata={"sim_n": 1}, output=tmp_path).model["name"] == "a"


def test_a_group_cannot_be_scored_as_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="raredx_demo is a group: score its members"):
        score_file(tmp_path / "a.jsonl", "raredx_demo", output=tmp_path)


def test_the_phenotype_model_says_so_when_it_recognises_nothing() -> None:
    assert parse(PhenotypeLM().answer("", {"presentation": "He feels odd."})).reading is Reading.ABSTAINED


def test_wrong_model_arguments_are_the_users_mistake() -> None:
    with pytest.raises(UsageError, match="knows no argument colour"):
        build_model("phenotype", "colour=blue")


def test_a_function_that_returns_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="returned int"):
        raredx_bench.run(lambda prompt: 7, ["raredx_sim"], metadata=SIM, output=tmp_path)


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="can't write to the output folder"):
        raredx_bench.run(marfan, ["raredx_sim"], metadata=SIM, output=tmp_path / "file")


def test_a_gold_that_the_terminology_does_not_know_is_a_listed_miss(tmp_path: Path) -> None:
    data = tmp_path / "data/rarearena"
    data.mkdir(parents=True)
    rows = [{"_id": "1-1", "case_report": "x", "Orpha_id": "558"}, {"_id": "2-1", "case_report": "y", "Orpha_id": "99999999"}]
    (data / "RDS.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    part = raredx_bench.run(marfan, ["rarearena_rds"], output=tmp_path / "out", data_dir=data.parent).benchmarks["rarearena_rds"]
    assert part.unknown_gold == ("2-1",)
    assert (part.n, part.estimates["recall@1"].value, part.ceiling["in_terminology"]) == (2, 0.5, 0.5)


def test_the_phenotype_model_keeps_its_evidence(tmp_path: Path) -> None:
    path = tmp_path / "evidence.jsonl"
    raredx_bench.run("phenotype", ["raredx_sim"], model_args={"evidence": str(path)}, metadata={"sim_n": 2}, output=tmp_path / "o")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["case_id"] for row in rows] == ["sim-1-00000", "sim-1-00001"]
    assert all(each["evidence"] for row in rows for each in row["candidates"])


@pytest.mark.parametrize("build", [PhenotypeLM, lambda: FunctionLM(marfan)], ids=["phenotype", "function"])
def test_plain_lm_eval_gives_the_same_recall(build: Callable[[], LM], tmp_path: Path) -> None:
    ours = raredx_bench.run(build(), ["raredx_vignettes"], output=tmp_path).benchmarks["raredx_vignettes"].estimates
    manager = TaskManager(include_path=str(task_path()), include_defaults=False)
    theirs = simple_evaluate(model=build(), tasks=["raredx_vignettes"], task_manager=manager, bootstrap_iters=0)
    assert theirs is not None
    for key in ("recall@1", "recall@3", "recall@5", "recall@10", "mrr", "median_rank"):
        assert theirs["results"]["raredx_vignettes"][f"{key},none"] == pytest.approx(ours[key].value)


def test_lm_evals_own_command_line_runs_our_tasks_and_our_model(tmp_path: Path) -> None:
    # the defaults of lm-eval's index cost it several seconds; this is the one test that pays them
    command = [sys.executable, "-m", "raredx_bench.models", "run", "--include_path", str(task_path()), "--tasks", "raredx_sim",
               "--model", "phenotype", "--limit", "5", "--output_path", str(tmp_path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, env={**os.environ, "RAREDX_DATA": ""})
    (path,) = tmp_path.rglob("results*.json")
    theirs = json.loads(path.read_text())["results"]["raredx_sim"]
    ours = raredx_bench.run("phenotype", ["raredx_sim"], limit=5, output=tmp_path / "ours").benchmarks["raredx_sim"].estimates
    assert theirs["recall@1,none"] == pytest.approx(ours["recall@1"].value)


def test_a_transformers_model_runs_through_the_same_door(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="the hf extra is not installed")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = pre_tokenizers.ByteLevel.alphabet()
    raw = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(["<pad>", "<eos>", *alphabet])}, merges=[]))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>")
    torch.manual_seed(0)
    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=4096, pad_token_id=0, eos_token_id=1, bos_token_id=None,
    )  # fmt: skip
    transformers.Qwen3ForCausalLM(config).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    report = raredx_bench.run("hf", ["raredx_sim"], model_args={"pretrained": str(tmp_path / "model"), "dtype": "float32"},
                              device="cpu", batch_size=2, gen_kwargs={"max_gen_toks": 8}, metadata={"sim_n": 4},
                              output=tmp_path / "out")  # fmt: skip
    assert report.folder is not None
    rows = [json.loads(line) for line in (report.folder / "answers/raredx_sim.jsonl").read_text().splitlines()]
    assert [row["case_id"] for row in rows] != []
    assert {row["case_id"] for row in rows} == {f"sim-1-{number:05d}" for number in range(4)}
    assert report.benchmarks["raredx_sim"].n == 4


def answers(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_answers_made_elsewhere_get_the_same_verdicts(tmp_path: Path) -> None:
    report = raredx_bench.run("phenotype", ["raredx_sim"], metadata=SIM, output=tmp_path)
    assert report.folder is not None
    rows = [json.loads(line) for line in (report.folder / "answers/raredx_sim.jsonl").read_text().splitlines()]
    texts = answers(tmp_path / "texts.jsonl", [{"case_id": row["case_id"], "answer": row["text"]} for row in rows])
    names = [[re.sub(r"^\d+\. ", "", line) for line in row["text"].splitlines()] for row in rows]
    lists = answers(tmp_path / "lists.jsonl", [{"case_id": r["case_id"], "names": n} for r, n in zip(rows, names, strict=True)])
    ours = report.benchmarks["raredx_sim"].estimates
    for path in (texts, lists):
        assert score_file(path, "raredx_sim", metadata=SIM, output=tmp_path).benchmarks["raredx_sim"].estimates == ours


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([{"case_id": "sim-1-00000", "answer": "x"}], r"1 missing \(sim-1-00001\)"),
        ([{"case_id": f"sim-1-0000{i}", "answer": "x"} for i in (0, 1, 1)], r"1 repeated \(sim-1-00001\)"),
        ([{"case_id": f"sim-1-0000{i}", "answer": "x"} for i in (0, 1, 7)], r"1 unknown \(sim-1-00007\)"),
        ([{"answer": "x"}], "line 1: expected a JSON object with case_id"),
        ([{"case_id": "sim-1-00000", "answer": 3}], r"line 1: expected answer \(a text\) or names"),
    ],
)
def test_a_file_of_answers_must_answer_every_case_once(tmp_path: Path, rows: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        score_file(answers(tmp_path / "a.jsonl", rows), "raredx_sim", metadata={"sim_n": 2}, output=tmp_path)


@pytest.mark.parametrize(
    "damage", [lambda d: d.pop("benchmarks"), lambda d: d.update(schema="x"), lambda d: d["benchmarks"].update(t={})]
)
def test_an_invalid_report_is_refused_with_the_place(tmp_path: Path, damage: Any) -> None:
    report = raredx_bench.run(marfan, ["raredx_sim"], metadata=SIM, output=tmp_path)
    assert report.folder is not None
    document = json.loads((report.folder / "report.json").read_text())
    damage(document)
    (report.folder / "report.json").write_text(json.dumps(document))
    with pytest.raises(BadInput, match="is not a raredx report: at"):
        read_report(report.folder)


# What a report holds


def test_a_verdict_is_read_back_whole() -> None:
    links = (
        Link("late-onset X", "ORPHA:1", "a form", 90.0, "X", form=True),
        Link("XY", "ORPHA:2", "the name", 100.0, "XY", namesakes=("ORPHA:3", "ORPHA:4")),
        Link("X or Z", None, "names several diseases", among=("ORPHA:1", "ORPHA:5")),
        Link("nothing", None, "no such name"),
    )
    stated = (0.0, 0.75, None, None)
    predictions = tuple(Prediction(link, Relation.BROADER, confidence) for link, confidence in zip(links, stated, strict=True))
    verdict = Verdict("c", "g", predictions, Reading.LIST, "numbered", ("ORPHA:1",), {"s": "a"})
    row = json.loads(json.dumps(verdict_row(verdict)))
    assert verdict_from(row) == verdict
    usual = {"name", "id", "label", "how", "score", "relation"}
    rare = [{"form", "confidence"}, {"namesakes", "confidence"}, {"among"}, set()]
    assert [set(each) - usual for each in row["predictions"]] == rare


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """A run under every protocol."""
    folder = tmp_path_factory.mktemp("scored")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAREDX_DATA", raising=False)
        patch.setenv("XDG_DATA_HOME", str(folder / "nothing"))
        return raredx_bench.run("phenotype", ["raredx_demo"], metadata=SIM, protocols=["all"], output=folder)


def test_a_report_holds_the_protocols_that_were_chosen_each_with_its_signature(scored: RunReport) -> None:
    for part in scored.benchmarks.values():
        assert list(part.protocols) == list(PROTOCOLS)
        assert part.protocols["raredx"].estimates == part.estimates
        assert part.protocols["raredx"].signature == part.signature
        assert len({each.signature for each in part.protocols.values()}) == len(PROTOCOLS)
    assert scored.request["protocols"] == list(PROTOCOLS)
    assert scored.folder is not None
    assert report_document(read_report(scored.folder)) == report_document(scored)


def test_every_signature_holds_all_that_could_change_its_score(scored: RunReport) -> None:
    part = scored.benchmarks["raredx_sim"]
    for name, protocol in part.protocols.items():
        parts = protocol.signature.split("|")
        assert parts[0] == "raredx_sim"
        for begin in ("v:1", "n:12", f"cases:{part.cases[:12]}", "form:text", "parser:parser-", "linker:linker-", "judge:judge-",
                      "terminology:HPO 2025-01-16 (", f"protocol:{name}", "protocols-", f"k:{PROTOCOLS[name].k}", "chat:no",
                      "raredx:0."):  # fmt: skip
            assert any(each.startswith(begin) for each in parts), (begin, protocol.signature)


def test_an_unknown_protocol_stops_before_the_model_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean malco"):
        raredx_bench.run(lambda prompt: 1 / 0, "raredx_sim", protocols=["malko"], output=tmp_path)


# Old runs


def test_a_run_can_be_scored_once_more_from_its_folder_or_report(scored: RunReport, tmp_path: Path) -> None:
    assert scored.folder is not None
    for source in (scored.folder, scored.folder / "report.json"):
        assert is_run(source)
        again = score_run(source, protocols=["malco"], output=tmp_path)
        assert set(again.groups) == {"raredx_demo"}
        assert again.request["rescored"] == scored.id
        assert again.model == scored.model
        for name, part in again.benchmarks.items():
            old = scored.benchmarks[name]
            assert (part.verdicts, part.estimates, part.signature) == (old.verdicts, old.estimates, old.signature)
            assert part.protocols == {"malco": old.protocols["malco"]}
        assert again.folder is not None
        assert again.folder.parent == tmp_path
    assert len(list(tmp_path.iterdir())) == 2  # each report has a folder of its own, also within a second


def test_a_run_without_its_answers_is_scored_by_the_names_of_its_verdicts(scored: RunReport, tmp_path: Path) -> None:
    assert scored.folder is not None
    first = score_run(scored.folder, ["raredx_sim"], model="renamed", output=tmp_path)
    assert first.folder is not None
    assert not (first.folder / "answers").exists()
    second = score_run(first.folder, output=tmp_path)
    assert second.model["name"] == "renamed"
    assert second.benchmarks["raredx_sim"].verdicts == scored.benchmarks["raredx_sim"].verdicts


def test_names_are_linked_and_judged_anew(scored: RunReport, tmp_path: Path) -> None:
    first = score_run(scored.folder or tmp_path, ["raredx_sim"], output=tmp_path)
    assert first.folder is not None
    path = first.folder / "verdicts/raredx_sim.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        for each in row["predictions"]:
            each.update(id=None, label=None, relation="different")  # as a linker that knows nothing would have it
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    again = score_run(first.folder, output=tmp_path).benchmarks["raredx_sim"]
    assert again.verdicts == scored.benchmarks["raredx_sim"].verdicts


def test_a_limited_run_is_scored_on_the_cases_it_answered(tmp_path: Path) -> None:
    report = raredx_bench.run(marfan, ["raredx_vignettes"], limit=3, output=tmp_path)
    part = score_run(report.folder or tmp_path, output=tmp_path / "again").benchmarks["raredx_vignettes"]
    assert (part.n, part.signature) == (3, report.benchmarks["raredx_vignettes"].signature)


def test_a_signature_says_when_the_cases_were_others_when_they_were_answered(tmp_path: Path) -> None:
    def written(root: Path, orpha: str) -> Path:
        (root / "rarearena").mkdir(parents=True)
        row = {"_id": "1-1", "case_report": "A tall boy.", "Orpha_id": orpha}
        (root / "rarearena/RDS.json").write_text(json.dumps(row) + "\n")
        return root

    old = raredx_bench.run(marfan, ["rarearena_rds"], output=tmp_path / "out", data_dir=written(tmp_path / "old", "558"))
    assert old.folder is not None
    new_root = written(tmp_path / "new", "324")  # cases are loaded once a process and folder
    part = score_run(old.folder, output=tmp_path / "out", data_dir=new_root).benchmarks["rarearena_rds"]
    before = old.benchmarks["rarearena_rds"]
    assert (before.estimates["recall@1"].value, part.estimates["recall@1"].value) == (1, 0)  # Fabry disease is at rank 2
    assert part.estimates["recall@3"].value == 1
    assert f"|answered:{before.cases[:12]}|" in part.signature
    assert "answered:" not in before.signature


def test_a_run_whose_cases_are_not_at_hand_says_so(small_rarebench: Path, scored: RunReport, tmp_path: Path) -> None:
    report = raredx_bench.run(marfan, ["rarebench_mme"], output=tmp_path / "out", data_dir=small_rarebench)
    with pytest.raises(DataMissing, match="get it from"):
        score_run(report.folder or tmp_path, output=tmp_path)
    with pytest.raises(UnknownName, match=r"unknown task of phenotype.* 'raredx_simm': did you mean raredx_sim"):
        score_run(scored.folder or tmp_path, ["raredx_simm"], output=tmp_path)
    document = json.loads((scored.folder or tmp_path).joinpath("report.json").read_text())
    other = tmp_path / "other"
    (other / "verdicts").mkdir(parents=True)
    document["request"]["metadata"] = {"sim_n": 3}
    document["benchmarks"] = {"raredx_sim": document["benchmarks"]["raredx_sim"]}
    (other / "report.json").write_text(json.dumps(document))
    (other / "verdicts/raredx_sim.jsonl").write_text((scored.folder or tmp_path).joinpath("verdicts/raredx_sim.jsonl").read_text())
    with pytest.raises(DataMissing, match=r"9 of the 12 cases of raredx_sim .* are not at hand \(the first: sim-1-00003\)"):
        score_run(other, output=tmp_path)


def test_a_plan_reads_its_cases_from_the_directory_it_is_given(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAREDX_DATA", raising=False)
    request = {"metadata": {}, "limit": 2, "num_fewshot": 0, "shard": None}
    assert len(planned(request, ["rarebench_mme"], data_root).cases["rarebench_mme"]) == 2
