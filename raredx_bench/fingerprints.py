"""Cases -> fingerprints that hold no case text, and texts that overlap them: near copies in other sets and in training data.

A text is its words (naming.plain), cut into overlapping runs of SHINGLE words. Two texts are near copies when the runs that they
share are at least THRESHOLD of all their runs (Jaccard); one changed word breaks five runs, so 0.5 is about one word in ten.
MinHash signatures of PERMUTATIONS values (Broder 1997; datasketch, seed and scheme fixed) estimate that share with a standard error
of at most 0.045, and LSH finds the pairs without comparing all. A text much longer than a case is read through windows of about
the case's length, so that a case inside a long document is found.

A fingerprint file is JSON lines, gzipped when its name ends in .gz: a header, then one line a case with its benchmark and id, the
SHA-256 of its words, the number of words, and the signature in base64 (little-endian 32-bit integers).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
from datasketch import MinHash, MinHashLSH

from raredx_bench.domain import BadInput, Case
from raredx_bench.naming import plain

SCHEMA = "raredx-fingerprints-1"
SHINGLE = 5  # words
PERMUTATIONS = 128
SEED = 1
SCHEME = "affine32"  # of datasketch: which family of hash functions
THRESHOLD = 0.5
SIFTED = 0.7  # LSH lets through from this share of the threshold on: at the threshold itself it would miss half
SHORTEST = 20  # words: shorter texts are compared as a whole only, by their hash
LONGER = 1.25  # a text this many times as long as a case is read through windows
_HEADER = {"schema": SCHEMA, "shingle": SHINGLE, "permutations": PERMUTATIONS, "seed": SEED, "scheme": SCHEME}


@dataclass(frozen=True)
class Fingerprint:
    """What is kept of a case: sha256 of its words in hex, how many words, and its signature (PERMUTATIONS values)."""

    benchmark: str
    case: str
    sha256: str
    words: int
    signature: np.ndarray  # (PERMUTATIONS,) uint32


@dataclass(frozen=True, slots=True)
class Match:
    """A text that overlaps a case. text: its position among the texts; similarity: share of runs, 0 to 1; 1.0 with exact words."""

    benchmark: str
    case: str
    text: int
    similarity: float
    exact: bool


def words_of(text: str) -> list[str]:
    """The words that are compared: lower case, no punctuation, no accents."""
    return plain.__wrapped__(text).split()


def shingles(words: Sequence[str]) -> set[str]:
    """Every run of SHINGLE words; the whole text when it is shorter."""
    return {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}


def fingerprint(case: Case) -> Fingerprint:
    """The fingerprint of a case's presentation."""
    words = words_of(case.presentation)
    return Fingerprint(case.benchmark, case.id, _digest(words), len(words), _signature(words))


def fingerprints(cases: Iterable[Case]) -> tuple[Fingerprint, ...]:
    """The fingerprints of cases, in their order."""
    return tuple(map(fingerprint, cases))


def overlaps(known: Sequence[Fingerprint], texts: Iterable[str], threshold: float = THRESHOLD) -> Iterator[Match]:
    """Matches of texts (training examples, say) with known cases, in the texts' order, each pair once with its best similarity."""
    index = MinHashLSH(threshold=SIFTED * threshold, num_perm=PERMUTATIONS)
    exact: dict[str, list[int]] = {}
    for at, each in enumerate(known):
        exact.setdefault(each.sha256, []).append(at)
        if each.words >= SHORTEST:
            index.insert(at, _minhash(each.signature))
    lengths = _octaves(each.words for each in known if each.words >= SHORTEST)
    for position, text in enumerate(texts):
        words = words_of(text)
        best = dict.fromkeys(exact.get(_digest(words), ()), 1.0)
        same = frozenset(best)
        for window in _windows(words, lengths):
            found = _minhash(_signature(window))
            for at in index.query(found):
                similarity = float(np.mean(found.hashvalues == known[at].signature))
                if similarity >= threshold:
                    best[at] = max(similarity, best.get(at, 0.0))
        for at, similarity in sorted(best.items()):
            yield Match(known[at].benchmark, known[at].case, position, similarity, at in same)


