"""What HPO says of its own terms beside their names: definitions, direct parents, synonyms and lay terms, compiled once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raredx_bench.compiled import compiled, digest_of
from raredx_bench.hpo import ROOT, Hpo, hpo_files, term_graph

FORMAT = "glossary-1"
MODES, QUALIFIERS, ONSETS = "HP:0000005", "HP:0034335", "HP:0003674"  # mode of inheritance, inheritance qualifier, onset
_PLAIN_TYPES = (None, "layperson")


@dataclass(frozen=True)
class Glossary:
    """By HPO id, for current terms alone; a term without any of something isn't in it.

    definitions: one text; parents, children: direct ones; synonyms: other technical names; lay: words for laypeople.
    """

    definitions: dict[str, str]
    parents: dict[str, list[str]]
    children: dict[str, list[str]]
    synonyms: dict[str, list[str]]
    lay: dict[str, list[str]]


def load_glossary(root: Path, hpo: Hpo) -> Glossary:
    """The glossary of the HPO release in force. Raises BadInput for a file that can't be read."""
    path = hpo_files(root)[0]
    document, _ = compiled("glossary", digest_of([FORMAT, hpo.digest]), lambda: (_read(path, hpo), {}))
    children: dict[str, list[str]] = {}
    for identifier, parents in document["parents"].items():
        for parent in parents:
            children.setdefault(parent, []).append(identifier)
    return Glossary(children=children, **document)


def _read(path: Path, hpo: Hpo) -> dict[str, Any]:
    definitions, parents, synonyms, lay = {}, {}, {}, {}
    for term in sorted(term_graph(path).terms(), key=lambda each: each.id):
        if term.id not in hpo.position:
            continue
        if term.definition:
            definitions[term.id] = " ".join(str(term.definition).split())
        above = sorted(each.id for each in term.superclasses(distance=1, with_self=False) if each.id in hpo.position)
        if above:
            parents[term.id] = above
        names: dict[str | None, set[str]] = {kind: set() for kind in _PLAIN_TYPES}
        for synonym in term.synonyms:
            kind = synonym.type.id if synonym.type is not None else None
            if synonym.scope == "EXACT" and kind in names:
                names[kind].add(synonym.description)
        if names[None]:
            synonyms[term.id] = sorted(names[None])
        if names["layperson"]:
            lay[term.id] = sorted(names["layperson"])
    return {"definitions": definitions, "parents": parents, "synonyms": synonyms, "lay": lay}


def is_below(hpo: Hpo, identifier: str, above: str) -> bool:
    """True for a current term that lies below another one, or is it."""
    index, top = hpo.position.get(identifier), hpo.position.get(above)
    return index is not None and top is not None and top in hpo.ancestors(index)


def systems_of(hpo: Hpo, glossary: Glossary) -> dict[str, str]:
    """Organ systems: the children of Phenotypic abnormality, by id, with their names."""
    return {identifier: hpo.names[hpo.position[identifier]] for identifier in glossary.children.get(ROOT, ())}
