"""The rounds of a training: which prompts come next, what came of them, whether to go on. No tensors.

All that a course knows between two rounds is a JSON document, and a round's prompts follow from it: a training that was stopped
goes on from the end of its last round as if it had not been.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

from raredx_bench.domain import BadInput
from raredx_train import curriculum
from raredx_train.curriculum import Draw, Recalls, State
from raredx_train.rl.answers import Answer, Figures, by_case, figures
from raredx_train.rl.collapse import Health, signs
from raredx_train.rl.settings import Rl

COURSE = "course.json"  # in a checkpoint


@dataclass(frozen=True, slots=True)
class Validated:
    """A validation. greedy: of one answer a case; sampled: of several; logged: what the trainer measured beside them (reward,
    entropy, divergence from the first policy)."""

    greedy: Figures
    sampled: Figures
    logged: Mapping[str, float]

    @property
    def recalls(self) -> Recalls:
        """What the tasks are judged by."""
        return Recalls(self.greedy.listed, self.greedy.first)

    @property
    def health(self) -> Health:
        """What collapse shows in."""
        found = self.sampled
        return Health(found.unlinked, found.diversity, found.tokens, self.logged["entropy"])

    def as_document(self) -> dict[str, Any]:
        """As a round's record holds it."""
        return {"greedy": self.greedy.as_document(), "sampled": self.sampled.as_document(), **self.logged}


@dataclass
class _Underway:
    """The round that is going on. at, spare: how many of its prompts, and of those kept to replace others, were used."""

    draws: Sequence[Draw]
    at: int = 0
    spare: int = 0
    asked: list[Answer] = field(default_factory=list)  # answers to the prompts
    instead: list[Answer] = field(default_factory=list)  # to those that replaced others
    dull: list[tuple[int, int, int]] = field(default_factory=list)  # groups, without variance at first, and when trained on
    seconds: float = 0.0  # spent on sampling


