"""Prevalences, ages of onset and modes of inheritance as ORDO's OBO-graph JSON states them: edges from a disorder to a value.

Read in ORDO 2.6: has_point_prevalence_range (Orphanet_C025), has_birth_prevalence_range (C026), has_inheritance (C016) and
has_AgeOfOnset (C017); values are classes ("1-9 / 100 000", "Unknown_epidemiological_range", "autosomal recessive", "neonatal").
Where an estimate holds (present_in) is an edge of its own that isn't tied to one, so areas stay unknown.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput
from raredx_bench.orphadata.epidemiology import NaturalHistory, Prevalence, band_of

_PREFIX = "http://www.orpha.net/ORDO/Orphanet_"
_KINDS = {"C025": "Point prevalence", "C026": "Prevalence at birth"}
_INHERITANCE, _ONSET = "C016", "C017"
_UNKNOWN = "Unknown_epidemiological_range"


def read_ordo_epidemiology(path: Path) -> tuple[dict[str, tuple[Prevalence, ...]], dict[str, NaturalHistory]]:
    """ORPHA id -> prevalences, and ORPHA id -> natural history, of an ORDO file in OBO-graph JSON.

    Both are empty for ORDO's OWL, whose restrictions aren't read here. Raises BadInput when the file can't be read.
    """
    if ".json" not in path.name:
        return {}, {}
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        graph = json.loads(content.decode("utf-8"), strict=False)["graphs"][0]
        return _read(graph)
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError) as error:
        raise BadInput(f"{path} is not a readable ORDO file ({error}): get it again, it may be truncated") from error


def _read(graph: dict[str, Any]) -> tuple[dict[str, tuple[Prevalence, ...]], dict[str, NaturalHistory]]:
    nodes = {node["id"]: node for node in graph["nodes"]}
    prevalences: dict[str, dict[Prevalence, None]] = {}
    stated: dict[str, dict[str, dict[str, None]]] = {}
    for edge in graph["edges"]:
        relation = edge["pred"].removeprefix(_PREFIX)
        if relation not in (*_KINDS, _INHERITANCE, _ONSET):
            continue
        orpha, value = f"ORPHA:{edge['sub'].removeprefix(_PREFIX)}", str(nodes.get(edge["obj"], {}).get("lbl", ""))
        if relation in _KINDS:
            band = band_of("" if value == _UNKNOWN else value)
            estimate = Prevalence(_KINDS[relation], band, of_group=_is_group(nodes.get(edge["sub"], {})))
            prevalences.setdefault(orpha, {})[estimate] = None
        elif value:
            stated.setdefault(orpha, {_ONSET: {}, _INHERITANCE: {}})[relation][value] = None
    histories = {orpha: NaturalHistory(tuple(each[_ONSET]), tuple(each[_INHERITANCE])) for orpha, each in stated.items()}
    return {orpha: tuple(each) for orpha, each in prevalences.items()}, histories


def _is_group(node: dict[str, Any]) -> bool:
    return any("group_of_disorders" in subset for subset in node.get("meta", {}).get("subsets", ()))
