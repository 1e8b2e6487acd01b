"""Tables of codes that a user brings: their own, and CMS's general equivalence mapping."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from raredx_bench.domain import BadInput
from raredx_bench.icd.codes import Tie


def read_given(path: Path) -> dict[tuple[int, str], tuple[str, Tie]]:
    """(ICD version, code) -> (disorder, tie) of a TSV or CSV table with the columns icd_version, icd_code, orpha and,
    optionally, relation.

    Raises BadInput for a missing column, a row that isn't such a mapping, or a code that is given twice with different disorders.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="," if path.suffix == ".csv" else "\t")
        missing = {"icd_version", "icd_code", "orpha"} - set(rows.fieldnames or ())
        if missing:
            raise BadInput(f"{path} lacks the columns {', '.join(sorted(missing))}: it needs icd_version, icd_code and orpha")
        found: dict[tuple[int, str], tuple[str, Tie]] = {}
        for number, row in enumerate(rows, 2):
            key, meant = _given_row(path, number, row)
            if found.setdefault(key, meant) != meant:
                raise BadInput(f"{path}, line {number}: {row['icd_code']} is given twice with different disorders: keep one")
    return found


def _given_row(path: Path, number: int, row: Mapping[str, str]) -> tuple[tuple[int, str], tuple[str, Tie]]:
    orpha = (row["orpha"] or "").strip().upper().removeprefix("ORPHA:")
    version, code = (row["icd_version"] or "").strip(), (row["icd_code"] or "").strip().upper().replace(".", "")
    relation = (row.get("relation") or "E").strip().upper()
    if version not in ("9", "10") or not code or not orpha.isdigit() or relation not in ("E", "NTBT"):
        raise BadInput(f"{path}, line {number}: expected icd_version 9 or 10, a code, an ORPHA number, and E or NTBT as relation")
    return (int(version), code), (f"ORPHA:{orpha}", Tie(relation))


def read_equivalents(path: Path) -> dict[str, str]:
    """ICD-9-CM -> ICD-10-CM codes of CMS's mapping (source, target, five flags), where it states one target and calls it identical.

    Flags, in order: approximate, no map, combination, scenario, choice. Raises BadInput for a line of another shape.
    """
    targets: dict[str, list[tuple[str, str]]] = {}
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 3 or not re.fullmatch(r"[01]{3}\d\d", parts[2]):
            raise BadInput(f"{path}, line {number}: expected an ICD-9 code, an ICD-10 code and five flags, as in 2018_I9gem.txt")
        targets.setdefault(parts[0], []).append((parts[1], parts[2]))
    return {code: stated[0][0] for code, stated in targets.items() if len(stated) == 1 and stated[0][1][:3] == "000"}
