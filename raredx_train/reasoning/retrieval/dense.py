"""A dense encoder beside BM25: a sentence-transformers model, by id or path, or any object that encodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from raredx_bench.domain import UsageError
from raredx_bench.extras import extra


class Encoder(Protocol):
    """Whatever makes vectors of texts."""

    def encode(self, sentences: list[str]) -> np.ndarray:
        """One row a text; (texts, width)."""


class Dense:
    """An index of texts by the cosine of their vectors. Raises UsageError for an encoder that can't be loaded."""

    def __init__(self, encoder: str | Encoder, texts: Sequence[str]) -> None:
        self._encoder = _loaded(encoder) if isinstance(encoder, str) else encoder
        self._vectors = self._encoded(list(texts))  # (texts, width)

    def scores(self, text: str) -> np.ndarray:
        """The cosine of a text with every text of the index, in their order; (texts,) float32."""
        found: np.ndarray = self._vectors @ self._encoded([text])[0]
        return found

    def _encoded(self, texts: list[str]) -> np.ndarray:
        vectors = np.asarray(self._encoder.encode(texts), np.float32)
        scaled: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return scaled


def _loaded(name: str) -> Encoder:
    try:
        model: Encoder = extra("sentence_transformers", "dense", "rers.encoder").SentenceTransformer(name)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise UsageError(f"the encoder {name} can't be loaded ({why}): name a sentence-transformers model or its folder") from error
    return model
