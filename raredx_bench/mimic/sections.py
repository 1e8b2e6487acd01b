"""A discharge summary without the sections that state its diagnosis.

Left out: discharge, admission and other diagnosis sections, and the chief complaint. A section runs from its heading to the next
heading that discharge summaries are known to have, however many of its own it has inside ("Primary:", "Secondary:"); when none
follows, to the end of the note. A chief complaint ends at any other heading too: a stray one must not take the history with it.
"""

from __future__ import annotations

import re

_DIAGNOSIS = r"""(?:
    (?:(?:final|primary|principal|main|secondary|other|additional|associated|admission|admitting|admit|discharge|hospital|working|ed|
       er|pre-?operative|post-?operative|preop|postop|clinical|pathologic(?:al)?|active|chronic|acute|new)[ /&,-]*(?:and\s+)?){0,3}
    (?:diagnos[ie]s|dx)(?:/es|\(es\)|es)?
    (?:\s+(?:list|(?:at|on|of|upon)\s+(?:admission|discharge|presentation)))?
  | diagnos[ie]s?\s*/\s*problem\s+list
  | discharge\s+problems?(?:\s+list)?
)"""
_COMPLAINT = r"""(?:(?:chief|presenting|main|primary)\s+(?:complaints?|concerns?)|cc|c\.c\.
  | reason\s+for\s+(?:admission|hospitali[sz]ation|presentation|this\s+admission|visit))"""
_KNOWN = """
    name | unit no | admission date | date of birth | sex | service | allergies | attending |
    major surgical or invasive procedure | major surgical or invasive procedures | history of present illness | hpi |
    history of the present illness | past medical history | pmh | pmhx | past surgical history | psh | social history |
    family history | review of systems | ros | physical exam | physical examination | physical exam on admission |
    admission physical exam | discharge physical exam | exam | pertinent results | labs | laboratory results | imaging | studies
    | microbiology | brief hospital course | hospital course | brief summary | medications on admission | home medications |
    preadmission medications | discharge medications | medications on discharge | discharge disposition | facility |
    discharge condition | condition on discharge | discharge instructions | followup instructions | follow-up instructions |
    follow up instructions | transitional issues | code status | procedures | addendum | impression | assessment and plan |
    ed course | in the ed | operative course
"""
_FLAGS = re.IGNORECASE | re.VERBOSE
_REMOVED = {"diagnosis": re.compile(rf"^[\s#*=_-]*{_DIAGNOSIS}\s*(?::|$)", _FLAGS),
            "complaint": re.compile(rf"^[\s#*=_-]*{_COMPLAINT}\s*(?:/\s*hpi\s*)?(?::|$)", _FLAGS)}  # fmt: skip
_HEADINGS = "|".join(re.escape(" ".join(name.split())) for name in _KNOWN.split("|"))
_HEADING = re.compile(rf"^[\s#*=_-]*(?:{_HEADINGS})\s*(?::|$)", re.IGNORECASE)
_ANY_HEADING = re.compile(r"^[\s#*=_-]*[A-Z][A-Za-z/&,() -]{2,60}:\s*$")


def without_diagnoses(note: str) -> tuple[str, tuple[str, ...]]:
    """The note without those sections, and the kinds that were left out ("diagnosis", "complaint"), in order.

    Line ends become "\\n", blank lines at the ends go, runs of blank lines become one.
    """
    kept: list[str] = []
    removed: list[str] = []
    inside = ""
    for line in note.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        begun = next((kind for kind, pattern in _REMOVED.items() if pattern.match(line)), "")
        if begun:
            inside = begun
            removed.append(begun)
        elif inside and _ends(line, inside):
            inside = ""
        if not inside:
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip(), tuple(removed)


def _ends(line: str, inside: str) -> bool:
    return bool(_HEADING.match(line)) or (inside == "complaint" and bool(_ANY_HEADING.match(line)))
