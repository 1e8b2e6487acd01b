"""What Mondo and Orphanet write of a disease in a sentence or more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from raredx_bench import sources
from raredx_bench.compiled import Parts, compiled, digest_of, file_digest
from raredx_bench.ontology import Ontology, terminology_home
from raredx_bench.terminologies import Terminology, read_mondo, read_ordo

FORMAT = "definitions-1"


class Definition(NamedTuple):
    """disease: its canonical id; source: the file that holds the text; entry: the id that it stands under there."""

    disease: str
    text: str
    source: str
    entry: str


def definitions(root: Path, ontology: Ontology) -> Iterator[Definition]:
    """Orphanet's, then Mondo's, of the terminology's own files; none where it is the embedded one."""
    home = terminology_home(root)
    for name, read in (("ordo", read_ordo), ("mondo", read_mondo)):
        if home is None or (path := sources.find(name, home)) is None:
            continue
        document, _ = compiled("definitions", digest_of([FORMAT, file_digest(path)]), partial(_defined, path, read))
        for identifier, text in document.items():
            if (disease := ontology.canonical(identifier)) is not None:
                yield Definition(disease, text, path.name, identifier)


def defined(root: Path, ontology: Ontology) -> dict[str, str]:
    """Canonical id -> its definition, Mondo's where both have one."""
    return {each.disease: each.text for each in definitions(root, ontology)}


def _defined(path: Path, read: Callable[[Path], Terminology]) -> Parts:
    return {entry.id: entry.definition for entry in read(path).entries if entry.definition}, {}
