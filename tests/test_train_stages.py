"""Every stage of the recipe in one run, on the small world: each reads what those before it wrote, a second run does nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from raredx_bench.domain import UsageError
from raredx_bench.leaderboard import read_entry
from raredx_bench.leaderboard.verifying import State, verify
from raredx_train import recipe
from raredx_train.cli import app
from raredx_train.config import load
from raredx_train.ladder.rungs import LEARNT
from raredx_train.recipe import Listener, Ran
from raredx_train.stages import KINDS, STAGES
from tests import knowledge_world as world

ALL = """
name: all
threads: 1
student: {shape: {vocabulary: 700, width: 32, layers: 1, heads: 2, key_value_heads: 1, head: 16, mlp: 64, context: 768}}
teacher: {backend: ontology, model: ontology, options: {view: 0.5}}
knowledge: {pairs: 200, heldout: 20}
knowledge-sft: &learning {epochs: 1, batch: 8, saves: 1, evaluated: 8, length: 768, recall: 0, precision: fp32}
rers: &reasoning {benchmarks: [], simulated: 40, variants: 0, samples: 2, rounds: 1}
rers-sft: *learning
dcrl: &practice
  {benchmarks: [], simulated: 40, rounds: 1, generations: 1, prompts: 2, n: 2, max_completion: 12, validation: 2, kl: false,
   collapse: {"on": false}}
rejection: {benchmarks: [], simulated: 40, variants: 0, samples: 2, rounds: 0}
rejection-sft: *learning
rl: *practice
evaluation: {tasks: [raredx_sim], options: {sim_n: 6}, max_new: 12, refined: [crr, rrf], experts: baseline, records: 1}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world.at_hand(tmp_path_factory) as root, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAREDX_DATA", str(root))
        yield root


def run(root: Path, tmp_path: Path, *changes: str, heard: list[str] | None = None) -> list[Ran]:
    path = tmp_path / "all.yaml"
    path.write_text(ALL)
    config = load(str(path), changes, KINDS)
    begins = heard.append if heard is not None else lambda stage: None
    return recipe.run(config, recipe.chosen(config, arms=True), tmp_path / "run", root, Listener(begins))


def test_every_stage_runs_once_and_a_changed_teacher_begins_where_it_matters(root: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    first = run(root, tmp_path, heard=heard)
    assert heard == [stage.name for stage in STAGES]
    assert {each.stage for each in first if each.manifest.outputs} == set(heard) - {"evaluation"}
    assert first[4].manifest.figures["examples"] > 3
    for name in ("rers-sft", "rejection-sft", "dcrl", "rl"):
        assert (tmp_path / "run" / name / "model" / "config.json").is_file()
        assert "Not for clinical use" in (tmp_path / "run" / name / "model" / "README.md").read_text()
    assert json.loads((tmp_path / "run" / "dcrl" / "rounds.json").read_text())
    _check_ladder(tmp_path / "run", root)
    again: list[str] = []
    assert all(each.skipped for each in run(root, tmp_path, heard=again))
    assert again == []
    config = load(str(tmp_path / "all.yaml"), ["teacher.options.view=0.6"], KINDS)
    keys = {stage.name: recipe.key_of(config, stage, recipe.inputs_of(stage, tmp_path / "run")) for stage in STAGES}
    changed = [each.stage for each in first if each.manifest.key != keys[each.stage]]
    assert changed == ["rejection", "rers"]  # the others follow once these have written something else


def _check_ladder(folder: Path, root: Path) -> None:
    """Every model and crr are on the ladder, each with an entry that verifies; a report makes the same ladder once more."""
    document = json.loads((folder / "ladder.json").read_text())
    assert [each["name"] for each in document["stages"]] == ["base", *LEARNT, "crr"]
    assert [each["name"] for each in document["controls"]] == ["crr: rrf"]
    assert {(each["benchmark"], each["n"]) for each in document["stages"]} == {("raredx_sim", 6)}
    assert 0 <= document["stages"][0]["estimates"]["recall@10"]["value"] <= 1
    page = (folder / "ladder.md").read_text()
    for part in (
        "| raredx_sim | rers-sft | dcrl | ", "Simulated patients only", "**not comparable**", "| base | 6 | ",
        "| crr: rrf | 6 | ", "| baseline | differential | 6 | ", "| dcrl | refinement | 6 | ",
    ):  # fmt: skip
        assert part in page
    assert (folder / "ladder.svg").read_text().count("<svg") == 1
    entries = sorted(path.parent for path in folder.glob("answers/**/entry.json"))
    assert len(entries) == len(document["stages"]) + 1
    assert {read_entry(each).document["model"]["name"] for each in entries} >= {"all base", "all dcrl"}
    assert [(each.state, each.said) for each in verify(entries, [root])] == [(State.VERIFIED, ())] * len(entries)
    (between,) = folder.glob("answers/*/between.jsonl")
    rows = [json.loads(line) for line in between.read_text().splitlines()]
    lead = next(row["who"] for row in rows if row["who"].startswith("raredx-train("))
    said = Counter((row["who"], row["what"]) for row in rows)
    assert said == {("baseline", "differential"): 6, (lead, "differential"): 6, (lead, "refinement"): 6}
    assert any(row["rank"]["exact"] for row in rows if row["who"] == "baseline")
    (folder / "ladder.json").unlink()
    done = CliRunner().invoke(app, ["report", str(folder), "--to", str(folder / "results.md"), "--data-dir", str(root)])
    assert done.exit_code == 0, done.output
    assert json.loads((folder / "ladder.json").read_text()) == document
    assert (folder / "results.md").read_text() == page


def test_reasoning_without_a_teacher_is_refused_before_anything_runs(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rejection needs a teacher, and the recipe all names none"):
        run(root, tmp_path, "teacher=null")
    with pytest.raises(UsageError, match=r"rejection \(.*\): rejection sampling does not reflect"):
        run(root, tmp_path, "rejection.rounds=1")
    assert not (tmp_path / "run").exists()
