"""The part of a model's text that is its answer: after the thought, inside <answer> or \\boxed{}, as Markdown."""

from __future__ import annotations

import html
import re

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
_OPENED = re.compile(rf"(?:{_THOUGHT_START.pattern})\s*\Z", re.I)
_SPECIAL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>|<(?:eos|pad|bos|end_of_turn|unused\d+)>|^```.*$|^assistant ?:", re.M | re.I)
_TAG = re.compile(r"<(final_?answer|answer|diagnos[ie]s|disease)>(.*?)(?:</\1>|\Z)", re.I | re.DOTALL)
_HTML = re.compile(r"<(/?)(br|p|div|li|ol|ul|table|tr|td|th|h[1-6]|b|strong|i|em|span)\b[^<>]{0,200}>", re.I)
_MARKS = {"b": "**", "strong": "**", "td": " | ", "th": " | ", "i": "", "em": "", "span": ""}
LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|emph)\s?\{([^{}]*)\}")


def opens_thought(prompt: str) -> bool:
    """True when a prompt ends with the mark that begins a thought, as templates of thinking models do."""
    return bool(_OPENED.search(prompt))


def is_thought_mark(token: str) -> bool:
    """True for a token that by itself begins or ends a thought."""
    return bool(_THOUGHT_START.fullmatch(token) or _THOUGHT_END.fullmatch(token))


def closes_thought(text: str) -> bool:
    """True when a text has a mark that ends a thought."""
    return bool(_THOUGHT_END.search(text))


def answer_part(text: str) -> tuple[str, bool]:
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
        found.append(LATEX.sub(r"\1", text[first : end - (not depth)]).replace("\\\\", "\n").replace("\\ ", " "))
    return "\n".join(each for each in found if each.strip())
