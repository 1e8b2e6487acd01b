"""Notes of answers -> what a run cost; prompts -> what a run may cost, before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from raredx_bench.domain import Note, Relation, Verdict
from raredx_bench.prices import Price

CHARACTERS = 4  # to a token of English, roughly; other languages need fewer characters to a token


@dataclass(frozen=True)
class PerCorrect:
    """What one correct diagnosis (exact, at rank 1) took: a price and tokens, prompt and completion together. None: not known."""

    price: float | None
    tokens: float | None


@dataclass(frozen=True)
class Cost:
    """What a run's answers cost. None: not known, which is never nought.

    Tokens and price are sums over the tokens_counted answers whose tokens are known; what divides by them is None unless that is
    all of them. seconds: spent on the answers. tokens_per_second: completion tokens. per_correct None: nothing is correct, or
    that isn't known. energy_joules: of the graphics processors.
    """

    requests: int
    prompt_tokens: int | None
    completion_tokens: int | None
    tokens_counted: int
    seconds: float | None
    tokens_per_second: float | None
    price: float | None
    currency: str | None
    per_correct: PerCorrect | None
    energy_joules: float | None

    def said(self) -> str:
        """One line; what isn't known is left out."""
        parts = [_many(self.requests, "answer")]
        if self.seconds is not None:
            parts[0] += f" in {self.seconds:,.1f} s"
        if self.prompt_tokens is not None and self.completion_tokens is not None:
            some = "" if self.tokens_counted == self.requests else f" (known for {self.tokens_counted:,} of them)"
            parts.append(f"{self.prompt_tokens:,} + {self.completion_tokens:,} tokens{some}")
        if self.tokens_per_second is not None:
            parts.append(f"{self.tokens_per_second:,.0f} tokens/s")
        if self.price is not None:
            each = self.per_correct.price if self.per_correct else None
            per = "" if each is None else f", {each:.4f} for each correct diagnosis"
            parts.append(f"{self.price:.4f} {self.currency}{per}")
        if self.energy_joules is not None:
            parts.append(f"{self.energy_joules / 3600:,.2f} Wh")
        return "; ".join(parts)


def cost_of(
    notes: Sequence[Note],
    verdicts: Sequence[Verdict] | None = None,
    *,
    seconds: float | None = None,
    price: Price | None = None,
    energy_joules: float | None = None,
) -> Cost:
    """What answers cost by their notes, one a request, and by the verdicts on them.

    seconds: what the clock says of the whole; None: the sum of the answers' own, where each has its own.
    """
    counted = [note for note in notes if note.prompt_tokens is not None and note.completion_tokens is not None]
    prompt = sum(note.prompt_tokens or 0 for note in counted) if counted else None
    completion = sum(note.completion_tokens or 0 for note in counted) if counted else None
    own = [note.seconds for note in notes if note.seconds is not None]
    if seconds is None and own and len(own) == len(notes):
        seconds = sum(own)
    paid = None if price is None or prompt is None or completion is None else price.of(prompt, completion)
    whole = bool(notes) and len(counted) == len(notes)
    correct = sum(verdict.rank(Relation.EXACT) == 1 for verdict in verdicts or ())
    return Cost(
        requests=len(notes),
        prompt_tokens=prompt,
        completion_tokens=completion,
        tokens_counted=len(counted),
        seconds=seconds,
        tokens_per_second=completion / seconds if whole and completion is not None and seconds else None,
        price=paid,
        currency=price.currency if price is not None and paid is not None else None,
        per_correct=_per_correct(correct, paid, prompt, completion) if whole and correct else None,
        energy_joules=energy_joules,
    )


def _per_correct(correct: int, price: float | None, prompt: int | None, completion: int | None) -> PerCorrect:
    tokens = None if prompt is None or completion is None else (prompt + completion) / correct
    return PerCorrect(None if price is None else price / correct, tokens)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Forecast:
    """What a run may cost. prompt_tokens: counted when exact, else characters by four. completion_tokens: at most.

    price: at most; None, as the currency then: the model has no known price.
    """

    requests: int
    prompt_tokens: int
    exact: bool
    completion_tokens: int
    price: float | None
    currency: str | None

    def said(self) -> str:
        """One line: nothing was sent yet."""
        prompt = f"{self.prompt_tokens:,} prompt tokens" if self.exact else (
            f"about {self.prompt_tokens:,} prompt tokens (characters / {CHARACTERS}, no tokenizer at hand)")  # fmt: skip
        about = "" if self.exact else "about "
        paid = "no price is known of it" if self.price is None else f"{about}{self.price:.2f} {self.currency} at most"
        return f"{_many(self.requests, 'request')}, {prompt}, {self.completion_tokens:,} completion tokens at most: {paid}"


def estimate(
    prompts: Iterable[str], max_new_tokens: int, count: Callable[[str], int] | None = None, price: Price | None = None
) -> Forecast:
    """What asking these prompts may cost. count: tokens of a text, by the model's own tokenizer; None: there is none."""
    sizes = [count(prompt) if count else math.ceil(len(prompt) / CHARACTERS) for prompt in prompts]
    prompt, completion = sum(sizes), len(sizes) * max_new_tokens
    return Forecast(
        requests=len(sizes),
        prompt_tokens=prompt,
        exact=count is not None,
        completion_tokens=completion,
        price=price.of(prompt, completion) if price else None,
        currency=price.currency if price else None,
    )
