"""What is practised next: the dual-level curriculum of DCRL, out of the policy's own answers. No tensors, no state but `State`.

Task level: first the differential (the diagnosis anywhere in the list earns), then a mixture, then the final diagnosis (only the
first name does). A task is left when its validation recall has stopped rising, or has risen far enough.

Case level: a case's tier follows from the share of right answers among the policy's last samples of it. A round draws more from the
easy tiers at first and more from the hard ones later; cases that were never sampled are a tier of their own. A case that is right
(or wrong) every time, again and again, fades to a small floor. Diseases weigh the same within a tier, however many cases they have,
and a share of every round is easy, so that what was learnt is not forgotten.

A round's plan depends on the settings, the seed, the round's number and the state alone, which is JSON: a run that was stopped goes
on with the very plan it would have had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import log
from random import Random
from typing import Any

from raredx_bench.domain import BadInput, UsageError

DIFFERENTIAL, MIXED, FINAL = TASKS = ("differential", "mixed", "final")
TIERS = ("easy", "medium", "hard", "extreme")
NEW = "new"  # never sampled


@dataclass(frozen=True)
class Curriculum:
    """Settings; all numbers are this project's choice.

    task, case: the two levels; without the first the task is mixed throughout, without the second every case of a disease is as
    likely as any other. gain: by how much validation recall must rise to count as rising; patience: validations without such a
    rise before a task is left; reached: recall at which it is left at once; shortest: rounds that it lasts at least.
    final: share of final diagnoses while mixed. bounds: lowest pass rates of the tiers easy and medium; hard is above 0.
    early, late: shares of the tiers in the first and in the last round, in between by proportion. new: share of cases never
    sampled, beside these. kept: share of a round that is easy at least. fade: a case's weight for each time in a row that it was
    always right or always wrong; floor: and its least.
    """

    task: bool = True
    case: bool = True
    gain: float = 0.01
    patience: int = 2
    reached: float = 0.8
    shortest: int = 1
    final: float = 0.5
    bounds: tuple[float, float] = (0.75, 0.375)
    early: tuple[float, float, float, float] = (0.5, 0.3, 0.15, 0.05)
    late: tuple[float, float, float, float] = (0.15, 0.25, 0.35, 0.25)
    new: float = 0.5
    kept: float = 0.1
    fade: float = 0.5
    floor: float = 0.05

    def __post_init__(self) -> None:
        for name in ("final", "kept"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"curriculum.{name} is {getattr(self, name)}: give a share from 0 to 1")
        for name in ("new", "floor", "fade"):
            if not 0 < getattr(self, name) <= 1:
                raise UsageError(f"curriculum.{name} is {getattr(self, name)}: give a share above 0, at most 1")
        for name in ("early", "late"):
            if min(getattr(self, name)) <= 0:
                raise UsageError(f"curriculum.{name} is {list(getattr(self, name))}: give four shares above 0 ({', '.join(TIERS)})")
        if not 1 >= self.bounds[0] > self.bounds[1] > 0:
            raise UsageError(f"curriculum.bounds are {list(self.bounds)}: give two falling rates between 1 and 0")
        if self.patience < 1 or self.shortest < 1:
            raise UsageError("curriculum.patience and curriculum.shortest count rounds: give 1 or more")


@dataclass(frozen=True, slots=True)
class Seen:
    """The last samples of a case. rate: the share that was right, of n; streak: how often in a row it was the same 0 or 1."""

    rate: float
    n: int
    streak: int
    round: int


@dataclass(frozen=True)
class State:
    """What the course has come to. round: the next one, from 0. since: rounds that the task has lasted.

    best: highest validation recall under the task; idle: validations since it last rose. seen: by case id.
    """

    round: int = 0
    task: str = DIFFERENTIAL
    since: int = 0
    best: float = 0.0
    idle: int = 0
    seen: Mapping[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draw:
    """One prompt of a round. task: "differential" or "final"; tier: one of TIERS, or NEW."""

    case: str
    task: str
    tier: str


@dataclass(frozen=True, slots=True)
class Recalls:
    """Validation recall: the share of cases with the diagnosis anywhere in the list, and as its first name."""

    differential: float
    final: float

    def under(self, task: str) -> float:
        """The one by which a task is judged: of the mixture, too, that of the differential's first name."""
        return self.differential if task == DIFFERENTIAL else self.final


def started(settings: Curriculum, recalls: Recalls) -> State:
    """The state before the first round, of a policy with such recall."""
    task = DIFFERENTIAL if settings.task else MIXED
    return State(task=task, best=recalls.under(task))


def tier_of(settings: Curriculum, seen: Seen | None) -> str:
    """The tier of a case."""
    if seen is None:
        return NEW
    easy, medium = settings.bounds
    return TIERS[0 if seen.rate >= easy else 1 if seen.rate >= medium else 2 if seen.rate > 0 else 3]


