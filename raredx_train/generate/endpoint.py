"""Samples of an OpenAI-compatible endpoint (a vLLM server, a provider), many requests in flight."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from raredx_bench.domain import Note, UsageError
from raredx_bench.models.replies import Unusable, filtered, reply_from
from raredx_bench.naming import storable
from raredx_train.generate import Asked, Heard, Sample, identity_of
from raredx_train.settings import Teacher

_PASSING = {402, 408, 409, 425, 429}  # refusals that pass: no credit, timeout, lock, too early, rate; 5xx does too
_DEAD = 10  # requests that fail one after another before no more are sent


@dataclass
class _Server:
    """One address. busy: requests that it has now."""

    client: Any
    busy: int = 0


class Endpoint:
    """Asks /chat/completions under base_url; the key is OPENAI_API_KEY, which servers of one's own don't ask for."""

    def __init__(self, teacher: Teacher) -> None:
        for url in (teacher.base_url or "", *teacher.more_urls):
            if not url.startswith(("http://", "https://")):
                raise UsageError(f"the teacher's base_url {url!r} must begin with http:// or https:// (and mostly ends in /v1)")
        self.teacher = teacher
        self._failed = 0  # in a row
        self._reasons: dict[str, None] = {}

    @property
    def identity(self) -> str:
        """The teacher, as the recipe states it."""
        return identity_of(self.teacher)

    def answer(self, asked: Sequence[Asked], heard: Heard) -> list[str]:
        """As Backend says. Raises UsageError when the endpoint refuses the request itself: no other would fare better."""
        self._failed, self._reasons = 0, {}
        try:
            asyncio.run(self._all(asked, heard))
        except ExceptionGroup as group:  # of the tasks; the first is why the others were given up
            raise group.exceptions[0] from None
        return list(self._reasons)

    async def _all(self, asked: Sequence[Asked], heard: Heard) -> None:
        try:
            import openai
        except ImportError as error:
            raise UsageError("asking an endpoint needs the package openai: pip install 'raredx[train]'") from error
        teacher = self.teacher
        key = os.environ.get("OPENAI_API_KEY") or "none"
        turns = asyncio.Semaphore(teacher.workers)
        urls = (teacher.base_url, *teacher.more_urls)
        servers = [_Server(openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=teacher.retries, timeout=teacher.timeout))
                   for url in urls]  # fmt: skip

        async def one(each: Asked) -> None:
            async with turns:
                if self._failed < _DEAD * len(servers) and (sample := await self._one(servers, each)) is not None:
                    heard(each, sample)

        async with AsyncExitStack() as open_, asyncio.TaskGroup() as group:
            for server in servers:
                await open_.enter_async_context(server.client)
            for each in asked:
                group.create_task(one(each))

    async def _one(self, servers: Sequence[_Server], asked: Asked) -> Sample | None:
        """One sample; None when no server has it now. A reply that is no answer is asked for again; openai sees to the rest."""
        why, tried = "", 0
        left = list(servers)
        while left and tried <= self.teacher.retries:
            server = min(left, key=lambda each: each.busy)
            server.busy, tried = server.busy + 1, tried + 1
            try:
                sample = await self._attempt(server.client, asked)
                self._failed = 0
                return sample
            except Unusable as error:
                why = str(error)
                if not error.again:
                    left.remove(server)
            finally:
                server.busy -= 1
        self._failed += 1
        self._reasons[why] = None
        return None

    async def _attempt(self, client: Any, asked: Asked) -> Sample:
        import openai

        begun = time.perf_counter()
        try:
            raw = await client.chat.completions.with_raw_response.create(
                model=self.teacher.model, messages=list(asked.messages), **self._options(asked.number)
            )
        except openai.APIStatusError as error:
            return self._refused(error)
        except openai.OpenAIError as error:  # it was asked again already
            raise Unusable(f"the connection failed ({type(error.__cause__ or error).__name__})", again=False) from error
        reply = reply_from(raw.content)
        (choice,) = reply.body["choices"]
        return Sample(storable(choice["text"]), storable(reply.thought), replace(reply.note, seconds=time.perf_counter() - begun))

    def _refused(self, error: Any) -> Sample:
        if filtered(error.response.content):
            return Sample("", note=Note("filter"))
        if error.status_code in _PASSING or error.status_code >= 500:
            raise Unusable(f"HTTP {error.status_code}", again=False) from error
        raise UsageError(f"the endpoint {self.teacher.base_url} refused to ask {self.teacher.model}: HTTP {error.status_code}, "
                         f"{str(error.message)[:200]}") from error  # fmt: skip

    def _options(self, number: int) -> dict[str, Any]:
        """What is sent beside model and messages; every sample of a prompt has a seed of its own."""
        teacher = self.teacher
        chosen = {"temperature": teacher.temperature, "top_p": teacher.top_p, "max_tokens": teacher.max_tokens,
                  "seed": None if teacher.seed is None else teacher.seed + number}  # fmt: skip
        extra = {"extra_body": dict(teacher.options)} if teacher.options else {}
        return {**{name: value for name, value in chosen.items() if value is not None}, **extra}
