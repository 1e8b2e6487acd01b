"""How well findings are read from English text, on annotated passages. What is made of them: phenotype_texts.py.

python benchmarks/recognition.py --data-dir DIR [--held] [--listed] [--fasthpocr FILE] [--base-url URL --model NAME]
                                 [--json FILE]

The passages (recognition_passages.tsv: places in the reports of rarearena/RDS_format_sample.jsonl, and HPO ids) were drawn by seed
(`drawn`) and annotated by one reader, a language model that read each text and looked terms up in HPO, before the recogniser was
written; no clinician has seen them. 40 are for development, 20 are held apart (--held).
--listed writes cases that are given as codes out in words and reads them back.
A pair of ids counts as near when one is an ancestor of the other. Intervals: 95 %, clusters are passages.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from raredx_bench.benchmarks import load_cases
from raredx_bench.benchmarks.forms import FORMS
from raredx_bench.benchmarks.forms import shown as shown_as
from raredx_bench.benchmarks.rarearena import reports as reports_of
from raredx_bench.domain import Case
from raredx_bench.endpoint import Endpoint
from raredx_bench.extraction import Extractor
from raredx_bench.findings import FindingReader
from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.intervals import clustered, mean_intervals
from raredx_bench.recognition import Recogniser, polarities
from raredx_bench.recognition.scopes import EXCLUDED, OBSERVED

PASSAGES = Path(__file__).with_name("recognition_passages.tsv")
LISTED = ("rarebench_ramedis", "rarebench_lirical", "rarebench_hms", "phenopacket_store")
REPORTS = "rarearena/RDS_format_sample.jsonl"
SEED = 20261127
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])|\n+")
_ENGLISH = re.compile(r"\b(?:the|was|were|and|of|with|his|her|she|he|by|showed|revealed)\b")

Read = Callable[[str], tuple[Sequence[str], Sequence[str]]]  # text -> ids observed, ids excluded


@dataclass(frozen=True)
class Passage:
    """Two to five sentences of a report, and what they state of its patient."""

    part: str  # "development" or "held"
    case: str
    start: int
    end: int
    observed: tuple[str, ...]
    excluded: tuple[str, ...]


def drawn(reports: Sequence[Case], count: int = 60) -> list[tuple[str, int, int]]:
    """(case, start, end) of English passages of 150 to 800 characters, one a report, in the order of a seeded shuffle."""
    rng = Random(SEED)
    order = list(range(len(reports)))
    rng.shuffle(order)
    found = []
    for index in order:
        text = reports[index].presentation
        starts = [0, *(each.end() for each in _SENTENCE.finditer(text))]
        ends = [*(each.start() for each in _SENTENCE.finditer(text)), len(text)]
        sentences, first = rng.randint(2, 5), rng.randrange(len(starts))
        start, end = starts[first], ends[min(first + sentences, len(starts)) - 1]
        if 150 <= end - start <= 800 and len(_ENGLISH.findall(text[start:end])) >= 2:
            found.append((reports[index].id, start, end))
    return found[:count]


def passages() -> list[Passage]:
    """The annotated passages, in the order of their draw."""
    with PASSAGES.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        return [
            Passage(row["part"], row["case"], int(row["start"]), int(row["end"]), tuple(row["observed"].split()),
                    tuple(row["excluded"].split()))
            for row in rows
        ]  # fmt: skip


def near(hpo: Hpo, one: str, other: str) -> bool:
    """True when the ids are the same or one is an ancestor of the other."""
    a, b = hpo.position[one], hpo.position[other]
    return a in hpo.ancestors(b) or b in hpo.ancestors(a)


def same(hpo: Hpo, one: str, other: str) -> bool:
    """True when the ids are the same."""
    return one == other


def share(values: Sequence[float], groups: Sequence[str]) -> tuple[float, float, float]:
    """Mean of values between 0 and 1, and both ends of its interval."""
    if not values:
        return float("nan"), 0.0, 1.0
    cluster, count = clustered(groups)
    sums = np.zeros((count, 1))
    np.add.at(sums[:, 0], cluster, values)
    squares = np.array([float(np.square(values).sum())])
    low, high = mean_intervals(sums, squares, np.bincount(cluster).astype(float))
    return float(np.mean(values)), float(low[0]), float(high[0])


def agreement(
    hpo: Hpo, pairs: Iterable[tuple[str, Sequence[str], Sequence[str]]], match: Callable[[Hpo, str, str], bool]
) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 of (passage, ids read, ids annotated). F1 is the share of both sides' ids that are matched."""
    sides: dict[str, tuple[list[float], list[str]]] = {"precision": ([], []), "recall": ([], [])}
    for passage, read, wanted in pairs:
        for name, ours, other in (("precision", read, wanted), ("recall", wanted, read)):
            sides[name][0].extend(float(any(match(hpo, one, each) for each in other)) for one in ours)
            sides[name][1].extend([passage] * len(ours))
    (hits, whose), (found, theirs) = sides.values()
    return {**{name: share(*side) for name, side in sides.items()}, "F1": share(hits + found, whose + list(theirs))}


def shown(name: str, count: int, figures: Iterable[tuple[float, float, float]]) -> None:
    """A row of a Markdown table, in percent."""
    cells = " | ".join(f"{100 * value:.1f} ({100 * low:.1f}–{100 * high:.1f})" for value, low, high in figures)
    print(f"| {name} | {count} | {cells} |", flush=True)


