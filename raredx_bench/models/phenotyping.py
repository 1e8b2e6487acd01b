"""The built-in diagnoser as a model type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval.api.registry import register_model

from raredx_bench import sources
from raredx_bench.domain import UsageError
from raredx_bench.hpo import load_hpo
from raredx_bench.models.answering import AnsweringLM
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype.ratios import Candidate, Ranker


@register_model("phenotype")
class PhenotypeLM(AnsweringLM):
    """The built-in diagnoser as a model: HPO-coded cases by their codes, free text by the terms it finds in it.

    model_args: data_dir (another data directory), evidence (a file to which each case's evidence is appended as JSON lines).
    """

    def __init__(self, data_dir: str | None = None, evidence: str | None = None, **unknown: Any) -> None:
        super().__init__()
        extra = set(unknown) - {"batch_size", "max_batch_size", "device"}
        if extra:
            raise UsageError(f"the model type phenotype knows no argument {', '.join(sorted(extra))}: data_dir, evidence")
        root = sources.data_dir(Path(data_dir) if data_dir else None)
        hpo = load_hpo(root)
        self.ranker = Ranker(hpo, load_ontology(root, hpo))
        self._evidence = Path(evidence) if evidence else None

    def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
        """A numbered list of names, best first; a text without a list when no finding was recognised."""
        asked = int(doc.get("asked", 10))
        if doc.get("observed") or doc.get("excluded"):
            ranked = self.ranker.rank(doc["observed"], doc["excluded"], asked)
        else:
            ranked = self.ranker.diagnose(str(doc.get("presentation", prompt)), asked)
        if self._evidence:
            self._keep(str(doc.get("case_id")), ranked)
        if not ranked:
            return "No diagnosis can be given, because no finding was recognised in the case."
        return "\n".join(f"{rank}. {candidate.name}" for rank, candidate in enumerate(ranked, 1))

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results."""
        return {"model_revision": f"HPO {self.ranker.hpo.release}"}

    def _keep(self, case_id: str, ranked: Sequence[Candidate]) -> None:
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "score": round(each.score, 4),
                "evidence": [
                    {"finding": e.finding, "observed": e.observed, "log10_ratio": round(e.log10_ratio, 4),
                     "matched": e.matched, "frequency": round(e.frequency, 4)} for e in each.evidence
                ],
            }
            for each in ranked
        ]  # fmt: skip
        assert self._evidence is not None
        with self._evidence.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"case_id": case_id, "candidates": rows}) + "\n")
