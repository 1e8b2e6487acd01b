"""The language of a disease name: by words of the table, particles and endings."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

from raredx_bench.cognates.lexicon import LANGUAGES, TOKEN, table

_PARTICLES = {
    "es": "de del la el los las con y por en al a sin e o u un una debido debida causada causado",
    "pt": "de do da dos das com e por em ao aos à a o as os no na sem devido devida",
    "it": "di da del dello della dei degli delle dell con e ed in al all alla allo ai dal dalla dall nel nella nell nei sul sulla "
          "il la lo le i gli per d senza dovuta dovuto a ad",
    "fr": "de du des d l la le les avec et par à au aux en sans un une due dû",
    "de": "der die das des dem den mit und durch von bei im in am ohne vom zur zum",
    "nl": "van de het der den met en door bij in zonder een als gevolg",
    "pl": "z ze w i o oraz na do ego a em bez spowodowany spowodowana",
}  # fmt: skip
_AND = {"es": ("y", "e"), "pt": ("e",), "it": ("e", "ed"), "fr": ("et",), "de": ("und",), "nl": ("en",), "pl": ("i", "oraz")}
_AFTER_ENGLISH = {  # as in Ataxia de Friedreich
    "de", "del", "della", "dello", "dei", "degli", "delle", "di", "da", "do", "dos", "das", "du", "des", "van", "con", "com",
    "avec", "met", "mit", "à",
}  # fmt: skip
_REMARK = {"con", "com", "avec", "met", "mit", "z", "ze", "sin", "sem", "senza", "sans", "ohne", "zonder", "bez"}
_ENGLISH = {
    "of", "with", "and", "the", "due", "disease", "disorder", "deficiency", "to", "failure", "disorders", "diseases", "hearing",
    "without", "onset", "related", "associated", "linked", "dystrophy", "atrophy",
}  # fmt: skip
_LATIN = re.compile(r"th|ph|rh|[bcdfghlmnprst]y")  # spellings that no word of Spanish, Italian or Portuguese has
_ROMANCE = ("es", "it", "pt")
_ENDINGS = re.compile(
    r"(?P<de>\w*ämi\w*|\w*aemie|\w*(?:zephal|daktyl|zyt[oäie]|zino[sm]|azid[ou]|zell)\w*|(?:muskel|gliedm|binde)\w+"
    r"|\w{4,}(?:krankheit|erkrankung|syndrom|mangel|störung|defekt|dystrophie|atrophie|myopathie|ödem|chromosomale?r?|gebundene?r?"
    r"|assoziierte?r?|keit|heit|schwäche)|\w{5,}ungen?|\w+(?:bin|tin|ad|oid|ut|al|it|or)ismus)"
    r"|(?P<pl>\w+(?:ości?|[aeck]cja|[aeiu]zja|[aefklmnrt]oza|iczn[aye]|ow[aye]|ówka))"
    r"|(?P<fr>\w*é\w*(?:[ei]e|ose|ome|ite)|\w+(?:ique|aire|euse|eux|gène|ïdie|isme))"
    r"|(?P<it>\w+(?:\wosi|[lr]isi|zion[ei]|tassia|attilia|ità|iasi|[lr]etica|frite|condria|ocefalia|omatic[oa])|ip(?:o|er)\w+(?:ia|ismo))"
    r"|(?P<pt>\w+(?:ção|ções|êmi\w+|êni\w+|[úêâô]\w{1,3}[ao]s?))"
    r"|(?P<es>\w+(?:ción|ciones|sión|ía|énesis|[óáéíú]\w{1,5}(?:[aeo]s?|is|al))"
    r"|\w*(?:acantocit|citosis|(?<!h)romatops|condro[dpms]|fosfat|oftalm|xanto[mg]|distrof|displas|disosto|disgen|cefal|patia|quist"
    r"|leucodis)\w*|(?:hipo|hiper|mielo|esple|espo)\w+)"
    r"|(?P<nl>\w+(?:trofie|efalie|emie|cytose|fosfaat\w*|ceuze?|oom|aal|ieel|iële|ziekte|stoornis|syndroom|tekort)"
    r"|\w*deficiëntie)"
    r"|(?P<de2>\w+ische[rs]?|\w{3,}(?:pathie|trophie|plasie|urie|algie|plegie|ektasie|idie|opsie|ylie|[rcknm]ose|eose|phose|tose|doxe|[ti]axie"
    r"|lexie|omie))"
)
_SUGARS = {
    "galactose", "mannose", "trehalose", "fructose", "sucrose", "lactose", "glucose", "xylulose", "tuberose", "racemose", "adipose",
    "varicose",
}  # fmt: skip
_NAMES = {  # of people, and like words
    "kaposi", "leber", "lange", "gaucher", "weiss", "klein", "kurz", "lang", "grande", "fischer", "auge", "barth", "main",
}  # fmt: skip


@cache
def joining() -> dict[str, frozenset[str]]:
    """Language -> its particles: words that a reading leaves out."""
    return {language: frozenset(words.split()) for language, words in _PARTICLES.items()}


def joins(token: str, language: str) -> bool:
    """True for the words for "and": what they join keeps its order."""
    return token in _AND[language]


def is_remark(name: str) -> bool:
    """True for what stands in brackets and is no name: con epilepsia, ohne Fieber."""
    return name.split(maxsplit=1)[0] in _REMARK


@lru_cache(maxsize=10_000)
def language_of(name: str) -> str | None:
    """The language a disease name is written in, a key of LANGUAGES; None for English and for what can't be told."""
    tokens = TOKEN.findall(name)
    lower = [token.lower() for token in tokens]
    if not lower or not _ENGLISH.isdisjoint(lower) or (lower[-1] == "syndrome" and len(lower) > 1):
        return None
    scores = _by_words(name, tokens, lower)
    if scores and any(_LATIN.search(token) for token in (lower[0], *tokens[1:]) if token.islower()):
        scores = {language: score for language, score in scores.items() if language not in _ROMANCE}
    elif not scores:
        endings = [_ending(token if position else token.lower()) for position, token in enumerate(tokens)]
        told = sorted((found for found in endings if found), key=lambda found: found == "de")  # -trophie is French too
        scores = dict.fromkeys(told[:1], 1.5)
    if not scores:
        return None
    for token in tokens:
        for language, weight in _weights().get(token, ()):
            scores[language] = scores.get(language, 0.0) + weight
    return max((each for each in LANGUAGES if each in scores), key=lambda language: scores[language])


