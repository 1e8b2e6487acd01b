"""Readers of published terminologies: Mondo (OBO), ORDO (OWL or OBO-graph JSON), SSSOM tables, mimTitles.txt."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from raredx_bench.domain import BadInput

Equivalence = tuple[str, str]  # (other id, id it stands for)

_PREFIXES = {"ORPHANET": "ORPHA", "ORPHA": "ORPHA", "OMIM": "OMIM", "MIM": "OMIM", "OMIMPS": "OMIMPS"}
_SAME = {"MONDO:equivalentTo", "MONDO:equivalentObsolete", "MONDO:obsoleteEquivalent"}
_RANKED_SCOPES = ("EXACT", "NARROW", "BROAD", "RELATED")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_ORPHANET_IRI = re.compile(r"^(?:http://www\.orpha\.net/ORDO/|ORDO:)?Orphanet_(\d+)$")


@dataclass
class Entry:
    """A disease as one source states it, before merging. synonyms: name -> scope; titles: names that sources head it with.

    kind: "group", "disorder" or "subtype" where the source says so, as ORDO does; empty where it doesn't.
    definition: in the source's words, empty where it has none; definitions.py gives them, they are not merged.
    """

    id: str
    name: str
    synonyms: dict[str, str] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    kind: str = ""
    definition: str = ""

    def absorb(self, other: Entry) -> None:
        """Take over the names and parents of an equivalent entry; the closer scope of a shared name wins."""
        self.titles += [title for title in (other.name, *other.titles) if title not in (self.name, *self.titles)]
        for name, scope in {other.name: "EXACT", **other.synonyms}.items():
            if name != self.name:
                known = self.synonyms.get(name, scope)
                self.synonyms[name] = min(known, scope, key=_RANKED_SCOPES.index)
        self.parents += [parent for parent in other.parents if parent not in self.parents]


@dataclass
class Terminology:
    """What one file holds. references: id -> the OMIM numbers that its entry names, whatever the relation."""

    release: str
    entries: list[Entry]
    equivalences: list[Equivalence]
    below: list[Equivalence] = field(default_factory=list)  # (lower id, upper id)
    references: dict[str, list[str]] = field(default_factory=dict)


def curie(text: str) -> str | None:
    """An OMIM, OMIMPS or ORPHA id in this project's spelling; None for any other vocabulary."""
    prefix, _, local = text.partition(":")
    known = _PREFIXES.get(prefix.upper())
    return f"{known}:{local.removeprefix('PS')}" if known and local else None


def read_mondo(path: Path) -> Terminology:
    """Mondo from OBO, plain or gzipped. Raises BadInput when it can't be parsed or holds no Mondo term."""
    with _reading(path, "Mondo"):
        return _mondo(path)


def _mondo(path: Path) -> Terminology:
    graph = _pronto(path)
    entries, equivalences = [], []
    former: list[tuple[str, str]] = []
    for term in sorted(graph.terms(), key=lambda each: each.id):
        if not term.id.startswith("MONDO:"):
            continue
        if term.obsolete or (term.name or "").startswith("obsolete "):
            if len(term.replaced_by) == 1:
                successor = next(iter(term.replaced_by)).id
                equivalences.append((term.id, successor))
                former.append((successor, (term.name or "").removeprefix("obsolete ")))
            continue
        entries.append(_entry(term, term.id, (p.id for p in term.superclasses(distance=1, with_self=False))))
        equivalences += [(alternative, term.id) for alternative in term.alternate_ids]
    if not entries:
        raise BadInput(f"{path} holds no MONDO term: get mondo.obo again, this one is empty or another ontology")
    by_id = {entry.id: entry for entry in entries}
    for successor, name in former:
        if name and successor in by_id:  # a renamed entry keeps its old name
            by_id[successor].synonyms.setdefault(name, "EXACT")
    equivalences += _declared_equivalent(path)
    return Terminology(str(graph.metadata.data_version or path.name), entries, equivalences)


