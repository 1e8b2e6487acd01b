"""Disease names in Spanish, German, Italian, French, Dutch, Polish and Portuguese -> English readings.

Three sources of English words, for each word of a name: a table written for this project (embedded/cognates.tsv: one row
an English word or phrase, one column a language), the vocabulary itself where a word is the same in English, and cognates
of the vocabulary: medical words that differ only in spelling and ending (displasia, Dysplasie, dysplazja: dysplasia).
German and Dutch compounds are split into such words, Polish genitives of proper names undone. A reading is a proposal:
it means something only where it is, word for word, the name of a disease.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import islice, product

from rapidfuzz.distance import Levenshtein

from raredx_bench.naming import plain

LANGUAGES = {"es": "Spanish", "de": "German", "it": "Italian", "fr": "French", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese"}
MOST = 24  # readings of one name
CHOICES = 3  # English words for one word
COMPOUND = 8  # letters: shorter words are not split
PIECE = 3  # letters: the shortest piece of a compound
LONGEST_PHRASE = 8  # words of a table entry

_PARTICLES = {
    "es": "de del la el los las con y por en al a sin e o u un una debido debida causada causado",
    "pt": "de do da dos das com e por em ao aos à a o as os no na sem devido devida",
    "it": "di da del dello della dei degli delle dell con e in al all alla allo ai dal dalla dall il la lo le i gli per d senza dovuta dovuto a ad",
    "fr": "de du des d l la le les avec et par à au aux en sans un une due dû",
    "de": "der die das des dem den mit und durch von bei im in am ohne mit vom zur zum",
    "nl": "van de het der den met en door bij in zonder een als gevolg",
    "pl": "z ze w i o oraz na do ego a em bez spowodowany spowodowana",
}  # fmt: skip
_STRONG = {"de", "del", "della", "dello", "dei", "degli", "delle", "di", "da", "do", "dos", "das", "du", "des", "van", "con", "com", "avec", "met",
           "mit", "à"}  # fmt: skip
_INSIDE = ("de", "la", "von", "van", "der")  # particles that proper names hold
_LATIN = re.compile(r"th|ph|rh|[bcdfghlmnprst]y")  # spellings that no word of Spanish, Italian or Portuguese has
_ENGLISH = {"of", "with", "and", "the", "due", "disease", "disorder", "deficiency", "to", "failure", "disorders", "diseases", "hearing",
            "without", "onset", "related", "associated", "linked", "dystrophy", "atrophy"}  # fmt: skip
_ENDINGS = re.compile(
    r"(?P<de>(?:ämie|aemie|ämische?r?|zephalie|daktylie|zytose|zytopenie|zinose|azidose|ismus|ödem|nephrose|stase)\b|\w{4}krankheit)"
    r"|(?P<pl>(?:ość|acja|kcja|azja|ezja|oza|owość|iczna|iczny|owa|owy|ówka)\b)"
    r"|(?P<fr>(?:émie|énie|éphalie|ique|aire|euse|eux|gène|ïdie|ome|isme)\b)"
    r"|(?P<it>(?:osi|isi|zione|zioni|ossia|assia|attilia|ità|opatia|iasi|etica|onica|tite|frite)\b)"
    r"|(?P<pt>(?:ção|ções|émia|êmico|êmica|ênico|ênica|úria|ências?|ência)\b)"
    r"|(?P<es>(?:ción|sión|ía|énesis|ólisis|ósea|ina de|osis de|itis de|ósico|ílica|íaca?|[óáéíú]\w{1,4}(?:ico|ica|icos|icas|eo|ea))\b)"
    r"|(?P<nl>(?:trofie|efalie|emie|cytose|ceuze?|oom|aal|ische|ieel|iële)\b)"
    r"|(?P<fr2>\w(?:pathie|trophie|plasie|urie|talgie|plégie|ctasie|matose|stose|nose|rose|cose|kose|phose|tose|ciliase)\b)"
)
_SUGARS = {"galactose", "mannose", "trehalose", "fructose", "sucrose", "lactose", "glucose", "xylulose", "cellulose", "necrose"}
_TOKEN = re.compile(r"[^\W_]+(?:\.\d+)*")
_MARK = re.compile(r"[a-z]?\d\S*|[ivx]+[a-h]?|[a-z]", re.IGNORECASE)  # what follows "type"

_LETTERS = str.maketrans({"ä": "e", "ö": "e", "ü": "u", "œ": "e", "æ": "e", "ß": "s", "ł": "l", "ø": "o", "ç": "s", "á": "a", "à": "a", "â": "a",
                          "ã": "a", "é": "e", "è": "e", "ê": "e", "ë": "e", "í": "i", "ì": "i", "î": "i", "ï": "i", "ó": "o", "ò": "o",
                          "ô": "o", "õ": "o", "ú": "u", "ù": "u", "û": "u", "ñ": "n", "ą": "a", "ę": "e", "ć": "c", "ń": "n", "ś": "s",
                          "ź": "z", "ż": "z"})  # fmt: skip
_SPELLING = tuple((re.compile(old), new) for old, new in (
    (r"oz[ay]$", "osis"), (r"^es(?=[cpqtfk])", "s"), (r"^pn", "n"), (r"^ps(?=[ei])", "s"), (r"ae|oe", "e"), (r"ph", "f"), (r"cz(?=n)", "c"),
    (r"qu(?=[ei])|ch", "k"), (r"h", ""), (r"c(?=[eiyj])", "s"), (r"[ck]s|x|z", "s"), (r"c", "k"), (r"[yj]", "i"), (r"w", "v"),
    (r"kt", "t"), (r"n(?=[bpfm])", "m"), (r"(.)\1", r"\1"),
))  # fmt: skip
_NOUN = re.compile(r"(?:(os)(?:is|i|e)|(it)(?:is|e|i)|([st]ion)(?:e|i|es|en)?|(sao)|(sis)|([ea]ns)(?:ia|ie|i|e|a))$")
_OUS = re.compile(r"(?:ous|os[oai]s?|eus|euse?s?)$")
_INFLECTION = re.compile(r"(?:ias|ies|ien|iei|ia|ie|os|as|es|is|us|um|er|en|em|ei|ego|im|a|e|i|o|s)$")
_ADJECTIVE = re.compile(r"(?:ikal|ikn|isk|ik|eal|ial|aln|al|iar|ear|air|ar|iv|ief|if|ov|e)$")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """What cognates of one word share in all these languages: its spelling folded, its ending taken off, adjectives marked ~."""
    text = word.lower().translate(_LETTERS)
    for pattern, new in _SPELLING:
        text = pattern.sub(new, text)
    if len(text) < 5:
        return text
    noun = _NOUN.search(text)
    if noun:
        mark = next(group for group in noun.groups() if group)
        return text[: noun.start()] + {"tion": "sion", "sao": "sion", "sis": "s"}.get(mark, mark)
    short = _OUS.sub("~", text)
    if short == text:
        bare = _INFLECTION.sub("", text)
        bare = bare if len(bare) > 3 else text
        short = _ADJECTIVE.sub("~", bare)
    return short if len(short) > 3 else text


@dataclass(frozen=True)
class Vocabulary:
    """English words that a reading may be made of, and the same by their stems."""

    words: frozenset[str]
    stems: dict[str, tuple[str, ...]]

    def cognates(self, word: str) -> list[str]:
        """English words with the stem of a foreign one, the most alike first."""
        found = self.stems.get(stem(word), ())
        return sorted(found, key=lambda each: -Levenshtein.normalized_similarity(each, plain(word)))[:CHOICES]


def vocabulary(words: Iterable[str]) -> Vocabulary:
    """A vocabulary of the table's English words and these, in lower case; words of fewer than four letters have no cognates."""
    known = frozenset(_table().english) | {word for word in words if word.isalpha()}
    stems: dict[str, list[str]] = {}
    for word in sorted(known):
        if len(word) > 3 and word.isascii():
            stems.setdefault(stem(word), []).append(word)
    return Vocabulary(known, {key: tuple(each) for key, each in stems.items()})


