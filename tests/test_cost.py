"""What a run costs, what it may cost, and what it takes of the graphics processors."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raredx_bench.cost import Cost, Forecast, PerCorrect, cost_of, estimate
from raredx_bench.domain import BadInput, Link, Note, Prediction, Reading, Relation, Verdict
from raredx_bench.energy import energy, visible
from raredx_bench.prices import Price, load_prices, price_of

PRICE = Price(("m",), prompt=2, completion=10, currency="USD", seen="2026-11-27", source="a test")


def verdict(case_id: str, *relations: Relation) -> Verdict:
    predictions = tuple(Prediction(Link(f"n{i}", f"X:{i}", ""), relation) for i, relation in enumerate(relations))
    return Verdict(case_id, case_id, predictions, Reading.LIST, "", ("X:0",))


RIGHT, LATE = verdict("a", Relation.EXACT), verdict("b", Relation.NARROWER, Relation.EXACT)


@pytest.mark.parametrize(
    ("notes", "verdicts", "options", "expected"),
    [
        ([], None, {}, Cost(0, None, None, 0, None, None, None, None, None, None)),
        ([Note()], [RIGHT], {"price": PRICE}, Cost(1, None, None, 0, None, None, None, None, None, None)),
        (
            [Note("stop", 1000, 100, 2.0), Note("length", 3000, 300, 6.0)], [RIGHT, LATE], {"price": PRICE, "energy_joules": 5.0},
            Cost(2, 4000, 400, 2, 8.0, 50.0, 0.012, "USD", PerCorrect(0.012, 4400.0), 5.0),
        ),
        (  # the clock's seconds come before the answers' own, which overlap when they are asked at once
            [Note("stop", 1000, 100, 2.0), Note("stop", 1000, 100, 2.0)], None, {"seconds": 2.5},
            Cost(2, 2000, 200, 2, 2.5, 80.0, None, None, None, None),
        ),
        (  # one answer's tokens are not known: sums of the others, and nothing that divides by them
            [Note("stop", 1000, 100, 2.0), Note("error")], [RIGHT, RIGHT], {"price": PRICE, "seconds": 4.0},
            Cost(2, 1000, 100, 1, 4.0, None, 0.003, "USD", None, None),
        ),
        ([Note("stop", 10, None, None)], None, {"price": PRICE}, Cost(1, None, None, 0, None, None, None, None, None, None)),
        ([Note("stop", 0, 0, 0.0)], [LATE], {}, Cost(1, 0, 0, 1, 0.0, None, None, None, None, None)),  # nought is known
    ],
)  # fmt: skip
def test_what_is_not_known_stays_none(
    notes: list[Note], verdicts: list[Verdict] | None, options: dict[str, Any], expected: Cost
) -> None:
    assert cost_of(notes, verdicts, **options) == expected


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 4_000)), min_size=1, max_size=30))
def test_a_price_is_the_sum_over_the_answers(sizes: list[tuple[int, int]]) -> None:
    slow = sum(prompt * 2e-6 + completion * 10e-6 for prompt, completion in sizes)
    assert cost_of([Note("stop", *each) for each in sizes], price=PRICE).price == pytest.approx(slow)


def test_a_cost_is_said_in_one_line_without_what_is_not_known() -> None:
    whole = cost_of([Note("stop", 4000, 400, 8.0)], [RIGHT], price=PRICE, energy_joules=7200)
    assert whole.said() == ("1 answer in 8.0 s; 4,000 + 400 tokens; 50 tokens/s; 0.0120 USD, 0.0120 for each correct diagnosis; "
                            "2.00 Wh")  # fmt: skip
    assert cost_of([Note(), Note()]).said() == "2 answers"
    assert cost_of([Note("stop", 5, 5), Note()]).said() == "2 answers; 5 + 5 tokens (known for 1 of them)"


def test_a_forecast_counts_with_a_tokenizer_and_says_when_it_has_none() -> None:
    prompts = ["one two three", "four"]
    exact = estimate(prompts, 1000, lambda text: len(text.split()), PRICE)
    assert exact == Forecast(2, 4, True, 2000, PRICE.of(4, 2000), "USD")
    assert exact.price == pytest.approx(4 * 2e-6 + 2000 * 10e-6)
    assert exact.said() == "2 requests, 4 prompt tokens, 2,000 completion tokens at most: 0.02 USD at most"
    rough = estimate(iter(prompts), 1000)
    assert (rough.prompt_tokens, rough.exact, rough.price) == (4 + 1, False, None)
    assert rough.said() == ("2 requests, about 5 prompt tokens (characters / 4, no tokenizer at hand), 2,000 completion tokens at "
                            "most: no price is known of it")  # fmt: skip
    assert "about 0.02 USD at most" in estimate(prompts, 1000, price=PRICE).said()
    assert estimate([], 1000).requests == 0


# Prices


def test_the_shipped_prices_are_dated_and_cited_and_no_model_has_two() -> None:
    table = load_prices()
    assert table
    for row in table:
        assert row.source.startswith("https://")
        assert datetime.date.fromisoformat(row.seen)
        assert row.currency == "USD"
    models = [model for row in table for model in row.models]
    assert len(models) == len(set(models))


@pytest.mark.parametrize(
    ("model", "prompt"),
    [("gpt-4", 30), ("GPT-4-0613", 30), ("gpt-4o", None), ("openai/gpt-4", None), ("Qwen/Qwen3-8B", None), ("claude-opus-5", 5)],
)
def test_a_price_belongs_to_a_whole_id(model: str, prompt: float | None) -> None:
    found = price_of(model, load_prices())
    assert (found.prompt if found else None) == prompt


OWN = """
prices:
  - {models: ["gpt-4*", "local/?b"], prompt: 1, completion: 2.5, currency: EUR, seen: 2026-11-01, source: our contract}
