"""Results reported in papers: a table -> leaderboards/reported.json, with what arithmetic says of each row.

python benchmarks/reported.py DIR [FILE]    DIR: a data directory with published/published_results.csv (benchmark, split, n,
                                            input_form, model, top1 … top10, median_rank, matcher, source, confidence P or S)
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from raredx_bench.reported import SCHEMA, notes, read_reported
from raredx_bench.tasks import all_tasks

COLUMNS = {"top1": "recall@1", "top3": "recall@3", "top5": "recall@5", "top10": "recall@10", "median_rank": "median_rank"}
OURS = {"rarebench_public": "rarebench"}  # 1,197 = 624 + 40 + 88 + 370 + 75: the five subsets of our group
CONFIDENCE = {"P": "primary", "S": "secondary"}


def row_of(line: Mapping[str, str], known: set[str]) -> dict[str, Any]:
    """A row of the file, still without its note."""
    name = OURS.get(line["benchmark"], line["benchmark"])
    return {
        "benchmark": name,
        "ours": name if name in known else None,
        "split": line["split"],
        "n": line["n"] or None,
        "cases": int(line["n"]) if line["n"].isdigit() else None,
        "input": line["input_form"],
        "model": line["model"],
        "estimates": {ours: line[theirs] for theirs, ours in COLUMNS.items() if line[theirs]},
        "matcher": line["matcher"],
        "source": line["source"],
        "confidence": CONFIDENCE[line["confidence"]],
        "note": "",
    }


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Every row of the table, in its order, with its note."""
    known = set(all_tasks())
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row_of(line, known) for line in csv.DictReader(handle)]
    return [{**row, "note": note} for row, note in zip(rows, notes(rows), strict=True)]


def main(root: Path, target: Path) -> None:
    """Write the file, one line a row, and print the rows that have a note."""
    rows = rows_of(root / "published" / "published_results.csv")
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    target.write_text(
        f'{{\n "schema": "{SCHEMA}",\n "unit": "percent, as printed",\n "rows": [\n{lines}\n ]\n}}\n', encoding="utf-8"
    )
    noted = [row for row in read_reported(target) if row["note"]]
    for row in noted:
        print(f"{row['benchmark']}, {row['model']} ({row['source']}): {row['note']}")
    print(f"{target}: {len(rows)} rows, {len(noted)} with a note")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) == 3 else "leaderboards/reported.json"))