@dataclass(frozen=True)
class _Table:
    english: frozenset[str]
    phrases: dict[str, dict[str, tuple[str, ...]]]  # language -> stems of a form -> English
    languages: dict[str, frozenset[str]]  # a form of one word, as written and without accents -> languages that have it


@cache
def _table() -> _Table:
    text = (resources.files("raredx_bench") / "embedded" / "cognates.tsv").read_text(encoding="utf-8")
    head, *rows = (line.split("\t") for line in text.splitlines())
    english = {word for row in rows for word in re.findall(r"[a-z]+", row[0])}
    phrases: dict[str, dict[str, tuple[str, ...]]] = {language: {} for language in head[1:]}
    languages: dict[str, set[str]] = {}
    for row in rows:
        readings = tuple(row[0].split("|"))
        for language, cell in zip(head[1:], row[1:], strict=True):
            for form in filter(None, cell.split("|")):
                key = " ".join(map(stem, _TOKEN.findall(form)))
                known = phrases[language].get(key, ())
                phrases[language][key] = (*known, *(each for each in readings if each not in known))
                for spelling in {form, plain(form)} - english:
                    languages.setdefault(spelling, set()).add(language)
    return _Table(frozenset(english), phrases, {form: frozenset(each) for form, each in languages.items()})


@cache
def _own() -> Vocabulary:
    return vocabulary(())


