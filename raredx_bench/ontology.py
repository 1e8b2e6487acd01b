"""The disease terminology: an immutable Mapping from canonical id to Disease, compiled once from its sources.

Sources, each optional but the last: Mondo (OBO, read with pronto; the meaning of its cross references with fastobo),
SSSOM mapping tables, ORDO, OMIM's mimTitles.txt, and the disease names of phenotype.hpoa.

Rules
* The canonical id is Mondo when Mondo declares the entry equivalent, else OMIM, else ORPHA.
* A cross reference is an equivalence only where its source says so (MONDO:equivalentTo, MONDO:equivalentObsolete,
  skos:exactMatch, ORDO's "E"). ORDO files without that mark: one OMIM number on one ORPHA entry is an equivalence,
  several OMIM numbers on one entry lie below it.
* An entry without a declared equivalent is the same disease as the one entry of the same preferred name that has any (or
  that is Mondo's), unless both carry an OMIM number of their own.
* An id declared equivalent to several entries goes to the one Mondo's own file names, then to the lowest id; every such
  conflict is kept in Ontology.conflicts, as are the edges left out because they close a cycle.
* Without Mondo a numbered entry ("Noonan syndrome 3") lies below the entry that carries its name without the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.compiled import compiled, digest_of, file_digest
from raredx_bench.domain import Disease, Scope, Synonym
from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.naming import plain
from raredx_bench.terminologies import (
    Entry,
    Equivalence,
    read_mim_titles,
    read_mondo,
    read_ordo,
    read_sssom,
)

FORMAT = "terminology-8"
_SPELLINGS = ("MONDO", "OMIM", "ORPHA", "DECIPHER")  # whose id is canonical, in this order
NUMBERED = re.compile(r"^(.*?),? (?:type |group |form )?(?:\d+[a-z]?|[ivx]+[a-z]?|[a-z])$", re.IGNORECASE)


@dataclass(frozen=True)
class Ontology(Mapping[str, Disease]):
    """Diseases by canonical id. Loading compiles on first use and reads the compiled index afterwards.

    release: the releases of all sources, for people; digest: changes whenever any of them, or the compiler, does.
    conflicts: contradictions found in the sources, one sentence each.
    """

    release: str
    digest: str
    origin: str
    _ids: tuple[str, ...]
    _names: tuple[str, ...]
    _synonyms: tuple[tuple[tuple[str, str], ...], ...]
    _xrefs: tuple[tuple[str, ...], ...]
    _parents: tuple[tuple[int, ...], ...]
    _alias: Mapping[str, int]
    conflicts: tuple[str, ...] = ()
    _ancestors: dict[int, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {identifier: index for index, identifier in enumerate(self._ids)}

    @cached_property
    def _below(self) -> dict[int, int]:
        """Number of diseases below each one that has any."""
        counts: dict[int, int] = {}
        for index in range(len(self._ids)):
            for above in self._above(index):
                counts[above] = counts.get(above, 0) + 1
        return counts

    @cached_property
    def _by_name(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for index, (name, synonyms) in enumerate(zip(self._names, self._synonyms, strict=True)):
            for text in dict.fromkeys(plain(text) for text in (name, *(text for text, _ in synonyms))):
                found.setdefault(text, []).append(index)
        return {text: tuple(indices) for text, indices in found.items()}

    def __getitem__(self, identifier: str) -> Disease:
        index = self._position[identifier]
        return Disease(
            id=self._ids[index],
            name=self._names[index],
            synonyms=tuple(Synonym(name, Scope(scope)) for name, scope in self._synonyms[index]),
            xrefs=self._xrefs[index],
            parents=tuple(self._ids[parent] for parent in self._parents[index]),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __hash__(self) -> int:
        return hash(self.digest)

    def canonical(self, identifier: str) -> str | None:
        """The canonical id of any id (OMIM, ORPHA, Orphanet, Mondo, obsolete ones too); None when unknown."""
        identifier = identifier.strip().replace("Orphanet:", "ORPHA:").replace("MIM:", "OMIM:").replace("OOMIM", "OMIM")
        if identifier in self._position:
            return identifier
        index = self._alias.get(identifier)
        return None if index is None else self._ids[index]

    def name(self, identifier: str) -> str:
        """Preferred name of a canonical id. Raises KeyError for another id."""
        return self._names[self._position[identifier]]

    def named(self, text: str) -> tuple[str, ...]:
        """Canonical ids of the diseases that carry this name, letter case and punctuation aside."""
        return tuple(self._ids[index] for index in self._by_name.get(plain(text), ()))

    def ancestors(self, identifier: str) -> frozenset[str]:
        """Canonical ids of everything above a disease, itself not included."""
        return frozenset(self._ids[index] for index in self._above(self._position[identifier]))

    def size_below(self, identifier: str) -> int:
        """Number of diseases below a disease, at any depth."""
        return self._below.get(self._position[identifier], 0)

    def _above(self, index: int) -> frozenset[int]:
        known = self._ancestors.get(index)
        if known is None:
            parents = self._parents[index]
            known = frozenset(parents).union(*(self._above(parent) for parent in parents))
            self._ancestors[index] = known
        return known


def load_ontology(root: Path, hpo: Hpo | None = None) -> Ontology:
    """The terminology of a data directory, else of what was pulled, else the embedded default.

    Raises BadInput for a source that can't be read.
    """
    hpo = hpo or load_hpo(root)
    folders = (root, sources.data_dir_default())
    home = next((each for each in folders if sources.find("mondo", each) or sources.find("ordo", each)), None)
    files = {} if home is None else {
        "mondo": [path for path in [sources.find("mondo", home)] if path],
        "sssom": sources.find_all("sssom", home),
        "ordo": [path for path in [sources.find("ordo", home)] if path],
        "mim_titles": sources.find_all("mim_titles", home),
    }  # fmt: skip
    digests = [f"{kind}:{file_digest(path)}" for kind, paths in files.items() for path in paths]
    digest = digest_of([FORMAT, hpo.digest, *digests])
    document, _ = compiled("terminology", digest, lambda: (_compile(files, hpo), {}))
    return Ontology(
        release=document["release"],
        digest=digest,
        origin=str((files["mondo"] or files["ordo"])[0])
        if home
        else "embedded default (OMIM and ORPHA names of HPO's annotations)",
        _ids=tuple(document["ids"]),
        _names=tuple(document["names"]),
        _synonyms=tuple(tuple(map(tuple, pairs)) for pairs in document["synonyms"]),
        _xrefs=tuple(map(tuple, document["xrefs"])),
        _parents=tuple(map(tuple, document["parents"])),
        _alias=document["alias"],
        conflicts=tuple(document["conflicts"]),
    )


class _Builder:
    """Entries and equivalences from all sources, merged by the rules above."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.alias: dict[str, str] = {}
        self.conflicts: list[str] = []

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
            group.sort(key=lambda each: (each not in mapped, _SPELLINGS.index(each.partition(":")[0]), each))
            host, *others = group
            vocabularies = {host.partition(":")[0], *mapped.get(host, ())}
            for other in others:
                prefix = other.partition(":")[0]
                if other not in mapped and not (prefix == "OMIM" and "OMIM" in vocabularies):
                    vocabularies.add(prefix)
                    self.entries[host].absorb(self.entries.pop(other))
                    self.alias[other] = host

    def put_below(self, pairs: list[Equivalence]) -> None:
        """Give (lower id, upper id) an edge, where the lower one is an entry of its own without a parent."""
        for lower, upper in pairs:
            entry = self.entries.get(lower)
            if entry is not None and self.resolve(upper) not in (None, lower):
                entry.parents.append(upper)

    def document(self, release: str) -> dict[str, Any]:
        """The compiled form: parallel lists."""
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
            "synonyms": [list(entry.synonyms.items()) for entry in self.entries.values()],
            "xrefs": [sorted(each) for each in xrefs],
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
        return parents


