"""Model types that lm-eval can be asked for by name, beside its own: `phenotype`, and any `str -> str` function.

Importing this module registers them. `python -m raredx_bench.models ARGS` is lm-eval's own command line with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lm_eval.models  # noqa: F401  first, or lm-eval's own model types are "not found"
from lm_eval.api.model import LM
from lm_eval.api.registry import get_model, model_registry, register_model

from raredx_bench import sources
from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_bench.hpo import load_hpo
from raredx_bench.ontology import load_ontology
from raredx_bench.phenotype import Candidate, Ranker


class AnsweringLM(LM):
    """A model that only answers: one request, one text. Subclasses say how."""

    def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
        """The text of the answer to one prompt about one document."""
        raise TypeError(f"{type(self).__name__} must say how it answers")

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """Answers in the order of the requests, each handed to the cache hook as it comes."""
        found = []
        for request in requests:
            text = self.answer(str(request.args[0]), request.doc)
            self.cache_hook.add_partial("generate_until", request.args, text)
            found.append(text)
        return found

    def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:
        """Not defined: raises UsageError."""
        raise UsageError(f"the model type {type(self).__name__} only answers; it has no likelihoods")

    def loglikelihood_rolling(self, requests: Sequence[Any]) -> list[float]:
        """Not defined: raises UsageError."""
        raise UsageError(f"the model type {type(self).__name__} only answers; it has no likelihoods")

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        """The last turn's text: there is no template."""
        return chat_history[-1]["content"]


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


class FunctionLM(AnsweringLM):
    """Any function from prompt to answer, as a model."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self.function = function

    def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
        """What the function returns; BadInput when that is no text."""
        text = self.function(prompt)
        if not isinstance(text, str):
            raise BadInput(f"the model function returned {type(text).__name__}, expected str")
        return text


def build_model(
    model: str | LM | Callable[[str], str],
    model_args: str | Mapping[str, Any] | None = None,
    batch_size: int | str | None = None,
    device: str | None = None,
) -> LM:
    """An lm-eval model object from a registered type's name, an object, or a function.

    Raises UnknownName for a type nobody registered, UsageError when its packages are missing or its arguments are wrong.
    """
    if isinstance(model, LM):
        return model
    if not isinstance(model, str):
        if not callable(model):
            raise UsageError(f"a model is a name, an lm-eval model or a function from prompt to answer, not {type(model).__name__}")
        return FunctionLM(model)
    if model not in model_registry:
        raise UnknownName("model type", model, model_registry.keys())
    extra = {"batch_size": batch_size, "max_batch_size": None, "device": device}
    try:
        kind = get_model(model)
        if isinstance(model_args, Mapping):
            return kind.create_from_arg_obj(dict(model_args), extra)
        return kind.create_from_arg_string(model_args or "", extra)
    except ImportError as error:
        raise UsageError(
            f"the model type {model!r} needs a package that is not installed ({error}): "
            "pip install 'raredx[hf]', 'raredx[vllm]' or 'raredx[api]'"
        ) from error
    except (TypeError, KeyError, OSError, ValueError) as error:
        raise UsageError(f"the model {model!r} could not be built from {model_args or 'no arguments'}: {error}") from error


if __name__ == "__main__":
    from lm_eval.__main__ import cli_evaluate

    cli_evaluate()
