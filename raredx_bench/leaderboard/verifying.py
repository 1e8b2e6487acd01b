"""An entry -> what in it isn't what its names give: the entry is made once more from the predicted names, and compared.

Needed are the entry's terminology and its cases. Where they aren't at hand, its own parts are still held against each other, and
the entry is "not checked", which is no pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks import BENCHMARKS, digest
from raredx_bench.domain import BadInput, Case, DataMissing, RaredxError, UsageError, Verdict
from raredx_bench.harness import data_environment
from raredx_bench.judging import Judge, judge_for
from raredx_bench.leaderboard.entries import Entry, entry_name, measured, read_entry, rows, twins
from raredx_bench.leaderboard.rows import RANKS, rows_digest
from raredx_bench.metrics import estimates
from raredx_bench.naming import filename
from raredx_bench.report import BenchmarkReport, estimates_document, verdict_row
from raredx_bench.reporting import benchmark_report, chatted
from raredx_bench.scoring import judged_by_names, task_cases
from raredx_bench.tasks import checked_options, task_named

SHOWN = 5  # differences of one kind that are spelt out
CLOSE = 2e-6  # numbers are stated to six digits
_CONDITIONS = (
    "parser:", "linker:", "judge:", "terminology:", "protocols-", "splits:", "audit:", "rapidfuzz:", "parents:", "names:",
    "intervals:",
)  # fmt: skip
_OF_PACKAGE = "raredx:"  # part of a signature that the rest of it makes superfluous


class State(StrEnum):
    """What became of checking an entry."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    UNCHECKED = "not checked"


@dataclass(frozen=True)
class Checked:
    """An entry's folder, its state, and what was said: what differs, or why it wasn't checked; one sentence each."""

    folder: Path
    state: State
    said: tuple[str, ...] = ()


def verify(folders: Sequence[Path], roots: Sequence[Path]) -> Iterator[Checked]:
    """Each entry checked, in order. roots: data directories that terminologies and cases are looked for in; what the package
    ships comes last. An entry that can't be read differs; of two that are one submission twice, the second does.
    """
    read: list[Entry] = []
    for folder in folders:
        try:
            read.append(entry := read_entry(folder))
            found = verified(entry, roots)
        except RaredxError as error:
            found = Checked(folder, State.DIFFERS, (str(error),))
        again = [first.name for first, second in twins(read) if second is read[-1]] if read and read[-1].folder == folder else []
        if again:
            said = f"the same submission as {again[0]}: remove one of the two, or withdraw it"
            found = Checked(folder, State.DIFFERS, (*found.said, said))
        yield found


def verified(entry: Entry, roots: Sequence[Path]) -> Checked:
    """One entry checked. Raises BadInput when its verdicts can't be read."""
    wrong = list(_own_faults(entry))
    missing = ""
    try:
        root, judge = _terminology(entry, roots)
        differs, unchecked = _against(entry, root, judge)
        wrong += differs
        missing = "; ".join(unchecked)
    except (DataMissing, _NotAtHand) as error:
        missing = str(error)
    if wrong:
        return Checked(entry.folder, State.DIFFERS, tuple(dict.fromkeys(wrong)))
    return Checked(entry.folder, State.UNCHECKED, (missing,)) if missing else Checked(entry.folder, State.VERIFIED)


class _NotAtHand(UsageError):
    """What an entry would have to be checked against isn't here."""


def _own_faults(entry: Entry) -> Iterator[str]:
    """Where the parts of an entry contradict each other."""
    document, table = entry.document, entry.table().to_pylist()
    if entry.name != entry_name(document):
        yield f"entry.json no longer fits the entry's name: by its content it is {entry_name(document)}"
    if entry.folder.parent.name != filename(entry.benchmark):
        yield f"it lies under {entry.folder.parent.name}, but is about {entry.benchmark}"
    try:
        found = rows_digest(table)
    except ValueError:
        yield "verdicts.parquet holds a number that is not finite"
        return
    if (document["verdicts"]["rows"], document["verdicts"]["digest"]) != (len(table), found):
        yield "verdicts.parquet is not the file that entry.json was made with"
    keys = {(row["round"], row["case_id"]) for row in table}
    several = max(row["round"] for row in table) if table else 0
    if len(keys) != len(table) or document["n"] * several != len(table):
        yield f"{len(table)} rows of {len(keys)} cases and rounds don't go with n = {document['n']}"
    first = entry.rounds[0] if table else ()
    ranks = {row["case_id"]: {name: row[name] for name in RANKS} for row in table if row["round"] == 1}
    off = [each.case_id for each in first if verdict_row(each)["rank"] != ranks[each.case_id]]
    yield from _shortened(f"case {case_id}: its ranks are not those of its names' relations" for case_id in off)
    if first and several == 1:
        yield from _shortened(_differences(document["estimates"], estimates_document(estimates(first)), "estimates"))


def _terminology(entry: Entry, roots: Sequence[Path]) -> tuple[Path, Judge]:
    """The data directory with the entry's terminology and cases. Raises _NotAtHand when there is none."""
    stated = entry.document["terminology"]
    here = []
    for root in (*roots, sources.SHIPPED):
        judge = judge_for(root)
        if judge.ontology.digest == stated["digest"]:
            return root, judge
        here.append(f"{judge.ontology.release} ({judge.ontology.digest[:12]})")
    raise _NotAtHand(f"its terminology, {stated['release']} ({stated['digest'][:12]}), isn't at hand; here: {', '.join(here)}")


