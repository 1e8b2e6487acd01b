"""What the loaders share: rows of JSON lines, members of zips, findings as labels."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput
from raredx_bench.hpo import Hpo

log = logging.getLogger("raredx")


def json_lines(handle: Iterable[str], where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number from 1, object) of every line that isn't blank. Raises BadInput for one that is no JSON object."""
    for number, line in enumerate(handle, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput(f"{where}, line {number}: not JSON ({error}): get the file again, it may be cut") from error
            if not isinstance(row, dict):
                raise BadInput(f"{where}, line {number}: expected a JSON object")
            yield number, row


def opened_zip(path: Path) -> zipfile.ZipFile:
    """A zip, open for reading. Raises BadInput when it is none."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(f"{path} is not a readable zip ({error}): get it again, it may be truncated") from error


def labels(hpo: Hpo, identifiers: Iterable[str], stated: Mapping[str, str], where: str) -> list[str]:
    """Labels in force for HPO ids, else the source's own; a code that nobody can name is left out with a warning."""
    found = []
    for identifier in identifiers:
        label = hpo.name(identifier) or stated.get(identifier)
        if label is None:
            log.warning("%s: %s is not in HPO %s and has no label, so no model sees it; use a newer HPO release",
                        where, identifier, hpo.release)  # fmt: skip
        else:
            found.append(label)
    return found
