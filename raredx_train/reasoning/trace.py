"""An answer -> what was thought and the ranked list, which is all that a student is taught to write."""

from __future__ import annotations

import re
from dataclasses import dataclass

from raredx_bench.parsing import parse
from raredx_train.generate import Sample
from raredx_train.reasoning.asking import FINAL

_THOUGHT = re.compile(r"^\s*<think>(.*?)</think>\s*", re.DOTALL)
_FINAL = re.compile(rf"^\W*{re.escape(FINAL.rstrip(':'))}\W*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trace:
    """think: the reasoning in prose; names: the ranked diagnoses, best first, as the teacher wrote them."""

    think: str
    names: tuple[str, ...]

    @property
    def answer(self) -> str:
        """The list as a student writes it: numbered, one name per line."""
        return "\n".join(f"{rank}. {name}" for rank, name in enumerate(self.names, 1))

    @property
    def text(self) -> str:
        """Thought and answer as the student's completion holds them."""
        return f"<think>\n{self.think}\n</think>\n\n{self.answer}"

    @property
    def said(self) -> str:
        """Thought and answer as a teacher reads them."""
        return f"{self.think}\n\n{FINAL}\n{self.answer}"


def trace_of(sample: Sample, limit: int) -> Trace:
    """A sample's trace. What the server keeps apart as thought is the thought; else what stands in <think>, or before the last
    line "Final answer:". An answer without names is all thought; one without a thought has an empty one.
    """
    text, thought = sample.text, sample.thought.strip()
    if match := _THOUGHT.match(text):
        thought, text = thought or match.group(1).strip(), text[match.end() :]
    places = list(_FINAL.finditer(text))
    if places:
        before, text = text[: places[-1].start()].strip(), text[places[-1].end() :].strip()
        thought = thought or before
    names = parse(text, limit).names
    return Trace(thought if names else "\n".join(each for each in (thought, text.strip()) if each), names)
