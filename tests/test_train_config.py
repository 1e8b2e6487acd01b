"""A recipe is YAML that fills dataclasses; what nobody knows is refused where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_train.config import digest, load, recipes
from raredx_train.settings import Sft
from raredx_train.stages import KINDS

ACCELERATE = Path(__file__).parents[1] / "raredx_train" / "recipes" / "accelerate"


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", sorted(recipes()))
def test_every_recipe_that_ships_loads_and_is_written_out_whole(name: str) -> None:
    config = load(name, [], KINDS)
    assert config.run.name == name
    assert set(config.sections) <= set(KINDS)
    again = yaml.safe_load(yaml.safe_dump(config.document))
    assert again["student"]["model"] == config.run.student.model
    assert {"epochs", "batch", "trl"} <= set(again["knowledge-sft"])


def test_a_recipe_extends_another_and_the_command_line_comes_last() -> None:
    tiny, cut = load("tiny", [], KINDS), load("ci", ["knowledge-sft.trl.learning_rate=1e-3", "seed=7"], KINDS)
    assert cut.run.student.shape is not None
    assert tiny.run.student.shape is not None
    assert cut.run.student.shape.width < tiny.run.student.shape.width
    assert cut.run.student.shape.context == tiny.run.student.shape.context  # what it doesn't say is what tiny says
    assert cut.run.seed == 7
    assert cut.sections["knowledge-sft"].trl["learning_rate"] == "1e-3"  # YAML 1.1 reads that as a text; check_trl as a number
    assert cut.sections["knowledge-sft"].trl["adam_beta2"] == tiny.sections["knowledge-sft"].trl["adam_beta2"]


@pytest.mark.parametrize(("change", "error", "said"), [
    ("knowledge-sft.epoch=2", UnknownName, "unknown key of knowledge-sft (the command line) 'epoch': did you mean epochs"),
    ("student.shape.widht=3", UnknownName, "student.shape (the command line) 'widht': did you mean width"),
    ("knowlege-sft.epochs=2", UnknownName, "'knowlege-sft': did you mean knowledge-sft"),
    ("knowledge-sft.lora.rnak=2", UnknownName, "knowledge-sft.lora (the command line) 'rnak': did you mean rank"),
    ("knowledge-sft.epochs=two", BadInput, "knowledge-sft.epochs (the command line): input should be a valid number"),
    ("knowledge-sft.precision=fp8", BadInput, "knowledge-sft.precision (the command line)"),
    ("knowledge-sft.epochs", UsageError, "write stage.key=value"),
    ("seed=[1", UsageError, "is no YAML"),
])  # fmt: skip
def test_a_change_that_can_not_be_is_one_sentence(change: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        load("tiny", [change], KINDS)
    assert said in str(caught.value)


def test_a_fault_in_a_file_names_the_file_that_says_it(tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.yaml", "extends: tiny\nname: mine\nknowledge-sft: {epocs: 3}\n")
    with pytest.raises(UnknownName, match=r"knowledge-sft \(mine.yaml\) 'epocs': did you mean epochs"):
        load(mine, [], KINDS)


def test_recipes_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    written(tmp_path / "a.yaml", "extends: b.yaml\n")
    with pytest.raises(BadInput, match="extends itself"):
        load(written(tmp_path / "b.yaml", "extends: a.yaml\n"), [], KINDS)


@pytest.mark.parametrize(
    ("text", "said"), [("- a\n", "must hold keys"), ("a: [\n", "can't be read"), ("extends: nobody\n", "nobody")]
)
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load(written(tmp_path / "x.yaml", text), [], KINDS)


def test_a_recipe_by_a_wrong_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="did you mean tiny"):
        load("tinny", [], KINDS)


def test_the_digest_changes_with_every_setting_and_with_nothing_else() -> None:
    assert digest(Sft()) == digest(Sft(trl={}))
    assert len({digest(each) for each in (Sft(), Sft(epochs=2), Sft(trl={"learning_rate": 1e-3}))}) == 3


def test_what_is_passed_to_trl_is_checked_against_trl() -> None:
    from raredx_train.arguments import check_trl

    assert check_trl({"learning_rate": "1e-3", "logging_steps": 5}, "x") == {"learning_rate": 1e-3, "logging_steps": 5}
    with pytest.raises(UnknownName, match=r"in knowledge-sft.trl \(tiny.yaml\) 'learning_rat': did you mean learning_rate"):
        check_trl({"learning_rat": 1}, "knowledge-sft.trl (tiny.yaml)")
    with pytest.raises(UsageError, match="max_steps follows from epochs"):
        check_trl({"max_steps": 3}, "x")
    with pytest.raises(BadInput, match="learning_rate: input should be a valid number"):
        check_trl({"learning_rate": "fast"}, "x")


@pytest.mark.parametrize(("recipe", "changes"), [(name, []) for name in sorted(recipes())])
def test_what_shipped_recipes_pass_to_trl_is_known_to_it(recipe: str, changes: list[str]) -> None:
    from raredx_train.arguments import check_trl

    config = load(recipe, changes, KINDS)
    assert check_trl(config.sections["knowledge-sft"].trl, config.place("knowledge-sft", "trl"))


@pytest.mark.parametrize(("file", "kind"), [("fsdp.yaml", "FSDP"), ("zero3.yaml", "DEEPSPEED")])
def test_the_accelerate_files_are_what_accelerate_reads(file: str, kind: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    found = load_config_from_file(str(ACCELERATE / file))
    assert found.distributed_type == kind
    assert found.num_processes == load("raredxr1-14b", [], KINDS).run.processes
    assert found.mixed_precision == "bf16"
