"""What is asked of a teacher (to diagnose, to reflect on a failure, to write a success down) and of a lead that refines.

A prompt is made of blocks, each under its heading; `blocks` takes one apart again, for a teacher that is no language model.
Nothing here knows a case's diagnosis: `records` and `opinions` come from the case and from what the teacher named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

import yaml

Messages = list[dict[str, str]]
CASE, EARLIER, OWN, RECORDS, OPINIONS, ACCEPTED = (
    "Case:", "Earlier reasoning:", "Own differential:", "Reference records:", "Opinions of other diagnosers:", "Reasoning:",
)  # fmt: skip
FINAL = "Final answer:"  # stands above the ranked list
_HEADINGS = re.compile(rf"^({'|'.join(map(re.escape, (CASE, EARLIER, OWN, RECORDS, OPINIONS, ACCEPTED)))})\n", re.MULTILINE)
_END = "\n\n---\n"  # closes the last block; what follows is the task


def diagnose(presentation: str, asked: int, records: str = "") -> Messages:
    """The first question. asked: names wanted; records: K given at once, empty: none."""
    return _messages("reasoning_diagnose", asked, {CASE: presentation, RECORDS: records})


def reflect(presentation: str, asked: int, earlier: str, records: str, opinions: str) -> Messages:
    """The question to a teacher whose earlier reasoning was judged wrong. Either of records and opinions may be empty."""
    return _messages("reasoning_reflect", asked, {CASE: presentation, EARLIER: earlier, RECORDS: records, OPINIONS: opinions})


def rewrite(presentation: str, asked: int, accepted: str) -> Messages:
    """The question for the same reasoning as one that goes forward from the case alone."""
    return _messages("reasoning_rewrite", asked, {CASE: presentation, ACCEPTED: accepted})


def refine(presentation: str, asked: int, own: str, records: str, opinions: str) -> Messages:
    """The last question of collaborative refinement. own: the lead's list; either of records and opinions may be empty."""
    return _messages("reasoning_refine", asked, {CASE: presentation, OWN: own, RECORDS: records, OPINIONS: opinions})


def opinions(lists: Mapping[str, Sequence[str]]) -> str:
    """E as a teacher reads it: one line a diagnoser, names in the order of their rank."""
    return "\n".join(f"{who}: {'; '.join(f'{rank}. {name}' for rank, name in enumerate(names, 1))}"
                     for who, names in lists.items() if names)  # fmt: skip


def blocks(messages: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Heading -> text of the last user message's blocks, as the functions above wrote them."""
    text = next((each["content"] for each in reversed(messages) if each["role"] == "user"), "")
    parts = _HEADINGS.split(text.rpartition(_END)[0] or text)[1:]
    return {heading: part.strip() for heading, part in zip(parts[::2], parts[1::2], strict=True)}


def asked_for(messages: Sequence[Mapping[str, str]]) -> int:
    """How many names a prompt wants; 10 where it doesn't say."""
    found = re.findall(r"(\d+) disease names", messages[-1]["content"])
    return int(found[-1]) if found else 10


def _messages(name: str, asked: int, parts: Mapping[str, str]) -> Messages:
    said = prompts(name)
    body = "\n\n".join(f"{heading}\n{text.strip()}" for heading, text in parts.items() if text.strip())
    return [
        {"role": "system", "content": said["system"]},
        {"role": "user", "content": f"{body}{_END}{said['task'].format(asked=asked, final=FINAL).strip()}"},
    ]


@lru_cache(maxsize=8)
def prompts(name: str) -> Mapping[str, str]:
    """A prompt's system text and task, from recipes/prompts."""
    path = resources.files("raredx_train").joinpath("recipes", "prompts", f"{name}.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
