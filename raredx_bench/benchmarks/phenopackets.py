"""GA4GH phenopackets: the Phenopacket Store's release zip, and any packet of the user's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks.forms import duration, shown, years
from raredx_bench.benchmarks.rows import labels, opened_zip
from raredx_bench.domain import BadInput, Case
from raredx_bench.hpo import Hpo, load_hpo

_PMID = re.compile(r"PMID[_:]?(\d+)")
ANTENATAL, LATE = "HP:0030674", "HP:0003584"
# Below which age, in years, an onset is of which stage: HPO's definitions of the terms.
_STAGES = ((1 / 365.25, "HP:0003577"), (28 / 365.25, "HP:0003623"), (1.0, "HP:0003593"), (5.0, "HP:0011463"),
           (16.0, "HP:0003621"), (40.0, "HP:0011462"), (60.0, "HP:0003596"))  # fmt: skip


def load(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of a Phenopacket Store release: <release>/<cohort>/<packet>.json in all_phenopackets.zip."""
    path, hpo = sources.require("phenopacket_store", root), load_hpo(root)
    for name, packet in packets(root):
        cohort = name.rpartition("/")[0]
        yield phenopacket_case(packet, name, cohort, f"{path}:{name}", hpo, form=str(options.get("form") or "hpo"))


def packets(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Case id ("cohort/packet") and packet of all in the release, by name. Raises DataMissing, BadInput."""
    path = sources.require("phenopacket_store", root)
    with opened_zip(path) as archive:
        for name in sorted(each for each in archive.namelist() if each.endswith(".json")):
            *_, cohort, stem = ["", *name.removesuffix(".json").split("/")]
            yield f"{cohort}/{stem}", parsed(archive.read(name), f"{path}:{name}")


def onset_and_sex(packet: Mapping[str, Any], hpo: Hpo) -> tuple[str, str]:
    """HPO id of the stage in which the disease began, and "female" or "male"; each "" where it isn't stated."""
    sex = str((packet.get("subject") or {}).get("sex", "")).lower()
    begun = next((stage for disease in packet.get("diseases") or () if (stage := _stage(disease.get("onset") or {}, hpo))), "")
    return begun, sex if sex in ("male", "female") else ""


def stage_at(age: float) -> str:
    """HPO id of the stage of an onset at an age in years."""
    return next((stage for below, stage in _STAGES if age < below), LATE)


def _stage(onset: Mapping[str, Any], hpo: Hpo) -> str:
    age = years(onset.get("age", {}).get("iso8601duration", ""))
    if age is not None:
        return stage_at(age)
    return ANTENATAL if onset.get("gestationalAge") else hpo.current(str(onset.get("ontologyClass", {}).get("id", ""))) or ""


def parsed(text: str | bytes, where: str) -> dict[str, Any]:
    """The packet in a JSON text. Raises BadInput when it is no JSON object."""
    try:
        packet = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{where} is not JSON ({error}): expected a GA4GH phenopacket") from error
    if not isinstance(packet, dict):
        raise BadInput(f"{where}: expected a JSON object, a GA4GH phenopacket")
    return packet


def phenopacket_case(
    packet: Mapping[str, Any], case_id: str, cohort: str, where: str, hpo: Hpo, *, form: str = "hpo",
    benchmark: str = "phenopacket_store",
) -> Case:  # fmt: skip
    """A Case from a GA4GH phenopacket, as labels or as a written vignette. Raises BadInput when it has no diagnosis.

    Obsolete HPO ids are replaced by the current ones; ids newer than this HPO release keep the packet's label and are
    shown to a model, but not used by the phenotype ranker.
    """
    features = [each for each in packet.get("phenotypicFeatures", ()) if each.get("type", {}).get("id")]
    stated = {each["type"]["id"]: each["type"].get("label") for each in features}
    known = {code: label for code, label in stated.items() if label}
    observed = list(dict.fromkeys(each["type"]["id"] for each in features if not each.get("excluded")))
    excluded = list(dict.fromkeys(each["type"]["id"] for each in features if each.get("excluded")))
    sex = str(packet.get("subject", {}).get("sex", "")).lower()
    reference = _PMID.search(case_id) or _PMID.search(json.dumps(packet.get("metaData", {}).get("externalReferences", "")))
    return Case(
        id=case_id,
        benchmark=benchmark,
        presentation=shown(
            form, labels(hpo, observed, known, where), labels(hpo, excluded, known, where),
            sex=sex if sex in ("male", "female") else "", age=_age(packet), onset=_onset(packet, hpo),
        ),
        answers=tuple(dict.fromkeys(_diagnoses(packet, where))),
        observed=tuple(observed),
        excluded=tuple(excluded),
        group=f"PMID:{reference.group(1)}" if reference else cohort or case_id,
        strata={"excluded findings": "some" if excluded else "none"},
        cohort=cohort,
    )  # fmt: skip


def _diagnoses(packet: Mapping[str, Any], where: str) -> list[str]:
    found = [
        disease["id"]
        for interpretation in packet.get("interpretations", ())
        if (disease := interpretation.get("diagnosis", {}).get("disease", {})).get("id")
    ] or [each["term"]["id"] for each in packet.get("diseases", ()) if each.get("term", {}).get("id") and not each.get("excluded")]
    if not found:
        raise BadInput(f"{where} has no diagnosis: a case needs interpretations[].diagnosis.disease.id or diseases[].term.id")
    return found


def _age(packet: Mapping[str, Any]) -> str:
    """Age when the patient was last seen, in words; empty when it isn't stated as one."""
    seen = packet.get("subject", {}).get("timeAtLastEncounter", {})
    return duration(seen.get("age", {}).get("iso8601duration", ""))


def _onset(packet: Mapping[str, Any], hpo: Hpo) -> str:
    """When the disease began ("at the age of 2 years", "in the neonatal period"), without naming it; empty when it isn't stated."""
    for disease in packet.get("diseases", ()):
        onset = disease.get("onset", {})
        if age := duration(onset.get("age", {}).get("iso8601duration", "")):
            return f"at the age of {age}"
        if weeks := onset.get("gestationalAge", {}).get("weeks"):
            return f"before birth, in gestational week {weeks}"
        stage = onset.get("ontologyClass", {})
        if label := hpo.name(str(stage.get("id", ""))) or stage.get("label"):
            return f"with {label[:1].lower()}{label[1:]}"
    return ""
