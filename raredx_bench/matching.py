"""A file of predicted names and answers -> one judged row each."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput
from raredx_bench.judging import Judge

_ANSWER = ("answer", "gold_id")


def match_file(judge: Judge, path: Path) -> list[dict[str, Any]]:
    """One row per line of an unquoted TSV, in its order: prediction, answer, relation, link, why.

    Columns: prediction, and answer (or gold_id): one id, or several joined by "|". link is None when the name is not linked.
    form and among, as Link has them, are there only when they say something.
    Raises BadInput naming the missing column or the short line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            header = reader.fieldnames or ()
            column = next((name for name in _ANSWER if name in header), None)
            if "prediction" not in header or column is None:
                raise BadInput(
                    f"{path} needs the tab-separated columns prediction and answer; it has {', '.join(header) or 'none'}"
                )
            rows = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}") from error
    found = []
    for number, row in enumerate(rows, 2):
        if row["prediction"] is None or row[column] is None:
            raise BadInput(f"{path}, line {number}: too few columns")
        ids = tuple(part.strip() for part in row[column].split("|") if part.strip())
        prediction, why = judge.match(row["prediction"], ids)
        link = prediction.link
        found.append({
            "prediction": row["prediction"],
            "answer": row[column],
            "relation": prediction.relation.value,
            "link": None if link.id is None else {"id": link.id, "name": link.label, "how": link.how, "score": link.score},
            "why": why,
            **({"form": True} if link.form else {}),
            **({"among": list(link.among)} if link.among else {}),
        })  # fmt: skip
    return found
