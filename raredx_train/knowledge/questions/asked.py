"""One question before it is put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Fact

NONE = "none"  # form of an answer: none of the options


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one kind about a disease or finding, with the fields of its template.

    facts: those that the question and its answer state. form: the answer's form, "" where its kind has one alone.
    grounds: for an answer that states no fact ("no", "none of these"), facts of the records that were looked through.
    """

    kind: str
    subject: str
    values: Mapping[str, str]
    facts: tuple[Fact, ...]
    form: str = ""
    grounds: tuple[Fact, ...] = ()


Topic = Callable[[Base, str], Iterator[Asked]]
