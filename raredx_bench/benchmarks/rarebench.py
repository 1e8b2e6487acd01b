"""RareBench task 4 and its kin: rows of HPO codes with a set of disease codes.

A row has no id of its own, so its id is a digest of what it holds: it stays the same whichever part of the file is at hand and
in whatever order. Rows that hold the same are one group (and get a number behind the digest).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks.forms import shown
from raredx_bench.benchmarks.rows import json_lines, labels, opened_zip
from raredx_bench.domain import BadInput, Case
from raredx_bench.hpo import Hpo, load_hpo

Row = tuple[str, list[str], list[str], str]  # place, HPO codes, disease codes, department


def zipped(subset: str, root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of data/<subset>.jsonl in the hub's data.zip."""
    path = sources.require("rarebench", root)
    member = f"data/{subset}.jsonl"
    with opened_zip(path) as archive:
        if member not in archive.namelist():
            raise BadInput(f"{path} holds no {member}: get the zip of RareBench task 4 again")
        with io.TextIOWrapper(archive.open(member), encoding="utf-8") as handle:
            yield from _cases(subset, _objects(json_lines(handle, f"{path}:{member}"), f"{path}:{member}"), load_hpo(root), options)


def pumch_adm(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of PUMCH_ADM: of a file of its own, else of the hub's data.zip where it holds them."""
    path = pumch_adm_file(root, options)
    if path.suffix == ".zip":
        yield from zipped("PUMCH_ADM", root, options)
    else:
        yield from _standalone("PUMCH_ADM", path, load_hpo(root), options)


def pumch_adm_file(root: Path, options: Mapping[str, Any]) -> Path:
    """Where PUMCH_ADM is: the hub's loading script names it in data.zip, but not every data.zip has it. Raises DataMissing."""
    alone, packed = sources.find("pumch_adm", root), sources.find("rarebench", root)
    if alone is None and packed is not None:
        with opened_zip(packed) as archive:
            if "data/PUMCH_ADM.jsonl" in archive.namelist():
                return packed
    return sources.require("pumch_adm", root)


def pumch_l(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of PUMCH-L, PhenoBrain's learning set."""
    yield from _standalone("PUMCH_L", sources.require("pumch_l", root), load_hpo(root), options)


def mygene2(root: Path, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of MyGene2 as SHEPHERD published them: JSON lines with positive_phenotypes, orpha_id, omim, true_diseases.

    A row without a known diagnosis is left out, as in every published use of the set.
    """
    path, hpo = sources.require("mygene2", root), load_hpo(root)
    with path.open(encoding="utf-8") as handle:
        for number, row in json_lines(handle, str(path)):
            place = f"{path}, line {number}"
            if not isinstance(row.get("positive_phenotypes"), list) or "id" not in row:
                raise BadInput(f"{place}: expected the keys id and positive_phenotypes (SHEPHERD's format)")
            codes = [str(code) for code in row["positive_phenotypes"] if str(code).startswith("HP:")]
            answers = _mygene2_answers(row)
            if codes and answers:
                yield _case("mygene2", f"mygene2-{row['id']}", f"mygene2-{row['id']}", codes, answers, "", place, hpo, options)


def _mygene2_answers(row: Mapping[str, Any]) -> list[str]:
    def spelled(key: str, prefix: str) -> list[str]:
        value = row.get(key)
        found = value if isinstance(value, list) else [value]
        return [f"{prefix}:{str(each).rpartition(':')[2]}" for each in found if each not in (None, "")]

    mondo = [each for each in row.get("true_diseases") or () if str(each).startswith("MONDO:")]
    return list(dict.fromkeys([*spelled("orpha_id", "ORPHA"), *spelled("omim", "OMIM"), *mondo]))


def _standalone(subset: str, path: Path, hpo: Hpo, options: Mapping[str, Any]) -> Iterator[Case]:
    """Cases of a file: JSON lines or a list of objects in RareBench's keys, or a list of [HPO codes, disease codes]."""
    text = path.read_text(encoding="utf-8-sig")
    if not text.lstrip().startswith("["):
        yield from _cases(subset, _objects(json_lines(text.splitlines(), str(path)), str(path)), hpo, options)
        return
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{path} is not JSON ({error}): get the file again, it may be cut") from error
    yield from _cases(subset, _listed(rows, path), hpo, options)


def _objects(rows: Iterable[tuple[int, dict[str, Any]]], where: str) -> Iterator[Row]:
    for number, row in rows:
        place = f"{where}, line {number}"
        if "Phenotype" not in row or "RareDisease" not in row:
            raise BadInput(f"{place}: expected the keys Phenotype and RareDisease")
        yield place, [*map(str, row["Phenotype"])], [*map(str, row["RareDisease"])], str(row.get("Department") or "")


def _listed(rows: list[Any], path: Path) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        place = f"{path}, row {number}"
        if isinstance(row, dict):
            yield from _objects([(number, row)], str(path))
        elif isinstance(row, list) and len(row) >= 2 and all(isinstance(part, list) for part in row[:2]):
            yield place, [*map(str, row[0])], [*map(str, row[1])], ""
        else:
            raise BadInput(f"{place}: expected an object with Phenotype and RareDisease, or a pair of lists of codes")


def _cases(subset: str, rows: Iterable[Row], hpo: Hpo, options: Mapping[str, Any]) -> Iterator[Case]:
    met: Counter[str] = Counter()
    for place, codes, answers, department in rows:
        key = hashlib.sha256(json.dumps([sorted(codes), sorted(answers)]).encode()).hexdigest()[:10]
        met[key] += 1
        group = f"{subset}-{key}"
        name = group if met[key] == 1 else f"{group}.{met[key]}"
        yield _case(f"rarebench_{subset.lower()}" if subset != "PUMCH_L" else "pumch_l", name, group, codes, answers, department,
                    place, hpo, options)  # fmt: skip


def _case(
    benchmark: str, name: str, group: str, codes: list[str], answers: list[str], department: str, place: str, hpo: Hpo,
    options: Mapping[str, Any],
) -> Case:  # fmt: skip
    return Case(
        id=name,
        benchmark=benchmark,
        presentation=shown(str(options.get("form") or "hpo"), labels(hpo, codes, {}, place), []),
        answers=tuple(answers),
        observed=tuple(codes),
        group=group,
        strata={"department": department} if department else {},
    )
