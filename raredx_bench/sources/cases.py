"""Sets of cases that can be pulled, or put in place by those who have access to them, and what their protocols need."""

from __future__ import annotations

from raredx_bench.sources.registry import Remote, Source

RAREBENCH_ZIP = Remote("rarebench/data.zip", "https://huggingface.co/datasets/chenxz/RareBench/resolve/{version}/data.zip")
RAREBENCH_CITATION = "Chen et al. RareBench: can LLMs serve as rare diseases specialists? KDD 2024. arXiv:2402.06341"
ARENA_HUB = "https://huggingface.co/datasets/THUMedInfo/RareArena/resolve/{version}"
ARENA_REPOSITORY = "https://raw.githubusercontent.com/zhao-zy15/RareArena"
ARENA_PAGE = "https://github.com/zhao-zy15/RareArena"
ARENA_CITATION = "Chen et al. RareArena. Lancet Digital Health 2026:100953. doi:10.1016/j.landig.2025.100953"
ARENA_SEEN = "the repository's README (licence, citation) and the hub's list of files (79.8 and 46.4 MB)"
BR = "https://raw.githubusercontent.com/rarasAI/rarebench-br/{version}/cases"
BR_LAYERS = ("L3_v2", "L4", "L5_realsus")
MIMIC = ("discharge", "diagnoses_icd", "patients", "edstays", "triage", "d_icd_diagnoses")


def _arena(name: str, title: str, size: int, paths: tuple[str, ...]) -> Source:
    return Source(name, title, "benchmark", paths, ARENA_PAGE, "CC-BY-NC-SA-4.0",
                  (Remote(paths[0], f"{ARENA_HUB}/{paths[0].removeprefix('rarearena/')}"),), ARENA_CITATION, version="main",
                  size=size, seen=ARENA_SEEN)  # fmt: skip


def _arena_subset(task: str) -> Source:
    file = f"{task}_benchmark.jsonl"
    return Source(
        f"rarearena_{task.lower()}_benchmark", f"RareArena {task}, the benchmark's subset", "benchmark", (f"rarearena/{file}",),
        ARENA_PAGE, "CC-BY-NC-SA-4.0", (Remote(f"rarearena/{file}", f"{ARENA_REPOSITORY}/{{version}}/benchmark_data/{file}"),),
        ARENA_CITATION, version="master",
        unverified="name and folder were read in scripts of others that load it, not in the repository",
        seen="the folder benchmark_data of the repository; public download scripts for the file's name",
    )  # fmt: skip


