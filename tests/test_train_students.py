"""Students are built from nothing, the same for the same seed, or loaded; what one lacks is given to it, and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from raredx_bench.domain import BadInput, UsageError
from raredx_bench.hpo import Hpo
from raredx_train.config import load, recipes
from raredx_train.examples import texts, tokenised
from raredx_train.settings import Shape, Student
from raredx_train.stages import KINDS
from raredx_train.students import END, PAD, built, parameters
from tests.knowing import pairs

SMALL = Shape(vocabulary=400, width=32, layers=1, heads=2, key_value_heads=1, head=16, mlp=64, context=128)


@pytest.fixture(scope="module")
def questions(hpo: Hpo) -> list[str]:
    return list(texts(pairs(hpo)[0]))


@pytest.mark.parametrize("name", sorted(recipes()))
def test_the_formula_counts_the_parameters_that_transformers_counts(name: str) -> None:
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    shape = load(name, [], KINDS).run.student.shape
    assert shape is not None
    sizes = Qwen3Config(
        vocab_size=shape.vocabulary, hidden_size=shape.width, num_hidden_layers=shape.layers, intermediate_size=shape.mlp,
        num_attention_heads=shape.heads, num_key_value_heads=shape.key_value_heads, head_dim=shape.head,
        tie_word_embeddings=shape.tied,
    )  # fmt: skip
    with torch.device("meta"):
        assert parameters(shape) == Qwen3ForCausalLM(sizes).num_parameters()


def test_a_student_from_scratch_is_the_same_for_the_same_seed(questions: list[str]) -> None:
    import torch

    one, same, other = (built(Student(shape=SMALL), questions, seed) for seed in (1, 1, 2))
    assert one.tokenizer.get_vocab() == same.tokenizer.get_vocab()
    assert all(torch.equal(*each) for each in zip(one.model.parameters(), same.model.parameters(), strict=True))
    assert not torch.equal(one.model.lm_head.weight, other.model.lm_head.weight)
    assert one.model.num_parameters() == parameters(Shape(**{**SMALL.__dict__, "vocabulary": len(one.tokenizer)}))
    assert (one.model.config.pad_token_id, one.model.config.eos_token_id) == (
        one.tokenizer.pad_token_id,
        one.tokenizer.eos_token_id,
    )


@pytest.mark.parametrize("text", ["Ménière disease", "β-thalassemia; 47,XXY", "a\nb\t c  d", "日本"])
def test_its_tokenizer_gives_every_text_back(questions: list[str], text: str) -> None:
    tokenizer = built(Student(shape=SMALL), questions, 1).tokenizer
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_only_the_answer_and_its_end_are_learnt(questions: list[str], hpo: Hpo) -> None:
    tokenizer = built(Student(shape=SMALL), questions, 1).tokenizer
    train, _ = pairs(hpo)
    taught, too_long = tokenised(train, tokenizer, 128)
    assert too_long == 0
    for row, example in zip(taught, train, strict=True):
        learnt = tokenizer.decode([token for token in row["labels"] if token != -100])
        assert learnt == f"{example['completion'][0]['content']}{END}\n"
        assert example["prompt"][0]["content"] in tokenizer.decode(row["input_ids"])
    middle = sorted(len(row["input_ids"]) for row in taught)[len(train) // 2]
    shorter, left_out = tokenised(train, tokenizer, middle)
    assert len(shorter) + left_out == len(train)
    assert left_out
    with pytest.raises(BadInput, match="longer than 3 tokens: raise length"):
        tokenised(train, tokenizer, 3)


@pytest.fixture
def saved(tmp_path: Path, questions: list[str]) -> Path:
    """A student on disk that has no chat template, and whose pad token is its end token."""
    student = built(Student(shape=SMALL), questions, 1)
    student.tokenizer.chat_template = None
    student.tokenizer.pad_token = END
    student.model.save_pretrained(tmp_path / "bare")
    student.tokenizer.save_pretrained(tmp_path / "bare")
    return tmp_path / "bare"


def test_a_student_without_a_chat_template_is_given_one_and_it_is_said(saved: Path, hpo: Hpo) -> None:
    student = built(Student(str(saved)), [], 1)
    assert "has no chat template" in student.notes[0]
    assert f"{PAD} pads" in student.notes[1]
    assert student.tokenizer.pad_token != student.tokenizer.eos_token
    taught, _ = tokenised(pairs(hpo)[0], student.tokenizer, 128)
    assert all(row["labels"][-2] != -100 for row in taught)


def test_a_shape_that_is_not_the_models_is_refused_before_it_is_loaded(saved: Path) -> None:
    with pytest.raises(BadInput, match="correct the shape"):
        built(Student(str(saved), Shape(**{**SMALL.__dict__, "layers": 9})), [], 1)


@pytest.mark.parametrize(("student", "said"), [
    (Student("/nowhere/at-all"), "can't be loaded"), (Student(), "needs sizes: give student.shape"),
])  # fmt: skip
def test_a_student_that_can_not_be_is_one_sentence(student: Student, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        built(student, [], 1)
