"""Source rows -> Case: every benchmark under one name, in its published input form.

To add one: a loader (root, options -> cases), a line in BENCHMARKS, a YAML file in tasks/, a card in docs/benchmarks/.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from raredx_bench import mimic, sources
from raredx_bench.benchmarks import custom, phenopackets, rarearena, rarebench, rarebench_br, shipped
from raredx_bench.benchmarks.forms import FORMS, as_labels
from raredx_bench.benchmarks.phenopackets import phenopacket_case
from raredx_bench.domain import BadInput, Case, UnknownName
from raredx_bench.findings import FindingReader
from raredx_bench.hpo import load_hpo

__all__ = ["BENCHMARKS", "FORMS", "Benchmark", "available", "digest", "form_of", "load_cases", "phenopacket_case", "stream"]

Loader = Callable[[Path, Mapping[str, Any]], Iterator[Case]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A named set of cases. form: what its publication shows a model, "hpo" (labels of findings) or "text".

    Loaders of coded benchmarks write either form themselves; texts are turned into labels here.
    sources: the entries of sources.SOURCES it can be read from, the first one found; none: shipped, generated, built or the
    user's own. located: where it is, of one that a source alone doesn't tell of; raises DataMissing where it isn't.
    asked: how many names its protocol asks for. language: of its texts, ISO 639-1.
    private: its data use agreement forbids that anything but ids and ranks leaves the machine. shows_text: its licence lets a
    public page show the texts of its cases. published: how many cases its publication counts; None: it has no fixed number.
    """

    name: str
    form: str
    sources: tuple[str, ...]
    load: Loader
    asked: int = 10
    language: str = "en"
    private: bool = False
    located: Callable[[Path, Mapping[str, Any]], Path] | None = None
    shows_text: bool = False
    published: int | None = None


def stream(name: str, root: Path, **options: Any) -> Iterator[Case]:
    """The cases of a benchmark one by one, in the order of its source and in the form of options["form"].

    options: form ("hpo" or "text"), subset (RareArena's published one), sim_n and sim_seed for raredx_sim, cases (a path) for
    custom, digest for a frozen set; others are ignored. Raises UnknownName, DataMissing, or BadInput naming file, row and fault.
    """
    if name not in BENCHMARKS:
        raise UnknownName("benchmark", name, BENCHMARKS)
    form = options.get("form")
    if form not in (None, *FORMS):
        raise UnknownName("input form", str(form), FORMS)
    cases = BENCHMARKS[name].load(root, options)
    if form == "hpo" and BENCHMARKS[name].form == "text":
        reader = FindingReader(load_hpo(root))
        cases = (as_labels(case, reader) for case in cases)
    return _unique(cases, name)


def load_cases(name: str, root: Path, **options: Any) -> tuple[Case, ...]:
    """All cases of a benchmark, as stream gives them. Raises BadInput also when there is none."""
    cases = tuple(stream(name, root, **options))
    if not cases:
        raise BadInput(f"{name} holds no case: the source is empty, get it again")
    return cases


def form_of(name: str, root: Path, options: Mapping[str, Any]) -> str:
    """The form that cases are shown in: the one asked for, else the published one."""
    if options.get("form"):
        return str(options["form"])
    return custom.form_of(root, options) if name == "custom" else BENCHMARKS[name].form  # custom: as its file has it


def available(name: str, root: Path, options: Mapping[str, Any]) -> None:
    """Raises DataMissing, with one sentence on how to get it, when a benchmark's source is not there."""
    if locate := BENCHMARKS[name].located:
        locate(root, options)
        return
    names = BENCHMARKS[name].sources
    if options.get("subset"):
        names = tuple(each for each in names if each.endswith("_benchmark"))
    if names and not any(sources.find(each, root) for each in names):
        sources.require(names[0], root)


def digest(cases: Iterable[Case]) -> str:
    """SHA-256 over everything that a model is shown or judged by, in hex."""
    running = hashlib.sha256()
    for case in cases:
        running.update(json.dumps([case.id, case.presentation, sorted(case.answers)]).encode())
    return running.hexdigest()


def _unique(cases: Iterator[Case], name: str) -> Iterator[Case]:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise BadInput(f"{name} holds the case id {case.id!r} twice: ids must be unique")
        seen.add(case.id)
        yield case


BENCHMARKS: Mapping[str, Benchmark] = {
    each.name: each
    for each in (
        *(Benchmark(f"rarebench_{subset.lower()}", "hpo", ("rarebench",), partial(rarebench.zipped, subset), shows_text=True,
                    published=count)
          for subset, count in (("RAMEDIS", 624), ("MME", 40), ("HMS", 88), ("LIRICAL", 370))),
        Benchmark("rarebench_pumch_adm", "hpo", ("pumch_adm",), rarebench.pumch_adm, located=rarebench.pumch_adm_file,
                  shows_text=True, published=75),
        Benchmark("pumch_l", "hpo", ("pumch_l",), rarebench.pumch_l),
        Benchmark("mygene2", "hpo", ("mygene2",), rarebench.mygene2, published=146),
        Benchmark("phenopacket_store", "hpo", ("phenopacket_store",), phenopackets.load, shows_text=True),
        Benchmark("rarearena_rds", "text", ("rarearena_rds", "rarearena_rds_benchmark"), partial(rarearena.load, "rds"), asked=5,
                  published=49760),
        Benchmark("rarearena_rdc", "text", ("rarearena_rdc", "rarearena_rdc_benchmark"), partial(rarearena.load, "rdc"), asked=5,
                  published=22901),
        Benchmark("rarebench_br", "text", ("rarebench_br",), rarebench_br.load, language="pt", shows_text=True, published=483),
        Benchmark(mimic.NAME, "text", (), mimic.cases, private=True, located=mimic.located),
        Benchmark("raredx_vignettes", "text", (), shipped.vignettes, shows_text=True, published=135),
        Benchmark("raredx_sim", "text", (), shipped.simulated, shows_text=True),
        Benchmark("custom", "hpo", (), custom.load, located=custom.located),
    )
}  # fmt: skip
