"""A completion -> what it says: its thought, its answer, the names in it. The names are those that the benchmark's parser reads.

A list as the recipe teaches it is read line by line, each name once by the parser itself and then from memory; anything else goes
to the parser whole. That both ways read the same is tested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from raredx_bench.domain import Reading
from raredx_bench.naming import plain
from raredx_bench.parsing import parse
from raredx_bench.parsing.envelope import answer_part
from raredx_train.reward.repeating import repeated_lines

MOST = 60  # names that are read of one answer
OPEN, CLOSE = "<think>", "</think>"
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9 ,.()/'+:-]+")  # characters that no layout but a list is made of
_SURE = "Zellweger spectrum disorder"  # what a name is read beside: a list of one may be read otherwise


@dataclass(frozen=True, slots=True)
class Answer:
    """names: best first, no repeats, at most MOST. thought: what stands before the answer, marks left out; body: the answer.

    closed: a thought was ended before the answer. listed: the answer is a numbered list, one name a line, and nothing else.
    repeats: share of the answer's lines that repeat one above, 0 to 1.
    """

    names: tuple[str, ...]
    reading: Reading
    thought: str
    body: str
    closed: bool
    listed: bool
    repeats: float


def text_of(completion: Any) -> str:
    """The text of a completion as TRL hands it over: a string, or messages (a thought kept apart is put before); else empty."""
    if isinstance(completion, str):
        return completion
    if type(completion) is list and len(completion) == 1:
        return text_of(completion[0])
    if isinstance(completion, dict):
        thought, said = _said(completion.get("reasoning_content")), _said(completion.get("content"))
        return f"{OPEN}\n{thought}\n{CLOSE}\n\n{said}" if thought.strip() else said
    if isinstance(completion, bytes | bytearray):
        return bytes(completion).decode("utf-8", "replace")
    if isinstance(completion, Sequence):
        return "\n".join(map(text_of, completion))
    return ""


def _said(content: Any) -> str:
    """A message's content: a text, or parts of which some are text."""
    if content is None or isinstance(content, str | bytes | bytearray):
        return text_of(content)
    if isinstance(content, Sequence):
        return "\n".join(_said(part.get("text")) for part in content if isinstance(part, dict))
    return ""


@lru_cache(maxsize=8192)
def read(text: str) -> Answer:
    """What a completion says. Never raises."""
    head, mark, tail = text.rpartition(CLOSE)
    tail = tail.strip()
    lines = tail.split("\n")
    names = _listed(lines) if "assistantfinal" not in tail else None
    thought = head.strip().removeprefix(OPEN).strip()
    if names is not None:
        return Answer(names, Reading.LIST, thought, tail, bool(mark), listed=True, repeats=1 - len(names) / len(lines))
    found = parse(text, MOST)
    body = answer_part(text)[0].strip()
    return Answer(found.names, found.reading, thought if mark else "", body, bool(mark), _is_list(lines), repeated_lines(body))


def _listed(lines: list[str]) -> tuple[str, ...] | None:
    """The names of a plain numbered list of two or more; None for any other text."""
    if not 2 <= len(lines) <= MOST:
        return None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        mark = f"{number}. "
        key = _key(line[len(mark) :]) if line.startswith(mark) else None
        if key is None:
            return None
        found.setdefault(key, line[len(mark) :])
    return tuple(found.values())


@lru_cache(maxsize=200_000)
def _key(name: str) -> str | None:
    """What tells a name from others, when a list's line that holds it is read as just this name, whatever other lines there are."""
    if not _PLAIN.fullmatch(name):
        return None
    found = parse(f"1. {name}\n2. {_SURE}")
    return plain(name) if found.how == "numbered" and found.names == (name, _SURE) else None


def _is_list(lines: list[str]) -> bool:
    """True when each line is the next number and a text."""
    return all(re.match(rf"{number}\. \S", line) for number, line in enumerate(lines, 1))
