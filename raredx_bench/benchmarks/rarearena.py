"""RareArena: free-text case reports of PubMed Central, screening (RDS) and confirmation (RDC).

Records are JSON lines despite the name .json: _id, case_report, diagnosis, Orpha_name, Orpha_id, age, gender, pub_date, in RDC also
test_results (github.com/zhao-zy15/RareArena, eval/run.py, which appends the test results to the report).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks.rows import json_lines
from raredx_bench.domain import BadInput, Case

log = logging.getLogger("raredx")
_NEEDED = {"_id", "case_report", "Orpha_id"}


def load(task: str, root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of a task, "rds" or "rdc", one line at a time.

    The full set; the published benchmark subset where options["subset"] asks for it, or, with a warning, where it alone is there.
    """
    return reports(task, _file(task, root, bool(options.get("subset"))))


def reports(task: str, path: Path) -> Iterator[Case]:
    """Cases of a file in RareArena's format, one line at a time. Raises BadInput for another one."""
    with path.open(encoding="utf-8") as handle:
        for number, row in json_lines(handle, str(path)):
            missing = _NEEDED - set(row)
            if missing:
                raise BadInput(f"{path}, line {number}: lacks {', '.join(sorted(missing))} (RareArena's own field names)")
            yield _case(task, row)


def _file(task: str, root: Path, subset: bool) -> Path:
    if subset:
        return sources.require(f"rarearena_{task}_benchmark", root)
    full, part = sources.find(f"rarearena_{task}", root), sources.find(f"rarearena_{task}_benchmark", root)
    if full is None and part is not None:
        log.warning("rarearena_%s: the full set is not there, so the published benchmark subset %s is scored", task, part.name)
        return part
    return full or sources.require(f"rarearena_{task}", root)


def _case(task: str, row: Mapping[str, Any]) -> Case:
    text = str(row["case_report"])
    if task == "rdc" and row.get("test_results"):
        text = f"{text}\n\n{row['test_results']}"
    published = str(row.get("pub_date") or "")
    return Case(
        id=str(row["_id"]),
        benchmark=f"rarearena_{task}",
        presentation=text,
        answers=(f"ORPHA:{row['Orpha_id']}",),
        group=str(row["_id"]).split("-")[0],  # several cases of one article
        strata={"year": published[:4]} if published[:4].isdigit() else {},
        published=published,
    )
