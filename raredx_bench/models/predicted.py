"""Answers made elsewhere as a model type: `predictions`, and what it shares with other types that only read."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval.api.registry import register_model

from raredx_bench.answers_file import Given, Key, answers_for, read_answers
from raredx_bench.compiled import file_digest
from raredx_bench.domain import Note, UsageError
from raredx_bench.models.answering import AnsweringLM
from raredx_bench.tasks import cases_of, task_named

log = logging.getLogger("raredx")
REMEDY = " (strict=False takes missing answers as empty ones and passes over unknown ids)"


class GivenLM(AnsweringLM):
    """A model whose answers lie in files. All of them are held against the cases before the first one is given.

    strict: a case without an answer, or an answer without a case, is an error. Without it, a case without an answer gets an empty
    one, which a report counts as a miss and lists as "empty"; the log says how many. Two answers to one case are always an error.
    """

    arguments: tuple[str, ...] = ("path", "strict")

    def __init__(self, path: str | None = None, strict: bool = True, **unknown: Any) -> None:
        super().__init__()
        extra = sorted(set(unknown) - {"batch_size", "max_batch_size", "device"})
        if extra:
            raise UsageError(f"{type(self).__name__} knows no argument {', '.join(extra)}: {', '.join(self.arguments)}")
        if not path:
            raise UsageError(f"{type(self).__name__} needs to know where the answers are: --model_args path=…")
        if not isinstance(strict, bool):
            raise UsageError(f"strict must be True or False, not {strict!r}")
        self.path, self.strict = Path(str(path)).expanduser(), strict

    def given(self, wanted: Mapping[str, Collection[str]]) -> Mapping[Key, Given]:
        """The answer to each case (task -> case ids) that has one. Raises BadInput when they don't fit the cases."""
        raise TypeError(f"{type(self).__name__} must say where its answers come from")

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """The texts in the order of the requests, each handed to the cache hook. Raises BadInput before the first of them."""
        keys = [(str(request.task_name), str(request.doc["case_id"])) for request in requests]
        wanted: dict[str, list[str]] = {}
        for task, case_id in keys:
            wanted.setdefault(task, []).append(case_id)
        given = self.given(wanted)
        if unanswered := sum(key not in given for key in keys):
            log.warning("%s: %d of %d cases have no answer; they count as misses", self.path, unanswered, len(keys))
        texts = [given[key].text if key in given else "" for key in keys]
        self.noted([given[key].note if key in given else Note() for key in keys], texts)
        for request, text in zip(requests, texts, strict=True):
            self.cache_hook.add_partial("generate_until", request.args, text)
        return texts


@register_model("predictions")
class PredictionsLM(GivenLM):
    """Answers made elsewhere, from a file of JSON lines (answers_file.py), as a model.

    model_args: path, strict (see GivenLM). The file may also answer cases of its benchmark that aren't asked (a limit, a part of a
    split, a run taken up again).
    """

    def given(self, wanted: Mapping[str, Collection[str]]) -> Mapping[Key, Given]:
        """The row that answers each case. Raises BadInput listing missing, unknown and repeated ids."""
        return answers_for(read_answers(self.path), wanted, str(self.path), known=known_ids, strict=self.strict, remedy=REMEDY)

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results: a digest of the file."""
        return {"model_revision": file_digest(self.path)[:12]}


def known_ids(task: str) -> frozenset[str]:
    """Ids of all cases that a task's file has, also where only some of them are asked; empty when they are not at hand."""
    try:
        return frozenset(case.id for case in cases_of(task_named(task_named(task).base).metadata))
    except UsageError:
        return frozenset()
