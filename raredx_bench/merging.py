"""Entries of all sources -> one compiled terminology, by stated rules.

Rules
* The canonical id is Mondo when Mondo declares the entry equivalent, else OMIM, else ORPHA.
* A cross reference is an equivalence only where its source says so (MONDO:equivalentTo, MONDO:equivalentObsolete,
  skos:exactMatch, ORDO's "E"). ORDO files without that mark: one OMIM number on one ORPHA entry is an equivalence,
  several OMIM numbers on one entry lie below it.
* An entry without a declared equivalent is the same disease as the one entry of the same preferred name that has any (or
  that is Mondo's), unless both carry an OMIM number of their own.
* An id declared equivalent to several entries goes to the one Mondo's own file names, then to the lowest id; every such
  conflict is kept in Ontology.conflicts, as are the edges left out because they close a cycle.
* ORDO's hierarchy is added to Mondo's where it closes no cycle with it. A name in another language is an exact synonym.
* Without Mondo a numbered entry ("Noonan syndrome 3") lies below the entry that carries its name without the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from raredx_bench.hpo import Hpo
from raredx_bench.naming import plain
from raredx_bench.orphadata import Translations, read_babelon, read_product1
from raredx_bench.terminologies import Entry, Equivalence, read_mim_titles, read_mondo, read_ordo, read_sssom

FORMAT = "terminology-13"
SEPARATOR = "␟"
SPELLINGS = ("MONDO", "OMIM", "ORPHA", "DECIPHER")  # whose id is canonical, in this order
NUMBERED = re.compile(r"^(.*?),? (?:type |group |form )?(?:\d+[a-z]?|[ivx]+[a-z]?|[a-z])$", re.IGNORECASE)


def _spelling(identifier: str) -> int:
    prefix = identifier.partition(":")[0]
    return SPELLINGS.index(prefix) if prefix in SPELLINGS else len(SPELLINGS)


class Builder:
    """Entries and equivalences from all sources, merged by the rules above."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.alias: dict[str, str] = {}
        self.conflicts: list[str] = []
        self.further: list[Equivalence] = []

    def resolve(self, identifier: str) -> str | None:
        """Canonical id of an id seen so far."""
        return identifier if identifier in self.entries else self.alias.get(identifier)

    def equate(self, equivalences: list[Equivalence]) -> None:
        """Make ids stand for canonical ones; the first source to speak wins, contradictions are kept."""
        for outer, inner in sorted(equivalences):
            target = self.resolve(inner)
            if target is None or outer in self.entries:
                continue
            known = self.alias.setdefault(outer, target)
            if known != target:
                self.conflicts.append(f"{outer} is declared equivalent to {known} and to {target}: {known} is used")

    def add(self, entry: Entry) -> None:
        """Merge an entry into the disease it stands for, or make it one."""
        target = self.resolve(entry.id)
        if target is None:
            self.entries[entry.id] = entry
        else:
            self.entries[target].absorb(entry)

    def join_namesakes(self) -> None:
        """Merge entries of the same preferred name where at most one of them has equivalents of its own."""
        mapped: dict[str, set[str]] = {}
        for other, target in self.alias.items():
            mapped.setdefault(target, set()).add(other.partition(":")[0])
        by_name: dict[str, list[str]] = {}
        for identifier, entry in self.entries.items():
            by_name.setdefault(plain(entry.name), []).append(identifier)
        for group in (each for each in by_name.values() if len(each) > 1):
            group.sort(key=lambda each: (each not in mapped, _spelling(each), each))
            host, *others = group
            vocabularies = {host.partition(":")[0], *mapped.get(host, ())}
            for other in others:
                prefix = other.partition(":")[0]
                if other not in mapped and not (prefix == "OMIM" and "OMIM" in vocabularies):
                    vocabularies.add(prefix)
                    self.entries[host].absorb(self.entries.pop(other))
                    self.alias[other] = host

    def put_below(self, pairs: list[Equivalence]) -> None:
        """Give each (lower id, upper id) an edge, where the lower one is an entry of its own."""
        for lower, upper in pairs:
            entry = self.entries.get(lower)
            if entry is not None and self.resolve(upper) not in (None, lower):
                entry.parents.append(upper)

    def document(self, release: str) -> dict[str, Any]:
        """The compiled form: parallel lists in the order of the ids, the same from every process (pronto's sets have no order)."""
        self.entries = dict(sorted(self.entries.items()))
        ids = list(self.entries)
        position = {identifier: index for index, identifier in enumerate(ids)}
        alias = {outer: position[inner] for outer, inner in self.alias.items() if inner in position}
        xrefs: list[list[str]] = [[] for _ in ids]
        for outer, index in alias.items():
            xrefs[index].append(outer)
        return {
            "release": release,
            "ids": ids,
            "names": [entry.name for entry in self.entries.values()],
            "synonyms": [
                packed(part for pair in sorted(entry.synonyms.items()) for part in pair) for entry in self.entries.values()
            ],
            "titles": [packed(entry.titles) for entry in self.entries.values()],
            "xrefs": [packed(sorted(each)) for each in xrefs],
            "parents": self._acyclic(position),
            "alias": alias,
            "conflicts": self.conflicts,
        }

    def _acyclic(self, position: dict[str, int]) -> list[list[int]]:
        """Parent indices; an edge to an unknown id, or one that closes a cycle, is left out and noted."""
        parents: list[list[int]] = []
        for identifier, entry in self.entries.items():
            known = {self.resolve(parent): parent for parent in entry.parents}
            for missing in (parent for target, parent in known.items() if target is None):
                self.conflicts.append(f"{identifier} has the unknown parent {missing}: the edge is left out")
            parents.append(sorted({position[t] for t in known if t is not None and t != identifier}))
        ids = list(self.entries)
        state = [0] * len(ids)  # 0 new, 1 on the path, 2 done
        for root in range(len(ids)):
            path: list[tuple[int, Iterator[int]]] = []
            if state[root] == 0:
                state[root] = 1
                path.append((root, iter(tuple(parents[root]))))
            while path:
                node, rest = path[-1]
                parent = next(rest, None)
                if parent is None:
                    state[node] = 2
                    path.pop()
                elif state[parent] == 1:
                    parents[node].remove(parent)
                    self.conflicts.append(f"{ids[node]} is_a {ids[parent]} closes a cycle: the edge is left out")
                elif state[parent] == 0:
                    state[parent] = 1
                    path.append((parent, iter(tuple(parents[parent]))))
        self._add_further(position, parents)
        return parents

    def _add_further(self, position: dict[str, int], parents: list[list[int]]) -> None:
        """Add the second hierarchy's edges that don't contradict the first: none that would close a cycle."""
        for lower, parent in sorted(set(self.further)):
            upper = self.resolve(parent)
            if upper is None or lower not in position:
                continue
            child, above = position[lower], position[upper]
            if above != child and above not in parents[child] and child not in _closure(above, parents):
                parents[child].append(above)


