"""The linker's speed, memory and reach on predicted names, beside rapidfuzz's extractOne over every name.

python benchmarks/linking.py NAMES.tsv[.gz] [--data-dir DIR] [--sample N] [--naive N]    NAMES has the column prediction

Each figure is taken in a fresh process: "cold" is the first pass over names never seen, "warm" a second pass with the answers
forgotten, "repeats" a third with them remembered. --sample prints N links and N names without one, to be read.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import platform
import random
import resource
import time
from pathlib import Path

from rapidfuzz import fuzz, process

from raredx_bench import sources
from raredx_bench.domain import Case, Reading
from raredx_bench.judging import Judge, judge_for


def predictions(path: Path) -> list[str]:
    """The column prediction of an unquoted TSV."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as handle:
        return [row["prediction"] for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)]


def rate(judge: Judge, names: list[str]) -> float:
    """Names linked a second."""
    start = time.perf_counter()
    for name in names:
        judge.linker.link(name)
    return len(names) / (time.perf_counter() - start)


def verdict_rate(judge: Judge, names: list[str]) -> float:
    """Verdicts a second, each over a list of ten names that are linked already, against the answer of the first linked one."""
    lists = [tuple(names[at : at + 10]) for at in range(0, len(names) - 9, 10)]
    answers = [next((link.id for name in each if (link := judge.linker.link(name)).id), "OMIM:1") for each in lists]
    cases = [Case(str(at), "speed", "", (answer,)) for at, answer in enumerate(answers)]
    start = time.perf_counter()
    for case, each in zip(cases, lists, strict=True):
        judge.judge_names(case, each, Reading.LIST, "")
    return len(cases) / (time.perf_counter() - start)


def naive_rate(judge: Judge, names: list[str]) -> tuple[int, float]:
    """Names searched, and names a second of rapidfuzz's extractOne with WRatio over every name of the terminology."""
    every = list({name for disease in judge.ontology.values() for name in (disease.name, *(s.name for s in disease.synonyms))})
    start = time.perf_counter()
    for name in names:
        process.extractOne(name, every, scorer=fuzz.WRatio)
    return len(every), len(names) / (time.perf_counter() - start)


def memory() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(judge: Judge, names: list[str], size: int) -> None:
    """Print a sample of links and one of names without a link."""
    links = [judge.linker.link(name) for name in names]
    for title, chosen in (("links", [e for e in links if e.id]), ("not linked", [e for e in links if not e.id])):
        print(f"\n{title}")
        for link in random.Random(0).sample(chosen, min(size, len(chosen))):
            print(f"  {link.name[:100]}  ->  {link.label or ''}  ({link.how})")


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", type=Path)
    arguments.add_argument("--data-dir", type=Path)
    arguments.add_argument("--sample", type=int, default=0)
    arguments.add_argument("--naive", type=int, default=40)
    given = arguments.parse_args()
    root = sources.data_dir(given.data_dir)
    judge_for(root)  # compiled on first use, which is not what is measured
    judge_for.cache_clear()
    before, start = memory(), time.perf_counter()
    judge = judge_for(root)
    loaded = time.perf_counter() - start
    names = predictions(given.names)
    fresh = list(dict.fromkeys(names))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{judge.ontology.release}, linker {judge.linker.version}")
    print(f"load: {loaded:.2f} s; peak memory {memory():.0f} MB ({before:.0f} MB after a first load)")
    print(f"cold: {rate(judge, fresh):,.0f} names/s on {len(fresh)} unseen names")
    judge.linker.link.cache_clear()
    print(f"warm: {rate(judge, fresh):,.0f} names/s")
    print(f"repeats: {rate(judge, names * 20):,.0f} names/s")
    print(f"verdicts: {verdict_rate(judge, names):,.0f} lists of ten a second; peak memory {memory():.0f} MB")
    linked = sum(judge.linker.link(name).id is not None for name in names)
    among = sum(judge.linker.link(name).id is None and bool(judge.linker.link(name).among) for name in names)
    print(f"linked: {linked} of {len(names)} predictions ({100 * linked / len(names):.1f} %), {among} more to a few diseases")
    if given.naive:
        every, naive = naive_rate(judge, fresh[: given.naive])
        print(f"naive: {naive:,.0f} names/s, extractOne with WRatio over {every:,} names")
    if given.sample:
        show(judge, fresh, given.sample)


if __name__ == "__main__":
    main()
