"""What the stage that samples reasoning can be told: one frozen dataclass that YAML fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from raredx_bench.domain import MAX_RANK, UnknownName, UsageError
from raredx_bench.prompts import WORDINGS
from raredx_train.settings import Teacher

KEEP = ("shortest", "diverse", "all")


@dataclass(frozen=True)
class Rers:
    """Settings of the stages "rers" and, with rounds 0, "rejection" (plain rejection sampling).

    benchmarks: whose part `train` is trained on, where its data is at hand; cases: most of them, drawn by the seed; 0: all.
    simulated: patients drawn from the annotations where there is no such case, of diseases that no split holds out; beside: they
    are drawn all the same, of the cases' own diseases. diseases: without such cases they are of so many, drawn by the seed; 0: all.
    part: "2/4" takes the second of four parts, by publication, so that several processes share the cases.
    variants: masked forms of each case beside the whole one. drop: shares of the findings or sentences that they lack, in turn.
    samples: first answers of the teacher to a case at most; together: how many are asked for before they are judged: with 1 a case
    that is solved costs no further one. accept: the worst rank at which the diagnosis counts as found.
    rounds: reflections on a case without an accepted answer; reflections: answers in each; rewrite: accepted ones are written
    down as forward reasoning.
    records: diseases in K, 0: there is no K; patients: training cases in K; knowledge_first: K is given with the first question (a
    control). encoder: a sentence-transformers model that K is searched with too; empty: none.
    baseline: the phenotype baseline is one of the E; experts: further ones, each asked once a case.
    asked: names in an answer of the teacher (the student is asked for as many as the benchmark wants). keep: which accepted answers
    of a question, at most per_case of them.
    per_disease: most traces of one disease; size: most in the corpus; 0: no limit. budget: most calls of the teacher; 0: no limit;
    with one, all cases are in work at once and are asked in turn.
    wording: of the benchmark's prompts, the one that the student is taught with. tokenizer: a tokenizer.json, or a folder with one,
    that the data card counts tokens with; empty: words.
    filtered: the knowledge-constraint filter is on. fingerprints: files of `raredx-bench audit` beside the benchmarks at hand.
    """

    benchmarks: tuple[str, ...] = ("phenopacket_store",)
    simulated: int = 0
    beside: bool = False
    diseases: int = 0
    cases: int = 0
    part: str = "1/1"
    variants: int = 1
    drop: tuple[float, ...] = (0.3, 0.5)
    seed: int = 1
    samples: int = 4
    together: int = 1
    accept: int = 1
    rounds: int = 2
    reflections: int = 1
    rewrite: bool = True
    records: int = 5
    patients: int = 2
    knowledge_first: bool = False
    encoder: str = ""
    baseline: bool = True
    experts: tuple[Teacher, ...] = ()
    asked: int = 10
    keep: Literal["shortest", "diverse", "all"] = "shortest"
    per_case: int = 1
    per_disease: int = 50
    size: int = 0
    budget: int = 0
    wording: int = 1
    tokenizer: str = ""
    filtered: bool = True
    fingerprints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("samples", "together", "reflections", "per_case", "accept", "asked"):
            if getattr(self, name) < 1:
                raise UsageError(f"rers.{name} is {getattr(self, name)}: give a number of 1 or more")
        for name in (
            "simulated",
            "diseases",
            "cases",
            "variants",
            "rounds",
            "records",
            "patients",
            "per_disease",
            "size",
            "budget",
        ):
            if getattr(self, name) < 0:
                raise UsageError(f"rers.{name} is {getattr(self, name)}: give 0 or more")
        if not self.accept <= self.asked <= MAX_RANK:
            raise UsageError(f"rers.asked is {self.asked}: give a number from accept ({self.accept}) to {MAX_RANK}")
        if not _is_part(self.part):
            raise UsageError(f"rers.part is {self.part!r}: write it as 2/4, the second of four")
        if not self.benchmarks and not self.simulated:
            raise UsageError("rers has neither benchmarks nor simulated patients: name one, or say how many to simulate")
        if any(not 0 < share < 1 for share in self.drop) or (self.variants and not self.drop):
            raise UsageError(f"rers.drop is {list(self.drop)}: give shares between 0 and 1, one at least")
        if not 1 <= self.wording <= len(WORDINGS):
            raise UsageError(f"rers.wording is {self.wording}: give a number from 1 to {len(WORDINGS)}")
        if self.keep not in KEEP:
            raise UnknownName("setting of keep", self.keep, KEEP)


def _is_part(text: str) -> bool:
    number, slash, of = text.partition("/")
    return bool(slash) and number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)
