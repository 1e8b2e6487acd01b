"""RareBench-BR: cases in Brazilian Portuguese (github.com/rarasAI/rarebench-br, README, "Schema (unified)").

Two record shapes are published: the unified file keeps the text under clinical_input, the files of single layers at the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks.rows import json_lines
from raredx_bench.domain import BadInput, Case


def load(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """The diagnostic cases: of the unified file when it is there, else of the layers' files."""
    sources.require("rarebench_br", root)
    paths = sources.find_all("rarebench_br", root)
    unified = [path for path in paths if path.name.startswith("RareBench_BR")]
    for path in unified or paths:
        with path.open(encoding="utf-8") as handle:
            for number, row in json_lines(handle, str(path)):
                if row.get("task", "diagnosis") == "diagnosis":
                    yield _case(row, f"{path}, line {number}", path.stem)


def _case(row: Mapping[str, Any], place: str, layer: str) -> Case:
    shown = row.get("clinical_input") or row
    gold = row.get("ground_truth") or {}
    text, answer = shown.get("free_text_pt"), gold.get("primary_orphanet")
    if not text or not answer or "case_id" not in row:
        raise BadInput(f"{place}: expected case_id, free_text_pt and ground_truth.primary_orphanet (RareBench-BR's own names)")
    return Case(
        id=str(row["case_id"]),
        benchmark="rarebench_br",
        presentation=str(text),
        answers=(str(answer),),
        strata={"layer": str(row.get("source_layer") or layer)},
    )
