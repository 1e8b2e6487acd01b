"""Model text -> Differential. Never raises; says how it read the answer and tells the ways to fail apart.

The answer part is found first: after a thought, inside <answer> or \\boxed{}. Then the layouts are tried in turn: JSON,
table, list, one line, named diagnosis, plain lines. A long answer holds several lists (findings, reasoning, next steps):
every run of numbered, bulleted, bold or heading lines is a candidate, and the one that reads most like diagnoses, under
the heading that fits best, is the differential. An answer that says that it doesn't know is an abstention.

`rendered` is the way back: names that a program ranked, as a text that reads as exactly these names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from raredx_bench.domain import MAX_RANK, Differential, Reading
from raredx_bench.parsing.abstaining import explains_unknown, only_unknown, says_unknown
from raredx_bench.parsing.confidences import figure_of, fractions, line_figure
from raredx_bench.parsing.envelope import answer_part
from raredx_bench.parsing.layouts import from_lines, from_list, from_sentences, inline, lead, several
from raredx_bench.parsing.records import from_json, from_table
from raredx_bench.parsing.verbatim import verbatim, written
from raredx_bench.parsing.wording import clean_name, cleaned

__all__ = ["VERSION", "clean_name", "parse", "rendered"]

VERSION = "parser-2"

_ERROR = re.compile(r"\W*(?:error\b(?! of)|\w{0,40}exception:|traceback \(|https? error|rate limit|(?:request )?timed? ?out)", re.I)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am)? (?:sorry|unable to|not able to)|i (?:can(?:no|')t|won't|must decline)|as an ai\b|cannot (?:provide|assist|"
    r"diagnose|comply|help|offer)|not (?:able|qualified) to (?:provide|give|make|diagnos)|no puedo (?:\w+ )?(?:diagn|proporcion|"
    r"ayud|dar)|ich kann (?:\w+ ){0,2}(?:keine|nicht)|es tut mir leid|non posso|mi dispiace|je ne peux pas|je suis désolé|"
    r"não posso|sinto muito|ik kan (?:\w+ )?geen|het spijt me|nie mogę|przykro mi|przepraszam)|抱歉|"
    r"无法(?:提供|给出|诊断)|申し訳|できません", re.I)  # fmt: skip


def parse(text: str, limit: int = MAX_RANK) -> Differential:
    """The names in an answer, best first, at most limit of them, with the confidences it states. Never raises."""
    ranked = verbatim(text or "")
    if ranked is not None:
        return Differential(ranked[:limit], Reading.LIST if ranked else Reading.EMPTY, "names")
    body, unfinished = answer_part(text or "")
    if not body.strip():
        return Differential((), Reading.TRUNCATED if unfinished else Reading.EMPTY, "nothing to read")
    if _ERROR.match(body):
        return Differential((), Reading.NO_LIST, "an error message")
    unknown = only_unknown(body.splitlines())
    for how, raw in () if unknown else _layouts(body):
        if found := cleaned(raw):
            return Differential(tuple(found)[:limit], Reading.LIST, how, _confidences(found, body)[:limit])
        unknown = unknown or (bool(raw) and all(map(says_unknown, raw)))
    if unknown or explains_unknown(body):
        return Differential((), Reading.ABSTAINED, "says that it is not known")
    if _REFUSAL.search(body):
        return Differential((), Reading.REFUSED, "refusal")
    if re.match(r"\s*[\[{]", body) and body.rstrip()[-1] not in "]}":
        return Differential((), Reading.TRUNCATED, "JSON without an end")
    return Differential((), Reading.NO_LIST, "prose")


def _confidences(found: Mapping[str, str], body: str) -> tuple[float | None, ...]:
    """What the answer states of each name (clean -> raw), 0 to 1; empty when it states nothing.

    A line of its own ("Confidence: 85 %") speaks of the name when there is but one of each.
    """
    figures = [figure_of(raw, name) for name, raw in found.items()]
    if len(found) == 1 and figures == [None]:
        said = set(filter(None, map(line_figure, body.splitlines())))
        figures = [said.pop()] if len(said) == 1 else figures
    confidences = fractions(figures)
    return confidences if any(each is not None for each in confidences) else ()


def rendered(names: Sequence[str]) -> str:
    """A text that parse reads as exactly the first MAX_RANK of these names, repeats left out: a numbered list, where that does."""
    kept = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))[:MAX_RANK]
    numbered = "\n".join(f"{rank}. {name}" for rank, name in enumerate(kept, 1))
    return numbered if parse(numbered).names == kept else written(kept)


def _layouts(text: str) -> Iterator[tuple[str, list[str]]]:
    """(how, raw names) for each way to read the text, the surest first."""
    yield "json", from_json(text)
    if re.match(r"\s*[\[{]\s*[\"'{\[]", text):
        return
    lines = text.splitlines()
    yield "table", from_table(lines)
    refused = bool(_REFUSAL.search(text))
    how, raw = from_list(lines, refused)
    yield how, [*lead(lines, raw), *raw]
    if refused:
        return
    kept = [line.strip() for line in lines if re.search(r"\w\w", line)]
    yield "one line", several(kept[0]) if len(kept) == 1 else []
    yield "named diagnosis", from_sentences(text)
    yield "one line", next((found for line in kept if len(found := inline(line)) > 1), [])
    yield "plain lines", from_lines(kept)
