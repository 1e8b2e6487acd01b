"""Time, memory and what is left of the answer when MIMIC-IV-Rare is built from made-up notes, as Markdown.

python benchmarks/mimic_build.py --data-dir DIR [--notes 20000] [--seed 1]

The disorders are drawn from the terminology in force; their codes are invented. The leak check is a plain one: the
text and every exact name are put into lower-case words, and a name counts as left when its words stand in the text in a row.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from pathlib import Path

from raredx_bench import sources
from raredx_bench.domain import Scope
from raredx_bench.judging import judge_for
from raredx_bench.mimic import cases
from raredx_bench.mimic.building import Choice, build
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology
from raredx_bench.sources.manifest import accept
from tests.mimic_files import Sickness, product1, write_mimic

DISORDERS = 400
NOTES_A_PATIENT = 2.2  # of the generator, about


def sicknesses(ontology: Ontology, count: int, seed: int) -> list[Sickness]:
    """Disorders of the terminology that have an ORPHA id and no disorder below them, with invented codes."""
    known = [(orpha, each) for each in ontology for orpha in (each, *ontology[each].xrefs)
             if orpha.startswith("ORPHA:") and not ontology.size_below(each)]  # fmt: skip
    drawn = random.Random(seed).sample(known, count)
    return [
        Sickness(orpha, names_of(ontology, each), (f"X{index // 10:02d}{index % 10}",)) for index, (orpha, each) in enumerate(drawn)
    ]


def names_of(ontology: Ontology, identifier: str) -> tuple[str, ...]:
    """The preferred name and the exact synonyms of two words or more."""
    disease = ontology[identifier]
    exact = [synonym.name for synonym in disease.synonyms if synonym.scope is Scope.EXACT and len(plain(synonym.name).split()) > 1]
    return (disease.name, *exact)


def left(text: str, names: tuple[str, ...]) -> list[str]:
    """The names whose words stand in the text in a row."""
    words = f" {plain(text)} "
    return [name for name in names if f" {plain(name)} " in words]


def main() -> None:
    """Writes the files, builds, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    ontology = judge_for(sources.data_dir(given.data_dir)).ontology
    drawn = sicknesses(ontology, DISORDERS, given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder, root = Path(name) / "mimic", Path(name) / "data"
        truth = write_mimic(folder, drawn, round(given.notes / NOTES_A_PATIENT), given.seed, sentences=110)
        (root / "ontology").mkdir(parents=True)
        for path in (
            sources.find("mondo", sources.data_dir(given.data_dir)),
            sources.find("ordo", sources.data_dir(given.data_dir)),
        ):
            if path:
                (root / "ontology" / path.name).symlink_to(path.resolve())
        for path in sources.find_all("sssom", sources.data_dir(given.data_dir)):
            (root / "ontology" / path.name).symlink_to(path.resolve())
        rows = [(each.orpha[6:], "Disorder", f"{each.codes[0][:3]}.{each.codes[0][3:]}", "E", "Specific code") for each in drawn]
        (root / "ontology/en_product1.xml").write_text(product1(rows))
        accept(root, "PhysioNet-DUA-1.5.0")
        judge_for(root)
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.perf_counter()
        flow = build(root, Choice(folder))
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        by_orpha = {each.orpha: each.names for each in drawn}
        built = list(cases(root, {}))
        leaks = [(case.id, left(case.presentation, by_orpha[case.answers[0]])) for case in built]
    print("| step | count |\n|---|---|\n" + "\n".join(f"| {label} | {count:,} |" for label, count in flow.rows()))
    print(f"\n{truth.notes:,} notes, {seconds:.1f} s, {truth.notes / seconds:,.0f} notes a second; "
          f"peak {after:.0f} MB, {before:.0f} MB of it before the build (the terminology)")  # fmt: skip
    planted = sum(each[3] for each in truth.kept.values())
    leaking = [each for each in leaks if each[1]]
    print(
        f"{planted:,} names planted outside the sections; {len(leaking)} of {len(built):,} cases still hold a name: {leaking[:10]}"
    )
    print(f"removed: {flow.removed}")


if __name__ == "__main__":
    main()
