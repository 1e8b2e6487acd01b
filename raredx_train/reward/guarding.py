"""Rows -> which answers earn nothing, whatever they hit: copies of the case, enumerations, and lists that ignore the case."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

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
    text, runs = _shingled(presentation)
    within = sum(f" {plain(name)} " in text for name in names)
    if len(names) >= FEWEST and within > len(names) / 2:
        return True
    words = _WORD.findall(body.lower())
    starts = [at for at in range(len(words) - RUN + 1) if tuple(words[at : at + RUN]) in runs]
    if len({tuple(words[at : at + RUN]) for at in starts}) < RUNS:
        return False
    return len({at + step for at in starts for step in range(RUN)}) >= share * len(words)


@lru_cache(maxsize=2048)
def _shingled(presentation: str) -> tuple[str, frozenset[tuple[str, ...]]]:
    """A case's text, plain, between spaces; and its runs of RUN words."""
    words = _WORD.findall(presentation.lower())
    return f" {plain(presentation)} ", frozenset(zip(*(words[step:] for step in range(RUN)), strict=False))


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
    column = {name: at for at, name in enumerate(dict.fromkeys(name for each in lists for name in each))}
    table = np.zeros((len(lists), len(column)), np.float32)  # (lists, names)
    for at, each in enumerate(lists):
        table[at, [column[name] for name in each]] = 1
    sizes = table.sum(axis=1)
    near = (table @ table.T >= alike * np.maximum(sizes[:, None], sizes)) & (sizes[:, None] > 0)  # (lists, lists)
    own = np.array([groups[each] for each in diagnoses])
    member = np.zeros((len(lists), len(groups)), np.float32)
    member[np.arange(len(lists)), own] = 1
    shares = (near @ member) / member.sum(axis=0)  # (lists, diagnoses)
    elsewhere = shares.sum(axis=1) - shares[np.arange(len(lists)), own]
    return tuple(bool(each >= max(2, same * (len(groups) - 1)) - 1e-6) for each in elsewhere)
