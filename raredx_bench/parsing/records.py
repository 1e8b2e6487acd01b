"""JSON and tables in an answer: each reads raw names from it, or nothing when it does not fit."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from raredx_bench.parsing.confidences import Stated, figure_in, header_unit, line_figure
from raredx_bench.parsing.wording import DIAGNOSIS, OTHER, cleaned, is_name

_NAME_KEYS = ("diagnosis", "disease", "disease_name", "diagnosis_name", "name", "condition", "disorder", "label", "syndrome",
              "diagnostico", "diagnóstico", "diagnosi", "diagnose", "enfermedad", "maladie", "malattia", "answer")  # fmt: skip
_FIRST_KEY = re.compile(r"(?:final|most_?likely|primary|leading|top|main)?_?(?:diagnos[ie]s?|disease|candidate)?(?:_name)?", re.I)
_LIST_KEY = re.compile(r"diagn[oó]s|differential|diseases|disorders|conditions|candidates|rank|predict|list|result|answer", re.I)
_COLUMN = re.compile(rf"(?!\W*rank\W*$).*(?:{DIAGNOSIS.pattern}|name)", re.I)
_STRING = r'"((?:[^"\\\n]|\\.)*)"'


def from_json(text: str) -> list[str]:
    """Names from the first JSON value that holds any; from the strings that are there when it is cut off or broken."""
    broken, at = -1, 0
    for start in [match.start() for match in re.finditer(r"[\[{](?=\s*[\"'{\[])", text)][:30]:
        if start < at:
            continue
        try:
            value, at = json.JSONDecoder(strict=False).raw_decode(text, start)
        except (ValueError, RecursionError):
            broken = start if broken < 0 else broken
            continue
        if broken < 0 and cleaned(names := _json_names(value)):
            return names
    if broken < 0:
        return []
    rest = text[broken:]
    if keyed := re.findall(rf'"(?:{"|".join(_NAME_KEYS)})"\s*:\s*{_STRING}', rest, re.I):
        return keyed
    if listed := re.match(rf'(?:\{{\s*"[^"\n]*"\s*:\s*)?\[\s*{_STRING}(?:\s*,\s*{_STRING})*', rest):
        return re.findall(_STRING, listed[0][listed[0].index("[") :])
    try:
        return _json_names(ast.literal_eval(rest[: rest.rfind("]" if rest[0] == "[" else "}") + 1]))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return []


def _json_names(value: Any) -> list[str]:
    """Names in a parsed value: a name, a list of names or records, or an object that holds or is one."""
    if isinstance(value, list):
        if all(isinstance(each, dict) and isinstance(each.get("rank"), int | float) for each in value):
            value = sorted(value, key=lambda each: float(each["rank"]))
        return [name for each in value for name in _json_names(each)[:1]]
    if not isinstance(value, dict):
        return [value] if isinstance(value, str) else []
    keys = {str(key).lower(): inner for key, inner in value.items()}
    if all(re.fullmatch(r"(?:rank|diagnosis|dx|disease)?[ _#]*\d{1,2}", key) for key in keys):
        return _json_names(list(keys.values()))
    if all(isinstance(inner, int | float) for inner in keys.values()):
        return [str(key) for key in value if is_name(str(key))]
    return _with_figures(_record_names(keys), keys)


def _record_names(keys: Mapping[str, Any]) -> list[str]:
    """Names in an object: its own diagnosis, then those of the first list or object of diagnoses."""
    first = [inner for key, inner in keys.items() if _FIRST_KEY.fullmatch(key) and isinstance(inner, str)]
    for key, inner in keys.items():
        fits = key not in _NAME_KEYS if isinstance(inner, dict) else isinstance(inner, list) and _LIST_KEY.search(key)
        if fits and not OTHER.search(key) and (names := _json_names(inner)):
            return [_with_figures(first, keys)[0], *names] if len(first) == 1 else first + names
    return first or next((_json_names(keys[key])[:1] for key in _NAME_KEYS if isinstance(keys.get(key), str | dict)), [])


def _with_figures(names: list[str], keys: Mapping[str, Any]) -> list[str]:
    """An object's names with its confidence, when it has one name, or as many confidences as names."""
    for key, inner in keys.items():
        unit = header_unit(key)
        figures = [figure_in(each, unit) for each in (inner if isinstance(inner, list) else [inner])] if unit is not None else []
        if len(figures) == len(names):
            return [
                Stated(name, figure) if figure and not isinstance(name, Stated) else name
                for name, figure in zip(names, figures, strict=True)
            ]
    return names


def from_table(lines: list[str]) -> list[str]:
    """Cells of the column that is headed as diagnoses, else of the first one with words."""
    rows = [[cell.strip(" *_") for cell in line.strip().strip("|").split("|")] for line in lines if "|" in line]
    rule = next((number for number, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", cell) for cell in row)), 0)
    header, body = rows[max(rule - 1, 0)] if rows else [], rows[rule + 1 if rule else 0 :]
    headed = [number for number, cell in enumerate(header) if _COLUMN.match(cell)]
    if not body or not (headed or rule):
        return []
    column = headed[0] if headed else next((number for number, cell in enumerate(body[0]) if re.search(r"[^\W\d]{3}", cell)), 0)
    cells = [row for row in body if column < len(row)]
    found = ((number, unit) for number, cell in enumerate(header) if number != column and (unit := header_unit(cell)) is not None)
    beside, unit = next(found, (len(header), ""))
    figures = [figure_in(row[beside], unit) if beside < len(row) else next(filter(None, map(line_figure, row)), None)
               for row in cells]  # fmt: skip
    return [Stated(row[column], figure) if figure else row[column] for row, figure in zip(cells, figures, strict=True)]
