"""What TRL hands to a reward function -> one row a completion. Columns that are missing, short or odd become empty values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from raredx_train.reward.reading import OPEN, text_of

FINAL = "final"  # the task in which rank 1 alone counts


class Row(NamedTuple):
    """text: the completion; answers: ids of the diagnosis; case: what tells one case from another; tokens: of the completion, None
    where they aren't known.
    """

    text: str
    answers: tuple[str, ...]
    observed: tuple[str, ...]
    presentation: str
    case: str
    final: bool
    tokens: int | None


def rows(completions: Any, completion_ids: Any, columns: Mapping[str, Any], *, opened: bool = False) -> list[Row]:
    """A row for each completion. opened: the prompt's template has begun the thought. Never raises."""
    texts = [text_of(each) for each in completions or ()]
    found = {name: _column(columns.get(name), len(texts)) for name in ("answers", "observed", "presentation", "case", "task")}
    ids = _column(completion_ids, len(texts))
    return [
        Row(
            f"{OPEN}\n{text}" if opened else text,
            _texts(found["answers"][at]), _texts(found["observed"][at]), text_of(found["presentation"][at]),
            str(found["case"][at] or found["presentation"][at] or at), found["task"][at] == FINAL,
            len(ids[at]) if isinstance(ids[at], Sequence) else None,
        )
        for at, text in enumerate(texts)
    ]  # fmt: skip


def _column(values: Any, size: int) -> list[Any]:
    """As many values as there are completions; one value for all is repeated."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        return [values] * size
    return [*values, *[None] * size][:size]


def _texts(value: Any) -> tuple[str, ...]:
    """The texts of a cell: a list of ids, or one."""
    if isinstance(value, str):
        return (value,) if value else ()
    if type(value) is list:
        return tuple([each for each in value if isinstance(each, str)])
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, Sequence) else ()
