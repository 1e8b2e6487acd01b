"""Text of a name, stripped of what never distinguishes two diseases."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Any

_NOT_WORD = re.compile(r"[^\w]+|_+")
_POSSESSIVE = re.compile(r"(?<=\w)'s?(?=\W|$)")
_NOT_SLUG = re.compile(r"[^A-Za-z0-9._-]+")
_ASCII_WORD = re.compile(r"[^a-z0-9]+")


def storable(text: str) -> str:
    """The text with lone surrogates replaced: models emit them, and no file can hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def filename(task: str) -> str:
    """A task's name as part of a path: no colon, which some file systems refuse (after:2024 becomes after=2024)."""
    return task.replace(":", "=")


def slug_of(text: str) -> str:
    """A text in letters, digits, dots, dashes and underscores alone."""
    return _NOT_SLUG.sub("-", text).strip("-.") or "unnamed"


def fingerprint(prompt: Any) -> str:
    """Sixteen hexadecimal digits that stand for a prompt, whatever an lm-eval model takes for one."""
    return hashlib.sha256(str(prompt).encode()).hexdigest()[:16]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Lower case, no accents, no possessives, words separated by one space; numbers and letters are all kept."""
    if text.isascii():
        return _ASCII_WORD.sub(" ", _POSSESSIVE.sub("", text.lower()) if "'" in text else text.lower()).strip()
    text = _POSSESSIVE.sub("", text.replace("’", "'").replace("ß", "ss").lower())
    folded = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", folded).strip()
