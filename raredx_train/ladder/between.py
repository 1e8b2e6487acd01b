"""What was said on the way to a refined answer -> verdicts on it, by the benchmark's parser and judge."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from raredx_bench.harness import judge_texts, planned
from raredx_bench.judging import judge_for
from raredx_bench.redacting import last_name
from raredx_bench.report import verdict_row
from raredx_train.ladder.settings import Evaluation
from raredx_train.refining.members import spec

JUDGED = "between.jsonl"  # beside the answers in between


def judged(kept: Path, section: Evaluation, tasks: Sequence[str], root: Path) -> Path | None:
    """Write a verdict for every answer of `kept` to a case of these tasks: a JSON line with who said it, what it was asked for (a
    differential, or the refinement), tokens, and the verdict's row. What was said of a case that several tasks have in
    one form counts in each of them. Returns the file; None when nothing was kept."""
    if not kept.is_file():
        return None
    request = {"metadata": dict(section.options), "limit": section.limit or None, "num_fewshot": 0, "shard": None}
    cases = {name: {case.id: case for case in each} for name, each in planned(request, tasks, root).cases.items()}
    rows = list(_read(kept))
    judge, target = judge_for(root), kept.with_name(JUDGED)
    with target.open("w", encoding="utf-8") as handle:
        for benchmark, known in cases.items():
            for row in rows:
                case, shown = known.get(row["case"]), cases.get(str(row.get("task")), known).get(row["case"])
                if case and shown and case.presentation == shown.presentation:
                    (verdict,) = judge_texts(judge, [case], {case.id: row["text"]})
                    said = {"benchmark": benchmark, "who": row["who"], "what": row["what"], "note": row["note"]}
                    handle.write(json.dumps({**said, **verdict_row(verdict)}, ensure_ascii=False) + "\n")
    return target


class Tally(NamedTuple):
    """first, ten: shares of the answers with the diagnosis first and among the first ten; tokens: written, None: not known."""

    benchmark: str
    who: str
    what: str
    answers: int
    first: float
    ten: float
    tokens: int | None


def tallied(path: Path | None) -> list[Tally]:
    """The tallies of judged's file; none where there is none."""
    rows = defaultdict(list)
    for row in _read(path) if path is not None else ():
        rows[row["benchmark"], row["who"], row["what"]].append(row)
    found = []
    for (benchmark, who, what), each in rows.items():
        wrote = [row["note"].get("completion_tokens") for row in each]
        first, ten = (sum(0 < (row["rank"]["exact"] or 0) <= k for row in each) / len(each) for k in (1, 10))
        found.append(Tally(benchmark, _name(who), what, len(each), first, ten, None if None in wrote else sum(wrote)))
    return found


def _name(who: str) -> str:
    """What a page calls a member by its spec: the stage, or the last part of what it was loaded from."""
    member = spec(who)
    named = [last_name(member.args[key]) for key in ("stage", "pretrained", "model", "path") if member.args.get(key)]
    return named[0] if named else member.type


def _read(kept: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of answers; a line that a killed run left half written is passed over."""
    for line in kept.read_text(encoding="utf-8").split("\n"):
        with contextlib.suppress(ValueError):
            yield json.loads(line)
