"""One way through every file of Orphadata: JDBOR (date, version) > a list > what the file is about.

The files are read with ElementTree's iterparse, which loads no external entity or DTD; Expat itself stops entities that
grow without end (https://docs.python.org/3/library/xml.html#xml-security). No file is ever held in memory whole.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from raredx_bench.domain import BadInput

_POINTER = b"version https://git-lfs"
DISORDER = ("JDBOR", "DisorderList", "Disorder")  # where every product but the classifications keeps its disorders


def opened(path: Path) -> Any:
    """A binary handle on a file, gzipped or not."""
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def elements(path: Path, what: str, wanted: Callable[[Sequence[str]], bool]) -> Iterator[ElementTree.Element]:
    """The root, as far as its attributes, then each element whose path of tags is wanted, once it is whole; emptied afterwards.

    what: the product, for people. Raises BadInput when the file is no XML, cut short, a Git LFS pointer or not Orphadata's.
    """
    try:
        with opened(path) as handle:
            _check_start(path, handle)
            yield from _wanted(path, handle, what, wanted)
    except (ElementTree.ParseError, ValueError, LookupError, EOFError, OSError) as error:
        raise BadInput(f"{path} is not readable as XML ({error}): get it again from orphadata.com, it may be cut short") from error


def disorders(path: Path, what: str) -> Iterator[ElementTree.Element]:
    """The root, then each Disorder of a DisorderList; see elements()."""
    return elements(path, what, lambda tags: tuple(tags) == DISORDER)


def identifier(disorder: ElementTree.Element) -> str | None:
    """The ORPHA id of a Disorder (OrphaNumber in files of before 2020); None where it has no number."""
    code = text(disorder, "OrphaCode") or text(disorder, "OrphaNumber")
    return f"ORPHA:{code}" if code.isdigit() else None


def text(element: ElementTree.Element, path: str) -> str:
    """The text of an element below another, its white space made single; "" where there is none."""
    return " ".join((element.findtext(path) or "").split())


def _check_start(path: Path, handle: Any) -> None:
    if handle.read(len(_POINTER)) == _POINTER:
        raise BadInput(f"{path} is a Git LFS pointer, not the file: get it with `git lfs pull` or from orphadata.com")
    handle.seek(0)


def _wanted(path: Path, handle: Any, what: str, wanted: Callable[[Sequence[str]], bool]) -> Iterator[ElementTree.Element]:
    tags: list[str] = []
    for event, element in ElementTree.iterparse(handle, events=("start", "end")):
        if event == "start":
            tags.append(element.tag)
            if len(tags) == 1:
                if element.tag != "JDBOR":
                    raise BadInput(f"{path} starts with <{element.tag}>, not <JDBOR>: is it Orphadata's {what}?")
                yield element
            continue
        if len(tags) > 1 and wanted(tags):
            yield element
            element.clear()
        tags.pop()
