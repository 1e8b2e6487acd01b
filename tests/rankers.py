"""Files in the formats that phenotype-driven rankers write, with rankings of one's own: (id, name) of diseases, best first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Ranking = Sequence[tuple[str, str]]
GENE_COLUMNS = [
    "#RANK", "ID", "GENE_SYMBOL", "ENTREZ_GENE_ID", "MOI", "P-VALUE", "EXOMISER_GENE_COMBINED_SCORE", "EXOMISER_GENE_PHENO_SCORE",
    "EXOMISER_GENE_VARIANT_SCORE", "HUMAN_PHENO_SCORE", "MOUSE_PHENO_SCORE", "FISH_PHENO_SCORE", "WALKER_SCORE",
    "PHIVE_ALL_SPECIES_SCORE", "OMIM_SCORE", "MATCHES_CANDIDATE_GENE", "HUMAN_PHENO_EVIDENCE", "MOUSE_PHENO_EVIDENCE",
    "FISH_PHENO_EVIDENCE", "HUMAN_PPI_EVIDENCE", "MOUSE_PPI_EVIDENCE", "FISH_PPI_EVIDENCE",
]  # fmt: skip
VARIANT_COLUMNS = [
    "#RANK", "ID", "GENE_SYMBOL", "ENTREZ_GENE_ID", "MOI", "P-VALUE", "EXOMISER_GENE_COMBINED_SCORE", "EXOMISER_ACMG_DISEASE_ID",
    "EXOMISER_ACMG_DISEASE_NAME",
]  # fmt: skip


def lirical(path: Path, ranking: Ranking) -> None:
    head = ["! LIRICAL TSV Output", "! Sample: P1", "! Observed HPO terms", "! Pes planus"]
    columns = ["rank", "diseaseName", "diseaseCurie", "pretestprob", "posttestprob", "compositeLR", "entrezGeneId", "variants"]
    rows = [
        [f"{rank:,}", name, code, "1/8371", "65.60%", "4.203", "NCBIGene:2639", ""] for rank, (code, name) in enumerate(ranking, 1)
    ]
    text(path, [*head, *("\t".join(row) for row in (columns, *rows))])


def exomiser_json(path: Path, ranking: Ranking) -> None:
    """A gene for each disease, the best gene last: the order is that of the diseases' scores."""
    genes = [gene(rank, {"diseaseId": code, "diseaseTerm": name}) for rank, (code, name) in enumerate(ranking, 1)][::-1]
    mouse: dict[str, Any] = {"geneSymbol": "G0", "priorityResults": {"OMIM_PRIORITY": {"score": 1.0}}}
    text(path, [json.dumps([*genes, mouse])])


def gene(rank: int, model: dict[str, Any]) -> dict[str, Any]:
    match = {"score": 1 - rank / 10_000, "model": {"organism": "HUMAN", "humanGeneSymbol": f"G{rank}", **model}}
    hiphive = {"priorityType": "HIPHIVE_PRIORITY", "score": 0.5, "diseaseMatches": [match]}
    return {"geneSymbol": f"G{rank}", "combinedScore": rank / 10_000, "priorityResults": {"HIPHIVE_PRIORITY": hiphive}}


def exomiser_genes(path: Path, ranking: Ranking, first: int = 1) -> None:
    rows = []
    for rank, (code, name) in enumerate(ranking, first):
        cells = dict.fromkeys(GENE_COLUMNS, "0.0000") | {
            "#RANK": str(rank), "EXOMISER_GENE_COMBINED_SCORE": f"{1 - rank / 10_000:.4f}",
            "HUMAN_PHENO_EVIDENCE": f"{name} ({code}): Pes planus (HP:0001763)-Pes planus (HP:0001763), ",
            "HUMAN_PPI_EVIDENCE": "Proximity to FGF14 associated with Spinocerebellar ataxia 27 (OMIM:609307): x (HP:1)-y (HP:2), ",
        }  # fmt: skip
        rows += [cells.values(), (cells | {"HUMAN_PHENO_EVIDENCE": ""}).values()]  # the second gene is known from mice only
    text(path, ["\t".join(row) for row in (GENE_COLUMNS, *rows)])


def exomiser_variants(path: Path, ranking: Ranking) -> None:
    rows = [[str(rank), "1-2-A-G_AD", "G", "1", "AD", "0.01", f"{1 - rank / 10_000:.4f}", *disease]
            for rank, disease in enumerate(ranking, 1)]  # fmt: skip
    text(path, ["\t".join(row) for row in (VARIANT_COLUMNS, *rows, [*rows[0][:-2], "", ""])])


def pheval(path: Path, ranking: Ranking) -> None:
    rows = [f"{rank}.0\t0.5\t{name}\t{code}" for rank, (code, name) in enumerate(ranking, 1)]
    text(path, ["rank\tscore\tdisease_name\tdisease_identifier", *rows])


def pheval_parquet(path: Path, ranking: Ranking, truth: str) -> None:
    """As later versions write it: no names, and the true diagnosis with rank 0 where the ranking lacks it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codes = [code for code, _ in ranking]
    ranks = list(range(1, len(codes) + 1))
    if truth not in codes:
        codes, ranks = [*codes, truth], [*ranks, 0]
    pq.write_table(pa.table({"rank": ranks, "score": [0.5] * len(ranks), "disease_identifier": codes,
                             "true_positive": [code == truth for code in codes]}), path)  # fmt: skip


def pubcasefinder(path: Path, ranking: Ranking) -> None:
    rows = [f"{rank}\t0.9\t{code}\t{name}\tHP:0001763\tG" for rank, (code, name) in enumerate(ranking, 1)]
    text(path, ["Rank\tScore\tOMIM_ID\tDisease_Name\tMatched_Phenotype\tCausative_Gene", *rows])


def pubcasefinder_json(path: Path, ranking: Ranking) -> None:
    rows = [{"id": code, "omim_disease_name_en": name, "score": 0.9, "rank": rank} for rank, (code, name) in enumerate(ranking, 1)]
    text(path, [json.dumps(rows)])


def text(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
