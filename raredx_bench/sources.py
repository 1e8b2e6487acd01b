"""Where files come from: the data directory, what it may hold, and how to get what is missing.

A data directory is `--data-dir`, else RAREDX_DATA, else the user's own data folder (platformdirs).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from raredx_bench.domain import DataMissing, UnknownName


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that can be put in a data directory; paths are tried in order and may be glob patterns."""

    name: str
    title: str
    paths: tuple[str, ...]
    url: str
    licence: str


SOURCES = {
    source.name: source
    for source in (
        Source("mondo", "Mondo disease ontology", ("ontology/mondo*.obo", "ontology/mondo*.obo.gz"),
               "https://github.com/monarch-initiative/mondo/releases", "CC BY 4.0"),
        Source("ordo", "Orphanet Rare Disease Ontology",
               ("ontology/ORDO*.owl", "ontology/ordo*.owl*", "ontology/ordo*.json", "ontology/ordo*.json.gz"),
               "https://www.orphadata.com/ordo/", "CC BY 4.0"),
        Source("sssom", "Mondo exact-match mapping tables", ("ontology/mondo_exactmatch_*.sssom.tsv",),
               "https://github.com/monarch-initiative/mondo/tree/master/src/ontology/mappings", "CC0 1.0"),
        Source("product1", "Orphadata nomenclature in other languages",
               ("ontology/*_product1.xml", "ontology/*_product1.xml.gz"), "https://www.orphadata.com/alignments/", "CC BY 4.0"),
        Source("product9_prevalence", "Orphadata epidemiology: prevalences",
               ("ontology/*_product9_prev.xml", "ontology/*_product9_prev.xml.gz"),
               "https://www.orphadata.com/epidemiology/", "CC BY 4.0"),
        Source("product9_ages", "Orphadata natural history: ages of onset and inheritance",
               ("ontology/*_product9_ages.xml", "ontology/*_product9_ages.xml.gz"),
               "https://www.orphadata.com/natural-history/", "CC BY 4.0"),
        Source("classifications", "Orphanet classifications by medical specialty",
               ("ontology/*_product3_*.xml", "ontology/*_product3_*.xml.gz"),
               "https://www.orphadata.com/classifications/", "CC BY 4.0"),
        Source("babelon", "Mondo translations (Babelon tables)", ("ontology/*.babelon.tsv", "ontology/*.babelon.tsv.gz"),
               "https://github.com/monarch-initiative/mondo/tree/master/src/translations", "CC BY 4.0"),
        Source("mim_titles", "OMIM titles (needs an OMIM licence)", ("ontology/mimTitles.txt",),
               "https://omim.org/downloads", "OMIM terms of use"),
        Source("hpo", "Human Phenotype Ontology", ("ontology/hp.obo", "ontology/hp.obo.gz"),
               "https://hpo.jax.org/data/ontology", "HPO licence"),
        Source("hpoa", "HPO disease annotations", ("ontology/phenotype.hpoa",),
               "https://hpo.jax.org/data/annotations", "HPO licence"),
        Source("genes", "HPO gene-disease relations", ("ontology/genes_to_phenotype.txt",),
               "https://hpo.jax.org/data/annotations", "HPO licence"),
        Source("rarebench", "RareBench (task 4: RAMEDIS, MME, HMS, LIRICAL)", ("rarebench/data.zip",),
               "https://huggingface.co/datasets/chenxz/RareBench", "Apache-2.0"),
        Source("pumch_adm", "RareBench PUMCH_ADM",
               ("rarebench/PUMCH_ADM.jsonl", "rarebench/PUMCH_ADM.json"),
               "https://github.com/chenxz1111/RareBench", "Apache-2.0"),
        Source("phenopacket_store", "Phenopacket Store release", ("phenopackets/all_phenopackets.zip",),
               "https://github.com/monarch-initiative/phenopacket-store/releases", "BSD-3-Clause"),
        Source("rarearena_rds", "RareArena RDS", ("rarearena/RDS.json", "rarearena/RDS_benchmark.jsonl"),
               "https://github.com/zhao-zy15/RareArena", "CC BY-NC-SA 4.0"),
        Source("rarearena_rdc", "RareArena RDC", ("rarearena/RDC.json", "rarearena/RDC_benchmark.jsonl"),
               "https://github.com/zhao-zy15/RareArena", "CC BY-NC-SA 4.0"),
        Source("rarearena_hypernyms", "RareArena's Orphanet parents and their counts of diseases",
               ("rarearena/orphanet_hypernym.json", "rarearena/orphanet_hypernym.json.gz"),
               "https://github.com/zhao-zy15/RareArena", "CC BY-NC-SA 4.0"),
    )
}  # fmt: skip


def data_dir_default() -> Path:
    """Where pulled files are kept: the user's data folder."""
    return Path(platformdirs.user_data_dir("raredx"))


def data_dir(override: Path | None = None) -> Path:
    """The data directory in force; it need not exist, unless the user named it.

    Raises DataMissing when a directory that was named is not there.
    """
    named = override or (Path(os.environ["RAREDX_DATA"]) if os.environ.get("RAREDX_DATA") else None)
    if named is None:
        return data_dir_default()
    if not named.is_dir():
        raise DataMissing(f"the data directory {named} does not exist: name another with --data-dir or RAREDX_DATA")
    return named


def find_all(name: str, root: Path) -> list[Path]:
    """Every file of a source under root, sorted; empty when there is none."""
    if name not in SOURCES:
        raise UnknownName("source", name, SOURCES)
    found = {path for pattern in SOURCES[name].paths for path in root.glob(pattern) if path.is_file()}
    return sorted(found)


def find(name: str, root: Path) -> Path | None:
    """The first file of a source under root, in the order of its paths; None when there is none."""
    for pattern in SOURCES[name].paths if name in SOURCES else ():
        matches = sorted(path for path in root.glob(pattern) if path.is_file())
        if matches:
            return matches[0]
    return None


def require(name: str, root: Path) -> Path:
    """The file of a source under root. Raises DataMissing with one sentence on how to get it."""
    path = find(name, root)
    if path is None:
        source = SOURCES[name]
        raise DataMissing(
            f"{source.title} is not there: get it from {source.url} ({source.licence}) and put it at "
            f"{root / source.paths[0]} (another folder: --data-dir DIR or RAREDX_DATA=DIR)"
        )
    return path
