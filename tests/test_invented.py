"""The invented names are the same two thousand in every run."""

from __future__ import annotations

import hashlib
from collections import Counter

from tests.invented import DIGEST, KINDS, SIZE, invented


def test_there_are_ten_kinds_of_two_hundred_names_and_none_twice() -> None:
    pairs = invented()
    assert Counter(kind for kind, _ in pairs) == dict.fromkeys(KINDS, SIZE)
    assert (len(KINDS), SIZE) == (10, 200)
    assert len({name.casefold() for _, name in pairs}) == len(pairs) == 2000


def test_the_names_are_clean_lines() -> None:
    assert all(name == " ".join(name.split()) and not set(name) & set("{}#%\t\n") for _, name in invented())


def test_the_names_never_change() -> None:
    names = "\n".join(name for _, name in invented())
    assert hashlib.sha256(names.encode()).hexdigest() == DIGEST
