"""Model text -> Differential. Never raises; says how it read the answer and tells the ways to fail apart.

The answer part is found first (after a thought, inside <answer> or \\boxed{}), then the first layout that fits is read:
JSON, table, numbered list, headings or bold names with ranks, bullets, a named final diagnosis, one-line lists, plain lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from raredx_bench.domain import MAX_RANK, Differential, Reading
from raredx_bench.naming import plain

VERSION = "parser-1"
LONGEST_NAME = 160  # characters; longer lines are prose
MOST_WORDS = 18

_THOUGHT_END = re.compile(r"</\s*(?:think|thinking|thought|reasoning)\s*>|<\|end_of_thought\|>|◁/think▷|"
                          r"<\|channel\|>\s*final\s*<\|message\|>", re.IGNORECASE)  # fmt: skip
_THOUGHT_START = re.compile(r"<\s*(?:think|thinking|thought|reasoning)\s*>|<\|begin_of_thought\|>|◁think▷|"
                            r"<\|channel\|>\s*analysis", re.IGNORECASE)  # fmt: skip
_SPECIAL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>|<(?:eos|pad|bos)>")
_ANSWER = re.compile(r"<answer>(.*?)(?:</answer>|\Z)", re.IGNORECASE | re.DOTALL)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am)? (?:sorry|unable|not able)|i (?:can(?:no|')t|won't|must decline)|as an ai\b|"
    r"cannot (?:provide|assist|diagnose|comply|help)|not (?:able|qualified) to (?:provide|give|make) (?:a |any )?"
    r"(?:medical|diagnos)|lo siento|no puedo|es tut mir leid|ich kann (?:keine|nicht)|mi dispiace|non posso|désolé|"
    r"je ne peux pas)",
    re.IGNORECASE,
)
_ERROR = re.compile(r"^\s*(?:\[?error\]?\b|traceback \(most recent|http error|rate limit|timed? ?out)", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^(?P<indent>\s*)(?:[>#*_\s]*)(?:(?:rank|diagnos[ie]s|dx|candidate|disease|nr\.?|no\.?|option)\s*)?[#*_(\[]*"
    r"(?P<number>\d{1,2})(?:st|nd|rd|th|º|ª)?\s*[*_]*\s*[.):\]、．]+[*_]*(?P<text>(?:\s+|(?=[^\s\d])).*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?P<indent>\s*)(?:[-+•·▪‣◦–—]|\*(?!\*))\s+(?P<text>.+)$")
_RANKED_HEADING = re.compile(r"^[#*_\s]*(?P<text>[^\n]+?)[*_\s]*\((?:rank|rang|rango)\s*#?\s*(?P<number>\d{1,2})\b[^)]*\)", re.I)
_BOLD = re.compile(r"^\s*(?:#+\s*)?\*\*(?P<text>[^*\n]+)\*\*\s*(?P<rest>.*)$")
_HEADING = re.compile(r"^\s*(?:#+\s+.*|\**[^.!?\n]{3,90}:\**\s*|\*\*[^*\n]+\*\*:?\s*)$")
_INLINE_NUMBER = re.compile(r"(?:(?<=\s)|^)\(?(\d{1,2})[.)]\s+(?=\S)")
_DIAGNOSIS_HEAD = re.compile(
    r"diagnos|differential|diseases?\b|disorders?\b|candidates|ranked|ranking|top[- ]?\d+|enfermedad|malatti|krankheit|"
    r"erkrankung|maladie|doença|ziekte|answer|respuesta|risposta|antwort",
    re.IGNORECASE,
)
_FINAL_HEAD = re.compile(r"final|definitiv|conclusi|answer|finale", re.IGNORECASE)
_OTHER_HEAD = re.compile(
    r"next step|recommend|management|treatment|work-?up|investigat|test(?:s|ing)\b|finding|feature|symptom|evidence|"
    r"rationale|reasoning|reference|explanation|against|supporting|summary|excluded|ruled out|note|caveat|sources",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:^|[\n.!?]\s*|\*\*)(?:the |my |a |la |el |il |die |le )?(?:(?:most (?:likely|probable)|final|primary|leading|working|"
    r"principal|probable|single best|más probable|finale|endgültige|più probabile) )?(?:diagnos(?:is|e|i|tic)|diagnóstico|"
    r"answer|respuesta|risposta)(?: (?:más probable|finale|final|più probabile|is|es|è|ist|est|would be|remains))*"
    r"\s*(?:\*\*)?\s*[:：]?\s*(?:\*\*)?\s*(?P<text>[^\n]+)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:most likely |final |primary |leading |rare )?(?:diagnos(?:is|e|tic)|disease(?: name)?|name|condition|disorder|answer|dx|"
    r"rank|candidate|diagnóstico|diagnosi)\s*#?\d*\s*[:：=]\s*",
    re.IGNORECASE,
)
_SCORE = re.compile(
    r"\s*[(\[](?:[^()\[\]]*\b)?(?:\d{1,3}(?:\.\d+)?\s*%|(?:likelihood|probability|confidence|score|rank|prob)\b[^()\[\]]*|"
    r"0?\.\d+)[^()\[\]]*[)\]]",
    re.IGNORECASE,
)
_CITATION = re.compile(r"\s*\[\d+(?:\s*[,–-]\s*\d+)*\]")
_CUT = re.compile(r"\s*=>\s*|\s*→\s*|\t|<br\s*/?>|\s{3,}")
_DASH = re.compile(r"\s+[–—-]{1,2}\s+|\s*[–—]\s+|\s+[–—]|:\s+")
_PROSE_WORD = re.compile(
    r"\b(?:the|is|are|was|were|has|have|had|this|these|patient'?s?|presents?|presenting|presentation|consistent|given|explains?|"
    r"likely|unlikely|characteri[sz]ed|can|may|might|could|would|often|typically|usually|fits?|suggests?|because|although|"
    r"which|that|he|she|her|his|it|less|more|el|la|los|las|der|das|paciente|il|paziente)\b",
    re.IGNORECASE,
)
_PROSE_AFTER = re.compile(
    r"[,;.]\s+(?=(?:which|because|given|since|as|due to the|characteri[sz]ed|although|though|while|based|with a (?:score|"
    r"probability)|this|these|it|the patient|rationale|reasoning|explanation)\b)|"
    r"\s+(?=rationale:|reasoning:|explanation:|because )",
    re.IGNORECASE,
)
_NAME_KEYS = ("diagnosis", "disease", "disease_name", "name", "condition", "disorder", "label", "diagnostico", "diagnóstico",
              "diagnosi", "diagnose", "title", "answer", "value")  # fmt: skip
_LIST_KEYS = re.compile(r"diagnos|differential|disease|ranked|ranking|candidates|predictions|answer|list|results", re.I)


@dataclass
class _Item:
    line: int
    indent: int
    number: int | None
    text: str


def parse(text: str, limit: int = MAX_RANK) -> Differential:
    """The names in an answer, best first, at most limit of them. Never raises."""
    body, complaint = _answer_part(text or "")
    if not body.strip():
        return Differential((), complaint or Reading.EMPTY, "nothing to read")
    if _ERROR.match(body):
        return Differential((), Reading.NO_LIST, "an error message")
    for how, layout in _LAYOUTS:
        names = _clean(layout(body), limit)
        if names:
            return Differential(names, Reading.LIST, how)
    refused = _REFUSAL.search(body)
    return Differential((), Reading.REFUSED if refused else Reading.NO_LIST, "refusal" if refused else "prose")


def _answer_part(text: str) -> tuple[str, Reading | None]:
    """The text after the thought and inside the answer marks; TRUNCATED when a thought never closes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u200b", "")
    *_, after = _THOUGHT_END.split(text)
    if _THOUGHT_START.search(after):
        return "", Reading.TRUNCATED
    thought_only = after is not text and len(after) < len(text) and not after.strip()
    after = _SPECIAL.sub("", after)
    marked = [part for part in _ANSWER.findall(after) if part.strip()]
    if marked:
        return marked[-1], None
    if re.search(r"<answer>\s*\Z", after, re.IGNORECASE):
        return "", Reading.TRUNCATED
    boxed = _boxed(after)
    if boxed:
        return boxed, None
    return after, Reading.TRUNCATED if thought_only else None


