"""Numbers -> the text that people read on the page; and JSON that may stand inside a script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from raredx_bench.compiled import digest_of
from raredx_bench.naming import slug_of

RATE_COLUMNS = (
    ("recall@1", "recall@1", "the exact disease is the first name"),
    ("recall@3", "recall@3", "it is among the first three"),
    ("recall@5", "recall@5", "it is among the first five"),
    ("recall@10", "recall@10", "it is among the first ten"),
    ("recall@10/narrower", "+ narrower", "recall@10, forms of the disease counted too"),
    ("recall@10/broader", "+ broader", "recall@10, diseases and families above it counted too"),
)
COSTS = (
    ("price", "price per case"),
    ("tokens", "tokens per case, prompt and completion"),
    ("seconds", "seconds per case"),
)


def percent(rate: float) -> str:
    """A fraction in percent with one digit."""
    return f"{100 * rate:.1f}"


def number(value: float | None) -> str:
    """A whole number with its thousands parted; an en dash where none is known."""
    return "–" if value is None else f"{value:,.0f}"


def amount(value: float) -> str:
    """A quantity with three significant digits, never in powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.001 else f"{value:.6f}".rstrip("0")


def unique_slug(text: str) -> str:
    """A text as part of a file's name: readable, and different for different texts."""
    return f"{slug_of(text)[:48]}-{digest_of([text])[:8]}"


def costs_of(cost: Mapping[str, Any]) -> dict[str, float]:
    """What one case cost on average, of what is known: price (in the currency of currency_of), tokens, seconds."""
    cases = cost.get("cases")
    if not cases:
        return {}
    prompt, completion = cost.get("prompt_tokens"), cost.get("completion_tokens")
    found = {
        "price": next((cost[key] for key in _prices(cost)), None),
        "tokens": prompt + completion if prompt is not None and completion is not None else None,
        "seconds": cost.get("seconds"),
    }
    return {name: value / cases for name, value in found.items() if value is not None and value > 0}


def currency_of(cost: Mapping[str, Any]) -> str:
    """The currency of an entry's price, in capitals; "" where there is no price."""
    return next((key.removeprefix("price_").upper() for key in _prices(cost)), "")


def _prices(cost: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in cost if key.startswith("price_") and not key.endswith("_per_correct"))


def is_web(address: str) -> bool:
    """True for an address that a reader may be sent to: http or https, nothing that runs."""
    return urlsplit(address).scheme in ("http", "https")


def script_json(document: Any) -> str:
    """JSON that no HTML parser and no old JavaScript reader can take for more than a value: no <, >, &, no line separators."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
