"""What the package says of its own judge is what was measured; the script that measures it prints what documents hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.agreement import PAIRS, main, measured
from benchmarks.agreement import judged as judged_pairs
from raredx_bench import judging, linking
from raredx_bench.judging import Judge
from raredx_bench.measured import Measured, kind_of, measured_for

HEADER = "prediction\tgold_id\tgold_name\tverdict\n"
NOW = Measured(
    linking.VERSION, judging.VERSION, "HPO 1", 619, (0.9457, 0.879, 0.9766), (0.38, 0.32, 0.44), (0.525, 0.49, 0.56), "us"
)


@pytest.mark.parametrize(
    ("release", "kind"),
    [("Mondo 2026-08-21 + ORDO 2.6 + HPO 1", "mondo"), ("ORDO 2.6 + HPO 1", "ordo"), ("HPO 2025-01-16", "embedded")],
)
def test_terminologies_are_of_a_kind(release: str, kind: str) -> None:
    assert kind_of(release) == kind


@pytest.mark.parametrize("kind", ["embedded", "mondo"])
def test_the_shipped_figures_are_whole(kind: str) -> None:
    found = measured_for({"embedded": "HPO 2025-01-16", "mondo": "Mondo 1 + HPO 1"}[kind])
    assert found is not None
    assert kind_of(found.terminology) == kind
    assert found.pairs == len(PAIRS.read_text(encoding="utf-8").splitlines()) - 1
    for value, low, high in (found.precision, found.recall, found.four_way):
        assert 0 <= low <= value <= high <= 1


def test_nothing_is_said_of_a_kind_that_was_not_measured() -> None:
    assert measured_for("ORDO 2.6 + HPO 2025-01-16") is None


@pytest.mark.parametrize(
    ("measured", "release", "end"),
    [
        (NOW, "HPO 1", "on 619 pairs judged by us (docs/scoring.md)"),
        (replace(NOW, linker="linker-0"), "HPO 1", "judged by us (docs/scoring.md; measured with linker-0)"),
        (replace(NOW, judge="judge-0"), "HPO 2", "judged by us (docs/scoring.md; measured with judge-0, HPO 1)"),
    ],
)
def test_the_sentence_says_with_what_it_was_measured(measured: Measured, release: str, end: str) -> None:
    assert measured.said(release).startswith("judge: exact precision 0.946, recall 0.380, four-way 0.525 on 619 pairs")
    assert measured.said(release).endswith(end)


def test_the_shipped_figures_are_those_of_this_judge(judge: Judge) -> None:
    shipped = measured_for(judge.ontology.release)
    assert shipped is not None
    if (shipped.linker, shipped.judge) != (linking.VERSION, judging.VERSION):
        pytest.skip("the linker or judge is newer than the figures: python benchmarks/agreement.py --write")
    assert measured(judged_pairs(judge, PAIRS), judge) == shipped


def test_one_command_prints_agreement_peers_and_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(HEADER + "".join(
        f"{prediction}\t{gold}\tx\t{verdict}\n" for prediction, gold, verdict in (
            ("Marfan syndrome", "ORPHA:558", "E"), ("Marfan's syndrome", "OMIM:154700", "E"), ("Fabry disease", "ORPHA:558", "D"),
            ("Fabry disease", "ORPHA:558|OMIM:1", "N"), ("a thing", "ORPHA:99999999", "D"),
        )
    ))  # fmt: skip
    main([str(path), "--data-dir", str(tmp_path), "--peers", "--errors"])
    said = capsys.readouterr().out
    for line in (
        "5 pairs, the gold of 1 is not in this terminology",
        "| exact, recall | 1.000 (0.342–1.000) | 2 of 2 |",
        "| four-way | 0.800 (0.376–0.964) | 4 of 5 |",
        "| narrower | 0 | 0 | 0 | 1 | 0.000 (0.000–0.793) | 0 of 1 |",
        "| OMIM | 1.000 (0.207–1.000) | 1 of 1 | 1.000 (0.207–1.000) | 1 of 1 | 1.000 (0.207–1.000) | 1 of 1 |",
        "| substring | 1.000 (0.207–1.000) | 1 of 1 | 0.500 (0.095–0.905) | 1 of 2 |",
        "- judged narrower, ours different: Fabry disease / ORPHA:558|OMIM:1: 'Fabry disease' is Fabry disease (",
    ):
        assert line in said, said
    assert said.count("- judged") == 1
