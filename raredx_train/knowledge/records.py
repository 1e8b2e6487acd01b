"""HPO's records -> facts: annotations of diseases, genes, and what HPO says of its terms.

Rows of phenotype.hpoa that speak of one disease and one finding are one fact, also across OMIM and Orphanet ids that the
terminology holds to be one disease; their frequencies are pooled as raredx_bench.hpo pools them. A row whose reference is in
`withheld` (a publication of a held-out case) is left out of the facts that are taught and kept among those that are only checked
against.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from raredx_bench.hpo import ROOT, Hpo, annotation_rows, frequency_of, hpo_files, pooled
from raredx_bench.ontology import Ontology
from raredx_train.knowledge.facts import Fact, Kind
from raredx_train.knowledge.terms import MODES, ONSETS, QUALIFIERS, Glossary, is_below

Row = dict[str, str]


def annotation_facts(root: Path, hpo: Hpo, ontology: Ontology, withheld: Collection[str]) -> tuple[list[Fact], list[Fact], int]:
    """Facts to teach, facts to check against (of all rows), and how many rows a held-out publication took out.

    Raises BadInput for a file that can't be read.
    """
    release, rows = annotation_rows(hpo_files(root)[1])
    source = f"HPO annotations {release}"
    kept: dict[tuple[str, Kind, str], list[Row]] = {}
    every: dict[tuple[str, Kind, str], list[Row]] = {}
    canonical = {identifier: ontology.canonical(identifier) for identifier in hpo.diseases}
    traits = _traits(hpo)
    out = 0
    for row in rows:
        key = _key(row, hpo, canonical.get(row["database_id"]), traits)
        if key is None:
            continue
        every.setdefault(key, []).append(row)
        if withheld and any(reference in withheld for reference in _references(row)):
            out += 1
        else:
            kept.setdefault(key, []).append(row)
    return list(_facts(kept, source, hpo)), list(_facts(every, source, hpo)), out


def _traits(hpo: Hpo) -> dict[str, Kind]:
    """HPO's modes of inheritance (no qualifiers) and ages of onset, by id."""
    modes = {each: Kind.INHERITANCE for each in hpo.ids if is_below(hpo, each, MODES) and not is_below(hpo, each, QUALIFIERS)}
    return {**modes, **{each: Kind.ONSET for each in hpo.ids if is_below(hpo, each, ONSETS)}}


def _key(row: Row, hpo: Hpo, disease: str | None, traits: Mapping[str, Kind]) -> tuple[str, Kind, str] | None:
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
    return [each.strip() for each in (row.get("reference") or "").split(";") if each.strip()]


def _facts(grouped: dict[tuple[str, Kind, str], list[Row]], source: str, hpo: Hpo) -> Iterator[Fact]:
    present: dict[str, set[int]] = {disease: set() for disease, kind, _ in grouped if kind is Kind.ABSENT}
    for disease, kind, term in grouped:
        if kind is Kind.FINDING and disease in present:
            present[disease].update(hpo.ancestors(hpo.position[term]).tolist())
    for (disease, kind, term), rows in sorted(grouped.items()):
        if kind is Kind.ABSENT and hpo.position[term] in present[disease]:
            continue  # present by another row, or by a more special finding
        yield _fact(disease, kind, term, rows, source)


def _fact(disease: str, kind: Kind, term: str, rows: list[Row], source: str) -> Fact:
    ids = sorted({row["database_id"] for row in rows})
    references = tuple(dict.fromkeys(reference for row in rows for reference in _references(row)))
    if kind not in (Kind.FINDING, Kind.ABSENT):
        return Fact(disease, kind, term, source, f"{'/'.join(ids)} {term}", references)
    frequency, patients = pooled([frequency_of(row["frequency"]) for row in rows])
    sexes, onsets = ({row.get(column) or "" for row in rows} for column in ("sex", "onset"))
    return Fact(
        disease, kind, term, source, f"{'/'.join(ids)} {term}", references,
        frequency=None if frequency != frequency else frequency, patients=patients,
        sex=sexes.pop().lower() if len(sexes) == 1 else "", onset=onsets.pop() if len(onsets) == 1 else "",
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
        stated: list[tuple[Kind, Iterable[str]]] = [
            (Kind.TERM_DEFINITION, [glossary.definitions[identifier]] if identifier in glossary.definitions else ()),
            (Kind.TERM_PARENT, (each for each in glossary.parents.get(identifier, ()) if each != ROOT)),
            (Kind.TERM_SYNONYM, glossary.synonyms.get(identifier, ())),
            (Kind.TERM_LAY, glossary.lay.get(identifier, ())),
            (Kind.TERM_SYSTEM, sorted(hpo.ids[each] for each in map(int, above[1:]) if hpo.ids[each] in systems)),
        ]
        yield from (Fact(identifier, kind, value, source, identifier) for kind, values in stated for value in values)
