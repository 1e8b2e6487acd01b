"""Audit -> a folder: audit.json, a page for people, and the fingerprints of every benchmark.

audit.json and the fingerprints hold no case text. The page shows some around each mention only when asked to: benchmarks' licences
and data-use agreements may forbid passing case text on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from raredx_bench.agreement import wilson
from raredx_bench.audit import GROUP, MEANING, Audit, Benchmarked, Check
from raredx_bench.audit.checks import FEW_FINDINGS, FEW_WORDS
from raredx_bench.domain import UsageError
from raredx_bench.fingerprints import THRESHOLD, fingerprints, write_fingerprints
from raredx_bench.leaks import said_of
from raredx_bench.validation import validate

SCHEMA = "raredx-audit-1"
AROUND = 70  # characters of text shown on each side of a mention
LIMITS = {"group": GROUP, "words": FEW_WORDS, "findings": FEW_FINDINGS, "similarity": THRESHOLD}


def write_audit(found: Audit, folder: Path, created: str, *, snippets: bool = False) -> tuple[Path, Path]:
    """Write audit.json, audit.html and fingerprints/<benchmark>.jsonl.gz under a folder; the paths of the first two.

    created: when, in ISO 8601. Raises UsageError when the folder can't be written.
    """
    document = audit_document(found, created)
    report, page = folder / "audit.json", folder / "audit.html"
    try:
        (folder / "fingerprints").mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        page.write_text(page_of(found, document, snippets=snippets), encoding="utf-8")
        for each in found.benchmarks:
            write_fingerprints(fingerprints(each.cases), folder / "fingerprints" / f"{each.name}.jsonl.gz")
    except OSError as error:
        raise UsageError(f"can't write the audit under {folder}: {error.strerror}") from error
    return report, page


def audit_document(found: Audit, created: str) -> dict[str, Any]:
    """The JSON form, as schemas/audit.schema.json describes it. Raises jsonschema.ValidationError: a fault of ours."""
    document = {
        "schema": SCHEMA,
        "created": created,
        "terminology": dict(found.terminology),
        "limits": LIMITS,
        "checks": {check.value: meaning for check, meaning in MEANING.items()},
        "benchmarks": [_benchmark(each) for each in found.benchmarks],
        "copies": [
            {"first": _place(copy.first.benchmark, copy.first.id), "second": _place(copy.second.benchmark, copy.second.id),
             "similarity": round(copy.similarity, 4), "exact": copy.exact}
            for copy in found.copies
        ],
        "against": [
            {"file": Path(name).name, "matches": [{**_place(match.benchmark, match.case), "row": match.text + 1,
             "similarity": round(match.similarity, 4), "exact": match.exact} for match in matches]}
            for name, matches in found.against.items()
        ],
    }  # fmt: skip
    validate(document, "audit")
    return document


def _place(benchmark: str, case: str) -> dict[str, Any]:
    return {"benchmark": benchmark, "case": case}


def _benchmark(found: Benchmarked) -> dict[str, Any]:
    n = len(found.cases)
    named = found.flagged(Check.NAMED, Check.FAMILY, Check.FINDING)
    return {
        "name": found.name,
        "n": n,
        "form": "hpo" if found.coded else "text",
        "counts": {check.value: _share(len(found.flagged(check)), n) for check in Check},
        "clean": _share(n - len(named), n),
        "unflagged": _share(n - len(found.flagged()), n),
        "kinds": dict(_kinds(found).most_common()),
        "said": dict(_said(found).most_common()),
        "cases": [
            {"id": case.id, "flags": [_flag(flag.check, flag.why, flag.mention) for flag in found.flags[case.id]]}
            for case in found.flagged()
        ],
    }  # fmt: skip


def _share(count: int, n: int) -> dict[str, float]:
    """A count with its share of n and the share's 95 % interval (Wilson)."""
    share = count / n
    low, high = wilson(share, n)
    return {"cases": count, "share": round(share, 6), "low": round(low, 6), "high": round(high, 6)}


def _flag(check: Check, why: str, mention: Any) -> dict[str, Any]:
    place = {} if mention is None else {"kind": mention.kind, "start": mention.start, "end": mention.end}
    return {"check": check.value, "why": why, **place}


def _kinds(found: Benchmarked) -> Counter[str]:
    """Kind of mention -> cases that have one."""
    return Counter(kind for flags in found.flags.values()
                   for kind in {flag.mention.kind for flag in flags if flag.mention is not None})  # fmt: skip


def _said(found: Benchmarked) -> Counter[str]:
    """What a text says of the answer that it names -> cases, each under the plainest of all that it says."""
    order = ("stated", "uncertain", "differential", "family", "denied")
    texts = {case.id: case.presentation for case in found.cases}
    counts: Counter[str] = Counter()
    for case, flags in found.flags.items():
        said = {said_of(texts[case], flag.mention).value for flag in flags if flag.mention and flag.check is Check.NAMED}
        counts.update([next(each for each in order if each in said)] if said else [])
    return counts


def page_of(found: Audit, document: Mapping[str, Any], *, snippets: bool) -> str:
    """A self-contained HTML page of an audit; with snippets, the text around each mention."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("raredx_bench"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["percent"] = lambda rate: f"{100 * rate:.1f}"
    return environment.get_template("audit.html").render(
        audit=document,
        reasons=_reasons(found),
        snippets=_snippets(found) if snippets else {},
        checks=[check.value for check in Check],
    )


def _reasons(found: Audit) -> dict[str, list[tuple[str, str, int]]]:
    """ "benchmark/case" -> (check, why, how often) of each of its flags, in their order."""
    return {
        f"{each.name}/{case}": [(check.value, why, count) for (check, why), count in counted.items()]
        for each in found.benchmarks
        for case, flags in each.flags.items()
        for counted in (Counter((flag.check, flag.why) for flag in flags),)
    }


def _snippets(found: Audit) -> dict[str, list[tuple[str, str, str]]]:
    """ "benchmark/case" -> (before, mention, behind) of each mention."""
    shown: dict[str, list[tuple[str, str, str]]] = {}
    for each in found.benchmarks:
        for case in each.flagged(Check.NAMED, Check.FAMILY, Check.FINDING):
            text = case.presentation
            places = [flag.mention for flag in each.flags[case.id] if flag.mention is not None]
            shown[f"{each.name}/{case.id}"] = [
                (text[max(0, at.start - AROUND) : at.start], text[at.start : at.end], text[at.end : at.end + AROUND])
                for at in places
            ]
    return shown