def write_fingerprints(known: Iterable[Fingerprint], path: Path) -> None:
    """Write a fingerprint file."""
    with _opened(path, "wt") as handle:
        handle.write(json.dumps(_HEADER) + "\n")
        for each in known:
            packed = base64.b64encode(each.signature.astype("<u4").tobytes()).decode("ascii")
            handle.write(json.dumps({"benchmark": each.benchmark, "case": each.case, "sha256": each.sha256, "words": each.words,
                                     "minhash": packed}, ensure_ascii=False) + "\n")  # fmt: skip


def read_fingerprints(path: Path) -> tuple[Fingerprint, ...]:
    """The fingerprints of a file. Raises BadInput for a file of another kind or version, naming the line."""
    with _opened(path, "rt") as handle:
        if _json(handle.readline(), path, 1) != _HEADER:
            raise BadInput(f"{path} is no fingerprint file of this version ({SCHEMA}): write it again with raredx-bench audit")
        return tuple(_from_row(_json(line, path, number), path, number) for number, line in enumerate(handle, 2))


def is_fingerprint_file(path: Path) -> bool:
    """True when a file's first line says that it holds fingerprints."""
    with _opened(path, "rt") as handle:
        return '"raredx-fingerprints' in handle.readline(200)


def _from_row(row: object, path: Path, number: int) -> Fingerprint:
    try:
        assert isinstance(row, dict)
        signature = np.frombuffer(base64.b64decode(row["minhash"], validate=True), "<u4").astype(np.uint32)
        found = Fingerprint(str(row["benchmark"]), str(row["case"]), str(row["sha256"]), int(row["words"]), signature)
    except (AssertionError, KeyError, ValueError, TypeError) as error:
        raise BadInput(f"{path}, line {number}: not a fingerprint ({error!r}): write the file again") from error
    if len(signature) != PERMUTATIONS:
        raise BadInput(f"{path}, line {number}: {len(signature)} values in the signature instead of {PERMUTATIONS}")
    return found


def _json(line: str, path: Path, number: int) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadInput(f"{path}, line {number}: not JSON ({error}): get the file again, it may be cut") from error


def _opened(path: Path, mode: str) -> IO[str]:
    try:
        return gzip.open(path, mode, encoding="utf-8") if path.suffix == ".gz" else path.open(mode[0], encoding="utf-8")  # type: ignore[return-value]
    except OSError as error:
        raise BadInput(f"{path} can't be opened: {error.strerror}") from error


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


@lru_cache(maxsize=1)
def _empty() -> MinHash:
    return MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme=SCHEME)


def _signature(words: Sequence[str]) -> np.ndarray:
    found = _empty().copy()
    found.update_batch([shingle.encode() for shingle in sorted(shingles(words))])
    return np.asarray(found.hashvalues, np.uint32)


def _minhash(signature: np.ndarray) -> MinHash:
    found = _empty().copy()
    found.hashvalues = signature.astype(_empty().hashvalues.dtype)
    return found


def _octaves(lengths: Iterable[int]) -> tuple[int, ...]:
    """Powers of two nearest to the lengths: each length is at most 1.41 times as long or short as one of them."""
    return tuple(sorted({1 << round(float(np.log2(length))) for length in lengths}))


def _windows(words: Sequence[str], lengths: Sequence[int]) -> Iterator[Sequence[str]]:
    """The text, and for each length that it exceeds by far, its windows of that length, each by half a window further on."""
    if len(words) >= SHORTEST:
        yield words
    for length in lengths:
        if len(words) > LONGER * length:
            for start in range(0, len(words) - length // 2, length // 2):
                yield words[start : start + length]
