"""Prompts -> completions of an OpenAI-compatible endpoint, each kept on disk as it comes.

openai (retries, timeouts) and diskcache (the kept replies) are the optional extra "judge".
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from raredx_bench.compiled import digest_of
from raredx_bench.domain import RunIncomplete, UsageError
from raredx_bench.extras import extra
from raredx_bench.naming import storable

Progress = Callable[[int, int], None]  # (replies at hand, replies wanted)
_PASSING = {402, 408, 409, 429}  # refusals that pass: no credit, timeout, lock, rate; 5xx does too
_FILTERED = "content_filter"


@dataclass(frozen=True)
class Completion:
    """One reply. finish: why the text ended ("stop", "length", …), as the endpoint says; tokens are 0 where it doesn't say."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Endpoint:
    """Where and how a model is asked; what is sent is part of a kept reply's key, retries and timeout (seconds) are not.

    temperature, seed, max_tokens None: not sent, for models that refuse them. api_key None: OPENAI_API_KEY, or none at all.
    """

    base_url: str
    model: str
    api_key: str | None = None
    temperature: float | None = 0.0
    seed: int | None = 0
    max_tokens: int | None = None
    retries: int = 5
    timeout: float = 120.0

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")):
            raise UsageError(f"the endpoint {self.base_url!r} must begin with http:// or https:// (and mostly ends in /v1)")

    @property
    def options(self) -> dict[str, float | int]:
        """What is sent beside model and prompt."""
        chosen = {"temperature": self.temperature, "seed": self.seed, "max_tokens": self.max_tokens}
        return {name: value for name, value in chosen.items() if value is not None}

    def ask_all(
        self, prompts: Sequence[str], scope: str, cache: Path, workers: int = 8, progress: Progress | None = None
    ) -> tuple[dict[str, Completion], int]:
        """Prompt -> completion, and how many were asked now; the others were kept under the same scope, endpoint and options.

        Raises RunIncomplete when the endpoint fails (what came is kept), UsageError when it refuses the request.
        """
        distinct = list(dict.fromkeys(prompts))
        with _store(cache) as store:
            keys = {prompt: self._key(scope, prompt) for prompt in distinct}
            found = {prompt: each for prompt in distinct if (each := _kept(store, keys[prompt])) is not None}
            fresh = [prompt for prompt in distinct if prompt not in found]
            if progress:
                progress(len(found), len(distinct))
            try:
                for prompt, completion in self._answers(fresh, keys, store, workers):
                    found[prompt] = completion
                    if progress:
                        progress(len(found), len(distinct))
            except (_Failed, KeyboardInterrupt) as stop:
                kept = sum(key in store for key in keys.values())
                raise RunIncomplete(f"{str(stop) or 'stopped'}; {kept} of {len(distinct)} replies are kept in {cache}: the same "
                                    "command goes on from there") from stop  # fmt: skip
        return found, len(fresh)

    def _answers(self, prompts: Sequence[str], keys: dict[str, str], store: Any, workers: int) -> Iterator[tuple[str, Completion]]:
        """Completions as they come, kept by the thread that asked, so that one failure loses none of the others."""
        if not prompts:
            return
        client = self._client()

        def ask(prompt: str) -> Completion:
            completion = self._ask(client, prompt)
            store[keys[prompt]] = json.dumps(asdict(completion), ensure_ascii=False)
            return completion

        with ThreadPoolExecutor(workers) as pool:
            futures = {pool.submit(ask, prompt): prompt for prompt in prompts}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _client(self) -> Any:
        openai = extra("openai", "judge", "asking a language model")
        key = self.api_key or os.environ.get("OPENAI_API_KEY") or "none"  # servers of one's own ask for none
        return openai.OpenAI(base_url=self.base_url, api_key=key, max_retries=self.retries, timeout=self.timeout)

    def _ask(self, client: Any, prompt: str) -> Completion:
        """Raises _Failed for what may pass, UsageError for a refusal."""
        openai = extra("openai", "judge", "asking a language model")
        try:
            reply = client.chat.completions.create(model=self.model, messages=[{"role": "user", "content": prompt}], **self.options)
        except openai.APIStatusError as error:
            if error.code == _FILTERED:
                return Completion("", _FILTERED, 0, 0)
            if error.status_code < 500 and error.status_code not in _PASSING:
                raise UsageError(f"the endpoint {self.base_url} refused to ask {self.model}: {error.message}") from error
            raise _Failed(f"the endpoint {self.base_url} failed: {error.message}") from error
        except openai.OpenAIError as error:
            raise _Failed(f"the endpoint {self.base_url} failed: {error} ({error.__cause__ or type(error).__name__})") from error
        except ValueError as error:  # said to be JSON and is not
            raise _Failed(f"the endpoint {self.base_url} gave no JSON: {error}") from error
        return self._completion(reply)

    def _completion(self, reply: Any) -> Completion:
        """A reply's first choice. Raises _Failed when there is none: some servers say 200 to an error."""
        try:
            choice, usage = reply.choices[0], reply.usage
            text, finish = storable(choice.message.content or ""), str(choice.finish_reason)
        except (TypeError, AttributeError, LookupError) as error:
            raise _Failed(
                f"{self.base_url} gave no chat completion: {str(reply)[:200]!r} (an API's address mostly ends in /v1)"
            ) from error
        return Completion(text, finish, usage.prompt_tokens if usage else 0, usage.completion_tokens if usage else 0)

    def _key(self, scope: str, prompt: str) -> str:
        return digest_of([scope, self.model, self.base_url.rstrip("/"), json.dumps(self.options, sort_keys=True), prompt])


class _Failed(Exception):
    """The endpoint failed in a way that may pass."""


@contextmanager
def _store(folder: Path) -> Iterator[Any]:
    """The kept replies, nothing of which is ever thrown away. Raises UsageError when the folder can't be used."""
    diskcache = extra("diskcache", "judge", "asking a language model")
    try:
        store = diskcache.Cache(str(folder), eviction_policy="none")
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"replies can't be kept in {folder} ({error}): name another folder") from error
    try:
        with store:
            yield store
    except (sqlite3.Error, diskcache.Timeout) as error:
        raise UsageError(f"replies can't be kept in {folder} ({error}): name another folder") from error


def _kept(store: Any, key: str) -> Completion | None:
    """The completion under a key; None when there is none, or a damaged one."""
    try:
        return Completion(**json.loads(store[key]))
    except (KeyError, ValueError, TypeError):
        return None
