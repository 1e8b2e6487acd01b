"""Which disorders stand under which medical specialty: Orphadata's product 3, one file a classification.

en_product3_146.xml: JDBOR > ClassificationList > Classification with OrphaNumber, Name ("Orphanet classification of rare
cardiac diseases") and ClassificationNodeRootList > ClassificationNode: Disorder (OrphaCode, Name, DisorderType) and
ClassificationNodeChildList > ClassificationNode, to any depth. There are 33, of which some are no domain of medicine but serve
sorting (genetic, transplant-related, teratologic): https://www.orphadata.com/classifications/ and
https://github.com/OD4RD/Main-Help-Desk/wiki/3.-Orphanet-classification
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from raredx_bench.domain import BadInput
from raredx_bench.orphadata.files import elements, identifier, text

_CLASSIFICATION = ("JDBOR", "ClassificationList", "Classification")


@dataclass(frozen=True, slots=True)
class Classification:
    """One of Orphanet's classifications. members: ORPHA ids of every node at any depth, the root first, without repeats."""

    name: str
    members: tuple[str, ...]


def read_classifications(path: Path) -> tuple[Classification, ...]:
    """The classifications of a file (one, as published); the file is streamed, whatever its depth.

    A classification without a name has its root's. Raises BadInput when the file is no XML, cut short, another product or empty.
    """
    found = []
    members: dict[str, str] = {}
    stream = elements(path, "classification file (product 3)", _is_wanted)
    next(stream)
    for element in stream:
        if element.tag == "Disorder":
            orpha = identifier(element)
            if orpha is not None:
                members.setdefault(orpha, text(element, "Name"))
        elif members:
            found.append(Classification(text(element, "Name") or next(iter(members.values())), tuple(members)))
            members = {}
    if not found:
        raise BadInput(f"{path} holds no classified disorder: get Orphadata's classification (en_product3_….xml) again")
    return tuple(found)


def _is_wanted(tags: Sequence[str]) -> bool:
    inside = tuple(tags[: len(_CLASSIFICATION)]) == _CLASSIFICATION
    return inside and (len(tags) == len(_CLASSIFICATION) or tags[-2:] == ["ClassificationNode", "Disorder"])
