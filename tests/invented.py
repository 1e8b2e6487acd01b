"""Two thousand invented disease names, ten kinds of two hundred, none of which a linker may link.

Every name is composed of hand-made parts with a fixed seed and reads no terminology, so the list is the same for good.
`python -m tests.invented` prints it as lines of kind, tab, name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from tests import invented_parts as parts

SEED = "invented diseases"
SIZE = 200
DIGEST = "8c7a88d5b3afed9b888cdfbf0457fbfb1e9f5ea6cafb07cf7ac911e09b753cb3"  # SHA-256 over the names, joined by newlines


def _pick(rng: Random, choices: Sequence[str]) -> str:
    """One of the choices. Only `random()` is asked, whose sequence Python keeps between its versions."""
    return choices[int(rng.random() * len(choices))]


def _composed(rng: Random, forms: Sequence[str], pools: parts.Pools) -> str:
    """One of the forms with each hole filled from the pool of its name; the same part never twice."""
    used: set[str] = set()

    def fill(hole: re.Match[str]) -> str:
        part = _pick(rng, [choice for choice in pools[hole[1]] if choice not in used])
        used.add(part)
        return part

    return re.sub(r"{(\w+)}", fill, _pick(rng, forms))


def _roman(number: int) -> str:
    """The Roman numeral of a number below 40."""
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _numbered(rng: Random) -> str:
    """A real series with a number that it does not reach."""
    forms, _, bounds = _pick(rng, parts.NUMBERED).rpartition(" : ")
    low, high = map(int, bounds.split())
    number = low + int(rng.random() * (high - low + 1))
    form = _pick(rng, forms.split(" / "))
    return form.replace("#", str(number)).replace("%", _roman(number) if "%" in form else "")


def _lettered(rng: Random) -> str:
    """A real name with a letter or type mark that it does not have."""
    name, _, marks = _pick(rng, parts.LETTERED).partition(" : ")
    return _composed(rng, parts.LETTERED_FORMS, {"n": [name], "m": marks.split()})


def _misplaced(rng: Random) -> str:
    """A disease of one organ system, laid to a gene that does not act there."""
    genes, _, touched = _pick(rng, parts.TOUCHED).partition(" : ")
    heads = [head for system, heads in parts.HEADS.items() if system not in touched.split() for head in heads]
    return _composed(rng, parts.MISPLACED_FORMS, {"g": genes.split(), "h": heads})


def _modified(rng: Random) -> str:
    """A real disease with a mode of inheritance, an age or an organ that is not its own."""
    head, _, modifiers = _pick(rng, parts.MODIFIED).partition(" : ")
    return _composed(rng, parts.MODIFIED_FORMS, {"h": [head], "m": parts.phrases(modifiers)})


def _chromosomal(rng: Random) -> str:
    """A syndrome of a band that no chromosome has: a region past the arm's last one, and a sub-band past the usual ones."""
    arm = _pick(rng, list(parts.REGIONS))
    region = parts.REGIONS[arm] + 1 + int(rng.random() * 3)
    band = f"{arm}{region}{_pick(rng, '123456')}.{_pick(rng, parts.words('6 7 8 9 45 62 71'))}"
    return _composed(rng, parts.BAND_FORMS, {"band": [band], "chromosome": [arm[:-1]]})


def _expansion(acronym: str) -> str:
    """One feature per letter of an acronym, in its order; a letter's second feature where it comes again."""
    features = []
    for place, letter in enumerate(acronym):
        own = [feature for feature in parts.FEATURES if feature.startswith(letter.lower())]
        features.append(own[acronym[:place].count(letter)])
    return ", ".join(features)


def _acronymic(rng: Random) -> str:
    """A syndrome called by an acronym that none has."""
    acronym = _pick(rng, parts.ACRONYMS)
    return _composed(rng, parts.ACRONYM_FORMS, {"a": [acronym], "expansion": [_expansion(acronym)]})


KINDS: dict[str, Callable[[Random], str]] = {
    "recombined eponyms": lambda rng: _composed(rng, parts.RECOMBINED_FORMS, parts.RECOMBINED),
    "wrong numbers": _numbered,
    "wrong letters": _lettered,
    "unreal genes": lambda rng: _composed(rng, parts.UNREAL_FORMS, parts.UNREAL),
    "misplaced genes": _misplaced,
    "wrong modifiers": _modified,
    "invented compounds": lambda rng: _composed(rng, parts.COMPOUND_FORMS, parts.COMPOUND),
    "invented deficiencies": lambda rng: _composed(rng, parts.CATALYSED_FORMS, parts.CATALYSED),
    "unreal bands and acronyms": lambda rng: (_chromosomal if rng.random() < 0.5 else _acronymic)(rng),
    "coined names": lambda rng: _composed(rng, parts.COINED_FORMS, parts.COINED),
}


def _decorated(rng: Random, name: str, kind: str) -> str:
    """A name as models hedge it or, where no real disease could be meant by that, with a gene in brackets."""
    if kind in parts.BRACKETED and rng.random() < 0.5:
        return f"{name} ({_pick(rng, parts.UNREAL_GENES)})"
    return _pick(rng, parts.DECORATIONS).format(name)


def _of_kind(kind: str, taken: set[str]) -> list[str]:
    """`SIZE` names of a kind that are not in `taken`, to which they are added; one in twelve decorated."""
    rng = Random(f"{SEED}: {kind}")
    names: list[str] = []
    while len(names) < SIZE:
        name = KINDS[kind](rng)
        if name.casefold() not in taken:
            taken.add(name.casefold())
            names.append(_decorated(rng, name, kind) if len(names) % 12 == 0 else name)
    return names


def invented() -> list[tuple[str, str]]:
    """All (kind, name) pairs, kind after kind, the same in every run; no name twice, whatever its case."""
    taken: set[str] = set()
    return [(kind, name) for kind in KINDS for name in _of_kind(kind, taken)]


if __name__ == "__main__":
    for kind, name in invented():
        print(kind, name, sep="\t")
