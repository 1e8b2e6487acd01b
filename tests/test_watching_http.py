"""HTTP models: every case is answered or reported, with what the server says of each answer; keys stay where they are."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from lm_eval.api.instance import Instance

from raredx_bench.answers import AnswerStore
from raredx_bench.domain import Note, Reading, UsageError
from raredx_bench.models import build_model
from raredx_bench.models.replies import Unusable, reply_from, stop_named
from raredx_bench.models.watching import watched
from raredx_bench.parsing import parse
from tests.endpoint import Serve, completion
from tests.faults import Fault, faulty

BROKEN = ("429", "500", "503", "hang", "cut", "malformed", "empty", "two", "none")
ATTEMPTS = 3
KEY = "sk-very-secret-0123456789"


def chat(url: str, **more: Any) -> Any:
    return build_model("local-chat-completions", {"base_url": url, "model": "m", "timeout": 5, **more})


def asked(lm: Any, prompts: Sequence[str], **options: Any) -> list[Instance]:
    """Requests as lm-eval makes them for a chat model."""
    return [
        Instance(
            request_type="generate_until", doc={"case_id": f"c{number}"}, idx=0, metadata=("some_task", number, 1),
            arguments=(lm.apply_chat_template([{"role": "user", "content": prompt}]), {"until": [], "max_gen_toks": 64, **options}),
        )
        for number, prompt in enumerate(prompts)
    ]  # fmt: skip


class Hook:
    """What the cache hook is told."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()

    def add_partial(self, attr: str, request: Sequence[Any], text: str) -> None:
        self.heard[text] += 1


@pytest.mark.parametrize(("cases", "at_once", "delay"), [(500, 16, 0.3), (24, 1, 0.05)])
def test_whatever_fails_every_case_is_answered_or_reported_once(cases: int, at_once: int, delay: float) -> None:
    kinds = [*BROKEN, "slow", *["fine"] * 6]
    plan = {f"case {n}": Fault(kinds[n % len(kinds)], times=1 + n % ATTEMPTS) for n in range(cases)}
    with faulty(plan, delay) as server:
        lm = chat(server.url, num_concurrent=at_once, max_retries=ATTEMPTS, timeout=3)
        hook = Hook()
        lm.set_cache_hook(hook)
        watch = watched(lm, backoff=0.01)
        requests = asked(lm, list(plan))
        texts = lm.generate_until(requests)
        served = dict(server.asked)
    lost = {prompt for prompt, fault in plan.items() if fault.kind in BROKEN and fault.times >= ATTEMPTS}
    assert lost
    assert dict(zip(plan, texts, strict=True)) == {each: None if each in lost else f"answer to {each}" for each in plan}
    assert hook.heard == Counter(text for text in texts if text is not None)
    for prompt, fault in plan.items():  # a slow machine may time out more
        least = min(fault.times + 1, ATTEMPTS) if fault.kind in BROKEN else 1
        assert least <= served[prompt] <= ATTEMPTS
    assert len(watch.unanswered) == len(lost)
    for request, text in zip(requests, texts, strict=True):
        note = watch.note(request.args[0])
        assert (note is None) == (text is None)
        assert note is None or (note.stop, note.prompt_tokens, note.completion_tokens) == ("stop", 10, 2)
        assert note is None or 0 < (note.seconds or 0) < 1


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("500", "HTTP 500"), ("429", "HTTP 429"), ("hang", "no reply within 1 s"),
        ("cut", "the connection failed (ClientPayloadError)"),
        ("malformed", "the reply is no JSON"), ("empty", "an empty answer, and nothing says why it ended"),
        ("two", "2 answers to one question"), ("none", "0 answers to one question"),
    ],
)  # fmt: skip
def test_the_reason_is_kept(kind: str, why: str) -> None:
    with faulty({"case": Fault(kind, times=9)}) as server:
        lm = chat(server.url, timeout=1, max_retries=1)
        watch = watched(lm)
        assert lm.generate_until(asked(lm, ["case", "other"])) == [None, "answer to other"]
    assert watch.reasons() == [f"1 x {why}"]