def weight_of(settings: Curriculum, seen: Seen | None) -> float:
    """How likely a case is drawn against others of its tier: 1, less once it was always right or always wrong."""
    return 1.0 if seen is None else max(settings.floor, settings.fade**seen.streak)


def shares_of(settings: Curriculum, progress: float) -> dict[str, float]:
    """Tier -> its share when so much of the training (0 to 1) is done; in proportion, they need not add up to 1."""
    between = {tier: early + (late - early) * progress
               for tier, early, late in zip(TIERS, settings.early, settings.late, strict=True)}  # fmt: skip
    return {**between, NEW: settings.new}


def histogram(settings: Curriculum, cases: Sequence[str], state: State) -> dict[str, int]:
    """Tier -> how many of the cases are in it."""
    found = Counter(tier_of(settings, state.seen.get(case)) for case in cases)
    return {tier: found[tier] for tier in (*TIERS, NEW)}


def plan(
    settings: Curriculum, diseases: Mapping[str, str], state: State, rounds: int, count: int, seed: int
) -> tuple[Draw, ...]:  # fmt: skip
    """The prompts of the state's round, in order. diseases: case -> its disease; rounds: of the whole training; count: wanted.

    No case comes twice before every case came once.
    """
    rng = Random(f"{seed}|{state.round}")
    tiers = {case: tier_of(settings, state.seen.get(case)) for case in sorted(diseases)}
    weights = _weights(settings, diseases, tiers, state, state.round / max(1, rounds - 1))
    drawn: list[str] = []
    while len(drawn) < count:
        keys = {case: log(1.0 - rng.random()) / weights[case] for case in tiers}  # Efraimidis and Spirakis 2006: the highest win
        order = sorted(tiers, key=lambda case: keys[case], reverse=True)
        drawn += _with_easy(settings, order, tiers, count - len(drawn))
    rng.shuffle(drawn)
    return tuple(Draw(case, _task(settings, state.task, rng), tiers[case]) for case in drawn)


def _weights(
    settings: Curriculum, diseases: Mapping[str, str], tiers: Mapping[str, str], state: State, progress: float
) -> dict[str, float]:  # fmt: skip
    """Case -> its weight: its tier's share, the same for each disease in it, less for what is mastered or hopeless."""
    if not settings.case:
        of = Counter(diseases.values())
        return {case: 1 / of[diseases[case]] for case in tiers}
    shares = shares_of(settings, progress)
    within = Counter((tier, diseases[case]) for case, tier in tiers.items())
    kinds = Counter(tier for tier, _ in within)
    return {
        case: shares[tier] * weight_of(settings, state.seen.get(case)) / (kinds[tier] * within[tier, diseases[case]])
        for case, tier in tiers.items()
    }


def _with_easy(settings: Curriculum, order: Sequence[str], tiers: Mapping[str, str], count: int) -> list[str]:
    """The first of an order, the share that must be easy before all others."""
    easy = [case for case in order if tiers[case] == TIERS[0]] if settings.case else []
    first = easy[: round(settings.kept * count)]
    chosen = set(first)
    return [*first, *(case for case in order if case not in chosen)][:count]


def _task(settings: Curriculum, task: str, rng: Random) -> str:
    if task != MIXED:
        return task
    return FINAL if rng.random() < settings.final else DIFFERENTIAL


def observed(state: State, hits: Mapping[str, Sequence[bool]]) -> State:
    """The state once cases were sampled in its round. hits: case -> which of the samples were right under their task."""
    seen = dict(state.seen)
    for case, right in sorted(hits.items()):
        if right:
            rate, before = sum(right) / len(right), seen.get(case)
            again = before is not None and before.rate == rate
            streak = 0 if 0 < rate < 1 else 1 + (before.streak if before is not None and again else 0)
            seen[case] = Seen(rate, len(right), streak, state.round)
    return replace(state, seen=seen)


def validated(settings: Curriculum, state: State, recalls: Recalls) -> State:
    """The state of the next round, once the policy was validated after its own: the same task, or the one that follows it."""
    recall = recalls.under(state.task)
    rose = recall > state.best + settings.gain
    idle, since = (0 if rose else state.idle + 1), state.since + 1
    done = since >= settings.shortest and (idle >= settings.patience or recall >= settings.reached)
    if settings.task and done and state.task != FINAL:
        task = TASKS[TASKS.index(state.task) + 1]
        return replace(state, round=state.round + 1, task=task, since=0, best=recalls.under(task), idle=0)
    return replace(state, round=state.round + 1, since=since, best=recall if rose else state.best, idle=idle)


def as_document(state: State) -> dict[str, Any]:
    """The state as JSON holds it, exactly."""
    return asdict(state)


def restored(document: Mapping[str, Any]) -> State:
    """The state that as_document wrote. Raises BadInput for another document."""
    try:
        return State(**{**document, "seen": {case: Seen(**seen) for case, seen in document["seen"].items()}})
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"the curriculum's state can't be read ({error}): delete the checkpoint it lies in") from error
