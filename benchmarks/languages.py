"""Disease names in other languages: share of names linked and of lists that hold the diagnosis, with and without readings.

python benchmarks/languages.py DIR    DIR: a data directory with linking/llm_answers.jsonl.gz, one answer a line (run, case,
                                      gold, text); xx_no_en: answered in language xx, xx_w_en: the same prompts answered in English
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from raredx_bench.domain import Case, Relation, Verdict
from raredx_bench.judging import judge_for

LANGUAGES = ("es", "de", "it")
READ = ", read from "  # marks a link that a reading from another language made


def without_readings(verdict: Verdict) -> Verdict:
    """The verdict without the links that needed a reading from another language."""
    kept = tuple(each for each in verdict.predictions if READ not in each.link.how)
    return replace(verdict, predictions=kept)


def row(label: str, verdicts: Iterable[Verdict], names: int) -> str:
    """Share of names linked, and of lists with an exact, an exact or broader hit among ten names and at the first."""
    verdicts = list(verdicts)
    linked = sum(each.link.id is not None for verdict in verdicts for each in verdict.predictions)
    shares = [linked / names]
    for relations in ((Relation.EXACT,), (Relation.EXACT, Relation.BROADER)):
        ranks = [verdict.rank(*relations) for verdict in verdicts]
        shares += [sum(rank is not None for rank in ranks) / len(ranks), sum(rank == 1 for rank in ranks) / len(ranks)]
    return f"{label:<22} {names:>5} " + " ".join(f"{100 * share:>8.1f}" for share in shares)


def main(root: Path) -> None:
    """Print three rows a language: without readings, with them, and English answers to the same cases."""
    judge = judge_for(root)
    with gzip.open(root / "linking" / "llm_answers.jsonl.gz", "rt", encoding="utf-8") as handle:
        answers = [json.loads(line) for line in handle]
    print(f"{'percent':<22} names   linked exact@10  exact@1 +broad@10 +broad@1")
    for language in LANGUAGES:
        for run in (f"{language}_no_en", f"{language}_w_en"):
            verdicts = [
                judge.judge(Case(each["case"], "languages", "", (each["gold"],)), each["text"])
                for each in answers
                if each["run"] == run
            ]
            names = sum(len(verdict.predictions) for verdict in verdicts)
            if run.endswith("no_en"):
                print(row(f"{language}, not read", map(without_readings, verdicts), names))
            print(row(f"{language}, read" if run.endswith("no_en") else f"{language}, English answers", verdicts, names))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
