"""How often the leak scan is right, against readings of cases drawn by seed.

    python benchmarks/audit_sample.py --data-dir DIR --draw READINGS.tsv     # draw cases, print their texts
    python benchmarks/audit_sample.py --data-dir DIR --score                 # precision and recall from the readings

Cases set aside by seed for tuning the scan (TUNING) are never drawn. The file of readings holds case, benchmark, seed, what the
scan said when the case was drawn (strict, weak, none), the size of the stratum it was drawn from, the verdict (yes: the text names
the disease, a form of it or its gene; family: only its family; no) and why, in a few words: no case text. Readings were made by a
language model that did not see what the scan said, not by clinicians.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from raredx_bench import sources
from raredx_bench.agreement import Agreement, agreement
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import BadInput, Case, Estimate
from raredx_bench.leaks import names_its_answer, strictly
from raredx_bench.mentions import MentionFinder
from raredx_bench.ontology import load_ontology

HERE = Path(__file__).parents[1]
READINGS = HERE / "tests/data/audit_readings.tsv"
TUNING = (20261126, 200)  # seed and number of the cases that the scan was tuned on
VERDICTS = ("yes", "family", "no")


@dataclass(frozen=True)
class Reading:
    """One case as it was read. scan: what the scan said when it was drawn; stratum: how many cases it was drawn from."""

    benchmark: str
    case: str
    seed: int
    scan: str
    stratum: int
    verdict: str = ""
    reason: str = ""


def scanned(case: Case, finder: MentionFinder) -> str:
    """What the scan says of a case: strict, weak (only a family, or a name that is a finding too) or none."""
    mentions = names_its_answer(case, finder)
    return "strict" if strictly(mentions) else "weak" if mentions else "none"


def drawn(cases: Sequence[Case], finder: MentionFinder, size: int, seed: int) -> list[Reading]:
    """As many flagged cases as unflagged ones, in a random order, none of them among those set aside for tuning."""
    aside = frozenset(random.Random(TUNING[0]).sample(sorted(case.id for case in cases), min(TUNING[1], len(cases) // 2)))
    strata: dict[bool, list[Reading]] = {True: [], False: []}
    for case in sorted((case for case in cases if case.id not in aside), key=lambda case: case.id):
        scan = scanned(case, finder)
        strata[scan != "none"].append(Reading(case.benchmark, case.id, seed, scan, 0))
    rng = random.Random(seed)
    sample = [Reading(each.benchmark, each.case, seed, each.scan, len(inside))
              for inside in strata.values() for each in rng.sample(inside, min(size, len(inside)))]  # fmt: skip
    rng.shuffle(sample)
    return sample


def write_readings(readings: Iterable[Reading], path: Path) -> None:
    """Write readings as a table."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [field.name for field in fields(Reading)], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, readings))


def read_readings(path: Path) -> list[Reading]:
    """Readings of a table. Raises BadInput for a verdict that is none."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    for number, row in enumerate(rows, 2):
        if row["verdict"] not in VERDICTS:
            raise BadInput(f"{path}, line {number}: the verdict {row['verdict']!r} is none of {', '.join(VERDICTS)}")
    return [
        Reading(
            each["benchmark"], each["case"], int(each["seed"]), each["scan"], int(each["stratum"]), each["verdict"], each["reason"]
        )
        for each in rows
    ]


def compared(readings: Sequence[Reading], scans: Sequence[str], *, strict: bool) -> Agreement:
    """The readers' word and the scan's, weighted back to all cases; strict: families and findings count as not named."""
    sizes: dict[bool, int] = {}
    for each in readings:
        sizes[each.scan != "none"] = sizes.get(each.scan != "none", 0) + 1
    weights = [each.stratum / sizes[each.scan != "none"] for each in readings]
    theirs = ["yes" if each.verdict == "yes" or (not strict and each.verdict == "family") else "no" for each in readings]
    ours = ["yes" if scan == "strict" or (not strict and scan == "weak") else "no" for scan in scans]
    return agreement(theirs, ours, labels=("yes", "no"), weights=weights)


def print_scores(readings: Sequence[Reading], now: Mapping[str, str]) -> None:
    """Precision and recall of the scan as it was when the cases were drawn, and as it is now; then where it errs now."""
    print("| | precision (95 %) | cases | recall (95 %) | cases |\n|---|---|---|---|---|")
    for label, scans in (("first", [each.scan for each in readings]), ("now", [now[each.case] for each in readings])):
        for strict in (True, False):
            found = compared(readings, scans, strict=strict)
            what = "names the disease, a form or its gene" if strict else "or its family"
            print(f"| {label}: {what} | {_share(found.precision)} | {_share(found.recall)} |")
    print()
    for each in readings:
        if (each.verdict == "yes") != (now[each.case] == "strict"):
            print(f"- {each.case}: read as {each.verdict}, scan {now[each.case]} (first {each.scan}): {each.reason}")


def _share(estimate: Estimate | None) -> str:
    assert estimate is not None, "nothing is named in any of the cases"
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f}) | {estimate.n}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw cases for reading, or print what the readings say of the scan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--benchmark", default="rarearena_rds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=50, help="cases of each stratum")
    parser.add_argument("--draw", type=Path, help="write a new file of readings, to be filled in")
    parser.add_argument("--score", nargs="?", type=Path, const=READINGS, help=f"readings to score (default {READINGS.name})")
    asked = parser.parse_args(arguments)
    root = sources.data_dir(asked.data_dir)
    finder = MentionFinder(load_ontology(root))
    cases = {case.id: case for case in load_cases(asked.benchmark, root)}
    if asked.draw:
        sample = drawn(list(cases.values()), finder, asked.size, asked.seed)
        write_readings(sample, asked.draw)
        for each in sample:
            case = cases[each.case]
            known = [found for found in map(finder.ontology.canonical, case.answers) if found]
            gold = " / ".join(map(finder.ontology.name, known)) or ", ".join(case.answers)
            print(f"\n### {case.id}: {gold}\n{case.presentation}")
    if asked.score:
        readings = read_readings(asked.score)
        print_scores(readings, {each.case: scanned(cases[each.case], finder) for each in readings})


if __name__ == "__main__":
    main()