def _compile(files: Mapping[str, list[Path]], hpo: Hpo) -> dict[str, Any]:
    builder = _Builder()
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
            if builder.resolve(entry.id) is not None:
                entry.parents.clear()  # Mondo's hierarchy stands where Mondo has the entry
            builder.add(entry)
        builder.equate(ordo.equivalences)
        below += ordo.below
    for path in files.get("mim_titles", ()):
        for entry in read_mim_titles(path):
            builder.add(entry)
    _add_annotated(builder, hpo)
    builder.join_namesakes()
    builder.put_below(below)
    if not files.get("mondo"):
        _stack_numbered(builder)
    releases.append(f"HPO {hpo.release}")
    return builder.document(" + ".join(releases))


def _add_annotated(builder: _Builder, hpo: Hpo) -> None:
    for identifier, (name, *others) in zip(hpo.diseases, hpo.disease_names, strict=True):
        builder.add(Entry(identifier, name, dict.fromkeys(others, "EXACT")))


def _stack_numbered(builder: _Builder) -> None:
    """Put "X 3" and "X type 3" below "X" when there is an X."""
    by_name = {plain(entry.name): identifier for identifier, entry in reversed(builder.entries.items())}
    for identifier, entry in builder.entries.items():
        match = NUMBERED.match(entry.name)
        above = by_name.get(plain(match.group(1))) if match else None
        if above is not None and above != identifier:
            entry.parents.append(above)
