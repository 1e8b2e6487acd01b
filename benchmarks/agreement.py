"""Agreement of `raredx-bench match --batch` with judged pairs.

python benchmarks/agreement.py PAIRS.tsv MATCHED.jsonl    PAIRS has the column verdict: E exact, N narrower, B broader, D different
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from raredx_bench.agreement import agreement
from raredx_bench.domain import Estimate

SAID = {"E": "exact", "N": "narrower", "B": "broader", "D": "different"}


def share(estimate: Estimate | None) -> str:
    """A proportion with its Wilson interval."""
    if estimate is None:
        return "nothing to count"
    hits = round(estimate.value * estimate.n)
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f}), {hits} of {estimate.n}"


def main(pairs: Path, matched: Path) -> None:
    """Print precision and recall of "exact", four-way accuracy, kappa and the confusion table."""
    with pairs.open(encoding="utf-8", newline="") as handle:
        judged = [SAID[row["verdict"]] for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)]
    ours = [json.loads(line)["relation"] for line in matched.read_text(encoding="utf-8").splitlines()]
    found = agreement(judged, ours)
    print("exact, precision:", share(found.precision))
    print("exact, recall:   ", share(found.recall))
    print("four-way:        ", share(found.accuracy))
    print("kappa:           ", "not defined" if found.kappa is None else f"{found.kappa:.3f}")
    print(f"{'judged':>10} | " + " | ".join(f"{each:>9}" for each in found.labels) + "   <- ours")
    for label, row in zip(found.labels, found.table, strict=True):
        print(f"{label:>10} | " + " | ".join(f"{each:>9.0f}" for each in row))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
