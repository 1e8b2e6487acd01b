"""The model through the tasks, once for each round: a wording of the prompt, and a repeat of it with a seed of its own."""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raredx_bench.answers import AnswerStore, Listener
from raredx_bench.cost import Forecast
from raredx_bench.domain import RunIncomplete, UsageError
from raredx_bench.prompts import CONFIDENT, REASONED, WORDINGS
from raredx_bench.redacting import scrubbed
from raredx_bench.tasks import loaded_tasks

if TYPE_CHECKING:  # it would load lm-eval
    from raredx_bench.models.watching import Watch

log = logging.getLogger("raredx")
Before = Callable[[Sequence[Any]], None]  # hears the requests that are about to be sent


class Estimated(Exception):
    """What a run may cost, raised instead of sending anything. forecast: for all requests that are not answered yet."""

    def __init__(self, forecast: Forecast) -> None:
        super().__init__(forecast.said())
        self.forecast = forecast


@dataclass(frozen=True)
class Round:
    """One pass over all tasks. number: from 1. wording: which of WORDINGS, from 0."""

    number: int
    wording: int
    seed: int

    @property
    def folder(self) -> str:
        """Where its answers are kept, in the run's folder."""
        return "answers" if self.number == 1 else f"answers.{self.number}"


def rounds_of(request: Mapping[str, Any]) -> list[Round]:
    """All rounds of a request: its wordings, each repeated; seeds count on from the request's."""
    pairs = [(wording, repeat) for wording in range(request["prompts"]) for repeat in range(request["repeats"])]
    return [Round(number, wording, request["seed"] + repeat) for number, (wording, repeat) in enumerate(pairs, 1)]


def answered(
    lm: Any, request: Mapping[str, Any], asked: Sequence[str], one: Round, watch: Watch, folder: Path, listener: Listener | None,
    before: Before,
) -> AnswerStore:  # fmt: skip
    """The store of a round's answers, after the model was asked everything that it didn't hold.

    evaluate() rather than simple_evaluate(): the latter collects the environment with git and torch, seconds a run.
    Raises RunIncomplete, with what is kept and what went wrong, when the model stopped; UsageError for what can't be asked.
    """
    from lm_eval import evaluate

    store = AnswerStore(folder / one.folder, listener, watch.note)
    _seed(one.seed)
    loaded = _loaded(request, asked, one)
    try:
        with store.attached(lm, before):
            evaluate(lm, loaded, limit=request["limit"], samples=request.get("samples"), bootstrap_iters=0,
                     apply_chat_template=request["apply_chat_template"])  # fmt: skip
    except KeyboardInterrupt as stop:
        raise RunIncomplete(_kept("stopped", store, asked, folder)) from stop
    except (UsageError, Estimated):
        raise
    except Exception as error:
        log.debug("the model failed", exc_info=True)
        said = scrubbed(f"the model failed with {type(error).__name__}: {error}")
        raise RunIncomplete(_kept(said, store, asked, folder)) from None
    return store


def _loaded(request: Mapping[str, Any], asked: Sequence[str], one: Round) -> Any:
    from lm_eval.utils import simple_parse_args_string

    generation = request["gen_kwargs"]
    generation = simple_parse_args_string(generation) if isinstance(generation, str) else generation
    if generation and "do_sample" not in generation and float(generation.get("temperature") or 0) > 0:
        generation = {**generation, "do_sample": True}  # or local models would stay greedy
    if request["repeats"] > 1 and not (generation or {}).get("do_sample"):
        log.warning("nothing is sampled, so repeats may all be the same: give a temperature, --gen_kwargs temperature=0.7")
    wording = REASONED if request["reasoning"] else WORDINGS[one.wording]
    wording += CONFIDENT if request["confidence"] else ""
    loaded = loaded_tasks(asked, request["metadata"], wording=wording, shots=request["num_fewshot"])
    for task in loaded["tasks"].values():
        if generation:
            task.set_config(key="generation_kwargs", value=generation, update=True)
        task.set_config(key="num_fewshot", value=request["num_fewshot"])
        task.set_fewshot_seed(seed=request["seed"])
        task.override_metric(metric_name="bypass")  # verdicts come from the stored answers
    return loaded


def _seed(seed: int) -> None:
    import numpy

    random.seed(seed)
    numpy.random.seed(seed)  # lm-eval and its backends draw from the global generators
    if "torch" in sys.modules:  # only a model that uses it has loaded it
        from lm_eval.utils import set_torch_seed

        set_torch_seed(seed)


def _kept(what: str, store: AnswerStore, asked: Sequence[str], folder: Path) -> str:
    done = sum(len(store.texts(name)) for name in asked)
    return f"{what}; {done} answers are kept in {folder / 'answers'}: the same command goes on from there"
