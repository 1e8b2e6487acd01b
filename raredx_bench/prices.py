"""What endpoints charge by the token: a small dated table, and the user's own rows before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any

from raredx_bench.validation import read_yaml

FILE = "embedded/prices.json"


@dataclass(frozen=True)
class Price:
    """What one endpoint's models cost per million tokens, in a currency.

    models: ids, or patterns with * and ?. seen: the day the figures were read at the source, ISO 8601.
    """

    models: tuple[str, ...]
    prompt: float
    completion: float
    currency: str
    seen: str
    source: str

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


def load_prices(own: Path | None = None) -> tuple[Price, ...]:
    """The rows of the user's file (YAML or JSON, schemas/prices.schema.json), then the shipped ones. Raises BadInput."""
    shipped = json.loads(resources.files("raredx_bench").joinpath(FILE).read_text(encoding="utf-8"))
    rows = [*(read_yaml(own, "prices")["prices"] if own else []), *shipped["prices"]]
    return tuple(map(_price, rows))


def price_of(model: str, table: Sequence[Price]) -> Price | None:
    """The first row with a pattern that fits a model's whole id, whatever its case; None: there is none."""
    wanted = model.lower()
    return next((row for row in table if any(fnmatchcase(wanted, pattern.lower()) for pattern in row.models)), None)


def _price(row: dict[str, Any]) -> Price:
    return Price(tuple(row["models"]), row["prompt"], row["completion"], row.get("currency", "USD"), row["seen"], row["source"])
