"""HTTP models asked request by request: what fails is asked again, and in the end reported, alone.

lm-eval's own loop ends the run at the first request that keeps failing, knows no Retry-After, and writes the request's headers,
key and all, into its log when one fails. Its models still say where to ask, in which words, and how the answer is read.
"""

from __future__ import annotations

import asyncio
import copy
import ssl
import time
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from raredx_bench.domain import Note, UsageError
from raredx_bench.models.egress import is_local, shown
from raredx_bench.models.replies import Reply, Unusable, filtered, reply_from

Kept = TypeVar("Kept")
_PASSING = {402, 408, 409, 425, 429}  # refusals that pass: no credit, timeout, lock, too early, rate; 5xx does too
_WRONG = {401, 403, 404, 405}  # a wrong key or address: no other request will fare better
_LONGEST = 60.0  # seconds between two attempts, unless the server asks for more
_SHORT = 6  # characters: "Bearer", no key
_DEAD = 10  # requests that fail one after another, with no answer between them, before no more are sent


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request. text None: not answered, and failure says why. seconds are of the attempt that was answered."""

    text: str | None
    thought: str = ""
    note: Note = field(default_factory=Note)
    failure: str = ""


class Asking:
    """Asks an lm-eval TemplateAPI model: `num_concurrent` at a time, `max_retries` attempts of `timeout` seconds each.

    backoff: seconds before the second attempt, doubled for each further one.
    """

    def __init__(self, lm: Any, backoff: float = 0.5) -> None:
        self._lm = lm
        self._backoff = backoff
        self._failed = 0  # in a row
        self._answered = False

    def ask(self, requests: Sequence[Any], heard: Callable[[Any, Answer], Kept]) -> list[Kept]:
        """What heard makes of each request and its answer as they end, in the order of the requests.

        Raises UsageError when there is no key, or the server refuses key or address.
        """
        self._failed, self._answered = 0, False
        try:
            self._header = dict(self._lm.header)
        except ValueError as error:  # lm-eval's way to say that the environment has no key
            raise UsageError(str(error)) from error
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self._all(requests, heard))
        with ThreadPoolExecutor(1) as pool:  # in a notebook, whose loop is running
            return pool.submit(asyncio.run, self._all(requests, heard)).result()

    async def _all(self, requests: Sequence[Any], heard: Callable[[Any, Answer], Kept]) -> list[Kept]:
        import aiohttp

        lm = self._lm
        at_once = max(1, lm._concurrent)
        turns = asyncio.Semaphore(at_once)
        connector = aiohttp.TCPConnector(limit=at_once, ssl=_certificates(lm))
        timeout = aiohttp.ClientTimeout(total=lm.timeout)

        async def one(request: Any) -> Kept:
            async with turns:
                answer = await self._one(session, request)
            return heard(request, answer)

        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            return list(await asyncio.gather(*map(one, requests)))

    async def _one(self, session: Any, request: Any) -> Answer:
        """One request with its retries."""
        import tenacity

        if self._failed >= _DEAD:
            return Answer(None, failure=f"not asked: the {_DEAD} before it failed")
        doubling = tenacity.wait_exponential_jitter(initial=self._backoff, max=_LONGEST, jitter=self._backoff / 4)
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(max(1, self._lm.max_retries)),
            wait=lambda state: max(doubling(state), _asked_to_wait(state)),
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, Unusable) and error.again),
            reraise=True,
        )
        try:
            answer: Answer = await retrying(self._attempt, session, request)
        except Unusable as why:
            self._failed += 1
            return Answer(None, failure=str(why))
        self._failed, self._answered = 0, True
        return answer

    async def _attempt(self, session: Any, request: Any) -> Answer:
        import aiohttp

        lm, url = self._lm, self._lm.base_url
        payload, begun = self._payload(request), time.perf_counter()
        try:
            async with session.post(url, json=payload, headers=self._header, proxy=_proxy(url), allow_redirects=False) as response:
                status, wait, raw = response.status, _seconds(response.headers.get("Retry-After")), await response.read()
        except TimeoutError as error:
            raise Unusable(f"no reply within {lm.timeout} s") from error
        except (aiohttp.ClientError, OSError) as error:  # their texts may hold the headers
            raise Unusable(f"the connection failed ({type(error).__name__})") from None
        if status != 200:
            return self._refused(status, wait, raw)
        reply = reply_from(raw)
        note = replace(reply.note, seconds=time.perf_counter() - begun)
        return Answer(self._text(reply), reply.thought, note)

    def _refused(self, status: int, wait: float, raw: bytes) -> Answer:
        if filtered(raw):
            return Answer("", note=Note("filter"))
        again = status in _PASSING or status >= 500
        said = f"HTTP {status}" if again else f"HTTP {status}: {self._without_key(raw)}"
        if status in _WRONG and not self._answered:
            raise UsageError(
                f"the server at {shown(self._lm.base_url)} refused the request ({said}): check the address, the model's name and "
                "the key in the environment"
            )
        raise Unusable(said, again, min(wait, max(_LONGEST, self._lm.timeout)))

    def _without_key(self, raw: bytes) -> str:
        """The beginning of what a server says, with nothing in it that was sent in the headers."""
        said = raw.decode("utf-8", "replace")
        for secret in (part for value in self._header.values() for part in str(value).split() if len(part) > _SHORT):
            said = said.replace(secret, "***")
        return " ".join(said.split())[:200]

    def _payload(self, request: Any) -> dict[str, Any]:
        """What lm-eval's own loop would send for this request alone; no list of stop words where there are none."""
        lm = self._lm
        prompt, options = request.args[0], copy.deepcopy(request.args[1])  # the payload's maker takes options out
        if lm.tokenized_requests:
            (tokens,) = lm.tok_encode((prompt,), add_special_tokens=lm.add_bos_token)
            prompt = tokens[-(lm.max_length - options.get("max_gen_toks", lm._max_gen_toks)) :]
        end = {"eos": lm.eos_string} if lm.eos_string else {}  # None would displace the maker's own default
        payload = lm._create_payload(lm.create_message([prompt]), generate=True, gen_kwargs=options, seed=lm._seed, **end)
        return {name: value for name, value in payload.items() if name != "stop" or value}  # servers may refuse an empty list

    def _text(self, reply: Reply) -> str:
        return "".join(text or "" for text in self._lm.parse_generations(outputs=reply.body))


def _asked_to_wait(state: Any) -> float:
    error = state.outcome.exception()
    return error.wait if isinstance(error, Unusable) else 0.0


def _seconds(retry_after: str | None) -> float:
    """What a Retry-After header says, a number or a date; 0.0 for none or nonsense."""
    import urllib3

    try:
        return float(urllib3.Retry().parse_retry_after(retry_after)) if retry_after else 0.0
    except urllib3.exceptions.InvalidHeader:
        return 0.0


def _certificates(lm: Any) -> Any:
    if not lm.verify_certificate:
        return False
    return ssl.create_default_context(cafile=lm.ca_cert_path) if lm.ca_cert_path else True


def _proxy(url: str) -> str | None:
    """The environment's proxy for an address; none for this machine's own, whatever the environment says."""
    parts = urlsplit(url)
    if is_local(url) or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)
