"""Source rows -> Case: every benchmark under one name, in its published input form.

To add one: a loader (root -> cases), a line in BENCHMARKS, a YAML file in tasks/.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.domain import BadInput, Case, UnknownName
from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.simulation import simulate

SIMULATED = 300  # cases of raredx_sim unless sim_n says otherwise
log = logging.getLogger("raredx")
_PMID = re.compile(r"PMID[_:]?(\d+)")

Loader = Callable[[Path, Mapping[str, Any]], Iterator[Case]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A named set of cases. form: what a model is shown, "hpo" (labels of findings) or "text".

    source: the entry of sources.SOURCES it is read from; None: shipped or generated here.
    asked: how many names its protocol asks for.
    """

    name: str
    form: str
    source: str | None
    load: Loader
    asked: int = 10


def load_cases(name: str, root: Path, **options: Any) -> tuple[Case, ...]:
    """All cases of a benchmark, in the order of its source.

    options: sim_n and sim_seed for raredx_sim, digest for a frozen set; others are ignored.
    Raises UnknownName, DataMissing, or BadInput naming file, row and fault.
    """
    if name not in BENCHMARKS:
        raise UnknownName("benchmark", name, BENCHMARKS)
    cases = tuple(BENCHMARKS[name].load(root, options))
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise BadInput(f"{name} holds the case id {case.id!r} twice: ids must be unique")
        seen.add(case.id)
    if not cases:
        raise BadInput(f"{name} holds no case: the source is empty, get it again")
    return cases


def available(name: str, root: Path) -> None:
    """Raises DataMissing, with one sentence on how to get it, when a benchmark's source is not there."""
    source = BENCHMARKS[name].source
    if source is not None:
        sources.require(source, root)


def digest(cases: tuple[Case, ...]) -> str:
    """SHA-256 over everything that a model is shown or judged by, in hex."""
    running = hashlib.sha256()
    for case in cases:
        running.update(json.dumps([case.id, case.presentation, sorted(case.answers)]).encode())
    return running.hexdigest()


# --- loaders ----------------------------------------------------------------------------------------------------------


def _described(observed: list[str], excluded: list[str]) -> str:
    """Findings as labels, never bare codes."""
    text = f"The patient has these findings: {'; '.join(observed)}." if observed else "No abnormal finding is recorded."
    return f"{text}\nThese findings were looked for and are absent: {'; '.join(excluded)}." if excluded else text


def _labels(hpo: Hpo, identifiers: list[str], stated: Mapping[str, str], where: str) -> list[str]:
    """Labels in force for HPO ids, else the source's own; a code that nobody can name is left out with a warning."""
    found = []
    for identifier in identifiers:
        label = hpo.name(identifier) or stated.get(identifier)
        if label is None:
            log.warning("%s: %s is not in HPO %s and has no label, so no model sees it; use a newer HPO release",
                        where, identifier, hpo.release)  # fmt: skip
        else:
            found.append(label)
    return found


