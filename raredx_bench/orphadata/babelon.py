"""Disease names of Babelon tables: TSV with named columns (https://w3id.org/babelon).

Mondo's Japanese table has the predicate rdfs:label alone and the statuses OFFICIAL, UNDER_REVIEW and NOT_TRANSLATED; one
published version lacks its header row, and its columns stand in the order of MONDO_COLUMNS.
"""

from __future__ import annotations

import re
from pathlib import Path

from raredx_bench.domain import BadInput
from raredx_bench.orphadata.files import opened
from raredx_bench.orphadata.names import Translations

MONDO_COLUMNS = ("source", "source_version", "source_language", "translation_language", "subject_id", "predicate_id",
                 "source_value", "translation_value", "translator", "translation_precision", "translation_status",
                 "translator_expertise")  # fmt: skip
_NEEDED = {"subject_id", "translation_value"}
_NAMES = {"rdfs:label", "oio:hasExactSynonym", "oboInOwl:hasExactSynonym", "oio:exactSynonym", "skos:prefLabel"}


def read_babelon(path: Path) -> Translations:
    """Disease names of a Babelon table whose subjects are Mondo ids; where rows have a status, the OFFICIAL ones alone.

    A header may stand on any line (sorted files) or be missing. Raises BadInput when a needed column is missing, the table
    holds no translated Mondo term, several languages, or is no UTF-8 text.
    """
    try:
        with opened(path) as handle:
            lines = handle.read().decode("utf-8-sig").splitlines()
    except (UnicodeDecodeError, EOFError, OSError) as error:
        raise BadInput(f"{path} is not readable as UTF-8 text ({error}): get it again, it may be damaged") from error
    rows = [[_unquoted(text) for text in line.split("\t")] for line in lines if line and not line.startswith("#")]
    header = next((row for row in rows if "subject_id" in row), None)
    columns = header or (list(MONDO_COLUMNS) if rows and len(rows[0]) == len(MONDO_COLUMNS) and ":" in rows[0][4] else [])
    missing = _NEEDED - set(columns)
    if missing:
        raise BadInput(f"{path} lacks the columns {', '.join(sorted(missing))}: is it a Babelon table (….babelon.tsv)?")
    return _translated(path, [dict(zip(columns, row, strict=False)) for row in rows if row != header])


def _unquoted(text: str) -> str:
    """A field without the quotes that some tables put around a comma."""
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text


def _translated(path: Path, rows: list[dict[str, str]]) -> Translations:
    names: dict[tuple[str, str], None] = {}
    languages: dict[str, None] = {}
    releases: dict[str, None] = {}
    for row in rows:
        value = " ".join(row.get("translation_value", "").split())
        named = row.get("predicate_id", "rdfs:label") in _NAMES
        official = row.get("translation_status", "OFFICIAL") == "OFFICIAL"
        if not (value and named and official and row["subject_id"].startswith("MONDO:")):
            continue
        names[row["subject_id"], value] = None
        languages[row.get("translation_language", "")] = None
        releases[row.get("source_version", "")] = None
    if not names:
        raise BadInput(f"{path} holds no translated Mondo term: get one of Mondo's tables (HPO's hold phenotypes)")
    if len(languages) > 1:
        raise BadInput(f"{path} mixes the languages {', '.join(sorted(languages))}: split it into one table a language")
    version = re.search(r"\d{4}-\d{2}-\d{2}", max(releases))
    return Translations(version.group() if version else path.name, next(iter(languages)), list(names))
