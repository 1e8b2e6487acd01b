"""Rows -> which answers earn nothing, whatever they hit: copies of the case, enumerations, and lists that ignore the case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import sparse

from raredx_bench.naming import plain

RUN = 5  # words of a run that counts as copied
RUNS = 8  # different runs before an answer is a copy: names of many words share one or two with a case that holds such a finding
FEWEST = 3  # names of which most stand in the case before that counts as copying
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=8192)
def is_copy(body: str, names: tuple[str, ...], presentation: str, share: float) -> bool:
    """True when an answer is made of the case's text: runs of its words, or names most of which stand in it."""
    if not presentation:
        return False
    text, vocabulary, runs = _shingled(presentation)
    within = sum(f" {plain(name)} " in text for name in names)
    if len(names) >= FEWEST and within > len(names) / 2:
        return True
    words = _WORD.findall(body.lower())
    if sum(map(vocabulary.__contains__, words)) < RUN + RUNS - 1:
        return False
    starts = [at for at in range(len(words) - RUN + 1) if tuple(words[at : at + RUN]) in runs]
    if len({tuple(words[at : at + RUN]) for at in starts}) < RUNS:
        return False
    return len({at + step for at in starts for step in range(RUN)}) >= share * len(words)


@lru_cache(maxsize=2048)
def _shingled(presentation: str) -> tuple[str, frozenset[str], frozenset[tuple[str, ...]]]:
    """A case's text, plain, between spaces; its words; and its runs of RUN words."""
    words = _WORD.findall(presentation.lower())
    return f" {plain(presentation)} ", frozenset(words), frozenset(zip(*(words[step:] for step in range(RUN)), strict=False))


@lru_cache(maxsize=8)
def ignoring(
    lists: tuple[tuple[str, ...], ...], diagnoses: tuple[tuple[str, ...] | str, ...], alike: float, same: float, others: int
) -> tuple[bool, ...]:  # fmt: skip
    """For each list of a batch: whether it is given to cases of other diagnoses, too.

    Two lists are alike when the names they share are at least `alike` of the longer one. A list ignores its case when it is alike
    to those of `same` of the other diagnoses, and of two at least (several completions of one diagnosis share its weight); a batch
    with fewer than `others` other diagnoses tells nothing.
    """
    groups = {diagnosis: at for at, diagnosis in enumerate(dict.fromkeys(diagnoses))}
    if len(groups) <= others:
        return (False,) * len(lists)
    own = np.array([groups[each] for each in diagnoses])  # (lists,)
    sizes = np.array([len(each) for each in lists])
    shared = _shared(lists, diagnoses)
    held = [(at, shared[name]) for at, each in enumerate(lists) for name in dict.fromkeys(each) if name in shared]
    if not held:
        return (False,) * len(lists)
    table = sparse.csr_matrix((np.ones(len(held)), np.array(held).T), shape=(len(lists), len(shared)))
    pairs = (table @ table.T).tocoo()
    near = pairs.data >= alike * np.maximum(sizes[pairs.row], sizes[pairs.col]) - 1e-6
    cells = pairs.row[near].astype(np.int64) * len(groups) + own[pairs.col[near]]
    alike_to = np.bincount(cells, minlength=len(lists) * len(groups)).reshape(len(lists), len(groups)) / np.bincount(own)
    alike_to[np.arange(len(lists)), own] = 0
    return tuple(bool(each >= max(2, same * (len(groups) - 1)) - 1e-6) for each in alike_to.sum(axis=1))


def _shared(lists: Sequence[Sequence[str]], diagnoses: Sequence[object]) -> dict[str, int]:
    """The names that lists of several diagnoses hold, numbered."""
    first: dict[str, object] = {}
    found: dict[str, int] = {}
    for names, diagnosis in zip(lists, diagnoses, strict=True):
        for name in names:
            if first.setdefault(name, diagnosis) != diagnosis:
                found.setdefault(name, len(found))
    return found
