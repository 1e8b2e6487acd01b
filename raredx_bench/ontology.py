"""The disease terminology: an immutable Mapping from canonical id to Disease, compiled once from its sources.

Sources, each optional but the last: Mondo (OBO, read with pronto; the meaning of its cross references with fastobo),
SSSOM mapping tables, ORDO, OMIM's mimTitles.txt, and the disease names of phenotype.hpoa. merging.py has the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from raredx_bench import sources
from raredx_bench.compiled import compiled, digest_of, file_digest, uncollected
from raredx_bench.domain import Disease, Scope, Synonym
from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.merging import FORMAT, merged, unpacked
from raredx_bench.naming import plain
from raredx_bench.terminologies import curie


@dataclass(frozen=True)
class Ontology(Mapping[str, Disease]):
    """Diseases by canonical id. Loading compiles on first use and reads the compiled index afterwards.

    release: the releases of all sources, for people; digest: changes whenever any of them, or the compiler, does.
    findings: names of HPO's phenotypic abnormalities; conflicts: contradictions found in the sources, one sentence each.
    """

    release: str
    digest: str
    origin: str
    _ids: tuple[str, ...]
    _names: tuple[str, ...]
    _synonyms: Sequence[str]  # packed: name, scope, name, scope, …
    _xrefs: Sequence[str]  # packed, as are those below
    _parents: tuple[tuple[int, ...], ...]
    _alias: Mapping[str, int]
    _titles: Sequence[str] = ()
    _genes: Sequence[str] = ()
    _traits: Sequence[str] = ()
    findings: tuple[str, ...] = ()
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
    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for index, parents in enumerate(self._parents):
            for parent in parents:
                found.setdefault(parent, []).append(index)
        return found

    @cached_property
    def _by_name(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for index, (name, synonyms) in enumerate(zip(self._names, self._synonyms, strict=True)):
            for text in dict.fromkeys(plain(text) for text in (name, *unpacked(synonyms)[::2])):
                found.setdefault(text, []).append(index)
        return {text: tuple(indices) for text, indices in found.items()}

    def __getitem__(self, identifier: str) -> Disease:
        index = self._position[identifier]
        synonyms = unpacked(self._synonyms[index])
        return Disease(
            id=self._ids[index],
            name=self._names[index],
            synonyms=tuple(map(Synonym, synonyms[::2], map(Scope, synonyms[1::2]))),
            xrefs=unpacked(self._xrefs[index]),
            parents=tuple(self._ids[parent] for parent in self._parents[index]),
            titles=unpacked(self._titles[index]),
            genes=unpacked(self._genes[index]),
            traits=unpacked(self._traits[index]),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __hash__(self) -> int:
        return hash(self.digest)

    def canonical(self, identifier: str) -> str | None:
        """The canonical id of any id (OMIM, ORPHA, Orphanet, Mondo, obsolete ones too); None when unknown."""
        identifier = curie(identifier.strip()) or identifier.strip()
        if identifier in self._position:
            return identifier
        index = self._alias.get(identifier)
        return None if index is None else self._ids[index]

    def name(self, identifier: str) -> str:
        """Preferred name of a canonical id. Raises KeyError for another id."""
        return self._names[self._position[identifier]]

    def genes(self, identifier: str) -> tuple[str, ...]:
        """Symbols of the genes of a canonical id, sorted."""
        return unpacked(self._genes[self._position[identifier]])

    def named(self, text: str) -> tuple[str, ...]:
        """Canonical ids of the diseases that carry this name, letter case and punctuation aside."""
        return tuple(self._ids[index] for index in self._by_name.get(plain(text), ()))

    def ancestors(self, identifier: str) -> frozenset[str]:
        """Canonical ids of everything above a disease, itself not included."""
        return frozenset(self._ids[index] for index in self._above(self._position[identifier]))

    def is_above(self, upper: str, lower: str) -> bool:
        """True when one disease is an ancestor of another; False for a disease and itself."""
        return self._position[upper] in self._above(self._position[lower])

    def size_below(self, identifier: str) -> int:
        """Number of diseases below a disease, at any depth."""
        return self._below.get(self._position[identifier], 0)

    def below(self, identifier: str) -> frozenset[str]:
        """Canonical ids of everything below a disease, itself not included."""
        found: set[int] = set()
        fresh = set(self._children.get(self._position[identifier], ()))
        while fresh:
            found |= fresh
            fresh = {child for each in fresh for child in self._children.get(each, ())} - found
        return frozenset(self._ids[index] for index in found)

    def _above(self, index: int) -> frozenset[int]:
        known = self._ancestors.get(index)
        if known is None:
            parents = self._parents[index]
            known = frozenset(parents).union(*(self._above(parent) for parent in parents))
            self._ancestors[index] = known
        return known


def terminology_home(root: Path) -> Path | None:
    """The folder whose Mondo or ORDO is in use: the data directory, else what was pulled; None for the embedded default."""
    return next((each for each in sources.looked_through(root) if sources.find("mondo", each) or sources.find("ordo", each)), None)


def load_ontology(root: Path, hpo: Hpo | None = None) -> Ontology:
    """The terminology of a data directory, else of what was pulled, else the embedded default.

    Raises BadInput for a source that can't be read.
    """
    hpo = hpo or load_hpo(root)
    home = terminology_home(root)
    files = {} if home is None else {
        "mondo": [path for path in [sources.find("mondo", home)] if path],
        "sssom": sources.find_all("sssom", home),
        "ordo": [path for path in [sources.find("ordo", home)] if path],
        "product1": sources.find_all("product1", home),
        "babelon": sources.find_all("babelon", home),
        "mim_titles": sources.find_all("mim_titles", home),
    }  # fmt: skip
    digests = [f"{kind}:{file_digest(path)}" for kind, paths in files.items() for path in paths]
    digest = digest_of([FORMAT, hpo.digest, *digests])
    document, _ = compiled("terminology", digest, lambda: (merged(files, hpo), {}))
    with uncollected():
        return Ontology(
            release=document["release"],
            digest=digest,
            origin=str((files["mondo"] or files["ordo"])[0]) if home else "embedded default (disease names of HPO's annotations)",
            _ids=tuple(document["ids"]),
            _names=tuple(document["names"]),
            _synonyms=document["synonyms"],
            _xrefs=document["xrefs"],
            _parents=tuple(map(tuple, document["parents"])),
            _alias=document["alias"],
            _titles=document["titles"],
            _genes=document["genes"],
            _traits=document["traits"],
            findings=tuple(name for names in zip(hpo.names, hpo.synonyms, strict=True) for name in (names[0], *names[1])),
            conflicts=tuple(document["conflicts"]),
        )