def _boxed(text: str) -> str | None:
    """Contents of the last \\boxed{…}; several boxes in a row are several names, one a line."""
    found = []
    for match in re.finditer(r"\\boxed\s*\{", text):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        found.append(re.sub(r"\\(?:text|textbf|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", text[match.end() : end - 1]))
    contents = [each.replace("\\\\", "\n").replace("\\ ", " ") for each in found if each.strip()]
    return ("\n".join(contents) if len(contents) > 1 else contents[0]) if contents else None


# --- layouts: each takes the answer part and gives raw names, or nothing when it does not fit -----------------------


def _json(text: str) -> list[str]:
    """Names from the first JSON value that holds any."""
    for match in re.finditer(r"[\[{]", text):
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(text[match.start() :])
        except (ValueError, RecursionError):
            continue
        names = _json_names(value)
        if names:
            return names
        if isinstance(value, dict):
            return []
    return []


def _json_names(value: Any) -> list[str]:
    if isinstance(value, list):
        if all(isinstance(each, int | float) for each in value):
            return []
        ranked = value
        if all(isinstance(each, dict) and isinstance(each.get("rank"), int | float) for each in value):
            ranked = sorted(value, key=lambda each: float(each["rank"]))
        return [name for each in ranked for name in _json_name(each)]
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, list | dict) and _LIST_KEYS.search(str(key)) and (names := _json_names(inner)):
                return names
        if all(re.fullmatch(r"(?:rank|diagnosis|dx|disease)?[ _#]*\d{1,2}", str(key), re.I) for key in value) and value:
            return [name for inner in value.values() for name in _json_name(inner)]
        return _json_name(value)
    return []