def test_a_case_answered_later_is_no_longer_reported() -> None:
    with faulty({"case": Fault("500", times=1)}) as server:
        lm = chat(server.url, max_retries=1)
        watch = watched(lm)
        requests = asked(lm, ["case"])
        assert [lm.generate_until(requests), lm.generate_until(requests)] == [[None], ["answer to case"]]
    assert watch.unanswered == {}


@pytest.mark.parametrize("said", ["1", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)])
def test_a_server_that_asks_to_wait_is_waited_for(said: str | Callable[[], str]) -> None:
    header = said if isinstance(said, str) else said()
    with faulty({"case": Fault("429", 1, (("Retry-After", header),))}) as server:
        lm = chat(server.url)
        watched(lm, backoff=0.001)
        begun = time.monotonic()
        assert lm.generate_until(asked(lm, ["case"])) == ["answer to case"]
    assert 0.9 < time.monotonic() - begun < 4


def test_a_request_that_the_server_refuses_is_asked_once_and_reported(serve: Serve) -> None:
    server = serve(lambda prompt, number: (400, {"error": {"message": "too long"}}) if prompt == "long" else "fine")
    lm = chat(f"{server.url}/chat/completions")
    watch = watched(lm)
    assert lm.generate_until(asked(lm, ["long", "short"])) == [None, "fine"]
    assert server.prompts == ["long", "short"]
    assert watch.reasons() == ['1 x HTTP 400: {"error": {"message": "too long"}}']


def test_a_wrong_address_or_key_ends_the_run_at_once(serve: Serve) -> None:
    server = serve(lambda prompt, number: (404, {"error": {"message": "no such model"}}))
    lm = chat(f"{server.url}/chat/completions")
    watched(lm)
    with pytest.raises(UsageError, match=r"refused the request \(HTTP 404: .*no such model.*check the address, the model's name"):
        lm.generate_until(asked(lm, ["a", "b"]))
    assert len(server.requests) == 1


def test_a_missing_key_is_said_before_anything_is_asked(serve: Serve) -> None:
    server = serve(lambda prompt, number: "fine")  # the fixture takes the key out of the environment
    lm = build_model("openai-chat-completions", {"base_url": f"{server.url}/chat/completions", "model": "m"})
    watched(lm)
    with pytest.raises(UsageError, match="set the `OPENAI_API_KEY` environment variable"):
        lm.generate_until(asked(lm, ["a"]))
    assert server.requests == []


def test_a_dead_server_is_not_asked_for_every_case() -> None:
    with faulty({f"case {n}": Fault("500", 99) for n in range(50)}) as server:
        lm = chat(server.url, max_retries=2)
        watch = watched(lm, backoff=0.001)
        assert lm.generate_until(asked(lm, [f"case {n}" for n in range(50)])) == [None] * 50
        assert sum(server.asked.values()) == 20
    assert watch.reasons() == ["40 x not asked: the 10 before it failed", "10 x HTTP 500"]


def test_models_are_asked_inside_a_running_loop_too(serve: Serve) -> None:
    server = serve(lambda prompt, number: "fine")
    lm = chat(f"{server.url}/chat/completions")
    watched(lm)

    async def notebook() -> list[str | None]:
        texts: list[str | None] = lm.generate_until(asked(lm, ["a"]))
        return texts

    assert asyncio.run(notebook()) == ["fine"]


