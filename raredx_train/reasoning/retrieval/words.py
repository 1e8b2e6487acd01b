"""BM25 over texts, and over anything else that is made of tokens: patients are documents whose words are HPO terms."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from raredx_bench.extras import extra


@lru_cache(maxsize=1)
def _bm25s() -> Any:
    found = extra("bm25s", "train", "looking knowledge up for a teacher")
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # importing it sets DEBUG, and every handler would show that
    return found


def words(text: str) -> list[str]:
    """The words of a text, lower case, in order, without English stop words and single characters."""
    found: list[list[str]] = _bm25s().tokenize([text], stopwords="en", return_ids=False, show_progress=False)
    return found[0]


class Bm25:
    """An index of documents, each a list of tokens. Lucene's form of BM25 with k1 1.5 and b 0.75, bm25s' defaults."""

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        tokens = [list(each) for each in documents]
        self._size = len(tokens)
        self._index = _bm25s().BM25()
        self._known = frozenset(token for each in tokens for token in each)
        if self._known:
            self._index.index(tokens, show_progress=False)

    def scores(self, query: Iterable[str]) -> np.ndarray:
        """The score of every document, in their order, 0 where no token of the query is in it; (documents,) float32."""
        known = [token for token in query if token in self._known]
        if not known:
            return np.zeros(self._size, np.float32)
        found: np.ndarray = self._index.get_scores(known)
        return found
