"""What words tell: of a heading, of prose, of a disease's name; and a raw name made clean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from raredx_bench.naming import plain
from raredx_bench.parsing.confidences import without_figure
from raredx_bench.parsing.envelope import LATEX

LONGEST_NAME = 250  # characters
LONGEST_ITEM = 400  # characters of an item that are looked at: a name and the start of its explanation
MOST_WORDS = 30  # of a name; more are prose

DIAGNOSIS = re.compile(
    r"diagn[oó]s|rozpozn|differential|diseases?\b|disorders?\b|syndromes?\b|conditions?\b|candidate|rank|top[- ]?\d|enfermedad|"
    r"malatti|krankheit|erkrankung|maladie|doença|ziekte|aandoening|chorob|诊断|診断|疾病|answer|respuesta|"
    r"risposta|antwort|réponse", re.I)  # fmt: skip
DIFFERENTIAL = re.compile(
    r"differen[zct]i|diff[ée]ren[tcz]i|diferen[ct]i|różnicow|ranked|ranking|most (?:likely|probable)|top[- ]?\d|candidate|"
    r"here (?:is|are)|(?:possible|potential|likely|list of|suspected) (?:rare )?(?:diagnos|diseas|"
    r"disorder)|鉴别|鑑別", re.I)  # fmt: skip
OTHER = re.compile(
    r"next step|steps\b|recommend|manag|treat|therap|work-?up|investigat|\btest|finding|feature|symptom|\bsigns?\b|evidence|"
    r"rational|reason|referenc|explan|against|support|summary|exclu|ruled out|note\b|caveat|sources|caus|\bgene(?:s|tics?)?\b|"
    r"phenotyp|clinical|patient|history|presentation|observ|analysis|\bwhy\b|because|criteria|\bkey\b|points|hallazgo|síntoma|"
    r"recomend|razon|befund|empfehl|symptôme|raison|étape|recommand|sintom|riscontr|raccomand|bevinding|aanbevel|objaw|zalec|"
    r"uzasadn|症状|检查|検査|理由", re.I)  # fmt: skip
TIER = re.compile(r"likel|possib|probab|plausib|consider|\btier\b|alternativ|\bother|moderate|high|\blow\b|less|secondary|remote|"
                   r"wahrschein|menos|meno\b|moins|minder|mniej|altr[ei]|otr[ao]s|autres|weitere|outr[ao]s", re.I)  # fmt: skip
SECTION = re.compile(  # a heading that is nothing but a heading
    r"[\W\d]*(?:(?:the|my|a|final|full|ranked|revised|list|of|possible|potential|rare|most|less|more|likely|top|working|primary|"
    r"clinical|case|overall|brief|short|key|el|la|le|il|die)\W+)*(?:(?:differential )?diagnos[ie]s|differential|answer|ranking|"
    r"list|rational\w*|reasoning|explanations?|summary|conclusions?|notes?|findings|analysis|references|likely|probable|"
    r"alternatives?|next steps|recommend\w*|diagnósticos?(?: diferencia(?:l|is|les))?|diagnosi(?: differenzial[ei])?|"
    r"diagnostics?(?: différentiels?)?|differen[zt]i?aa?ldiagnos\w+|rozpoznani[ae](?: różnicow\w+)?|"
    r"(?:鉴别)?诊断|(?:鑑別)?診断)\W*", re.I)  # fmt: skip
FAMILY = re.compile(r"\W*(?:[^\W\d]+ ){1,3}(?:disorders|diseases|syndromes|conditions|causes|diagnoses|possibilities|"
                     r"considerations|enfermedades|erkrankungen|krankheiten|malattie|maladies|doenças)\W*", re.I)  # fmt: skip
KIND = (r"(?:syndrome?|sindrome|síndrome|zesp[oó]ł|disease|disorder|krankheit|störung|enfermedad|maladie|malattia|doença|ziekte|"
         r"choroba|morbus|deficiency|dystrophy)")  # fmt: skip
DISEASE = re.compile(
    rf"{KIND}|(?:ia|ie|itis|[oóa]s[ei]s?|oma|pat[hií]\w?|path\w+)\b|dystroph|distrof|trophy\b|plasia|deficien|deletion|\btype \w+|"
    rf"trisomy|sclero|sequence|association|encephal|epilep|dactyl|综合征|"
    rf"症候群|病|症", re.I)  # fmt: skip
_NOTHING = re.compile(
    r"\W*(?:unknown|n/?a|none\b.*|null|nan|nil|not (?:applicable|available|specified|sure|provided|enough).*|"
    r"no (?:\w+ )?(?:diagnos[ie]s|disease|answer|data|information|list).*|insufficient.*|undetermined|inconclusive|unclear|"
    r"unable to .*|cannot .*|tbd|etc|(?:(?:most likely|first|second|third|next|other|another|your|predicted)\s)*(?:disease|"
    r"diagnosis|condition|syndrome|disorder|name|item|text|answer)s?(?:\s(?:name|[#\d]+|[a-e]))*|desconocido|unbekannt|inconnu|"
    r"sconosciuto|不明|未知)\W*", re.I)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_FIRST = _words("""
    the this these that a an i'm we you he she it there here if in for please patient patients order obtain perform refer recommend
    consult recommended check monitor start review assess evaluate confirm ensure provide discuss repeat based identify analyze
    compare rank list let let's sure okay thank dear given because supporting typically such similar
