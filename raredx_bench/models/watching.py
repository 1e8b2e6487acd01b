"""What passes between an lm-eval model and whoever keeps its answers: why each text ended, how long it was, what failed.

Methods of the instance are replaced, rather than the model wrapped: lm-eval asks models for dozens of attributes, and a wrapper
that misses one changes a run. Nothing is imported for it: a model's ancestors tell by name what it is.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

from raredx_bench.domain import Note
from raredx_bench.models.asking import Answer, Asking
from raredx_bench.models.replies import stop_named
from raredx_bench.naming import fingerprint
from raredx_bench.parsing.envelope import closes_thought, is_thought_mark, opens_thought

_OPEN = "<think>\n"
_CLOSE = "\n</think>\n\n"


def watched(lm: Any, backoff: float = 0.5, bars: bool = True) -> Watch:
    """Attach to an lm-eval model, for good and before anything else replaces its generate_until; the watch comes back.

    HTTP models (those that use lm-eval's own way to post) are asked by `Asking` from now on: a request that is not answered in the
    end gives None in generate_until's list, and nothing to the cache hook. backoff: seconds before a second attempt. bars: whether
    models that run here show lm-eval's own bars.
    Texts of thinking models come with the thought marked off by tags, open where it never ended.
    """
    watch = Watch()
    kinds: dict[str, Any] = {kind.__name__: kind for kind in type(lm).__mro__}
    if (base := kinds.get("TemplateAPI")) and type(lm).model_call is base.model_call:
        _watch_http(lm, watch, Asking(lm, backoff))
        return watch
    if "HFLM" in kinds:
        _watch_hf(lm, watch)
    elif "VLLM" in kinds:
        _watch_vllm(lm, watch)
    elif "AnsweringLM" in kinds:
        _watch_answering(lm, watch)
    _relay(lm, watch, bars)
    return watch


@dataclass(frozen=True, slots=True)
class _Raw:
    """An in-process answer on its way: ended is True when its thought, if it had one, came to an end."""

    note: Note
    ended: bool = True


class Watch:
    """The notes of one model's answers, and the requests that got none.

    notes: fingerprint of the prompt -> note. unanswered: fingerprint of the prompt -> why, in words; one that is answered later
    leaves it.
    """

    def __init__(self) -> None:
        self.notes: dict[str, Note] = {}
        self.unanswered: dict[str, str] = {}
        self._coming: deque[_Raw] = deque()

    def note(self, prompt: Any) -> Note | None:
        """What is known of the answer to a prompt (as lm-eval has it: a request's first argument); None when there was none."""
        return self.notes.get(fingerprint(prompt))

    def reasons(self) -> list[str]:
        """Why requests were not answered, each reason once with its number, the commonest first."""
        return [f"{n} x {why}" for why, n in Counter(self.unanswered.values()).most_common()]

    def expect(self, raws: Sequence[_Raw]) -> None:
        """Answers whose texts will be heard next, in this order."""
        self._coming = deque(raws)

    def heard(self, prompt: Any, text: str) -> str:
        """The text to keep of an in-process answer; its note is kept."""
        raw = self._coming.popleft() if self._coming else _Raw(Note())
        self.notes[fingerprint(prompt)] = raw.note
        return _marked(prompt, text, raw.ended)

    def answered(self, prompt: Any, answer: Answer) -> str | None:
        """The text to keep of an answer from a server, None for none; note or failure are kept."""
        key = fingerprint(prompt)
        if answer.text is None:
            self.unanswered[key] = answer.failure
            return None
        self.unanswered.pop(key, None)
        self.notes[key] = answer.note
        if answer.thought:
            cut = not answer.text and answer.note.stop == "length"
            return _OPEN + answer.thought + ("" if cut else _CLOSE + answer.text)
        return _marked(prompt, answer.text, closes_thought(answer.text))


def _marked(prompt: Any, text: str, ended: bool) -> str:
    """The text, with the thought's beginning before it when the prompt began one that never ended: the parser can't see prompts."""
    return _OPEN + text if not ended and opens_thought(str(prompt)) else text


class _Relay:
    """lm-eval's cache hook: every answer goes through the watch and on to the hook behind it."""

    def __init__(self, watch: Watch, behind: Any) -> None:
        self._watch, self._behind = watch, behind
        self.texts: dict[str, deque[str]] = {}

    def add_partial(self, attr: str, request: Sequence[Any], text: Any) -> None:
        if attr == "generate_until" and isinstance(text, str):
            text = self._watch.heard(request[0], text)
            self.texts.setdefault(fingerprint(request[0]), deque()).append(text)
        self._behind.add_partial(attr, request, text)


def _relay(lm: Any, watch: Watch, bars: bool) -> None:
    """Every hook that is set is put behind a relay, and generate_until gives the texts that went through it."""
    ask = lm.generate_until
    quiet = {} if bars or "disable_tqdm" not in signature(ask).parameters else {"disable_tqdm": True}

    def set_cache_hook(hook: Any) -> None:
        lm.cache_hook = hook if isinstance(hook, _Relay) else _Relay(watch, hook)

    def generate_until(requests: Sequence[Any], **kwargs: Any) -> list[str]:
        lm.cache_hook.texts = {}
        texts = ask(requests, **{**kwargs, **quiet})
        heard = lm.cache_hook.texts
        keys = [fingerprint(request.args[0]) for request in requests]
        return [heard[key].popleft() if heard.get(key) else text for key, text in zip(keys, texts, strict=True)]

    lm.set_cache_hook, lm.generate_until = set_cache_hook, generate_until
    lm.set_cache_hook(lm.cache_hook)


def _watch_http(lm: Any, watch: Watch, asking: Asking) -> None:
    def generate_until(requests: Sequence[Any], disable_tqdm: bool = False) -> list[str | None]:
        def heard(request: Any, answer: Answer) -> str | None:
            text = watch.answered(request.args[0], answer)
            if text is not None:
                lm.cache_hook.add_partial("generate_until", request.args, text)
            return text

        return asking.ask(requests, heard)

    lm.generate_until = generate_until


def _watch_answering(lm: Any, watch: Watch) -> None:
    answer = lm.answer

    def timed(prompt: str, doc: Mapping[str, Any]) -> str:
        begun = time.perf_counter()
        text: str = answer(prompt, doc)
        watch.expect([_Raw(Note(seconds=time.perf_counter() - begun), closes_thought(text))])
        return text

    def noted(notes: Sequence[Note], texts: Sequence[str]) -> None:
        watch.expect([_Raw(note, closes_thought(text)) for note, text in zip(notes, texts, strict=True)])

    lm.answer, lm.noted = timed, noted


def _watch_vllm(lm: Any, watch: Watch) -> None:
    generate = lm._model_generate

    def timed(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        outputs = generate(*args, **kwargs)
        if kwargs.get("generate"):  # else likelihoods
            each = (time.perf_counter() - begun) / len(outputs)
            watch.expect([_vllm_raw(output, each, lm.think_end_token) for output in outputs])
        return outputs

    lm._model_generate = timed


def _vllm_raw(output: Any, seconds: float, end: str | None) -> _Raw:
    (first, *_) = output.outputs
    note = Note(stop_named(first.finish_reason), len(output.prompt_token_ids), len(first.token_ids), seconds)
    return _Raw(note, closes_thought(first.text) or bool(end and end in first.text))


def _watch_hf(lm: Any, watch: Watch) -> None:
    generate, decode = lm._model_generate, lm.tok_decode
    marks = _marks(lm)
    eos = decode(lm.eot_token_id, skip_special_tokens=False)

    def model_generate(context: Any, max_length: int, stop: list[str], **kwargs: Any) -> Any:
        begun = time.perf_counter()
        if lm.think_end_token is not None:  # a stop word inside the thought ends nothing; lm-eval cuts at it after the thought
            stop = [word for word in stop if word == eos]
        rows = generate(context=context, max_length=max_length, stop=stop, **kwargs)
        seconds = (time.perf_counter() - begun) / len(rows)
        width = context.shape[1] if lm.backend == "causal" else 1  # a decoder's own text begins with one token
        counts = kwargs["attention_mask"].sum(dim=1).tolist() if "attention_mask" in kwargs else [None] * len(rows)
        watch.expect([
            _hf_raw(lm, row[width:], max_length - width, stop, Note(None, count, None, seconds))
            for row, count in zip(rows.tolist(), counts, strict=True)
        ])  # fmt: skip
        return rows

    def tok_decode(tokens: Any, skip_special_tokens: bool = True) -> str:
        if not (marks and skip_special_tokens and isinstance(tokens, list)):
            return str(decode(tokens, skip_special_tokens=skip_special_tokens))
        groups = itertools.groupby(tokens, key=marks.get)
        return "".join(mark * len(list(part)) if mark else decode(list(part), skip_special_tokens=True) for mark, part in groups)

    lm._model_generate, lm.tok_decode = model_generate, tok_decode


def _marks(lm: Any) -> dict[int, str]:
    """Special tokens that begin or end a thought: decoding drops them, and the thought would be read as part of the answer."""
    added = getattr(lm.tokenizer, "added_tokens_decoder", {})
    return {number: token.content for number, token in added.items() if token.special and is_thought_mark(token.content)}


def _hf_raw(lm: Any, row: list[int], room: int, stop: Sequence[str], note: Note) -> _Raw:
    """What a row of new tokens tells: it ends at the first end token, or with padding behind it, or where the room ended."""
    ends = _ends(lm)
    pads = {lm.tokenizer.pad_token_id} - {None}
    last = next((place for place, token in enumerate(row) if token in ends), None)
    count = len(row) if last is None else last + 1
    while last is None and count and row[count - 1] in pads:
        count -= 1
    text = lm.tokenizer.decode(row[:count], skip_special_tokens=False)
    stopped = last is not None or count < len(row) or any(word and word in text for word in stop)
    closed = closes_thought(text) or lm.think_end_token in row or (isinstance(end := lm.think_end_token, str) and end in text)
    reason = "stop" if stopped else "length" if count >= room else None
    return _Raw(replace(note, stop=reason, completion_tokens=count), closed)


def _ends(lm: Any) -> set[int]:
    config = getattr(lm.model, "generation_config", None)
    said = getattr(config, "eos_token_id", None)
    return {*(said if isinstance(said, list) else [said]), lm.eot_token_id} - {None}
