"""A finished stage, published: what lies in the folder, what it says, that it answers as before, and what is refused."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from raredx_bench.domain import BadInput, DataMissing, UnknownName, UsageError
from raredx_train import cli, manifest
from raredx_train.exporting import written
from raredx_train.exporting.folder import MARK
from raredx_train.exporting.found import found
from raredx_train.exporting.licences import document, learnt, noncommercial
from tests import dry_run
from tests import knowledge_world as world

RUNGS = [
    {"name": name, "benchmark": "raredx_sim", "n": 300,
     "estimates": {metric: {"value": value, "low": value - 0.05, "high": value + 0.05} for metric, value in
                   (("recall@1", first), ("recall@5", 0.5), ("recall@10", 0.6))}}
    for name, first in (("base", 0.1), ("rers-sft", 0.3125))
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run of raredxr1-14b's stand-in on the small world; the adapters of its rers-sft are merged."""
    pytest.importorskip("trl", reason="the train extra is not installed")
    with world.at_hand(tmp_path_factory) as root, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAREDX_DATA", str(root))
        yield dry_run.ran(tmp_path_factory.mktemp("published") / "run", root)


@pytest.fixture
def changed(run: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return copytree(run, tmp_path / "changed")


def greedy(folder: Path) -> list[int]:
    """What a model answers, the likeliest token each time."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(str(folder)), AutoModelForCausalLM.from_pretrained(str(folder))
    asked = [{"role": "user", "content": "Which disease?"}]
    asked = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    return [int(each) for each in model.generate(**asked, max_new_tokens=12, do_sample=False)[0]]


def test_every_stage_of_the_stand_in_ran_in_two_processes(run: Path) -> None:
    assert json.loads((run / "environment.json").read_text())["processes"] == 2
    for stage in ("knowledge-sft", "rers-sft", "dcrl"):
        made = manifest.read(run / stage)
        assert made is not None
        assert made.figures["steps"] >= 1
    (record,) = json.loads((run / "dcrl" / "rounds.json").read_text())["rounds"]
    assert sum(record["drawn"].values()) == 4  # prompts of both processes together
    assert record["step"] == 2  # updates of the one generation


def test_a_folder_answers_as_the_stage_does_and_says_what_it_is(run: Path, tmp_path: Path) -> None:
    assert written(run, tmp_path / "last").stage == "dcrl"
    found = written(run, tmp_path / "out", "rers-sft")
    assert {"model.safetensors", "config.json", "generation_config.json", "tokenizer.json", "chat_template.jinja", "README.md",
            "LICENSES.md", "cards/knowledge.md", "cards/rers.md", MARK} == {*found.files} - {"tokenizer_config.json"}  # fmt: skip
    assert greedy(found.folder) == greedy(run / "rers-sft" / "model")
    card = (found.folder / "README.md").read_text()
    front = yaml.safe_load(card.split("---\n")[1])
    assert (front["license"], front["license_link"], front["pipeline_tag"]) == ("other", "LICENSES.md", "text-generation")
    assert "base_model" not in front  # a student from scratch has none
    assert "model-index" not in front  # nothing was measured
    for said in ("Not for clinical use", "## Intended use", "## Limits", "this run has no ladder", "LoRA of rank 4", "HPO licence"):
        assert said in card
    assert "ontology teacher" in (found.folder / "LICENSES.md").read_text()
    texts = [path.read_text() for path in found.folder.rglob("*") if path.suffix in (".md", ".json", ".jinja")]
    assert not any(str(run.parent) in text for text in texts)


def test_a_ladder_is_shown_and_the_stages_own_rung_is_what_the_hub_reads(changed: Path, tmp_path: Path) -> None:
    (changed / "ladder.json").write_text(json.dumps({"stages": RUNGS}))
    card = (written(changed, tmp_path / "out", "rers-sft").folder / "README.md").read_text()
    assert "| base | raredx_sim | 300 | 10.0 % (5.0–15.0) |" in card
    assert "| **rers-sft** | raredx_sim | 300 | 31.2 % (26.2–36.2) |" in card
    assert "they test plumbing, not medicine" in card
    (found,) = yaml.safe_load(card.split("---\n")[1])["model-index"]
    assert [(each["dataset"]["type"], {one["type"]: one["value"] for one in each["metrics"]}) for each in found["results"]] == [
        ("raredx_sim", {"recall@1": 0.3125, "recall@5": 0.5, "recall@10": 0.6})
    ]
    (changed / "ladder.json").write_text('{"stages": [{"name": "base"}]}')
    with pytest.raises(BadInput, match="is no ladder"):
        written(changed, tmp_path / "again")


def test_weights_can_be_written_in_half_the_bytes(run: Path, tmp_path: Path) -> None:
    name = "knowledge-sft"  # all of its weights were trained, in float32
    whole, half = written(run, tmp_path / "whole", name), written(run, tmp_path / "half", name, dtype="bfloat16")
    assert half.files["model.safetensors"] < 0.6 * whole.files["model.safetensors"]
    assert json.loads((half.folder / "config.json").read_text())["dtype"] == "bfloat16"
    assert len(greedy(half.folder)) > 3


def test_an_earlier_export_is_replaced_when_told_so_and_nothing_else_is(run: Path, tmp_path: Path) -> None:
    written(run, tmp_path / "out")
    (tmp_path / "out" / "model-00001-of-00002.safetensors").write_text("left over")
    with pytest.raises(UsageError, match="holds an earlier export: --force replaces it"):
        written(run, tmp_path / "out")
    found = written(run, tmp_path / "out", "knowledge-sft", force=True)
    assert found.stage == "knowledge-sft"
    assert not (tmp_path / "out" / "model-00001-of-00002.safetensors").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files that no export wrote"):
        written(run, tmp_path / "mine", force=True)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_not_finished_or_was_changed_is_not_published(changed: Path, tmp_path: Path) -> None:
    (changed / "dcrl" / "manifest.json").unlink()
    assert written(changed, tmp_path / "before").stage == "rers-sft"  # the last that is finished
    with pytest.raises(UsageError, match=r"dcrl of .* is not finished: `raredx-train run … --until dcrl"):
        written(changed, tmp_path / "out", "dcrl")
    with pytest.raises(UnknownName, match="did you mean rers-sft"):
        written(changed, tmp_path / "out", "rers_sft")
    with pytest.raises(DataMissing, match="is no run's folder"):
        written(tmp_path, tmp_path / "out")
    config = changed / "rers-sft" / "model" / "config.json"
    config.write_text(config.read_text() + " ")
    with pytest.raises(UsageError, match=r"was changed after it was finished \(model/config.json\)"):
        written(changed, tmp_path / "out")
    (changed / "rers" / "manifest.json").unlink()
    with pytest.raises(UsageError, match=r"rers of .* is not finished, and rers-sft learnt from it"):
        written(changed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def edited(path: Path, key: str, value: Any) -> None:
    document = json.loads(path.read_text())
    inner = document
    *above, last = key.split("/")
    for each in above:
        inner = inner[each]
    inner[last] = value
    path.write_text(json.dumps(document))


def test_data_under_an_agreement_that_forbids_it_is_not_published(changed: Path, tmp_path: Path) -> None:
    edited(changed / "rers" / "manifest.json", "config/benchmarks", ["mimic_iv_rare"])
    with pytest.raises(UsageError, match="rers learnt from mimic_iv_rare, whose data use agreement"):
        written(changed, tmp_path / "out")


def test_what_was_learnt_from_is_named_with_its_terms(changed: Path) -> None:
    edited(changed / "rers" / "card.json", "corpus/benchmarks", {"rarearena_rdc": 12, "phenopacket_store": 30})
    edited(changed / "rers" / "card.json", "teacher", {"backend": "endpoint", "model": "ORG/TEACHER"})
    path = changed / "config.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "student": {"model": "Qwen/Qwen3-14B"}}))
    works = {each.work: each for each in learnt(found(changed))}
    assert works["Qwen/Qwen3-14B"].terms == "its own licence: https://huggingface.co/Qwen/Qwen3-14B"
    assert "CC BY-NC-SA 4.0" in works["RareArena RDC"].terms
    assert (works["RareArena RDC"].part, works["RareArena RDC"].dataset) == ("cases, in 12 traces", "THUMedInfo/RareArena")
    assert "BSD-3-Clause" in works["Phenopacket Store release"].terms
    assert "may be used to train others" in works["ORG/TEACHER"].terms
    assert noncommercial(list(works.values()))
    assert "| RareArena RDC | cases, in 12 traces |" in document(list(works.values()))


class Hub(ThreadingHTTPServer):
    """As much of the hub as an upload asks: https://huggingface.co/docs/hub/api."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.files: dict[str, bytes] = {}
        self.made: dict[str, Any] = {}
        self.tokens: set[str] = set()


class _Answering(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *said: Any) -> None:
        """Nothing."""

    def _send(self, found: Any, status: int = 200) -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        files = [{"type": "file", "path": name, "oid": "0" * 40, "size": len(body)} for name, body in self.server.files.items()]
        info = {"id": "me/it", "modelId": "me/it", "sha": "1" * 40, "siblings": [{"rfilename": each["path"]} for each in files]}
        self._send(files if "/tree/" in self.path else info)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.tokens.add(self.headers.get("Authorization", ""))
        if self.headers.get("Authorization") != "Bearer hf_right":
            return self._send({"error": "Invalid credentials"}, 401)
        if self.path == "/api/repos/create":
            self.server.made = json.loads(body)
            return self._send({"url": f"http://127.0.0.1:{self.server.server_port}/me/it"})
        if self.path == "/api/validate-yaml":  # the card's metadata
            return self._send({"errors": [], "warnings": []})
        if "/preupload/" in self.path:
            return self._send({"files": [{"path": each["path"], "uploadMode": "regular", "shouldIgnore": False}
                                         for each in json.loads(body)["files"]]})  # fmt: skip
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "deletedFile":
                self.server.files.pop(line["value"]["path"])
        return self._send({"success": True, "commitOid": "2" * 40, "commitUrl": "http://127.0.0.1/me/it/commit/" + "2" * 40})


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    import huggingface_hub.constants

    server = Hub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)  # read from HF_ENDPOINT when the package is imported
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    yield server
    server.shutdown()
    server.server_close()


