"""What a disease name is made of: its words in one spelling, the marks that must agree, and the modifiers that may be left out.

wording() takes a name apart. Two names with the same key name the same thing; words that sometimes
distinguish and sometimes don't (inheritance, age of onset, "familial", "disease") are kept apart as a bit mask, so that
the linker can ask whether leaving one out is safe for the disease at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from raredx_bench.naming import plain

_DIGIT = re.compile(r"\d")
GREEK = str.maketrans({
    "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ", "ε": " epsilon ", "ζ": " zeta ", "κ": " kappa ",
    "λ": " lambda ", "μ": " mu ", "σ": " sigma ", "ω": " omega ",
})  # fmt: skip
ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12",
          "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18", "xix": "19", "xx": "20"}  # fmt: skip
ROMAN_AFTER_TYPE = {"i": "1", "v": "5", "x": "10", **ROMAN}
ROMAN_LETTER = re.compile(r"(i{1,3}|iv|vi{0,3}|ix|x)([a-z])")  # type IIA
TYPE = frozenset({"type", "types", "group", "form", "stage", "class", "subtype", "subgroup", "variant"})
_BRITISH = {
    "haem": "hem", "aemi": "emi", "oedem": "edem", "oesoph": "esoph", "tumour": "tumor", "paed": "ped", "foet": "fet",
    "caec": "cec", "leuco": "leuko", "gynaec": "gynec", "anaes": "anes", "isation": "ization", "fibre": "fiber", "sulph": "sulf",
    "colour": "color",
    "kinaes": "kines", "aetiol": "etiol", "coeliac": "celiac", "rrhoe": "rrhe", "faec": "fec", "dystrophia": "dystrophy",
    "coel": "cel", "ischaem": "ischem", "homoeo": "homeo", "caerul": "cerul", "praecox": "precox", "oestr": "estr",
}  # fmt: skip
_BRITISH_PART = re.compile("|".join(sorted(_BRITISH, key=len, reverse=True)))

# Words and phrases that mean the same in a disease name, each with the word that stands for it. Renamed series keep their
# numbers (epileptic encephalopathy 4 is developmental and epileptic encephalopathy 4), so they are phrases too.
_PHRASES = {
    "autosomal dominant": "~ad", "autosomal recessive": "~ar", "x linked recessive": "~xl", "x linked dominant": "~xl",
    "x linked": "~xl", "y linked": "~yl", "sex linked": "~xl", "mitochondrial inheritance": "~mt", "maternally inherited": "~mt",
    "hearing loss": "deafness", "hearing impairment": "deafness",
    "mental retardation": "intellectualdisability", "intellectual disability": "intellectualdisability",
    "intellectual developmental disorder": "intellectualdisability", "mentally retarded": "intellectualdisability",
    "developmental and epileptic encephalopathy": "epilepticencephalopathy",
    "epileptic encephalopathy early infantile": "epilepticencephalopathy",
    "early infantile epileptic encephalopathy": "epilepticencephalopathy",
    "cerebellar ataxia autosomal dominant": "~ad cerebellar ataxia",
    "adult onset": "adult", "late onset": "late", "early onset": "early", "juvenile onset": "juvenile",
    "infantile onset": "infantile", "childhood onset": "childhood", "neonatal onset": "neonatal", "congenital onset": "congenital",
    "non syndromic": "isolated", "nonsyndromic": "isolated", "non specific": "nonspecific", "non ketotic": "nonketotic",
    "non hodgkin": "nonhodgkin", "non bullous": "nonbullous", "non classic": "nonclassic", "non classical": "nonclassic",
    "complementation group": "group", "with or without": "withorwithout", "and or": "or",
    "low density lipoprotein": "ldl", "growth hormone": "gh",
}  # fmt: skip
PHRASE_HEADS: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
for _old, _new in sorted(_PHRASES.items(), key=lambda pair: -len(pair[0].split())):
    PHRASE_HEADS.setdefault(_old.split()[0], []).append((tuple(_old.split()), tuple(_new.split())))

_SAME = {
    "cardiac": "heart", "renal": "kidney", "nephro": "kidney", "hepatic": "liver", "muscle": "muscular", "kidneys": "kidney",
    "classical": "classic", "syndrom": "syndrome", "hypoplastic": "hypoplasia", "deficient": "deficiency",
    "inherited": "hereditary", "nonclassical": "nonclassic", "anhydrotic": "anhidrotic", "aciduria": "acidemia",
    "hydrocephaly": "hydrocephalus", "microdeletion": "deletion", "microduplication": "duplication",
    "neurosensory": "sensorineural", "child": "childhood", "infancy": "infantile",
    "newborn": "neonatal", "autosomic": "autosomal",
}  # fmt: skip
JOINING = frozenset({
    "the", "of", "in", "with", "and", "due", "to", "by", "from", "for", "or", "a", "an", "on", "as", "inheritance",
    "related", "associated", "caused", "mutation", "mutations", "gene", "pathogenic", "variants", "linked",
}) | (TYPE - {"variant"})  # fmt: skip

# Modifiers, each a bit. KIND never distinguishes; the others are checked against the disease.
KIND, FAMILIAL, PRIMARY, ISOLATED, CLASSIC = 1, 2, 4, 8, 16
AD, AR, XL, MT = 32, 64, 128, 256
CONGENITAL, NEONATAL, INFANTILE, CHILDHOOD, JUVENILE, ADULT, LATE, EARLY = (1 << bit for bit in range(9, 17))
SEVERITY = 1 << 17
INHERITANCE = AD | AR | XL | MT
ONSET = CONGENITAL | NEONATAL | INFANTILE | CHILDHOOD | JUVENILE | ADULT | LATE | EARLY
MODIFIERS = {
    "syndrome": KIND, "disease": KIND, "disorder": KIND, "condition": KIND,
    "familial": FAMILIAL, "hereditary": FAMILIAL, "genetic": FAMILIAL,
    "primary": PRIMARY, "idiopathic": PRIMARY, "essential": PRIMARY,
    "isolated": ISOLATED, "classic": CLASSIC, "typical": CLASSIC,
    "~ad": AD, "~ar": AR, "~xl": XL, "~mt": MT,
    "congenital": CONGENITAL, "neonatal": NEONATAL, "infantile": INFANTILE, "childhood": CHILDHOOD, "juvenile": JUVENILE,
    "adult": ADULT, "late": LATE, "early": EARLY,
    "severe": SEVERITY, "mild": SEVERITY, "moderate": SEVERITY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """A name taken apart. words: in order, in one spelling; core: without modifiers; mask: the modifiers' bits."""

    words: tuple[str, ...]
    core: tuple[str, ...]
    mask: int

    @property
    def key(self) -> str:
        """The words, sorted, as one text."""
        return " ".join(sorted(set(self.words)))

    @property
    def core_key(self) -> str:
        """The words without modifiers, sorted, as one text."""
        return " ".join(sorted(set(self.core)))

    @property
    def squeezed(self) -> str:
        """The words in order without the gaps between them: branchio oto renal and branchiootorenal are one."""
        return "".join(self.words)

    @property
    def marks(self) -> tuple[str, ...]:
        """The words that must agree to the letter: any with a digit, and single letters."""
        return marks(self.words)


