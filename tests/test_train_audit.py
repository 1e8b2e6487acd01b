"""The audit of the reward: its answers are what they say, its bars hold on simulated patients, its command prints them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from raredx_bench.domain import Relation, UnknownName, UsageError
from raredx_bench.hpo import Hpo
from raredx_bench.judging import Judge
from raredx_bench.phenotype import Ranker
from raredx_bench.simulation import simulate
from raredx_train.audit import Audit, audit_reward, invented_names, markdown
from raredx_train.audit.answers import ATTACKS, HONEST
from raredx_train.audit.running import BASELINE, MIXED
from raredx_train.audit.translating import foreign_names
from raredx_train.audit.world import World
from raredx_train.cli import app
from raredx_train.reward import Reward
from raredx_train.reward.reading import read
from tests.conftest import NOWHERE

SIZE, NAMES = 24, 200


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded terminology, whatever the machine has pulled."""
    monkeypatch.setenv("XDG_DATA_HOME", str(NOWHERE))


@pytest.fixture(scope="module")
def world(judge: Judge, hpo: Hpo, ranker: Ranker) -> World:
    return World(judge, ranker, list(simulate(hpo, SIZE, 1)), 1, 10)


@pytest.fixture(scope="module")
def audit() -> Audit:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(NOWHERE))
        return audit_reward(Reward(), NOWHERE, cases=SIZE, names=NAMES)


def test_every_bar_holds(audit: Audit) -> None:
    assert all(audit.bars.values()), audit.bars
    assert len(audit.bars) == 3


def test_every_attack_has_a_row_beside_honest_answers(audit: Audit) -> None:
    means = {row.name: row.mean for row in audit.rows}
    lacking = {"family of the diagnosis alone", "families of the diagnosis", "widest family of the diagnosis"}  # Mondo has them
    assert {*HONEST, *ATTACKS, MIXED} - lacking <= means.keys()
    assert means["diagnosis alone"] == pytest.approx(1)
    assert (
        means["diagnosis at rank 1"] > means["diagnosis at rank 3"] > means["diagnosis at rank 10"] > means["wrong but plausible"]
    )
    assert means[BASELINE] > 0.5  # the built-in diagnoser is at home on these patients
    assert all(row.n <= SIZE and row.least - 1e-9 <= row.mean <= row.most + 1e-9 for row in audit.rows)


@pytest.mark.parametrize(
    "name",
    ["invented names", "200 names at random", "50 commonest, every case", "10 commonest, every case", "four diseases a line",
     "the commonest alone, every case", "ten names of one wrong disease", "the case copied", "thought not closed", "nothing",
     "diagnosis in the thought, no answer", "diagnosis in the thought, wrong list", "instructions to the judge", MIXED],
)  # fmt: skip
def test_what_must_earn_nothing_earns_nothing(audit: Audit, name: str) -> None:
    row = next(row for row in audit.rows if row.name == name)
    assert row.positive == 0
    assert row.mean <= 0


def test_the_same_seed_gives_the_same_audit() -> None:
    again, other = (audit_reward(Reward(), NOWHERE, cases=8, seed=seed, names=10) for seed in (1, 2))
    assert again.rows == audit_reward(Reward(), NOWHERE, cases=8, names=10).rows
    assert other.rows != again.rows


def test_a_reward_without_its_guards_misses_them(audit: Audit) -> None:
    bare = {row.name: row.mean for row in audit_reward(Reward(gates=False), NOWHERE, cases=SIZE, names=NAMES).rows}
    guarded = {row.name: row.mean for row in audit.rows}
    assert all(bare[name] > guarded[name] for name in ("invented names", "50 commonest, every case", "200 names at random", MIXED))


@pytest.mark.parametrize("name", HONEST)
def test_honest_answers_keep_the_contract(name: str, world: World) -> None:
    case = world.cases[3]
    text = HONEST[name](world, case)
    if text is not None:
        assert read(text).listed
        assert read(text).closed


def test_answers_are_what_they_are_called(world: World) -> None:
    case = world.cases[0]
    gold = world.name(world.gold(case)[0])
    names = {name: read(made).names for name, maker in {**HONEST, **ATTACKS}.items() if (made := maker(world, case)) is not None}
    assert names["diagnosis at rank 3"][2] == gold
    assert len(names["diagnosis at rank 10"]) == 10
    assert gold not in names["wrong but plausible"]
    assert len(names["200 names at random"]) > 20
    assert all(world.relation(case, each) is Relation.DIFFERENT for each in names["ten names of one wrong disease"])
    assert not names["thought not closed"]
    assert gold not in names["diagnosis in the thought, wrong list"]


def test_invented_names_are_many_and_the_same_for_a_seed(judge: Judge) -> None:
    names = invented_names(2000, 1)
    assert len(set(names)) == 2000
    assert names[:50] == invented_names(50, 1)
    assert names[:50] != invented_names(50, 2)
    assert sum(judge.linker.link(name).id is not None for name in names) < 20


def test_names_are_translated_head_first() -> None:
    assert foreign_names(["Marfan syndrome", "Biotinidase deficiency", "Kabuki syndrome type 1"]) == [
        "síndrome de Marfan", "deficiencia de Biotinidase", "síndrome de Kabuki tipo 1",
    ]  # fmt: skip


def test_the_command_prints_the_table_and_writes_everything(tmp_path: Path) -> None:
    file = tmp_path / "audit.json"
    asked = ["audit-reward", "--task", "raredx_sim", "--cases", "12", "--json", str(file), "--data-dir", str(tmp_path)]
    shown = CliRunner().invoke(app, asked, env={"COLUMNS": "220"})
    assert shown.exit_code == 0, shown.output
    assert "phenotype baseline" in shown.output
    assert "not for clinical use" in shown.output
    written = json.loads(file.read_text())
    assert written["cases"] == 12
    assert len(written["rows"]) > 20


def test_the_command_prints_markdown_and_reads_a_recipe() -> None:
    asked = ["audit-reward", "tiny", "--task", "raredx_sim", "--cases", "6", "--markdown"]
    shown = CliRunner().invoke(app, asked, env={"RAREDX_DATA": ""})
    assert "| phenotype baseline | 6 |" in shown.output


@pytest.mark.parametrize(
    ("asked", "error"),
    [({"task": "raredx_simm"}, UnknownName), ({"cases": 0}, UsageError), ({"task": "raredx_sim@nowhere"}, UnknownName)],
)
def test_a_task_that_is_none_is_one_sentence(asked: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        audit_reward(Reward(), NOWHERE, **asked)


def test_the_table_is_markdown(audit: Audit) -> None:
    rows = markdown(audit).splitlines()
    assert rows[0].startswith("| answer | n | reward |")
    assert len(rows) == len(audit.rows) + 2
    assert len({row.count("|") for row in rows}) == 1
