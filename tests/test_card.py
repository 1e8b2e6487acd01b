"""What a report says of a model, and prompts that don't fit it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lm_eval.models.openai_completions import LocalChatCompletion

from raredx_bench.domain import BadInput, UsageError
from raredx_bench.models import AnsweringLM, FunctionLM, PhenotypeLM, build_model
from raredx_bench.models.card import TAIL, card_of, context_of, folder_digest, load_card, sampling_of
from raredx_bench.models.context import check_context, counter_of, too_long
from raredx_bench.redacting import REMOVED
from tests.tiny import TEMPLATE, saved_qwen3

GREEDY = {"until": [], "do_sample": False, "temperature": 0.0, "max_gen_toks": 1024}  # those of the tasks
NOBODY = {"revision", "commit", "digest", "adapter", "parameters", "dtype", "quantisation", "context", "sampling", "tokenizer",
          "endpoint", "cutoff", "says", "stated"}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_qwen3(tmp_path_factory.mktemp("ann") / "tiny", template=TEMPLATE)


@pytest.fixture(scope="module")
def tiny(folder: Path) -> Any:
    return build_model("hf", {"pretrained": str(folder), "dtype": "float32"}, 1, "cpu")


def test_a_transformers_model_has_a_whole_card(tiny: Any, folder: Path) -> None:
    card = card_of(tiny, "hf", f"pretrained={folder},dtype=float32", GREEDY, chat=True)
    assert (card["id"], card["type"], card["context"], card["dtype"]) == ("tiny", "hf", 4096, "float32")
    assert card["parameters"] == sum(each.numel() for each in tiny.model.parameters())
    assert card["digest"] == folder_digest(folder)
    assert (card["revision"], card["commit"], card["quantisation"], card["endpoint"]) == (None, None, None, None)
    assert card["chat"]["on"] is True
    assert len(card["chat"]["digest"]) == 64
    assert card["sampling"] == GREEDY
    assert card["tokenizer"]["name"] == "tiny"
    assert card["tokenizer"]["size"] == 258
    assert card["arguments"] == {"pretrained": "tiny", "dtype": "float32"}
    assert str(folder.parent) not in json.dumps(card)


def test_a_chat_template_has_a_digest_when_it_is_off_too(tiny: Any, tmp_path: Path) -> None:
    on, off = (card_of(tiny, "hf", chat=chat)["chat"] for chat in (True, False))
    assert (on["digest"], off["on"]) == (off["digest"], False)
    bare = build_model("hf", {"pretrained": str(saved_qwen3(tmp_path / "bare")), "dtype": "float32"}, 1, "cpu")
    assert card_of(bare, "hf", chat=False)["chat"]["digest"] is None


def test_a_model_object_that_was_loaded_before_has_a_card_too(tiny: Any, folder: Path) -> None:
    lm = build_model("hf", {"pretrained": tiny.model, "tokenizer": tiny.tokenizer}, 1, "cpu")
    card = card_of(lm, "hf", {"pretrained": tiny.model, "tokenizer": tiny.tokenizer}, GREEDY)
    assert card["id"] == "tiny"
    assert card["arguments"] == {"pretrained": "Qwen3ForCausalLM", "tokenizer": type(tiny.tokenizer).__name__}
    assert json.loads(json.dumps(card)) == card


def test_a_models_own_sampling_is_in_force_where_the_request_says_nothing(tiny: Any) -> None:
    own = tiny.model.generation_config
    own.top_p, own.top_k, own.temperature = 0.8, 20, 0.6
    try:
        assert sampling_of(tiny, GREEDY) == GREEDY  # greedy decoding looks at none of them
        found = sampling_of(tiny, {**GREEDY, "do_sample": True, "temperature": 1.0, "seed": 7}) or {}
        assert {name: found[name] for name in ("temperature", "top_p", "top_k", "do_sample", "seed")} == {
            "temperature": 1.0, "top_p": 0.8, "top_k": 20, "do_sample": True, "seed": 7,
        }  # fmt: skip
        assert (sampling_of(tiny, "max_tokens=64,temperature=0.5") or {})["max_gen_toks"] == 64
        assert (sampling_of(tiny, None) or {})["max_gen_toks"] == tiny.max_gen_toks
    finally:
        own.top_p = own.top_k = own.temperature = None


def test_quantisation_is_what_the_checkpoint_and_the_arguments_say(tiny: Any) -> None:
    tiny.model.config.quantization_config = {"quant_method": "gptq", "bits": 4}
    try:
        assert card_of(tiny, "hf", "pretrained=x,load_in_8bit=False")["quantisation"] == {"quant_method": "gptq", "bits": 4}
    finally:
        del tiny.model.config.quantization_config
    assert card_of(tiny, "hf", "pretrained=x,load_in_4bit=True")["quantisation"] == {"load_in_4bit": True}


def test_a_folders_digest_tells_checkpoints_of_one_size_apart(folder: Path, tmp_path: Path) -> None:
    assert folder_digest(saved_qwen3(tmp_path / "same", template=TEMPLATE)) == folder_digest(folder)
    assert folder_digest(saved_qwen3(tmp_path / "seed", seed=1)) != folder_digest(folder)
    assert folder_digest(saved_qwen3(tmp_path / "config", context=8192)) != folder_digest(folder)
    (tmp_path / "big").mkdir()
    path = tmp_path / "big/model.safetensors"
    path.write_bytes(b"a" * TAIL)
    short = folder_digest(tmp_path / "big")
    path.write_bytes(b"b" + b"a" * TAIL)
    assert folder_digest(tmp_path / "big") != short  # by its size


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("OPENAI_API_KEY", "opaque-and-secret")
    return lambda **more: LocalChatCompletion(base_url="http://ann:pw@127.0.0.1:9/v1/chat/completions", model="org/m", **more)


def test_a_model_behind_an_endpoint_has_a_card_without_secrets(endpoint: Callable[..., Any]) -> None:
    args = {"model": "org/m", "base_url": "http://ann:pw@127.0.0.1:9/v1/chat/completions", "auth_token": "opaque-and-secret",
            "header": {"X-Custom": "secret-too"}, "max_length": 8192, "num_concurrent": 4}  # fmt: skip
    card = card_of(endpoint(max_length=8192), "local-chat-completions", args, GREEDY, chat=True)
    assert (card["id"], card["context"], card["tokenizer"], card["parameters"]) == ("org/m", 8192, None, None)
    assert card["endpoint"] == f"http://{REMOVED}@127.0.0.1:9/v1/chat/completions"
    assert card["chat"] == {"on": True, "name": None, "digest": None, "arguments": None}  # the endpoint's own template
    assert card["sampling"] == {"seed": 1234, "temperature": 0.0, "until": [], "max_gen_toks": 1024}
    assert card["arguments"]["num_concurrent"] == 4
    said = json.dumps(card)
    assert not any(secret in said for secret in ("opaque-and-secret", "secret-too", "pw@"))


@pytest.mark.parametrize(
    ("given", "local", "sent"),
    [
        ({"do_sample": False, "temperature": 0.7}, 0.0, 0.7),  # the task's do_sample: lm-eval's local backends stay greedy
        ({"do_sample": True, "temperature": 0.7}, 0.7, 0.7),
        ({"max_tokens": 9}, None, 0),
    ],
)
def test_sampling_is_what_the_backend_makes_of_the_request(
    tiny: Any, endpoint: Callable[..., Any], given: dict[str, Any], local: float | None, sent: float
) -> None:
    here, there = sampling_of(tiny, given), sampling_of(endpoint(), given)
    assert here is not None
    assert there is not None
    assert (here.get("temperature"), there["temperature"]) == (local, sent)
    assert (here["max_gen_toks"], there["max_gen_toks"]) == ((9, 9) if "max_tokens" in given else (256, 256))
    assert "do_sample" not in there


def test_an_endpoints_context_is_known_only_from_the_user(endpoint: Callable[..., Any]) -> None:
    assert context_of(endpoint(), {"model": "org/m"}) is None  # not the 2047 that lm-eval takes for any
    assert context_of(endpoint(max_length=8192), "max_length=8192") == 8192


def test_a_function_is_known_by_its_name_and_nothing_else() -> None:
    def my_model(prompt: str) -> str:
        return prompt

    card = card_of(FunctionLM(my_model), my_model)
    assert (card["id"], card["type"], card["chat"]["on"], card["arguments"]) == ("my_model", "FunctionLM", False, {})
    assert all(card[name] is None for name in NOBODY)


def test_the_built_in_diagnoser_says_its_revision(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "ann").mkdir()
    args = {"data_dir": str(tmp_path / "ann")}
    card = card_of(PhenotypeLM(**args), "phenotype", args)
    assert (card["id"], card["revision"], card["arguments"]) == ("phenotype", "HPO 2025-01-16", {"data_dir": "ann"})


def test_a_type_of_ones_own_may_say_more_of_itself() -> None:
    class MineLM(AnsweringLM):
        def answer(self, prompt: str, doc: Mapping[str, Any]) -> str:
            return ""

        def get_model_info(self) -> dict[str, Any]:
            return {"model_revision": "7", "rules": 3, "api_key": "hidden"}

    card = card_of(MineLM(), "mine", gen_kwargs={"temperature": 0.5})
    assert (card["id"], card["type"], card["revision"]) == ("mine", "mine", "7")
    assert card["says"] == {"rules": 3, "api_key": REMOVED}
    assert card["sampling"] is None  # answer() is told of none


def test_what_the_user_states_is_kept_apart_and_its_cut_off_is_read(tmp_path: Path) -> None:
    (tmp_path / "card.yaml").write_text("cutoff: 2024-06-30\ndevelopers: [Ann, Ben]\nlicence: Apache-2.0\ntokens: 3500000\n")
    stated = load_card(tmp_path / "card.yaml")
    assert stated == {"cutoff": "2024-06-30", "developers": ["Ann", "Ben"], "licence": "Apache-2.0", "tokens": 3500000}
    card = card_of(FunctionLM(str.upper), str.upper, stated=stated)
    assert (card["cutoff"], card["stated"]) == ("2024-06-30", stated)
    (tmp_path / "card.json").write_text('{"cutoff": "2024-06"}')
    assert load_card(tmp_path / "card.json") == {"cutoff": "2024-06"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [("cutoff: June 2024", "at cutoff"), ("cutoff: 2024", "at cutoff"), ("{}", "non-empty|enough properties"),
     ("a: {b: {c: 1}}", "at a"), ("a: [", "is not YAML")],
)  # fmt: skip
def test_a_faulty_card_file_names_the_place(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "card.yaml").write_text(text)
    with pytest.raises(BadInput, match=fault):
        load_card(tmp_path / "card.yaml")


# Context


def words(text: str) -> int:
    return len(text.split())


def test_prompts_that_do_not_fit_with_their_answers_are_listed() -> None:
    prompts = [("a", "one two"), ("b", "one two three"), ("c", "one two three four")]
    assert too_long(prompts, words, context=10, max_new_tokens=7) == [("c", 4)]
    assert too_long(iter(prompts), words, context=10, max_new_tokens=8) == [("b", 3), ("c", 4)]
    check_context(prompts, words, context=10, max_new_tokens=6)


def test_a_text_that_fits_whatever_its_tokens_is_not_counted() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return len(text.encode())

    prompts = [("a", "x" * 40), ("b", "é" * 40), ("c", "x" * 90)]
    assert too_long(prompts, count, context=100, max_new_tokens=20) == [("c", 90)]
    assert counted == ["é" * 40, "x" * 90]


def test_a_context_that_is_too_small_is_refused_with_case_and_sizes() -> None:
    prompts = [("a", "x " * 3000), ("b", "x " * 5000), ("c", "x")]
    with pytest.raises(UsageError) as refused:
        check_context(prompts, words, context=4096, max_new_tokens=1024)
    assert str(refused.value) == (
        "the model's context of 4,096 tokens is too small for case b: its prompt has 5,000 tokens and the answer may take 1,024: "
        "ask for shorter answers with --gen_kwargs max_gen_toks=N, or give the model more context (max_length in --model_args)"
    )
    with pytest.raises(UsageError, match=r"too small for 2 cases, most of all for b: its prompt has 5,000 tokens"):
        check_context([*prompts, ("d", "x " * 4000)], words, 4096, 1024)


def test_tokens_are_counted_by_the_models_own_tokenizer(tiny: Any, endpoint: Callable[..., Any], folder: Path) -> None:
    count = counter_of(tiny)
    assert count is not None
    assert count("naïve") == 6  # bytes
    behind = counter_of(endpoint(tokenizer_backend="huggingface", tokenizer=str(folder)))
    assert behind is not None
    assert behind("naïve") == 6
    for lm in (endpoint(), FunctionLM(str.upper)):
        assert counter_of(lm) is None