def on_passages(hpo: Hpo, readers: dict[str, Read], texts: dict[str, str], part: str) -> Iterator[dict[str, Any]]:
    """Rows of a part: of each reader observed ids, the same with near ones counted, and excluded ids."""
    chosen = [each for each in passages() if each.part == part]
    print(f"\n| {part} passages | ids annotated | precision | recall | F1 |\n|---|---|---|---|---|")
    for name, read in readers.items():
        found = [read(texts[each.case][each.start : each.end]) for each in chosen]
        observed = [(each.case, [*dict.fromkeys(ours[0])], each.observed) for each, ours in zip(chosen, found, strict=True)]
        excluded = [(each.case, [*dict.fromkeys(ours[1])], each.excluded) for each, ours in zip(chosen, found, strict=True)]
        for kind, pairs, match in (("observed", observed, same), ("observed, near ids count", observed, near),
                                   ("excluded", excluded, same), ("excluded, near ids count", excluded, near)):  # fmt: skip
            figures = agreement(hpo, pairs, match)
            shown(f"{name}, {kind}", sum(len(wanted) for _, _, wanted in pairs), figures.values())
            yield {"part": part, "reader": name, "kind": kind, **figures}


def listed(hpo: Hpo, readers: dict[str, Read], root: Path) -> Iterator[dict[str, Any]]:
    """Rows of each form and reader: ids of coded cases that are read back, and those read without being stated."""
    rng = Random(3)
    known = (list(load_cases(name, root)) for name in LISTED)
    cases = [case for each in known for case in rng.sample(each, min(150, len(each)))]
    head = "observed | read back | not stated | absent | read back | not stated"
    print(f"\n| {len(cases)} cases | {head} |\n|{'---|' * 7}")
    for form in FORMS:
        for name, read in readers.items():
            counts = np.zeros(6, int)
            for case in cases:
                seen = set(map(hpo.current, case.observed)) - {None}
                absent = set(map(hpo.current, case.excluded)) - {None} - seen
                labels = ([str(hpo.name(str(each))) for each in map(hpo.current, side) if each in wanted]
                          for side, wanted in ((case.observed, seen), (case.excluded, absent)))  # fmt: skip
                present, missing = labels
                for place, (ours, theirs) in enumerate(zip(read(shown_as(form, present, missing, "female", "3 years")),
                                                           (seen, absent), strict=True)):  # fmt: skip
                    found = set(ours)
                    counts[3 * place : 3 * place + 3] += len(theirs), len(theirs & found), len(found - theirs)
            print(f"| {form}, {name} | {' | '.join(map(str, counts))} |", flush=True)
            yield {"form": form, "reader": name, "counts": counts.tolist()}


def sides(read: Callable[[str], Any]) -> Read:
    """A reader's ids, observed and excluded."""

    def both(text: str) -> tuple[Sequence[str], Sequence[str]]:
        found = read(text)
        return found.observed, found.excluded

    return both


def fasthpocr(index: Path, scoped: bool) -> Read:
    """The package of that name (pip install --no-deps FastHPOCR), which reads no negation; scoped: with the recogniser's scopes.

    index: the file that its IndexHPO wrote.
    """
    from FastHPOCR.HPOAnnotator import HPOAnnotator

    annotator = HPOAnnotator(str(index))

    def read(text: str) -> tuple[Sequence[str], Sequence[str]]:
        said: dict[str, list[str]] = {OBSERVED: [], EXCLUDED: []}
        found = annotator.annotate(text, longestMatch=True)
        places = [(each.getStartOffset(), each.getEndOffset()) for each in found]
        kinds = polarities(text, places, places) if scoped else [OBSERVED] * len(found)
        for each, kind in zip(found, kinds, strict=True):
            said.setdefault(kind, []).append(each.getHPOUri())
        return said[OBSERVED], [each for each in said[EXCLUDED] if each not in said[OBSERVED]]

    return read


def readers_of(hpo: Hpo) -> dict[str, Read]:
    """The readers that are compared."""
    return {"dictionary (findings.py)": sides(FindingReader(hpo).read), "recogniser": sides(Recogniser(hpo).read)}


def main() -> None:
    """The tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--held", action="store_true", help="also the passages held apart")
    parser.add_argument("--listed", action="store_true", help="also coded cases, written out and read back")
    parser.add_argument("--fasthpocr", type=Path, help="also the package FastHPOCR, by its index of HPO (IndexHPO)")
    parser.add_argument("--base-url", help="also the recogniser with the help of a language model behind this endpoint")
    parser.add_argument("--model", help="that model")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    path = given.data_dir / REPORTS
    reports = list(reports_of("rds", path))
    if [(each.case, each.start, each.end) for each in passages()] != drawn(reports):
        parser.error(f"{path} holds other reports than those that the passages were drawn from")
    hpo = load_hpo(given.data_dir)
    readers = readers_of(hpo)
    if given.fasthpocr:
        readers["FastHPOCR"] = fasthpocr(given.fasthpocr, scoped=False)
        readers["FastHPOCR, our scopes"] = fasthpocr(given.fasthpocr, scoped=True)
    if given.base_url:
        readers[f"recogniser and {given.model}"] = sides(Extractor(hpo, Endpoint(given.base_url, given.model)).read)
    texts = {case.id: case.presentation for case in reports}
    rows = [row for part in ("development", *(["held"] if given.held else [])) for row in on_passages(hpo, readers, texts, part)]
    if given.listed:
        rows += listed(hpo, readers, given.data_dir)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
