"""Findings that a language model points at: HPO's names decide which they are, the text whether they are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from raredx_bench.cli import app
from raredx_bench.domain import BadInput, RunIncomplete, UsageError
from raredx_bench.endpoint import Endpoint
from raredx_bench.extraction import PROMPT, Extractor, items_of
from raredx_bench.hpo import Hpo
from tests.endpoint import Serve

TEXT = "He could not stand\non his heels {at all}. She has seizures; her aunt lost her hearing."
ITEMS = [
    {"quote": "could not stand on his heels", "finding": "Impaired heel-walking ability", "status": "present"},
    {"quote": "seizures", "finding": "Seizure", "status": "absent"},
    {"quote": "lost her hearing", "finding": "hearing loss", "status": "family"},
    {"quote": "could not stand on his toes", "finding": "Toe walking", "status": "present"},
    {"quote": "at all", "finding": "qqqq", "status": "present"},
    {"quote": "heels", "finding": "Ataxia", "status": "perhaps"},
    {"finding": "Ataxia"},
]


def replying(items: object) -> str:
    return f"Here it is:\n```json\n{json.dumps(items)}\n```"


def test_a_model_points_and_names_decide(serve: Serve, hpo: Hpo, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(lambda prompt, number: replying(ITEMS))
    read = Extractor(hpo, Endpoint(server.url, "pointer")).read(TEXT)
    assert server.prompts == [PROMPT.format(text=TEXT)]
    said = {TEXT[each.start : each.end]: (hpo.name(each.term), each.polarity) for each in read.mentions}
    assert said == {
        "could not stand\non his heels": ("Impaired heel-walking ability", "observed"), "seizures": ("Seizure", "excluded"),
        "lost her hearing": ("Hearing impairment", "family"),
    }  # fmt: skip
    assert read.mentions[0].cue == "pointer says so"
    assert "4 of 7 findings that pointer named are passed over" in caplog.text


def test_what_the_model_leaves_out_is_read_all_the_same(serve: Serve, hpo: Hpo) -> None:
    server = serve(lambda prompt, number: "[]")
    assert Extractor(hpo, Endpoint(server.url, "pointer")).read(TEXT).observed == ("HP:0001250",)


@pytest.mark.parametrize(
    ("name", "term"),
    [("Seizure", "HP:0001250"), ("Siezures", None), ("Hypogastrinemia", None), ("Epicanthal fold", "HP:0000286"),
     ("marked gait ataxia", "HP:0002066"), ("", None), ("nothing like it", None)],
)  # fmt: skip
def test_a_name_means_a_term_or_none(hpo: Hpo, name: str, term: str | None) -> None:
    assert Extractor(hpo, Endpoint("http://127.0.0.1:9/v1", "m")).term(name) == term


@pytest.mark.parametrize("reply", ["I can't.", "[1, 2", "][", "see [1]"])
def test_a_reply_without_a_list_is_said_to_have_none(reply: str) -> None:
    with pytest.raises(BadInput, match="m answered no list of findings"):
        items_of(reply, "m")


@pytest.mark.parametrize(
    "reply", ['see [1]: [{"a": 1}]', '[{"a": 1}] (note [2])', 'Findings [in order]:\n[{"a": 1}]', '[][{"a": 1}][]']
)
def test_the_list_of_findings_is_found_among_other_brackets(reply: str) -> None:
    assert items_of(reply, "m") == [{"a": 1}]


def test_a_quote_is_of_whole_words_and_one_that_comes_twice_is_of_two_places(serve: Serve, hpo: Hpo) -> None:
    text = "His brother has seizures. She has hearing loss. Her ear is low. The patient developed seizures."
    told = (("seizures", "Seizure", "family"), ("ear", "Low-set ears", "present"), ("seizures", "Seizure", "present"))
    items = [dict(zip(("quote", "finding", "status"), each, strict=True)) for each in told]
    server = serve(lambda prompt, number: json.dumps(items))
    read = Extractor(hpo, Endpoint(server.url, "m")).read(text)
    assert [(hpo.name(each.term), each.polarity, text[each.start : each.end]) for each in read.mentions] == [
        ("Seizure", "family", "seizures"), ("Hearing impairment", "observed", "hearing loss"), ("Low-set ears", "observed", "ear"),
        ("Seizure", "observed", "seizures"),
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "error"), [(500, RunIncomplete), (400, UsageError)])
def test_an_endpoint_that_fails_is_told_without_its_password_and_without_a_folder(
    serve: Serve, hpo: Hpo, status: int, error: type[Exception]
) -> None:
    server = serve(lambda prompt, number: (status, "{}"))
    url = server.url.replace("http://", "http://user:secret@")
    with pytest.raises(error, match=r"(?:failed|refused).*: ask again") as caught:
        Extractor(hpo, Endpoint(url, "m", retries=0)).read(TEXT)
    assert "secret" not in str(caught.value)
    assert "kept" not in str(caught.value)


def test_the_command_says_where_the_text_goes(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAREDX_DATA", str(tmp_path))
    server = serve(lambda prompt, number: replying(ITEMS))
    case = tmp_path / "case.txt"
    case.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(app, ["diagnose", str(case), "--extract-with", "pointer", "--base-url", server.url, "--json", "-"])
    assert result.exit_code == 0, result.exception
    assert f"the text is sent to {server.url}" in result.stderr
    observed = [each["label"] for each in json.loads(result.stdout)["patient"]["observed"]]
    assert observed == ["Impaired heel-walking ability"]


@pytest.mark.parametrize("args", [("--extract-with", "m"), ("--base-url", "http://127.0.0.1:9/v1")])
def test_a_model_and_its_endpoint_go_together(args: tuple[str, str], tmp_path: Path) -> None:
    case = tmp_path / "case.txt"
    case.write_text(TEXT, encoding="utf-8")
    with pytest.raises(UsageError, match="go together"):
        CliRunner().invoke(app, ["diagnose", str(case), *args], catch_exceptions=False)
