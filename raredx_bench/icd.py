"""ICD codes -> Orphanet disorders: which codes mean one disorder and nothing else.

Where the mapping comes from
* Orphadata's cross-referencing file (product 1): ExternalReference with Source "ICD-10", DisorderMappingRelation (E exact,
  NTBT the disorder is narrower than the code, BTNT it is broader, ND undecided) and DisorderMappingICDRelation (specific
  code, index term, inclusion term, attributed by Orphanet). ICD-11 references are left out: no record set here is coded in it.
* ORDO's OWL, whose axioms carry the same marks as text.
* ORDO's OBO-graph JSON, which states ICD-10 cross references without any mark.
* A table of one's own (columns icd_version, icd_code, orpha, and relation when it isn't E), for ICD-9 and ICD-10 alike.
* CMS's general equivalence mapping (2018_I9gem.txt) from ICD-9-CM to ICD-10-CM.

Rules (CODE_RULES names their version)
1. With marks, a code means a disorder when exactly one disorder states it as E, neither as an inclusion term nor attributed.
   Entries that are only narrower than the code (subtypes, attributed neighbours) don't take that away.
2. Without marks, a code means a disorder when, groups of disorders aside, one entry states it, or one entry states it together with
   entries below it. Such a tie is unmarked: it may be coarser than the code says, so a title or a reader has to confirm it.
3. A group of disorders is no diagnosis: a code that only groups state means none. Neither does a code of a manifestation (M14.8*).
4. A code is looked up whole, then by ever shorter prefixes down to the three characters of its category, for ICD-10-CM divides
   WHO's codes further (Q87.410 is one of Q87.4). The longest prefix that any disorder states decides; when it doesn't mean one
   disorder, the code is ambiguous, and nothing shorter is tried.
5. On request, NTBT: a code that one disorder alone states, as narrower than the code and not attributed. Reported apart.
6. ICD-9 codes go through the table of one's own, or through the equivalence mapping where that states one identical target.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from raredx_bench.domain import BadInput

CODE_RULES = "icd-1"
CATEGORY = 3  # characters of an ICD-10 category; nothing shorter is a code
_CODE = re.compile(r"^([A-Z]\d[0-9A-Z])[.,]?([0-9A-Z]{0,4})\+?$")
_RELATION = re.compile(r"\s*(?:-\s*)?(E|NTBT|BTNT|ND|W)\b")
_OWL = "{http://www.w3.org/2002/07/owl#}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RDFS = "{http://www.w3.org/2000/01/rdf-schema#}"
_ORPHANET = re.compile(r"Orphanet_(\d+)$")


class Tie(StrEnum):
    """What a source says of a code and a disorder."""

    EXACT = "E"
    NARROWER = "NTBT"  # the disorder is narrower than the code
    BROADER = "BTNT"
    UNDECIDED = "ND"
    UNMARKED = "unmarked"


class Reading(StrEnum):
    """What became of a code."""

    WHOLE = "whole code"
    PREFIX = "WHO prefix"
    GIVEN = "own table"
    EQUIVALENT = "equivalence mapping"
    AMBIGUOUS = "ambiguous"
    UNMAPPED = "ICD-9 without a mapping"
    NOT_RARE = "no rare disease"


@dataclass(frozen=True, slots=True)
class Statement:
    """One source's line: an ICD-10 code (no dot), the disorder that states it, how, and whether that is its own code.

    own: False for inclusion terms and codes attributed by Orphanet. group: the entry is a group of disorders.
    """

    code: str
    orpha: str
    tie: Tie
    own: bool = True
    group: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a patient's code means. orpha and tie: None unless it means one disorder; stated: the code that decided."""

    reading: Reading
    stated: str = ""
    orpha: str | None = None
    tie: Tie | None = None


@dataclass(frozen=True)
class CodeTable:
    """Codes and the one disorder each of them means. release: of the source, for people; marked: the source says which are exact.

    single: code -> (disorder, tie). known: every code that any disorder states. given, equivalent: by (version, code).
    """

    release: str
    marked: bool
    single: Mapping[str, tuple[str, Tie]]
    known: frozenset[str]
    given: Mapping[tuple[int, str], tuple[str, Tie]] = field(default_factory=dict)
    equivalent: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, code: str, version: int) -> Meaning:
        """What a code of ICD-9 or ICD-10 means, by the rules above; dots and letter case don't matter."""
        bare = code.strip().upper().replace(".", "")
        if (version, bare) in self.given:
            orpha, tie = self.given[version, bare]
            return Meaning(Reading.GIVEN, bare, orpha, tie)
        if version != 10:
            target = self.equivalent.get(bare)
            found = self._looked_up(target) if target else Meaning(Reading.UNMAPPED, bare)
            return replace(found, reading=Reading.EQUIVALENT) if found.orpha else found
        return self._looked_up(bare)

    def _looked_up(self, code: str) -> Meaning:
        for length in range(len(code), CATEGORY - 1, -1):
            part = code[:length]
            if part in self.single:
                return Meaning(Reading.WHOLE if part == code else Reading.PREFIX, part, *self.single[part])
            if part in self.known:
                return Meaning(Reading.AMBIGUOUS, part)
        return Meaning(Reading.NOT_RARE)


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


