"""The nouns of the project and its errors. Standard library only; everything here is frozen.

RaredxError
├── UsageError            the user's mistake: one sentence, exit code 2
│   ├── DataMissing       a file that a task or command needs is not there
│   ├── BadInput          a file is there but can't be read: says where, what and what next
│   └── UnknownName       no such task, model or term: suggests the nearest ones
└── RunIncomplete         some cases have no answer yet: exit code 1, the same command goes on
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_RANK = 10  # length of a differential: no benchmark asks for more than ten names


class RaredxError(Exception):
    """Every error this package raises on purpose."""

    exit_code = 1


class UsageError(RaredxError):
    """The user's mistake; the message is one sentence that says what to do next."""

    exit_code = 2


class DataMissing(UsageError):
    """A file that is needed is not there; the message says how to get it."""


class BadInput(UsageError):
    """A file can't be read; the message names the file, the place and the remedy."""


class UnknownName(UsageError):
    """A name that is not known, with the nearest known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        options = sorted(known)
        near = difflib.get_close_matches(name, options, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(options)}"
        super().__init__(f"unknown {kind} {name!r}: {hint}")


class RunIncomplete(RaredxError):
    """The run stopped before every case had an answer; nothing that was done is lost."""


class Scope(StrEnum):
    """How a synonym relates to the disease, as OBO defines it."""

    EXACT = "EXACT"
    NARROW = "NARROW"
    BROAD = "BROAD"
    RELATED = "RELATED"


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a disease."""

    name: str
    scope: Scope = Scope.EXACT


@dataclass(frozen=True, slots=True)
class Disease:
    """One entity of the terminology.

    id is canonical (Mondo when it exists, else OMIM, else ORPHA); xrefs are the ids declared equivalent;
    parents are canonical ids. titles: what other sources head the equivalent entries with. genes: symbols;
    traits: HPO ids of modes of inheritance and ages of onset.
    """

    id: str
    name: str
    synonyms: tuple[Synonym, ...] = ()
    xrefs: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One patient put to a model.

    answers: ids in any of OMIM, ORPHA, Mondo, CCRD; any of them is right; never empty.
    observed / excluded: HPO ids, empty when the source has only text.
    group: the resampling unit (family or publication); cases of one group are not independent.
    cohort: what the source itself puts together (a folder of one gene or disease), empty when it doesn't; no split crosses it.
    published: year, year-month or date of publication as ISO 8601, empty when the source has none.
    """

    id: str
    benchmark: str
    presentation: str
    answers: tuple[str, ...]
    observed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    group: str = ""
    strata: Mapping[str, str] = field(default_factory=dict)
    cohort: str = ""
    published: str = ""

    def __post_init__(self) -> None:
        if not self.answers:
            raise BadInput(f"case {self.id!r} of {self.benchmark} has no diagnosis: remove it or add one")
        if not self.group:
            object.__setattr__(self, "group", self.id)


class Reading(StrEnum):
    """What the parser found in an answer."""

    LIST = "list"  # a ranked list (a single name counts as a list of one)
    NO_LIST = "no list"  # text, but no names that could be told from prose
    EMPTY = "empty"
    TRUNCATED = "truncated"  # cut inside a thought, or before any name was complete
    REFUSED = "refused"
    ABSTAINED = "abstained"  # it says that the diagnosis is not known, or that none can be given


@dataclass(frozen=True, slots=True)
class Differential:
    """Names read from an answer: best first, no repeats, never longer than the limit.

    how: the layout that was recognised, for people ("numbered", "json", …).
    confidences: what the answer states of each name, 0 to 1, None where it states nothing; empty when it states none at all.
    """

    names: tuple[str, ...]
    reading: Reading
    how: str
    confidences: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A predicted name and the disease it means; id None: not linked, which is not a guess.

    label: the disease's own name. how: the rule that linked it, or why nothing did. score: 0 to 100.
    form: the name adds something to the disease, so that it means a form of it ("late-onset X", "X due to Y").
    namesakes: other diseases that carry this very name (without being above or below).
    among: the few diseases that may be meant where it isn't clear which ("A or B", a gene's disorders, a shared name, a
    series without the number).
    """

    name: str
    id: str | None
    how: str
    score: float = 0.0
    label: str | None = None
    form: bool = False
    namesakes: tuple[str, ...] = ()
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """How an answer came about. None: not known.

    stop: why the text ended: "stop" (by itself), "length" (cut at the token limit), "filter" (held back by the server), "error".
    prompt_tokens, completion_tokens: as the model's tokenizer counts, the thought included. seconds: wall clock, a batch's shared
    out evenly.
    """

    stop: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None


class Relation(StrEnum):
    """How a predicted disease relates to the gold."""

    EXACT = "exact"
    NARROWER = "narrower"  # the gold is an ancestor of the prediction
    BROADER = "broader"  # the prediction is a disease or family above the gold
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One name of a differential after linking and judging. confidence: what the answer states of it, 0 to 1; None: nothing."""

    link: Link
    relation: Relation
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case. predictions are in rank order; an unreadable answer has none and is a miss."""

    case_id: str
    group: str
    predictions: tuple[Prediction, ...]
    reading: Reading
    how: str
    gold: tuple[str, ...]  # canonical ids; empty when the terminology knows none of the answers
    strata: Mapping[str, str] = field(default_factory=dict)

    def rank(self, *relations: Relation) -> int | None:
        """First rank (from 1) whose relation is among these; None: none is."""
        for position, prediction in enumerate(self.predictions, 1):
            if prediction.relation in relations:
                return position
        return None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; recomputable from the verdicts. Rates are fractions from 0 to 1."""

    value: float
    low: float
    high: float
    n: int
