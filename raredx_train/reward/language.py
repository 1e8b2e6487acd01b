"""A text's share of words that are not English, and an answer's share of repeated runs: both from 0 to 1."""

from __future__ import annotations

import re
from collections.abc import Sequence

from raredx_bench.cognates.languages import joining, language_of

_WORD = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024F\u0370-\u03FF]")  # letters beyond Latin and Greek (α-mannosidosis)
_ENGLISH = frozenset(
    "the of and with is are was were for to this that which not as by from on it has have had or be at but because also than more "
    "most patient patients case findings finding against speaks speak fits fit both only first one would could no nor".split()
)
_NAMES = frozenset("de la van der den del di da von du le des el".split())  # parts of eponyms
_OTHERS = frozenset().union(*joining().values()) - _ENGLISH - _NAMES - frozenset("a in an al e i o m".split()) | frozenset(
    "ist nicht und auch oder für ein eine patient dieser spricht es una pero que también paciente este esta son más muy non è che "
    "anche questo paziente est pas mais ce cette sont plus não é uma também mas".split()
) - {"patient"}
TELLING = 4  # function words before prose is told to be of a language
FREE = 0.2  # share of foreign names or letters that is free: eponyms and Latin names look foreign


def foreign_share(prose: str, names: Sequence[str]) -> float:
    """The largest of three shares: letters of other scripts, function words of other languages in the prose, names in them."""
    shares = (_other_script(prose, names), _foreign_words(prose), _foreign_names(names))
    most = max(shares)
    return most if most > FREE else 0.0


def _other_script(prose: str, names: Sequence[str]) -> float:
    text = f"{prose} {' '.join(names)}"
    letters = sum(map(len, _WORD.findall(text)))
    return len(_OTHER_SCRIPT.findall(text)) / letters if letters else 0.0


def _foreign_words(prose: str) -> float:
    words = _WORD.findall(prose.lower())
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _OTHERS for word in words)
    return foreign / (foreign + english) if foreign + english >= TELLING else 0.0


def _foreign_names(names: Sequence[str]) -> float:
    """The share of names told to be in another language, where there are enough of them to tell."""
    foreign = sum(language_of(name) is not None for name in names)
    return foreign / len(names) if foreign > 1 or len(names) == 1 else 0.0
