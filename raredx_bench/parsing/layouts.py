"""Lists, sentences and lines of an answer: each reads raw names from it, or nothing when it does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from raredx_bench.domain import MAX_RANK
from raredx_bench.naming import plain
from raredx_bench.parsing.confidences import Stated, figure_of, with_lines_below
from raredx_bench.parsing.wording import (
    DIAGNOSIS,
    DIFFERENTIAL,
    DISEASE,
    FAMILY,
    KIND,
    LABEL,
    LIKELIEST,
    LONGEST_ITEM,
    LONGEST_NAME,
    OPENING,
    OTHER,
    SECTION,
    TIER,
    clean_name,
    is_name,
    is_prose,
)

MOST_RUNS = 100  # lists that are looked at; and a twentieth as many sentences that name a diagnosis

# --- lists ------------------------------------------------------------------------------------------------------------

_SCALES = {"i": ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), "a": [*"abcdefgh"], "一": [*"一二三四五六七八九十"]}
_NUMBERED = re.compile(
    r"[ \t>]*(?P<hashes>#{0,6})[ *_]{0,6}"
    r"(?P<label>(?:rank|rang|rango|top|diagn[oó]s\w*|dx|candidate|disease|option|no\.?|nr\.?|第)[ *_]{0,6})?[#*_(\[]{0,6}"
    r"(?P<number>[0-9]{1,2}|[ivx]{1,5}|[a-h]|[一二三四五六七八九十])(?:st|nd|rd|th|[ºª°位])?[*_]*"
    r"(?P<end> ?[.):\]、]+(?![0-9])| ?[-–—](?= )|(?=\s|$))(?P<text>.*)", re.I)  # fmt: skip
_BULLET = re.compile(r"[ \t>]*(?:(?P<mark>[-+*])\s|[•·▪‣◦–—●○■□✓✔➢➤→►☀-➿\U0001F300-\U0001FAFF]+)\s*(?P<text>.*)")
_INLINE = re.compile(r"(?:^|(?<=[\s,;:]))\(?([0-9]{1,2})[.)]\s+(?!\1[.)])(?=\S)")
_STYLES = {"#": ("headings", 0.3), "*": ("bold", 0.2), "=": ("headings", 0.4), "-": ("bullets", 0.0)}  # any other is numbered


@dataclass
class _Item:
    """A line that may open a name. style: what marks it; number: 0 when it has none; head: the heading above its list."""

    style: str
    number: int
    text: str
    indent: int
    at: int = 0  # which line
    deep: bool = False
    head: str = ""
    section: int = 0  # headings so far that part two lists of this style


def from_list(lines: list[str], refused: bool) -> tuple[str, list[str]]:
    """(how, raw names) of the run of items that most looks like a differential."""
    runs = _runs(lines)
    scores = [_score(run, refused) for run in runs]
    if not any(scores):
        return "list", []
    best = scores.index(max(scores))
    items, opening = list(runs[best]), runs[best][0]
    if len(items) == 1 and len(parts := inline(f"1. {opening.text}")) > 1:
        return "numbered", parts
    single = len(items) == 1 and opening.number == 1  # "1." before every name
    for run, score in zip(runs[best + 1 :], scores[best + 1 :], strict=True):
        head = run[0].head
        tier = head != opening.head and bool(TIER.search(head) or FAMILY.fullmatch(head))
        again = single and len(run) == 1 and run[0].number == 1 and head == opening.head
        if score and (run[0].style, run[0].deep) == (opening.style, opening.deep) and (tier or again):
            items += run
    return _STYLES.get(opening.style[0], ("numbered", 0))[0], with_lines_below([(item.at, item.text) for item in items], lines)


def _runs(lines: list[str]) -> list[list[_Item]]:
    """Items of one style that follow each other, up to a heading or a restart of the numbers."""
    found: list[_Item] = []
    shallow: dict[str, int] = {}
    head, owner, passed = "", "", [0] * 8
    for at, line in enumerate(lines):
        item = _item(line, lines[at + 1 : at + 3]) if line.strip() else None
        if item:
            item.at = at
            item.section = sum(passed[: {"#": len(item.style), "*": 7, "=": 7}.get(item.style[0], 8)])
            item.head = head if owner in ("", item.style) else ""
            shallow[item.style] = min(item.indent, shallow.get(item.style, item.indent))
            found.append(item)
            owner = item.style
            if item.style[0] in "#*=":
                head, owner = "", ""
        elif level := _heading(line):
            head, owner = line.strip()[-200:], ""
            passed[level] += 1
    runs: list[list[_Item]] = []
    latest: dict[tuple[str, bool], list[_Item]] = {}
    for item in found:
        item.deep = item.indent > shallow[item.style] + 1
        run = latest.get((item.style, item.deep))
        if run and (item.number > run[-1].number if item.number else item.section == run[-1].section):
            run.append(item)
        else:
            runs.append([item])
            latest[item.style, item.deep] = runs[-1]
    return runs[:MOST_RUNS]


def _item(line: str, after: list[str]) -> _Item | None:
    """The item that a line opens, if any; its name may stand below."""
    indent = len(line) - len(line.lstrip(" \t>"))
    if numbered := _numbered(line):
        style, number, text = numbered
        if SECTION.fullmatch(text[:120]) or not re.search(r"\w", text):
            below = next(filter(str.strip, after), "")
            text = "" if _BULLET.match(below) or _numbered(below) else below
        about = text.rstrip("*").endswith(":") and OTHER.search(text)
        return _Item(style, number, text, indent) if text and not about else None
    if match := _BULLET.match(line):
        return _Item("-" + (match["mark"] or "•"), 0, match["text"], indent)
    text = line.strip()
    hashes = len(text) - len(text.lstrip("#"))
    style = "#" * hashes or ("*" if text.startswith("**") else "=" if after and _BULLET.match(after[0]) else "")
    if not style or LABEL.match(text):
        return None
    marked = text.split("**")[1] if style == "*" and text.count("**") > 1 else text
    name = clean_name(marked)
    if not is_name(name) or FAMILY.fullmatch(name) or not (DISEASE.search(name) or (style != "=" and not OTHER.search(marked))):
        return None
    return _Item(style, 0, text.lstrip("# "), indent)


def _numbered(line: str) -> tuple[str, int, str] | None:
    """(style, number, text) of a numbered line; nothing when a line only happens to begin like one."""
    match = _NUMBERED.match(line)
    if not match:
        return None
    mark, label, text = match["number"].lower(), match["label"], match["text"].strip()
    kind = "1" if mark.isdecimal() else next((kind for kind, scale in _SCALES.items() if mark in scale), "")
    parted = bool(match["end"].strip())
    heading = text.endswith(":") and DIFFERENTIAL.search(text[-60:])  # "Top 5 diagnoses:"
    if not kind or heading or (not parted and (kind != "1" or bool(label) == bool(text))):
        return None
    bare = not parted and not label and "#" not in line[: match.start("number")]
    if line[: match.start("number")].count("**") % 2:
        text = text.removeprefix("**") if text.startswith("**") else f"**{text}"
    return kind + "?" * bare + match["hashes"], int(mark) if kind == "1" else _SCALES[kind].index(mark) + 1, text


def _heading(line: str) -> int:
    """Level of a line that says what follows it (7: bold or before a colon); 0 for any other line."""
    line = line.strip()
    if line.startswith("#"):
        return min(len(line) - len(line.lstrip("#")), 6)
    marked = line.rstrip("*_ ").endswith(":") or (line.startswith("**") and line.endswith("**"))
    return 7 * (marked or bool(SECTION.fullmatch(line[:120])))


def _score(run: list[_Item], refused: bool) -> float:
    """How much a run reads like the differential; 0 when it can't be one."""
    names = [clean_name(item.text) for item in run[:MAX_RANK]]
    named = sum(map(is_name, names)) / len(names)
    head, style = run[0].head, run[0].style
    strong, fitting = bool(DIFFERENTIAL.search(head)), bool(DIAGNOSIS.search(head))
    brief = len(head.split()) < 10 and not re.match(r"\W*(?:based|given|considering)\b", head, re.I)
    if named < 0.5 or (refused and not fitting) or (brief and not strong and OTHER.search(head)):
        return 0.0
    weak = style[0] in "ia一" or "?" in style
    if (weak and run[0].number != 1) or (len(run) < 2 and (weak or style[0] in "#*=")):
        return 0.0
    points = 2 * named + sum(bool(DISEASE.search(name)) for name in names) / len(names) + _STYLES.get(style[0], ("", 0.5))[1]
    points += 2 * (strong or fitting) + bool(re.search(r"\bfinal|definit|conclusi|endgültig|ostateczn", head, re.I))
    return max(points - 1.5 * (run[0].number > 1) - run[0].deep, 0.1)