@pytest.mark.parametrize(
    ("body", "text", "note", "reading"),
    [
        (completion("1. Fabry disease"), "1. Fabry disease", Note("stop", 10, 2), Reading.LIST),
        (completion("", "stop"), "", Note("stop", 10, 2), Reading.EMPTY),
        (completion(None, "length"), "", Note("length", 10, 2), Reading.EMPTY),
        (completion(None, "content_filter", usage=False), "", Note("filter"), Reading.EMPTY),
        ({"choices": [{"finish_reason": "content_filter"}]}, "", Note("filter"), Reading.EMPTY),
        (completion("1. Fabry", "something new", usage=False), "1. Fabry", Note(), Reading.LIST),
        (completion("<think>1. Gout\n2. Lupus", "length"), "<think>1. Gout\n2. Lupus", Note("length", 10, 2), Reading.TRUNCATED),
        (completion("hm</think>1. Fabry disease"), "hm</think>1. Fabry disease", Note("stop", 10, 2), Reading.LIST),
    ],
)
def test_what_the_server_says_of_an_answer_is_kept(
    serve: Serve, body: dict[str, Any], text: str, note: Note, reading: Reading
) -> None:
    server = serve(lambda prompt, number: (200, body))
    lm = chat(f"{server.url}/chat/completions")
    watch = watched(lm)
    (request,) = asked(lm, ["case"])
    assert lm.generate_until([request]) == [text]
    kept = watch.note(request.args[0])
    assert kept is not None
    assert (kept.stop, kept.prompt_tokens, kept.completion_tokens) == (note.stop, note.prompt_tokens, note.completion_tokens)
    assert parse(text).reading is reading


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize(
    ("thought", "content", "finish", "reading", "names"),
    [
        ("1. Gout\n2. Lupus", "1. Fabry disease", "stop", Reading.LIST, ("Fabry disease",)),
        ("1. Gout\n2. Lupus", None, "length", Reading.TRUNCATED, ()),
        ("1. Gout\n2. Lupus", "", "stop", Reading.TRUNCATED, ()),
        ("", "1. Fabry disease", "stop", Reading.LIST, ("Fabry disease",)),
    ],
)
def test_a_thought_that_the_server_keeps_apart_is_no_answer(
    serve: Serve, field: str, thought: str, content: str | None, finish: str, reading: Reading, names: tuple[str, ...]
) -> None:
    body = completion(content, finish)
    body["choices"][0]["message"][field] = thought
    server = serve(lambda prompt, number: (200, body))
    lm = chat(f"{server.url}/chat/completions")
    watched(lm)
    (text,) = lm.generate_until(asked(lm, ["case"]))
    assert thought in text
    assert (parse(text).reading, parse(text).names) == (reading, names)


def test_a_filters_refusal_is_an_empty_answer(serve: Serve) -> None:
    server = serve(lambda prompt, number: (400, {"error": {"code": "content_filter", "message": "no"}}))
    lm = chat(f"{server.url}/chat/completions")
    watch = watched(lm)
    (request,) = asked(lm, ["case"])
    assert lm.generate_until([request]) == [""]
    assert watch.note(request.args[0]) == Note("filter")


def anthropic(**more: Any) -> dict[str, Any]:
    blocks = [{"type": "thinking", "thinking": "1. Gout"}, {"type": "text", "text": "1. Fabry disease"}]
    return {"content": blocks, "stop_reason": "max_tokens", "usage": {"input_tokens": 7, "output_tokens": 3}, **more}


