"""Ontologies and tables of knowledge that can be pulled."""

from __future__ import annotations

from raredx_bench.sources.registry import Remote, Source

HPO = "https://github.com/obophenotype/human-phenotype-ontology/releases/download/{version}"
HPO_CITATION = "Gargano et al. The Human Phenotype Ontology in 2024. Nucleic Acids Res. 2024;52:D1333. doi:10.1093/nar/gkad1005"
HPO_SEEN = "release assets and checksums: several public lock files name the same URL and SHA-256 for v2026-06-23"
MONDO = "https://raw.githubusercontent.com/monarch-initiative/mondo/{version}/src"
MONDO_CITATION = (
    "Vasilevsky et al. Mondo: unifying diseases for the world, by the world. medRxiv 2022. doi:10.1101/2022.04.13.22273750"
)
ORPHADATA = "https://www.orphadata.com/data/xml"
ORPHANET_CITATION = (
    "Orphanet: an online database of rare diseases and orphan drugs. INSERM 1999. Orphadata, https://www.orphadata.com"
)
ORPHADATA_SEEN = "file names: github.com/Orphanet/Orphadata_aggregated; the folder data/xml: many public download scripts"
LANGUAGES = ("en", "cs", "de", "es", "fr", "it", "nl", "pl", "pt")  # of product 1, by Orphadata_aggregated
# one file for each classification; those that Orphadata_aggregated still updated in its last commits and download scripts name
CLASSIFICATIONS = (146, 147, 148, 150, 152, 156, 181, 182, 183, 184, 185, 186, 187, 188, 189, 193, 194, 195, 196, 197, 198, 199,
                   200, 201, 202, 203, 204, 205, 209, 212, 216, 231, 233, 235)  # fmt: skip


def _orphadata(name: str, title: str, stems: tuple[str, ...], size: int | None, paths: tuple[str, ...], page: str) -> Source:
    files = tuple(Remote(f"ontology/{stem}.xml", f"{ORPHADATA}/{stem}.xml") for stem in stems)
    return Source(name, title, "ontology", paths, f"https://www.orphadata.com/{page}/", "CC-BY-4.0", files, ORPHANET_CITATION,
                  size=size, seen=ORPHADATA_SEEN)  # fmt: skip


def _both(pattern: str) -> tuple[str, ...]:
    return (f"ontology/{pattern}", f"ontology/{pattern}.gz")


