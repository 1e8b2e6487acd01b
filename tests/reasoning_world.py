"""Patients of the small world of knowledge, and teachers that answer as a test wants them to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from raredx_bench.domain import Case
from raredx_train.generate import Messages, Sample, Told
from tests import knowledge_world as world

Said = Callable[[Messages, int], str]  # of the messages and the sample's number


class Teacher:
    """A generator that answers by a function, and remembers what it was asked."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.asked: list[list[dict[str, str]]] = []

    def generate(self, prompts: Sequence[Messages], n: int = 1, told: Told | None = None) -> list[list[Sample]]:
        found = []
        for prompt in prompts:
            self.asked.append([dict(each) for each in prompt])
            found.append([Sample(self.said(prompt, number)) for number in range(n)])
        return found


def patient(at: int, number: int = 0, **changes: Any) -> Case:
    """A patient of the tree at this place: three or four of its findings, one of a neighbour's absent."""
    own = [(at * 4 + place) % 24 for place in range(6)]
    observed = [world.finding(own[(number + place) % 6]) for place in range(3 + number % 2)]
    excluded = [world.finding((at * 4 + 10) % 24)]
    shown = "; ".join(world.name_of(int(each[-2:])) for each in observed)
    about = {
        "id": f"patient-{at}-{number}", "benchmark": "custom", "answers": (f"OMIM:9000{at:02}",), "observed": tuple(observed),
        "excluded": tuple(excluded), "group": f"PMID:{700 + at * 10 + number}",
        "presentation": f"The patient has these findings: {shown}.\nThese findings were looked for and are absent: "
                        f"{world.name_of(int(excluded[0][-2:]))}.",
    }  # fmt: skip
    return Case(**{**about, **changes})


def answer(think: str, *names: str) -> str:
    """A teacher's answer: a thought and a ranked list."""
    return f"{think}\n\nFinal answer:\n" + "\n".join(f"{rank}. {name}" for rank, name in enumerate(names, 1))
