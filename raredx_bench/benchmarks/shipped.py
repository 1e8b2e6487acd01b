"""What needs no download: the frozen vignettes, and simulated patients."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks.rows import json_lines
from raredx_bench.domain import BadInput, Case
from raredx_bench.hpo import load_hpo
from raredx_bench.simulation import simulate

SIMULATED = 300  # cases of raredx_sim unless sim_n says otherwise


def vignettes(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """The 135 vignettes. Raises BadInput when they are not the set of options["digest"]."""
    text = resources.files("raredx_bench").joinpath("embedded/vignettes.jsonl").read_text(encoding="utf-8")
    found = hashlib.sha256(text.encode()).hexdigest()
    if options.get("digest") and not found.startswith(str(options["digest"])):
        raise BadInput(f"the vignettes are frozen at digest {options['digest']}, but the file's is {found[:16]}: reinstall raredx")
    for _, row in json_lines(io.StringIO(text), "vignettes.jsonl"):
        yield Case(
            id=row["id"],
            benchmark="raredx_vignettes",
            presentation=row["presentation"],
            answers=tuple(row["answers"]),
            observed=tuple(row["observed"]),
            excluded=tuple(row["excluded"]),
            strata={"system": row["system"], "prevalence": row["prevalence"]},
        )


def simulated(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """sim_n patients drawn with the seed sim_seed."""
    return simulate(load_hpo(root), int(options.get("sim_n", SIMULATED)), int(options.get("sim_seed", 1)))
