"""The body system of a disease, from HPO's annotations and, where there are any, Orphanet's classifications.

Rule: of the systems that Orphanet's classifications put the disease in, metabolism, neoplasm or infection if it is among them (a
cause says more than the organs it reaches), else the one that holds most of the disease's distinct HPO annotations. Without a
classification, the system that holds most annotations, those three included. Ties go to the earlier one in SYSTEMS. An annotation
below several of HPO's top classes counts in each. Growth, constitutional symptoms, cellular phenotypes, prenatal course and the
breast are no system here; the classifications that serve sorting (genetic, toxic, transplant-related) aren't one either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from raredx_bench.strata.levels import NOT_KNOWN

SYSTEMS = (
    "metabolism", "neoplasm", "infection", "nervous system", "heart and vessels", "blood", "immune system", "endocrine system",
    "kidney and urogenital tract", "digestive system", "respiratory system", "eye", "ear, nose and throat", "skin",
    "musculoskeletal system", "head and neck", "developmental anomalies",
)  # fmt: skip
_CAUSES = SYSTEMS[:3]
HPO_CLASSES = {
    "HP:0001939": "metabolism", "HP:0002664": "neoplasm", "HP:0000707": "nervous system", "HP:0001626": "heart and vessels",
    "HP:0001871": "blood", "HP:0002715": "immune system", "HP:0000818": "endocrine system",
    "HP:0000119": "kidney and urogenital tract", "HP:0025031": "digestive system", "HP:0002086": "respiratory system",
    "HP:0045027": "respiratory system", "HP:0000478": "eye", "HP:0000598": "ear, nose and throat",
    "HP:0001608": "ear, nose and throat", "HP:0001574": "skin", "HP:0033127": "musculoskeletal system",
    "HP:0040064": "musculoskeletal system", "HP:0000152": "head and neck",
}  # fmt: skip
_WORDS = {  # the first of these in a classification's name
    "errors of metabolism": "metabolism", "neoplastic": "neoplasm", "infectious": "infection", "neurologic": "nervous system",
    "cardiac": "heart and vessels", "circulatory": "heart and vessels", "hematologic": "blood", "immun": "immune system",
    "allergic": "immune system", "endocrin": "endocrine system", "renal": "kidney and urogenital tract",
    "urogenital": "kidney and urogenital tract", "infertility": "kidney and urogenital tract",
    "gynecologic": "kidney and urogenital tract", "gastroenterolog": "digestive system", "hepatic": "digestive system",
    "abdominal": "digestive system", "respiratory": "respiratory system", "thoracic": "respiratory system", "ophthalm": "eye",
    "eye": "eye", "otorhinolaryng": "ear, nose and throat", "skin": "skin", "bone": "musculoskeletal system",
    "rheumatolog": "musculoskeletal system", "odontolog": "head and neck", "maxillo": "head and neck",
    "developmental": "developmental anomalies", "teratolog": "developmental anomalies",
}  # fmt: skip


def classified_system(name: str) -> str | None:
    """The system of one of Orphanet's classifications, by its English name; None for one that serves sorting."""
    return next((system for word, system in _WORDS.items() if word in name.lower()), None)


def main_system(classified: Iterable[str], counts: Mapping[str, int]) -> str:
    """The system by the rule above. classified: the systems of the classifications; counts: annotations by system."""
    inside = set(classified)
    cause = next((system for system in _CAUSES if system in inside), None)
    if cause is not None:
        return cause
    among = [system for system in SYSTEMS if system in (inside or counts)]
    return max(among, key=lambda system: counts.get(system, 0), default=NOT_KNOWN)  # max keeps the first of equals
