"""HPO's records -> facts: annotations of diseases, genes, and what HPO says of its terms.

Rows of phenotype.hpoa that speak of one disease and one finding are one fact, also across OMIM and Orphanet ids that the
terminology holds to be one disease; their frequencies are pooled as raredx_bench.hpo pools them. A row whose reference is in
`withheld` (a publication of a held-out case) is left out of the facts that are taught and kept among those that are only checked
against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from raredx_bench.hpo import ROOT, Hpo, annotation_rows, frequency_of, hpo_files, pooled
from raredx_bench.linking.words import wording
from raredx_bench.naming import plain
from raredx_bench.ontology import Ontology
from raredx_train.knowledge.facts import Fact, Kind
from raredx_train.knowledge.terms import MODES, ONSETS, QUALIFIERS, Glossary, is_below

Row = dict[str, str]
Key = tuple[str, Kind, str]  # disease, kind, term


def annotation_facts(root: Path, hpo: Hpo, ontology: Ontology, withheld: frozenset[str]) -> tuple[list[Fact], list[Fact], int]:
    """Facts to teach, facts to check against (of all rows), and how many rows a held-out publication took out.

    Raises BadInput for a file that can't be read.
    """
    release, rows = annotation_rows(hpo_files(root)[1])
    canonical = {identifier: ontology.canonical(identifier) for identifier in hpo.diseases}
    traits = _traits(hpo)
    grouped: dict[Key, list[Row]] = {}
    touched: dict[Key, int] = {}  # keys with a row that is left out -> how many
    for row in rows:
        key = _key(row, hpo, canonical.get(row["database_id"]), traits)
        if key is not None:
            grouped.setdefault(key, []).append(row)
            if not withheld.isdisjoint(_references(row)):
                touched[key] = touched.get(key, 0) + 1
    every = {key: _fact(*key, found, f"HPO annotations {release}") for key, found in sorted(grouped.items())}
    taught = {key: fact for key, fact in every.items() if key not in touched}
    for key in touched:
        if kept := [row for row in grouped[key] if withheld.isdisjoint(_references(row))]:
            taught[key] = _fact(*key, kept, f"HPO annotations {release}")
    return list(_consistent(taught, hpo)), list(_consistent(every, hpo)), sum(touched.values())


def _traits(hpo: Hpo) -> dict[str, Kind]:
    """HPO's modes of inheritance (no qualifiers) and ages of onset, by id."""
    modes = {each: Kind.INHERITANCE for each in hpo.ids if is_below(hpo, each, MODES) and not is_below(hpo, each, QUALIFIERS)}
    return {**modes, **{each: Kind.ONSET for each in hpo.ids if is_below(hpo, each, ONSETS)}}


def _key(row: Row, hpo: Hpo, disease: str | None, traits: Mapping[str, Kind]) -> Key | None:
    """Disease, kind and term of a row; None for an unknown term, and for what is neither a finding nor a mode, onset or course."""
    term = hpo.current(row["hpo_id"])
    if term is None or disease is None:
        return None
    if row["aspect"] == "P" and term != ROOT:
        negated = row["qualifier"] == "NOT" or frequency_of(row["frequency"])[0] == 0.0
        return disease, Kind.ABSENT if negated else Kind.FINDING, term
    kind = traits.get(term, Kind.COURSE)
    if row["qualifier"] == "NOT" or (row["aspect"], kind is Kind.INHERITANCE) not in (("I", True), ("C", False)):
        return None
    return disease, kind, term


def _references(row: Row) -> list[str]:
    stated = row.get("reference") or ""
    return [each.strip() for each in stated.split(";") if each.strip()] if ";" in stated else [stated] if stated else []


def _consistent(facts: Mapping[Key, Fact], hpo: Hpo) -> Iterator[Fact]:
    """The facts without absent findings that are present by another row, or by a more special finding."""
    present: dict[str, set[int]] = {disease: set() for disease, kind, _ in facts if kind is Kind.ABSENT}
    for disease, kind, term in facts:
        if kind is Kind.FINDING and disease in present:
            present[disease].update(hpo.ancestors(hpo.position[term]).tolist())
    for (disease, kind, term), fact in facts.items():
        if kind is not Kind.ABSENT or hpo.position[term] not in present[disease]:
            yield fact


def _fact(disease: str, kind: Kind, term: str, rows: list[Row], source: str) -> Fact:
    first, *more = rows
    ids = "/".join(sorted({row["database_id"] for row in rows})) if more else first["database_id"]
    references = tuple(dict.fromkeys(reference for row in rows for reference in _references(row)))
    if kind not in (Kind.FINDING, Kind.ABSENT):
        return Fact(disease, kind, term, source, f"{ids} {term}", references)
    frequency, patients = pooled([frequency_of(row["frequency"]) for row in rows]) if more else frequency_of(first["frequency"])
    sex, onset = (first.get(column) or "" for column in ("sex", "onset"))
    return Fact(
        disease, kind, term, source, f"{ids} {term}", references,
        frequency=None if frequency != frequency else frequency, patients=patients,
        sex=sex.lower() if sex and all(row.get("sex") == sex for row in more) else "",
        onset=onset if onset and all(row.get("onset") == onset for row in more) else "",
    )  # fmt: skip


def gene_facts(hpo: Hpo, ontology: Ontology) -> Iterator[Fact]:
    """Gene-disease relations of genes_to_phenotype.txt."""
    found: dict[tuple[str, str], str] = {}
    for identifier, symbols in zip(hpo.diseases, hpo.genes, strict=True):
        disease = ontology.canonical(identifier)
        for symbol in symbols if disease is not None else ():
            if disease is not None and symbol != "-":
                found.setdefault((disease, symbol), identifier)
    for (disease, symbol), identifier in sorted(found.items()):
        yield Fact(disease, Kind.GENE, symbol, f"HPO genes {hpo.release}", f"{identifier} {symbol}")


def term_facts(hpo: Hpo, glossary: Glossary) -> Iterator[Fact]:
    """What HPO says of its phenotypic abnormalities."""
    source = f"HPO {hpo.release}"
    top = hpo.position[ROOT]
    systems = set(glossary.children.get(ROOT, ()))
    for index, identifier in enumerate(hpo.ids):
        above = hpo.ancestors(index)
        if index == top or top not in above:
            continue
        own = plain(hpo.names[index])
        stated: list[tuple[Kind, Iterable[str]]] = [
            (Kind.TERM_DEFINITION, [glossary.definitions[identifier]] if identifier in glossary.definitions else ()),
            (Kind.TERM_PARENT, (each for each in glossary.parents.get(identifier, ()) if each != ROOT)),
            (Kind.TERM_SYNONYM, (each for each in glossary.synonyms.get(identifier, ()) if plain(each) != own)),
            (Kind.TERM_LAY, (each for each in glossary.lay.get(identifier, ()) if wording(each).key != wording(own).key)),
            (Kind.TERM_SYSTEM, sorted(hpo.ids[each] for each in map(int, above[1:]) if hpo.ids[each] in systems)),
        ]
        yield from (Fact(identifier, kind, value, source, identifier) for kind, values in stated for value in values)