def _against(entry: Entry, root: Path, judge: Judge) -> tuple[list[str], list[str]]:
    """(what differs, why something could not be checked), against the entry made once more."""
    if BENCHMARKS[str(task_named(entry.benchmark).metadata["benchmark"])].private:
        raise _NotAtHand("its names were withheld under the data's use agreement: only its own parts were held against each other")
    options, cases = task_cases(entry.benchmark, checked_options(entry.document["request"].get("metadata")), root)
    if digest(cases) != entry.document["cases"]:
        raise _NotAtHand(f"it is about other cases of {entry.benchmark} ({entry.document['n']}) than those at hand "
                         f"({len(cases)}): get the release it was run on")  # fmt: skip
    part = remade(entry, options, cases, judge, root)
    stated, found = entry.document, json.loads(json.dumps(measured(entry.benchmark, part)))
    unlike, otherwise = _signatures(stated["signature"], found["signature"])
    if otherwise:
        return unlike, [f"it was made under other conditions ({'; '.join(otherwise)}): rescore it"]
    unchecked = []
    for name, each in stated["protocols"].items():
        _, otherwise = _signatures(each["signature"], found["protocols"][name]["signature"])
        if otherwise:
            unchecked.append(f"protocol {name} was applied under other conditions ({'; '.join(otherwise)})")
            found["protocols"][name] = each
    for name in set(stated["strata"]) - set(found["strata"]):
        unchecked.append(f"the tables behind the stratum {name!r} aren't at hand")
        found["strata"][name] = stated["strata"][name]
    kept = {key: stated.get(key) for key in found if key != "signature"}
    said = [*unlike, *_shortened(_differences(kept, {key: found[key] for key in kept}, ""))]
    return [*said, *_shortened(_rows_differ(entry, rows(entry.benchmark, part)))], unchecked


def remade(entry: Entry, options: Mapping[str, Any], cases: Sequence[Case], judge: Judge, root: Path) -> BenchmarkReport:
    """The benchmark's part of a report on an entry's names, linked and judged anew."""
    by_id = [{verdict.case_id: verdict for verdict in verdicts} for verdicts in entry.rounds]
    missing = [case.id for case in cases for each in by_id if case.id not in each]
    if missing:
        raise BadInput(f"{entry.name} holds no verdict on {len(missing)} cases (the first: {missing[0]}): add the run again")
    rounds: list[list[Verdict]] = [[judged_by_names(judge, case, each[case.id]) for case in cases] for each in by_id]
    document = entry.document
    answered = next((part.partition(":")[2] for part in entry.signature.split("|") if part.startswith("answered:")), None)
    with data_environment(root):
        return benchmark_report(
            entry.benchmark, options, cases, rounds[0], judge, root,
            chat_template=chatted(document["model"], document["request"]), protocols=list(document["protocols"]) or ["raredx"],
            answered=answered, rounds=rounds, request=document["request"],
            cutoff=(document["model"].get("card") or {}).get("cutoff"),
        )  # fmt: skip


def alike(one: str, other: str) -> bool:
    """True for signatures that differ in nothing but the package's version."""
    return _signatures(one, other) == ([], [])


def _signatures(stated: str, found: str) -> tuple[list[str], list[str]]:
    """(what differs, what merely was made under other conditions) of two signatures, part by part."""
    here, there = (tuple(part for part in each.split("|") if not part.startswith(_OF_PACKAGE)) for each in (stated, found))
    off = [part for part in here if part not in there]
    now = [part for part in there if part not in here]
    conditions = [part for part in off if part.startswith(_CONDITIONS)]
    others = [part for part in now if part.startswith(_CONDITIONS)]
    wrong = [f"signature: stated {part}" for part in off if part not in conditions]
    wrong += [f"signature: recomputed {part}" for part in now if part not in others]
    unlike = f"{' '.join(conditions) or 'nothing'} there, {' '.join(others) or 'nothing'} here"
    return wrong, [unlike] if conditions or others else []


def _rows_differ(entry: Entry, now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Where the stored rows aren't those of the names judged anew, one sentence a case."""
    stated = {(row["round"], row["case_id"]): row for row in entry.table().to_pylist()}
    for row in now:
        old = stated[row["round"], row["case_id"]]
        keys = ("predictions", *(key for key in row if key not in ("predictions", "failure")))  # names say more than their ranks
        first = next(_differences({key: old[key] for key in keys}, {key: row[key] for key in keys}, f"case {row['case_id']}"), None)
        if first:
            yield first


def _differences(stated: Any, found: Any, place: str) -> Iterator[str]:
    """Each leaf that two documents don't share, with its place in them."""
    if isinstance(stated, Mapping) and isinstance(found, Mapping):
        for key in (*stated, *(key for key in found if key not in stated)):
            yield from _differences(stated.get(key), found.get(key), f"{place}/{key}".lstrip("/"))
    elif isinstance(stated, list | tuple) and isinstance(found, list | tuple) and len(stated) == len(found):
        for index, (left, right) in enumerate(zip(stated, found, strict=True), 1):
            yield from _differences(left, right, f"{place}/{index}")
    elif isinstance(stated, float | int) and isinstance(found, float | int) and not isinstance(stated, bool):
        if not abs(stated - found) <= CLOSE:
            yield f"{place}: stated {stated}, recomputed {found}"
    elif stated != found:
        yield f"{place}: stated {_short(stated)}, recomputed {_short(found)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _shortened(sentences: Iterator[str]) -> Iterator[str]:
    """The first few sentences, and how many more there are."""
    yield from islice(sentences, SHOWN)
    more = sum(1 for _ in sentences)
    if more:
        yield f"and {more} more of the kind"
