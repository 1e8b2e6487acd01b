"""A text's share of repeated runs of words, and a list's share of repeated lines: both from 0 to 1."""

from __future__ import annotations

import re
from itertools import pairwise

from raredx_bench.naming import plain

_NUMBER = re.compile(r"\s*\d{1,4}[.)]\s*")


def repeated_runs(text: str, size: int, free: float = 0.0) -> float:
    """The share of runs of so many words (2 or more) that occurred before; 0 for a text without two runs, or one not above `free`.

    Each pair of words that is new begins a run that is new (but for the last few), so that the pairs tell most texts by themselves.
    """
    words = text.lower().split()
    runs = len(words) - size + 1
    if runs < 2 or 1 - (len(set(pairwise(words))) - size + 2) / runs <= free:
        return 0.0
    share = 1 - len(set(zip(*(words[step:] for step in range(size)), strict=False))) / runs
    return share if share > free else 0.0


def repeated_lines(body: str) -> float:
    """The share of an answer's lines that repeat one above, numbers and punctuation aside."""
    lines = [key for line in body.split("\n") if (key := plain(_NUMBER.sub("", line, count=1)))]
    return 1 - len(set(lines)) / len(lines) if lines else 0.0
