"""Agreement of `raredx-bench match --batch` with judged pairs.

python benchmarks/agreement.py PAIRS.tsv MATCHED.jsonl    PAIRS has the column verdict: E exact, N narrower, B broader, D different
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path

from scipy.stats import binomtest

SAID = {"E": "exact", "N": "narrower", "B": "broader", "D": "different"}


def share(hits: int, n: int) -> str:
    """A proportion with its Wilson interval."""
    interval = binomtest(hits, n).proportion_ci(method="wilson")
    return f"{hits / n:.3f} ({interval.low:.3f}–{interval.high:.3f}), {hits} of {n}"


def main(pairs: Path, matched: Path) -> None:
    """Print precision and recall of "exact", four-way accuracy and the confusion table."""
    with pairs.open(encoding="utf-8", newline="") as handle:
        judged = [SAID[row["verdict"]] for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)]
    ours = [json.loads(line)["relation"] for line in matched.read_text(encoding="utf-8").splitlines()]
    both = Counter(zip(judged, ours, strict=True))
    exact = both["exact", "exact"]
    print("exact, precision:", share(exact, ours.count("exact")))
    print("exact, recall:   ", share(exact, judged.count("exact")))
    print("four-way:        ", share(sum(n for (a, b), n in both.items() if a == b), len(ours)))
    print(f"{'judged':>10} | " + " | ".join(f"{each:>9}" for each in SAID.values()) + "   <- ours")
    for row in SAID.values():
        print(f"{row:>10} | " + " | ".join(f"{both[row, column]:>9}" for column in SAID.values()))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