def invoked(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["export", *words])
    return done.exit_code, " ".join(f"{done.output} {done.exception or ''}".split())


def test_a_repository_gets_the_same_files_and_is_private(run: Path, tmp_path: Path, hub: Hub) -> None:
    code, said = invoked(str(run), "--to", "hub:me/it")
    assert (code, "/me/it/commit/" in said) == (0, True), said
    assert hub.made["visibility"] == "private"
    assert hub.tokens == {"Bearer hf_right"}
    alone = written(run, tmp_path / "out")
    assert {name: len(body) for name, body in hub.files.items()} == alone.files
    assert hub.files["model.safetensors"] == (alone.folder / "model.safetensors").read_bytes()
    assert "holds an earlier export" in invoked(str(run), "--to", "hub:me/it")[1]
    hub.files["model-00001-of-00002.safetensors"] = b"left over"
    assert invoked(str(run), "--to", "hub:me/it", "--stage", "knowledge-sft", "--force")[0] == 0
    assert "model-00001-of-00002.safetensors" not in hub.files
    hub.files = {"pytorch_model.bin": b"somebody's"}
    assert "holds files that no export wrote" in invoked(str(run), "--to", "hub:me/it", "--force")[1]


def test_what_the_hub_refuses_is_one_sentence(run: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    said = invoked(str(run), "--to", "hub:me/it")[1]
    assert "the hub did not take me/it" in said
    assert "hf_wrong" not in said
    assert "is no repository: write hub:OWNER/NAME" in invoked(str(run), "--to", "hub:it")[1]
    assert "type of weights" in invoked(str(run), "--to", "x", "--dtype", "int3")[1]


def test_the_command_lists_files_and_terms(run: Path, tmp_path: Path) -> None:
    code, said = invoked(str(run), "--to", str(tmp_path / "out"))
    assert code == 0
    for part in ("model.safetensors", "learnt from", "HPO licence", "not for clinical use"):
        assert part in said