"""


def test_the_users_rows_come_first_in_yaml_or_json(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(OWN)
    row = {"models": ["gpt-4*", "local/?b"], "prompt": 1, "completion": 2.5, "currency": "EUR", "seen": "2026-11-01",
           "source": "our contract"}  # fmt: skip
    (tmp_path / "p.json").write_text(json.dumps({"prices": [row]}))
    for name in ("p.yaml", "p.json"):
        table = load_prices(tmp_path / name)
        assert price_of("gpt-4", table) == Price(("gpt-4*", "local/?b"), 1, 2.5, "EUR", "2026-11-01", "our contract")
        assert price_of("local/8b", table) == table[0]
        assert price_of("claude-opus-5", table) == price_of("claude-opus-5", load_prices())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("prices: [{models: [m], prompt: -1, completion: 1, seen: '2026-01-01', source: x}]", "at prices/0/prompt"),
        ("prices: [{models: [m], prompt: 1, seen: '2026-01-01', source: x}]", "'completion' is a required property"),
        ("prices: [", "is not YAML"),
        ("- 1", "is not of type 'object'"),
    ],
)
def test_a_faulty_file_of_prices_names_the_place(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(BadInput, match=fault):
        load_prices(tmp_path / "p.yaml")
    with pytest.raises(BadInput, match="can't be read"):
        load_prices(tmp_path / "none.yaml")


# Energy


@dataclass
class Counters:
    """Two processors whose counters move when told to; a third can be lost."""

    counts: dict[str, int] = field(default_factory=lambda: {"a": 1_000_000, "b": 5})

    def devices(self) -> list[str]:
        return list(self.counts)

    def millijoules(self, device: str) -> int:
        return self.counts[device]


def test_energy_is_what_the_counters_gained_in_joules() -> None:
    gpus = Counters()
    with energy(gpus) as spent:
        gpus.counts = {"a": 1_002_500, "b": 505}
        assert spent.joules is None
    assert spent.joules == 3.0


def test_energy_is_known_of_a_run_that_breaks() -> None:
    gpus, kept = Counters(), []

    def broken() -> None:
        with energy(gpus) as spent:
            kept.append(spent)
            gpus.counts["a"] += 1000
            raise ConnectionError

    with pytest.raises(ConnectionError):
        broken()
    assert [each.joules for each in kept] == [1.0]


@pytest.mark.parametrize("after", [{"a": 1, "b": 5}, {"a": 1_000_001}, {}])
def test_counters_that_were_reset_or_lost_say_nothing(after: dict[str, int]) -> None:
    gpus = Counters()
    with energy(gpus) as spent:
        gpus.counts = after
    assert spent.joules is None


def test_without_a_processor_that_counts_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with energy() as spent:
        pass
    assert spent.joules is None


@pytest.mark.parametrize(
    ("setting", "named"),
    [(None, None), ("", []), ("-1", []), ("0", ["0"]), ("1, 3", ["1", "3"]), ("0,-1,1", ["0"]), ("GPU-ab,1", ["GPU-ab", "1"]),
     ("MIG-ab", []), ("0,MIG-ab", [])],
)  # fmt: skip
def test_the_visible_processors_are_those_that_cuda_sees(setting: str | None, named: list[str] | None) -> None:
    assert visible(setting) == named
