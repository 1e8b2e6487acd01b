"""Orphanet by itself: its names, its parents with the diseases below them, and the OMIM numbers its entries name.

Parents and counts come from RareArena's own file, else from ORDO, else from the terminology in force; names from ORDO, else
from the diseases of the terminology that carry an ORPHA id. Which one it was is part of a protocol's signature.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.compiled import compiled, digest_of, file_digest
from raredx_bench.domain import BadInput, Disease, Scope
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology
from raredx_bench.terminologies import Entry, read_ordo

FORMAT = "orphanet-1"
NARROW = 10  # diseases below a parent, at most, for it to count as a wider answer (RareArena, eval_updated.py)


@dataclass(frozen=True)
class Parents:
    """The narrow parents of each disease. origin: the source of the counts. above: id -> parents' names; ids are ORPHA's,
    or canonical ones where the terminology is the source."""

    origin: str
    above: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Names:
    """Orphanet's names. entries: ORPHA id -> preferred name, then synonyms; references: OMIM id -> ORPHA ids that name it."""

    origin: str
    entries: Mapping[str, tuple[str, ...]]
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def own_names(disease: Disease) -> tuple[str, ...]:
    """The preferred name and the exact synonyms; other synonyms name another entity."""
    return (disease.name, *(each.name for each in disease.synonyms if each.scope is Scope.EXACT))


def all_ids(ontology: Ontology, identifier: str) -> tuple[str, ...]:
    """A canonical id and the ids declared equivalent to it."""
    return identifier, *ontology[identifier].xrefs


def called(ontology: Ontology, name: str) -> tuple[str, ...]:
    """Canonical ids of the diseases whose preferred name this is, else of those that have it as an exact synonym."""
    text = plain(name)
    found = [ontology[each] for each in ontology.named(name)]
    preferred = tuple(each.id for each in found if plain(each.name) == text)
    return preferred or tuple(each.id for each in found if text in map(plain, own_names(each)))


@lru_cache(maxsize=4)
def parents(ontology: Ontology, root: Path) -> Parents:
    """Parents with at most NARROW diseases below them. Raises BadInput for a file that can't be read."""
    path = _find("rarearena_hypernyms", root)
    if path is not None:
        return _published(path)
    ordo = _find("ordo", root)
    if ordo is not None:
        document = _ordo(ordo)
        return Parents(f"ordo@{file_digest(ordo)[:12]}", {key: tuple(each) for key, each in document["narrow"].items()})
    small = {
        identifier: tuple(ontology.name(each) for each in disease.parents if ontology.size_below(each) <= NARROW)
        for identifier, disease in ontology.items()
    }
    return Parents(f"terminology@{ontology.digest[:12]}", {key: each for key, each in small.items() if each})


@lru_cache(maxsize=4)
def names(ontology: Ontology, root: Path) -> Names:
    """Every name of Orphanet, in the order of the numbers. Raises BadInput for a file that can't be read."""
    ordo = _find("ordo", root)
    if ordo is not None:
        document = _ordo(ordo)
        return Names(f"ordo@{file_digest(ordo)[:12]}", {key: tuple(each) for key, each in document["names"].items()},
                     {key: tuple(each) for key, each in document["references"].items()})  # fmt: skip
    carried = {
        other: own_names(disease)
        for disease in ontology.values() for other in (disease.id, *disease.xrefs) if other.startswith("ORPHA:")
    }  # fmt: skip
    return Names(f"terminology@{ontology.digest[:12]}", {key: carried[key] for key in sorted(carried, key=_number)})


def _find(source: str, root: Path) -> Path | None:
    """The file where load_ontology looks too: the data directory, then what was pulled."""
    return next(filter(None, (sources.find(source, each) for each in sources.looked_through(root))), None)


def _published(path: Path) -> Parents:
    try:
        content = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        above = {
            f"ORPHA:{record['Orphanetid']}": tuple(
                str(each["parent"]) for each in record["parents"] if int(each["parent_disease_count"]) <= NARROW
            )
            for record in json.loads(content)
        }
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise BadInput(f"{path} is not RareArena's list of Orphanet parents ({error!r}): get it again") from error
    return Parents(f"{path.name.removesuffix('.gz')}@{digest_of([content])[:12]}", above)


def _ordo(path: Path) -> dict[str, Any]:
    document: dict[str, Any]
    document, _ = compiled("orphanet", digest_of([FORMAT, file_digest(path)]), lambda: (_compile(path), {}))
    return document


def _compile(path: Path) -> dict[str, Any]:
    ordo = read_ordo(path)
    entries = {entry.id: entry for entry in sorted(ordo.entries, key=lambda each: _number(each.id))}
    below = diseases_below(entries.values())
    references: dict[str, list[str]] = {}
    for identifier, numbers in ordo.references.items():
        for number in numbers:
            references.setdefault(number, []).append(identifier)
    return {
        "names": {key: [entry.name, *sorted(entry.synonyms)] for key, entry in entries.items()},
        "narrow": {
            key: [entries[above].name for above in entry.parents if above in entries and below[above] <= NARROW]
            for key, entry in entries.items()
        },
        "references": references,
    }


def diseases_below(entries: Iterable[Entry]) -> dict[str, int]:
    """Number of diseases below each entry at any depth: groups and subtypes are not counted, where ORDO marks them.

    So counted, ORDO 2.6 puts 97 % of the parents it shares with RareArena's file on the file's side of NARROW; with
    subtypes and groups counted too, 94 %.
    """
    known = {entry.id: entry for entry in entries}
    found: dict[str, set[str]] = {identifier: set() for identifier in known}
    for entry in known.values():
        if entry.kind in ("group", "subtype"):
            continue
        seen: set[str] = set()
        rising = list(entry.parents)
        while rising:
            above = rising.pop()
            if above in known and above not in seen:
                seen.add(above)
                found[above].add(entry.id)
                rising += known[above].parents
    return {identifier: len(members - {identifier}) for identifier, members in found.items()}


def _number(identifier: str) -> tuple[int, str]:
    local = identifier.partition(":")[2]
    return (int(local) if local.isdigit() else 0, identifier)