def test_anthropics_messages_are_read(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    server = serve(lambda prompt, number: (200, anthropic()))
    lm = build_model("anthropic-chat", {"base_url": f"{server.url}/messages", "model": "m"})
    watch = watched(lm)
    (request,) = asked(lm, ["case"])
    (text,) = lm.generate_until([request])
    assert text == "<think>\n1. Gout\n</think>\n\n1. Fabry disease"
    note = watch.note(request.args[0])
    assert note is not None
    assert (note.stop, note.prompt_tokens, note.completion_tokens) == ("length", 7, 3)
    assert server.requests[0]["stop_sequences"] == ["\n\nHuman:"]  # lm-eval's own loop sends [null], which the API refuses


def test_completions_are_sent_as_lm_eval_sends_them(serve: Serve) -> None:
    server = serve(lambda prompt, number: (200, {"choices": [{"index": 0, "text": " 1. Gout", "finish_reason": "length"}]}))
    lm = build_model("local-completions", {"base_url": f"{server.url}/chat", "model": "m", "tokenizer_backend": "none"})
    watch = watched(lm)
    request = Instance(
        "generate_until", {"case_id": "c"}, ("case <think>\n", {"until": ["\n\n"], "max_gen_toks": 9}), 0, ("t", 0, 1)
    )
    theirs = type(lm)._create_payload(lm, "case <think>\n", generate=True, gen_kwargs={"until": ["\n\n"], "max_gen_toks": 9})
    (text,) = lm.generate_until([request])
    assert {**server.requests[0]} == theirs
    assert text == "<think>\n 1. Gout"
    assert parse(text).reading is Reading.TRUNCATED
    assert watch.note("case <think>\n") is not None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON"), (b"[]", "no completion"), (b"3", "no completion"), (b"null", "no completion"), (b'"x"', "no completion"),
        (b"{}", "no completion"), (b'{"choices": 3}', "no completion"), (b'{"choices": [3]}', "no completion"),
        (b'{"choices": [{"finish_reason": "stop"}]}', "no completion"),
        (b'{"choices": [{"message": {"content": 3}}]}', "no text but int"),
        (b'{"choices": [{"message": {"content": "x"}, "finish_reason": "error"}]}', "broke the answer off"),
        (b'{"content": [], "stop_reason": null}', "an empty answer"),
        (b'{"text": "", "meta_info": {"finish_reason": null}}', "an empty answer"),
    ],
)  # fmt: skip
def test_a_reply_that_is_no_answer_says_why(body: bytes, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        reply_from(body)


def test_sglangs_own_replies_are_read() -> None:
    about = {"finish_reason": {"type": "length"}, "prompt_tokens": 4, "completion_tokens": 5}
    assert reply_from(json.dumps({"text": "x", "meta_info": about}).encode()).note == Note("length", 4, 5)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("MAX_TOKENS", "length"),
        ("refusal", "filter"),
        ("abort", "error"),
        ("x", None),
        (None, None),
    ],
)
def test_reasons_have_one_spelling(reason: str | None, stop: str | None) -> None:
    assert stop_named(reason) == stop


def test_notes_go_by_the_key_of_the_answer_store(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda prompt, number: f"answer to {prompt}")
    lm = chat(f"{server.url}/chat/completions", num_concurrent=3)
    watch = watched(lm)
    store = AnswerStore(tmp_path)
    with store.attached(lm):
        lm.generate_until(asked(lm, ["a", "b", "a"]))
    rows = [json.loads(line) for line in (tmp_path / "some_task.jsonl").read_text().splitlines()]
    assert {row["case_id"] for row in rows} == {"c0", "c1", "c2"}
    assert {row["prompt"] for row in rows} == set(watch.notes)


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize("fault", [(500, {"error": f"your key {KEY} is no good"}), (401, {"error": f"Bearer {KEY} unknown"}), None,
                                   (400, {"error": f"bad key {KEY}"}), (200, "<html>")])  # fmt: skip
def test_a_key_shows_nowhere(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Any, at_once: int
) -> None:
    server = serve(lambda prompt, number: fault)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    lm = chat(f"{server.url}/chat/completions", num_concurrent=at_once, max_retries=2)
    watch = watched(lm, backoff=0.001)
    said = ""
    with caplog.at_level(logging.DEBUG):
        try:
            lm.generate_until(asked(lm, ["case"]))
        except UsageError as error:
            said = f"{error} {error.__cause__!r} {error.__context__!r}"
    assert server.keys == {f"Bearer {KEY}"}
    assert said or watch.unanswered
    assert KEY not in f"{said} {watch.unanswered} {caplog.text} {[vars(record) for record in caplog.records]}"
