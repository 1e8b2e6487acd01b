"""Which answers failed in form rather than in substance, and what to do when there are many.

Every case is under one key at most:
  cut         no list, or fewer names than were asked for, in a text that ended at the token limit; or a text that breaks off
              inside its thought or before a name was complete, where nothing is known of its end
  refused     the model refuses, or its server's filter held the answer back
  empty       the model said nothing, by its own choice
  unreadable  a text in which no list is to be found, also one whose thought never ended though the model stopped by itself
A list that was read before the cut is scored as it stands: the key says that more names might have come, not that it is a miss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from raredx_bench.domain import MAX_RANK, Note, Reading, Verdict

CUT, REFUSED, EMPTY, UNREADABLE = "cut", "refused", "empty", "unreadable"
FEW = 0.02  # share of a task's answers up to which nothing is said

_REMEDIES = {
    CUT: "were cut at the token limit (what was read before the cut is scored): raise it with --gen_kwargs max_gen_toks=…",
    REFUSED: "were refused by the model or its server's filter: read some under answers/, and set the filter or take another model",
    EMPTY: "were empty: see whether the chat template is right, and whether a thinking model's thought ate the token limit "
           "(--gen_kwargs max_gen_toks=…)",
    UNREADABLE: "hold no list that could be read: read some under answers/, and see whether the chat template is right",
}  # fmt: skip


def failures(verdicts: Sequence[Verdict], notes: Mapping[str, Note], asked: int = MAX_RANK) -> dict[str, list[str]]:
    """Key -> ids of the cases it applies to, in the verdicts' order; every key is there.

    notes: by case id; a case without one is judged by its verdict alone. asked: names that the task asks for.
    """
    found: dict[str, list[str]] = {key: [] for key in _REMEDIES}
    for verdict in verdicts:
        if key := _key(verdict, notes.get(verdict.case_id, Note()).stop, asked):
            found[key].append(verdict.case_id)
    return found


def warning(found: Mapping[str, Sequence[str]], n: int) -> list[str]:
    """One sentence, with the remedy, for each key that more than FEW of n answers are under."""
    return [
        f"{len(found[key])} of {n} answers ({len(found[key]) / n:.1%}) {remedy}"
        for key, remedy in _REMEDIES.items()
        if len(found.get(key, ())) > FEW * n
    ]


def _key(verdict: Verdict, stop: str | None, asked: int) -> str | None:
    reading = verdict.reading
    if stop == "length" and (reading is not Reading.LIST or len(verdict.predictions) < asked):
        return CUT
    if reading is Reading.TRUNCATED:
        return CUT if stop is None else UNREADABLE
    if reading is Reading.REFUSED or (stop == "filter" and reading is not Reading.LIST):
        return REFUSED
    return {Reading.EMPTY: EMPTY, Reading.NO_LIST: UNREADABLE}.get(reading)