def _closure(start: int, parents: list[list[int]]) -> set[int]:
    """Everything above a position."""
    seen: set[int] = set()
    stack = [start]
    while stack:
        for parent in parents[stack.pop()]:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return seen


def merged(files: Mapping[str, list[Path]], hpo: Hpo) -> dict[str, Any]:
    builder = Builder()
    releases: list[str] = []
    below: list[Equivalence] = []
    for path in files.get("mondo", ()):
        mondo = read_mondo(path)
        releases.append(f"Mondo {mondo.release}")
        for entry in mondo.entries:
            builder.add(entry)
        builder.equate(mondo.equivalences)
    for path in files.get("sssom", ()):
        builder.equate(read_sssom(path))
    for path in files.get("ordo", ()):
        ordo = read_ordo(path)
        releases.append(f"ORDO {ordo.release}")
        for entry in ordo.entries:
            if (known := builder.resolve(entry.id)) is not None:
                builder.further += [(known, parent) for parent in entry.parents]  # Mondo's hierarchy goes first
                entry.parents.clear()
            builder.add(entry)
        builder.equate(ordo.equivalences)
        below += ordo.below
    for path in files.get("product1", ()):
        releases.append(_add_translations(builder, read_product1(path), path.name))
    for path in files.get("babelon", ()):
        releases.append(_add_translations(builder, read_babelon(path), path.name))
    for path in files.get("mim_titles", ()):
        for entry in read_mim_titles(path):
            builder.add(entry)
    _add_annotated(builder, hpo)
    builder.join_namesakes()
    builder.put_below(below)
    if not files.get("mondo"):
        _stack_numbered(builder)
    releases.append(f"HPO {hpo.release}")
    document = builder.document(" + ".join(releases))
    return {**document, **_facts(document, hpo)}


def _add_translations(builder: Builder, names: Translations, file: str) -> str:
    """Give each known entry its names in another language; an English file brings entries of its own. Returns what was read."""
    builder.equate(names.equivalences)
    for identifier, name in names.names:
        known = builder.resolve(identifier)
        if known is not None:
            if name != builder.entries[known].name:
                builder.entries[known].synonyms.setdefault(name, "EXACT")
        elif names.language == "en":
            builder.add(Entry(identifier, name))
    return f"{file} {names.release}".strip()


def _facts(document: Mapping[str, Any], hpo: Hpo) -> dict[str, Any]:
    """Gene symbols and traits (inheritance, onset) of each disease, united over its equivalent ids."""
    position = {identifier: index for index, identifier in enumerate(document["ids"])} | document["alias"]
    genes: list[set[str]] = [set() for _ in document["ids"]]
    traits: list[set[str]] = [set() for _ in document["ids"]]
    for identifier, symbols, terms in zip(hpo.diseases, hpo.genes, hpo.traits, strict=True):
        if identifier in position:
            genes[position[identifier]].update(symbols)
            traits[position[identifier]].update(terms)
    return {"genes": [packed(sorted(each)) for each in genes], "traits": [packed(sorted(each)) for each in traits]}


def packed(texts: Iterable[str]) -> str:
    """Several texts as one: a compiled index of few long strings loads in half the time of one of many short ones."""
    return SEPARATOR.join(text.replace(SEPARATOR, " ") for text in texts)


def unpacked(text: str) -> tuple[str, ...]:
    """The inverse of packed."""
    return tuple(text.split(SEPARATOR)) if text else ()


def _add_annotated(builder: Builder, hpo: Hpo) -> None:
    for identifier, (name, *others) in zip(hpo.diseases, hpo.disease_names, strict=True):
        builder.add(Entry(identifier, name, dict.fromkeys(others, "EXACT")))


def _stack_numbered(builder: Builder) -> None:
    """Put "X 3" and "X type 3" below "X" when there is an X."""
    by_name = {plain(entry.name): identifier for identifier, entry in reversed(builder.entries.items())}
    for identifier, entry in builder.entries.items():
        match = NUMBERED.match(entry.name)
        above = by_name.get(plain(match.group(1))) if match else None
        if above is not None and above != identifier:
            entry.parents.append(above)
