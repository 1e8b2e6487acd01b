"""Real questions for tests of training: which gene is recorded with a disease, out of HPO's annotations."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pyarrow
import pyarrow.parquet

from raredx_bench.hpo import Hpo

ASKED = ("Which gene is associated with {}?", "{}: name the gene.")
REPHRASED = "In {}, which gene is mutated?"


def pairs(hpo: Hpo, diseases: int = 60, seed: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(examples to train on, held-out ones): an eighth of the diseases is asked about and not taught, as many are rephrased."""
    known = [(disease, hpo.disease_names[at][0], hpo.genes[at][0]) for at, disease in enumerate(hpo.diseases) if hpo.genes[at]]
    rng = Random(seed)
    known = rng.sample(known, diseases)
    genes = sorted({gene for *_, gene in known})
    unseen, taught = known[-diseases // 8 :], known[: -diseases // 8]
    train = [_row(*each, wording, f"{number}") for each in taught for number, wording in enumerate(ASKED)]
    held = [(each, ASKED[0], "unseen") for each in unseen]
    held += [(each, REPHRASED, "rephrased") for each in taught[: len(unseen)]]
    return train, [{**_row(*each, wording, kind), **_choices(each[2], genes, rng), "part": kind} for each, wording, kind in held]


def written(folder: Path, hpo: Hpo, diseases: int = 60) -> Path:
    """A folder as the stage knowledge leaves it."""
    train, held = pairs(hpo, diseases)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "train.parquet", train)
    write(folder / "heldout.parquet", held)
    return folder


def write(path: Path, examples: list[dict[str, Any]]) -> None:
    """Examples as a parquet file."""
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(examples), path)


def _row(disease: str, name: str, gene: str, wording: str, number: str) -> dict[str, Any]:
    return {"prompt": [{"role": "user", "content": wording.format(name)}], "completion": [{"role": "assistant", "content": gene}],
            "kind": "gene", "disease": disease, "source": "HPO", "record": disease, "id": f"{disease}|{number}"}  # fmt: skip


def _choices(gene: str, genes: list[str], rng: Random) -> dict[str, Any]:
    wrong = rng.sample([each for each in genes if each != gene], 3)
    place = rng.randrange(4)
    options = [*wrong[:place], gene, *wrong[place:]]
    return {"choices": options, "values": options, "answer": place}
