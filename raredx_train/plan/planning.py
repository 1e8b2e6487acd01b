"""A recipe -> its plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from raredx_train.config import Config
from raredx_train.ladder.settings import Evaluation
from raredx_train.plan.answering import evaluation
from raredx_train.plan.assumed import Assumed, Machine, machine, serving
from raredx_train.plan.checking import Said, checks
from raredx_train.plan.launching import FILE, checked, cluster, launched
from raredx_train.plan.memory import Way, ways
from raredx_train.plan.servers import Command, commands
from raredx_train.plan.sources import at_hand, resolved
from raredx_train.plan.work import Reckoned, Taken, taken
from raredx_train.rl import Rl
from raredx_train.stages import STAGES
from raredx_train.students import parameters

NOTE = "For research only, not for clinical use."
_ORDER = ("problem", "warning", "fine")


@dataclass(frozen=True)
class Plan:
    """What a recipe takes. said: problems first; parameters: of the student, None where its shape is not given.

    launch: (stages, command) in their order.
    """

    recipe: str
    student: str
    parameters: int | None
    machine: Machine
    assumed: Assumed
    said: tuple[Said, ...]
    stages: tuple[Taken, ...]
    memory: tuple[Way, ...]
    servers: tuple[Command, ...]
    launch: tuple[Command, ...]

    @property
    def runs(self) -> bool:
        """Whether nothing speaks against it."""
        return all(said.level != "problem" for said in self.said)

    def as_document(self) -> dict[str, Any]:
        """The plan as JSON holds it; memory in bytes."""
        return {"schema": "raredx-plan-1", "note": NOTE, "runs": self.runs, **asdict(self)}


@dataclass(frozen=True)
class Asked:
    """What the command line says of a plan. recipe, changes: as they were written; gpus, room, accelerate: None: not told."""

    recipe: str
    changes: Sequence[str] = ()
    output: Path | None = None
    gpus: int | None = None
    room: float | None = None
    accelerate: Path | None = None


def planned(config: Config, asked: Asked, assumed: Assumed, root: Path, *, named: bool = False) -> Plan:
    """The plan of a recipe. root: the data directory; named: assumed.gpu was told, so the one seen isn't reckoned with.

    Raises BadInput for a file that accelerate can't read.
    """
    run, output = config.run, asked.output or Path("runs") / config.run.name
    practices = [each for each in config.sections.values() if isinstance(each, Rl)]
    where = machine(run, serving(practices, run.processes), output, asked.gpus, asked.room)
    assumed = assumed if named else replace(assumed, gpu=where.gpu)
    said, shape = list(resolved(config, root)), run.student.shape
    stages: list[Taken] = []
    memory: list[Way] = []
    servers: list[Command] = []
    if shape is None:
        said.append(Said("warning", "student", "student.shape is not given, so nothing can be reckoned",
                         f"state the sizes of {run.student.model}"))  # fmt: skip
    else:
        reckoned = Reckoned(run, shape, where, assumed, at_hand(config, root))
        found = list(checks(config, reckoned))
        said += found
        if asked.accelerate or (run.processes > 1 and run.needs == "cuda"):
            said += checked(config, reckoned, asked.accelerate or FILE)
        arms = {stage.name for stage in STAGES if stage.arm}
        asking = [evaluation(name, section, tuple(config.sections), reckoned)
                  for name, section in config.sections.items() if isinstance(section, Evaluation)]  # fmt: skip
        stages = [replace(each, arm=each.stage in arms) for each in (*taken(config, reckoned), *asking)]
        servers = list(commands(config, reckoned, output))
        memory = [] if any("can't be" in each.says for each in found) else list(ways(config, reckoned))
    ordered = sorted(said, key=lambda each: _ORDER.index(each.level))
    return Plan(run.name, run.student.model, parameters(shape) if shape else None, where, assumed, tuple(ordered), tuple(stages),
                tuple(memory), tuple(servers), tuple(_launch(config, asked)))  # fmt: skip


def _launch(config: Config, asked: Asked) -> Iterator[Command]:
    """The commands of the recipe's own stages; one that a server of its own samples for is launched alone, when that runs."""
    before, words = cluster(config.run, asked.accelerate or FILE), [asked.recipe, *asked.changes]
    words += ["-o", str(asked.output)] if asked.output else []
    stages = [(each.name, each.spread) for each in STAGES if each.name in config.sections and not each.arm]
    served = [name for name, _ in stages if getattr(config.sections[name], "vllm", "none") == "server"]
    for _, part in groupby(stages, lambda each: each[0] if each[0] in served else ""):
        for names, shell in launched(words, list(part), before):
            yield Command(names, shell, "its server runs by then" if names in served else "")