""")
VERBS = _words("is are was were has have had can may might could would should es está ist sind kann è può puede est peut é jest")
_PROSE = VERBS | _words("which that he she his her it its if but since while wenn que ma")  # as prose only when in lower case
_PROSE_ANY_CASE = _words("""
    primarily sería potrebbe presents presented presenting consistent explain explains explained likely unlikely characterized
    characterised typically usually commonly often fits suggest suggests because although though however given considering patient
    patients this these matches support supports supported probability likelihood confidence score wahrscheinlich obwohl weil
    aufgrund passt erklärt patienten patientin porque aunque debido paciente explica sugiere probable perché anche paziente spiega
    suggerisce probabile bien parce explique évoque embora sugere provável omdat hoewel verklaart waarschijnlijk patiënt ponieważ
    pacjent pacjenta wyjaśnia sugeruje prawdopodobne
""")


def is_prose(text: str) -> bool:
    """True for a text with a word that no disease's name has."""
    words = re.findall(r"[^\W\d_]+", text)
    return not _PROSE.isdisjoint(words) or not _PROSE_ANY_CASE.isdisjoint(word.lower() for word in words)


@lru_cache(maxsize=4096)
def is_name(text: str) -> bool:
    """True for what may be a disease's name: not prose, an order, a heading or a placeholder."""
    words = text.split()
    return (
        len(text) <= LONGEST_NAME
        and 0 < len(words) <= MOST_WORDS
        and words[0].lower().rstrip(":,") not in _NOT_FIRST
        and bool(re.search(r"[^\W\d_]{2}", text))
        and text[-1] not in "?!"
        and not is_prose(text)
        and not SECTION.fullmatch(text)
        and not _NOTHING.fullmatch(text)
    )


LIKELIEST = (r"(?:(?:most|more|very|highly) )?(?:likely|probable|plausible)|final|primary|leading|working|principal|top|best|main|"
              r"provisional|definitive|suspected|first|second|third|fourth|fifth")  # fmt: skip
LABEL = re.compile(
    rf"\W{{0,4}}(?:(?:the|my|next|rare|differential|{LIKELIEST})\s+){{0,4}}(?:diagnos[ie]s?|diagnose|diagnostic|diagnóstico|"
    rf"rozpoznanie|disease|name|condition|disorder|answer|dx|candidate|choice|{LIKELIEST}|诊断|"
    rf"診断)(?: name)?\W{{0,3}}\d{{0,2}}\W{{0,3}}[:=]\W{{0,3}}(?=\w)",
    re.I)  # fmt: skip

_ASIDE = re.compile(r".*\d\s?%.*|(?:p\s*[=≈]\s*)?[01]?\.\d+|.*\b(?:rank|rang|rango|score|probability|likelihood|confidence)\b.*|"
                    r"(?:very )?(?:high|moderate|medium|low|strong)", re.I)  # fmt: skip
_BRACKET = re.compile(r" ?(?:\(([^()]*)\)|\[([^\[\]]*)\])")
_CITATION = re.compile(r"\s?\[[\d\s,–-]+\]")
_END = re.compile(  # where an explanation begins, whatever stands before it
    rf"\s*(?:=>|→|\t|\|)\s*|\s{{3,}}|[\s.]+(?:(?:The|This|These|While|Although|Though|Given|It|Its|He|She|Based|"
    rf"Patients?)(?:'s)? (?=[a-z])|(?:Rationale|Reasoning|Explanation)\b)|\s(?:{'|'.join(sorted(VERBS))}|remains|presents|"
    rf"explains|fits)\s|(?:(?<=[^\W\d_]{{4}})|(?<=[\d)]))\.\s+(?=[A-ZÀ-Þ])|[,;]\s+(?=(?:which|because|given|since|as|due to the|"
    rf"characteri[sz]ed|although|though|while|based|considering|but|an?|this|these|it|the|presenting|(?:less|more|most) likely|"
    rf"typically|usually|wenn|obwohl|weil|da|aunque|ya que|porque|que|anche se|perché|bien que|car|embora|omdat|hoewel|ponieważ|"
    rf"weniger|menos|meno|moins)\s)")  # fmt: skip
