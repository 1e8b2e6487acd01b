"""What may be wrong with a trajectory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """Why a trajectory isn't kept; the values are the words that counts are shown under."""

    NOT_IN_CASE = "finding that the case does not state"
    EXCLUDED = "excluded finding cited as present"
    PRESENT = "present finding cited as absent"
    NOT_EXCLUDED = "finding cited as ruled out that the case does not rule out"
    NOT_OF_DISEASE = "finding that the disease is not recorded with"
    OF_DISEASE = "finding denied of a disease that is recorded with it"
    GENE = "gene that is not the disease's"
    INHERITANCE = "inheritance that is not the disease's"
    ONSET = "onset that is not the disease's"
    FREQUENCY = "frequency that is not the recorded one"
    UNKNOWN_DISEASE = "disease that is not known"
    NO_NAMES = "no names in the answer"
    NO_REASONING = "no reasoning"
    SOURCE = "names a source, another diagnoser or an earlier attempt"
    LANGUAGE = "more than one language"
    REPETITION = "repetition"
    UNFINISHED = "ends inside a sentence"
    CONCLUSION = "concludes on another disease than the first of the answer"


@dataclass(frozen=True, slots=True)
class Fault:
    """said: the words in question, as they stand in the trajectory; why: one sentence for people."""

    kind: FaultKind
    said: str
    why: str