def _json_name(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        lowered = {str(key).lower(): inner for key, inner in value.items()}
        return next(([lowered[key]] for key in _NAME_KEYS if isinstance(lowered.get(key), str)), [])
    return []


def _table(text: str) -> list[str]:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines()
            if line.count("|") >= 2]  # fmt: skip
    rules = [number for number, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", cell) for cell in row if cell)]
    if not rules or len(rows) < 3:
        return []
    header, body = rows[rules[0] - 1] if rules[0] else [], rows[rules[0] + 1 :]
    column = next((i for i, cell in enumerate(header) if re.search(r"diagnos|disease|disorder|condition|name", cell, re.I)), None)
    if column is None:
        column = next((i for i in range(len(body[0])) if not re.fullmatch(r"[#\d.\s*]*", body[0][i])), 0) if body else 0
    return [row[column] for row in body if column < len(row)]


def _numbered(text: str) -> list[str]:
    lines = text.splitlines()
    items = []
    for number, line in enumerate(lines):
        match = _NUMBERED.match(line)
        if match:
            content = match.group("text").strip()
            if not content.strip("*_ ") and number + 1 < len(lines):
                content = lines[number + 1]
            items.append(_Item(number, len(match.group("indent")), int(match.group("number")), content))
    if not items:
        return []
    shallow = min(item.indent for item in items)
    items = [item for item in items if item.indent <= shallow + 1]
    runs: list[list[_Item]] = []
    for item in items:
        if runs and item.number is not None and item.number > (runs[-1][-1].number or 0):
            runs[-1].append(item)
        else:
            runs.append([item])
    best = _best_run(runs, lines)
    if len(best) == 1 and (split := _inline(best[0].text)):
        return split
    return [item.text for item in best]


def _best_run(runs: list[list[_Item]], lines: list[str]) -> list[_Item]:
    """Of several lists, the one under a heading of diagnoses (the final one, if said so), else the first."""
    scored = []
    for order, run in enumerate(runs):
        head = next((line for line in reversed(lines[: run[0].line]) if line.strip()), "")
        points = 0
        if _HEADING.match(head) or head.rstrip().endswith(":"):
            points += 2 * bool(_DIAGNOSIS_HEAD.search(head)) + bool(_FINAL_HEAD.search(head))
            points -= 3 * bool(_OTHER_HEAD.search(head))
        points -= 3 * (run[0].number not in (0, 1) and len(runs) > 1)
        scored.append((-points, order))
    joined = runs[min(scored)[1]]
    if all(len(run) == 1 for run in runs) and len({run[0].number for run in runs}) == 1:
        return [run[0] for run in runs]  # "1." before every name
    return joined


def _inline(text: str) -> list[str]:
    """ "A 2. B 3. C": the rest of a list written on one line."""
    marks = []
    expected = 2
    for match in _INLINE_NUMBER.finditer(text):
        if int(match.group(1)) == expected:
            marks.append(match)
            expected += 1
    if not marks:
        return []
    edges = [0, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(text)]
    return [text[start:end] for start, end in zip(edges, ends, strict=True)]


def _ranked_headings(text: str) -> list[str]:
    found = [(int(match.group("number")), match.group("text")) for line in text.splitlines()
             if (match := _RANKED_HEADING.match(line))]  # fmt: skip
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def _bullets(text: str) -> list[str]:
    lines = text.splitlines()
    items = [_Item(number, len(match.group("indent")), None, match.group("text")) for number, line in enumerate(lines)
             if (match := _BULLET.match(line))]  # fmt: skip
    if not items:
        return []
    shallow = min(item.indent for item in items)
    runs: list[list[_Item]] = []
    for item in (each for each in items if each.indent <= shallow + 1):
        gap = [line for line in lines[runs[-1][-1].line + 1 : item.line] if _HEADING.match(line)] if runs else ["new"]
        if gap:
            runs.append([item])
        else:
            runs[-1].append(item)
    return [item.text for item in _best_run([[_Item(i.line, i.indent, 1, i.text) for i in run] for run in runs], lines)]


def _bold(text: str) -> list[str]:
    """Bold names that open a line, when there are several or an explanation follows."""
    found = []
    for line in text.splitlines():
        match = _BOLD.match(line)
        if match and not _HEADING_ONLY.search(match.group("text")):
            found.append(match.group("text"))
    return found


_HEADING_ONLY = re.compile(
    r"^\W*(?:(?:final |most likely |top \d+ |ranked |list of |possible |potential )*(?:differential )?(?:diagnos[ie]s|diagnoses|"
    r"answer|differential|ranking)|rationale|reasoning|explanation|summary|conclusion|note|key findings|analysis)\W*$",
    re.IGNORECASE,
)


def _named(text: str) -> list[str]:
    """ "Final diagnosis: X" and "The most likely diagnosis is X", the last one said."""
    found = [match.group("text") for match in _NAMED.finditer(text)]
    found = [each for each in found if re.search(r"\w{3}", each)]
    if not found:
        return []
    return _one_line(found[-1]) or [re.split(r"(?<=[a-z)])\.\s|, (?:a|an|which|given|because|based)\b", found[-1])[0]]


def _one_line(text: str) -> list[str]:
    """A single line with several names: numbered, or parted by semicolons or commas."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        return []
    line = lines[0].strip()
    first = _INLINE_NUMBER.match(line)
    if first and (split := _inline(line[first.end() :])):
        return split
    head, colon, rest = line.partition(": ")
    if colon and _DIAGNOSIS_HEAD.search(head):
        line = rest
    for separator in (";", ",", "，", "、"):
        parts = [part.strip() for part in re.split(rf"{separator}(?![^(\[]*[)\]])", line) if part.strip()]
        if separator == ";" and len(parts) > 1:
            return parts
        if len(parts) >= 3 and all(_looks_like_name(part) for part in parts) and not _inverted(parts):
            return [re.sub(r"^(?:and|or|und|y|e|et)\s+", "", part) for part in parts]
    return []


def _inverted(parts: list[str]) -> bool:
    """True for one name in OMIM's order ("Cardiomyopathy, dilated, 1A"), whose later parts are mere qualifiers."""
    return all(len(part.split()) <= 2 and not re.search(r"[A-Z]\w+.*(?:syndrome|disease)|\b\w+(?:ia|itis|osis|oma|pathy)\b",
                                                       part) for part in parts[1:])  # fmt: skip


def _lines(text: str) -> list[str]:
    """Plain lines, when most of them could be names."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = [line for line in lines if not (line.endswith(":") or _HEADING_ONLY.match(line))]
    good = [line for line in kept if _looks_like_name(line)]
    if good and (len(good) == len(kept) or (len(good) >= 3 and len(good) * 2 >= len(kept))):
        return good
    paragraphs = [part.strip().splitlines()[0] for part in re.split(r"\n\s*\n", text) if part.strip()]
    if len(paragraphs) >= 3 and all(_looks_like_name(part) for part in paragraphs):
        return paragraphs
    return []


_LAYOUTS: tuple[tuple[str, Callable[[str], list[str]]], ...] = (
    ("json", _json),
    ("table", _table),
    ("ranked headings", _ranked_headings),
    ("numbered", _numbered),
    ("bullets", _bullets),
    ("one line", _one_line),
    ("bold", _bold),
    ("named diagnosis", _named),
    ("plain lines", _lines),
)  # fmt: skip

# --- names ------------------------------------------------------------------------------------------------------------


def _looks_like_name(text: str) -> bool:
    text = text.strip(" *_`\"'")
    if not re.search(r"\w{2}", text) or len(text) > LONGEST_NAME or len(text.split()) > MOST_WORDS:
        return False
    if text.endswith((".", "!", "?")) and len(text.split()) > 6:
        return False
    if _REFUSAL.search(text):
        return False
    return not re.search(r"\b(?:the patient|is|are|was|were|should|would|could|can|have|has|we|you|this|these|please)\b",
                         text.lower())  # fmt: skip


def _clean(raw: Iterable[str], limit: int) -> tuple[str, ...]:
    """Names without marks, scores, citations and explanations; repeats left out."""
    found: dict[str, str] = {}
    for each in raw:
        name = clean_name(each)
        key = plain(name)
        if key and key not in found and not _HEADING_ONLY.match(name) and not _REFUSAL.search(name):
            found[key] = name
        if len(found) == limit:
            break
    return tuple(found.values())


def clean_name(text: str) -> str:
    """One name without list marks, markup, scores, citations and explanations; empty when nothing is left."""
    text = text.strip().split("\n")[0]
    bold = re.match(r"^[\s\d.)#-]*\*\*(.{3,}?)\*\*", text)
    if bold and not re.match(r"^\W*(?:rank|diagnosis|disease|name|#?\d+)\W*\d*\W*$", bold.group(1), re.I):
        text = bold.group(1)
    text = re.sub(r"\*\*|__|`|^#+\s*", "", text)
    text = re.sub(r"(?<!\w)[*_]([^*_]+)[*_](?!\w)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\(https?:[^)]*\)", r"\1", text)
    text = _SCORE.sub("", _CITATION.sub("", text))
    text = _LABEL.sub("", text.strip(" \t\"'“”«»,;"))
    text = re.sub(r"^\(?\d{1,2}[.):]\s+", "", text)
    text = _CUT.split(text, maxsplit=1)[0]
    for dash in _DASH.finditer(text):  # names hold dashes too: what may be one is left to the linker, which reads both
        if dash.start() > 3 and _PROSE_WORD.search(text[dash.end() :]):
            text = text[: dash.start()]
            break
    text = _PROSE_AFTER.split(text, maxsplit=1)[0]
    text = text.strip().strip("\"'“”«»*_ ").rstrip(".,;:")
    return text.strip() if len(text) <= LONGEST_NAME or " " not in text else text[:LONGEST_NAME].rsplit(" ", 1)[0]