@cache
def _joining() -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _PARTICLES.items()}


def language_of(name: str) -> str | None:
    """The language a disease name is written in, by the table's words, particles and endings; None for English and unknown."""
    tokens = _TOKEN.findall(name)
    lower = [token.lower() for token in tokens]
    if not lower or not _ENGLISH.isdisjoint(lower) or (lower[-1] == "syndrome" and len(lower) > 1):
        return None
    table, scores = _table(), dict.fromkeys(LANGUAGES, 0.0)
    hits = 0
    for token in lower:
        for language in (having := table.languages.get(token, ())):
            scores[language] += 2 / len(having)
        hits += bool(having)
    first = lower[0] in table.english and len(lower) > 1 and (tokens[1] in _STRONG or lower[0] == "syndrome")
    if not hits and not first:
        found = _ENDINGS.search(name.lower()) if name.lower().rpartition(" ")[2] not in _SUGARS else None
        if found is None:
            return None
        scores[str(found.lastgroup)[:2]] += 1.5
    for language, particles in _joining().items():
        scores[language] += sum(0.5 for token in tokens if token in particles) + 0.5 * (first and lower[0] == "syndrome" and language == "fr")
    if any(_LATIN.search(token) for token in (lower[0], *tokens[1:]) if token.islower()):
        scores |= {"es": 0.0, "it": 0.0, "pt": 0.0}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 1 or (hits and scores[best] > 0) else None


def anglicised(name: str, known: Vocabulary | None = None) -> Iterator[str]:
    """English readings of a name in another language, the likeliest first, at most MOST; none for an English name. Never raises."""
    language = language_of(name)
    if language is None:
        return
    known = known or _own()
    parts = _parts(_TOKEN.findall(name), language, known)
    seen = {plain(name)}
    for words in islice(product(*(choices for _, choices in parts)), MOST):
        reading = _in_order([kind for kind, _ in parts], words, language)
        if reading and plain(reading) not in seen:
            seen.add(plain(reading))
            yield reading


def _parts(tokens: list[str], language: str, known: Vocabulary) -> list[tuple[str, list[str]]]:
    """(kind, English choices) of each part of a name; kinds: word, proper, of (a particle, one empty choice)."""
    parts: list[tuple[str, list[str]]] = []
    stems = [stem(token) for token in tokens]
    position = 0
    while position < len(tokens):
        token = tokens[position]
        named = position > 0 and token[0].isupper()  # a proper name, or a German noun
        length, choices = _phrase(stems, position, language, named)
        if length == 1 and named and plain(token) in known.words:
            choices = [*choices, token] if language == "de" else [token, *choices]
        if length:
            parts.append(("word", choices))
        elif token in _joining()[language] and not (parts and parts[-1][1][0] == "type"):
            inside = parts and parts[-1][0] == "proper" and token in _INSIDE and _goes_on(tokens[position:])
            parts.append(("proper", [token]) if inside else ("of", [""]))
        elif named and language != "de" and plain(token) in known.words:
            parts.append(("proper", [token]))
        else:
            parts.append(("proper" if named else "word", _words(token, language, known)))
        position += max(length, 1)
    return parts