CASES = (
    Source(
        "rarebench", "RareBench (task 4: RAMEDIS, MME, HMS, LIRICAL)", "benchmark", ("rarebench/data.zip",),
        "https://huggingface.co/datasets/chenxz/RareBench", "Apache-2.0", (RAREBENCH_ZIP,), RAREBENCH_CITATION,
        version="main", size=36_600, seen="RareBench.py and the list of files on the hub",
    ),
    Source(
        "pumch_adm", "RareBench PUMCH_ADM", "benchmark", ("rarebench/PUMCH_ADM.jsonl", "rarebench/PUMCH_ADM.json"),
        "https://github.com/chenxz1111/RareBench", "Apache-2.0", (RAREBENCH_ZIP,), RAREBENCH_CITATION, version="main", size=36_600,
        seen="RareBench.py on the hub, which names PUMCH_ADM among the sets of data.zip; a thread there, 'without PUMCH dataset', "
             "says that the zip lacks it",
    ),
    Source(
        "pumch_l", "PUMCH-L of PhenoBrain", "benchmark", ("phenobrain/PUMCH_L.jsonl", "phenobrain/PUMCH_L.json"),
        "https://github.com/xiaohaomao/timgroup_disease_diagnosis", "PhenoBrain-Zenodo", (Remote("phenobrain/PUMCH_L.json", None),),
        "Mao et al. A phenotype-based AI pipeline outperforms human experts in differentially diagnosing rare diseases using EHRs. "
        "npj Digital Medicine 2025;8:68. doi:10.1038/s41746-025-01452-1",
        access="its authors point to https://zenodo.org/records/10774650 for their test sets: take PUMCH-L from there if it is "
               "among them",
        unverified="whether PUMCH-L is distributed at all, its file's name and its licence",
        seen="README of the repository",
    ),
    Source(
        "phenopacket_store", "Phenopacket Store release", "benchmark", ("phenopackets/all_phenopackets.zip",),
        "https://github.com/monarch-initiative/phenopacket-store/releases", "BSD-3-Clause",
        (Remote("phenopackets/all_phenopackets.zip",
                "https://github.com/monarch-initiative/phenopacket-store/releases/download/{version}/all_phenopackets.zip",
                "d0c70005bb09b87035087516252b6b539fbc0415be7c664b73c9cde7eedf205a"),),
        "Danis et al. A corpus of GA4GH phenopackets. HGG Advances 2025;6:100371. doi:10.1016/j.xhgg.2024.100371",
        version="0.1.27", size=19_431_098,
        seen="README of phenopacket-store-toolkit (URL); two public records of 0.1.27, one comparing with GitHub's own digest",
    ),
    _arena("rarearena_rds", "RareArena RDS", 79_800_000, ("rarearena/RDS.json",)),
    _arena("rarearena_rdc", "RareArena RDC", 46_400_000, ("rarearena/RDC.json",)),
    _arena_subset("RDS"),
    _arena_subset("RDC"),
    Source(
        "rarearena_hypernyms", "RareArena's Orphanet parents and their counts of diseases", "tool",
        ("rarearena/orphanet_hypernym.json", "rarearena/orphanet_hypernym.json.gz"), ARENA_PAGE, "CC-BY-NC-SA-4.0",
        (Remote("rarearena/orphanet_hypernym.json", f"{ARENA_REPOSITORY}/{{version}}/benchmark_data/orphanet_hypernym.json"),),
        ARENA_CITATION, version="c80501a4b77812d78681fc721e01d7027b456669", seen="the repository at that commit",
    ),
    Source(
        "mygene2", "MyGene2 patients of SHEPHERD", "benchmark", ("mygene2/mygene2_5.7.22.txt", "mygene2/mygene2.jsonl"),
        "https://github.com/mims-harvard/SHEPHERD", "SHEPHERD-Dataverse",
        (Remote("mygene2/mygene2_5.7.22.txt", "https://dataverse.harvard.edu/api/access/datafile/6689035"),),
        "Alsentzer et al. Few shot learning for phenotype-driven diagnosis of patients with rare genetic diseases. "
        "npj Digital Medicine 2025;8:380. doi:10.1038/s41746-025-01749-1",
        unverified="the file's number in the Dataverse record was read in notes of others; the record's licence could not be read",
        seen="README of SHEPHERD (record doi:10.7910/DVN/TZTPFL, one JSON a line with positive_phenotypes and true_diseases)",
    ),
    Source(
        "rarebench_br", "RareBench-BR (Brazilian Portuguese): layers L3_v2, L4, L5_realsus", "benchmark",
        ("rarebench_br/RareBench_BR_SUS_v1.jsonl", *(f"rarebench_br/{layer}.jsonl" for layer in BR_LAYERS)),
        "https://github.com/rarasAI/rarebench-br", "CC-BY-4.0",
        tuple(Remote(f"rarebench_br/{layer}.jsonl", f"{BR}/{layer}.jsonl") for layer in BR_LAYERS),
        "Raras Team. RareBench-BR. 2026. https://github.com/rarasAI/rarebench-br",
        version="6db2741ce2300d3fe0a5c64532a11afe88fdbdcc",
        seen="README (cases: CC BY 4.0) and files of the repository at that commit",
    ),
    Source(
        "mimic_iv", "MIMIC-IV: discharge notes, diagnoses, patients, emergency stays", "benchmark",
        tuple(f"mimic/{stem}.csv.gz" for stem in MIMIC), "https://physionet.org/content/mimic-iv-note/2.2/", "PhysioNet-DUA-1.5.0",
        tuple(Remote(f"mimic/{stem}.csv.gz", None) for stem in MIMIC),
        "Johnson et al. MIMIC-IV, a freely accessible electronic health record dataset. Sci Data 2023;10:1. "
        "doi:10.1038/s41597-022-01899-x; MIMIC-IV-Note and MIMIC-IV-ED 2.2, PhysioNet",
        access="become a credentialed user of PhysioNet (with CITI training), sign the agreement, and download discharge.csv.gz of "
               "MIMIC-IV-Note 2.2, diagnoses_icd.csv.gz, d_icd_diagnoses.csv.gz and patients.csv.gz of MIMIC-IV 3.1, "
               "edstays.csv.gz and triage.csv.gz of "
               "MIMIC-IV-ED 2.2; the agreement forbids sending them to other people's model endpoints",
        seen="physionet.org/content/mimiciv and physionet.org on online services; mimic.mit.edu/docs/IV/modules/note",
    ),
)  # fmt: skip
