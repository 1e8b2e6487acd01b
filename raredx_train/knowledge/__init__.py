"""Knowledge of rare diseases -> RareKnowledgeQA, the first stage of the recipe.

facts.py       one thing that is known, and where it is written; facts by what they are about
templates.py   question templates: questions.yaml, and heldout.yaml for wordings that no training pair uses
settings.py    Knowledge: what the stage can be told
terms.py       HPO's terms: definitions, parents, synonyms
records.py     HPO's annotations, genes and terms -> facts
diseases.py    the terminology, Orphanet's prevalences and definitions -> facts
withheld.py    publications of held-out cases; facts kept back
base.py        the facts that are taught, and all of them
similar.py     diseases like a disease, and those that may be the same
grounds.py     the facts of a data directory, and the cases that nothing may repeat
wrong.py       values that are surely wrong
questions/     every question that the facts answer
pairs.py       questions in words, balanced, without repeats
choices.py     held-out questions with options
pubmed.py, entrez.py, passages.py, written.py   abstracts, and pairs that a model writes and facts check
general.py     instruction data mixed in
card.py        counts and the data card
building.py    build_knowledge: all of it

Imports go down this list. Nothing here imports another part of raredx_train.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from raredx_train.knowledge.facts import Fact
from raredx_train.knowledge.settings import Knowledge

if TYPE_CHECKING:
    from raredx_train.knowledge.building import build_knowledge
    from raredx_train.knowledge.card import KnowledgeCounts
    from raredx_train.knowledge.written import Generator

__all__ = ["Fact", "Generator", "Knowledge", "KnowledgeCounts", "build_knowledge"]
_LATER = {"build_knowledge": "building", "KnowledgeCounts": "card", "Generator": "written"}


def __getattr__(name: str) -> Any:
    """The public names that need the whole stage, imported when asked for: settings alone load in a blink."""
    from importlib import import_module

    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
