"""Agreement of the judge with judged pairs, as Markdown.

python benchmarks/agreement.py                        the pairs in tests/data (and DIR/linking), over the terminologies at hand
python benchmarks/agreement.py --data-dir DIR A.tsv   pairs of one's own: columns prediction, gold_id (ids joined by |), verdict
                                                      (E exact, N narrower, B broader, D different), and any others
--peers     the same pairs under the primary credit of every published rule
--errors    every pair on which judge and file differ, and why
--write     put the figures on tests/data into the package, where the command line reads them
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from raredx_bench import judging, linking, sources
from raredx_bench.agreement import Agreement, agreement
from raredx_bench.domain import Case, Estimate, Reading
from raredx_bench.judging import Judge
from raredx_bench.linking import Linker
from raredx_bench.measured import FILE, Measured, Share, kind_of, write_measured
from raredx_bench.ontology import load_ontology
from raredx_bench.protocols import PROTOCOLS
from raredx_bench.protocols.rules import Gold

HERE = Path(__file__).parents[1]
PAIRS = HERE / "tests/data/judged_names.tsv"
SAID = {"E": "exact", "N": "narrower", "B": "broader", "D": "different"}
WHO = "a language model"


@dataclass(frozen=True)
class Judged:
    """A pair, what its file says of it (verdict) and what we say (ours, why)."""

    prediction: str
    answers: tuple[str, ...]
    verdict: str
    ours: str
    why: str


def judged(judge: Judge, path: Path) -> list[Judged]:
    """The pairs of a file, judged."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = []
    for row in rows:
        answers = tuple(row["gold_id"].split("|"))
        prediction, why = judge.match(row["prediction"], answers)
        found.append(Judged(row["prediction"], answers, SAID[row["verdict"]], prediction.relation.value, why))
    return found


def compared(pairs: Sequence[Judged]) -> Agreement:
    """The file's verdicts (theirs) and ours."""
    return agreement([each.verdict for each in pairs], [each.ours for each in pairs])


def share(estimate: Estimate | None) -> str:
    """Two cells: a proportion with its Wilson interval, and its counts."""
    if estimate is None:
        return "nothing to count | 0"
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f}) | {round(estimate.value * estimate.n)} of {estimate.n}"


def print_agreement(pairs: Sequence[Judged]) -> None:
    """Headline figures, confusion table, and the figures by verdict and by vocabulary."""
    found = compared(pairs)
    print("\n| | value (95 %) | pairs |\n|---|---|---|")
    for name, estimate in (("exact, precision", found.precision), ("exact, recall", found.recall), ("four-way", found.accuracy)):
        print(f"| {name} | {share(estimate)} |")
    print(f"| kappa | {'not defined' if found.kappa is None else f'{found.kappa:.3f}'} | {found.n} |")
    print(f"\n| judged, ours → | {' | '.join(found.labels)} | same (95 %) | pairs |\n|---|{'---|' * (len(found.labels) + 2)}")
    for label, row in zip(found.labels, found.table, strict=True):
        inside = [each for each in pairs if each.verdict == label]
        same = share(compared(inside).accuracy if inside else None)
        print(f"| {label} | {' | '.join(f'{each:.0f}' for each in row)} | {same} |")
    print("\n| gold from | exact, precision | pairs | exact, recall | pairs | four-way | pairs |\n|---|---|---|---|---|---|---|")
    for vocabulary in sorted({each.answers[0].partition(":")[0] for each in pairs}):
        part = compared([each for each in pairs if each.answers[0].startswith(f"{vocabulary}:")])
        print(f"| {vocabulary} | {share(part.precision)} | {share(part.recall)} | {share(part.accuracy)} |")


