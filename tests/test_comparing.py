"""Pairs of runs: tests against scipy and statsmodels, differences by hand, what holds of any, and the command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from typer.testing import CliRunner

import raredx_bench
from raredx_bench.cli import app
from raredx_bench.comparing import (
    Run,
    cases_needed,
    comparable,
    compared,
    comparison_document,
    protocol_taus,
    rank_ranges,
    runs_from,
    shared_tasks,
    unlike,
    visible_difference,
)
from raredx_bench.comparing.signatures import parts
from raredx_bench.comparing.signs import chances, cluster_sums, holm
from raredx_bench.domain import BadInput, Estimate, Link, Prediction, Reading, Relation, UnknownName, UsageError, Verdict
from raredx_bench.metrics import MISS

SIGNATURE = (
    "raredx_vignettes|v:1|n:135|cases:1903636b4024|form:text|parser:parser-2|linker:linker-3|judge:judge-2|"
    "terminology:HPO 2025-01-16 (9cd642c97ee9)|protocol:raredx|protocols-1|k:10|judge:judge-2+linker-3+9cd642c97ee9|"
    "chat:no|raredx:0.1.0"
)


def verdict(number: int, rank: int, group: str = "") -> Verdict:
    """A case hit at a rank; MISS: not at all."""
    kinds = [Relation.EXACT if place == rank else Relation.DIFFERENT for place in range(1, 11)]
    predictions = tuple(Prediction(Link(f"n{place}", "X:1", ""), kind) for place, kind in enumerate(kinds))
    return Verdict(f"c{number}", group or f"c{number}", predictions, Reading.LIST, "", ("X:1",))


def run_of(name: str, *rounds: Sequence[int], size: int = 1, signature: str = SIGNATURE) -> Run:
    """A run from its cases' ranks in each round, so many cases a cluster."""
    verdicts = tuple(tuple(verdict(n, rank, f"g{n // size}") for n, rank in enumerate(each)) for each in rounds)
    return Run(name, signature.split("|")[0], signature, verdicts, again=f"runs/{name}")


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (5, 5), (7, 2), (10, 1), (24, 0), (14, 11), (30, 12), (60, 60)])
def test_hits_of_independent_cases_get_the_test_of_mcnemar(won: int, lost: int) -> None:
    first = np.array([1.0] * won + [0.0] * lost + [1.0] * 10)
    second = np.array([0.0] * won + [1.0] * lost + [1.0] * 10)
    found = chances(cluster_sums(np.array([first, second]), [str(case) for case in range(len(first))]))[0]
    exact = won + lost < 25
    theirs = mcnemar([[10, won], [lost, 0]], exact=exact, correction=False).pvalue if won + lost else 1.0
    assert found == pytest.approx(min(1, theirs))


