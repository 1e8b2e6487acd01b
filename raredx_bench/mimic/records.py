"""The built file: one JSON object a line, readable by its owner alone, and how it is read back as cases.

{"case_id": "mimic-…", "text": …, "answers": ["ORPHA:558"], "group": …, "sex": "F" | "M" | null, "age": years | null,
 "codes": [{"code", "version", "position", "reading", "tie"}], "strata": {…}, "source": {"note_id", "subject_id", "hadm_id"}}

age: 91 for all over 89. case_id and group are the first 12 hex digits of SHA-256 over "subject/hadm" and "subject": everybody
who builds from the same release gets the same ones. They are pseudonyms, not secrets: whoever holds MIMIC-IV can compute them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from raredx_bench.domain import BadInput, Case, DataMissing

NAME = "mimic_iv_rare"
FOLDER = "mimic"
HOW = "build it from your own copy of MIMIC-IV with `raredx-bench mimic build --mimic DIR` (docs/benchmarks/mimic_iv_rare.md)"


def built(root: Path) -> Path:
    """Where the benchmark lies under a data directory."""
    return root / FOLDER / f"{NAME}.jsonl"


def located(root: Path, options: Mapping[str, Any]) -> Path:
    """The built file. Raises DataMissing, with how to build it, when it isn't there."""
    path = built(root)
    if not path.is_file():
        raise DataMissing(f"{path} is not there: {HOW}")
    return path


def pseudonym(*parts: str) -> str:
    """12 hex digits for ids of MIMIC, the same everywhere."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:12]


def cases(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """The built cases, in the order of their ids. Raises DataMissing before they were built, BadInput for a damaged line."""
    path = located(root, options)
    with path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            try:
                record = json.loads(line)
                yield Case(record["case_id"], NAME, record["text"], tuple(record["answers"]), group=record["group"],
                           strata=record["strata"])  # fmt: skip
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(f"{path}, line {number}: not a record of this benchmark ({error!r}): {HOW}") from error


def private_folder(path: Path) -> Path:
    """The folder, made if need be, that nobody but its owner can enter (0700)."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


@contextlib.contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that its owner alone can read (0600) and that takes its name only once it is whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")  # mkstemp's mode is 0600, whatever the umask
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class Spool:
    """Records kept on the disk in a private file without a name, and given back in the order of their ids."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by close)
        self._where: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._where)

    def add(self, record: Mapping[str, Any]) -> None:
        """Keep a record."""
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        self._where[record["case_id"]] = (self._file.tell(), len(line))
        self._file.write(line)

    def lines(self) -> Iterator[bytes]:
        """Every record's line, by case id."""
        for _, (start, length) in sorted(self._where.items()):
            self._file.seek(start)
            yield self._file.read(length)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
