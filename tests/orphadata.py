"""Orphadata's products 3 and 9, written by hand in the format that is published, about real disorders; figures are invented."""

from __future__ import annotations

from collections.abc import Sequence

Estimate = tuple[str, str, str, bool]  # kind, class, area, validated
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<JDBOR date="2025-12-09 07:06:32" version="1.3.42 / 4.1.8">'
LICENCE = '<Availability><Licence><FullName lang="en">CC BY 4.0</FullName></Licence></Availability>'
POINT, BIRTH, LIFETIME, INCIDENCE, CASES = ("Point prevalence", "Prevalence at birth", "Lifetime Prevalence", "Annual incidence",
                                            "Cases/families")  # fmt: skip


def named(tag: str, name: str, language: str = "en") -> str:
    """An element with an id and a Name; an empty element for no name, as Orphadata has for cases."""
    written = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<{tag} id="1"><Name lang="{language}">{written}</Name></{tag}>' if name else f"<{tag}/>"


def disorder(code: int, inside: str, group: str = "Disorder", language: str = "en") -> str:
    """One Disorder."""
    return (
        f'<Disorder id="{code}"><OrphaCode>{code}</OrphaCode><Name lang="{language}">disorder {code}</Name>'
        f"{named('DisorderType', 'Disease')}{named('DisorderGroup', group)}{inside}</Disorder>"
    )


def product9(*disorders: str) -> str:
    """A file of product 9."""
    return f'{HEAD}{LICENCE}<DisorderList count="{len(disorders)}">{"".join(disorders)}</DisorderList></JDBOR>'


def prevalences(estimates: Sequence[Estimate], mean: str = "0.0") -> str:
    """A PrevalenceList."""
    rows = "".join(
        f'<Prevalence id="{number}"><Source>1[PMID]</Source>{named("PrevalenceType", kind)}'
        f"{named('PrevalenceQualification', 'Value and class' if band else 'Case(s)')}{named('PrevalenceClass', band)}"
        f"<ValMoy>{mean}</ValMoy>{named('PrevalenceGeographic', area)}"
        f"{named('PrevalenceValidationStatus', 'Validated' if validated else 'Not yet validated')}</Prevalence>"
        for number, (kind, band, area, validated) in enumerate(estimates)
    )
    return f'<PrevalenceList count="{len(estimates)}">{rows}</PrevalenceList>'


def history(onsets: Sequence[str], inheritances: Sequence[str]) -> str:
    """The two lists of the natural history."""
    first = "".join(named("AverageAgeOfOnset", onset) for onset in onsets)
    second = "".join(named("TypeOfInheritance", mode) for mode in inheritances)
    return (
        f'<AverageAgeOfOnsetList count="{len(onsets)}">{first}</AverageAgeOfOnsetList>'
        f'<TypeOfInheritanceList count="{len(inheritances)}">{second}</TypeOfInheritanceList>'
    )


def node(code: int, *children: str) -> str:
    """A ClassificationNode with the nodes below it."""
    below = f'<ClassificationNodeChildList count="{len(children)}">{"".join(children)}</ClassificationNodeChildList>'
    return f"<ClassificationNode>{disorder(code, '')}{below}</ClassificationNode>"


def product3(name: str, *roots: str) -> str:
    """A classification."""
    return (
        f'{HEAD}{LICENCE}<ClassificationList count="1"><Classification id="1"><OrphaNumber>146</OrphaNumber>'
        f'<Name lang="en">{name}</Name><ClassificationNodeRootList count="{len(roots)}">{"".join(roots)}'
        "</ClassificationNodeRootList></Classification></ClassificationList></JDBOR>"
    )
