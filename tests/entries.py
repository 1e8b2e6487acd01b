"""Invented leaderboard entries as folders on disk: made-up models, deterministic; ranks, estimates and names agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from raredx_bench.compiled import digest_of
from raredx_bench.metrics import MISS, rank_estimates
from raredx_bench.naming import filename
from raredx_bench.report import estimates_document

PREDICTION = pa.struct([
    ("name", pa.string()), ("id", pa.string()), ("label", pa.string()), ("how", pa.string()), ("score", pa.float64()),
    ("relation", pa.string()), ("form", pa.bool_()), ("namesakes", pa.list_(pa.string())), ("among", pa.list_(pa.string())),
    ("confidence", pa.float64()),
])  # fmt: skip
CARD = {"type": "hf", "revision": "main", "parameters": 14_000_000_000, "dtype": "bfloat16", "context": 32768, "cutoff": "2024-06"}
NAMES = tuple(f"Invented disease {number}" for number in range(500))
LEVELS = {"inheritance": ("recessive", "dominant", "X-linked", "not known"), "findings": ("1-4", "5-9", "10 or more"),
          "body system": ("nervous system", "skeleton", "eye", "metabolism", "not known")}  # fmt: skip


def written(
    folder: Path,
    *,
    model: str | Mapping[str, Any] = "invented-7B",
    benchmark: str = "rarearena_rds",
    n: int = 40,
    seed: int = 0,
    skill: float = 0.3,
    case_ids: Sequence[str] = (),
    digest: str = "",
    names: Sequence[str] = NAMES,
    linker: str = "linker-3",
    **changes: Any,
) -> Path:
    """The folder of one invented entry under folder. skill: about its recall@1. changes: parts of entry.json."""
    rng = np.random.default_rng(seed)
    said = {"name": model, "args": None, "card": {**CARD, "id": model}} if isinstance(model, str) else model
    model = str(said["name"])
    ids = list(case_ids) or [f"{benchmark}-{number:05}" for number in range(n)]
    ranks = np.minimum(rng.geometric(skill * 0.8 + 0.02, len(ids)), MISS).astype(np.int8)
    broader = np.where(rng.random(len(ids)) < 0.3, rng.integers(1, MISS, len(ids)), MISS).astype(np.int8)
    broader[broader == ranks] = MISS
    document = {**_document(model, benchmark, ids, digest, ranks, broader, linker, seed), "model": said, **changes}
    name = f"{model.replace('/', '-')[:30]}@2026-11-{1 + seed % 28:02}-{digest_of([model, str(seed)])[:8]}"
    place = folder / filename(benchmark) / name.replace("<", "").replace(">", "").replace('"', "")
    place.mkdir(parents=True, exist_ok=True)
    (place / "entry.json").write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    pq.write_table(_table(ids, ranks, broader, names, rng), place / "verdicts.parquet")
    return place


def _document(
    model: str, benchmark: str, ids: Sequence[str], digest: str, ranks: np.ndarray, broader: np.ndarray, linker: str, seed: int
) -> dict[str, Any]:
    n = len(ids)
    found = _estimates(ranks, broader, ids)
    digest = digest or digest_of(ids)
    failed = int(n * 0.02)
    return {
        "schema": "raredx-entry-2", "benchmark": benchmark, "run": f"{model}-run",
        "created": f"2026-11-{1 + seed % 28:02}T10:00:00+00:00",
        "request": {"model": model, "limit": None, "repeats": 1, "metadata": {}, "protocols": ["all"]},
        "terminology": {"release": "Mondo 2026-08-21", "digest": "ab" * 32, "origin": "ontology/mondo.obo"},
        "environment": {"python": "3.11.7", "raredx": "0.1.0"},
        "cost": {"seconds": 10.0 + 3 * seed, "cases": n, "requests": n, "prompt_tokens": 400 * n,
                 "completion_tokens": (100 + 37 * (seed % 19)) * n,
                 "price_usd": round(0.001 * n * (1 + seed % 13), 4)},
        "version": "1", "cases": digest,
        "signature": f"{benchmark}|v:1|n:{n}|cases:{digest[:12]}|form:text|parser:parser-2|linker:{linker}|judge:judge-2|"
                     "terminology:Mondo 2026-08-21 (abab)|protocol:raredx|protocols-1|k:10|chat:yes|raredx:0.1.0",
        "licence": "CC-BY-NC-SA-4.0", "citation": "An invented source", "n": n, "estimates": found,
        "strata": {name: {level: _part(ranks, number, len(levels)) for number, level in enumerate(levels)}
                   for name, levels in LEVELS.items()},
        "protocols": _protocols(found),
        "references": {"prior_only": estimates_document(rank_estimates(np.where(np.arange(n) % 50 == 0, 1, MISS), ids)),
                       "ceiling": {"in_terminology": 0.987, "annotated": 0.913}},
        "counts": {"cases": n, "unparsed": failed, "empty": failed, "names": 10 * n, "unlinked names": n // 3},
        "unknown_gold": [], "who": "An invented group", "links": ["https://example.org/a-paper"],
        "training": {"data": "Invented notes of invented patients."}, "split": "all", "form": "text",
        "verdicts": {"rows": n, "digest": digest_of([model, str(seed)])},
    }  # fmt: skip


def _estimates(ranks: np.ndarray, broader: np.ndarray, groups: Sequence[str]) -> dict[str, Any]:
    exact = rank_estimates(ranks, groups)
    wide = {f"{name}{suffix}": each for suffix in ("/narrower", "/broader")
            for name, each in rank_estimates(np.minimum(ranks, broader) if suffix == "/broader" else ranks, groups).items()
            if name.startswith("recall")}  # fmt: skip
    return estimates_document({**exact, **wide})


def _part(ranks: np.ndarray, number: int, parts: int) -> dict[str, Any]:
    inside = ranks[number::parts] if len(ranks) > parts else ranks
    found = estimates_document(rank_estimates(inside, [str(each) for each in range(len(inside))]))
    return {name: each for name, each in found.items() if name.startswith("recall")}


def _protocols(found: Mapping[str, Any]) -> dict[str, Any]:
    def scaled(name: str, by: float) -> dict[str, float]:
        each = found[name]
        return {**each, **{key: round(min(1.0, by * each[key]), 6) for key in ("value", "low", "high")}}

    by = {"raredx": 1.0, "rarearena-2026": 1.0, "rarebench": 1.0, "malco": 1.08, "rareagentbench": 1.21,
          "editdistance-2609.35549": 0.93, "substring": 1.3}  # fmt: skip
    measured = {
        name: {measure: scaled(measure, factor) for measure in ("recall@1", "recall@5", "recall@10")} for name, factor in by.items()
    }
    measured["rarearena-2026"] = {"recall@1": scaled("recall@1", 1.0), "recall@1/broader": scaled("recall@1/broader", 1.0),
                                  "recall@5": scaled("recall@5", 1.0)}  # fmt: skip
    return {name: {"signature": f"protocol:{name}|protocols-1", "estimates": each} for name, each in measured.items()}


def _table(ids: Sequence[str], exact: np.ndarray, broader: np.ndarray, names: Sequence[str], rng: np.random.Generator) -> pa.Table:
    """One row a case, ten names each; the relation of a name is exact or broader where the ranks say so."""
    n = len(ids)
    place = np.tile(np.arange(1, 11, dtype=np.int8), n)
    relation = np.where(place == np.repeat(exact, 10), 0, np.where(place == np.repeat(broader, 10), 1, 2))
    drawn = pa.array(rng.integers(0, len(names), 10 * n))
    said = pa.array(list(names)).take(drawn)
    numbers = pa.array([f"MONDO:{number:07}" for number in range(len(names))]).take(drawn)
    empty, lists = pa.nulls(10 * n), pa.nulls(10 * n, pa.list_(pa.string()))
    how = pa.array(["exact name"]).take(pa.array(np.zeros(10 * n, int)))
    relations = pa.array(["exact", "broader", "different"]).take(pa.array(relation))
    parts = [said, numbers, said, how, pa.array(np.full(10 * n, 100.0)), relations, empty.cast(pa.bool_()), lists, lists,
             empty.cast(pa.float64())]  # fmt: skip
    structs = pa.StructArray.from_arrays(parts, fields=list(PREDICTION))
    predictions = pa.ListArray.from_arrays(pa.array(np.arange(0, 10 * n + 1, 10, dtype=np.int32)), structs)

    def ranks(values: np.ndarray) -> pa.Array:
        return pa.array(values, mask=values == MISS)

    constant = {"reading": "list", "how": "numbered"}
    return pa.table({
        "round": pa.array(np.ones(n, np.int8)), "case_id": list(ids), "group": list(ids),
        **{name: pa.array([text] * n) for name, text in constant.items()}, "failure": pa.nulls(n, pa.string()),
        "exact": ranks(exact), "narrower": pa.nulls(n, pa.int8()), "broader": ranks(broader), "predictions": predictions,
    })  # fmt: skip
