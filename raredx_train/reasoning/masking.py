"""A case -> the same case with less of it, in another form: what one patient teaches at several difficulties.

A coded case loses findings (observed and excluded alike) and is shown as a list of terms or as a vignette; a text loses sentences,
or becomes the list of terms that are read in it. What is left and in which form follows from the seed and the case's id alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from raredx_bench.benchmarks.forms import FORMS, as_labels, shown
from raredx_bench.domain import Case
from raredx_bench.findings import FindingReader
from raredx_train.knowledge.facts import draw

WHOLE, MASKED = "whole", "masked"
FEWEST = 2  # findings that stay; a case with fewer is not masked
_SEX = re.compile(r"\b(?:The patient is|An?) (male|female)\b")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")


def variants(case: Case, reader: FindingReader, count: int, drop: Sequence[float], seed: int) -> Iterator[Case]:
    """The case itself, then up to `count` masked forms of it that differ from one another; ids end in #0, #1, …

    drop: shares of the findings or sentences that are left out, in turn. Strata: form, and lacks, the share left out.
    """
    met = {case.presentation}
    yield _marked(case, 0, case, WHOLE)
    for number in range(1, count + 1):
        share = drop[(number - 1) % len(drop)]
        rng = draw(seed, "mask", case.benchmark, case.id, number)
        found = _coded(case, reader, share, rng) if case.observed else _text(case, reader, share, rng)
        if found is not None and found.presentation not in met:
            met.add(found.presentation)
            yield _marked(found, number, case, f"{share:.0%} less".replace("%", " %"))


def source_of(identifier: str) -> str:
    """The id of the case that a variant was made from."""
    return identifier.rpartition("#")[0] or identifier


def _marked(found: Case, number: int, case: Case, lacks: str) -> Case:
    return replace(found, id=f"{case.id}#{number}", strata={**case.strata, "lacks": lacks})


def _coded(case: Case, reader: FindingReader, share: float, rng: Random) -> Case | None:
    observed, excluded = _left(case.observed, share, FEWEST, rng), _left(case.excluded, share, 0, rng)
    if len(observed) == len(case.observed):
        return None
    form, sex = rng.choice(FORMS), _SEX.search(case.presentation)
    present, absent = ([name for each in side if (name := reader.hpo.name(each))] for side in (observed, excluded))
    if not present:
        return None
    text = shown(form, present, absent, sex.group(1) if sex else "")
    return replace(case, presentation=text, observed=observed, excluded=excluded)


def _text(case: Case, reader: FindingReader, share: float, rng: Random) -> Case | None:
    sentences = [each for each in _SENTENCES.split(case.presentation.strip()) if each]
    left = replace(case, presentation=" ".join(_left(sentences, share, 1, rng)))
    if rng.choice(FORMS) == "text":
        return left if len(sentences) > 1 else None
    labels = as_labels(left, reader)
    return labels if len(labels.observed) >= FEWEST else None


def _left(values: Sequence[str], share: float, least: int, rng: Random) -> tuple[str, ...]:
    """What stays of the values, in their order: at least so many."""
    keep = max(min(least, len(values)), round(len(values) * (1 - share)))
    return tuple(values[at] for at in sorted(rng.sample(range(len(values)), keep)))
