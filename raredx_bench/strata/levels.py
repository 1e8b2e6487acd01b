"""The levels of every stratum, and what HPO and Orphanet call them.

prevalence: Orphanet's classes; the two above 5 / 10 000, with which a disease isn't rare (EU regulation 141/2000), are one.
age of onset: HPO's congenital onset counts as neonatal, its juvenile onset (5 to 15 years) as childhood, for Orphanet's
childhood ends at 11; young adult and middle age as adult, its late onset (after 60) as elderly.
inheritance: qualifiers ("typically de novo", penetrance, imprinting) are no mode. Sporadic and not inherited count only where no
mode is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from raredx_bench.hpo import Hpo
from raredx_bench.orphadata import BANDS

NOT_KNOWN = "not known"
SEVERAL = "several"
COMMONEST = ">5 / 10 000"
PREVALENCES = (COMMONEST, *BANDS[2:])  # commonest first
ONSETS = ("antenatal", "neonatal", "infancy", "childhood", "adolescence", "adult", "elderly", "all ages")  # earliest first
NOT_INHERITED = "sporadic or not inherited"
INHERITANCES = ("autosomal dominant", "autosomal recessive", "semidominant", "pseudoautosomal", "X-linked", "Y-linked",
                "mitochondrial", "several genes or factors", NOT_INHERITED)  # fmt: skip

_HPO_ONSETS = {  # the nearest of these at or above a term
    "HP:0030674": "antenatal", "HP:0003577": "neonatal", "HP:0003623": "neonatal", "HP:0003593": "infancy",
    "HP:0011463": "childhood", "HP:0003621": "childhood", "HP:0003584": "elderly", "HP:0003581": "adult",
}  # fmt: skip
_HPO_INHERITANCES = {
    "HP:0000006": "autosomal dominant", "HP:0000007": "autosomal recessive", "HP:0032113": "semidominant",
    "HP:0034339": "pseudoautosomal", "HP:0001417": "X-linked", "HP:0001450": "Y-linked", "HP:0001427": "mitochondrial",
    "HP:0001426": "several genes or factors", "HP:0003745": NOT_INHERITED,
}  # fmt: skip
_ORPHANET_ONSETS = {**{level: level for level in ONSETS}, "adolescent": "adolescence"}
_ORPHANET_INHERITANCES = {
    **{level.lower(): level for level in INHERITANCES},
    "semi-dominant": "semidominant", "x-linked dominant": "X-linked", "x-linked recessive": "X-linked",
    "mitochondrial inheritance": "mitochondrial", "multigenic/multifactorial": "several genes or factors",
    "oligogenic": "several genes or factors", "not applicable": NOT_INHERITED, "not genetically inherited": NOT_INHERITED,
}  # fmt: skip


def prevalence_level(band: str) -> str:
    """The level of one of Orphanet's classes."""
    return band if band in PREVALENCES else COMMONEST


def onset_levels(terms: Iterable[str], names: Iterable[str], hpo: Hpo) -> set[str]:
    """Levels of HPO's terms of onset and Orphanet's ages; what neither says is left out."""
    return {*_by_terms(terms, _HPO_ONSETS, hpo), *_by_names(names, _ORPHANET_ONSETS)}


def inheritance_levels(terms: Iterable[str], names: Iterable[str], hpo: Hpo) -> set[str]:
    """Levels of HPO's modes of inheritance and Orphanet's types; what neither says is left out."""
    return {*_by_terms(terms, _HPO_INHERITANCES, hpo), *_by_names(names, _ORPHANET_INHERITANCES)}


def earliest(levels: Iterable[str]) -> str:
    """The earliest age of onset; "all ages" only where nothing else is stated."""
    return min(levels, key=ONSETS.index, default=NOT_KNOWN)


def commonest(levels: Iterable[str]) -> str:
    """The commonest of several prevalences: a disease is at least as common as any of its names says."""
    return min(levels, key=PREVALENCES.index, default=NOT_KNOWN)


def mode(levels: Iterable[str]) -> str:
    """The one mode of inheritance that is stated, or that there are several."""
    stated = set(levels)
    modes = stated - {NOT_INHERITED} or stated
    return NOT_KNOWN if not modes else SEVERAL if len(modes) > 1 else modes.pop()


def _by_terms(terms: Iterable[str], levels: Mapping[str, str], hpo: Hpo) -> Iterator[str]:
    for index in hpo.indices(terms):
        above = {hpo.ids[each] for each in hpo.ancestors(index)}
        nearest = next((level for identifier, level in levels.items() if identifier in above), None)
        if nearest is not None:
            yield nearest


def _by_names(names: Iterable[str], levels: Mapping[str, str]) -> Iterator[str]:
    return (levels[name.lower()] for name in names if name.lower() in levels)
