"""What the ontology teacher can be told, and how a recipe's teacher says it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from raredx_bench.domain import UnknownName, UsageError
from raredx_train.settings import Teacher

LENGTHS = ("brief", "short", "full")
_OWN = ("temperature", "seed")  # a recipe states them of every teacher, outside of the options


@dataclass(frozen=True)
class OntologyOptions:
    """Settings of the ontology teacher.

    view: share of the facts that it sees, above 0 and up to 1. noise: scale of the Gumbel noise on its scores at temperature 1,
    in natural logarithms of a likelihood ratio. attention: share of the findings that it weighs at temperature 1, above 0 and up to
    1. temperature: 0 answers a prompt always alike; scales noise and inattention. seed: of the view and of every draw.
    length: "brief" thoughts (about 20 to 45 words), "short" (about 50 to 110) or "full" ones (about 120 to 250).
    """

    view: float = 0.5
    noise: float = 1.0
    attention: float = 0.8
    temperature: float = 1.0
    seed: int = 1
    length: Literal["brief", "short", "full"] = "short"

    def __post_init__(self) -> None:
        for name in ("view", "attention"):
            _number(name, getattr(self, name))
            if not 0 < getattr(self, name) <= 1:
                raise UsageError(f"{name} of the ontology teacher is {getattr(self, name)}: give a share above 0, up to 1")
        for name in ("noise", "temperature"):
            _number(name, getattr(self, name))
            if not 0 <= getattr(self, name) < float("inf"):
                raise UsageError(f"{name} of the ontology teacher is {getattr(self, name)}: give a number of 0 or more")
        if self.length not in LENGTHS:
            raise UnknownName("length of the ontology teacher's thoughts", str(self.length), LENGTHS)


def options_from(teacher: Teacher) -> OntologyOptions:
    """The options of a recipe's teacher: its own, its seed (none: 0) and temperature (none: 1).

    Raises UnknownName for an option that there is not, UsageError for a value that can't be.
    """
    known = [each.name for each in fields(OntologyOptions) if each.name not in _OWN]
    for name in teacher.options:
        if name not in known:
            raise UnknownName("option of the ontology teacher", name, known)
    temperature = 1.0 if teacher.temperature is None else teacher.temperature
    return OntologyOptions(**teacher.options, temperature=temperature, seed=teacher.seed or 0)


def _number(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{name} of the ontology teacher is {value!r}: give a number")
