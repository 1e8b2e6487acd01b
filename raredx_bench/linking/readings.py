"""A predicted name taken apart as text: qualifiers, brackets, causes, explanations, alternatives. Nothing here knows a disease."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 300  # characters: anything longer is prose, not a name
EXPLAINED = 3  # words
ALTERNATIVES = 3  # more names than this in one line are a list, not a diagnosis

_TAG = re.compile(r"<[^<>]{0,80}>")
_LIST_MARK = re.compile(r"^\s*(?:\(?\d{1,2}[.):]\s+|[-*•–]\s+|#+\s)")
_MARKUP = re.compile(r"\*\*|__|`")
_QUALIFIER = re.compile(
    r"^(?:(?:(?:highly |strongly )?suspected|probable|possible|probably|possibly|(?:most |less |more |very )?likely|presumed|"
    r"presumptive|"
    r"confirmed|definite|rule[- ]out|r/o|to rule out|consider|query|unlikely|(?:clinical |molecular |genetic |final )?diagnosis of|"
    r"diagnosis|a case of|a diagnosis of|differential|the)\b[:,\s]*)+",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"^(?:(?:an? )?(?:atypical|mild|severe|early|late|partial|incomplete|attenuated|mosaic|unusual|rare|variant|"
    r"(?:sub)?clinical|forme fruste)(?: (?:presentation|form|variant|case|type|manifestation)s?)?(?: of)?|"
    r"(?:an? )?(?:variant|form|subtype|"
    r"type|"
    r"presentation|manifestation)s? of)\s+(?:an? |the )?",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"[\s,;:–—-]+(?:(?:most |less |more |very )?(?:likely|probable|possible|suspected|unlikely|probably|possibly)|nos|unspecified|"
    r"not otherwise specified|not specified)\.?$",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\s*[(\[]\s*(?:(?:most |less |more |very )?(?:likely|unlikely|probable|possible|suspected|presumed|confirmed)|rule out|if )\b"
    r"[^()\[\]]*[)\]]",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"[\s,;(]+(?:such as|e\.?g\.?,?|i\.e\.,?|including|for example|for instance|like|especially|particularly|notably)\s", re.I
)
_CAUSE = re.compile(r",?\s+(?:due to|caused by|secondary to|from|resulting from|because of|owing to)\s+", re.IGNORECASE)
_COMPANY = re.compile(r",?\s+(?:with|without|associated with|complicated by|accompanied by)\s+", re.IGNORECASE)
_EXPLANATION = re.compile(
    r"\s+[–—-]{1,2}\s+|:\s+|;\s+|\s*[–—]\s+|\s+=\s+|\.\s+(?=[A-Z])|"
    r",\s+(?:(?:most |less |more |very )?(?:likely|unlikely|probably|possibly)|given|because|consistent with|considering|"
    r"although|though|but|based on|which|in (?:the )?(?:context|setting|view|light)|in an? )\b"
)
_OR = re.compile(r"\s+(?:or|vs\.?|versus|and/or)\s+|\s*/\s*|\s*;\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_ASIDE = re.compile(
    r"\s*(?:(?:most |less |more |very )?(?:likely|unlikely|probable|possible|suspected)\b|e\.?g\.?\b|such as|including|i\.e\.|"
    r"formerly|previously|also|aka|a\.k\.a\.|given|because|due to the|if|although|though|based|considering|as\b|with\b|"
    r"without\b|and\b|"
    r"(?:clinical|specific|atypical|incomplete|classic|typical|partial|rare|mild|severe|moderate|unspecified|certain)\b(?!.*(?:syndrome|disease|type))|"
    r"various|multiple|any|all\b|unspecified)",
    re.IGNORECASE,
)
_KEPT_ASIDE = re.compile(
    r"^\s*(?:i\.e\.,?|formerly(?: known as| called)?|previously(?: known as| called)?|also (?:known as|called)|aka|a\.k\.a\.)\s+",
    re.IGNORECASE,
)
MARK = re.compile(
    r"^(?:type|group|form|class|subtype|stage|variant)?\s*(?:\d{1,3}[A-Za-z]{0,2}|[IVX]{1,5}[A-Za-z]?|[A-Z]\d?)$|^type\s",
    re.IGNORECASE,
)
_INNER = re.compile(r"\s*[;/]\s*")
_KIND = re.compile(r"\b(syndrome|disease|disorder|deficiency|dystrophy|dysplasia|anemia|ataxia)s?$", re.IGNORECASE)


class Bracketed(NamedTuple):
    """A name without its brackets, and what stood in them: each bracket whole, and its parts."""

    base: str
    inner: tuple[str, ...]


def tidy(text: str) -> str:
    """The text without markup, list marks, control characters and end punctuation."""
    text = _TAG.sub(" ", text) if "<" in text else text
    text = _MARKUP.sub("", text)
    text = "".join(char if char.isprintable() else " " for char in text) if not text.isprintable() else text
    return " ".join(_LIST_MARK.sub("", text).split()).strip(" \"'“”«».,;:*_-–—")


def unqualified(text: str) -> Iterator[str]:
    """The name with ever fewer words of doubt: without those in brackets, before it, behind it. The last is the barest."""
    for shorter in (_DOUBT.sub("", text), _QUALIFIER.sub("", _DOUBT.sub("", text), count=1)):
        if shorter != text:
            yield shorter.strip()
    yield _TRAILING.sub("", shorter).strip()


def form_of(text: str) -> str | None:
    """What an "atypical X" or "form of X" is a form of; None for any other name."""
    found = _FORM.match(text)
    return text[found.end() :] if found and found.end() < len(text) else None


def bracketed(text: str) -> Bracketed | None:
    """The name and the contents of its brackets, asides left out; None where there are none."""
    if "(" not in text and "[" not in text:
        return None
    inner: list[str] = []
    for part in _BRACKETS.findall(text):
        kept = _KEPT_ASIDE.sub("", part).strip()
        if kept and (kept != part.strip() or not _ASIDE.match(part)):
            inner += [kept, *(each.strip() for each in _INNER.split(kept) if each.strip())]
    base = " ".join(_BRACKETS.sub(" ", text).replace(" ,", ",").split()).strip(" ,;:-([")
    return Bracketed(base, tuple(dict.fromkeys(inner))) if base != text else None


def without_examples(text: str) -> str | None:
    """The head before "such as", "e.g.", "including"; None where there is none."""
    head = _EXAMPLE.split(text, maxsplit=1)[0].strip(" ,;:(-")
    return head if head and head != text else None


def cause(text: str) -> tuple[str, str] | None:
    """(head, cause) of "X due to Y"."""
    parts = _CAUSE.split(text, maxsplit=1)
    return (parts[0].strip(" ,"), parts[1].strip()) if len(parts) == 2 and parts[0].strip() else None


def company(text: str) -> str | None:
    """The head of "X with Y"."""
    parts = _COMPANY.split(text, maxsplit=1)
    return parts[0].strip(" ,") if len(parts) == 2 and parts[0].strip() else None


def unexplained(text: str) -> str | None:
    """The head before a dash, colon or semicolon with at least EXPLAINED words behind it: fewer are a part of the name."""
    head, *rest = _EXPLANATION.split(text, maxsplit=1)
    return head.strip(" ,;:-") or None if rest and len(rest[0].split()) >= EXPLAINED else None


def alternatives(text: str) -> tuple[str, ...]:
    """The names of "A or B", with the noun that the last one lends to those before it; empty for one name or a list."""
    parts = [part.strip(" ,") for part in _OR.split(text) if part.strip(" ,")]
    if not 2 <= len(parts) <= ALTERNATIVES:
        return ()
    noun = _KIND.search(parts[-1])
    return tuple(
        f"{part} {noun.group(1)}" if noun and not _KIND.search(part) and len(part.split()) <= 2 else part for part in parts
    )


def elliptical(parts: tuple[str, ...]) -> Iterator[str]:
    """For "X type 1 / 2" the second part in full: the first part with its last word replaced."""
    head = parts[0].rsplit(" ", 1)[0]
    for part in parts[1:]:
        yield f"{head} {part}" if MARK.match(part) and " " in parts[0] else part
