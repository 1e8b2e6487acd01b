"""Cases of benchmarks -> Audit: what can be wrong with each of them, and which repeat one another or are in other files.

    checks.py   one case by itself: its answer in its text, its gold, its length, whom it is about
    copies.py   cases that repeat one another, and files that repeat cases
    report.py   Audit -> audit.json (schemas/audit.schema.json) and a page (templates/audit.html)

Nothing here judges a model. A flag says that a case deserves a look, not that it is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from raredx_bench.audit.checks import GROUP, MEANING, Check, Flag, flags_of
from raredx_bench.audit.copies import Copy, copies_of_findings, copies_of_texts, matches_in
from raredx_bench.domain import Case
from raredx_bench.fingerprints import THRESHOLD, Match
from raredx_bench.mentions import MentionFinder

__all__ = ["GROUP", "MEANING", "THRESHOLD", "Audit", "Benchmarked", "Check", "Copy", "Flag", "audit"]

SHOWN = 5  # other cases or rows that a flag names


@dataclass(frozen=True)
class Benchmarked:
    """The cases of one benchmark and the flags of each, by its id; cases without flags have none. coded: given as findings."""

    name: str
    cases: Sequence[Case]
    coded: bool
    flags: Mapping[str, Sequence[Flag]] = field(default_factory=dict)

    def flagged(self, *checks: Check) -> tuple[Case, ...]:
        """The cases with a flag of one of these checks, in their order; of any check when none is given."""
        return tuple(case for case in self.cases if any(not checks or flag.check in checks for flag in self.flags.get(case.id, ())))


@dataclass(frozen=True)
class Audit:
    """The benchmarks with their flags, all pairs of like cases, and the matches in each file compared with."""

    benchmarks: tuple[Benchmarked, ...]
    copies: tuple[Copy, ...]
    against: Mapping[str, Sequence[Match]]
    terminology: Mapping[str, str]


def audit(sets: Sequence[Benchmarked], finder: MentionFinder, against: Sequence[Path] = ()) -> Audit:
    """The audit of sets of cases, which need no flags yet. Raises BadInput for a file to compare with that can't be read."""
    copies = copies_of_texts([case for each in sets if not each.coded for case in each.cases])
    copies += copies_of_findings([case for each in sets if each.coded for case in each.cases], finder.ontology)
    every = [case for each in sets for case in each.cases]
    matches = {str(path): matches_in(path, every) for path in against}
    found: dict[tuple[str, str], list[Flag]] = {}
    for each in sets:
        for case in each.cases:
            found[each.name, case.id] = list(flags_of(case, finder, coded=each.coded))
    _add_copies(found, copies)
    for name, rows in matches.items():
        _add_matches(found, name, rows)
    done = tuple(Benchmarked(each.name, each.cases, each.coded, {case.id: flags for case in each.cases
                             if (flags := found[each.name, case.id])}) for each in sets)  # fmt: skip
    ontology = finder.ontology
    return Audit(done, tuple(copies), matches, {"release": ontology.release, "digest": ontology.digest})


def _add_copies(found: Mapping[tuple[str, str], list[Flag]], copies: Sequence[Copy]) -> None:
    for copy in copies:
        check = Check.REPEATED if copy.exact else Check.NEAR
        for one, other in ((copy.first, copy.second), (copy.second, copy.first)):
            found[one.benchmark, one.id].append(Flag(check, f"{other.benchmark} {other.id} ({copy.similarity:.2f})"))


def _add_matches(found: Mapping[tuple[str, str], list[Flag]], name: str, matches: Sequence[Match]) -> None:
    rows: dict[tuple[str, str], list[Match]] = {}
    for match in matches:
        rows.setdefault((match.benchmark, match.case), []).append(match)
    for key, inside in rows.items():
        said = ", ".join(f"{match.text + 1} ({match.similarity:.2f})" for match in inside[:SHOWN])
        more = f" and {len(inside) - SHOWN} more" if len(inside) > SHOWN else ""
        found[key].append(Flag(Check.SEEN, f"{Path(name).name}, rows {said}{more}"))