def _by_words(name: str, tokens: list[str], lower: list[str]) -> dict[str, float]:
    """Language -> score by the table's words; an English word before a foreign particle counts too."""
    scores: dict[str, float] = {}
    for token, small in zip((*tokens, name), (*lower, name.lower()), strict=True):
        having = table().languages.get(small)
        if having and small not in _NAMES and (token == small or len(token) > 5 or token in (tokens[0], "Typ")):
            for language in having:
                scores[language] = scores.get(language, 0.0) + 2 / len(having)
    leading = lower[0] == "syndrome" and len(tokens) > 1
    followed = len(tokens) > 2 and tokens[1] in _AFTER_ENGLISH and tokens[2].isalpha() and lower[0] in table().english
    if leading or followed:
        likely = "fr" if leading else "es"
        scores[likely] = scores.get(likely, 0.0) + (0.5 if leading else 0.1)
    return scores


@lru_cache(maxsize=200_000)
def _ending(token: str) -> str | None:
    """The language that a word's form tells; a capital, as of a name, tells German or nothing."""
    word = token.lower()
    found = _ENDINGS.fullmatch(word) if len(word) > 4 and word not in _SUGARS and word not in _NAMES else None
    language = str(found.lastgroup)[:2] if found else None
    if (word != token and language != "de") or (language in ("es", "pt") and _LATIN.search(word)):
        return None
    return language


@cache
def _weights() -> dict[str, list[tuple[str, float]]]:
    """Particle -> the languages that have it and how much it says for each: the fewer have it, the more."""
    every = [(word, language) for language, words in joining().items() for word in words]
    shared = Counter(word for word, _ in every)
    found: dict[str, list[tuple[str, float]]] = {}
    for word, language in every:
        found.setdefault(word, []).append((language, 1 / (1 + shared[word])))
    return found
