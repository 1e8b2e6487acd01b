"""Writes the lists of held-out diseases that the splits go by, and checks what they promise.

python benchmarks/held_out.py --data-dir DIR --write     # adds ids of a newer Mondo; never takes one away
python benchmarks/held_out.py --data-dir DIR             # sizes of all parts, and what training shares with `unseen`
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from raredx_bench import splits
from raredx_bench.benchmarks import BENCHMARKS, available, load_cases
from raredx_bench.domain import Case, DataMissing
from raredx_bench.ontology import Ontology, load_ontology

LISTS = Path(splits.__file__).parent
VOCABULARIES = ("MONDO", "OMIM", "OMIMPS", "ORPHA")


def families(ontology: Ontology, identifier: str) -> set[str]:
    """The phenotypic series a disease is, or lies directly below; itself when there is none."""
    near = (identifier, *ontology[identifier].parents)
    series = {each for one in near for each in ontology[one].xrefs if each.startswith("OMIMPS:")}
    return series or {identifier}


def lists(ontology: Ontology) -> dict[str, set[str]]:
    """Ids of diseases all of whose families are held out, and of those with some."""
    found: dict[str, set[str]] = {"unseen": set(), "withheld": set()}
    for identifier in ontology:
        held = [splits.position("family", each) < splits.HELD_OUT for each in sorted(families(ontology, identifier))]
        if any(held):
            ids = {each for each in (identifier, *ontology[identifier].xrefs) if each.split(":")[0] in VOCABULARIES}
            found["unseen" if all(held) else "withheld"] |= ids
    return found


def write(ontology: Ontology) -> None:
    """The lists of what is there now and was there before; a disease that came into a second family moves to withheld."""
    found = lists(ontology)
    before = {name: splits.held_out(name) if (LISTS / f"{name}.txt").is_file() else frozenset() for name in found}
    found["withheld"] |= before["withheld"] | {each for each in before["unseen"] if each not in found["unseen"]}
    for name, ids in found.items():
        head = f"# {splits.VERSION}: ids held out of training ({name}); {ontology.release}; written by benchmarks/held_out.py\n"
        ordered = sorted(ids, key=lambda each: (each.split(":")[0], int(each.split(":")[1])))
        (LISTS / f"{name}.txt").write_text(head + "".join(f"{each}\n" for each in ordered), encoding="ascii")
        print(f"{name}.txt: {len(ids)} ids")


def loaded(root: Path) -> Iterator[tuple[str, tuple[Case, ...]]]:
    """Every benchmark whose data are at hand."""
    for name in BENCHMARKS:
        try:
            available(name, root, {})
            yield name, load_cases(name, root)
        except DataMissing:
            continue


def report(ontology: Ontology, root: Path) -> int:
    """Prints the sizes of all parts; returns how many cases of training share a disease or a series with an unseen one."""
    met: dict[str, set[str]] = {part: set() for part in splits.PARTS}
    trained: list[tuple[str, set[str]]] = []
    for name, cases in loaded(root):
        where = splits.parts(cases)
        counts = Counter(where.values())
        print(
            f"{name:24}{len(cases):6}  " + "  ".join(f"{part} {counts[part]}" for part in splits.PARTS) + f"  none {counts[None]}"
        )
        for case in cases:
            known = {each for each in map(ontology.canonical, case.answers) if each}
            own = set().union(known, *(families(ontology, each) for each in known))
            part = where[case.id]
            if part:
                met[part] |= own
            if part == "train":
                trained.append((case.id, own))
    shared = [name for name, own in trained if own & met["unseen"]]
    print(f"training cases that share a disease or a series with an unseen case, over all benchmarks: {len(shared)} {shared[:5]}")
    return len(shared)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    terminology = load_ontology(options.data_dir)
    if options.write:
        write(terminology)
        splits.held_out.cache_clear()
    raise SystemExit(min(1, report(terminology, options.data_dir)))
