"""Models that only answer: a class to build on, and any function from prompt to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lm_eval.api.model import LM

from raredx_bench.domain import BadInput, Note, UsageError


class AnsweringLM(LM):
    """A model that only answers: one request, one text. Subclasses say how. wordless: it asks no language model, so no tokens."""

    wordless = False

    def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
        """The text of the answer to one prompt about one document."""
        raise TypeError(f"{type(self).__name__} must say how it answers")

    def noted(self, notes: Sequence[Note], texts: Sequence[str]) -> None:
        """Hears how the answers came about that are handed over next, in this order; watching.py listens here."""

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