ONTOLOGIES = (
    Source(
        "mondo", "Mondo disease ontology", "ontology", ("ontology/mondo*.obo", "ontology/mondo*.obo.gz"),
        "https://github.com/monarch-initiative/mondo/releases", "CC-BY-4.0",
        (Remote("ontology/mondo.obo", "https://github.com/monarch-initiative/mondo/releases/download/{version}/mondo.obo"),),
        MONDO_CITATION, version="v2026-08-04", size=52_000_000,
        seen="releases page; mondo.monarchinitiative.org/pages/download for the licence",
    ),
    Source(
        "ordo", "Orphanet Rare Disease Ontology", "ontology",
        ("ontology/ORDO*.owl", "ontology/ordo*.owl*", "ontology/ordo*.json", "ontology/ordo*.json.gz"),
        "https://www.orphadata.com/ordo/", "CC-BY-4.0",
        (Remote("ontology/ORDO_en.owl", "https://www.orphadata.com/data/ontologies/ordo/last_version/ORDO_en_{version}.owl"),),
        ORPHANET_CITATION, version="4.9", size=52_467_529,
        unverified="the folder holds the current release alone, so its file name changes: --version names another",
        seen="the bioregistry's record of ORDO (4.7) and a public log of 2026-06 (4.9, 52,467,529 bytes)",
    ),
    Source(
        "sssom", "Mondo exact-match mapping tables", "ontology", ("ontology/mondo_exactmatch_*.sssom.tsv",),
        "https://github.com/monarch-initiative/mondo/tree/master/src/ontology/mappings", "CC0-1.0",
        tuple(Remote(f"ontology/mondo_exactmatch_{each}.sssom.tsv", f"{MONDO}/ontology/mappings/mondo_exactmatch_{each}.sssom.tsv")
              for each in ("omim", "omimps", "orphanet")),
        MONDO_CITATION, version="master", size=3_123_643, seen="github.com/monarch-initiative/mondo; licence: header of the tables",
    ),
    _orphadata("product1", "Orphadata 1: nomenclature and cross references, nine languages",
               tuple(f"{language}_product1" for language in LANGUAGES), None, _both("*_product1.xml"), "alignments"),
    _orphadata("product3", "Orphadata 3: classifications of rare diseases",
               tuple(f"en_product3_{number}" for number in CLASSIFICATIONS), None, _both("*_product3_*.xml"), "classifications"),
    _orphadata("product4", "Orphadata 4: phenotypes of rare diseases", ("en_product4",), None, _both("*_product4.xml"),
               "phenotypes"),
    _orphadata("product6", "Orphadata 6: genes of rare diseases", ("en_product6",), 22_600_000, _both("*_product6.xml"), "genes"),
    _orphadata("product9_prev", "Orphadata 9: prevalence", ("en_product9_prev",), None, _both("*_product9_prev.xml"),
               "orphanet-scientific-knowledge-files"),
    _orphadata("product9_ages", "Orphadata 9: ages of onset, inheritance", ("en_product9_ages",), None,
               _both("*_product9_ages.xml"), "natural-history"),
    Source(
        "babelon", "Mondo translations (Babelon tables)", "ontology", ("ontology/*.babelon.tsv", "ontology/*.babelon.tsv.gz"),
        "https://github.com/monarch-initiative/mondo/tree/master/src/translations", "CC-BY-4.0",
        (Remote("ontology/mondo-jp.babelon.tsv", f"{MONDO}/translations/mondo-jp.babelon.tsv"),),
        MONDO_CITATION, version="master", seen="github.com/monarch-initiative/mondo, src/translations",
    ),
    Source(
        "mim_titles", "OMIM titles", "ontology", ("ontology/mimTitles.txt",), "https://omim.org/downloads", "OMIM",
        (Remote("ontology/mimTitles.txt", None),),
        "Online Mendelian Inheritance in Man, OMIM. McKusick-Nathans Institute, Johns Hopkins University. https://omim.org/",
        access="register at https://omim.org/downloads, accept OMIM's terms there, and download mimTitles.txt by the link you are "
               "sent",
    ),
    Source(
        "hpo", "Human Phenotype Ontology", "ontology", ("ontology/hp.obo", "ontology/hp.obo.gz"),
        "https://hpo.jax.org/data/ontology", "HPO",
        (Remote("ontology/hp.obo", f"{HPO}/hp.obo", "a5092cbdf605f568403cf7380d9173014015692433b2cc631bc5c1b053876b1b"),),
        HPO_CITATION, version="v2026-06-23", size=11_222_341, seen=HPO_SEEN,
    ),
    Source(
        "hpoa", "HPO disease annotations", "ontology", ("ontology/phenotype.hpoa",), "https://hpo.jax.org/data/annotations", "HPO",
        (Remote("ontology/phenotype.hpoa", f"{HPO}/phenotype.hpoa",
                "89004f85b253f980ffe84218d2c080665cbf67a57bbb322111d6a2db5eb31dff"),),
        HPO_CITATION, version="v2026-06-23", size=35_672_303, seen=HPO_SEEN,
    ),
    Source(
        "genes", "HPO gene-disease relations", "ontology", ("ontology/genes_to_phenotype.txt",),
        "https://hpo.jax.org/data/annotations", "HPO",
        (Remote("ontology/genes_to_phenotype.txt", f"{HPO}/genes_to_phenotype.txt",
                "26cb7ee00c73b5777f6e5ad43323c941e1fcef1d191592f332d7929f3ea1ab3f"),),
        HPO_CITATION, version="v2026-06-23", size=20_732_778, seen=HPO_SEEN,
    ),
)  # fmt: skip
