"""Model types that lm-eval can be asked for by name, beside its own, and any `str -> str` function.

phenotype           the built-in diagnoser
predictions         answers made elsewhere
phenopacket-ranker  rankings by Exomiser, LIRICAL, PubCaseFinder, or what PhEval wrote

Other packages add theirs through the entry-point group "raredx_bench.models" (raredx_train: refined, raredx-train and
raredx-train-vllm).

Importing this package registers them. `python -m raredx_bench.models ARGS` is lm-eval's own command line with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

import lm_eval.models  # noqa: F401  first, or lm-eval's own model types are "not found"
from lm_eval.api.model import LM
from lm_eval.api.registry import get_model, model_registry
from lm_eval.utils import simple_parse_args_string

from raredx_bench.domain import UnknownName, UsageError
from raredx_bench.models.answering import AnsweringLM, FunctionLM
from raredx_bench.models.phenotyping import PhenotypeLM
from raredx_bench.models.predicted import PredictionsLM
from raredx_bench.models.ranked import PhenopacketRankerLM
from raredx_bench.models.spelled import GROUP, resolved

__all__ = ["AnsweringLM", "FunctionLM", "PhenopacketRankerLM", "PhenotypeLM", "PredictionsLM", "build_model"]


def build_model(
    model: str | LM | Callable[[str], str],
    model_args: str | Mapping[str, Any] | None = None,
    batch_size: int | str | None = None,
    device: str | None = None,
) -> LM:
    """An lm-eval model object from a registered type's name, a short form (spelled.py), an object, or a function.

    device: None: a GPU where there is one (lm-eval's `hf` takes CUDA for granted). Raises UnknownName for a type nobody registered,
    UsageError when its packages are missing or its arguments are wrong.
    """
    if isinstance(model, LM):
        return model
    if not isinstance(model, str):
        if not callable(model):
            raise UsageError(f"a model is a name, an lm-eval model or a function from prompt to answer, not {type(model).__name__}")
        return FunctionLM(model)
    model, model_args = resolved(model, model_args)
    offered = {each.name: each for each in entry_points(group=GROUP)}
    if model not in model_registry and model not in offered:
        raise UnknownName("model type", model, {*model_registry.keys(), *offered})
    extra: dict[str, Any] = {"batch_size": batch_size, "max_batch_size": None}
    try:
        if model not in model_registry:
            offered[model].load()  # it registers itself
        kind = get_model(model)
        given = dict(model_args) if isinstance(model_args, Mapping) else simple_parse_args_string(model_args or "")
        extra["device"] = device or (None if "device" in given else _without_gpu(kind))
        return kind.create_from_arg_obj(given, extra)
    except ImportError as error:
        raise UsageError(
            f"the model type {model!r} needs a package that is not installed ({error}): "
            "pip install 'raredx[hf]', 'raredx[vllm]' or 'raredx[api]'"
        ) from error
    except (TypeError, KeyError, OSError, ValueError) as error:
        raise UsageError(f"the model {model!r} could not be built from {model_args or 'no arguments'}: {error}") from error


def _without_gpu(kind: type) -> str | None:
    """ "cpu" for a model that transformers run, where CUDA sees no GPU."""
    if not any(each.__name__ == "HFLM" for each in kind.__mro__):
        return None
    import torch

    return None if torch.cuda.is_available() else "cpu"
