"""A completion -> what it says: its thought, its answer, the names in it. The names are those that the benchmark's parser reads.

A list as the recipe teaches it is read line by line, each name once by the parser itself and then from memory; anything else goes
to the parser whole. That both ways read the same is tested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from raredx_bench.domain import Reading
from raredx_bench.naming import plain
from raredx_bench.parsing import parse
from raredx_bench.parsing.envelope import answer_part

MOST = 60  # names that are read of one answer
OPEN, CLOSE = "<think>", "</think>"
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9 ,.()/'+:-]+")  # characters that no layout but a list is made of
_SURE = "Zellweger spectrum disorder"  # what a name is read beside: a list of one may be read otherwise


@dataclass(frozen=True, slots=True)
class Answer:
    """names: best first, no repeats, at most MOST. thought: what stands before the answer, marks left out; body: the answer.

    closed: a thought was ended before the answer. listed: the answer is a numbered list, one name a line, and nothing else.
    """

    names: tuple[str, ...]
    reading: Reading
    thought: str
    body: str
    closed: bool
    listed: bool


def text_of(completion: Any) -> str:
    """The text of a completion as TRL hands it over: a string, or messages (a thought kept apart is put before); else empty."""
    if isinstance(completion, str):
        return completion
    if type(completion) is list and len(completion) == 1:
        return text_of(completion[0])
    if isinstance(completion, bytes | bytearray):
        return bytes(completion).decode("utf-8", "replace")
    if isinstance(completion, Mapping):
        thought, said = _said(completion.get("reasoning_content")), _said(completion.get("content"))
        return f"{OPEN}\n{thought}\n{CLOSE}\n\n{said}" if thought.strip() else said
    if isinstance(completion, Sequence):
        return "\n".join(map(text_of, completion))
    return ""


def _said(content: Any) -> str:
    """A message's content: a text, or parts of which some are text."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence) and not isinstance(content, str | bytes | bytearray):
        return "\n".join(_said(part.get("text")) for part in content if isinstance(part, Mapping))
    return text_of(content) if isinstance(content, str | bytes | bytearray) else ""


@lru_cache(maxsize=8192)
def read(text: str) -> Answer:
    """What a completion says. Never raises."""
    head, mark, tail = text.rpartition(CLOSE)
    names = _listed(tail.strip()) if "assistantfinal" not in tail else None
    if names is not None:
        return Answer(names, Reading.LIST, head.strip().removeprefix(OPEN).strip(), tail.strip(), bool(mark), listed=True)
    found = parse(text, MOST)
    body, _ = answer_part(text)
    return Answer(
        found.names, found.reading, head.strip().removeprefix(OPEN).strip() if mark else "", body.strip(), bool(mark),
        listed=_is_list(tail.strip()),
    )  # fmt: skip


def _listed(body: str) -> tuple[str, ...] | None:
    """The names of a plain numbered list of two or more; None for any other text."""
    lines = body.split("\n")
    if not 2 <= len(lines) <= MOST:
        return None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        mark = f"{number}. "
        name = line[len(mark) :]
        if not line.startswith(mark) or not _is_read_alone(name):
            return None
        found.setdefault(plain(name), name)
    return tuple(found.values())


@lru_cache(maxsize=200_000)
def _is_read_alone(name: str) -> bool:
    """True when a line of a list that holds this name is read as just this name, whatever other lines there are."""
    if not _PLAIN.fullmatch(name):
        return False
    found = parse(f"1. {name}\n2. {_SURE}")
    return found.how == "numbered" and found.names == (name, _SURE)


def _is_list(body: str) -> bool:
    """True when each line is the next number and a text."""
    lines = body.split("\n")
    return all(re.match(rf"{number}\. \S", line) for number, line in enumerate(lines, 1))