def _declared_equivalent(path: Path) -> list[Equivalence]:
    """Cross references that carry an equivalence mark; pronto drops the marks, fastobo keeps them."""
    import fastobo

    found = []
    with _open(path) as handle:
        for frame in fastobo.iter(handle):
            for clause in frame:
                if isinstance(clause, fastobo.term.XrefClause) and clause.qualifiers is not None:
                    other = curie(str(clause.xref.id))
                    if other and any(str(mark.value) in _SAME for mark in clause.qualifiers):
                        found.append((other, str(frame.id)))
    return found


def read_sssom(path: Path) -> list[Equivalence]:
    """skos:exactMatch rows of an SSSOM table. Raises BadInput when a needed column is missing."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader((line for line in handle if not line.startswith("#")), delimiter="\t",
                                quoting=csv.QUOTE_NONE)  # fmt: skip
        missing = {"subject_id", "predicate_id", "object_id"} - set(reader.fieldnames or ())
        if missing:
            raise BadInput(f"{path} lacks the columns {', '.join(sorted(missing))}: is it an SSSOM table?")
        rows = [row for row in reader if row["predicate_id"] == "skos:exactMatch"]
    return [(other, row["subject_id"]) for row in rows if (other := curie(row["object_id"] or ""))]


def read_ordo(path: Path) -> Terminology:
    """ORDO from OWL or OBO-graph JSON. Raises BadInput when it can't be parsed or holds no Orphanet disorder."""
    with _reading(path, "ORDO"):
        return _ordo(path)


def _ordo(path: Path) -> Terminology:
    graph = _pronto(path)
    entries, mapped = [], {}
    for term in sorted(graph.terms(), key=lambda each: each.id):
        identifier = _orpha(term.id)
        if identifier is None or term.obsolete or not _is_disorder(term):
            continue
        above = [p for p in (*term.superclasses(distance=1, with_self=False), *_wholes(term)) if _is_disorder(p)]
        entry = _entry(term, identifier, (parent for p in above if (parent := _orpha(p.id))))
        entry.synonyms |= dict.fromkeys(_alternative_terms(term) - {entry.name}, "EXACT")
        entry.kind = _kind(term)
        entries.append(entry)
        mapped[identifier] = sorted(other for xref in term.xrefs if (other := curie(str(xref.id))) and "OMIM:" in other)
    if not entries:
        raise BadInput(f"{path} holds no Orphanet disorder: get ORDO again, this one is empty or another ontology")
    times: dict[str, int] = {}
    for numbers in mapped.values():
        for number in numbers:
            times[number] = times.get(number, 0) + 1
    marked = _ordo_marks(path)
    equivalences = marked if marked is not None else [
        (numbers[0], identifier) for identifier, numbers in mapped.items()
        if len(numbers) == 1 and times[numbers[0]] == 1
    ]  # fmt: skip
    below = [(number, identifier) for identifier, numbers in mapped.items() if len(numbers) > 1 for number in numbers]
    return Terminology(_ordo_release(graph), entries, equivalences, below if marked is None else [], mapped)


def _ordo_marks(path: Path) -> list[Equivalence] | None:
    """Exact mappings as ORDO's OWL marks them ("E (Exact mapping…)"); None for a format that has no marks."""
    if ".owl" not in path.name:
        return None
    owl, rdf = "{http://www.w3.org/2002/07/owl#}", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
    found: list[Equivalence] = []
    marks = 0
    with _open(path) as handle:
        for _, axiom in ElementTree.iterparse(handle):
            if axiom.tag != f"{owl}Axiom":
                continue
            source, target = axiom.find(f"{owl}annotatedSource"), axiom.find(f"{owl}annotatedTarget")
            texts = [str(child.text or "") for child in axiom if child.tag not in (f"{owl}annotatedTarget",)]
            identifier = _orpha(source.get(f"{rdf}resource", "")) if source is not None else None
            other = curie(str(target.text or "")) if target is not None else None
            prop = axiom.find(f"{owl}annotatedProperty")
            if identifier and other and prop is not None and prop.get(f"{rdf}resource", "").endswith("hasDbXref"):
                marks += 1
                if any(re.match(r"\s*(?:-\s*)?E\b", text) for text in texts):
                    found.append((other, identifier))
            axiom.clear()
    return found if marks else None