def inline(line: str) -> list[str]:
    """The parts of "1. A 2. B 3. C", wherever in the line it starts."""
    marks: list[re.Match[str]] = []
    for match in _INLINE.finditer(line):
        if int(match[1]) == len(marks) + 1:
            marks.append(match)
    ends = [mark.start() for mark in marks[1:]] + [len(line)] * bool(marks)
    parts = (line[mark.end() : end][:LONGEST_ITEM] for mark, end in zip(marks, ends, strict=True))
    return [re.sub(r"[,;](?: (?:and|or))?\s*$", "", part) for part in parts]


# --- sentences and lines ----------------------------------------------------------------------------------------------

_LEADING = re.compile(r"(?!.*(?:differential|candidate)).*(?:diagnos|likely|answer)", re.I | re.DOTALL)
_NAMED = re.compile(
    rf"(?P<final>\b(?:{LIKELIEST}|wahrscheinlichste|finale|definitivo)\s+)?(?:\b(?:diagnos[ie]s?|diagnose|diagnosi|diagnostic|"
    rf"diagnóstico|rozpoznanie|answer|respuesta|risposta|réponse|resposta|verdachtsdiagnose|differential)\b|诊断|"
    rf"診断)[^:.\n]{{0,45}}?(?::|\b(?:is|are|es|ist|è|est|é|jest|to|includes?|including|remains|would be)\b(?! not\b)|是|为|"
    rf"は)[ *\"'\[(]{{0,4}}(?=(?P<text>[^\n]{{2,400}}))", re.I)  # fmt: skip