def print_peers(pairs: Sequence[Judged], judge: Judge, root: Path) -> None:
    """What each published rule calls right, against the verdict "exact"."""
    print('\n| rule, primary credit against "exact" | precision (95 %) | pairs | recall (95 %) | pairs |\n|---|---|---|---|---|')
    theirs = ["exact" if each.verdict == "exact" else "not" for each in pairs]
    for protocol in PROTOCOLS.values():
        ours = ["not"] * len(pairs)
        for index, pair in enumerate(pairs):
            verdict = judge.judge_names(Case("", "pairs", "", pair.answers), (pair.prediction,), Reading.LIST, "")
            if protocol.ranks(verdict, Gold(pair.answers, verdict.gold), judge, root)[""] == 1:
                ours[index] = "exact"
        found = agreement(theirs, ours, labels=("exact", "not"))
        print(f"| {protocol.name} | {share(found.precision)} | {share(found.recall)} |")


def print_errors(pairs: Sequence[Judged]) -> None:
    """The pairs on which we differ from the file."""
    print()
    for each in pairs:
        if each.ours != each.verdict:
            print(f"- judged {each.verdict}, ours {each.ours}: {each.prediction} / {'|'.join(each.answers)}: {each.why}")


def measured(pairs: Sequence[Judged], judge: Judge) -> Measured:
    """The figures as the package ships them, rounded to four digits."""
    found = compared(pairs)
    precision, recall, four_way = (_share(each) for each in (found.precision, found.recall, found.accuracy))
    return Measured(
        linker=linking.VERSION, judge=judging.VERSION, terminology=judge.ontology.release, pairs=found.n,
        precision=precision, recall=recall, four_way=four_way, who=WHO,
    )  # fmt: skip


def _share(estimate: Estimate | None) -> Share:
    assert estimate is not None, "nothing exact among the pairs"
    return round(estimate.value, 4), round(estimate.low, 4), round(estimate.high, 4)


@contextmanager
def judges(named: Path | None) -> Iterator[Iterator[tuple[Judge, Path]]]:
    """Judges with their data directories: over the embedded terminology, then over the data directory's where it has one."""

    def each() -> Iterator[tuple[Judge, Path]]:
        before = os.environ.get("XDG_DATA_HOME")
        os.environ["XDG_DATA_HOME"] = empty  # nothing was pulled
        try:
            yield Judge(Linker(load_ontology(Path(empty)))), Path(empty)
        finally:
            os.environ.pop("XDG_DATA_HOME")
            if before is not None:
                os.environ["XDG_DATA_HOME"] = before
        if any(sources.find(name, root) for name in ("mondo", "ordo")):
            yield Judge(Linker(load_ontology(root))), root

    root = sources.data_dir(named)
    with tempfile.TemporaryDirectory() as empty:
        yield each()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what was asked for; with --write, put the figures into the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="*", type=Path, metavar="PAIRS.tsv")
    parser.add_argument("--data-dir", type=Path)
    for flag in ("--peers", "--errors", "--write"):
        parser.add_argument(flag, action="store_true")
    asked = parser.parse_args(arguments)
    further = sources.data_dir(asked.data_dir) / "linking/judged_names.tsv"
    paths = asked.pairs or [PAIRS, *([further] if further.is_file() else [])]
    records = {}
    with judges(asked.data_dir) as found:
        for judge, root in found:
            for path in paths:
                pairs = judged(judge, path)
                unknown = sum(not judge.gold(each.answers) for each in pairs)
                print(f"\n### {path.parent.name}/{path.name}, {judge.ontology.release}\n\n{judging.VERSION}, {linking.VERSION}; "
                      f"{len(pairs)} pairs, the gold of {unknown} is not in this terminology")  # fmt: skip
                print_agreement(pairs)
                if asked.peers:
                    print_peers(pairs, judge, root)
                if asked.errors:
                    print_errors(pairs)
            if asked.write:
                records[kind_of(judge.ontology.release)] = measured(judged(judge, PAIRS), judge)
    if asked.write:
        write_measured(records, HERE / "raredx_bench" / FILE)


if __name__ == "__main__":
    main()
