"""Question templates, read from questions.yaml and heldout.yaml beside this file.

questions.yaml: kind -> about, ask (several wordings) and answer (several wordings, or several for each of the answer's forms: yes,
no, none). heldout.yaml: kind of fact -> forward and reverse wordings; no training pair uses them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from raredx_train.knowledge.facts import place


@dataclass(frozen=True)
class Template:
    """One kind of question. ask and answer are texts with {fields}; answer is by form, "" for kinds that have one form alone."""

    kind: str
    about: str
    ask: tuple[str, ...]
    answer: Mapping[str, tuple[str, ...]]

    def rendered(self, values: Mapping[str, str], form: str, *key: object) -> tuple[str, str]:
        """Question and answer in the wordings that a key falls on."""
        asked, answered = self.ask, self.answer[form]
        question = asked[int(place("ask", *key) * len(asked))].format(**values)
        answer = answered[int(place("answer", *key) * len(answered))].format(**values)
        return capital(question), capital(answer)

    def asked(self, values: Mapping[str, str]) -> list[str]:
        """The question in each of its wordings."""
        return [capital(each.format(**values)) for each in self.ask]

    def answered(self, values: Mapping[str, str], form: str) -> str:
        """The answer in the first of its wordings."""
        return capital(self.answer[form][0].format(**values))

    def is_answer(self, field: str, form: str) -> bool:
        """True for a field that answers hold and no question does."""
        return f"{{{field}}}" in self.answer[form][0] and not any(f"{{{field}}}" in each for each in self.ask)


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """Names as one text; names may hold commas."""
    return "; ".join(names)


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """Every question kind, in the order of the file."""
    return {kind: Template(kind, each["about"], tuple(each["ask"]), _forms(each["answer"]))
            for kind, each in _yaml("questions.yaml").items()}  # fmt: skip


@lru_cache(maxsize=1)
def heldout_wordings() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Kind of fact -> "forward" (of the subject, asking for the value) and "reverse" -> wordings."""
    return {kind: {way: tuple(texts) for way, texts in each.items()} for kind, each in _yaml("heldout.yaml").items()}


def kinds_known() -> tuple[str, ...]:
    """The names of all question kinds."""
    return tuple(templates())


def _forms(answer: Any) -> Mapping[str, tuple[str, ...]]:
    return {form: tuple(texts) for form, texts in answer.items()} if isinstance(answer, dict) else {"": tuple(answer)}


def _yaml(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load(resources.files("raredx_train.knowledge").joinpath(name).read_text(encoding="utf-8"))
    return dict(loaded)