_SUBJECT = re.compile(
    rf"(?:^|[.\n]\s)(?P<text>[^.\n]{{3,120}}?)\s(?:is|remains|would be|appears to be)\s(?:(?:the|my|a) )?(?:{LIKELIEST})\b|"
    r"\b(?:consistent with|diagnosed with|suggestive of|indicative of|likely(?: has)?|consider|suspect|think (?:it's|this is)|"
    r"compatible con|vereinbar mit)\s(?P<other>[^\n]{3,200})", re.I)  # fmt: skip
_QUALIFIER = re.compile(r"(?:type|form|group)\b.*|[\dIVX]+[A-Z]?|[XY]-linked.*|autosomal.*|susceptibility to|with .*", re.I)
_UNBRACKETED = r"(?![^(\[]*[)\]])"
_AND = re.compile(r"(?:^|\s)(?:and|or|y|e|et|und|ou|en|oraz)\s")
_COMPLETE = re.compile(rf"^{KIND}|{KIND}\b.{{0,12}}$", re.I)  # a name that may stand alone


def from_sentences(text: str) -> list[str]:
    """Names that labels and sentences give ("Final diagnosis: X", "The most likely diagnosis is X"), the final one first."""
    found = [(not match["final"], _sentence(match["text"])) for match in islice(_NAMED.finditer(text), MOST_RUNS // 20)]
    named = [part for _, said in sorted(found, key=lambda pair: pair[0]) for part in several(said) or [said]]
    if names := [part for part in named if is_name(clean_name(part))]:
        return names
    for match in islice(_SUBJECT.finditer(text), MOST_RUNS // 20):
        said = _sentence(match["text"] or match["other"])
        parts = several(said) or [said]
        if names := [_stated(name, part) for part in parts if is_name(name := clean_name(part)) and DISEASE.search(name)]:
            return names
    return []


def lead(lines: list[str], listed: list[str]) -> list[str]:
    """The diagnosis that a label gives beside a list of alternatives to it."""
    names = [plain(clean_name(name)) for name in listed]
    for line in lines if listed else ():
        label = LABEL.match(line)
        said = line[label.end() :] if label and _LEADING.match(label[0]) else ""
        name = clean_name(said)
        if is_name(name) and not any(plain(name) in each for each in names):
            return [_stated(name, said)]
    return []


def _stated(name: str, raw: str) -> str:
    """A clean name with the confidence that its raw text states."""
    figure = figure_of(raw, name)
    return Stated(name, figure) if figure else name


def _sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[\w)*]{3})\.(?:\s|\*|$)", text, maxsplit=1)[0]


def several(line: str) -> list[str]:
    """Names on one line: numbered, or parted by semicolons, arrows or commas; nothing when there is only one."""
    if len(parts := inline(line)) > 1:
        return parts
    head, colon, rest = line.partition(": ")
    line = (rest if colon and (DIAGNOSIS.search(head) or DIFFERENTIAL.search(head)) else line).strip(" .[]*")[: 10 * LONGEST_NAME]
    line = " ".join(line.split())
    for separator in (r"\s?;\s?", r"\s?>+\s?", r"\s?[、，]\s?", r"\s/\s"):
        parts = _joined(re.split(separator + _UNBRACKETED, line), "; ", _symbol)
        if len(parts) > 1 and all(map(is_name, map(clean_name, parts))):
            return parts
    *parts, last = (_AND.sub("", part, count=1) if _AND.match(part) else part
                    for part in _joined(re.split(r",\s" + _UNBRACKETED, line), ", ", _inverted))  # fmt: skip
    both = _AND.split(last)
    parts += both if all(map(DISEASE.search, both)) else [last]
    several = len(parts) > 2 or (len(parts) == 2 and all(map(DISEASE.search, parts)))
    return parts if several and all(map(is_name, map(clean_name, parts))) else []


def _joined(parts: list[str], mark: str, belongs: Callable[[str, str], bool]) -> list[str]:
    """Parts, each with those that follow and belong to it."""
    joined: list[str] = []
    for part in parts:
        if joined and belongs(joined[-1], part):
            joined[-1] += mark + part
        else:
            joined.append(part)
    return joined


def _symbol(name: str, part: str) -> bool:
    """True for OMIM's symbol of a name ("Spermatogenic failure 20; SPGF20")."""
    return bool(re.fullmatch(r"[A-Z][A-Z0-9]{1,7}", part)) and " " in name and ";" not in name


def _inverted(name: str, part: str) -> bool:
    """True for the rest of an inverted name ("Cardiomyopathy, dilated, 1A")."""
    part = _AND.sub("", part, count=1) if _AND.match(part) else part
    begins = _COMPLETE.match(part) or (DISEASE.search(part) and _COMPLETE.search(name[-40:]))
    return (name[:1].isupper() and part[:1].islower() and not begins) or bool(_QUALIFIER.fullmatch(part))


def from_lines(lines: list[str]) -> list[str]:
    """Plain lines, when most of them are names; else the first line, when prose explains it."""
    kept = [line[label.end() :] if (label := LABEL.match(line)) else line for line in lines]
    kept = [line for line in kept if not (_heading(line.strip("*_ ")) or _BULLET.match(line) or _numbered(line))]
    names = [_stated(name, line) for line in kept
             if not is_prose(OPENING.split(line, maxsplit=1)[0]) and is_name(name := clean_name(line))]  # fmt: skip
    if names and (len(names) == len(kept) or (len(names) > 2 and len(names) * 2 >= len(kept))):
        return names
    return names[:1] if names and names[0] == clean_name(kept[0]) and DISEASE.search(names[0]) else []