class Course:
    """See above. diseases: case -> its disease; parts: names and weights of the reward's parts."""

    def __init__(self, section: Rl, diseases: Mapping[str, str], seed: int, parts: Mapping[str, float]) -> None:
        self.section, self.diseases, self.seed, self.parts = section, diseases, seed, parts
        self.state = State()
        self.first: dict[str, Any] | None = None  # the validation of the policy that training began with
        self.health: Health | None = None
        self.records: list[dict[str, Any]] = []
        self._underway: _Underway | None = None

    @property
    def stopped(self) -> bool:
        """True when the last validations, as many as patience says, showed signs of collapse."""
        limits = self.section.collapse
        last = self.records[-limits.patience :]
        return limits.on and len(last) == limits.patience and all(record["signs"] for record in last)

    @property
    def done(self) -> bool:
        """True when there is no round to come."""
        return self.stopped or self.state.round >= self.section.rounds

    @property
    def barren(self) -> str:
        """What to do when no answer of any round was right, in a sentence; empty: some was, or no round is over."""
        if not self.records or any(record[f"pass@{self.section.n}"] for record in self.records):
            return ""
        unread = self.records[-1]["unread"]
        what = f"{unread:.0%} of them hold no list" if unread > 0.5 else "their lists never hold the diagnosis"
        return (f"no answer of {len(self.records)} rounds was right ({what}), so nothing but their form is rewarded: train the "
                "stage before longer, or set easier cases (fewer diseases, more simulated) or more answers each (n)")  # fmt: skip

    def begin(self, validated: Validated) -> None:
        """Take down what the first policy is like."""
        self.first, self.health = validated.as_document(), validated.health
        self.state = curriculum.started(self.section.curriculum, validated.recalls)

    def prompts(self, count: int) -> Sequence[Draw]:
        """The next so many prompts of the round."""
        now = self._now()
        now.at += count
        return now.draws[now.at - count : now.at]

    def spares(self, count: int, by: int) -> Sequence[Draw]:
        """The next prompts to replace others with: a multiple of `by`, count at most, none when they are used up."""
        now, regular = self._now(), self.section.generations * self.section.prompts
        left = now.draws[regular + now.spare :][: count // by * by]
        found = left[: len(left) // by * by]
        now.spare += len(found)
        return found

    def heard(self, answers: Sequence[Answer], *, instead: bool, seconds: float) -> None:
        """Take down answers of the policy that is trained. instead: they replace others; seconds: what they took."""
        (self._now().instead if instead else self._now().asked).extend(answers)
        self._now().seconds += seconds

    def varied(self, groups: int, before: int, after: int) -> None:
        """Take down how many groups of a generation had no variance, before some were replaced and after."""
        self._now().dull.append((groups, before, after))

    def close(self, step: int, steps: Sequence[Mapping[str, Any]], validated: Validated) -> dict[str, Any]:
        """End the round, and return its record. step: of the optimizer; steps: what the trainer logged in the round."""
        assert self.health is not None
        now, settings = self._now(), self.section.curriculum
        hits = {case: [each.right for each in group] for case, group in by_case([*now.asked, *now.instead]).items()}
        task, number = self.state.task, self.state.round
        self.state = curriculum.observed(self.state, hits)
        record = {
            "round": number, "step": step, "task": task, **self._practised(now), **_logged(steps),
            "tiers": curriculum.histogram(settings, list(self.diseases), self.state), "validation": validated.as_document(),
            "signs": list(signs(self.section.collapse, self.health, validated.health)),
        }  # fmt: skip
        self.state = curriculum.validated(settings, self.state, validated.recalls)
        self.records.append(record)
        self._underway = None
        return record

    def as_document(self) -> dict[str, Any]:
        """All that is known between two rounds."""
        return {"state": curriculum.as_document(self.state), "first": self.first, "rounds": self.records,
                "health": asdict(self.health) if self.health else None}  # fmt: skip

    def restore(self, document: Mapping[str, Any]) -> None:
        """Go on from what as_document gave. Raises BadInput for another document."""
        try:
            self.state, self.first, self.records = (
                curriculum.restored(document["state"]),
                document["first"],
                list(document["rounds"]),
            )
            self.health = Health(**document["health"])
        except (KeyError, TypeError) as error:
            raise BadInput(f"the course can't be read ({error}): delete the checkpoint it lies in") from error
        self._underway = None

    def _now(self) -> _Underway:
        """The round that is going on, planned when it begins."""
        if self._underway is None:
            wanted = self.section.generations * self.section.prompts
            spare = round(wanted * self.section.spare) if self.section.replaces else 0
            self._underway = _Underway(curriculum.plan(
                self.section.curriculum, self.diseases, self.state, self.section.rounds, wanted + spare, self.seed
            ))  # fmt: skip
        return self._underway

    def _practised(self, now: _Underway) -> dict[str, Any]:
        """The figures of the round's own answers, and what was drawn."""
        groups, before, after = (sum(each) for each in zip(*now.dull, strict=True))
        drawn = Counter(draw.tier for draw in now.draws[: now.at])
        parts = {name: _mean([answer.rewards[at] for answer in now.asked]) for at, name in enumerate(self.parts)}
        tokens = sum(answer.tokens for answer in (*now.asked, *now.instead))
        return {
            "drawn": {tier: drawn[tier] for tier in (*curriculum.TIERS, curriculum.NEW)},
            "reward": sum(self.parts[name] * value for name, value in parts.items() if value is not None), "rewards": parts,
            **figures(now.asked, self.section.n).as_document(),
            "zero variance": before / groups, "zero variance trained": after / groups, "replaced": before - after,
            "sampled again": len(now.instead), "seconds sampling": round(now.seconds, 2),
            "tokens a second": round(tokens / now.seconds) if now.seconds else None,
        }  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _logged(steps: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """The means over a round's steps of what TRL measures while it trains."""
    names = {"entropy": "entropy", "clipped low": "clip_ratio/low_mean", "clipped high": "clip_ratio/high_mean", "loss": "loss",
             "gradient": "grad_norm", "reward trained": "reward"}  # fmt: skip
    return {name: _mean([step.get(key) for step in steps]) for name, key in names.items()}
