"""Which patients are trained on and which are looked at meanwhile: no case that any split holds out is among them.

From benchmarks: cases of `train` but those of `seen`. Simulated, where no benchmark is at hand or when asked for: patients drawn
from the facts that are taught, of diseases that no split holds out. A case that names its own answer, or whose answer the
terminology doesn't know, teaches nothing and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from raredx_bench.domain import Case, DataMissing
from raredx_bench.leaks import names_its_answer, strictly
from raredx_bench.mentions import MentionFinder
from raredx_bench.simulation import simulate
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import place
from raredx_train.knowledge.grounds import fewer_diseases
from raredx_train.knowledge.withheld import cases_of_part, unseen_diseases
from raredx_train.reasoning.masking import source_of
from raredx_train.reasoning.views import annotated

APART = 0.05  # of the publications of train
_SIMULATION = 7_000_000  # added to the seed: patients that no benchmark draws


@dataclass(frozen=True)
class Wanted:
    """Which cases are wanted.

    benchmarks: by name, those whose data is at hand; cases: of these at most, 0: all. simulated: patients drawn where there is no
    such case, of so many diseases drawn by the seed (0: of all); beside: they are drawn all the same, of the cases' own diseases.
    """

    benchmarks: tuple[str, ...]
    simulated: int
    cases: int
    seed: int
    diseases: int = 0
    beside: bool = False


def training_cases(wanted: Wanted, at_hand: Mapping[str, tuple[Case, ...]], base: Base, gone: Counter[str]) -> tuple[Case, ...]:
    """The cases to train on, in an order of the seed; gone counts what was left out, by reason.

    Raises UnknownName for no benchmark, UsageError for one under an agreement, DataMissing when nothing is left.
    """
    kept = _drawn(list(_taught(cases_of_part("train", wanted.benchmarks, at_hand), base, gone)), wanted, "case")
    if wanted.beside and kept:
        kept += _taught(_simulated(wanted, base, _known(kept, base)), base, gone)
    elif not kept:
        kept = list(_taught(_simulated(wanted, base), base, gone))
    if not kept:
        raise DataMissing(f"there is no case to train on: none of {', '.join(wanted.benchmarks) or 'no benchmark'} is in the data "
                          "directory, and no patient is simulated: get the data, or set simulated")  # fmt: skip
    return tuple(sorted(kept, key=lambda each: place(wanted.seed, "case", each.benchmark, each.id)))


def validation_cases(
    wanted: Wanted, at_hand: Mapping[str, tuple[Case, ...]], base: Base, training: Iterable[Case] = ()
) -> tuple[Case, ...]:  # fmt: skip
    """Up to wanted.cases cases of the part `validation`; only simulated patients where no benchmark is at hand.

    With beside, of diseases that are trained on, which cohorts of that part may not have at all: up to half of them cases of
    `training` that are apart and whose disease other publications of it have (of the part where there is none); the rest are new
    simulated patients.
    """
    training = tuple(training)
    strangers = list(_taught(cases_of_part("validation", wanted.benchmarks, at_hand), base, Counter()))
    if strangers and not wanted.beside:
        return tuple(_drawn(strangers, wanted, "validation"))
    reported = [each for each in training if each.benchmark in wanted.benchmarks]
    known = _known([each for each in reported if not is_apart(each)], base)
    apart = [each for each in reported if is_apart(each) and known & _known([each], base)]
    real = _drawn(apart or strangers, wanted, "validation")
    if wanted.cases:
        real = real[: -(-wanted.cases // 2)]
    drawn = _taught(_simulated(replace(wanted, seed=wanted.seed + 1), base, _known(training, base)), base, Counter())
    return (*real, *_drawn(list(drawn), wanted, "validation")[: wanted.cases - len(real) if wanted.cases else None])


def of_common(cases: Sequence[Case], benchmarks: Collection[str], least: int, base: Base) -> tuple[Case, ...]:
    """The cases of diseases of which the benchmarks have so many at least; all where none has, as with simulated patients alone."""
    counts = Counter(disease for each in cases if each.benchmark in benchmarks for disease in _known([each], base))
    often = {disease for disease, count in counts.items() if count >= least}
    return tuple(each for each in cases if often & _known([each], base)) or tuple(cases)


def is_apart(case: Case) -> bool:
    """True for a training case of the publications that only measure what a student learns: its traces the loss of supervised
    learning, itself the recall of practice. The same ones in every stage, so that no stage has taught a later one's."""
    return place(1, "held out", _publication(case)) < APART


def apart_from(cases: Iterable[Case], others: Iterable[Case]) -> tuple[Case, ...]:
    """The cases that share no publication with the others."""
    met = {_publication(each) for each in others}
    return tuple(each for each in cases if _publication(each) not in met)


def _publication(case: Case) -> str:
    return case.group or source_of(case.id)


def _known(cases: Iterable[Case], base: Base) -> set[str]:
    """Their diseases, by canonical id where the terminology has one."""
    return {base.ontology.canonical(answer) or answer for case in cases for answer in case.answers}


def _drawn(cases: list[Case], wanted: Wanted, what: str) -> list[Case]:
    """As many of the cases as are wanted, drawn by the seed."""
    return sorted(cases, key=lambda each: place(wanted.seed, what, each.benchmark, each.id))[: wanted.cases or None]


def _simulated(wanted: Wanted, base: Base, diseases: Collection[str] = ()) -> Iterator[Case]:
    """Patients of the taught facts, numbered; their groups are themselves. diseases: theirs, none: as wanted."""
    if not wanted.simulated:
        return iter(())
    held = unseen_diseases(base.ontology)
    facts = [fact for fact in base.taught if fact.subject not in held]
    if diseases:
        facts = [fact for fact in facts if fact.subject in diseases]
    elif wanted.diseases:
        facts = fewer_diseases(facts, wanted.diseases, wanted.seed)
    hpo = annotated(base.hpo, facts)
    hpo = replace(hpo, disease_names=tuple((base.name(each),) for each in hpo.diseases))
    return simulate(hpo, wanted.simulated, _SIMULATION + wanted.seed)


def _taught(cases: Iterable[Case], base: Base, gone: Counter[str]) -> Iterator[Case]:
    finder = MentionFinder(base.ontology)
    for case in cases:
        if all(base.ontology.canonical(answer) is None for answer in case.answers):
            gone["case whose answer the terminology doesn't know"] += 1
        elif strictly(names_its_answer(case, finder)):
            gone["case that names its answer"] += 1
        else:
            yield case