def _is_disorder(term: Any) -> bool:
    """True for disorders, groups and subtypes; False for ORDO's own classes (genes, inheritance, the typology)."""
    if any("ordo" in str(subset) for subset in term.subsets):
        return True
    return any(str(getattr(note, "literal", "")).startswith("ORPHA:") for note in term.annotations)


def _kind(term: Any) -> str:
    """Group, disorder or subtype, by ORDO's typology: subsets in OBO-graph JSON, classes above in OWL."""
    classes = (above.name or "" for above in term.superclasses(distance=1, with_self=False) if not _is_disorder(above))
    typology = " ".join((*map(str, term.subsets), *classes)).lower()
    return next((kind for kind in ("subtype", "group") if kind in typology), "disorder" if typology else "")


def _wholes(term: Any) -> list[Any]:
    """What ORDO's OWL states a disorder to be part of (its classification since version 3)."""
    return [whole for relation, wholes in term.relationships.items()
            if relation.id.endswith("BFO_0000050") or relation.name == "part_of" for whole in wholes]  # fmt: skip


def _alternative_terms(term: Any) -> set[str]:
    """Synonyms as ORDO's OWL states them; pronto keeps them among the annotations."""
    notes = (note for note in term.annotations if "alternative" in str(note.property))
    return {str(note.literal) for note in notes if getattr(note, "literal", None)}


def _orpha(text: str) -> str | None:
    match = _ORPHANET_IRI.match(text)
    return f"ORPHA:{match.group(1)}" if match else None


def _ordo_release(graph: Any) -> str:
    notes = (note for note in graph.metadata.annotations if "versionInfo" in str(note.property))
    stated = [str(getattr(note, "literal", None) or getattr(note, "resource", "")) for note in notes]
    return str(graph.metadata.data_version or next(iter(stated), "of unknown version"))


def read_mim_titles(path: Path) -> list[Entry]:
    """Phenotype entries of OMIM's mimTitles.txt; genes and moved entries are left out.

    Raises BadInput for a row without its three first columns.
    """
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) < 3 or not fields[1].isdigit():
            raise BadInput(f"{path}, line {number}: expected prefix, MIM number and title separated by tabs")
        if fields[0] in ("Asterisk", "Caret", "*", "^"):
            continue
        title, *symbols = (part.strip() for part in fields[2].split(";"))
        others = [part.strip() for text in fields[3:4] for part in re.split(r";+", text) if part.strip()]
        entries.append(Entry(f"OMIM:{fields[1]}", title, dict.fromkeys((*symbols, *others), "EXACT")))
    return entries


def _entry(term: Any, identifier: str, parents: Iterable[str]) -> Entry:
    synonyms: dict[str, str] = {}
    for synonym in sorted(term.synonyms, key=lambda each: (each.description, each.scope)):
        name = " ".join(_CONTROL.sub(" ", synonym.description).split())
        known = synonyms.get(name, synonym.scope)
        synonyms[name] = min(known, synonym.scope, key=_RANKED_SCOPES.index)
    definition = " ".join(_CONTROL.sub(" ", str(term.definition or "")).split())
    return Entry(identifier, term.name or identifier, synonyms, sorted(set(parents)), definition=definition)


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _pronto(path: Path) -> Any:
    import pronto

    return pronto.Ontology(_cleaned(path) if ".json" in path.name else str(path))


@contextmanager
def _reading(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a parser says of a damaged file into BadInput; pronto's warnings of style are muted."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BadInput:
        raise
    except KeyError as error:
        raise BadInput(f"{path} refers to {error} but does not define it: get it again, it may be truncated") from error
    except Exception as error:
        raise BadInput(f"{path} is not a readable {what} file ({error}): get it again, it may be truncated") from error


def _cleaned(path: Path) -> io.BytesIO:
    """OBO-graph JSON without the control characters that ORDO 2.6 has in its strings and the parser refuses."""
    with _open(path) as handle:
        document = json.loads(handle.read().decode("utf-8"), strict=False)
    return io.BytesIO(_CONTROL.sub(" ", json.dumps(document, ensure_ascii=False)).encode())
