"""General instruction data that is mixed in, so that a model keeps what it could do before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, DataMissing
from raredx_train.knowledge.facts import place
from raredx_train.knowledge.pairs import Pair

KIND = "general"


def read_general(path: Path, wanted: int, seed: int) -> list[Pair]:
    """Up to so many pairs of a JSON-lines or Parquet file in TRL's conversational format, drawn by the seed.

    Rows have prompt and completion (texts or messages), or messages, whose last turn is the answer. Raises DataMissing when the
    file isn't there, BadInput for a row of another form.
    """
    if not path.is_file():
        raise DataMissing(f"{path} is not there: name a JSON-lines or Parquet file in knowledge.general")
    pairs = [pair for number, row in enumerate(_rows(path), 1) if (pair := _pair(row, path, number)) is not None]
    if not pairs:
        raise BadInput(f"{path} holds no row with a question and an answer: give TRL's conversational format")
    return sorted(pairs, key=lambda each: place(seed, "general", each.record))[:wanted]


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        try:
            for batch in pq.ParquetFile(path).iter_batches():
                yield from batch.to_pylist()
        except (OSError, ValueError) as error:
            raise BadInput(f"{path} is no readable Parquet file ({error}): get it again") from error
        return
    with path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise BadInput(f"{path}, line {number}: not JSON ({error}): give JSON lines, one example a line") from error


def _pair(row: Mapping[str, Any], path: Path, number: int) -> Pair | None:
    """A row as a pair; None where it has no text. Longer chats keep their last question, earlier turns before it."""
    if not isinstance(row, Mapping) or not ("messages" in row or {"prompt", "completion"} <= row.keys()):
        raise BadInput(f"{path}, row {number}: neither messages nor prompt and completion: give TRL's conversational format")
    try:
        if "messages" in row:
            *before, last = row["messages"]
        else:
            before, last = row["prompt"], row["completion"]
        question, answer = _text(before), _text(last if isinstance(last, str | list) else [last])
    except (TypeError, KeyError, ValueError) as error:
        raise BadInput(f"{path}, row {number}: messages need role and content ({error!r}): give TRL's format") from error
    if not question or not answer:
        return None
    return Pair(question, answer, KIND, "", path.name, f"row {number}")


def _text(messages: str | list[Mapping[str, Any]]) -> str:
    if isinstance(messages, str):
        return messages.strip()
    return "\n\n".join(str(each["content"]).strip() for each in messages).strip()
