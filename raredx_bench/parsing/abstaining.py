"""Whether an answer says that no diagnosis can be given: an abstention, which is neither a refusal nor a fault of form.

"Unknown", "I don't know", "no diagnosis can be made", "cannot determine", and the like in Spanish, German, French, Italian and
Portuguese. Who declines to give medical advice refuses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from raredx_bench.parsing.wording import LABEL

_FOUND = r"(?:determin|establish|identif|ascertain|reach|arriv|conclu|confirm|specif|nam|pinpoint)\w*"
_MADE = r"(?:made|given|offered|suggested|reached|possible|determined|established|identified|named|proposed)"
_UNKNOWN = (
    r"(?:the |my )?(?:final |most likely )?(?:diagnosis |answer |disease )?(?:is |remains )?(?:currently )?(?:unknown|undetermined|"
    r"undiagnosed|not known)(?: (?:diagnosis|disease|condition|disorder))?|(?:i (?:do not|don't) know|i have no idea|(?:i'm|i am) "
    r"(?:not sure|unsure)|unsure|not sure)(?: (?:the|what|which|of|about) .{2,60})?|no diagnosis|"
    r"(?:i )?(?:cannot|can not|can't|could not|unable to) (?:be )?determined?(?: (?:it|this))?|"
    r"(?:el diagnóstico (?:es )?)?desconocid[oa]|no (?:lo )?sé|(?:die )?(?:diagnose )?(?:ist )?unbekannt|(?:ich )?wei(?:ß|ss)"
    r"(?: ich)?(?: es| das)? nicht|(?:le )?(?:diagnostic )?(?:est )?inconnue?|je ne (?:le )?sais pas|(?:la )?(?:diagnosi )?(?:è )?"
    r"sconosciut[oa]|non (?:lo )?so|(?:o )?(?:diagnóstico )?(?:é )?desconhecid[oa]|não sei"
)
_IMPOSSIBLE = (
    rf"\b(?:cannot|can ?not|can't|could not|couldn't|unable to|impossible to|not possible to|not able to) (?:\w+ly )?{_FOUND} "
    r"(?:at |to )?(?:\S+ ){0,4}?(?:diagnos[ie]s|disease|disorder|condition|cause)\b|"
    rf"\bdiagnos[ie]s (?:can ?not|can't|could not|couldn't) be (?:\w+ly )?{_MADE}\b|"
    rf"\bno (?:\w+ ){{0,3}}diagnos[ie]s (?:can|could|is|was) (?:be )?(?:\w+ly )?{_MADE}\b|"
    r"\b(?:insufficient|not enough|too little) (?:\w+ ){0,2}(?:information|data|evidence|details?)\b.{0,60}\bdiagnos|"
    r"\bno (?:se puede|es posible) (?:determinar|establecer|hacer|dar|identificar) (?:\w+ ){0,3}diagnóstico|"
    r"\bkeine (?:\w+ )?diagnose (?:\w+ ){0,3}(?:möglich|gestellt|bestimmt|getroffen)|\bdiagnose (?:\w+ ){0,3}nicht (?:möglich|"
    r"gestellt|bestimmt|bestimmen)|\baucun diagnostic (?:\w+ ){0,2}(?:ne )?(?:peut|possible)|\bimpossible d(?:e |')(?:déterminer|"
    r"établir|poser|identifier) (?:\w+ ){0,3}diagnostic|\b(?:non è possibile|impossibile) (?:determinare|stabilire|fare|formulare|"
    r"identificare) (?:\w+ ){0,3}diagnosi|\bnessuna diagnosi (?:\w+ ){0,2}(?:possibile|può)|\b(?:não é possível|impossível) "
    r"(?:determinar|estabelecer|fazer|identificar) (?:\w+ ){0,3}diagnóstico"
)
_MARK = re.compile(r"\W*(?:\d{1,2}[.):]\s+)?\W*")
_SAYS = re.compile(rf"(?:{_UNKNOWN}|{_IMPOSSIBLE})\W*", re.I)
_SAYS_SOMEWHERE = re.compile(_IMPOSSIBLE, re.I)
_DECLINES = re.compile(
    r"\bas an ai\b|\badvice\b|\b(?:not|n't) (?:a|your) (?:licensed |medical )*(?:doctor|physician|professional|clinician)|"
    r"\bqualified\b|\b(?:cannot|can't|can not|unable to|not able to) (?:provide|assist|help|offer|comply|diagnose)\b",
    re.I,
)


def says_unknown(text: str) -> bool:
    """True for a line, cell or value that holds nothing but the statement that the diagnosis is not known."""
    text = text.strip()[:200]
    text = text[mark.end() :] if (mark := _MARK.match(text)) else text
    text = text[label.end() :] if (label := LABEL.match(text)) else text
    return bool(_SAYS.fullmatch(text))


def only_unknown(lines: Sequence[str]) -> bool:
    """True when every line says that the diagnosis is not known, and nothing else does."""
    kept = [line for line in lines if re.search(r"\w", line)]
    return bool(kept) and all(map(says_unknown, kept[:20]))


def explains_unknown(text: str) -> bool:
    """True for prose, in which no name was found, that opens or closes with the statement that no diagnosis can be given."""
    kept = [line for line in text.splitlines() if re.search(r"\w", line)]
    if not kept or _DECLINES.search(text):
        return False
    told = [line for line in (kept[0], kept[-1]) if len(kept) == 1 or not re.match(r"\W*\d", line)]  # no line of a list
    return any(says_unknown(line) or _SAYS_SOMEWHERE.search(line[:400]) for line in told)
