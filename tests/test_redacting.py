"""What is shown to others holds no secrets."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raredx_bench.redacting import REMOVED, last_name, placeless, scrubbed

HIDDEN = "sk-proj-Abcdefghij0123456789"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Incorrect API key provided: {HIDDEN}.", f"Incorrect API key provided: {REMOVED}."),
        ("Incorrect API key provided: sk-proj-********************wxyz.", f"Incorrect API key provided: {REMOVED}."),
        ("Authorization: Bearer abcdef0123456789", f"Authorization: {REMOVED}"),
        ("sent with Bearer abcdef0123456789 to the server", f"sent with Bearer {REMOVED} to the server"),
        ("pretrained=org/m,token=hf_AbCdEfGhIjKlMnOpQrSt,dtype=auto", f"pretrained=org/m,token={REMOVED},dtype=auto"),
        ('{"api_key": "opaque-value", "model": "m"}', f'{{"api_key": "{REMOVED}", "model": "m"}}'),
        ("{'OPENAI_API_KEY': 'opaque'}", f"{{'OPENAI_API_KEY': '{REMOVED}'}}"),
        ("https://host/v1?key=opaque&alt=json", f"https://host/v1?key={REMOVED}&alt=json"),
        ("https://ann:pass@host:8000/v1", f"https://{REMOVED}@host:8000/v1"),
        ("auth_token=opaque", f"auth_token={REMOVED}"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN", REMOVED),
        ("AKIAIOSFODNN7EXAMPLE", REMOVED),
        ("No such file: /home/ann/models/m/config.json", "No such file: ~/models/m/config.json"),
        (r"C:\Users\ann\m", r"~\m"),
    ],
)
def test_a_secret_is_removed_from_a_text(text: str, left: str) -> None:
    assert scrubbed(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "1. Marfan syndrome\n2. task-specific disorder of a long-lasting-kind-of-disease",
        "think_end_token=</think>,eos_token=<eos>,max_tokens=1024,pad_token_id=0",
        "unexpected token: '<' at line 1",
        "http://127.0.0.1:8000/v1/chat/completions",
        "Qwen/Qwen3-8B-Instruct-2507",
        "sha256 9cd642c97ee9a4d1b2c3",
        "risk-stratification-of-patients",
        "the key finding: hypotonia",
        "the patient had a Bearer",
    ],
)
def test_anything_else_stays(text: str) -> None:
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("args", "left"),
    [
        ("pretrained=/srv/models/m,dtype=auto", "pretrained=m,dtype=auto"),
        ("path=~/runs/tiny,stage=dcrl", "path=tiny,stage=dcrl"),
        (
            "lead=raredx-train(path=/a/ci;stage=dcrl),experts=baseline+hf(pretrained=/m/x/)",
            "lead=raredx-train(path=ci;stage=dcrl),experts=baseline+hf(pretrained=x)",
        ),
        ("model=org/name,base_url=http://h:8000/v1/chat", "model=org/name,base_url=http://h:8000/v1/chat"),
        ("path=runs/ci,think_end_token=</think>", "path=runs/ci,think_end_token=</think>"),
        ({"path": "/srv/runs/tiny", "max_length": 4096}, {"path": "tiny", "max_length": 4096}),
        (None, None),
    ],
)
def test_published_arguments_name_no_place_on_a_disk(args: Any, left: Any) -> None:
    assert placeless(args) == left


def test_values_of_the_environment_are_removed_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VENDOR_KEY", "an opaque value")
    monkeypatch.setenv("LONGER_TOKEN", "an opaque value, longer")
    monkeypatch.setenv("SHORT_SECRET", "true")
    monkeypatch.setenv("MONKEY", "bananas and more")  # its name doesn't end in _KEY
    said = scrubbed(["is an opaque value", "an opaque value, longer!", "true", "bananas and more"])
    assert said == [f"is {REMOVED}", f"{REMOVED}!", "true", "bananas and more"]


@pytest.mark.parametrize("name", ["api_key", "X-API-Key", "header", "headers", "Authorization", "auth_token", "token", "hf_token",
                                  "password", "client_secret", "aws_secret_access_key"])  # fmt: skip
def test_what_stands_under_a_secrets_name_is_removed_whole(name: str) -> None:
    assert scrubbed({"m": {name: {"a": "b"}}, name: "x", "n": 1}) == {"m": {name: REMOVED}, name: REMOVED, "n": 1}
    assert scrubbed({name: None}) == {name: None}  # there is nothing to hide, and the reader should know


def test_an_error_is_shown_by_its_text_without_the_secret() -> None:
    try:
        raise ConnectionError(f"401 from https://u:p@host, header {{'Authorization': 'Bearer {HIDDEN}'}}")
    except ConnectionError as error:
        said = scrubbed(error)
    assert HIDDEN not in said
    assert "u:p" not in said
    assert said.startswith("401 from https://")


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(documents)
def test_scrubbing_keeps_the_shape_and_does_nothing_the_second_time(document: Any) -> None:
    once = scrubbed(document)
    assert scrubbed(once) == once
    assert len(json.dumps(once)) > 0


@settings(max_examples=40, deadline=None)
@given(documents, st.text(max_size=20), st.text(max_size=20))
def test_a_secret_never_survives_in_any_place(document: Any, before: str, after: str) -> None:
    assert HIDDEN not in json.dumps(scrubbed({"a": [document, f"{before} {HIDDEN} {after}"]}))


def test_a_local_path_is_known_by_its_last_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "org/model").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "org")
    assert last_name(str(tmp_path / "org/model")) == "model"
    assert last_name(f"{tmp_path}/org/model/") == "model"
    assert last_name(str(tmp_path / "link")) == "link"
    assert last_name("/nowhere/that/exists") == "exists"
    assert last_name("~nobody/x") == "x"
    assert last_name("org/model") == "org/model"  # the hub's
    monkeypatch.chdir(tmp_path)
    assert last_name("org/model") == "model"
    assert last_name(".") == tmp_path.name
    for name in ("http://host/v1", "gpt-4", ""):
        assert last_name(name) == name


def test_the_users_own_home_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", os.sep + os.path.join("srv", "people", "ann"))  # noqa: PTH118
    assert scrubbed("/srv/people/ann/m and /srv/people/anna/m") == "~/m and /srv/people/anna/m"
