"""What the diagnoser makes of descriptions: case reports out of its fit, and this package's vignettes, which no fit has seen.

python benchmarks/phenotype_texts.py --data-dir DIR [--json FILE]

Reports (raredx_bench.phenotype.fitting_texts; RareArena's format): recall@1/5/10 of each step from the ranking by findings alone to
the ranking of texts, weights cross-validated by disease; all, and those that don't name their diagnosis (leaks.py). Vignettes: the
shipped ranking. Equivalent ids are one, a miss stays in the denominator; 95 % intervals over groups of cases. Then
the probabilities of the first names, as phenotype_ranking.py prints them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.phenotype_ranking import calibrated
from benchmarks.recognition import share
from raredx_bench.benchmarks import load_cases
from raredx_bench.definitions import defined
from raredx_bench.domain import Case
from raredx_bench.findings import FindingReader
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Diagnoser
from raredx_bench.phenotype.features import NAMES
from raredx_bench.phenotype.fitting import Question
from raredx_bench.phenotype.fitting_texts import asked, crossed, kinds
from raredx_bench.phenotype.wording import BY_FINDINGS, TEXT_NAMES

KS = (1, 5, 10)
VIGNETTES = "raredx_vignettes"
GROUP = TEXT_NAMES.index("group")


def without(questions: Sequence[Question], *, words: bool = False, groups: bool = False, anew: bool = False) -> list[Question]:
    """The questions with features blotted out: words of the text; group rows; all but the score by findings (anew)."""
    first = 1 + len(NAMES)
    found = []
    for each in questions:
        table, right = each.table.copy(), each.right
        if groups:
            rows = table[:, GROUP] == 0
            table, right = table[rows], right[rows]
        if words:
            table[:, first:GROUP] = 0
        if anew:
            table[:, TEXT_NAMES.index(BY_FINDINGS) + 1 : first] = 0
        found.append(replace(each, table=table, right=right))
    return found


def ranked(diagnoser: Diagnoser, cases: Sequence[Case], read: Callable[[str], Any], words: bool) -> list[int]:
    """Rank of the right disease of each case, 0 for a miss of the first ten. words: by the ranking of texts."""
    ranks = []
    for case in cases:
        found, gold = read(case.presentation), {diagnoser.ontology.canonical(each) for each in case.answers}
        text = case.presentation if words else ""
        candidates = diagnoser.diagnose(found.observed, found.excluded, text=text, most=max(KS)).candidates
        ranks.append(next((rank for rank, each in enumerate(candidates, 1) if each.disease in gold), 0))
    return ranks


def told(name: str, ranks: Sequence[int], groups: Sequence[str]) -> dict[str, Any]:
    """A row of the table, printed."""
    figures = [share([float(0 < rank <= k) for rank in ranks], groups) for k in KS]
    cells = " | ".join(f"{100 * value:.1f} ({100 * low:.1f}–{100 * high:.1f})" for value, low, high in figures)
    print(f"| {name} | {len(ranks)} | {cells} |", flush=True)
    return {"name": name, "n": len(ranks), "recall@1/5/10": figures}


def on_reports(diagnoser: Diagnoser, reports: Sequence[tuple[Case, str]], dictionary: FindingReader) -> Iterator[dict[str, Any]]:
    """The rows of the reports."""
    cases = [case for case, _ in reports]
    whole = asked(reports, diagnoser, diagnoser.read)
    plain = asked(reports, diagnoser, dictionary.read)

    def apart(questions: Sequence[Question]) -> list[int]:
        return [each.rank(scores) for each, scores in zip(questions, crossed(questions), strict=True)]

    steps = {
        "dictionary, by findings alone": ranked(diagnoser, cases, dictionary.read, False),
        "recogniser, by findings alone": ranked(diagnoser, cases, diagnoser.read, False),
        "dictionary, weighed anew": apart(without(plain, words=True, groups=True)),
        "recogniser, weighed anew": apart(without(whole, words=True, groups=True)),
        "recogniser, and groups": apart(without(whole, words=True)),
        "dictionary, groups and words": apart(plain),
        "recogniser, groups and words (shipped)": apart(whole),
        "words, groups and the score by findings": apart(without(whole, anew=True)),
    }
    for kept, what in ((("silent",), "that don't name it"), (("silent", "named"), "all")):
        for name, ranks in steps.items():
            chosen = [(rank, case.group) for rank, (case, kind) in zip(ranks, reports, strict=True) if kind in kept]
            yield told(f"reports {what}: {name}", [rank for rank, _ in chosen], [group for _, group in chosen])


def speed(diagnoser: Diagnoser, texts: Sequence[str]) -> None:
    """Print milliseconds and words of a text, read and ranked with evidence."""
    start = time.perf_counter()
    read = [diagnoser.read(text) for text in texts]
    between = time.perf_counter()
    for text, found in zip(texts, read, strict=True):
        diagnoser.diagnose(found.observed, found.excluded, text=text)
    took = [1000 * each / len(texts) for each in (between - start, time.perf_counter() - between)]
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"\n{words:.0f} words a text: {took[0]:.1f} ms to read, {took[1]:.1f} ms to rank with evidence; "
          f"{1000 / sum(took):.0f} texts a second and core")  # fmt: skip


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    hpo = load_hpo(given.data_dir)
    ontology = load_ontology(given.data_dir, hpo)
    diagnoser = Diagnoser(hpo, ontology, definitions=defined(given.data_dir, ontology))
    dictionary = FindingReader(hpo)
    print("| texts: reader, ranking | cases | recall@1 | @5 | @10 |\n|---|---|---|---|---|")
    rows = list(on_reports(diagnoser, kinds(given.data_dir, ontology), dictionary))
    cases = list(load_cases(VIGNETTES, given.data_dir))
    for name, read, words in (("dictionary, by findings alone", dictionary.read, False),
                              ("recogniser, by findings alone", diagnoser.read, False),
                              ("recogniser, the ranking of texts", diagnoser.read, True)):  # fmt: skip
        rows.append(told(f"vignettes: {name}", ranked(diagnoser, cases, read, words), [case.group for case in cases]))
    reports = asked(kinds(given.data_dir, ontology), diagnoser, diagnoser.read)
    vignettes = asked([(case, "silent") for case in cases], diagnoser, diagnoser.read)
    weights = diagnoser.text_weights
    calibrated("reports, cross-validated", list(zip(reports, crossed(reports), strict=True)), weights)
    speed(diagnoser, [each.case.presentation for each in reports])
    calibrated("vignettes", [(each, weights.scores(each.table)) for each in vignettes], weights)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
