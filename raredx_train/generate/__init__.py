"""Prompts -> samples of a model, each kept on disk before it is used.

A backend asks (an OpenAI-compatible endpoint, vLLM or transformers in this process); `Kept` is what the stages call: it looks up
what was answered before, asks the rest, and stores every sample as it comes, so that a run that was stopped asks nothing twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from raredx_bench.compiled import digest_of
from raredx_bench.domain import Note, RunIncomplete, UsageError
from raredx_train.settings import Teacher

Messages = Sequence[Mapping[str, str]]  # [{"role": …, "content": …}, …]
Told = Callable[[int, int], None]  # (samples at hand, samples wanted)


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer. thought: what the model keeps apart from it, may be empty; note: how it came about."""

    text: str
    thought: str = ""
    note: Note = field(default_factory=Note)


@dataclass(frozen=True, slots=True)
class Asked:
    """One sample wanted of one prompt: its number, from 0."""

    messages: Messages
    number: int


Heard = Callable[[Asked, Sample], None]


class Backend(Protocol):
    """Whatever answers. identity: all that changes an answer, as text."""

    @property
    def identity(self) -> str:
        """Model, address and options."""

    def answer(self, asked: Sequence[Asked], heard: Heard) -> list[str]:
        """Answer each, telling `heard` as the answers come, in any order; why some were not answered, empty when all were."""


class Generator(Protocol):
    """What a stage calls."""

    def generate(self, prompts: Sequence[Messages], n: int = 1, told: Told | None = None) -> list[list[Sample]]:
        """n samples of each prompt, in the order of the prompts. Raises RunIncomplete when some can't be had now."""


class Kept:
    """A backend whose samples are kept in a folder."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.backend, self.folder = backend, folder

    def generate(self, prompts: Sequence[Messages], n: int = 1, told: Told | None = None) -> list[list[Sample]]:
        """As Generator says; the same prompt twice is asked once."""
        wanted = {self._key(asked): asked for prompt in prompts for asked in _asked(prompt, n)}
        with _store(self.folder) as store:
            found = {key: sample for key in wanted if (sample := _kept(store, key)) is not None}

            def heard(asked: Asked, sample: Sample) -> None:
                key = self._key(asked)
                store[key] = json.dumps(asdict(sample), ensure_ascii=False)
                found[key] = sample
                if told:
                    told(len(found), len(wanted))

            if told:
                told(len(found), len(wanted))
            fresh = [asked for key, asked in wanted.items() if key not in found]
            reasons = self.backend.answer(fresh, heard) if fresh else []
        if len(found) < len(wanted):
            raise RunIncomplete(f"{len(wanted) - len(found)} of {len(wanted)} samples are missing ({'; '.join(reasons[:3])}): the "
                                f"others are kept in {self.folder}, and the same command goes on from there")  # fmt: skip
        return [[found[self._key(asked)] for asked in _asked(prompt, n)] for prompt in prompts]

    def _key(self, asked: Asked) -> str:
        return digest_of([self.backend.identity, json.dumps(list(map(dict, asked.messages)), sort_keys=True), str(asked.number)])


def generator_for(teacher: Teacher, folder: Path) -> Generator:
    """The generator that a recipe names, its samples kept in a folder. Raises UsageError for one that can't be."""
    if teacher.backend == "ontology":
        raise UsageError("the ontology teacher answers cases and nothing else: name a language model for what is written otherwise")
    if teacher.backend == "endpoint":
        from raredx_train.generate.endpoint import Endpoint

        return Kept(Endpoint(teacher), folder)
    from raredx_train.generate.local import Transformers, Vllm

    return Kept((Vllm if teacher.backend == "vllm" else Transformers)(teacher), folder)


def identity_of(teacher: Teacher) -> str:
    """All of a teacher that changes its answers: not how often, how long, how many at once and where else it is asked."""
    same = ("workers", "retries", "timeout", "more_urls")
    return json.dumps({name: value for name, value in asdict(teacher).items() if name not in same}, sort_keys=True, default=str)


def _asked(prompt: Messages, n: int) -> Iterator[Asked]:
    yield from (Asked(prompt, number) for number in range(n))


@contextmanager
def _store(folder: Path) -> Iterator[Any]:
    """The kept samples, nothing of which is ever thrown away. Raises UsageError when the folder can't be used."""
    try:
        import diskcache
    except ImportError as error:
        raise UsageError("generating needs the package diskcache: pip install 'raredx[train]'") from error
    try:
        with diskcache.Cache(str(folder), eviction_policy="none") as store:
            yield store
    except (sqlite3.Error, diskcache.Timeout, OSError) as error:
        raise UsageError(f"samples can't be kept in {folder} ({error}): name another folder, or free some space") from error


def _kept(store: Any, key: str) -> Sample | None:
    """The sample under a key; None when there is none, or a damaged one."""
    try:
        kept = json.loads(store[key])
        return Sample(kept["text"], kept["thought"], Note(**kept["note"]))
    except (KeyError, ValueError, TypeError):
        return None
