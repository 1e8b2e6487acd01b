"""How sure an answer says it is of a name: found beside the name, below it, or under a key or column of that meaning.

A number counts only when it can hardly be anything else: a percentage right behind or before the name, a number behind or before a
word like "probability", or the value of a key or column headed so. Bounds ("< 5 %"), ranges ("80–90 %"), words ("high") and bare
decimals are left alone, and so is a percentage of something ("85 % of patients").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from raredx_bench.naming import plain

_WORD = (r"(?:confidence|probability|likelihood|certainty|konfidenz|wahrscheinlichkeit|sicherheit|confianza|probabilidade?|certeza|"
         r"confiance|probabilité|certitude|confidenza|fiducia|probabilità|certezza|confiança)")  # fmt: skip
_BEFORE = (r"(?:(?:with|at|my|an?|the|estimated|overall|diagnostic|subjective|very|high|moderate|medium|low|mit|einer|con|una|un|"
           r"avec|une|com|uma|de|di)\s+){0,4}")  # fmt: skip
_LEVEL = r"(?:very )?(?:high|moderate|medium|low)"
_ABOUT = r"(?:[~≈]|(?:about|approximately|approx\.|around|circa|ca\.)\s)?\s?"
_NUMBER = r"(?:\d{1,3}(?:[.,]\d{1,6})?|\.\d{1,6})"
_PERCENT = rf"{_NUMBER}\s?(?:[%％]|per ?cent\b)"
_OUT_OF = rf"{_NUMBER}\s?/\s?100?"
_WHOLE = r"(?![.,]?\d|\s?[%％/]|\s?[-–—]\s?\d|\sto\s\d)"  # not the start of a longer number or a range
_END = r"(?=\s*(?:$|[,;.:)\]|–—(\[]|-\s|(?:because|since|based|given|as|due)\b))"
_SAID = (rf"{_BEFORE}(?:{_WORD}(?:[ _](?:level|score|estimate|rating|value))?\s?(?:[:=–-]|(?:of|is|de|di|von|at)\b)?\s?"
         rf"(?:{_LEVEL}\s?[(,;:–-]\s?)?{_ABOUT}(?P<behind>{_PERCENT}|{_OUT_OF}|{_NUMBER}){_WHOLE}|"
         rf"{_ABOUT}(?P<ahead>{_PERCENT}|{_OUT_OF}){_WHOLE}[\s-](?:{_WORD}|likely|probable|confident|certain|sure|chance|"
         rf"wahrscheinlich|sicher)\b){_END}")  # fmt: skip
_LINE = re.compile(_SAID, re.I)
_BESIDE = re.compile(rf"\s*(?P<open>[(\[]\s*|[,;:.|=\t]\s*|\s[–—-]{{1,2}}\s+|[–—]\s*|\s\s+|"
                     rf"\s(?=(?:with|at|mit|con|avec|com)\s|{_ABOUT}{_PERCENT}))"
                     rf"{_SAID}\s*(?P<close>[)\]]?)", re.I)  # fmt: skip
_LEADING = re.compile(rf"[(\[]?{_ABOUT}({_PERCENT}){_WHOLE}[)\]]?(?:\s(?:{_WORD}|chance)(?:\s(?:of|for))?)?\s*[-–—:|,]?\s*(?=\w)",
                      re.I)  # fmt: skip
_BARE = re.compile(rf"[\s:,;=|–—(\[-]*(?<![\d.<>≤≥])(?<![<>≤≥]\s){_ABOUT}(?P<number>{_PERCENT}){_WHOLE}{_END}", re.I)
_ASIDE = re.compile(rf"\s*(?:\([^()]*\)|\[[^\[\]]*\]|[(\[]{_LEVEL}\b[,;:]?)\s*$", re.I)
_OF_SOMETHING = re.compile(r"\b(?:penetrance|prevalence|frequency|incidence|sensitivity|specificity|mortality|risk|match|overlap|"
                           r"similarity|fit)\s*$", re.I)  # fmt: skip
_HEADER = re.compile(rf"\W*(?:(?:estimated|posterior|diagnostic|subjective|relative|overall|model)[ _])?(?:{_WORD}s?|probabilities)"
                     r"(?:[ _]\(?(?:level|score|estimate|rating|value|percent(?:age)?|pct|in %|%|0[-–]1|0[-–]100)\)?)*\W*",
                     re.I)  # fmt: skip
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"[~≈]?\s?(\d{1,3}(?:[.,]\d+)?|\.\d+)\s?(%|％|per ?cent|/ ?100?)?")


class Stated(str):
    """A name as an answer writes it, with the number that stands for its confidence elsewhere: a key, a column, the line below."""

    figure: str

    def __new__(cls, name: str, figure: str) -> Stated:
        """The name; figure as it is written ("85", "85 %", "0.85")."""
        self = super().__new__(cls, name)
        self.figure = figure
        return self


def figure_of(raw: str, name: str) -> str | None:
    """The number that a raw name states as its confidence, as it is written; None when it states none. name: the clean one."""
    if isinstance(raw, Stated):
        return raw.figure
    text = _bare(raw)
    if found := _BESIDE.search(text):
        return found["behind"] or found["ahead"]
    key = plain(name)
    if (leading := _LEADING.match(text)) and plain(text[leading.end() :]).startswith(key):
        return leading[1]
    for found in _BARE.finditer(text):
        before = text[: found.start()]
        ends = plain(before).endswith(key) or plain(_ASIDE.sub("", before)).endswith(key)
        if ends and not _OF_SOMETHING.search(before):
            return found["number"]
    return None


def without_figure(text: str) -> str:
    """A raw name without the confidence that words state behind it or a percentage before it."""
    if not _DIGIT.search(text):
        return text
    if leading := _LEADING.match(text):
        text = text[leading.end() :]
    found = _BESIDE.search(text, 3)
    if not found or (found["open"].strip() in ("(", "[")) != bool(found["close"]):
        return text
    inside = not found["close"] and text.count("(", 0, found.start()) > text.count(")", 0, found.start())
    rest = text[found.end() :].lstrip()
    return text if inside else text[: found.start()] + (", " if rest[:1].isalpha() else "") + rest


def line_figure(line: str) -> str | None:
    """The confidence that a line of its own states ("- **Confidence:** 85 %"); None for any other line."""
    found = _DIGIT.search(line) and _LINE.match(_bare(line[:200]).strip(" \t>-+•#_*|"))
    return found and (found["behind"] or found["ahead"])


def with_lines_below(names: Sequence[tuple[int, str]], lines: Sequence[str]) -> list[str]:
    """Raw names (line number, text), in the order of the text, with the confidence that a line between them and the next states.

    What stands behind the last of several counts only when others have such a line too: else it may speak of the whole list.
    """
    ends = [at for at, _ in names[1:]] + [len(lines)]
    below = [next(filter(None, map(line_figure, lines[at + 1 : end][:12])), None) for (at, _), end in zip(names, ends, strict=True)]
    if len(below) > 1 and not any(below[:-1]):
        below[-1] = None
    return [Stated(text, figure) if figure else text for (_, text), figure in zip(names, below, strict=True)]


def header_unit(header: str) -> str | None:
    """The unit of a key or column that holds confidences: "%" when it says so, else nothing; None for any other one."""
    header = header.replace("-", " ").strip()
    if not _HEADER.fullmatch(header):
        return None
    return "%" if re.search(r"%|percent|pct|100", header, re.I) else ""


def figure_in(value: object, unit: str) -> str | None:
    """A cell's or key's value as a written number with its unit; None when it is not one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _FIGURE.fullmatch(_bare(str(value)).strip(" *_"))
    return None if found is None else f"{found[1]}{found[2] or unit}"


def fractions(figures: Iterable[str | None]) -> tuple[float | None, ...]:
    """The confidences of one answer's names, 0 to 1; None where none is stated or its meaning is not clear.

    Numbers without a unit are read together: as percent when one is above 10, as fractions when none is above 1 and one has a
    decimal; between these they may be marks out of five or ten, and are not read.
    """
    found = [_FIGURE.fullmatch(figure) if figure else None for figure in figures]
    loose = [each[1] for each in found if each and not each[2]]
    largest = max(map(_value, loose), default=0.0)
    decimal = any(re.search(r"[.,]", each) for each in loose)
    scale = 100 if largest > 10 else 1 if largest <= 1 and decimal else None
    return tuple(_fraction(each, scale) for each in found)


def _fraction(found: re.Match[str] | None, scale: int | None) -> float | None:
    if found is None:
        return None
    unit = found[2]
    scale = scale if not unit else int(unit[1:]) if unit[0] == "/" else 100
    value = None if scale is None else _value(found[1]) / scale
    return value if value is not None and value <= 1 else None


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _bare(text: str) -> str:
    """The text without marks of Markdown and LaTeX, no longer than an item."""
    return re.sub(r"\*\*|__|[`$\\]", "", text[:400])
