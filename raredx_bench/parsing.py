"""Model text -> Differential. Never raises; says how it read the answer and tells the ways to fail apart.

The answer part is found first: after a thought, inside <answer> or \\boxed{}. Then the layouts are tried in turn: JSON,
table, list, one line, named diagnosis, plain lines. A long answer holds several lists (findings, reasoning, next steps):
every run of numbered, bulleted, bold or heading lines is a candidate, and the one that reads most like diagnoses, under
the heading that fits best, is the differential.
"""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from raredx_bench.domain import MAX_RANK, Differential, Reading
from raredx_bench.naming import plain

VERSION = "parser-1"
LONGEST_NAME = 250  # characters
LONGEST_ITEM = 400  # characters of an item that are looked at: a name and the start of its explanation
MOST_WORDS = 30  # of a name; more are prose
MOST_RUNS = 100  # lists that are looked at; and a twentieth as many sentences that name a diagnosis

# --- the answer part --------------------------------------------------------------------------------------------------

_UNIFORM = str.maketrans(
    dict.fromkeys(map(chr, (*range(9), *range(14, 32), 127, 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFE0F, 0x20E3, 0xFEFF)), "")
    | dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n") | dict.fromkeys("\xa0\u2007\u202f\u3000", " ")
    | {"’": "'", "‘": "'", "：": ": ", "（": " (", "）": ")", "．": ". ", "；": "; ", "。": ". ", "【": "[", "】": "]"}
    | {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {chr(0x2460 + n): f"{n + 1}. " for n in range(20)}
)  # fmt: skip
_THOUGHT = r"(?:think(?:ing)?|thoughts?|reasoning|reflection)"
_THOUGHT_END = re.compile(rf"[<\[]/\s?{_THOUGHT}[>\]]|<\|end_of_thought\|>|<\|END_THINKING\|>|◁/think▷|<unused95>|"
                          r"<\|channel\|>\s?final(?:\s?<\|message\|>)?|(?-i:assistantfinal)", re.I)  # fmt: skip
_THOUGHT_START = re.compile(rf"<{_THOUGHT}>|\[THINK\]|<\|begin_of_thought\|>|<\|START_THINKING\|>|◁think▷|<unused94>|"
                            r"<\|channel\|>\s?(?:analysis|commentary)|\A(?-i:analysis(?=[A-Z]))", re.I)  # fmt: skip
_SPECIAL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>|<(?:eos|pad|bos|end_of_turn|unused\d+)>|^```.*$|^assistant ?:", re.M | re.I)
_TAG = re.compile(r"<(final_?answer|answer|diagnos[ie]s|disease)>(.*?)(?:</\1>|\Z)", re.I | re.DOTALL)
_HTML = re.compile(r"<(/?)(br|p|div|li|ol|ul|table|tr|td|th|h[1-6]|b|strong|i|em|span)\b[^<>]{0,200}>", re.I)
_MARKS = {"b": "**", "strong": "**", "td": " | ", "th": " | ", "i": "", "em": "", "span": ""}
_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|emph)\s?\{([^{}]*)\}")
_ERROR = re.compile(r"\W*(?:error\b(?! of)|\w{0,40}exception:|traceback \(|https? error|rate limit|(?:request )?timed? ?out)", re.I)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am)? (?:sorry|unable to|not able to)|i (?:can(?:no|')t|won't|must decline)|as an ai\b|cannot (?:provide|assist|"
    r"diagnose|comply|help|offer)|not (?:able|qualified) to (?:provide|give|make|diagnos)|no puedo (?:\w+ )?(?:diagn|proporcion|"
    r"ayud|dar)|ich kann (?:\w+ ){0,2}(?:keine|nicht)|es tut mir leid|non posso|mi dispiace|je ne peux pas|je suis désolé|"
    r"não posso|sinto muito|ik kan (?:\w+ )?geen|het spijt me|nie mogę|przykro mi|przepraszam)|抱歉|"
    r"无法(?:提供|给出|诊断)|申し訳|できません", re.I)  # fmt: skip


def parse(text: str, limit: int = MAX_RANK) -> Differential:
    """The names in an answer, best first, at most limit of them. Never raises."""
    body, unfinished = _answer_part(text or "")
    if not body.strip():
        return Differential((), Reading.TRUNCATED if unfinished else Reading.EMPTY, "nothing to read")
    if _ERROR.match(body):
        return Differential((), Reading.NO_LIST, "an error message")
    for how, raw in _layouts(body):
        if names := _names(raw):
            return Differential(names[:limit], Reading.LIST, how)
    if _REFUSAL.search(body):
        return Differential((), Reading.REFUSED, "refusal")
    if re.match(r"\s*[\[{]", body) and body.rstrip()[-1] not in "]}":
        return Differential((), Reading.TRUNCATED, "JSON without an end")
    return Differential((), Reading.NO_LIST, "prose")


def _answer_part(text: str) -> tuple[str, bool]:
    """The text after the thought and inside the answer marks, as Markdown; and whether it was cut off before it began."""
    text = text.replace("\r\n", "\n").replace("\\.", ".").translate(_UNIFORM)
    *_, after = _THOUGHT_END.split(text)
    if _THOUGHT_START.search(after):
        return "", True
    thought = len(after) < len(text)
    after = _markdown(_SPECIAL.sub("", after))
    tagged = _TAG.findall(after)
    if full := [(name, inner) for name, inner in tagged if inner.strip()]:
        one_each = full[-1][0][0] in "dD"  # <diagnosis>A</diagnosis><diagnosis>B</diagnosis>
        return "\n".join(inner.strip() for _, inner in full) if one_each else full[-1][1], False
    if tagged and not after.split("<")[0].strip():
        return "", True
    return _boxed(after) or after, thought


def _markdown(text: str) -> str:
    """HTML and LaTeX lists and marks as Markdown, entities as characters."""
    depth = 0

    def mark(tag: re.Match[str]) -> str:
        nonlocal depth
        closing, name = bool(tag[1]), tag[2].lower()
        if name in ("ol", "ul"):
            depth = max(depth - 1, 0) if closing else min(depth + 1, 3)
        if closing or name in _MARKS:
            return _MARKS.get(name, "\n")
        return "\n" + "    " * (depth - 1) + "- " if name == "li" else "\n## " if name[0] == "h" else "\n"

    if "<" in text:
        text = _HTML.sub(mark, text)
    return re.sub(r"\\item\b", "\n- ", html.unescape(text) if "&" in text else text)


def _boxed(text: str) -> str:
    """Contents of every \\boxed{…}, one a line: several boxes are several names."""
    found, end = [], 0
    while (start := text.find("\\boxed{", end)) >= 0:
        first = end = start + len("\\boxed{")
        depth = 1
        while end < len(text) and depth:
            depth += (text[end] == "{") - (text[end] == "}")
            end += 1
        found.append(_LATEX.sub(r"\1", text[first : end - (not depth)]).replace("\\\\", "\n").replace("\\ ", " "))
    return "\n".join(each for each in found if each.strip())


def _layouts(text: str) -> Iterator[tuple[str, list[str]]]:
    """(how, raw names) for each way to read the text, the surest first."""
    yield "json", _json(text)
    if re.match(r"\s*[\[{]\s*[\"'{\[]", text):
        return
    lines = text.splitlines()
    yield "table", _table(lines)
    refused = bool(_REFUSAL.search(text))
    how, raw = _list(lines, refused)
    yield how, [*_lead(lines, raw), *raw]
    if refused:
        return
    kept = [line.strip() for line in lines if re.search(r"\w\w", line)]
    yield "one line", _several(kept[0]) if len(kept) == 1 else []
    yield "named diagnosis", _named(text)
    yield "one line", next((found for line in kept if len(found := _inline(line)) > 1), [])
    yield "plain lines", _lines(kept)


# --- what words tell --------------------------------------------------------------------------------------------------

_DIAGNOSIS = re.compile(
    r"diagn[oó]s|rozpozn|differential|diseases?\b|disorders?\b|syndromes?\b|conditions?\b|candidate|rank|top[- ]?\d|enfermedad|"
    r"malatti|krankheit|erkrankung|maladie|doença|ziekte|aandoening|chorob|诊断|診断|疾病|answer|respuesta|"
    r"risposta|antwort|réponse", re.I)  # fmt: skip
_DIFFERENTIAL = re.compile(
    r"differen[zct]i|diff[ée]ren[tcz]i|diferen[ct]i|różnicow|ranked|ranking|most (?:likely|probable)|top[- ]?\d|candidate|"
    r"here (?:is|are)|(?:possible|potential|likely|list of|suspected) (?:rare )?(?:diagnos|diseas|"
    r"disorder)|鉴别|鑑別", re.I)  # fmt: skip
_OTHER = re.compile(
    r"next step|steps\b|recommend|manag|treat|therap|work-?up|investigat|\btest|finding|feature|symptom|\bsigns?\b|evidence|"
    r"rational|reason|referenc|explan|against|support|summary|exclu|ruled out|note\b|caveat|sources|caus|\bgene(?:s|tics?)?\b|"
    r"phenotyp|clinical|patient|history|presentation|observ|analysis|\bwhy\b|because|criteria|\bkey\b|points|hallazgo|síntoma|"
    r"recomend|razon|befund|empfehl|symptôme|raison|étape|recommand|sintom|riscontr|raccomand|bevinding|aanbevel|objaw|zalec|"
    r"uzasadn|症状|检查|検査|理由", re.I)  # fmt: skip
_TIER = re.compile(r"likel|possib|probab|plausib|consider|\btier\b|alternativ|\bother|moderate|high|\blow\b|less|secondary|remote|"
                   r"wahrschein|menos|meno\b|moins|minder|mniej|altr[ei]|otr[ao]s|autres|weitere|outr[ao]s", re.I)  # fmt: skip
_SECTION = re.compile(  # a heading that is nothing but a heading
    r"[\W\d]*(?:(?:the|my|a|final|full|ranked|revised|list|of|possible|potential|rare|most|less|more|likely|top|working|primary|"
    r"clinical|case|overall|brief|short|key|el|la|le|il|die)\W+)*(?:(?:differential )?diagnos[ie]s|differential|answer|ranking|"
    r"list|rational\w*|reasoning|explanations?|summary|conclusions?|notes?|findings|analysis|references|likely|probable|"
    r"alternatives?|next steps|recommend\w*|diagnósticos?(?: diferencia(?:l|is|les))?|diagnosi(?: differenzial[ei])?|"
    r"diagnostics?(?: différentiels?)?|differen[zt]i?aa?ldiagnos\w+|rozpoznani[ae](?: różnicow\w+)?|"
    r"(?:鉴别)?诊断|(?:鑑別)?診断)\W*", re.I)  # fmt: skip
_FAMILY = re.compile(r"\W*(?:[^\W\d]+ ){1,3}(?:disorders|diseases|syndromes|conditions|causes|diagnoses|possibilities|"
                     r"considerations|enfermedades|erkrankungen|krankheiten|malattie|maladies|doenças)\W*", re.I)  # fmt: skip
_KIND = (r"(?:syndrome?|sindrome|síndrome|zesp[oó]ł|disease|disorder|krankheit|störung|enfermedad|maladie|malattia|doença|ziekte|"
         r"choroba|morbus|deficiency|dystrophy)")  # fmt: skip
_DISEASE = re.compile(
    rf"{_KIND}|(?:ia|ie|itis|[oóa]s[ei]s?|oma|pat[hií]\w?|path\w+)\b|dystroph|distrof|trophy\b|plasia|deficien|deletion|\btype \w+|"
    rf"trisomy|sclero|sequence|association|encephal|epilep|dactyl|综合征|"
    rf"症候群|病|症", re.I)  # fmt: skip
_NOTHING = re.compile(
    r"\W*(?:unknown|n/?a|none\b.*|null|nan|nil|not (?:applicable|available|specified|sure|provided|enough).*|"
    r"no (?:\w+ )?(?:diagnos[ie]s|disease|answer|data|information|list).*|insufficient.*|undetermined|inconclusive|unclear|"
    r"unable to .*|cannot .*|tbd|etc|(?:(?:most likely|first|second|third|next|other|another|your|predicted)\s)*(?:disease|"
    r"diagnosis|condition|syndrome|disorder|name|item|text|answer)s?(?:\s(?:name|[#\d]+|[a-e]))*|desconocido|unbekannt|inconnu|"
    r"sconosciuto|不明|未知)\W*", re.I)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_FIRST = _words("""
    the this these that a an i'm we you he she it there here if in for please patient patients order obtain perform refer recommend
    consult recommended check monitor start review assess evaluate confirm ensure provide discuss repeat based identify analyze
    compare rank list let let's sure okay thank dear given because supporting typically such similar
""")
_VERBS = _words("is are was were has have had can may might could would should es está ist sind kann è può puede est peut é jest")
_PROSE = _VERBS | _words("which that he she his her it its if but since while wenn que ma")  # as prose only when in lower case
_PROSE_ANY_CASE = _words("""
    primarily sería potrebbe presents presented presenting consistent explain explains explained likely unlikely characterized
    characterised typically usually commonly often fits suggest suggests because although though however given considering patient
    patients this these matches support supports supported probability likelihood confidence score wahrscheinlich obwohl weil
    aufgrund passt erklärt patienten patientin porque aunque debido paciente explica sugiere probable perché anche paziente spiega
    suggerisce probabile bien parce explique évoque embora sugere provável omdat hoewel verklaart waarschijnlijk patiënt ponieważ
    pacjent pacjenta wyjaśnia sugeruje prawdopodobne
""")


def _is_prose(text: str) -> bool:
    """True for a text with a word that no disease's name has."""
    words = re.findall(r"[^\W\d_]+", text)
    return not _PROSE.isdisjoint(words) or not _PROSE_ANY_CASE.isdisjoint(word.lower() for word in words)


@lru_cache(maxsize=4096)
def _is_name(text: str) -> bool:
    """True for what may be a disease's name: not prose, an order, a heading or a placeholder."""
    words = text.split()
    return (
        len(text) <= LONGEST_NAME
        and 0 < len(words) <= MOST_WORDS
        and words[0].lower().rstrip(":,") not in _NOT_FIRST
        and bool(re.search(r"[^\W\d_]{2}", text))
        and text[-1] not in "?!"
        and not _is_prose(text)
        and not _SECTION.fullmatch(text)
        and not _NOTHING.fullmatch(text)
    )


# --- JSON and tables --------------------------------------------------------------------------------------------------

_NAME_KEYS = ("diagnosis", "disease", "disease_name", "diagnosis_name", "name", "condition", "disorder", "label", "syndrome",
              "diagnostico", "diagnóstico", "diagnosi", "diagnose", "enfermedad", "maladie", "malattia", "answer")  # fmt: skip
_FIRST_KEY = re.compile(r"(?:final|most_?likely|primary|leading|top|main)?_?(?:diagnos[ie]s?|disease|candidate)?(?:_name)?", re.I)
_LIST_KEY = re.compile(r"diagn[oó]s|differential|diseases|disorders|conditions|candidates|rank|predict|list|result|answer", re.I)
_COLUMN = re.compile(rf"(?!\W*rank\W*$).*(?:{_DIAGNOSIS.pattern}|name)", re.I)
_STRING = r'"((?:[^"\\\n]|\\.)*)"'


def _json(text: str) -> list[str]:
    """Names from the first JSON value that holds any; from the strings that are there when it is cut off or broken."""
    broken, at = -1, 0
    for start in [match.start() for match in re.finditer(r"[\[{](?=\s*[\"'{\[])", text)][:30]:
        if start < at:
            continue
        try:
            value, at = json.JSONDecoder(strict=False).raw_decode(text, start)
        except (ValueError, RecursionError):
            broken = start if broken < 0 else broken
            continue
        if broken < 0 and _names(names := _json_names(value)):
            return names
    if broken < 0:
        return []
    rest = text[broken:]
    if keyed := re.findall(rf'"(?:{"|".join(_NAME_KEYS)})"\s*:\s*{_STRING}', rest, re.I):
        return keyed
    if listed := re.match(rf'(?:\{{\s*"[^"\n]*"\s*:\s*)?\[\s*{_STRING}(?:\s*,\s*{_STRING})*', rest):
        return re.findall(_STRING, listed[0][listed[0].index("[") :])
    try:
        return _json_names(ast.literal_eval(rest[: rest.rfind("]" if rest[0] == "[" else "}") + 1]))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return []


def _json_names(value: Any) -> list[str]:
    """Names in a parsed value: a name, a list of names or records, or an object that holds or is one."""
    if isinstance(value, list):
        if all(isinstance(each, dict) and isinstance(each.get("rank"), int | float) for each in value):
            value = sorted(value, key=lambda each: float(each["rank"]))
        return [name for each in value for name in _json_names(each)[:1]]
    if not isinstance(value, dict):
        return [value] if isinstance(value, str) else []
    keys = {str(key).lower(): inner for key, inner in value.items()}
    if all(re.fullmatch(r"(?:rank|diagnosis|dx|disease)?[ _#]*\d{1,2}", key) for key in keys):
        return _json_names(list(keys.values()))
    if all(isinstance(inner, int | float) for inner in keys.values()):
        return [str(key) for key in value if _is_name(str(key))]
    first = [inner for key, inner in keys.items() if _FIRST_KEY.fullmatch(key) and isinstance(inner, str)]
    for key, inner in keys.items():
        fits = key not in _NAME_KEYS if isinstance(inner, dict) else isinstance(inner, list) and _LIST_KEY.search(key)
        if fits and not _OTHER.search(key) and (names := _json_names(inner)):
            return first + names
    return first or next((_json_names(keys[key])[:1] for key in _NAME_KEYS if isinstance(keys.get(key), str | dict)), [])


def _table(lines: list[str]) -> list[str]:
    """Cells of the column that is headed as diagnoses, else of the first one with words."""
    rows = [[cell.strip(" *_") for cell in line.strip().strip("|").split("|")] for line in lines if "|" in line]
    rule = next((number for number, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", cell) for cell in row)), 0)
    header, body = rows[max(rule - 1, 0)] if rows else [], rows[rule + 1 if rule else 0 :]
    headed = [number for number, cell in enumerate(header) if _COLUMN.match(cell)]
    if not body or not (headed or rule):
        return []
    column = headed[0] if headed else next((number for number, cell in enumerate(body[0]) if re.search(r"[^\W\d]{3}", cell)), 0)
    return [row[column] for row in body if column < len(row)]


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
    deep: bool = False
    head: str = ""
    section: int = 0  # headings so far that part two lists of this style


def _list(lines: list[str], refused: bool) -> tuple[str, list[str]]:
    """(how, raw names) of the run of items that most looks like a differential."""
    runs = _runs(lines)
    scores = [_score(run, refused) for run in runs]
    if not any(scores):
        return "list", []
    best = scores.index(max(scores))
    items, opening = list(runs[best]), runs[best][0]
    if len(items) == 1 and len(parts := _inline(f"1. {opening.text}")) > 1:
        return "numbered", parts
    single = len(items) == 1 and opening.number == 1  # "1." before every name
    for run, score in zip(runs[best + 1 :], scores[best + 1 :], strict=True):
        head = run[0].head
        tier = head != opening.head and bool(_TIER.search(head) or _FAMILY.fullmatch(head))
        again = single and len(run) == 1 and run[0].number == 1 and head == opening.head
        if score and (run[0].style, run[0].deep) == (opening.style, opening.deep) and (tier or again):
            items += run
    return _STYLES.get(opening.style[0], ("numbered", 0))[0], [item.text for item in items]


def _runs(lines: list[str]) -> list[list[_Item]]:
    """Items of one style that follow each other, up to a heading or a restart of the numbers."""
    found: list[_Item] = []
    shallow: dict[str, int] = {}
    head, owner, passed = "", "", [0] * 8
    for at, line in enumerate(lines):
        item = _item(line, lines[at + 1 : at + 3]) if line.strip() else None
        if item:
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
        if _SECTION.fullmatch(text[:120]) or not re.search(r"\w", text):
            below = next(filter(str.strip, after), "")
            text = "" if _BULLET.match(below) or _numbered(below) else below
        about = text.rstrip("*").endswith(":") and _OTHER.search(text)
        return _Item(style, number, text, indent) if text and not about else None
    if match := _BULLET.match(line):
        return _Item("-" + (match["mark"] or "•"), 0, match["text"], indent)
    text = line.strip()
    hashes = len(text) - len(text.lstrip("#"))
    style = "#" * hashes or ("*" if text.startswith("**") else "=" if after and _BULLET.match(after[0]) else "")
    if not style or _LABEL.match(text):
        return None
    marked = text.split("**")[1] if style == "*" and text.count("**") > 1 else text
    name = clean_name(marked)
    if not _is_name(name) or _FAMILY.fullmatch(name) or not (_DISEASE.search(name) or (style != "=" and not _OTHER.search(marked))):
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
    heading = text.endswith(":") and _DIFFERENTIAL.search(text[-60:])  # "Top 5 diagnoses:"
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
    return 7 * (marked or bool(_SECTION.fullmatch(line[:120])))


def _score(run: list[_Item], refused: bool) -> float:
    """How much a run reads like the differential; 0 when it can't be one."""
    names = [clean_name(item.text) for item in run[:MAX_RANK]]
    named = sum(map(_is_name, names)) / len(names)
    head, style = run[0].head, run[0].style
    strong, fitting = bool(_DIFFERENTIAL.search(head)), bool(_DIAGNOSIS.search(head))
    brief = len(head.split()) < 10 and not re.match(r"\W*(?:based|given|considering)\b", head, re.I)
    if named < 0.5 or (refused and not fitting) or (brief and not strong and _OTHER.search(head)):
        return 0.0
    weak = style[0] in "ia一" or "?" in style
    if (weak and run[0].number != 1) or (len(run) < 2 and (weak or style[0] in "#*=")):
        return 0.0
    points = 2 * named + sum(bool(_DISEASE.search(name)) for name in names) / len(names) + _STYLES.get(style[0], ("", 0.5))[1]
    points += 2 * (strong or fitting) + bool(re.search(r"\bfinal|definit|conclusi|endgültig|ostateczn", head, re.I))
    return max(points - 1.5 * (run[0].number > 1) - run[0].deep, 0.1)


def _inline(line: str) -> list[str]:
    """The parts of "1. A 2. B 3. C", wherever in the line it starts."""
    marks: list[re.Match[str]] = []
    for match in _INLINE.finditer(line):
        if int(match[1]) == len(marks) + 1:
            marks.append(match)
    ends = [mark.start() for mark in marks[1:]] + [len(line)] * bool(marks)
    parts = (line[mark.end() : end][:LONGEST_ITEM] for mark, end in zip(marks, ends, strict=True))
    return [re.sub(r"[,;](?: (?:and|or))?\s*$", "", part) for part in parts]


# --- sentences and lines ----------------------------------------------------------------------------------------------

_LIKELIEST = (r"(?:(?:most|more|very|highly) )?(?:likely|probable|plausible)|final|primary|leading|working|principal|top|best|main|"
              r"provisional|definitive|suspected|first|second|third|fourth|fifth")  # fmt: skip
_LABEL = re.compile(
    rf"\W{{0,4}}(?:(?:the|my|next|rare|differential|{_LIKELIEST})\s+){{0,4}}(?:diagnos[ie]s?|diagnose|diagnostic|diagnóstico|"
    rf"rozpoznanie|disease|name|condition|disorder|answer|dx|candidate|choice|{_LIKELIEST}|诊断|"
    rf"診断)(?: name)?\W{{0,3}}\d{{0,2}}\W{{0,3}}[:=]\W{{0,3}}(?=\w)",
    re.I)  # fmt: skip
_LEADING = re.compile(r"(?!.*(?:differential|candidate)).*(?:diagnos|likely|answer)", re.I | re.DOTALL)
_NAMED = re.compile(
    rf"(?P<final>\b(?:{_LIKELIEST}|wahrscheinlichste|finale|definitivo)\s+)?(?:\b(?:diagnos[ie]s?|diagnose|diagnosi|diagnostic|"
    rf"diagnóstico|rozpoznanie|answer|respuesta|risposta|réponse|resposta|verdachtsdiagnose|differential)\b|诊断|"
    rf"診断)[^:.\n]{{0,45}}?(?::|\b(?:is|are|es|ist|è|est|é|jest|to|includes?|including|remains|would be)\b(?! not\b)|是|为|"
    rf"は)[ *\"'\[(]{{0,4}}(?=(?P<text>[^\n]{{2,400}}))", re.I)  # fmt: skip
_SUBJECT = re.compile(
    rf"(?:^|[.\n]\s)(?P<text>[^.\n]{{3,120}}?)\s(?:is|remains|would be|appears to be)\s(?:(?:the|my|a) )?(?:{_LIKELIEST})\b|"
    r"\b(?:consistent with|diagnosed with|suggestive of|indicative of|likely(?: has)?|consider|suspect|think (?:it's|this is)|"
    r"compatible con|vereinbar mit)\s(?P<other>[^\n]{3,200})", re.I)  # fmt: skip
_QUALIFIER = re.compile(r"(?:type|form|group)\b.*|[\dIVX]+[A-Z]?|[XY]-linked.*|autosomal.*|susceptibility to|with .*", re.I)
_UNBRACKETED = r"(?![^(\[]*[)\]])"
_AND = re.compile(r"(?:^|\s)(?:and|or|y|e|et|und|ou|en|oraz)\s")
_COMPLETE = re.compile(rf"^{_KIND}|{_KIND}\b.{{0,12}}$", re.I)  # a name that may stand alone


def _named(text: str) -> list[str]:
    """Names that labels and sentences give ("Final diagnosis: X", "The most likely diagnosis is X"), the final one first."""
    found = [(not match["final"], _sentence(match["text"])) for match in islice(_NAMED.finditer(text), MOST_RUNS // 20)]
    named = [part for _, said in sorted(found, key=lambda pair: pair[0]) for part in _several(said) or [said]]
    if names := [part for part in named if _is_name(clean_name(part))]:
        return names
    for match in islice(_SUBJECT.finditer(text), MOST_RUNS // 20):
        said = _sentence(match["text"] or match["other"])
        if names := [name for part in _several(said) or [said] if _is_name(name := clean_name(part)) and _DISEASE.search(name)]:
            return names
    return []


def _lead(lines: list[str], listed: list[str]) -> list[str]:
    """The diagnosis that a label gives beside a list of alternatives to it."""
    names = [plain(clean_name(name)) for name in listed]
    for line in lines if listed else ():
        label = _LABEL.match(line)
        name = clean_name(line[label.end() :]) if label and _LEADING.match(label[0]) else ""
        if _is_name(name) and not any(plain(name) in each for each in names):
            return [name]
    return []


def _sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[\w)*]{3})\.(?:\s|\*|$)", text, maxsplit=1)[0]


def _several(line: str) -> list[str]:
    """Names on one line: numbered, or parted by semicolons, arrows or commas; nothing when there is only one."""
    if len(parts := _inline(line)) > 1:
        return parts
    head, colon, rest = line.partition(": ")
    line = (rest if colon and (_DIAGNOSIS.search(head) or _DIFFERENTIAL.search(head)) else line).strip(" .[]*")[: 10 * LONGEST_NAME]
    line = " ".join(line.split())
    for separator in (r"\s?;\s?", r"\s?>+\s?", r"\s?[、，]\s?", r"\s/\s"):
        parts = _joined(re.split(separator + _UNBRACKETED, line), "; ", _symbol)
        if len(parts) > 1 and all(map(_is_name, map(clean_name, parts))):
            return parts
    *parts, last = (_AND.sub("", part, count=1) if _AND.match(part) else part
                    for part in _joined(re.split(r",\s" + _UNBRACKETED, line), ", ", _inverted))  # fmt: skip
    both = _AND.split(last)
    parts += both if all(map(_DISEASE.search, both)) else [last]
    several = len(parts) > 2 or (len(parts) == 2 and all(map(_DISEASE.search, parts)))
    return parts if several and all(map(_is_name, map(clean_name, parts))) else []


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
    begins = _COMPLETE.match(part) or (_DISEASE.search(part) and _COMPLETE.search(name[-40:]))
    return (name[:1].isupper() and part[:1].islower() and not begins) or bool(_QUALIFIER.fullmatch(part))


def _lines(lines: list[str]) -> list[str]:
    """Plain lines, when most of them are names; else the first line, when prose explains it."""
    kept = [line[label.end() :] if (label := _LABEL.match(line)) else line for line in lines]
    kept = [line for line in kept if not (_heading(line.strip("*_ ")) or _BULLET.match(line) or _numbered(line))]
    names = [name for line in kept if not _is_prose(_OPENING.split(line, maxsplit=1)[0]) and _is_name(name := clean_name(line))]
    if names and (len(names) == len(kept) or (len(names) > 2 and len(names) * 2 >= len(kept))):
        return names
    return names[:1] if names and names[0] == clean_name(kept[0]) and _DISEASE.search(names[0]) else []


# --- names ------------------------------------------------------------------------------------------------------------

_ASIDE = re.compile(r".*\d\s?%.*|(?:p\s*[=≈]\s*)?[01]?\.\d+|.*\b(?:rank|rang|rango|score|probability|likelihood|confidence)\b.*|"
                    r"(?:very )?(?:high|moderate|medium|low|strong)", re.I)  # fmt: skip
_BRACKET = re.compile(r" ?(?:\(([^()]*)\)|\[([^\[\]]*)\])")
_CITATION = re.compile(r"\s?\[[\d\s,–-]+\]")
_END = re.compile(  # where an explanation begins, whatever stands before it
    rf"\s*(?:=>|→|\t|\|)\s*|\s{{3,}}|[\s.]+(?:(?:The|This|These|While|Although|Though|Given|It|Its|He|She|Based|"
    rf"Patients?)(?:'s)? (?=[a-z])|(?:Rationale|Reasoning|Explanation)\b)|\s(?:{'|'.join(sorted(_VERBS))}|remains|presents|"
    rf"explains|fits)\s|(?:(?<=[^\W\d_]{{4}})|(?<=[\d)]))\.\s+(?=[A-ZÀ-Þ])|[,;]\s+(?=(?:which|because|given|since|as|due to the|"
    rf"characteri[sz]ed|although|though|while|based|considering|but|an?|this|these|it|the|presenting|(?:less|more|most) likely|"
    rf"typically|usually|wenn|obwohl|weil|da|aunque|ya que|porque|que|anche se|perché|bien que|car|embora|omdat|hoewel|ponieważ|"
    rf"weniger|menos|meno|moins)\s)")  # fmt: skip
_OPENING = re.compile(r"[,;:(]|\s[–—-]")
_DASH = re.compile(r"\s+[–—-]{1,2}\s+|\s*[–—]\s+|\s+[–—]|:\s+")
_ARTICLE = re.compile(r"(?:the|an?|der|die|das|el|la|los|il|lo|les?|une?|os?|het|due to)\s", re.I)
_SCORE = re.compile(r"[\s:,–—-]+(?:[~≈]|about )?(?:\d{1,3}(?:[.,]\d+)?\s?%.*|[01]?\.\d{1,4})$|(?:\s[–—-]|:)\s+(?:very )?"
                    r"(?:high|moderate|medium|low|strong)(?: (?:probability|likelihood|confidence|suspicion))?$", re.I)  # fmt: skip
_BEFORE = re.compile(r"\(?\d{1,2}[.):]\s+|(?:OMIM|MIM|ORPHA|MONDO)[:# ]*\d+\W+(?=\w)|(?:(?:most|very|less) )?(?:likely|probabl[ey]|"
                     r"possibl[ey]|therefore|thus)\s+(?=\w)", re.I)  # fmt: skip


def _names(raw: Iterable[str]) -> tuple[str, ...]:
    """Cleaned names; what is not one and repeats left out."""
    found: dict[str, str] = {}
    for name in map(clean_name, raw):
        if _is_name(name) and (key := plain(name)):
            found.setdefault(key, name)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def clean_name(text: str) -> str:
    """One name without list marks, markup, scores, citations and explanations; empty when nothing is left."""
    text = _CITATION.sub("", _unmarked(text.strip()[:LONGEST_ITEM].split("\n")[0]))
    text = _BRACKET.sub(lambda part: "" if _is_aside(part[1] or part[2] or "") else part[0], text).strip(" \t\"'“”«»„,;#")
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    text = _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text
    if end := _END.search(text, 3):
        text = text[: end.start()]
    if dash := next((dash for dash in _DASH.finditer(text, 4) if _explains(text[dash.end() :])), None):
        text = text[: dash.start()]
    text = _SCORE.sub("", text).strip(" \t\"'“”«»„*_.,:;–—-")
    if text.count("(") > text.count(")"):
        text = text[: text.rindex("(")]
    return re.sub(r"[^\w)\]+%'*]+$", "", text)


def _unmarked(text: str) -> str:
    """The text of an item without Markdown, LaTeX and links; what follows a name in bold is left out."""
    if bold := re.match(r"[\s\d.)#-]*\*\*\s*([^*]{3,}?)\s*\*\*\s*(.*)", text):
        name = bold[1].rstrip(" :")
        label = _LABEL.match(f"{name}: x")
        if not label or label.end() <= len(name):
            short = bold[2].startswith("(") or (_DISEASE.match(bold[2]) and len(bold[2].split()) < 4)
            text = f"{bold[1]} {bold[2]}" if short else bold[1]
    elif text.count("**") % 2:
        text = text.lstrip("*").split("**")[0]
    text = re.sub(r"\*\*|__|`|\\[()]|\$", "", _LATEX.sub(r"\1", text))
    return re.sub(r"(?<!\w)[*_]([^*_]+)[*_](?!\w)|\[([^\]]+)\]\(https?:[^)]*\)", r"\1\2", text)


def _is_aside(text: str) -> bool:
    """True for the contents of a bracket that say something of a name, not another name."""
    return bool(_ASIDE.fullmatch(text)) or _is_prose(text)


def _explains(text: str) -> bool:
    """True for prose or a list of findings behind a dash or colon: names hold dashes too, and what may be one stays."""
    findings = re.search(r",\s|\sand\s|\s\+\s", text) and not re.search(rf"{_KIND}|\btype\b", text, re.I)
    return bool(_ARTICLE.match(text) or findings or len(text.split()) > 12) or _is_prose(text)
