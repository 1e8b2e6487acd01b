"""Invented disease names that sound real: a seed -> as many as are wanted, all different. No terminology is read."""

from __future__ import annotations

from random import Random


def _words(text: str) -> list[str]:
    return text.split()


_SURNAMES = _words(
    "Kessler Brandt Oduya Tamsin Verhoef Lindqvist Marchetti Okonjo Havranek Sorel Petrosyan Yilmazer Dunmore Castellane Wrobel "
    "Ferreyra Haldorsen Ishiguru Korhola Lemaistre Nakamori Obrecht Pallister-Green Quintero Rasmusson Szabolcs Thorvald Uchenna "
    "Vasquero Winterbourne Zelenko Aldinger-Moss Bakshi Corvane Drummel Eskildsen Fontcuberta Grimsley Hoxley Ingebrig"
)
_SITES = _words(
    "neuro cranio oculo dento osteo myelo hepato nephro cardio oto dermo tricho cerebello spondylo arthro adreno pulmono entero "
    "acro rhizo kerato lipo glyco phako"
)
_ENDS = _words(
    "dysplasia dystrophy malacia sclerosis agenesis ectasia hypoplasia stenosis lysosis plasmosis dysostosis tropathy ataxopathy "
    "keratosis encephalosis"
)
_ENZYMES = _words(
    "glucoranase sterolidase phospharylase ketoreptase malonidase thiolysase peptoxidase aminotrehase lipoquinase cobalurase "
    "fucosyldase xylurinase"
)
_FEATURES = (
    "brittle lashes", "late walking", "ribbon nails", "blue sclerae", "square ears", "salt craving", "night tremor", "soft palate",
    "split incisors", "absent freckles", "cold joints", "glassy irides", "curved fibulae", "pale retina",
)  # fmt: skip


def invented_names(size: int, seed: int) -> list[str]:
    """So many different names, the same for the same seed; a larger size keeps the smaller one as its beginning."""
    rng = Random(f"invented {seed}")
    found: dict[str, None] = {}
    while len(found) < size:
        found.setdefault(_name(rng))
    return list(found)


def _name(rng: Random) -> str:
    one, two = rng.sample(_SURNAMES, 2)
    site, other = rng.sample(_SITES, 2)
    end = rng.choice(_ENDS)
    forms = (
        f"{one}-{two} {site}{end} syndrome",
        f"{one}-{two} syndrome type {rng.randint(2, 9)}",
        f"{site}{other}{end} of {one}",
        f"familial {site}{other}{end} with {rng.choice(_FEATURES)}",
        f"{rng.choice(_ENZYMES)} deficiency, {one} type",
        f"autosomal recessive {site}-{other}-{end}, {two} variant",
        f"{rng.choice(_FEATURES)}-{rng.choice(_FEATURES)}-{site}{end} syndrome",
        f"{one} disease with {site}{end}",
    )
    return rng.choice(forms)
