"""How well the judge agrees with judged pairs, as measured and shipped: what a reader of a score must know of its judge.

benchmarks/agreement.py --write measures it, once for each kind of terminology.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from raredx_bench import judging, linking

FILE = "embedded/agreement.json"
Share = tuple[float, float, float]  # value, low and high end of its 95 % interval


@dataclass(frozen=True)
class Measured:
    """Agreement on judged pairs. precision, recall: of the relation "exact"; four_way: share of pairs with the same relation.

    linker, judge, terminology: versions and release it was measured with; who: by whom the pairs were judged.
    """

    linker: str
    judge: str
    terminology: str
    pairs: int
    precision: Share
    recall: Share
    four_way: Share
    who: str

    def said(self, release: str) -> str:
        """One sentence; with what it was measured when that isn't what is in force now."""
        shares = ", ".join(f"{name} {share[0]:.3f}" for name, share in
                           (("precision", self.precision), ("recall", self.recall), ("four-way", self.four_way)))  # fmt: skip
        versions = ((self.linker, linking.VERSION), (self.judge, judging.VERSION), (self.terminology, release))
        other = ", ".join(then for then, now in versions if then != now)
        measured = f"; measured with {other}" if other else ""
        return f"judge: exact {shares} on {self.pairs} pairs judged by {self.who} (docs/scoring.md{measured})"


def kind_of(release: str) -> str:
    """The kind of a terminology by its release: "mondo", "ordo" or "embedded"."""
    return next((name.lower() for name in ("Mondo", "ORDO") if release.startswith(name)), "embedded")


def measured_for(release: str) -> Measured | None:
    """What was measured with this kind of terminology; None: nothing was."""
    return measured_all().get(kind_of(release))


def measured_all() -> dict[str, Measured]:
    """What was measured, by kind of terminology."""
    shares = ("precision", "recall", "four_way")
    return {kind: Measured(**{**row, **{name: tuple(row[name]) for name in shares}}) for kind, row in _records().items()}


def write_measured(records: Mapping[str, Measured], path: Path) -> None:
    """Put records (by kind of terminology) into the file; those of other kinds stay."""
    document = {**_records(), **{kind: asdict(each) for kind, each in records.items()}}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _records() -> dict[str, dict[str, Any]]:
    file = resources.files("raredx_bench").joinpath(FILE)
    found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found
