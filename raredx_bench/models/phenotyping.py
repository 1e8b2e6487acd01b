"""The built-in diagnoser as a model type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lm_eval.api.registry import register_model

from raredx_bench import sources
from raredx_bench.definitions import defined
from raredx_bench.domain import UnknownName, UsageError
from raredx_bench.hpo import load_hpo
from raredx_bench.models.answering import AnsweringLM
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Diagnoser, Ranker, cited, ratios

RANKINGS = ("fitted", "findings", "plain")
ANNOTATIONS = ("all", "others")


@register_model("phenotype")
class PhenotypeLM(AnsweringLM):
    """The built-in diagnoser as a model: HPO-coded cases by their codes, free text by its words and the terms it finds in it.

    model_args: data_dir (another data directory), evidence (a file to which each case's evidence is appended as JSON lines),
    ranking ("fitted"; "findings": the same, of free text the findings alone; "plain": likelihood ratios alone), annotations ("all",
    or "others": those that don't cite the case's own publication, where its group is one).
    """

    wordless = True

    def __init__(
        self, data_dir: str | None = None, evidence: str | None = None, ranking: str = "fitted", annotations: str = "all",
        **unknown: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        extra = set(unknown) - {"batch_size", "max_batch_size", "device"}
        if extra:
            raise UsageError(
                f"the model type phenotype knows no argument {', '.join(sorted(extra))}: data_dir, evidence, ranking, annotations"
            )
        for kind, given, known in (("ranking", ranking, RANKINGS), ("choice of annotations", annotations, ANNOTATIONS)):
            if given not in known:
                raise UnknownName(kind, given, known)
        if ranking == "plain" and annotations == "others":
            raise UsageError("the plain ranking knows all annotations only: leave annotations=others or ranking=plain out")
        root = sources.data_dir(Path(data_dir) if data_dir else None)
        hpo = load_hpo(root)
        ontology = load_ontology(root, hpo)
        self.ranker: Ranker | Diagnoser = (
            Ranker(hpo, ontology) if ranking == "plain"
            else Diagnoser(hpo, ontology, cited=cited(root, hpo, ontology) if annotations == "others" else None,
                           definitions=defined(root, ontology) if ranking == "fitted" else None)
        )  # fmt: skip
        self._by_words = ranking == "fitted"
        self._name = "-".join(["phenotype", *(each for each in (ranking, annotations) if each not in ("fitted", "all"))])
        self._evidence = Path(evidence) if evidence else None

    def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
        """A numbered list of names, best first; a text without a list when no finding was recognised."""
        asked = int(doc.get("asked", 10))
        observed, excluded, text = doc.get("observed") or (), doc.get("excluded") or (), ""
        if not observed and not excluded:
            text = str(doc.get("presentation", prompt))
            found = self.ranker.read(text)
            observed, excluded = found.observed, found.excluded
        if isinstance(self.ranker, Ranker):
            ranked: Sequence[Any] = self.ranker.rank(observed, excluded, asked)
        else:
            publication = str(doc.get("group", ""))
            said = text if self._by_words else ""
            ranked = self.ranker.diagnose(observed, excluded, text=said, most=asked, publication=publication).candidates
        if self._evidence:
            self._keep(self._evidence, str(doc.get("case_id")), ranked)
        if not ranked:
            return "No diagnosis can be given, because no finding was recognised in the case."
        return "\n".join(f"{rank}. {candidate.name}" for rank, candidate in enumerate(ranked, 1))

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results, and what it is called: phenotype, phenotype-plain, phenotype-others, …"""
        return {"name": self._name, "model_revision": f"HPO {self.ranker.hpo.release}"}

    def _keep(self, path: Path, case_id: str, ranked: Sequence[Any]) -> None:
        rows = [_plain(each) if isinstance(each, ratios.Candidate) else _rounded(asdict(each)) for each in ranked]
        with path.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"case_id": case_id, "candidates": rows}) + "\n")


def _plain(candidate: ratios.Candidate) -> dict[str, Any]:
    evidence = [
        {"finding": e.finding, "observed": e.observed, "log10_ratio": round(e.log10_ratio, 4), "matched": e.matched,
         "frequency": round(e.frequency, 4)} for e in candidate.evidence
    ]  # fmt: skip
    return {"id": candidate.id, "name": candidate.name, "score": round(candidate.score, 4), "evidence": evidence}


def _rounded(value: Any) -> Any:
    """The same JSON value with four decimals."""
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
