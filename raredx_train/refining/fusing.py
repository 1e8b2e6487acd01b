"""Ranked lists of names -> one list, by what the names mean. Training-free controls of collaborative refinement.

Names that link to one disease count as one, those that link to none by their spelling. A list that names a disease twice is
heard once, at the first place. Ties go to the disease that an earlier list named, then to the better place there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from raredx_bench.linking import Linker
from raredx_bench.naming import plain

CONSTANT = 60  # of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009, doi:10.1145/1571941.1572114)
Names = Sequence[str]


def reciprocal_ranks(lists: Sequence[Names], linker: Linker) -> tuple[str, ...]:
    """Names by the sum of 1 / (CONSTANT + rank) over the lists, each as the first list that has it writes it."""
    return _fused(lists, linker, lambda ranks: (sum(1 / (CONSTANT + rank) for rank in ranks),))


def majority(lists: Sequence[Names], linker: Linker) -> tuple[str, ...]:
    """Names by how many lists have them, then by their best rank in any."""
    return _fused(lists, linker, lambda ranks: (len(ranks), -min(ranks)))


def _fused(lists: Sequence[Names], linker: Linker, score: Callable[[list[int]], tuple[float, ...]]) -> tuple[str, ...]:
    ranks: dict[str, list[int]] = {}
    written: dict[str, str] = {}
    for names in lists:
        first: dict[str, str] = {}
        for name in names:
            first.setdefault(linker.link(name).id or f"name:{plain(name)}", name)
        for rank, (key, name) in enumerate(first.items(), 1):
            ranks.setdefault(key, []).append(rank)
            written.setdefault(key, name)
    order = sorted(ranks, key=lambda key: score(ranks[key]), reverse=True)  # stable: ties stay in the order of the lists
    return tuple(written[key] for key in order)
