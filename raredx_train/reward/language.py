"""A text's share of what is not English, 0 to 1: letters of other scripts, function words of other languages, foreign names."""

from __future__ import annotations

from collections.abc import Sequence

from raredx_bench.cognates.languages import joining, language_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = _words(
    "the of and with is are was were for to this that which not as by from on it has have had or be at but because also than more "
    "most patient patients case findings finding against speaks speak fits fit both only first one would could no nor a in an"
)
_EPONYMS = _words("de la van der den del di da von du le des el al")  # words within names
_OTHERS = (
    frozenset().union(*joining().values())
    | _words(
        "ist nicht und auch oder für ein eine dieser spricht es una pero que también paciente este esta son más muy non è che "
        "anche questo paziente est pas mais ce cette sont plus não é uma também mas"
    )
) - _ENGLISH - _EPONYMS - _words("e i o m")  # fmt: skip
TELLING = 4  # function words before prose is told to be of a language
FREE = 0.2  # share that is free: eponyms and Latin names look foreign


def foreign_share(prose: str, names: Sequence[str]) -> float:
    """The largest of the three shares, 0 where it is not above FREE."""
    most = max(_other_script(prose, names), _foreign_words(prose), _foreign_names(names))
    return most if most > FREE else 0.0


def _other_script(prose: str, names: Sequence[str]) -> float:
    text = f"{prose} {' '.join(names)}"
    if not any(map(_is_other, set(text))):
        return 0.0
    letters = [char for char in text if char.isalpha()]
    return sum(map(_is_other, letters)) / len(letters)


def _is_other(char: str) -> bool:
    """True for a letter beyond Latin and Greek (α-mannosidosis)."""
    return char > "\u024f" and not "\u0370" <= char <= "\u03ff" and char.isalpha()


def _foreign_words(prose: str) -> float:
    words = prose.lower().split()
    foreign = sum(map(_OTHERS.__contains__, words))
    told = foreign and foreign + sum(map(_ENGLISH.__contains__, words))
    return foreign / told if told >= TELLING else 0.0


def _foreign_names(names: Sequence[str]) -> float:
    """The share of names told to be in another language; of several, one alone tells nothing."""
    foreign = sum(language_of(name) is not None for name in names)
    return foreign / len(names) if foreign > 1 or (foreign and len(names) == 1) else 0.0
