"""What a training reads is checked before anything is trained, and its order is the same for any number of processes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raredx_bench.domain import BadInput, DataMissing
from raredx_bench.hpo import Hpo
from raredx_train.examples import ordered, rows
from tests.knowing import pairs, write


def emptied(example: dict[str, Any], part: str, text: str) -> dict[str, Any]:
    return {**example, part: [{"role": "user", "content": text}]}


@pytest.mark.parametrize(("part", "text"), [("completion", ""), ("completion", "  \n"), ("prompt", "")])
def test_an_example_without_question_or_answer_is_refused_by_row_and_id(tmp_path: Path, hpo: Hpo, part: str, text: str) -> None:
    train, _ = pairs(hpo, 16)
    train[2] = emptied(train[2], part, text)
    write(tmp_path / "train.parquet", train)
    with pytest.raises(BadInput) as caught:
        rows(tmp_path / "train.parquet")
    assert f"train.parquet, row 3 (id {train[2]['id']}): the {part} is empty" in str(caught.value)


def test_a_file_that_is_missing_or_no_parquet_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="run the stage that writes it first"):
        rows(tmp_path / "train.parquet")
    (tmp_path / "train.parquet").write_text("no")
    with pytest.raises(BadInput, match="no parquet file"):
        rows(tmp_path / "train.parquet")


@given(lengths=st.lists(st.integers(1, 60), min_size=8, max_size=300), batch=st.integers(1, 8),
       epochs=st.floats(0.1, 3), seed=st.integers(0, 99))  # fmt: skip
def test_the_order_is_whole_batches_and_no_epoch_repeats(lengths: list[int], batch: int, epochs: float, seed: int) -> None:
    order = ordered(lengths, batch, epochs, seed)
    whole = len(lengths) // batch * batch
    assert len(order) == max(1, round(epochs * (len(lengths) // batch))) * batch
    for start in range(0, len(order), whole):
        assert max(Counter(order[start : start + whole]).values()) == 1
    assert order == ordered(lengths, batch, epochs, seed)


def test_alike_lengths_are_in_a_batch_and_the_batches_are_shuffled() -> None:
    lengths = [length for length in range(10, 60) for _ in range(8)]
    order = ordered(lengths, 8, 1, 1)
    batches = [[lengths[at] for at in order[start : start + 8]] for start in range(0, len(order), 8)]
    assert all(len(set(batch)) == 1 for batch in batches)
    assert [batch[0] for batch in batches] != sorted((batch[0] for batch in batches), reverse=True)


def test_fewer_examples_than_a_batch_are_refused() -> None:
    with pytest.raises(BadInput, match="3 examples are fewer than one batch of 4: lower batch"):
        ordered([1, 2, 3], 4, 1, 1)