def marks(words: Iterable[str]) -> tuple[str, ...]:
    """Those of the words that tell one form from another: any with a digit, and single letters, sorted."""
    return tuple(sorted({word for word in words if len(word) == 1 or _DIGIT.search(word)}))


@lru_cache(maxsize=50_000)
def wording(text: str) -> Wording:
    """A name taken apart: American spelling, singular, Arabic numerals, one word for phrases of one meaning, no joining words."""
    if not text.isascii():
        text = text.translate(GREEK)
    words = _numbered(_phrased(plain(text).split()))
    core = tuple(word for word in words if word not in MODIFIERS)
    mask = 0
    for word in words:
        mask |= MODIFIERS.get(word, 0)
    return Wording(words, core, mask)


def _phrased(words: list[str]) -> list[str]:
    found: list[str] = []
    position = 0
    while position < len(words):
        for old, new in PHRASE_HEADS.get(words[position], ()):
            if tuple(words[position : position + len(old)]) == old:
                found += new
                position += len(old)
                break
        else:
            found.append(words[position])
            position += 1
    return found


def _numbered(words: list[str]) -> tuple[str, ...]:
    """Numerals made Arabic, a letter after a number joined to it, joining words left out, each word at its root."""
    found: list[str] = []
    last = len(words) - 1
    for position, word in enumerate(words):
        after_type = position > 0 and words[position - 1] in TYPE
        marked = after_type or (position == last and position > 0)
        numeral = (ROMAN_AFTER_TYPE if marked else ROMAN).get(word)
        letter = ROMAN_LETTER.fullmatch(word) if after_type or (position == last and word[-1] < "i") else None
        if numeral:
            found.append(numeral)
        elif letter and position:
            found.append(ROMAN_AFTER_TYPE[letter.group(1)] + letter.group(2))
        elif len(word) == 1 and word.isalpha() and found and found[-1].isdigit() and position:
            found[-1] += word
        elif word == "a" and (after_type or position == last):
            found.append(word)
        elif word not in JOINING:
            found.append(root(word))
    return tuple(found)


@lru_cache(maxsize=200_000)
def root(word: str) -> str:
    """A word in American spelling and singular, or the word that stands for it."""
    if word in _SAME:
        return _SAME[word]
    word = _BRITISH_PART.sub(lambda found: _BRITISH[found.group(0)], word)
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is", "sis", "ans")):
        word = word[:-3] + "y" if word.endswith("ies") and len(word) > 6 else word[:-1]
    return _SAME.get(word, word)


_INHERITED = re.compile(
    r",?\s+(?:autosomal (?:dominant|recessive)|x-linked(?: (?:dominant|recessive))?|digenic)\b.*$", re.IGNORECASE
)
_CAUSE = re.compile(r",?\s+(?:due to|caused by|secondary to)\s.*$", re.IGNORECASE)
_MARK = re.compile(r"\d{1,3}[a-z]{0,2}|\d{1,2}[A-Z]\d?[a-z]?|[IVX]{1,5}[A-Za-z]?|[A-Z]\d?")


def base_of(name: str) -> str | None:
    """A numbered or lettered name without its mark ("Megalocornea 1, X-linked" -> "Megalocornea, X-linked"); None for any other.

    The mark stands at the end of the name or of a part between commas; what names the cause or inheritance stays.
    """
    inherited = _INHERITED.search(name)
    tail = inherited.group(0) if inherited else ""
    parts = name[: len(name) - len(tail)].split(",")
    for place in range(len(parts) - 1, -1, -1):
        words = parts[place].replace("-", " - ").split() if parts[place][-3:-1].count("-") else parts[place].split()
        if not words or not _MARK.fullmatch(words[-1]):
            continue
        words.pop()
        while words and words[-1].lower() in _BEFORE_MARK:
            words.pop()
        kept = [*parts[:place], *([" ".join(words)] if words else []), *parts[place + 1 :]]
        base = ",".join(kept).strip(" ,") + tail
        return base if any(char.isalpha() for char in base) and (words or place) else None
    return None


_BEFORE_MARK = TYPE | {"complementation", "-"}


def uncaused(name: str) -> str:
    """A name without the cause and inheritance that are named behind it."""
    return _INHERITED.sub("", _CAUSE.sub("", name))
