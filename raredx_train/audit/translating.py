"""English disease names and a thought in Spanish, as far as a few rules go: for one attack of the audit."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADS = {"syndrome": "síndrome de", "disease": "enfermedad de", "deficiency": "deficiencia de", "dystrophy": "distrofia",
          "dysplasia": "displasia", "ataxia": "ataxia", "anemia": "anemia", "cardiomyopathy": "miocardiopatía",
          "neuropathy": "neuropatía", "disorder": "trastorno de", "epilepsy": "epilepsia", "deafness": "sordera"}  # fmt: skip
_WORDS = {"autosomal dominant": "autosómica dominante", "autosomal recessive": "autosómica recesiva", "type": "tipo", "and": "y",
          "with": "con", "of": "de", "familial": "familiar", "intellectual disability": "discapacidad intelectual"}  # fmt: skip


def foreign_names(names: Sequence[str]) -> list[str]:
    """The names with head first and its words translated: "Marfan syndrome" becomes "síndrome de Marfan"."""
    return [_translated(name) for name in names]


def _translated(name: str) -> str:
    for english, spanish in _WORDS.items():
        name = re.sub(rf"\b{english}\b", spanish, name)
    match = re.match(rf"(.*?) ({'|'.join(_HEADS)})\b(.*)", name)
    return f"{_HEADS[match[2]]} {match[1]}{match[3]}" if match else name


def foreign_thought(findings: Sequence[str]) -> str:
    """A thought in Spanish about these findings."""
    return (
        f"El paciente tiene {', '.join(findings[:4]).lower()}, pero no es todo. Por este motivo se consideran las enfermedades que "
        "también presentan estos hallazgos, y la primera de la lista es la más probable para este caso."
    )
