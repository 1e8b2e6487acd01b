"""Names that a program ranked, written so that they are read back letter by letter, whatever stands in them."""

from __future__ import annotations

import json
from collections.abc import Sequence

KEY = "raredx_names"


def written(names: Sequence[str]) -> str:
    """The names as a JSON object with one key that no model has reason to write."""
    return json.dumps({KEY: list(names)}, ensure_ascii=False)


def verbatim(text: str) -> tuple[str, ...] | None:
    """The names of a text that is nothing but what `written` writes, as they are; None for any other text. Never raises."""
    if not text.lstrip().startswith(f'{{"{KEY}"'):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    names = document[KEY]
    if len(document) > 1 or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
