"""Which cases a score shouldn't rest on: what the task TASK@clean leaves out. Found once for a set of cases and a terminology."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from raredx_bench.audit.checks import FEW_FINDINGS, FEW_WORDS, GROUP, Check, flags_of
from raredx_bench.audit.copies import copies_of_findings
from raredx_bench.compiled import compiled, digest_of
from raredx_bench.domain import Case
from raredx_bench.fingerprints import words_of
from raredx_bench.judging import VAGUE
from raredx_bench.mentions import FORMS, MentionFinder

VERSION = "audit-1"  # of the checks: part of the signature of a clean task
KEPT = 100  # cases from which the result is kept on disk
LEAKS = frozenset({Check.NAMED, Check.FAMILY, Check.FINDING})
SPOILING = LEAKS | {Check.UNKNOWN, Check.GROUP, Check.SHORT, Check.ANIMAL, Check.REPEATED}


def spoiled(cases: Sequence[Case], finder: MentionFinder, *, coded: bool, digest: str) -> Mapping[str, frozenset[Check]]:
    """Case id -> the reasons not to rest a score on it, for cases that have any. digest: of the cases, as benchmarks.digest has it.

    Of cases that repeat one another word for word (or in findings and answer) the first stays. What may identify a person, near
    copies and other files are no such reasons: they say nothing against the score.
    """
    if len(cases) < KEPT:
        document = _spoiled(cases, finder, coded)
    else:
        key = digest_of([VERSION, str((GROUP, FEW_WORDS, FEW_FINDINGS, FORMS, VAGUE)), finder.ontology.digest, str(coded), digest])
        document, _ = compiled("clean", key, lambda: (_spoiled(cases, finder, coded), {}))
    return {name: frozenset(map(Check, checks)) for name, checks in document.items()}


def _spoiled(cases: Sequence[Case], finder: MentionFinder, coded: bool) -> dict[str, list[str]]:
    repeated = _repeated(cases, finder, coded)
    found = {}
    for case in cases:
        checks = {flag.check for flag in flags_of(case, finder, coded=coded)} & SPOILING
        if case.id in repeated:
            checks.add(Check.REPEATED)
        if checks:
            found[case.id] = sorted(map(str, checks))
    return found


def _repeated(cases: Sequence[Case], finder: MentionFinder, coded: bool) -> set[str]:
    if coded:
        return {copy.second.id for copy in copies_of_findings(cases, finder.ontology)}
    return set(_later(cases))


def _later(cases: Iterable[Case]) -> Iterable[str]:
    met: set[str] = set()
    for case in cases:
        text = " ".join(words_of(case.presentation))
        if text in met:
            yield case.id
        met.add(text)
