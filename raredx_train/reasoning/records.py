"""What is known of a disease, or of one patient, as a teacher reads it: the K of RERS.

    [1] Marfan syndrome (MONDO:0007947)
    Findings: Arachnodactyly (60 %); Ectopia lentis
    Absent: Cleft palate
    Genes: FBN1
    Inheritance: Autosomal dominant inheritance
    Onset: Childhood onset

A patient's record begins "[1] A patient with …"; shares are of patients, to a tenth of a percent, where they are known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from raredx_train.knowledge.base import Base

_HEAD = re.compile(r"^\[\d+\] (A patient with )?(.+) \(([^()\s]+:[^()\s]+)\)$", re.MULTILINE)
_SHARE = re.compile(r"^(.*?)(?: \((\d+(?:\.\d+)?) %\))?$")


@dataclass(frozen=True, slots=True)
class Record:
    """disease: canonical id; findings: HPO ids with the share of patients, 0 to 1, None where unknown; absent: HPO ids.

    genes: symbols; inheritance, onset: HPO ids. patient: it is one patient's; source: the case or release it comes from, not shown.
    score: how well it fits what was looked for, higher is better.
    """

    disease: str
    name: str
    findings: tuple[tuple[str, float | None], ...]
    absent: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    inheritance: tuple[str, ...] = ()
    onset: tuple[str, ...] = ()
    patient: bool = False
    source: str = ""
    score: float = 0.0


def shown(records: Sequence[Record], base: Base) -> str:
    """The records as text, numbered from 1."""
    return "\n".join(_shown(number, record, base) for number, record in enumerate(records, 1))


def read(text: str, base: Base) -> list[Record]:
    """The records of a text that `shown` wrote; names that HPO doesn't know are passed over."""
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [_read(head, text[head.end() : end], base) for head, end in zip(heads, ends, strict=False)]  # no head, no record


def _shown(number: int, record: Record, base: Base) -> str:
    findings = [
        base.name(each) + (f" ({round(100 * share, 1):g} %)" if share is not None else "") for each, share in record.findings
    ]
    lines = {
        "Findings": findings, "Absent": map(base.name, record.absent), "Genes": record.genes,
        "Inheritance": map(base.name, record.inheritance), "Onset": map(base.name, record.onset),
    }  # fmt: skip
    head = f"[{number}] {'A patient with ' if record.patient else ''}{record.name} ({record.disease})"
    return "\n".join([head, *(f"{name}: {'; '.join(values)}" for name, each in lines.items() if (values := list(each)))])


def _read(head: re.Match[str], body: str, base: Base) -> Record:
    parts = dict(line.split(": ", 1) for line in body.strip().splitlines() if ": " in line)
    listed = {name: [each for each in text.split("; ") if each] for name, text in parts.items()}
    findings = []
    for each in listed.get("Findings", ()):
        match = _SHARE.match(each)
        if match and (term := base.term(match.group(1))):
            findings.append((term, round(float(match.group(2)) / 100, 3) if match.group(2) else None))
    terms = {name: tuple(term for each in listed.get(name, ()) if (term := base.term(each)))
             for name in ("Absent", "Inheritance", "Onset")}  # fmt: skip
    return Record(
        head.group(3), head.group(2), tuple(findings), terms["Absent"], tuple(listed.get("Genes", ())), terms["Inheritance"],
        terms["Onset"], patient=bool(head.group(1)),
    )  # fmt: skip
