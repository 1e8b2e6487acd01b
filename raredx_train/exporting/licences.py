"""Data cards and settings -> whose data a model learnt from, and on what terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.sources import SOURCES, Source
from raredx_train.exporting.found import Published
from raredx_train.settings import FROM_SCRATCH

_HUB = re.compile(r"huggingface\.co/datasets/([^/\s]+/[^/\s]+)")
_CITED = {"HPO": "hpoa", "Mondo": "mondo", "mondo": "mondo", "ORDO": "ordo", "ordo": "ordo", "en_product": "ordo"}  # by beginning
SHIPPED = "drawn from HPO's annotations: HPO licence, https://hpo.jax.org/license"
HEAD = """\
# What this model learnt from, and on what terms

The weights were computed from the works below. Whether their terms reach a model is not settled; whoever uses or passes on this one
should keep to all of them. Attribution is due to each. **For research on models only. Not for clinical use.**
"""


@dataclass(frozen=True)
class Learnt:
    """A work that was learnt from. part: what of it; terms: its licence; cite: how its authors want to be named, empty: not known.

    dataset: its id on the hub, None: it has none.
    """

    work: str
    part: str
    terms: str
    cite: str = ""
    dataset: str | None = None


def learnt(published: Published) -> list[Learnt]:
    """Every work, each once."""
    found = [*_student(published), *_knowledge(published), *_cases(published), *_teacher(published)]
    return list({(each.work, each.part): each for each in found}.values())


def document(works: list[Learnt]) -> str:
    """LICENSES.md."""
    rows = [f"| {each.work} | {each.part} | {each.terms} | {each.cite} |" for each in works]
    return "\n".join([HEAD, "| work | what of it | terms | to cite |", "|---|---|---|---|", *rows, ""])


def noncommercial(works: list[Learnt]) -> bool:
    """Whether the terms of one forbid commercial use."""
    return any("NC" in each.terms for each in works)


def _student(published: Published) -> Iterator[Learnt]:
    model = published.recipe["student"]["model"]
    if model != FROM_SCRATCH:
        hub = re.fullmatch(r"[\w.-]+/[\w.-]+", model) is not None
        where = f"its own licence: https://huggingface.co/{model}" if hub else "the licence that it came with"
        yield Learnt(model if hub else "a model of the trainer's own", "the weights that training began with", where)


def _knowledge(published: Published) -> Iterator[Learnt]:
    card = published.cards.get("knowledge", {})
    for source, count in card.get("sources", {}).items():
        terms = card["licences"].get(source, "see its file")
        cite = next((SOURCES[name].citation for start, name in _CITED.items() if source.startswith(start)), "")
        yield Learnt(source, f"facts, in {count:,} question-answer pairs", terms, cite)
    if (settings := card.get("settings", {})).get("general"):
        yield Learnt("general instruction pairs of the trainer's own", f"{settings['general_ratio']:g} for each pair of knowledge",
                     "not known to this program")  # fmt: skip


def _cases(published: Published) -> Iterator[Learnt]:
    """Cases: of corpora as their cards count them, of reinforcement learning those that its settings name and had at hand."""
    for card in published.cards.values():
        for name, count in card.get("corpus", {}).get("benchmarks", {}).items():
            yield from _of(name, f"cases, in {count:,} traces")
    for stage, made in published.before.items():
        if "rounds" in made.figures:
            for name in made.config.get("benchmarks", ()):
                yield from _of(name, f"training cases of {stage}, where its data was at hand")
            if made.config.get("simulated"):
                yield from _of("raredx_sim", f"training cases of {stage}")


def _of(name: str, part: str) -> Iterator[Learnt]:
    sources = [SOURCES[each] for each in (BENCHMARKS[name].sources if name in BENCHMARKS else ())][:1]
    for source in sources:
        yield Learnt(source.title, part, f"{source.terms.name}, {source.terms.terms}", source.citation, _hub_id(source))
    if not sources:
        simulated = name == "raredx_sim"
        yield Learnt("simulated patients" if simulated else name, part,
                     SHIPPED if simulated else "see its card in docs/benchmarks of raredx")  # fmt: skip


def _hub_id(source: Source) -> str | None:
    addresses = [source.url, *(remote.url or "" for remote in source.files)]
    return next((match.group(1) for each in addresses if (match := _HUB.search(each))), None)


def _teacher(published: Published) -> Iterator[Learnt]:
    for stage, card in published.cards.items():
        teacher = card.get("teacher")
        if teacher is None:
            continue
        if teacher["backend"] == "ontology":
            yield Learnt("raredx's ontology teacher", f"the reasoning of {stage}", "Apache-2.0; a program, no language model")
        else:
            yield Learnt(teacher["model"], f"the reasoning of {stage}", "the terms on which its output may be used to train others")
