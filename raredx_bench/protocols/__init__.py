"""One run under every published deterministic rule: verdicts -> estimates per protocol.

A protocol reads the predictions of a verdict in rank order: their links, or their names as the parser left them. Judging has
already dropped names that link to a disease named before, so a rule on raw names sees a list without those repeats.
A published rule that needs a language model or an embedding search is read as the nearest rule without one; each protocol says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version as package_version
from pathlib import Path
from types import MappingProxyType

import numpy as np

from raredx_bench.domain import MAX_RANK, Estimate, UnknownName, UsageError, Verdict
from raredx_bench.judging import Judge
from raredx_bench.metrics import MISS, rank_estimates
from raredx_bench.protocols import orphanet, rules
from raredx_bench.protocols.rules import Gold, Rule
from raredx_bench.terminologies import curie

VERSION = "protocols-1"


@dataclass(frozen=True, slots=True)
class Protocol:
    """A published scoring rule.

    k: names that are looked at; measures: what is published under the rule; credits: suffixes of recall, the strictest first,
    each counting those before it too. cite: where the rule is published; rule: what it says, in one sentence.
    basis: what it compares with, as the signature states it.
    """

    name: str
    k: int
    measures: tuple[str, ...]
    cite: str
    rule: str
    build: Callable[[Judge, Path], Rule]
    basis: Callable[[Judge, Path], str]
    credits: tuple[str, ...] = ("",)

    def signature(self, judge: Judge, root: Path) -> str:
        """Changes whenever a score of the same predicted names could change."""
        return f"protocol:{self.name}|{VERSION}|k:{self.k}|{self.basis(judge, root)}"

    def ranks(self, verdict: Verdict, gold: Gold, judge: Judge, root: Path) -> dict[str, int]:
        """Credit -> rank of the first prediction that earns it, from 1 to k; MISS when none does."""
        rule = _built(self.name, judge, root)
        earned = [rule(prediction, gold) for prediction in verdict.predictions[: self.k]]
        return {
            suffix: next((rank for rank, credit in enumerate(earned, 1) if credit is not None and credit <= limit), MISS)
            for limit, suffix in enumerate(self.credits)
        }


def _judged(judge: Judge, root: Path) -> str:
    return f"judge:{judge.version}"


def _counted(judge: Judge, root: Path) -> str:
    return f"judge:{judge.version}|parents:{orphanet.parents(judge.ontology, root).origin}"


def _orphanet_names(judge: Judge, root: Path) -> str:
    origin = orphanet.names(judge.ontology, root).origin
    return f"terminology:{judge.ontology.digest[:12]}|names:{origin}|rapidfuzz:{package_version('rapidfuzz')}"


def _own_names(judge: Judge, root: Path) -> str:
    return f"terminology:{judge.ontology.digest[:12]}"


def _recall(*ks: int) -> tuple[str, ...]:
    return tuple(f"recall@{k}" for k in ks)


PROTOCOLS: Mapping[str, Protocol] = MappingProxyType({
    protocol.name: protocol
    for protocol in (
        Protocol(
            "raredx", MAX_RANK, (*_recall(1, 3, 5, 10), "mrr", "median_rank"), "this project, judging.py",
            "The linked disease is a gold; /narrower also counts those below a gold, /broader those above one that aren't vague.",
            rules.raredx, _judged, ("", "/narrower", "/broader"),
        ),
        Protocol(
            "rarearena-2026", 5, _recall(1, 5),
            "RareArena, doi:10.1016/j.landig.2025.100953, eval/eval_updated.py of github.com/zhao-zy15/RareArena",
            "Score 2: the name links to a gold; score 1 (/broader, with score 2 the \"total\"): to an Orphanet parent of it with "
            "at most 10 diseases below; published with a language model as the judge, read here with the linker in its place.",
            rules.rarearena, _counted, ("", "/broader"),
        ),
        Protocol(
            "rarebench", MAX_RANK, (*_recall(1, 3, 10), "median_rank"), "RareBench, arXiv 2402.06341",
            "The linked disease is any of the gold's ids; a miss has rank 11; published with a language model as the judge.",
            rules.rarebench, _judged,
        ),
        Protocol(
            "malco", MAX_RANK, (*_recall(1, 3, 5, 10), "mrr"),
            "pheval.llm, src/malco/process/scoring.py of github.com/monarch-initiative/pheval.llm",
            "The linked disease is a gold or lies above one, however wide; the published grounding is an embedding search that is "
            "not deterministic: our linker stands in for it.",
            rules.malco, _judged,
        ),
        Protocol(
            "rareagentbench", 5, _recall(1, 5),
            "RareAgentBench, pmc_oa/orphanet.py, agents/_adapter_utils.py and metrics/cross_map.py under harness of "
            "github.com/RoseZhao929/RDAgentBenchmark",
            "An exact Orphanet name or synonym, else rapidfuzz WRatio: when the best name reaches 90, the best five within 5 "
            "points of it (88 at least) tie, and a gold among them counts; /crossref also counts Orphanet entries that merely "
            "name a gold's OMIM number, as the published code does.",
            rules.rareagentbench, _orphanet_names, ("", "/crossref"),
        ),
        Protocol(
            "editdistance-2609.35549", MAX_RANK, _recall(1, 5, 10), "RareDx, arXiv 2609.35549",
            "The nearest of all names and synonyms lies within a normalised edit distance of 0.20 and is the gold's; of equally "
            "near names any may be.",
            rules.editdistance, _own_names,
        ),
        Protocol(
            "substring", 5, _recall(1, 5),
            "Deep-DxSearch, DiagRL/scripts/eval/performEval.py of github.com/MAGIC-AI4Med/Deep-DxSearch",
            "In lower case, the name equals a gold's preferred name, is part of it, or holds it.",
            rules.substring, _own_names,
        ),
    )
})  # fmt: skip


@lru_cache(maxsize=32)
def _built(name: str, judge: Judge, root: Path) -> Rule:
    """The rule over one judge and data directory, with what it remembers of names and golds."""
    return PROTOCOLS[name].build(judge, root)


def chosen(names: Sequence[str]) -> list[Protocol]:
    """The protocols of these names, without repeats; "all" stands for every one. Raises UnknownName, UsageError for none."""
    if not names:
        raise UsageError(f"name at least one protocol: {', '.join((*PROTOCOLS, 'all'))}")
    unknown = next((name for name in names if name not in PROTOCOLS and name != "all"), None)
    if unknown is not None:
        raise UnknownName("protocol", unknown, (*PROTOCOLS, "all"))
    expanded = (each for name in names for each in (PROTOCOLS if name == "all" else (name,)))
    return [PROTOCOLS[name] for name in dict.fromkeys(expanded)]


def score(
    names: Sequence[str],
    verdicts: Sequence[Verdict],
    golds: Mapping[str, tuple[str, ...]],
    judge: Judge,
    root: Path,
) -> dict[str, dict[str, Estimate]]:
    """Protocol -> its measures with 95 % intervals, clustered by the verdicts' groups.

    golds: case id -> the answers' ids; a case that isn't there is scored against its verdict's gold, as old reports hold it.
    Predictions keep the links and relations that judging gave them. Raises UnknownName for an unknown protocol,
    ValueError when there are no verdicts.
    """
    protocols = chosen(names)
    right = [_gold(golds.get(verdict.case_id, verdict.gold), judge) for verdict in verdicts]
    groups = [verdict.group for verdict in verdicts]
    found: dict[str, dict[str, Estimate]] = {}
    for protocol in protocols:
        ranks = [protocol.ranks(verdict, gold, judge, root) for verdict, gold in zip(verdicts, right, strict=True)]
        found[protocol.name] = {
            f"{name}{suffix}": estimate
            for suffix in protocol.credits
            for name, estimate in rank_estimates(np.array([each[suffix] for each in ranks]), groups).items()
            if name in protocol.measures and (not suffix or name.startswith("recall"))
        }
    return found


def _gold(answers: tuple[str, ...], judge: Judge) -> Gold:
    return Gold(tuple(curie(each.strip()) or each.strip() for each in answers), judge.gold(answers))
