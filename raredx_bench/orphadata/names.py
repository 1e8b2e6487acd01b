"""Disease names and exact mappings in one language: Orphadata's product 1.

The files are named for their language (es_product1.xml): JDBOR (date, version) > DisorderList > Disorder with OrphaCode, Name,
SynonymList > Synonym and ExternalReferenceList > ExternalReference (Source, Reference, DisorderMappingRelation,
DisorderMappingValidationStatus). An exact mapping has the relation 21527, "E (Exact mapping…)"; that the number holds in files
of every language, and the letter E too, is unverified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from raredx_bench.domain import BadInput
from raredx_bench.orphadata.files import disorders, identifier
from raredx_bench.orphadata.files import text as text_of
from raredx_bench.terminologies import Equivalence, curie

EXACT_RELATION = "21527"  # id of "E (Exact mapping: the two concepts are equivalent)"


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
    stream = disorders(path, "cross-referencing file (product 1)")
    root = next(stream)
    release = " ".join(filter(None, (root.get("version", "").partition(" ")[0], root.get("date")))) or path.name
    found = Translations(release, code.group(1) if code else "")
    for disorder in stream:
        _add_disorder(disorder, found)
    if not found.names:
        raise BadInput(f"{path} holds no named disorder: get Orphadata's cross-referencing file (product 1) of this language again")
    return found


def _add_disorder(disorder: ElementTree.Element, found: Translations) -> None:
    orpha = identifier(disorder)
    if orpha is None:
        return
    name = disorder.find("Name")
    found.language = found.language or (name.get("lang", "") if name is not None else "")
    texts: dict[str, None] = {}
    for element in (name, *disorder.findall("SynonymList/Synonym")):
        text = " ".join((element.text or "").split()) if element is not None else ""
        if text and element is not None and element.get("lang", found.language) == found.language:
            texts[text] = None
    found.names += [(orpha, text) for text in texts]
    for reference in disorder.findall("ExternalReferenceList/ExternalReference"):
        other = _other(reference)
        if other is not None and _is_exact(reference):
            found.equivalences.append((other, orpha))


def _other(reference: ElementTree.Element) -> str | None:
    """The OMIM or Mondo id of a reference; None for any other vocabulary."""
    source, number = (text_of(reference, tag) for tag in ("Source", "Reference"))
    if source.upper() == "MONDO" and number:
        return f"MONDO:{number.removeprefix('MONDO:')}"
    return curie(f"{source}:{number}") if source.upper() == "OMIM" else None


def _is_exact(reference: ElementTree.Element) -> bool:
    relation = reference.find("DisorderMappingRelation")
    if relation is None:
        return False
    return relation.get("id") == EXACT_RELATION or re.match(r"\s*E\b", relation.findtext("Name") or "") is not None