def code_table(
    statements: Iterable[Statement], release: str, below: Mapping[str, set[str]] | None = None, *, narrower: bool = False
) -> CodeTable:
    """The codes that mean one disorder, by the rules above. below: disorder -> everything under it, for unmarked statements."""
    by_code: dict[str, list[Statement]] = {}
    for statement in statements:
        by_code.setdefault(statement.code, []).append(statement)
    marked = any(each.tie is not Tie.UNMARKED for stated in by_code.values() for each in stated)
    single = {}
    for code, stated in by_code.items():
        found = _exact(stated) if marked else _head(stated, below or {})
        tie = Tie.EXACT if marked else Tie.UNMARKED
        if found is None and narrower and marked:
            found, tie = _only_narrower(stated), Tie.NARROWER
        if found is not None:
            single[code] = (found, tie)
    return CodeTable(release, marked, single, frozenset(by_code))


def _exact(stated: list[Statement]) -> str | None:
    exact = {each.orpha for each in stated if each.tie is Tie.EXACT and each.own and not each.group}
    return next(iter(exact)) if len(exact) == 1 else None


def _only_narrower(stated: list[Statement]) -> str | None:
    alone = stated[0] if len({each.orpha for each in stated}) == 1 else None
    return alone.orpha if alone and alone.tie is Tie.NARROWER and alone.own and not alone.group else None


def _head(stated: list[Statement], below: Mapping[str, set[str]]) -> str | None:
    """The one entry, groups aside, that has all the others below it."""
    entries = {each.orpha for each in stated if not each.group}
    heads = [each for each in entries if entries - {each} <= below.get(each, set())]
    return heads[0] if len(heads) == 1 else None


def bare_code(text: str) -> str | None:
    """An ICD-10 code without its dot and dagger ("E10.5+" -> "E105"); None for a manifestation's (M14.8*), a range or no code."""
    match = _CODE.match(text.strip().upper())
    return "".join(match.groups()) if match else None


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


# --- tables of one's own ----------------------------------------------------------------------------------------------


def read_given(path: Path) -> dict[tuple[int, str], tuple[str, Tie]]:
    """(ICD version, code) -> (disorder, tie) of a TSV or CSV table with the columns icd_version, icd_code, orpha and,
    optionally, relation.

    Raises BadInput for a missing column, a row that isn't such a mapping, or a code that is given twice with different disorders.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="," if path.suffix == ".csv" else "\t")
        missing = {"icd_version", "icd_code", "orpha"} - set(rows.fieldnames or ())
        if missing:
            raise BadInput(f"{path} lacks the columns {', '.join(sorted(missing))}: it needs icd_version, icd_code and orpha")
        found: dict[tuple[int, str], tuple[str, Tie]] = {}
        for number, row in enumerate(rows, 2):
            key, meant = _given_row(path, number, row)
            if found.setdefault(key, meant) != meant:
                raise BadInput(f"{path}, line {number}: {row['icd_code']} is given twice with different disorders: keep one")
    return found


def _given_row(path: Path, number: int, row: Mapping[str, str]) -> tuple[tuple[int, str], tuple[str, Tie]]:
    orpha = (row["orpha"] or "").strip().upper().removeprefix("ORPHA:")
    version, code = (row["icd_version"] or "").strip(), (row["icd_code"] or "").strip().upper().replace(".", "")
    relation = (row.get("relation") or "E").strip().upper()
    if version not in ("9", "10") or not code or not orpha.isdigit() or relation not in ("E", "NTBT"):
        raise BadInput(f"{path}, line {number}: expected icd_version 9 or 10, a code, an ORPHA number, and E or NTBT as relation")
    return (int(version), code), (f"ORPHA:{orpha}", Tie(relation))


def read_equivalents(path: Path) -> dict[str, str]:
    """ICD-9-CM -> ICD-10-CM codes of CMS's mapping (source, target, five flags), where it states one target and calls it identical.

    Flags, in order: approximate, no map, combination, scenario, choice. Raises BadInput for a line of another shape.
    """
    targets: dict[str, list[tuple[str, str]]] = {}
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 3 or not re.fullmatch(r"[01]{3}\d\d", parts[2]):
            raise BadInput(f"{path}, line {number}: expected an ICD-9 code, an ICD-10 code and five flags, as in 2018_I9gem.txt")
        targets.setdefault(parts[0], []).append((parts[1], parts[2]))
    return {code: stated[0][0] for code, stated in targets.items() if len(stated) == 1 and stated[0][1][:3] == "000"}
