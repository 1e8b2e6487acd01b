"""Sentences in one of several wordings; names of findings as they stand within a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from random import Random

import yaml

from raredx_train.knowledge.base import Base
from raredx_train.knowledge.templates import capital

_WORD = re.compile(r"[^\W\d_]+")
_JOINT = re.compile(r",| and | or ", re.IGNORECASE)


class Names:
    """Names of findings within a sentence: lower case at the beginning, except for acronyms and names of people."""

    def __init__(self, base: Base) -> None:
        self.base = base
        texts = [*base.hpo.names, *base.glossary.definitions.values()]
        words = Counter(word.group() for text in texts for word in _WORD.finditer(text) if not _begins(text, word.start()))
        self._proper = {word for word, count in words.items() if word[:1].isupper() and count > words[word.lower()]}

    def __call__(self, finding: str) -> str:
        """A finding's name as it stands within a sentence."""
        name = self.base.name(finding)
        first = _WORD.match(name)
        if first is None or first.group() in self._proper or not name[1:2].islower():
            return name
        return name[:1].lower() + name[1:]


class Voice:
    """Puts things in words, the wordings drawn."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def say(self, kind: str, **fields: str) -> str:
        """A sentence of a kind, in one of its wordings."""
        return capital(self.rng.choice(wordings()[kind]).format(**fields))

    def say_all(self, kind: str, names: Sequence[str], **fields: str) -> str:
        """A sentence about one or several: kinds "<kind>_one" and "<kind>"."""
        return self.say(f"{kind}_one" if len(names) == 1 else kind, names=series(names), **fields)


def series(names: Sequence[str]) -> str:
    """ "a, b and c"; semicolons where a name holds a comma or an "and" itself."""
    if len(names) < 2:
        return "".join(names)
    if any(_JOINT.search(name) for name in names):
        return f"{'; '.join(names[:-1])}; and {names[-1]}"
    return f"{', '.join(names[:-1])} and {names[-1]}"


@lru_cache(maxsize=1)
def wordings() -> Mapping[str, tuple[str, ...]]:
    """Kind of sentence -> its wordings."""
    text = resources.files("raredx_train.reasoning.teacher").joinpath("wordings.yaml").read_text(encoding="utf-8")
    return {kind: tuple(each) for kind, each in yaml.safe_load(text).items()}


def _begins(text: str, at: int) -> bool:
    """True where a word begins a text, a sentence or a bracket."""
    before = text[:at].rstrip()
    return not before or before[-1] in ".:;!?(\"'/"
