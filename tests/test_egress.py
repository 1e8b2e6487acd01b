"""Where prompts may go: this machine or not, restricted tasks, secrets in arguments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import raredx_bench
from raredx_bench.domain import UsageError
from raredx_bench.models import FunctionLM, build_model
from raredx_bench.models.asking import _proxy
from raredx_bench.models.egress import PROVIDER, agreements_of, check_egress, endpoint_of, is_local, refuse_secrets, shown
from tests.endpoint import Serve

KEY = "sk-very-secret-0123456789"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("https://127.8.9.10", True),
        ("http://[::1]:8000/v1", True),
        ("http://0.0.0.0:8000", False),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1@example.org/v1", False),
        ("http://example.org\\@127.0.0.1/v1", False),
        ("http://192.168.1.7:8000", False),
        ("http://10.0.0.1", False),
        ("http://[::ffff:8.8.8.8]", False),
        ("http://myhost:8000", False),
        ("https://api.openai.com/v1", False),
        (PROVIDER, False),
        ("", False),
        ("http://[::1", False),
    ],
)
def test_local_is_this_machine_and_nothing_else(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_restricted_tasks_are_named_with_their_agreement() -> None:
    named = agreements_of(["raredx_sim", "mimic_iv_rare", "mimic_iv_rare@test", "rarearena_rds"])
    assert named == {"mimic_iv_rare": "PhysioNet-DUA-1.5.0", "mimic_iv_rare@test": "PhysioNet-DUA-1.5.0"}


@pytest.mark.parametrize(
    ("tasks", "url", "allowed", "refused"),
    [
        ("mimic_iv_rare", "https://api.openai.com/v1/chat/completions", None, True),
        ("mimic_iv_rare", PROVIDER, None, True),
        ("mimic_iv_rare", "https://me:pw@example.org/v1", "yes", True),
        ("mimic_iv_rare", "https://api.openai.com/v1/chat/completions", "PhysioNet-DUA-1.5.0", False),
        ("mimic_iv_rare", "http://127.0.0.1:8000/v1", None, False),
        ("mimic_iv_rare", None, None, False),
        ("raredx_sim", "https://api.openai.com/v1", None, False),
    ],
)
def test_restricted_cases_stay_on_the_machine(tasks: str, url: str | None, allowed: str | None, refused: bool) -> None:
    if not refused:
        check_egress(agreements_of([tasks]), url, allowed)
        return
    with pytest.raises(
        UsageError, match=r"mimic_iv_rare are under PhysioNet-DUA-1\.5\.0.*--allow-remote PhysioNet-DUA-1\.5\.0$"
    ) as told:
        check_egress(agreements_of([tasks]), url, allowed)
    assert "pw" not in str(told.value)


def test_every_kind_of_model_says_where_it_asks() -> None:
    args = {"model": "m", "tokenizer_backend": "none"}
    assert endpoint_of(build_model("local-chat-completions", {**args, "base_url": "http://h/v1"})) == "http://h/v1"
    assert endpoint_of(build_model("local-completions", args)) == PROVIDER
    assert endpoint_of(build_model("openai-chat-completions", {"model": "m"})) == "https://api.openai.com/v1/chat/completions"
    assert endpoint_of(build_model("anthropic-chat", {"model": "m"})) == "https://api.anthropic.com/v1/messages"
    assert endpoint_of(build_model("gguf", {"base_url": "http://h:1"})) == "http://h:1"
    assert endpoint_of(FunctionLM(str)) is None
    assert endpoint_of(build_model("dummy")) is None


def test_a_local_address_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example.org:3128")
    monkeypatch.setenv("no_proxy", "inside.example.org")
    assert _proxy("http://127.0.0.1:8000/v1") is None
    assert _proxy("http://inside.example.org/v1") is None
    assert _proxy("http://outside.example.org/v1") == "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    ("model", "args", "variable"),
    [
        ("local-chat-completions", {"api_key": KEY}, "OPENAI_API_KEY"),
        ("local-chat-completions", {"auth_token": KEY}, "OPENAI_API_KEY"),
        ("local-chat-completions", {"header": {"Authorization": f"Bearer {KEY}"}}, "OPENAI_API_KEY"),
        ("local-chat-completions", {"header": {"x-api-key": KEY}}, "OPENAI_API_KEY"),
        ("local-chat-completions", {"base_url": f"http://me:{KEY}@h/v1"}, "OPENAI_API_KEY"),
        ("local-chat-completions", {"base_url": f"http://h/v1?api-version=3&api_key={KEY}"}, "OPENAI_API_KEY"),
        ("anthropic-chat", f"model=m,api_key={KEY}", "ANTHROPIC_API_KEY"),
        ("azure-openai-chat-completions", f"API_KEY={KEY}", "AZURE_OPENAI_API_KEY"),
        ("hf", f"pretrained=x,token={KEY}", "HF_TOKEN"),
        ("hf", {"pretrained": "x", "use_auth_token": KEY}, "HF_TOKEN"),
    ],
)
def test_secrets_are_refused_with_the_variable_to_set(model: str, args: str | Mapping[str, Any], variable: str) -> None:
    with pytest.raises(UsageError, match=f"would be written into the report: .*environment variable {variable}$") as told:
        refuse_secrets(model, args)
    assert KEY not in str(told.value)


@pytest.mark.parametrize(
    "args",
    [
        None, "", "model=m,base_url=http://h/v1?api-version=3", "pretrained=x,think_end_token=</think>,add_bos_token=True",
        {"eos_string": "x", "token": True, "tokenizer": "t", "prefix_token_id": 3, "header": {"X-Team": "ours"}}, "token=True",
    ],
)  # fmt: skip
def test_other_arguments_pass(args: Any) -> None:
    refuse_secrets("hf", args)


def test_addresses_are_shown_without_what_is_secret() -> None:
    assert shown(f"https://me:{KEY}@h:1/v1?a=b&key={KEY}") == "https://h:1/v1?a=b"
    assert shown(PROVIDER) == PROVIDER


def test_a_key_of_the_environment_is_in_no_file_of_a_run(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    server = serve(lambda prompt, number: "1. Marfan syndrome")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    args = {"base_url": f"{server.url}/chat/completions", "model": "m"}
    with caplog.at_level("DEBUG"):
        report = raredx_bench.run("local-chat-completions", ["raredx_sim"], model_args=args, apply_chat_template=True,
                                  metadata={"sim_n": 2}, output=tmp_path)  # fmt: skip
    assert server.keys == {f"Bearer {KEY}"}
    assert report.folder is not None
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"run.json", "report.json"} <= {path.name for path in files}
    assert not any(KEY in path.read_text() for path in files)
    assert KEY not in caplog.text
