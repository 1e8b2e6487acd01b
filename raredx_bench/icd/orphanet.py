"""ICD-10 codes as Orphanet states them: Orphadata's product 1, ORDO's OWL, ORDO's OBO-graph JSON."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from raredx_bench.domain import BadInput
from raredx_bench.icd.codes import CodeTable, Statement, Tie, bare_code, code_table

_RELATION = re.compile(r"\s*(?:-\s*)?(E|NTBT|BTNT|ND|W)\b")
_OWL = "{http://www.w3.org/2002/07/owl#}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RDFS = "{http://www.w3.org/2000/01/rdf-schema#}"
_ORPHANET = re.compile(r"Orphanet_(\d+)$")


def read_codes(path: Path, *, narrower: bool = False) -> CodeTable:
    """The codes of Orphadata's product 1 (XML) or of ORDO (OWL, OBO-graph JSON), plain or gzipped.

    narrower: rule 5 too. Raises BadInput when the file can't be read or states no ICD-10 code.
    """
    below: dict[str, set[str]] = {}
    try:
        if ".json" in path.name:
            release, statements, below = _obograph(path)
        else:
            release, statements = (_owl if ".owl" in path.name else _product1)(path)
    except (ElementTree.ParseError, ValueError, LookupError, EOFError, OSError) as error:
        raise BadInput(f"{path} can't be read ({error}): get it again from orphadata.com, it may be cut short") from error
    if not statements:
        raise BadInput(f"{path} states no ICD-10 code: use Orphadata's en_product1.xml or ORDO")
    return code_table(statements, release, below, narrower=narrower)


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


# --- product 1 --------------------------------------------------------------------------------------------------------


def _product1(path: Path) -> tuple[str, list[Statement]]:
    release = path.name
    statements: list[Statement] = []
    with _open(path) as handle:
        depth = 0
        for event, element in ElementTree.iterparse(handle, events=("start", "end")):
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                if element.tag != "JDBOR":
                    raise ValueError(f"it starts with <{element.tag}>, not <JDBOR>")
                release = f"Orphadata product 1 {element.get('version', '').partition(' ')[0]}".strip()
            if event == "end" and element.tag == "Disorder" and depth == 2:
                statements += _stated_by(element)
                element.clear()
    return release, statements


def _stated_by(disorder: ElementTree.Element) -> Iterator[Statement]:
    number = (disorder.findtext("OrphaCode") or disorder.findtext("OrphaNumber") or "").strip()
    kind = f"{disorder.findtext('DisorderGroup/Name') or ''} {disorder.findtext('DisorderType/Name') or ''}".lower()
    for reference in disorder.findall("ExternalReferenceList/ExternalReference"):
        code = bare_code(reference.findtext("Reference") or "")
        if number.isdigit() and code and (reference.findtext("Source") or "").strip().upper() in ("ICD-10", "ICD10"):
            own = _is_own(reference.findtext("DisorderMappingICDRelation/Name") or "")
            tie = _tie(reference.findtext("DisorderMappingRelation/Name") or "")
            yield Statement(code, f"ORPHA:{number}", tie, own, "group" in kind or "category" in kind)


def _tie(text: str) -> Tie:
    match = _RELATION.match(text)
    return Tie.UNDECIDED if match is None or match.group(1) == "W" else Tie(match.group(1))


def _is_own(text: str) -> bool:
    """False for an inclusion term and for a code attributed by Orphanet."""
    return re.search(r"\binclusion term|\battributed", text, re.IGNORECASE) is None


# --- ORDO -------------------------------------------------------------------------------------------------------------


def _owl(path: Path) -> tuple[str, list[Statement]]:
    """Axioms on cross references, whose notes hold both marks: "- NTBT (…).\\n- Attributed (…)."."""
    statements: list[Statement] = []
    groups: set[str] = set()
    release = path.name
    with _open(path) as handle:
        for _, element in ElementTree.iterparse(handle):
            if element.tag == f"{_OWL}versionInfo":
                release = f"ORDO {(element.text or '').strip()}"
            elif element.tag == f"{_OWL}Class":
                groups |= _groups(element)
            elif element.tag == f"{_OWL}Axiom":
                statements += _stated_in(element)
            else:
                continue
            element.clear()
    return release, [replace(each, group=each.orpha in groups) for each in statements]


def _groups(element: ElementTree.Element) -> set[str]:
    """The id of a class that lies below ORDO's typology class of groups (Orphanet_557492)."""
    above = [each.get(f"{_RDF}resource", "") for each in element.findall(f"{_RDFS}subClassOf")]
    own = _orpha(element.get(f"{_RDF}about", ""))
    return {own} if own and any(each.endswith("Orphanet_557492") for each in above) else set()


def _stated_in(axiom: ElementTree.Element) -> Iterator[Statement]:
    source, target = axiom.find(f"{_OWL}annotatedSource"), axiom.find(f"{_OWL}annotatedTarget")
    prefix, _, local = (target.text or "" if target is not None else "").partition(":")
    orpha = _orpha(source.get(f"{_RDF}resource", "")) if source is not None else None
    code = bare_code(local) if prefix.upper() in ("ICD-10", "ICD10") else None
    if orpha and code:
        text = "\n".join(child.text or "" for child in axiom if child is not target)
        tie = next((_tie(line) for line in text.splitlines() if _RELATION.match(line)), Tie.UNDECIDED)
        yield Statement(code, orpha, tie, _is_own(text))


def _obograph(path: Path) -> tuple[str, list[Statement], dict[str, set[str]]]:
    with _open(path) as handle:
        graph = json.loads(handle.read().decode("utf-8"), strict=False)["graphs"][0]
    statements = []
    for node in graph["nodes"]:
        orpha, meta = _orpha(node["id"]), node.get("meta", {})
        if orpha and not meta.get("deprecated"):
            group = any("group" in subset for subset in meta.get("subsets", ()))
            for xref in meta.get("xrefs", ()):
                prefix, _, local = xref["val"].partition(":")
                code = bare_code(local) if prefix.upper() in ("ICD10", "ICD-10") else None
                if code:
                    statements.append(Statement(code, orpha, Tie.UNMARKED, True, group))
    pairs = ((_orpha(edge["sub"]), _orpha(edge["obj"])) for edge in graph["edges"] if edge["pred"] == "is_a")
    notes = graph.get("meta", {}).get("basicPropertyValues", ())
    release = next((note["val"] for note in notes if note["pred"].endswith("versionInfo")), path.name)
    return f"ORDO {release}", statements, _below((lower, upper) for lower, upper in pairs if lower and upper)


def _below(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Everything under each entry, at any depth."""
    children: dict[str, list[str]] = {}
    for lower, upper in pairs:
        children.setdefault(upper, []).append(lower)
    found: dict[str, set[str]] = {}
    for start in children:
        stack, seen = [start], set[str]()
        while stack:
            for child in children.get(stack.pop(), ()):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)
        found[start] = seen
    return found


def _orpha(iri: str) -> str | None:
    match = _ORPHANET.search(iri)
    return f"ORPHA:{match.group(1)}" if match else None