def _json_lines(handle: Iterator[str], where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(handle, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput(f"{where}, line {number}: not JSON ({error}): get the file again, it may be cut") from error
            if not isinstance(row, dict):
                raise BadInput(f"{where}, line {number}: expected a JSON object")
            yield number, row


def _opened_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(f"{path} is not a readable zip ({error}): get it again, it may be truncated") from error


def _rarebench(subset: str) -> Loader:
    def load(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
        path = sources.require("rarebench", root)
        member = f"data/{subset}.jsonl"
        with _opened_zip(path) as archive:
            if member not in archive.namelist():
                raise BadInput(f"{path} holds no {member}: get the zip of RareBench task 4 again")
            text = archive.read(member).decode("utf-8").splitlines()
        yield from _rarebench_rows(subset, iter(text), f"{path}:{member}", load_hpo(root))

    return load


def _pumch_adm(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    path = sources.require("pumch_adm", root)
    text = path.read_text(encoding="utf-8")
    lines = [json.dumps(row) for row in json.loads(text)] if text.lstrip().startswith("[") else text.splitlines()
    yield from _rarebench_rows("PUMCH_ADM", iter(lines), str(path), load_hpo(root))


def _rarebench_rows(subset: str, lines: Iterator[str], where: str, hpo: Hpo) -> Iterator[Case]:
    for number, row in _json_lines(lines, where):
        place = f"{where}, line {number}"
        if "Phenotype" not in row or "RareDisease" not in row:
            raise BadInput(f"{place}: expected the keys Phenotype and RareDisease")
        observed = [str(code) for code in row["Phenotype"]]
        yield Case(
            id=f"{subset}-{number:04d}",
            benchmark=f"rarebench_{subset.lower()}",
            presentation=_described(_labels(hpo, observed, {}, place), []),
            answers=tuple(str(code) for code in row["RareDisease"]),
            observed=tuple(observed),
            strata={
                "findings": _band(len(observed)),
                **({"department": row["Department"]} if row.get("Department") else {}),
            },
        )


def _phenopacket_store(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    path = sources.require("phenopacket_store", root)
    hpo = load_hpo(root)
    with _opened_zip(path) as archive:
        for name in sorted(each for each in archive.namelist() if each.endswith(".json")):
            *_, cohort, stem = ["", *name.removesuffix(".json").split("/")]
            try:
                packet = json.loads(archive.read(name))
            except ValueError as error:
                raise BadInput(f"{path}:{name} is not JSON ({error}): get the release again") from error
            yield phenopacket_case(packet, f"{cohort}/{stem}", cohort, f"{path}:{name}", hpo)


def phenopacket_case(packet: Mapping[str, Any], case_id: str, cohort: str, where: str, hpo: Hpo) -> Case:
    """A Case from a GA4GH phenopacket. Raises BadInput when it has no diagnosis.

    Obsolete HPO ids are replaced by the current ones; ids newer than this HPO release keep the packet's label and are
    shown to a model, but not used by the phenotype ranker.
    """
    diagnoses = [
        disease["id"]
        for interpretation in packet.get("interpretations", ())
        if (disease := interpretation.get("diagnosis", {}).get("disease", {})).get("id")
    ] or [each["term"]["id"] for each in packet.get("diseases", ()) if each.get("term", {}).get("id")]
    if not diagnoses:
        raise BadInput(f"{where} has no diagnosis: a case needs interpretations[].diagnosis.disease.id or diseases[].term.id")
    features = [each for each in packet.get("phenotypicFeatures", ()) if each.get("type", {}).get("id")]
    stated = {each["type"]["id"]: each["type"].get("label") for each in features}
    known = {code: label for code, label in stated.items() if label}
    observed = list(dict.fromkeys(each["type"]["id"] for each in features if not each.get("excluded")))
    excluded = list(dict.fromkeys(each["type"]["id"] for each in features if each.get("excluded")))
    sex = str(packet.get("subject", {}).get("sex", "")).lower()
    intro = f"The patient is {sex}. " if sex in ("male", "female") else ""
    reference = _PMID.search(case_id) or _PMID.search(json.dumps(packet.get("metaData", {}).get("externalReferences", "")))
    return Case(
        id=case_id,
        benchmark="phenopacket_store",
        presentation=intro + _described(_labels(hpo, observed, known, where), _labels(hpo, excluded, known, where)),
        answers=tuple(dict.fromkeys(diagnoses)),
        observed=tuple(observed),
        excluded=tuple(excluded),
        group=f"PMID:{reference.group(1)}" if reference else cohort,
        strata={"findings": _band(len(observed)), "excluded findings": "some" if excluded else "none"},
    )


def _rarearena(task: str) -> Loader:
    def load(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
        path = sources.require(f"rarearena_{task}", root)
        with path.open(encoding="utf-8") as handle:
            for number, row in _json_lines(handle, str(path)):
                missing = {"_id", "case_report", "Orpha_id"} - set(row)
                if missing:
                    raise BadInput(f"{path}, line {number}: lacks {', '.join(sorted(missing))} (RareArena's own field names)")
                text = str(row["case_report"])
                if task == "rdc" and row.get("test_results"):
                    text = f"{text}\n\n{row['test_results']}"
                year = str(row.get("pub_date") or "")[:4]
                yield Case(
                    id=str(row["_id"]),
                    benchmark=f"rarearena_{task}",
                    presentation=text,
                    answers=(f"ORPHA:{row['Orpha_id']}",),
                    group=str(row["_id"]).split("-")[0],  # several cases of one article
                    strata={"words": _length(text), **({"year": year} if year.isdigit() else {})},
                )

    return load


def _vignettes(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    text = resources.files("raredx_bench").joinpath("embedded/vignettes.jsonl").read_text(encoding="utf-8")
    found = hashlib.sha256(text.encode()).hexdigest()
    if options.get("digest") and not found.startswith(str(options["digest"])):
        raise BadInput(f"the vignettes are frozen at digest {options['digest']}, but the file's is {found[:16]}: reinstall raredx")
    for _, row in _json_lines(io.StringIO(text), "vignettes.jsonl"):
        yield Case(
            id=row["id"],
            benchmark="raredx_vignettes",
            presentation=row["presentation"],
            answers=tuple(row["answers"]),
            observed=tuple(row["observed"]),
            excluded=tuple(row["excluded"]),
            strata={"system": row["system"], "prevalence": row["prevalence"]},
        )


def _simulated(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    size, seed = int(options.get("sim_n", SIMULATED)), int(options.get("sim_seed", 1))
    for case in simulate(load_hpo(root), size, seed):
        yield Case(case.id, case.benchmark, case.presentation, case.answers, case.observed, case.excluded,
                   strata={"findings": _band(len(case.observed))})  # fmt: skip


def _band(findings: int) -> str:
    return "1-4" if findings < 5 else "5-9" if findings < 10 else "10 or more"


def _length(text: str) -> str:
    words = len(text.split())
    return "under 150" if words < 150 else "150-299" if words < 300 else "300 or more"


BENCHMARKS: Mapping[str, Benchmark] = {
    each.name: each
    for each in (
        *(Benchmark(f"rarebench_{subset.lower()}", "hpo", "rarebench", _rarebench(subset))
          for subset in ("RAMEDIS", "MME", "HMS", "LIRICAL")),
        Benchmark("rarebench_pumch_adm", "hpo", "pumch_adm", _pumch_adm),
        Benchmark("phenopacket_store", "hpo", "phenopacket_store", _phenopacket_store),
        Benchmark("rarearena_rds", "text", "rarearena_rds", _rarearena("rds"), asked=5),
        Benchmark("rarearena_rdc", "text", "rarearena_rdc", _rarearena("rdc"), asked=5),
        Benchmark("raredx_vignettes", "text", None, _vignettes),
        Benchmark("raredx_sim", "text", None, _simulated),
    )
}  # fmt: skip
