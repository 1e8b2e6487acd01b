"""Readers of disease names in other languages: Orphadata's nomenclature files and Babelon tables of Mondo's translations.

Orphadata's files are named for their language (es_product1.xml): JDBOR (date, version) > DisorderList > Disorder with
OrphaCode, Name, SynonymList > Synonym and ExternalReferenceList > ExternalReference (Source, Reference,
DisorderMappingRelation, DisorderMappingValidationStatus). An exact mapping has the relation 21527, "E (Exact mapping…)";
that the number holds in files of every language, and the letter E too, is unverified.

Babelon tables are TSV with named columns (https://w3id.org/babelon). Mondo's Japanese table has the predicate rdfs:label
alone and the statuses OFFICIAL, UNDER_REVIEW and NOT_TRANSLATED; one published version lacks its header row, and its
columns stand in the order of MONDO_COLUMNS.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from raredx_bench.domain import BadInput
from raredx_bench.terminologies import Equivalence, curie

MONDO_COLUMNS = ("source", "source_version", "source_language", "translation_language", "subject_id", "predicate_id",
                 "source_value", "translation_value", "translator", "translation_precision", "translation_status",
                 "translator_expertise")  # fmt: skip
EXACT_RELATION = "21527"  # id of "E (Exact mapping: the two concepts are equivalent)"
_NEEDED = {"subject_id", "translation_value"}
_NAMES = {"rdfs:label", "oio:hasExactSynonym", "oboInOwl:hasExactSynonym", "oio:exactSynonym", "skos:prefLabel"}
_POINTER = b"version https://git-lfs"


@dataclass
class Translations:
    """Disease names in one language. release and language are as the file states them; names: (id, name), in the file's order.

    equivalences: ids declared exactly equivalent, (OMIM or Mondo id, ORPHA id); only Orphadata's files state any.
    """

    release: str
    language: str
    names: list[tuple[str, str]] = field(default_factory=list)
    equivalences: list[Equivalence] = field(default_factory=list)


def read_product1(path: Path) -> Translations:
    """Names and exact mappings of Orphadata's nomenclature in one language; the file is streamed.

    The language is the file name's, else the first name's; names in another language (not translated yet) are left out.
    Raises BadInput when it is no XML, cut short, another of Orphadata's products, or holds no disorder.
    """
    code = re.match(r"([a-z]{2})_", path.name)
    found = Translations(path.name, code.group(1) if code else "")
    try:
        with _open(path) as handle:
            _check_start(path, handle)
            for disorder in _disorders(path, handle, found):
                _add_disorder(disorder, found)
    except (ElementTree.ParseError, ValueError, LookupError, EOFError, OSError) as error:
        raise BadInput(f"{path} is not readable as XML ({error}): get it again from orphadata.com, it may be cut short") from error
    if not found.names:
        raise BadInput(f"{path} holds no named disorder: get Orphadata's cross-referencing file (product 1) of this language again")
    return found


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _check_start(path: Path, handle: Any) -> None:
    if handle.read(len(_POINTER)) == _POINTER:
        raise BadInput(f"{path} is a Git LFS pointer, not the file: get it with `git lfs pull` or from orphadata.com")
    handle.seek(0)


def _disorders(path: Path, handle: Any, found: Translations) -> Iterator[ElementTree.Element]:
    """Each Disorder once it is read whole, emptied afterwards; the root's date and version become the release."""
    depth: list[str] = []
    for event, element in ElementTree.iterparse(handle, events=("start", "end")):
        if event == "start":
            if not depth:
                _check_root(path, element, found)
            depth.append(element.tag)
            continue
        depth.pop()
        if element.tag == "Disorder" and depth == ["JDBOR", "DisorderList"]:
            yield element
            element.clear()


def _check_root(path: Path, root: ElementTree.Element, found: Translations) -> None:
    if root.tag != "JDBOR":
        raise BadInput(f"{path} starts with <{root.tag}>, not <JDBOR>: is it Orphadata's cross-referencing file (product 1)?")
    found.release = " ".join(filter(None, (root.get("version", "").partition(" ")[0], root.get("date")))) or path.name


def _add_disorder(disorder: ElementTree.Element, found: Translations) -> None:
    code = (disorder.findtext("OrphaCode") or disorder.findtext("OrphaNumber") or "").strip()
    if not code.isdigit():
        return
    identifier = f"ORPHA:{code}"
    name = disorder.find("Name")
    found.language = found.language or (name.get("lang", "") if name is not None else "")
    texts: dict[str, None] = {}
    for element in (name, *disorder.findall("SynonymList/Synonym")):
        text = " ".join((element.text or "").split()) if element is not None else ""
        if text and element is not None and element.get("lang", found.language) == found.language:
            texts[text] = None
    found.names += [(identifier, text) for text in texts]
    for reference in disorder.findall("ExternalReferenceList/ExternalReference"):
        other = _other(reference)
        if other is not None and _is_exact(reference):
            found.equivalences.append((other, identifier))


def _other(reference: ElementTree.Element) -> str | None:
    """The OMIM or Mondo id of a reference; None for any other vocabulary."""
    source, number = ((reference.findtext(tag) or "").strip() for tag in ("Source", "Reference"))
    if source.upper() == "MONDO" and number:
        return f"MONDO:{number.removeprefix('MONDO:')}"
    return curie(f"{source}:{number}") if source.upper() == "OMIM" else None


def _is_exact(reference: ElementTree.Element) -> bool:
    relation = reference.find("DisorderMappingRelation")
    if relation is None:
        return False
    return relation.get("id") == EXACT_RELATION or re.match(r"\s*E\b", relation.findtext("Name") or "") is not None


def read_babelon(path: Path) -> Translations:
    """Disease names of a Babelon table whose subjects are Mondo ids; where rows have a status, the OFFICIAL ones alone.

    A header may stand on any line (sorted files) or be missing. Raises BadInput when a needed column is missing, the table
    holds no translated Mondo term, several languages, or is no UTF-8 text.
    """
    try:
        with _open(path) as handle:
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
