"""Pairs that a model writes from abstracts and definitions, each checked against the text and the facts.

A pair is kept when its question and answer are whole, name the passage's subject, and speak for themselves; when every disease that
it names links to one of the terminology, the subject among them; when every finding in it is recorded of the disease or stated by
the passage, and none is recorded as absent; and when every gene symbol in it is the disease's own or stands in the passage.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Protocol

import yaml

from raredx_bench.domain import BadInput
from raredx_bench.findings import FindingReader
from raredx_bench.linking import Linker
from raredx_bench.mentions import MentionFinder
from raredx_bench.naming import plain
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.knowledge.pairs import Pair
from raredx_train.knowledge.passages import Passage

KIND = "written"
BATCH = 32  # passages asked about at once
LONGEST = 120  # words of an answer
_BORROWED = re.compile(r"\b(?:the|this|these|our) (?:stud(?:y|ies)|authors?|text|abstract|article|paper|passage|report|definition|"
                       r"cohort|patients? (?:described|reported))\b|\baccording to the\b", re.IGNORECASE)  # fmt: skip
_SYMBOL = re.compile(r"\b[A-Z][A-Z0-9-]{2,}\b")


class Generator(Protocol):
    """Anything that answers chats. Returns one text for each prompt, in their order."""

    def generate(self, prompts: Sequence[list[dict[str, str]]]) -> Sequence[str]:
        """The answers. prompts: messages with role and content each."""
        ...


class Writer:
    """Asks a generator for pairs and checks what it writes. gone: counts what was rejected, by reason."""

    def __init__(self, base: Base, linker: Linker, finder: MentionFinder, gone: Counter[str]) -> None:
        self.base, self.linker, self.finder, self.gone = base, linker, finder, gone
        self._reader = FindingReader(base.hpo)
        self._genes = frozenset(base.every.known_values(Kind.GENE))

    def write(self, passages: Sequence[Passage], generator: Generator, wanted: int, each: int) -> list[Pair]:
        """Up to so many checked pairs, `each` asked for one passage. Raises BadInput when answers are fewer than prompts."""
        found: list[Pair] = []
        for start in range(0, len(passages), BATCH):
            if len(found) >= wanted:
                break
            batch = passages[start : start + BATCH]
            answers = generator.generate([self.prompt(passage, each) for passage in batch])
            if len(answers) != len(batch):
                raise BadInput(f"the generator gave {len(answers)} answers to {len(batch)} prompts: it must give one for each")
            for passage, answer in zip(batch, answers, strict=True):
                found += self.read(passage, answer)
        return found[:wanted]

    def prompt(self, passage: Passage, count: int) -> list[dict[str, str]]:
        """The messages that ask for pairs on a passage."""
        texts = prompts()["abstract" if passage.source == "PubMed" else "definition"]
        fields = {"subject": self.base.name(passage.subject), "text": passage.text, "count": count}
        return [{"role": role, "content": texts[role].format(**fields)} for role in ("system", "user")]

    def read(self, passage: Passage, answer: str) -> Iterator[Pair]:
        """The pairs of one answer that pass every check."""
        rows = list(_rows(answer))
        if not rows:
            self.gone["written: no pair in the answer" if answer.strip() else "written: empty answer"] += 1
        for row in rows:
            question, reply = (" ".join(str(row.get(key) or "").split()) for key in ("question", "answer"))
            named = row.get("diseases")
            why = self.fault(passage, question, reply, [str(each) for each in named] if isinstance(named, list) else [])
            if why:
                self.gone[f"written: {why}"] += 1
            else:
                yield Pair(question, reply, KIND, passage.subject, passage.source, passage.record)

    def fault(self, passage: Passage, question: str, answer: str, diseases: Sequence[str]) -> str | None:
        """What is wrong with a pair; None when nothing is."""
        both = f"{question} {answer}"
        if not question or not answer:
            return "question or answer is empty"
        if len(answer.split()) > LONGEST:
            return f"answer of more than {LONGEST} words"
        if _BORROWED.search(both):
            return "speaks of its source"
        if not self._names_subject(passage, both):
            return "doesn't name its subject"
        return self._unlinked(passage, diseases) or self._disagrees(passage, both)

    def _names_subject(self, passage: Passage, text: str) -> bool:
        if self.base.is_disease(passage.subject):
            return bool(self.finder.find(text, [passage.subject]))
        names = (self.base.name(passage.subject), *self.base.glossary.synonyms.get(passage.subject, ()))
        return any(f" {plain(name)} " in f" {plain(text)} " for name in names)

    def _unlinked(self, passage: Passage, diseases: Sequence[str]) -> str | None:
        links = [self.linker.link(name) for name in diseases]
        if any(link.id is None for link in links):
            return "names a disease that isn't known"
        subject = passage.subject
        if self.base.is_disease(subject) and links and not any(link.id in self.base.relatives(subject) for link in links):
            return "its diseases are others than its subject"
        return None

    def _disagrees(self, passage: Passage, text: str) -> str | None:
        said = {term for term in self._reader.read(text).observed if term != passage.subject}
        in_passage = set(self._reader.read(passage.text).observed)
        if self.base.is_disease(passage.subject):
            if said & set(self.base.every.values(passage.subject, Kind.ABSENT)):
                return "states a finding that is recorded as absent"
            said = {term for term in said if self.base.lacks(passage.subject, term)}
        if said - in_passage:
            return "states a finding that neither facts nor text hold"
        genes = {symbol for symbol in _SYMBOL.findall(text) if symbol in self._genes}
        own = {gene for each in self.base.relatives(passage.subject) for gene in self.base.every.values(each, Kind.GENE)} \
            if self.base.is_disease(passage.subject) else set()  # fmt: skip
        return "states a gene that neither facts nor text hold" if genes - own - set(_SYMBOL.findall(passage.text)) else None


def prompts() -> Mapping[str, Mapping[str, str]]:
    """The prompts for abstracts and for definitions: system and user texts with fields."""
    folder = resources.files("raredx_train").joinpath("recipes", "prompts")
    return {kind: yaml.safe_load(folder.joinpath(f"knowledge_{kind}.yaml").read_text(encoding="utf-8"))
            for kind in ("abstract", "definition")}  # fmt: skip


def _rows(answer: str) -> Iterator[Mapping[str, Any]]:
    """The objects in a model's answer: those of the first JSON list, else every object that stands by itself."""
    decoder = json.JSONDecoder(strict=False)
    at = 0
    while (start := answer.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(answer, start)
        except ValueError:
            at = start + 1
            continue
        if isinstance(value, dict) and "question" in value:
            yield value