def _goes_on(tokens: list[str]) -> bool:
    """True when a proper name follows these particles: de Lange, de la Tourette."""
    return next((token[0].isupper() for token in tokens if token not in _INSIDE), False)


def _phrase(stems: list[str], position: int, language: str, named: bool) -> tuple[int, list[str]]:
    """Length and English of the longest table entry that starts here, of this language before any other; 0 when there is none."""
    table = _table().phrases
    for length in range(min(LONGEST_PHRASE, len(stems) - position), 0, -1):
        key = " ".join(stems[position : position + length])
        for each in (language,) if named else (language, *LANGUAGES):
            if key in table[each]:
                return length, list(table[each][key])
    return 0, []


def _words(token: str, language: str, known: Vocabulary) -> list[str]:
    """English choices for one word outside the table: itself, cognates, a compound's pieces, an uninflected proper name."""
    word = plain(token)
    found = [word] if word in known.words else []
    found += [each for each in known.cognates(token) if each not in found]
    if not found and language in ("de", "nl"):
        found += _pieces(token.lower(), language, known)
    if not found and token[0].isupper():
        found += [each for each in _uninflected(word, language) if each in known.words]
        found = found or list(_uninflected(word, language))[:1]
    return found or [token]


def _uninflected(word: str, language: str) -> Iterator[str]:
    """Proper names without a Polish genitive (Marfana, Williego) or a German adjective's ending (Huntingtonsche)."""
    if language == "pl":
        for ending, bases in (("iego", ("i", "ie", "y")), ("ego", ("", "e", "y")), ("y", ("a",)), ("ka", ("k", "ek")), ("a", ("", "e"))):
            if word.endswith(ending):
                yield from (word.removesuffix(ending) + base for base in bases)
    if language == "de" and (match := re.fullmatch(r"(\w{3,}?)(?:i?sche[nrs]?|s)", word)):
        yield match.group(1)


def _pieces(word: str, language: str, known: Vocabulary) -> list[str]:
    """English of a compound of two or three known words, with or without a joining s, n or en; empty when it is none."""
    if len(word) < COMPOUND:
        return []
    for cut in range(len(word) - PIECE, PIECE - 1, -1):
        head = _piece(word[:cut], language, known)
        if not head:
            continue
        for joint in ("", "s", "en", "n"):
            rest = word[cut:].removeprefix(joint) if word[cut:].startswith(joint) else ""
            tail = (_piece(rest, language, known) or _pieces(rest, language, known)) if len(rest) >= PIECE else []
            if tail:
                return [f"{left} {right}" for left in head for right in tail][:CHOICES]
    return []


def _piece(text: str, language: str, known: Vocabulary) -> list[str]:
    table = _table().phrases[language].get(stem(text), ())
    if table:
        return list(table)
    found = known.cognates(text) if len(text) > PIECE + 1 else []
    return [each for each in found if Levenshtein.normalized_similarity(each, plain(text)) > 0.6]


def _in_order(kinds: list[str], words: tuple[str, ...], language: str) -> str:
    """The words in English order: what stood behind a particle first, adjectives before their noun, a type's number last."""
    groups: list[list[tuple[str, str]]] = [[]]
    tail: list[str] = []
    for kind, word in zip(kinds, words, strict=True):
        if kind == "of":
            groups.append([])
        elif word in ("type", "form", "group") or (tail and _MARK.fullmatch(word)):
            tail.append(word)
        else:
            groups[-1].append((kind, word))
    if language == "de":
        return " ".join([word for group in groups for _, word in group] + tail)
    ordered = []
    for group in reversed(groups):
        flipped = language != "nl" and bool(group) and group[0][0] == "word"
        proper = [word for kind, word in group if kind == "proper"]
        plainly = [word for kind, word in group if kind != "proper"]
        ordered += [*proper, *reversed(plainly)] if flipped else [word for _, word in group]
    return " ".join(ordered + tail)
