"""What the first stage of the recipe can be told: one frozen dataclass that YAML fills."""

from __future__ import annotations

from dataclasses import dataclass, replace

from raredx_bench.domain import UnknownName, UsageError
from raredx_train.knowledge.templates import kinds_known

UNSEEN_DISEASES = ("keep", "drop")


@dataclass(frozen=True)
class Knowledge:
    """Settings of the stage "knowledge". The defaults build the set that docs/knowledge.md describes.

    pairs: question-answer pairs wanted from templates; fewer come when the sources hold no more.
    per_disease: most template pairs about one disease.
    diseases: how many diseases are taught, and the findings that they have, drawn by the seed from those with RICH findings or
        more; 0: all. For small students: wrong options still come from everything that is known.
    benchmarks: the diseases of the training cases of these are drawn before any other, as far as their data is at hand.
    combinations: how many sets of findings are drawn for questions after the one disease that has them all, of each disease.
    kinds: question kinds to use; empty: all.
    seed: of every draw.
    heldout_share: share of the facts that no pair teaches, and again of those that are asked about in words that no pair uses.
    heldout: most held-out questions of each of these two sets.
    unseen_diseases: "keep" teaches the diseases of the split `unseen` as well (their cases are held out, not what is known of
        them); "drop" leaves them out.
    pubmed: files or folders of PubMed XML or MEDLINE, gzipped or not; used by what a generator writes alone.
    pubmed_search, pubmed_limit: a PubMed query to fetch abstracts by (E-utilities), and how many at most; empty: none.
    written: most pairs that a generator writes from abstracts and definitions; 0: none.
    per_passage: pairs asked of the generator for one text.
    fingerprints: files of `raredx-bench audit`: pairs that overlap one of their cases are left out, beside those of the
        benchmarks at hand.
    general, general_ratio: a file of instruction data in TRL's conversational format, and how many of its pairs are mixed in
        for each pair of knowledge.
    tokenizer: a tokenizer.json, or a folder with one, that the data card counts tokens with; empty: words.
    """

    pairs: int = 64_000
    per_disease: int = 12
    diseases: int = 0
    benchmarks: tuple[str, ...] = ()
    combinations: int = 2
    kinds: tuple[str, ...] = ()
    seed: int = 1
    heldout_share: float = 0.02
    heldout: int = 2_000
    unseen_diseases: str = "keep"
    pubmed: tuple[str, ...] = ()
    pubmed_search: str = ""
    pubmed_limit: int = 200
    written: int = 0
    per_passage: int = 3
    fingerprints: tuple[str, ...] = ()
    general: str = ""
    general_ratio: float = 0.0
    tokenizer: str = ""

    def __post_init__(self) -> None:
        for name in ("pairs", "per_disease", "pubmed_limit", "per_passage"):
            if getattr(self, name) < 1:
                raise UsageError(f"knowledge.{name} is {getattr(self, name)}: give a number of 1 or more")
        for name in ("diseases", "combinations", "heldout", "written", "general_ratio"):
            if getattr(self, name) < 0:
                raise UsageError(f"knowledge.{name} is {getattr(self, name)}: give 0 or more")
        if not 0 <= self.heldout_share <= 0.25:
            raise UsageError(f"knowledge.heldout_share is {self.heldout_share}: give a share from 0 to 0.25")
        if self.unseen_diseases not in UNSEEN_DISEASES:
            raise UnknownName("setting of unseen_diseases", self.unseen_diseases, UNSEEN_DISEASES)
        if self.benchmarks and not self.diseases:
            raise UsageError("knowledge.benchmarks says whose diseases come first but knowledge.diseases is 0, all: set a number")
        known = kinds_known()
        for kind in self.kinds:
            if kind not in known:
                raise UnknownName("question kind", kind, known)
        if (self.pubmed or self.pubmed_search) and not self.written:
            raise UsageError("knowledge.pubmed names texts but knowledge.written is 0: say how many pairs to write from them")
        if self.general_ratio and not self.general:
            raise UsageError("knowledge.general_ratio is set but knowledge.general names no file: name one, or set the ratio to 0")
        if self.general and not self.general_ratio:
            raise UsageError("knowledge.general names a file but knowledge.general_ratio is 0: set the ratio, or name no file")

    @property
    def of_all(self) -> Knowledge:
        """The same, of all diseases: what is known when one reasons on a case."""
        return replace(self, diseases=0, benchmarks=(), kinds=())
