"""The user's own cases: JSON lines (schemas/case.schema.json), or a folder (or zip) of GA4GH phenopackets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks.forms import as_labels, duration, shown
from raredx_bench.benchmarks.phenopackets import parsed, phenopacket_case
from raredx_bench.benchmarks.rows import json_lines, labels, opened_zip
from raredx_bench.domain import BadInput, Case, DataMissing
from raredx_bench.findings import FindingReader
from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.validation import validator


def load(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of the file or folder named by options["cases"], else of the data directory's custom/."""
    path, hpo = located(root, options), load_hpo(root)
    form = str(options.get("form") or form_of(root, options))
    if path.suffix != ".jsonl":
        for name, cohort, text in _packets(path):
            where = f"{path}:{name}" if path.is_file() else str(path / name)
            yield phenopacket_case(
                parsed(text, where), name.removesuffix(".json"), cohort, where, hpo, form=form, benchmark="custom"
            )
        return
    reader = FindingReader(hpo)
    with path.open(encoding="utf-8-sig") as handle:
        for number, row in json_lines(handle, str(path)):
            case = _case(row, f"{path}, line {number}", form, hpo)
            yield as_labels(case, reader) if form == "hpo" and not (case.observed or case.excluded) else case


def form_of(root: Path, options: Mapping[str, Any]) -> str:
    """The form of the source: "text" for JSON lines whose first case has a text, "hpo" for the rest."""
    path = located(root, options)
    if path.suffix != ".jsonl":
        return "hpo"
    with path.open(encoding="utf-8-sig") as handle:
        _, row = next(json_lines(handle, str(path)), (0, {}))
    return "text" if row.get("text") else "hpo"


def located(root: Path, options: Mapping[str, Any]) -> Path:
    """Where the cases are. Raises DataMissing, with what is expected, when there are none."""
    named = options.get("cases")
    choices = [Path(str(named)).expanduser()] if named else [root / "custom/cases.jsonl", root / "custom"]
    for path in choices:
        if path.is_dir() and not any(path.rglob("*.json")) and (path / "cases.jsonl").is_file():
            path = path / "cases.jsonl"
        if path.is_file() or (path.is_dir() and any(path.rglob("*.json"))):
            if path.is_file() and path.suffix not in (".jsonl", ".zip"):
                raise BadInput(f"{path}: cases come as JSON lines (.jsonl), a folder of GA4GH phenopackets, or a .zip of one")
            return path
    raise DataMissing(
        f"your own cases are not there: write them as JSON lines to {choices[0]}, or name a .jsonl file, or a folder or .zip of "
        f"GA4GH phenopackets, with --cases PATH (docs/benchmarks/custom.md has the schema)"
    )


def _packets(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """(name under the folder or zip, folder it lies in, content) of every packet, by name."""
    if path.is_dir():
        for each in sorted(path.rglob("*.json")):
            name = each.relative_to(path)
            yield name.as_posix(), name.parent.as_posix().removeprefix("."), each.read_bytes()
    else:
        with opened_zip(path) as archive:
            for member in sorted(each for each in archive.namelist() if each.endswith(".json")):
                yield member, member.rpartition("/")[0].rpartition("/")[2], archive.read(member)


def _case(row: Mapping[str, Any], place: str, form: str, hpo: Hpo) -> Case:
    fault = next(iter(sorted(validator("case").iter_errors(row), key=lambda each: list(map(str, each.absolute_path)))), None)
    if fault is not None:
        spot = ".".join(map(str, fault.absolute_path))
        raise BadInput(f"{place}{f', {spot}' if spot else ''}: {fault.message} (docs/benchmarks/custom.md has the schema)")
    observed, excluded = row.get("observed", []), row.get("excluded", [])
    text = row.get("text")
    if text is None or (form == "hpo" and (observed or excluded)):
        known = labels(hpo, observed, {}, place), labels(hpo, excluded, {}, place)
        text = shown(form, *known, sex=row.get("sex", ""), age=duration(row.get("age", "")))
    return Case(
        id=row["id"], benchmark="custom", presentation=text, answers=tuple(dict.fromkeys(row["answers"])),
        observed=tuple(dict.fromkeys(observed)), excluded=tuple(dict.fromkeys(excluded)), group=row.get("group", ""),
        cohort=row.get("cohort", ""), published=row.get("published", ""),
    )  # fmt: skip
