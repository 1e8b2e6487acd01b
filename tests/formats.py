"""Files in the exact format that each benchmark is published in, with made-up cases: what the real loaders read in tests."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.domain import Case
from raredx_bench.hpo import Hpo
from raredx_bench.simulation import simulate


def write_all(root: Path, hpo: Hpo, size: int = 25) -> None:
    """Every benchmark that has a source, under root, with size cases each, drawn from HPO's annotations."""
    cases = list(simulate(hpo, 3 * size, seed=9))
    orpha = [case for case in simulate(hpo, 12 * size, seed=10) if case.answers[0].startswith("ORPHA:")][:size]
    rarebench(root, dict.fromkeys(("RAMEDIS", "MME", "HMS", "LIRICAL", "PUMCH_ADM"), cases[:size]))
    _write(root / "phenobrain/PUMCH_L.json", json.dumps([[list(case.observed), list(case.answers)] for case in cases[:size]]))
    _lines(root / "mygene2/mygene2_5.7.22.txt", [_mygene2(n, case) for n, case in enumerate(cases[:size])])
    phenopackets(root, cases[:size], hpo)
    for task in ("RDS", "RDC"):
        rows = [_rarearena(n, case, task) for n, case in enumerate(orpha)]
        _lines(root / f"rarearena/{task}.json", rows)
        _lines(root / f"rarearena/{task}_benchmark.jsonl", rows[: size - 3])
    _lines(root / "rarebench_br/L4.jsonl", [_portuguese(n, case) for n, case in enumerate(orpha)])
    _lines(
        root / "custom/cases.jsonl",
        [{"id": case.id, "text": case.presentation, "answers": list(case.answers)} for case in cases[:size]],
    )
    _lines(root / "mimic/mimic_iv_rare.jsonl", [_mimic(n, case) for n, case in enumerate(orpha)])


def rarebench(root: Path, sets: Mapping[str, Iterable[Case]]) -> None:
    """The hub's data.zip."""
    path = root / "rarebench/data.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, cases in sets.items():
            department = "Neurology" if name == "PUMCH_ADM" else None
            rows = [
                {"Phenotype": list(case.observed), "RareDisease": list(case.answers), "Department": department} for case in cases
            ]
            archive.writestr(f"data/{name}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def phenopackets(root: Path, cases: Iterable[Case], hpo: Hpo) -> None:
    """A release of the Phenopacket Store: <release>/<cohort>/PMID_….json."""
    path = root / "phenopackets/all_phenopackets.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for number, case in enumerate(cases):
            features: list[dict[str, Any]] = [{"type": {"id": code, "label": hpo.name(code)}} for code in case.observed]
            features += [{"type": {"id": code, "label": hpo.name(code)}, "excluded": True} for code in case.excluded]
            packet = {
                "id": f"PMID_{number // 3}_P{number}",
                "subject": {"id": f"P{number}", "sex": "MALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P7Y"}}},
                "phenotypicFeatures": features,
                "interpretations": [
                    {"id": "i", "progressStatus": "SOLVED", "diagnosis": {"disease": {"id": case.answers[0], "label": "x"}}}
                ],
                "diseases": [{"term": {"id": case.answers[0], "label": "x"}, "onset": {"age": {"iso8601duration": "P3M"}}}],
                "metaData": {"created": "2024-05-01T00:00:00Z", "phenopacketSchemaVersion": "2.0"},
            }
            archive.writestr(f"0.1.26/GENE{number % 5}/PMID_{number // 3}_P{number}.json", json.dumps(packet))


def _rarearena(number: int, case: Case, task: str) -> dict[str, Any]:
    row = {"_id": f"{10_000_000 + number // 2}-{number % 2 + 1}", "case_report": case.presentation, "diagnosis": "x",
           "Orpha_name": "x", "Orpha_id": case.answers[0].removeprefix("ORPHA:"), "age": [[7.0, "year"]], "gender": "F",
           "pub_date": f"20{10 + number % 14}-03-01"}  # fmt: skip
    return {**row, "test_results": "Sequencing is pending."} if task == "RDC" else row


def _mygene2(number: int, case: Case) -> dict[str, Any]:
    prefix, _, code = case.answers[0].partition(":")
    return {"id": number, "positive_phenotypes": list(case.observed), "true_genes": ["ENSG00000000001"], "true_diseases": [],
            "omim": code if prefix == "OMIM" else None, "orpha_id": [code] if prefix == "ORPHA" else None}  # fmt: skip


def _portuguese(number: int, case: Case) -> dict[str, Any]:
    return {"case_id": f"RB-BR-L4-{number:04}", "free_text_pt": f"Paciente feminina, 7 anos. {case.presentation}",
            "ground_truth": {"primary_orphanet": case.answers[0], "primary_name_pt": "x"}}  # fmt: skip


def _mimic(number: int, case: Case) -> dict[str, Any]:
    return {"case_id": f"mimic-{number:012x}", "text": case.presentation, "answers": list(case.answers), "group": f"{number:012x}",
            "sex": "F", "age": 60, "codes": [], "strata": {"position": "principal"}, "source": {}}  # fmt: skip


def _lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    _write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
