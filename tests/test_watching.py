"""In-process models: why a text ended, its tokens, its thought; from a real transformers model and from functions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lm_eval.api.instance import Instance
from lm_eval.api.model import LM

from raredx_bench.answers import AnswerStore
from raredx_bench.domain import Reading, UsageError
from raredx_bench.models import FunctionLM, build_model
from raredx_bench.models.templates import default_chat
from raredx_bench.models.watching import watched
from raredx_bench.parsing import parse

CHAINS = (
    ("?", "<think>", "x", "u", "</think>", *"1. Fabry", "<eos>"),  # thinks, then answers
    ("!", "q"),  # goes on for ever
    ("\n", "v", "w", "</think>", "1"),  # ends a thought that the prompt began
    ("%", "<eos>"),  # says nothing
    ("$", *"ZYX#", "<eos>"),
)
PROMPTS = {
    "a?": ("<think>xu</think>1. Fabry", "stop", 13, Reading.LIST),
    "long one!": ("qqqqqqqqqqqqqqqqqqqq", "length", 20, None),
    "c%": ("", "stop", 1, Reading.EMPTY),
    "c$": ("ZYX#", "stop", 5, None),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="the hf extra is not installed")
    from tests.speaking import speaking_model

    return speaking_model(tmp_path_factory.mktemp("tiny"), CHAINS)


def requests(prompts: Sequence[str], **options: Any) -> list[Instance]:
    return [
        Instance("generate_until", {"case_id": f"c{number}"}, (prompt, {"until": [], "max_gen_toks": 20, **options}), 0,
                 ("some_task", number, 1))
        for number, prompt in enumerate(prompts)
    ]  # fmt: skip


def loaded(folder: Path, **more: Any) -> Any:
    return build_model("hf", {"pretrained": str(folder), "dtype": "float32", **more}, batch_size=3, device="cpu")


@pytest.mark.parametrize("bars", [True, False])
def test_lm_evals_own_bar_is_shown_or_not(folder: Path, bars: bool, capfd: pytest.CaptureFixture[str]) -> None:
    lm = loaded(folder)
    watched(lm, bars=bars)
    lm.generate_until(requests(["c$"]))
    assert ("generate_until" in capfd.readouterr().err) is bars


def test_a_transformers_model_tells_how_each_text_ended(folder: Path, tmp_path: Path) -> None:
    lm = loaded(folder)
    watch = watched(lm)
    store = AnswerStore(tmp_path)
    with store.attached(lm):
        texts = lm.generate_until(requests(list(PROMPTS)))
    assert texts == [text for text, *_ in PROMPTS.values()]
    rows = [json.loads(line) for line in (tmp_path / "some_task.jsonl").read_text().splitlines()]
    assert {row["case_id"]: row["text"] for row in rows} == {f"c{n}": text for n, text in enumerate(texts)}
    assert {row["prompt"] for row in rows} == set(watch.notes)
    for prompt, (text, stop, tokens, reading) in PROMPTS.items():
        note = watch.note(prompt)
        assert note is not None
        assert (note.stop, note.completion_tokens, note.prompt_tokens) == (stop, tokens, len(prompt))
        assert note.seconds is not None
        assert note.seconds > 0
        assert reading is None or parse(text).reading is reading


@pytest.mark.parametrize(
    ("more", "prompt", "limit", "text", "reading"),
    [
        ({}, "a?", 20, "<think>xu</think>1. Fabry", Reading.LIST),
        ({"think_end_token": "</think>"}, "a?", 20, "1. Fabry", Reading.LIST),
        ({"think_end_token": "3", "enable_thinking": True}, "a?", 20, "1. Fabry", Reading.LIST),
        ({}, "a?", 3, "<think>xu", Reading.TRUNCATED),
        ({"think_end_token": "</think>"}, "a?", 3, "<think>xu", Reading.TRUNCATED),
        ({"think_end_token": 3}, "a?", 3, "<think>xu", Reading.TRUNCATED),
        ({}, "c<think>\n", 20, "vw</think>1. Fabry", Reading.LIST),
        ({"think_end_token": "</think>"}, "c<think>\n", 20, "1. Fabry", Reading.LIST),
        ({"think_end_token": 3}, "c<think>\n", 20, "1. Fabry", Reading.LIST),
        ({}, "c<think>\n", 2, "<think>\nvw", Reading.TRUNCATED),
        ({"think_end_token": 3}, "c<think>\n", 2, "<think>\nvw", Reading.TRUNCATED),
    ],
)
def test_thoughts_are_told_from_answers(
    folder: Path, more: Mapping[str, Any], prompt: str, limit: int, text: str, reading: Reading
) -> None:
    lm = loaded(folder, **more)
    watch = watched(lm)
    assert lm.generate_until(requests([prompt], max_gen_toks=limit)) == [text]
    assert parse(text).reading is reading
    note = watch.note(prompt)
    assert note is not None
    assert note.stop == ("stop" if limit == 20 else "length")


@pytest.mark.parametrize(
    ("more", "until", "text", "stop", "tokens"),
    [
        ({}, ["Fa"], "<think>xu</think>1. ", "stop", 9),
        ({}, ["u"], "<think>x", "stop", 3),
        ({"think_end_token": "</think>"}, ["u"], "1. Fabry", "stop", 13),
        ({"think_end_token": "</think>"}, ["Fa"], "1. ", "stop", 13),
    ],
)
def test_a_stop_word_inside_a_thought_ends_nothing_where_thoughts_are_known(
    folder: Path, more: Mapping[str, Any], until: list[str], text: str, stop: str, tokens: int
) -> None:
    lm = loaded(folder, **more)
    watch = watched(lm)
    assert lm.generate_until(requests(["a?"], until=until)) == [text]
    note = watch.note("a?")
    assert note is not None
    assert (note.stop, note.completion_tokens) == (stop, tokens)


def test_thoughts_whose_marks_are_plain_tokens_read_the_same(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the hf extra is not installed")
    from tests.speaking import speaking_model

    lm = loaded(speaking_model(tmp_path, CHAINS, thoughts=False))
    watched(lm)
    assert lm.generate_until(requests(["a?", "b!"])) == [PROMPTS["a?"][0], "q" * 20]


def test_likelihoods_stay_as_they_were(folder: Path) -> None:
    asked = [Instance("loglikelihood", {}, ("a?", "b"), 0, ("t", 0, 1))]
    lm, plain = loaded(folder), loaded(folder)
    watched(lm)
    assert lm.loglikelihood(asked) == plain.loglikelihood(asked)


def test_a_functions_answers_are_timed_and_nothing_else_is_known() -> None:
    lm = FunctionLM(lambda prompt: f"<think>1. Gout</think> {prompt}")
    watch = watched(lm)
    assert lm.generate_until(requests(["a", "b"])) == ["<think>1. Gout</think> a", "<think>1. Gout</think> b"]
    note = watch.note("a")
    assert note is not None
    assert (note.stop, note.prompt_tokens, note.completion_tokens) == (None, None, None)
    assert note.seconds is not None
    assert watch.note("c") is None


class VLLM(LM):  # type: ignore[misc]
    """What lm-eval's vLLM model does with vLLM's outputs, over outputs written here."""

    think_end_token: str | None = None

    def __init__(self, outputs: Mapping[str, tuple[str, str, int]]) -> None:
        super().__init__()
        self.outputs = outputs

    def _model_generate(self, requests: Sequence[str], generate: bool = False, sampling_params: Any = None) -> list[Any]:
        return [
            SimpleNamespace(prompt_token_ids=[0] * len(prompt),
                            outputs=[SimpleNamespace(text=text, finish_reason=reason, token_ids=[0] * tokens)])
            for prompt in requests for text, reason, tokens in [self.outputs[prompt]]
        ]  # fmt: skip

    def generate_until(self, requests: Sequence[Instance], disable_tqdm: bool = False) -> list[str]:
        texts = []
        prompts = [request.args[0] for request in requests]
        for prompt, output in zip(prompts, self._model_generate(requests=prompts, generate=True), strict=True):
            text = output.outputs[0].text.split(self.think_end_token or "\0")[-1]
            texts.append(text)
            self.cache_hook.add_partial("generate_until", (prompt, {}), text)
        return texts

    def loglikelihood(self, requests: Any) -> Any:
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


@pytest.mark.parametrize("end", [None, "</think>", "[END]"])
def test_vllms_outputs_tell_how_each_text_ended(end: str | None) -> None:
    mark = end or "</think>"
    lm = VLLM({"a<think>\n": (f"hm{mark}1. Gout", "stop", 5), "b<think>\n": ("1. Gout", "length", 4), "c": ("1. G", "abort", 3)})
    lm.think_end_token = end
    watch = watched(lm)
    texts = lm.generate_until(requests(["a<think>\n", "b<think>\n", "c"]))
    assert texts == ["1. Gout" if end else "hm</think>1. Gout", "<think>\n1. Gout", "1. G"]
    notes = [watch.note(prompt) for prompt in ("a<think>\n", "b<think>\n", "c")]
    assert [(note.stop, note.prompt_tokens, note.completion_tokens) for note in notes if note] == [
        ("stop", 9, 5), ("length", 9, 4), ("error", 1, 3),
    ]  # fmt: skip


def test_chats_are_the_default_of_chat_models_alone(folder: Path, tmp_path: Path) -> None:
    from tests.speaking import speaking_model

    templated = speaking_model(tmp_path, CHAINS, template="{{ messages[0].content }}?")
    url = "http://127.0.0.1:9/v1"
    server = {"model": "m", "tokenizer_backend": "none"}
    for lm, default in (
        (loaded(folder), False),
        (loaded(templated), True),
        (FunctionLM(str), False),
        (build_model("local-chat-completions", {**server, "base_url": f"{url}/chat/completions"}), True),
        (build_model("local-completions", {**server, "base_url": f"{url}/completions"}), False),
        (build_model("anthropic-chat", {"model": "m"}), True),
    ):
        assert default_chat(lm) is default
        assert default_chat(lm, True) is True
        assert default_chat(lm, "tool_use") == "tool_use"
    assert default_chat(loaded(templated), False) is False
    with pytest.raises(UsageError, match="only takes chats"):
        default_chat(build_model("openai-chat-completions", {"model": "m"}), False)
