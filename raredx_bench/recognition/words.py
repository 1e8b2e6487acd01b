"""Words of findings in one form: British and American, singular and plural, nouns and adjectives, words that mean the same."""

from __future__ import annotations

import re
from functools import lru_cache

from raredx_bench.findings import stem
from raredx_bench.naming import plain

JOINING = frozenset(["of", "the", "in", "on", "at", "a", "an", "to", "both", "his", "her", "their", "its", "patient"])
MODIFIERS = frozenset(
    [
        "bilateral",
        "unilateral",
        "mild",
        "severe",
        "marked",
        "moderate",
        "significant",
        "slight",
        "noticeable",
        "prominent",
        "left",
        "right",
        "overt",
        "obvious",
        "notable",
        "intermittent",
        "persistent",
        "accumulation",
        "amount",
    ]
)  # between the words of a finding they don't make another one
_SAME = {
    each: group.split()[0]
    for group in (
        "increased elevated raised high elevation increase",
        "decreased reduced low diminished reduction decrease",
        "abnormal abnormality abnormalities anomaly anomalies",
        "neoplasm neoplasia tumor tumors tumour tumours",
        "kidney kidneys renal",
        "liver hepatic",
        "heart cardiac",
        "muscle muscles muscular",
        "face facial",
        "edema edemas oedema swelling swollen",
        "atrophy wasting atrophied atrophic",
        "impairment impaired deficit deficits",
        "speech language",
        "seizure seizures convulsion convulsions",
        "stomach gastric",
        "bone bones bony osseous",
        "skin cutaneous",
        "lung lungs pulmonary",
        "eyelid eyelids palpebral",
        "limb limbs extremity extremities",
        "multiple numerous",
        "concentration concentrations level levels titer titre",
        "serum plasma circulating blood",
        "enlarged enlargement",
        "recurrent repeated",
        "developmental development developmentally",
        "vision visual",
        "hemorrhage haemorrhage bleeding",
        "infant infantile",
        "opacity opacities clouding cloudiness opacification",
    )
    for each in group.split()
}
_ENDINGS = ("ities", "ness", "ity", "ical", "ive", "ion", "ism", "ous", "ic", "ia", "al", "ed", "ing", "y", "e", "a")


@lru_cache(maxsize=65536)
def form(word: str) -> str:
    """One form for the words that mean the same in a finding."""
    text = stem(plain(word))
    if text in _SAME:
        return _SAME[text]
    text = re.sub(r"ae|oe", "e", text) if len(text) > 5 else text
    text = re.sub(r"our$", "or", text)
    text = re.sub(r"(?<=o)tic$|(?<=o)sis$", "", text)
    for ending in _ENDINGS:
        if text.endswith(ending) and len(text) - len(ending) >= 4:
            return text[: -len(ending)]
    return text


def bag(words: tuple[str, ...]) -> tuple[str, ...]:
    """Forms of the words in one order, without joining words."""
    return tuple(sorted(form(word) for word in words if word not in JOINING))