@pytest.mark.parametrize("seed", range(4))
def test_few_clusters_of_any_sizes_get_the_permutation_test(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = [str(group) for group in np.repeat(np.arange(9), rng.integers(1, 5, 9))]
    values = 1 / rng.integers(1, 11, (2, len(groups)))
    values[0] += 0.45 * (values[1] < 0.5)
    sums = cluster_sums(values, groups)
    theirs = permutation_test((sums[0], sums[1]), lambda a, b, axis: (a - b).sum(axis=axis), permutation_type="samples",
                              vectorized=True, n_resamples=np.inf)  # fmt: skip
    found = chances(sums)[0]
    assert found == pytest.approx(theirs.pvalue) or min(found, theirs.pvalue) > 0.05


@pytest.mark.parametrize("p", [[0.04], [0.01, 0.04, 0.03, 0.005], [0.5, 0.9, 0.001], [0.02, 0.02, 1.0, 0.0]])
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert holm(np.array(p)) == pytest.approx(multipletests(p, method="holm")[1])


def test_differences_by_hand() -> None:
    found = compared([run_of("a", [1, 1, 2, MISS]), run_of("b", [1, 3, 1, MISS])], (1, 3)).pairs[0]
    at_1, at_3, mrr = (found.differences[name] for name in ("recall@1", "recall@3", "mrr"))
    assert (at_1.estimate.value, at_1.won, at_1.lost, at_1.p, at_1.needed) == (0, 1, 1, 1, None)
    assert (at_3.estimate.value, at_3.won, at_3.lost, at_3.p) == (0, 0, 0, 1)
    assert mrr.estimate.value == pytest.approx((2 / 3 - 1 / 2) / 4)
    assert (found.wins, found.ties, found.losses) == (1, 2, 1)
    assert [(each.case_id, each.first, each.second) for each in found.discordant] == [("c1", (1,), (3,)), ("c2", (2,), (1,))]


def test_several_rounds_count_by_their_mean() -> None:
    found = compared([run_of("a", [1, 2], [1, 1]), run_of("b", [MISS, 2], [1, 2])], (1,))
    difference = found.pairs[0].differences["recall@1"].estimate
    assert difference.value == pytest.approx((0.5 + 0.5) / 2)
    assert found.estimates["a"]["recall@1"].value == pytest.approx(0.75)
    assert found.rounds == {"a": 2, "b": 2}
    assert found.pairs[0].discordant[0].second == (MISS, 1)


RANKS = st.lists(st.lists(st.integers(1, MISS), min_size=12, max_size=12), min_size=2, max_size=4)


@settings(max_examples=30, deadline=None)
@given(RANKS, st.sampled_from([1, 3]))
def test_what_holds_of_any_runs(ranks: list[list[int]], size: int) -> None:
    runs = [run_of(f"r{place}", each, size=size) for place, each in enumerate(ranks)]
    forth, back = compared(runs[:2]).pairs[0], compared(runs[1::-1]).pairs[0]
    assert (forth.wins, forth.losses) == (back.losses, back.wins)
    for name, one in forth.differences.items():
        other = back.differences[name]
        assert one.estimate.value == pytest.approx(-other.estimate.value)
        assert (one.estimate.low, one.estimate.high) == pytest.approx((-other.estimate.high, -other.estimate.low), abs=1e-9)
        assert (one.won, one.needed) == (other.lost, other.needed)
        assert one.p == pytest.approx(other.p)
    same = compared([runs[0], replace(runs[0], name="again")]).pairs[0]
    assert all((each.estimate.value, each.p, each.adjusted) == (0, 1, 1) for each in same.differences.values())
    assert all(each.estimate.low < 0 < each.estimate.high for each in same.differences.values())
    every = compared(runs)
    assert len(every.pairs) == len(runs) * (len(runs) - 1) // 2
    assert all(each.p <= each.adjusted <= 1 for pair in every.pairs for each in pair.differences.values())


def test_a_signature_in_parts() -> None:
    found = parts(SIGNATURE)
    assert found["task"] == "raredx_vignettes"
    assert found["judge"] == "judge-2"
    assert found["protocol"] == "raredx|protocols-1|k:10|judge:judge-2+linker-3+9cd642c97ee9"
    assert (found["chat"], found["raredx"]) == ("no", "0.1.0")


@pytest.mark.parametrize(
    ("old", "new", "part", "said"),
    [
        ("chat:no", "chat:yes", "", ""),
        ("raredx:0.1.0", "raredx:0.2.0", "", ""),
        ("linker:linker-3", "linker:linker-2", "linker",
         "a was scored with linker:linker-3, b with linker:linker-2: score runs/a again"),
        ("form:text", "form:hpo", "form", "a was made with form:text, b with form:hpo: they answer different questions"),
        ("form:text", "form:text|shots:2", "shots", "a was made with no shots, b with shots:2"),
        ("protocol:raredx|protocols-1", "protocol:malco|protocols-1", "protocol", "scored with protocol:raredx"),
        ("k:10", "k:5", "protocol", "scored with protocol:raredx.protocols-1.k:10.judge"),
        ("raredx_vignettes", "raredx_sim", "task", "a was made with task:raredx_vignettes, b with task:raredx_sim"),
    ],
)  # fmt: skip
def test_unlike_runs_are_not_compared(old: str, new: str, part: str, said: str) -> None:
    other = SIGNATURE.replace(old, new, 1)
    assert list(unlike([SIGNATURE, other])) == ([part] if part else [])
    assert (comparable(SIGNATURE) == comparable(other)) == (not part)
    runs = [run_of("a", [1, 2]), run_of("b", [1, 1], signature=other)]
    if part:
        with pytest.raises(UsageError, match=said):
            compared(runs)
    else:
        assert compared(runs).n == 2


GIVEN = run_of("a", [1, 2, 3])


@pytest.mark.parametrize(
    ("runs", "ks", "error", "said"),
    [
        ([GIVEN], (1,), UsageError, "needs two runs at least"),
        ([GIVEN, GIVEN], (), UsageError, "none was named"),
        ([GIVEN, GIVEN], (0, 1), UsageError, "a rank from 1 to 10"),
        ([run_of("a", []), run_of("b", [])], (1,), BadInput, "a has no verdicts"),
        ([GIVEN, run_of("b", [1])], (1,), BadInput, r"b lacks 2 cases \(c1, c2\) of a"),
        ([run_of("b", [1]), GIVEN], (1,), BadInput, r"b lacks 2 cases \(c1, c2\) of a"),
        ([GIVEN, run_of("b", [1, 2, 3], [1] * 9)], (1,), BadInput, r"a lacks 6 cases \(c3, c4, c5, …\) of b"),
        ([GIVEN, replace(GIVEN, name="b", rounds=((*GIVEN.verdicts, GIVEN.verdicts[0]),))], (1,), BadInput,
         r"b holds 1 case \(c0\) more than once"),
        ([GIVEN, run_of("b", [1, 2, 3], size=2)], (1,), BadInput, "another cluster than a"),
    ],
)  # fmt: skip
def test_runs_that_do_not_fit_are_refused(runs: list[Run], ks: tuple[int, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        compared(runs, ks)


@pytest.mark.parametrize(("difference", "square", "n"), [(0.1, 0.3, 234), (0.2, 0.4, 77), (0.05, 0.05, 155)])
def test_cases_needed_and_difference_seen_are_two_sides_of_one_formula(difference: float, square: float, n: int) -> None:
    found = cases_needed(difference, square)
    assert found == n  # Connor 1987
    assert visible_difference(found, square) == pytest.approx(difference, rel=0.01)
    assert cases_needed(difference, square, 3.0) == pytest.approx(3 * found, abs=3)
    assert cases_needed(-difference, square) == found


def test_power_at_its_ends() -> None:
    assert visible_difference(3, 0.5) is None
    assert visible_difference(4, 0.0) == pytest.approx(0.96, abs=0.04)
    for wrong in (0.0, 1.5):
        with pytest.raises(ValueError, match="at most 1"):
            cases_needed(wrong, 0.3)


def test_the_difference_called_visible_is_seen_in_four_of_five_draws() -> None:
    n, square = 150, 0.3
    visible = visible_difference(n, square) or 0
    rng = np.random.default_rng(2)
    drawn = rng.choice(3, size=(600, n), p=[(square + visible) / 2, (square - visible) / 2, 1 - square])
    first, second = (drawn != 1).astype(float), (drawn != 0).astype(float)
    seen = [chances(np.array(pair))[0] < 0.05 for pair in zip(first, second, strict=True)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.05)


def test_rank_ranges_by_hand_and_of_equals() -> None:
    best, worst = [True] * 60, [False] * 60
    middle = [True] * 30 + [False] * 30
    groups = [str(case) for case in range(60)]
    assert rank_ranges(np.array([worst, best, middle, middle]), groups) == [(4, 4), (1, 1), (2, 3), (2, 3)]
    assert rank_ranges(np.array([best] * 3), groups) == [(1, 3)] * 3
    assert rank_ranges(np.array([best]), groups) == [(1, 1)]
    assert rank_ranges(np.array([worst, best]), ["one"] * 60) == [(1, 2), (1, 2)]


def test_rank_ranges_are_those_of_the_single_tests() -> None:
    rng = np.random.default_rng(3)
    hits = rng.random((6, 120)) < np.linspace(0.2, 0.7, 6)[:, None]
    groups = [f"g{case // 3}" for case in range(120)]
    p = {(a, b): chances(cluster_sums(hits[[a, b]].astype(float), groups))[0] for a, b in product(range(6), range(6)) if a < b}
    sure = dict(zip(p, multipletests(list(p.values()), method="holm")[1] < 0.05, strict=True))
    total = hits.sum(axis=1)
    for row, (best, worst) in enumerate(rank_ranges(hits, groups)):
        apart = [other for other in range(6) if sure.get((row, other)) or sure.get((other, row))]
        assert best == 1 + sum(total[other] > total[row] for other in apart)
        assert worst == 6 - sum(total[other] < total[row] for other in apart)


def test_scoring_rules_rank_runs_alike_or_not() -> None:
    def scored(name: str, **values: float) -> Run:
        rules = {rule: {"recall@1": Estimate(value, 0, 1, 9)} for rule, value in values.items()}
        return replace(run_of(name, [1]), protocols=rules)

    runs = [scored("a", x=0.1, y=0.2, z=0.5), scored("b", x=0.2, y=0.3, z=0.5), scored("c", x=0.3, y=0.1, z=0.5, only=1.0)]
    assert protocol_taus(runs) == {("x", "y"): pytest.approx(-1 / 3), ("x", "z"): None, ("y", "z"): None}
    assert set(protocol_taus(runs[:2]).values()) == {None}
    assert protocol_taus(runs, "mrr") == {}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three real runs on ten vignettes and ten simulated cases; two of one name."""
    place = tmp_path_factory.mktemp("runs")

    def marfan(prompt: str) -> str:
        return "1. Marfan syndrome"

    tasks = ["raredx_vignettes", "raredx_sim"]
    runs = [raredx_bench.run(model, asked, limit=10, output=place)
            for model, asked in ((marfan, tasks), ("phenotype", tasks), ("phenotype", ["raredx_sim"]))]  # fmt: skip
    return [run.folder for run in runs if run.folder]


def test_runs_are_read_and_told_apart(folders: list[Path]) -> None:
    runs = runs_from([*folders, folders[0] / "report.json"])
    names = [run.name for run in runs if run.task == "raredx_sim"]
    assert len(set(names)) == 4
    assert sum("phenotype (phenotype-" in name for name in names) == 2
    assert list(shared_tasks(runs_from(folders))) == ["raredx_sim"]
    assert list(shared_tasks(runs_from(folders[:2]))) == ["raredx_vignettes", "raredx_sim"]
    assert list(shared_tasks(runs_from(folders[:2]), "raredx_vignettes")) == ["raredx_vignettes"]
    assert list(shared_tasks(runs_from([folders[0], folders[0]]))) == ["raredx_vignettes", "raredx_sim"]
    for paths, task, error, said in (
        (folders[:1], "", UsageError, "needs two runs at least"),
        (folders[1:], "raredx_vignettes", UsageError, "no task in common"),
        (folders, "raredx_sims", UnknownName, "did you mean raredx_sim"),
    ):
        with pytest.raises(error, match=said):
            shared_tasks(runs_from(paths), task)


def test_the_command_prints_and_writes(folders: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "deep" / "compared.json"
    arguments = ["compare", *map(str, folders[:2]), "--k", "5,1", "--discordant", "3", "--output", str(output)]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    for said in ("raredx_sim, 10 cases", "marfan", "− phenotype", "10 cases show", "p = ", "not for clinical use"):
        assert said in done.stdout, said
    document = json.loads(output.read_text())
    runs = shared_tasks(runs_from(folders[:2]))["raredx_sim"]
    assert document["schema"] == "raredx-comparison-1"
    assert document["tasks"]["raredx_sim"] == comparison_document([(compared(runs, (1, 5)), runs)])["tasks"]["raredx_sim"]
    pair = document["tasks"]["raredx_sim"]["pairs"][0]
    assert pair["wins"] + pair["ties"] + pair["losses"] == 10
    assert set(pair["differences"]) == {"recall@1", "recall@5", "mrr"}
    assert all(None in (*each["first"], *each["second"]) or each["first"] != each["second"] for each in pair["discordant"])


def test_a_k_that_is_no_rank_is_a_mistake(folders: list[Path]) -> None:
    done = CliRunner().invoke(app, ["compare", *map(str, folders[:2]), "--k", "one"])
    assert "ranks joined by commas" in str(done.exception)
