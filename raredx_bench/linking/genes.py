"""Disorders named by a gene: "STXBP1 encephalopathy", "CASK-related disorder", "laminopathy", "X due to a Y mutation"."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple

# Proteins that disorders are named by, with the gene's symbol.
PROTEINS = {
    "lamin a/c": "LMNA", "lamin a": "LMNA", "dysferlin": "DYSF", "calpain-3": "CAPN3", "calpain 3": "CAPN3", "dystrophin": "DMD",
    "titin": "TTN", "desmin": "DES", "emerin": "EMD", "caveolin-3": "CAV3", "anoctamin-5": "ANO5", "anoctamin 5": "ANO5",
    "filamin c": "FLNC", "filamin a": "FLNA", "filamin b": "FLNB", "fibrillin-1": "FBN1", "fibrillin-2": "FBN2", "nebulin": "NEB",
    "myotilin": "MYOT", "plectin": "PLEC", "ferroportin": "SLC40A1", "hemojuvelin": "HJV", "hepcidin": "HAMP", "huntingtin": "HTT",
    "frataxin": "FXN", "progranulin": "GRN", "tau": "MAPT", "gelsolin": "GSN", "transthyretin": "TTR", "uromodulin": "UMOD",
    "polycystin-1": "PKD1", "polycystin-2": "PKD2", "podocin": "NPHS2", "nephrin": "NPHS1", "tuberin": "TSC2", "hamartin": "TSC1",
    "merlin": "NF2", "cystinosin": "CTNS", "perforin": "PRF1", "properdin": "CFP", "spastin": "SPAST", "atlastin-1": "ATL1",
    "ankyrin-1": "ANK1", "pejvakin": "PJVK", "otoferlin": "OTOF", "cadherin-23": "CDH23", "harmonin": "USH1C", "usherin": "USH2A",
    "rhodopsin": "RHO", "peripherin": "PRPH2", "bestrophin-1": "BEST1", "bestrophin": "BEST1", "myocilin": "MYOC",
    "aquaporin-2": "AQP2", "aquaporin 2": "AQP2", "tenascin-x": "TNXB", "noggin": "NOG", "sclerostin": "SOST", "leptin": "LEP",
    "menin": "MEN1", "parafibromin": "CDC73", "fumarase": "FH", "transaldolase": "TALDO1", "cochlin": "COCH", "matrilin-3": "MATN3",
    "cartilage oligomeric matrix protein": "COMP", "fukutin": "FKTN", "merosin": "LAMA2", "laminin alpha-2": "LAMA2",
    "laminin alpha 2": "LAMA2", "connexin 26": "GJB2", "connexin 32": "GJB1", "connexin-26": "GJB2", "connexin-32": "GJB1",
    "cryopyrin": "NLRP3", "pyrin": "MEFV", "moesin": "MSN", "midline-1": "MID1", "reelin": "RELN", "doublecortin": "DCX",
    "lissencephaly-1": "PAFAH1B1", "gephyrin": "GPHN", "spectrin": "SPTA1", "ataxin-3": "ATXN3", "ataxin-1": "ATXN1",
    "ataxin-2": "ATXN2", "ataxin-7": "ATXN7", "parkin": "PRKN", "alsin": "ALS2", "senataxin": "SETX", "aprataxin": "APTX",
    "neuroserpin": "SERPINI1", "crumbs homolog 1": "CRB1", "phospholamban": "PLN", "keratin 9": "KRT9",
    "keratin 10": "KRT10", "keratin 5": "KRT5", "keratin 14": "KRT14", "glucokinase": "GCK", "lipin-1": "LPIN1",
    "selenoprotein n": "SELENON", "munc13-4": "UNC13D", "alpha-synuclein": "SNCA", "prion protein": "PRNP",
}  # fmt: skip
# "-opathies", where one word means the disorders of one gene.
OPATHIES = {
    "laminopathy": "LMNA", "dysferlinopathy": "DYSF", "calpainopathy": "CAPN3", "dystrophinopathy": "DMD", "titinopathy": "TTN",
    "desminopathy": "DES", "caveolinopathy": "CAV3", "anoctaminopathy": "ANO5", "filaminopathy": "FLNA", "myotilinopathy": "MYOT",
    "plectinopathy": "PLEC", "nebulinopathy": "NEB", "gelsolinopathy": "GSN", "merosinopathy": "LAMA2", "cryopyrinopathy": "NLRP3",
    "spastinopathy": "SPAST", "fibrillinopathy": "FBN1", "huntingtinopathy": "HTT", "bestrophinopathy": "BEST1",
    "ferroportinopathy": "SLC40A1", "merlinopathy": "NF2", "sodium channelopathy": "SCN5A", "emerinopathy": "EMD",
}  # fmt: skip
GENERIC = frozenset({
    "disorder", "disease", "syndrome", "condition", "spectrum", "deficiency", "haploinsufficiency", "phenotype", "insufficiency",
    "loss", "function", "defect", "genetic", "hereditary", "familial", "rare", "disturbance", "diseases",
})  # fmt: skip
_TOKEN = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Z0-9]{1,9}(?:orf\d+)?[A-Z0-9]*(?:-\d+)?)(?:[-\s]?(?:opathy|opathies))?(?![a-z0-9])")
_TALK = re.compile(
    r"(?:[-\s]*\b(?:related|associated|linked|mutated|mutant|positive|type)\b)|\b(?:(?:hetero|homo)zygous|biallelic|monoallelic|pathogenic|"
    r"(?:likely )?pathogenic|de novo|germline|loss[- ]of[- ]function|gain[- ]of[- ]function|"
    r"mutations?|variants?|genes?|defects? (?:in|of)|in the|in|an?|"
    r"the|"
    r"of|to|due|caused|by|opathy|protein)\b",
    re.IGNORECASE,
)


_CODE = re.compile(r"(?<![A-Za-z0-9-])[A-Z][A-Z0-9]*\d[A-Z0-9]*(?:-\d+)?(?![A-Za-z0-9])")


def codes_in(text: str) -> list[str]:
    """What looks like a gene symbol or a numbered abbreviation: two capitals and a digit, four characters or more."""
    return [code for code in _CODE.findall(text) if len(code) >= 4 and sum(char.isalpha() for char in code) > 1]


class GeneName(NamedTuple):
    """A gene symbol found in a name, and what is said beside it."""

    symbol: str
    rest: str


def gene_in(text: str, known: Container[str]) -> GeneName | None:
    """The first gene that a name names, by symbol, protein or "-opathy", and the rest of the name; None when it names none."""
    for found in _TOKEN.finditer(text):
        for symbol in (found.group(1), found.group(1).partition("-")[0]):  # NKX2-1, and the CLCN1 of "CLCN1-2"
            if symbol in known and len(symbol) > 2:
                return GeneName(symbol, f"{text[: found.start()]} {text[found.start() + len(symbol) :]}")
    low = text.lower()
    for word, symbol in OPATHIES.items():
        if word in low:
            return GeneName(symbol, low.replace(word, " "))
    for protein, symbol in PROTEINS.items():
        if protein in low and re.search(rf"(?<!\w){re.escape(protein)}(?!\w)", low):
            return GeneName(symbol, low.replace(protein, " "))
    return None


def untalked(rest: str) -> str:
    """What is said beside a gene, without the words that only tie it to the gene."""
    return " ".join(_TALK.sub(" ", rest).replace("-", " ").split()).strip(" ,;:()")


def is_gene_only(text: str, known: Container[str]) -> str | None:
    """The symbol when a text names a gene and nothing else ("SOS1-related", "a SHH mutation"); None otherwise."""
    found = gene_in(text, known)
    return found.symbol if found and not untalked(found.rest) else None