OPENING = re.compile(r"[,;:(]|\s[–—-]")
_DASH = re.compile(r"\s+[–—-]{1,2}\s+|\s*[–—]\s+|\s+[–—]|:\s+")
_ARTICLE = re.compile(r"(?:the|an?|der|die|das|el|la|los|il|lo|les?|une?|os?|het|due to)\s", re.I)
_SCORE = re.compile(r"[\s:,–—-]+(?:[~≈]|about )?(?:\d{1,3}(?:[.,]\d+)?\s?%.*|[01]?\.\d{1,4})$|(?:\s[–—-]|:)\s+(?:very )?"
                    r"(?:high|moderate|medium|low|strong)(?: (?:probability|likelihood|confidence|suspicion))?$", re.I)  # fmt: skip
_BEFORE = re.compile(r"\(?\d{1,2}[.):]\s+|(?:OMIM|MIM|ORPHA|MONDO)[:# ]*\d+\W+(?=\w)|(?:(?:most|very|less) )?(?:likely|probabl[ey]|"
                     r"possibl[ey]|therefore|thus)\s+(?=\w)", re.I)  # fmt: skip


def cleaned(raw: Iterable[str]) -> dict[str, str]:
    """Cleaned names, each with the raw text it came from; what is not one and repeats left out."""
    found: dict[str, tuple[str, str]] = {}
    for text in raw:
        name = clean_name(text)
        if is_name(name) and (key := plain(name)):
            found.setdefault(key, (name, text))
    return dict(found.values())


@lru_cache(maxsize=4096)
def clean_name(text: str) -> str:
    """One name without list marks, markup, scores, citations and explanations; empty when nothing is left."""
    text = _CITATION.sub("", without_figure(_unmarked(text.strip()[:LONGEST_ITEM].split("\n")[0])))
    text = _BRACKET.sub(lambda part: "" if _is_aside(part[1] or part[2] or "") else part[0], text).strip(" \t\"'“”«»„,;#")
    text = LABEL.sub("", text, count=1) if LABEL.match(text) else text
    text = _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text
    if end := _END.search(text, 3):
        text = text[: end.start()]
    if dash := next((dash for dash in _DASH.finditer(text, 4) if _explains(text[dash.end() :])), None):
        text = text[: dash.start()]
    text = _SCORE.sub("", text).strip(" \t\"'“”«»„*_.,:;–—-")
    if text.count("(") > text.count(")"):
        text = text[: text.rindex("(")]
    return re.sub(r"[^\w)\]+%'*]+$", "", text)


def _unmarked(text: str) -> str:
    """The text of an item without Markdown, LaTeX and links; what follows a name in bold is left out."""
    if bold := re.match(r"[\s\d.)#-]*\*\*\s*([^*]{3,}?)\s*\*\*\s*(.*)", text):
        name = bold[1].rstrip(" :")
        label = LABEL.match(f"{name}: x")
        if not label or label.end() <= len(name):
            short = bold[2].startswith("(") or (DISEASE.match(bold[2]) and len(bold[2].split()) < 4)
            text = f"{bold[1]} {bold[2]}" if short else bold[1]
    elif text.count("**") % 2:
        text = text.lstrip("*").split("**")[0]
    text = re.sub(r"\*\*|__|`|\\[()]|\$", "", LATEX.sub(r"\1", text))
    return re.sub(r"(?<!\w)[*_]([^*_]+)[*_](?!\w)|\[([^\]]+)\]\(https?:[^)]*\)", r"\1\2", text)


def _is_aside(text: str) -> bool:
    """True for the contents of a bracket that say something of a name, not another name."""
    return bool(_ASIDE.fullmatch(text)) or is_prose(text)


def _explains(text: str) -> bool:
    """True for prose or a list of findings behind a dash or colon: names hold dashes too, and what may be one stays."""
    findings = re.search(r",\s|\sand\s|\s\+\s", text) and not re.search(rf"{KIND}|\btype\b", text, re.I)
    return bool(_ARTICLE.match(text) or findings or len(text.split()) > 12) or is_prose(text)
