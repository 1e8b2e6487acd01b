"""Documents and texts -> the same without secrets: what a report, a card, a request or an error may show.

What is removed: the values of environment variables whose names end in KEY, TOKEN, SECRET or PASSWORD, whatever stands under a name
such as api_key or Authorization, credentials of well-known forms, passwords in addresses, and users' names in paths.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

REMOVED = "[removed]"
LEAST = 8  # characters that an environment variable's value needs to be taken for a secret: "1" and "true" are none

_NAMES = (
    r"(?:x[-_])?api[-_]?key|access[-_]?key|(?:auth|access|api|bearer|hf|refresh)[-_]?token|(?:client[-_]?)?secret(?:[-_]?key)?"
    r"|passw(?:or)?d"
)
_SECRET_NAME = re.compile(rf"(?:\w*[-_])?(?:{_NAMES})|token|(?:proxy[-_])?authorization|headers?|cookie", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"(?P<name>\b(?:\w*[-_])?(?:{_NAMES})|(?<![\w-])token(?==)|(?<=[?&])(?:key|sig)(?==)|\bauthorization)(?P<between>[\"']?\s*[=:]\s*[\"']?)"
    r"(?!\s)(?:(?:Bearer|Basic)\s+)?[^\s,;&\"'}\])]+",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_FORMS = re.compile(
    r"\b(?:(?:sk|pk|rk)-[\w*-]{12,}"  # OpenAI and those that follow it
    r"|(?:hf|gsk|gh[opsur]|github_pat|xai|r8|nvapi)[-_]\w[\w-]{15,}"
    r"|AIza[\w-]{30,}"  # Google
    r"|A(?:KIA|SIA)[0-9A-Z]{16}"  # Amazon
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+)"  # JSON web token
)
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_PLACE = re.compile(r"(?<![^=,;(+:\s])(?:~|[A-Za-z]:)?(?:[/\\][^/\\,;()+\s]+)*[/\\](?P<last>[^/\\,;()+\s]+)[/\\]?")
_HOME = re.compile(r"(?:/home/|/Users/|[A-Za-z]:\\Users\\)[^/\\\s:'\"]+")


def scrubbed(document: Any) -> Any:
    """A document without secrets: mappings and sequences throughout, the texts in them, anything else as it is.

    Tuples and sets come back as lists, an exception as its text.
    """
    secrets = sorted(_from_environment(), key=len, reverse=True)
    return _scrubbed(document, secrets)


def last_name(place: str) -> str:
    """The last folder's name of a local path; a hub's name ("org/model") or an address as it is."""
    path = Path(os.path.abspath(os.path.expanduser(place)))  # noqa: PTH100, PTH111  a link keeps its name, "~x" may be nobody
    local = place.startswith((os.sep, ".", "~")) or path.exists()
    return path.name if place and local and "://" not in place else place


def placeless(args: Any) -> Any:
    """A model's arguments, as a text or a mapping, with the last folder's name for each path that starts at a root or at home.

    What is published says which folder was asked, not where on somebody's disk it lies; hub names and addresses stay whole.
    """
    if isinstance(args, Mapping):
        return {name: placeless(value) for name, value in args.items()}
    return _PLACE.sub(r"\g<last>", args) if isinstance(args, str) else args


def _from_environment() -> Iterator[str]:
    for name, value in os.environ.items():
        if len(value) >= LEAST and _ENVIRONMENT.search(name):
            yield value


def _scrubbed(document: Any, secrets: list[str]) -> Any:
    if isinstance(document, str):
        return _text(document, secrets)
    if isinstance(document, BaseException):
        return _text(str(document), secrets)
    if isinstance(document, Mapping):
        return {name: REMOVED if value and _is_secret(name) else _scrubbed(value, secrets) for name, value in document.items()}
    if isinstance(document, list | tuple | set | frozenset):
        return [_scrubbed(each, secrets) for each in document]
    return document


def _is_secret(name: Any) -> bool:
    return isinstance(name, str) and _SECRET_NAME.fullmatch(name) is not None


def _text(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REMOVED)
    text = _ASSIGNED.sub(rf"\g<name>\g<between>{REMOVED}", text)
    text = _HEADER.sub(rf"\1 {REMOVED}", text)
    text = _FORMS.sub(REMOVED, text)
    text = _IN_ADDRESS.sub(REMOVED, text)
    home = os.path.expanduser("~")  # noqa: PTH111  Path.home() raises where there is none
    text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text) if len(home) > 1 else text
    return _HOME.sub("~", text)
