"""MIMIC-IV's tables as published: CSV with a header, gzipped or not, read row by row."""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, DataMissing

NOTES = ("note_id", "subject_id", "hadm_id", "note_type", "note_seq", "charttime", "storetime", "text")
DIAGNOSES = ("subject_id", "hadm_id", "seq_num", "icd_code", "icd_version")
PATIENTS = ("subject_id", "gender", "anchor_age", "anchor_year")
TITLES = ("icd_code", "icd_version", "long_title")
STAYS = ("hadm_id", "stay_id")
TRIAGE = ("stay_id", "chiefcomplaint")
WHERE = "https://physionet.org/content/mimiciv/ and https://physionet.org/content/mimic-iv-note/"


def found(folder: Path, name: str) -> Path | None:
    """The table of this name in a folder or anywhere below it (hosp/, note/, ed/), gzipped or not; None when it isn't there."""
    for file in (f"{name}.csv.gz", f"{name}.csv"):
        at = next(iter(sorted(folder.glob(f"**/{file}"))), None)
        if at is not None:
            return at
    return None


def needed(folder: Path, name: str) -> Path:
    """The table of this name. Raises DataMissing with where it comes from."""
    path = found(folder, name)
    if path is None:
        raise DataMissing(
            f"{name}.csv.gz is not in {folder}: get it from {WHERE} with credentialed access, and name its folder by --mimic"
        )
    return path


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """These columns of every row, as text, in the file's order; nothing but the current row is held.

    Raises BadInput when a column is missing, a row has another number of fields, or the file is cut short.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # notes pass the default of 131,072 characters
    try:
        with _open(path) as handle:
            reader = csv.reader(handle)
            header = next(reader, [])
            missing = [column for column in columns if column not in header]
            if missing:
                raise BadInput(
                    f"{path} lacks the columns {', '.join(missing)}: is it MIMIC-IV's {path.name.partition('.')[0]} table?"
                )
            where = [header.index(column) for column in columns]
            for row in reader:
                if len(row) != len(header):
                    raise BadInput(
                        f"{path}, line {reader.line_num}: {len(row)} fields, but the header has {len(header)}: get it again"
                    )
                yield tuple(row[index] for index in where)
    except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
        raise BadInput(f"{path} can't be read ({error}): get it again, it may be cut short") from error


def _open(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
