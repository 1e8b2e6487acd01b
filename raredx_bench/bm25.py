"""BM25 over texts, and over anything else that is made of tokens: patients can be documents whose words are HPO terms."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from raredx_bench.compiled import Parts

_ARRAYS = ("data", "indices", "indptr")


@lru_cache(maxsize=1)
def _bm25s() -> Any:
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # importing it sets DEBUG, and every handler would show that
    return bm25s


def words(text: str) -> list[str]:
    """The words of a text, lower case, in order, without English stop words and single characters."""
    found: list[list[str]] = _bm25s().tokenize([text], stopwords="en", return_ids=False, show_progress=False)
    return found[0]


class Bm25:
    """An index of documents, each a list of tokens. Lucene's form of BM25 with k1 1.5 and b 0.75, bm25s' defaults.

    parts: what `parts` of another index gave, in place of documents.
    """

    def __init__(self, documents: Iterable[Sequence[str]] = (), parts: Parts | None = None) -> None:
        self._index = _bm25s().BM25()
        if parts is not None:
            vocabulary, arrays = parts
            self._index.vocab_dict = {token: place for place, token in enumerate(vocabulary["tokens"])}
            self._index.unique_token_ids_set = set(range(len(vocabulary["tokens"])))
            self._index.nonoccurrence_array = None  # Lucene's form has none
            self._index.scores = {**{name: arrays[name] for name in _ARRAYS}, "num_docs": vocabulary["documents"]}
            self._size = int(vocabulary["documents"])
            self._known = frozenset(vocabulary["tokens"])
            return
        tokens = [list(each) for each in documents]
        self._size = len(tokens)
        self._known = frozenset(token for each in tokens for token in each)
        if self._known:
            self._index.index(tokens, show_progress=False)

    def parts(self) -> Parts:
        """The index as a JSON-able part and arrays, which make the same index again."""
        places = self._index.vocab_dict if self._known else {}
        tokens = [token for token in sorted(places, key=lambda each: int(places[each])) if token in self._known]
        arrays = {name: np.asarray(self._index.scores[name]) if self._known else np.zeros(0) for name in _ARRAYS}
        return {"tokens": tokens, "documents": self._size}, arrays

    def knows(self, token: str) -> bool:
        """Whether some document holds a token."""
        return token in self._known

    def scores(self, query: Iterable[str]) -> np.ndarray:
        """The score of every document, in their order, 0 where no token of the query is in it; (documents,) float32."""
        known = [token for token in query if token in self._known]
        if not known:
            return np.zeros(self._size, np.float32)
        found: np.ndarray = self._index.get_scores(known)
        return found
