"""A language model as a second judge: verdicts -> LLMJudgement.

Never the default, and no score of ours depends on it: it shows how far a judge of this kind agrees with us. It sees predicted
names and gold names, never a case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench.agreement import Agreement, agreement, agreement_document
from raredx_bench.domain import Estimate, Relation, UnknownName, UsageError, Verdict
from raredx_bench.endpoint import Completion, Endpoint, Progress
from raredx_bench.metrics import MISS, rank_estimates
from raredx_bench.ontology import Ontology
from raredx_bench.report import estimates_document
from raredx_bench.rubrics import NONE, RUBRICS, Rubric


@dataclass(frozen=True)
class Reply:
    """What the judge said of one name, or of one ranked list; grade None: it can't be read from the completion.

    ours: the grade that our relations come to.
    """

    case_id: str
    names: tuple[str, ...]
    relations: tuple[Relation, ...]
    ours: str
    grade: str | None
    completion: Completion


@dataclass(frozen=True)
class LLMJudgement:
    """One benchmark by another judge. replies are in the order of cases and ranks.

    estimates: by the judge's grades over the decided cases, a case without a name being a miss; empty when none is decided.
    For rarearena recall@k (k to 5) counts score 2, recall@k/broader score 1 too; for rarebench recall@k, mrr and median_rank.
    unreadable: replies without a grade. undecided: cases whose result hangs on one. unnamed: cases without a gold name. The
    cases of both are in no estimate. asked: replies made now, the others were kept. tokens: prompt and completion, of all replies.
    agreement: readable replies (theirs) against our relations, the hit being score 2 or rank 1; None: nothing was readable.
    by_relation: for rarearena, our relation -> score -> names, which tells narrower names from exact ones.
    """

    rubric: str
    model: str
    base_url: str
    replies: tuple[Reply, ...]
    estimates: Mapping[str, Estimate]
    unreadable: int
    undecided: tuple[str, ...]
    unnamed: tuple[str, ...]
    asked: int
    tokens: Mapping[str, int]
    agreement: Agreement | None
    by_relation: Mapping[Relation, Mapping[str, int]]


def names_of_gold(verdicts: Sequence[Verdict], ontology: Ontology) -> dict[str, tuple[str, ...]]:
    """Case id -> preferred names of its gold; empty where the terminology knows none."""
    return {each.case_id: tuple(ontology.name(gold) for gold in each.gold if gold in ontology) for each in verdicts}


def judge_run(
    verdicts: Sequence[Verdict],
    gold_names: Mapping[str, Sequence[str]],
    *,
    rubric: str,
    base_url: str,
    model: str,
    cache: Path,
    api_key: str | None = None,
    listener: Progress | None = None,
    workers: int = 8,
    temperature: float | None = 0.0,
    seed: int | None = 0,
    max_tokens: int | None = None,
    retries: int = 5,
    timeout: float = 120.0,
) -> LLMJudgement:
    """The verdicts of one benchmark as a language model grades them, by the rubric "rarearena" or "rarebench".

    gold_names: case id -> names, any of which is right. cache: folder of kept replies; the same request is never made twice.
    listener hears (replies at hand, replies wanted). The other arguments are Endpoint's.
    Raises UnknownName for another rubric, UsageError when there is nothing to ask or the extra "judge" is not installed,
    RunIncomplete when the endpoint fails: the same call goes on.
    """
    if rubric not in RUBRICS:
        raise UnknownName("rubric", rubric, RUBRICS)
    chosen = RUBRICS[rubric]
    endpoint = Endpoint(base_url, model, api_key, temperature, seed, max_tokens, retries, timeout)
    named = [each for each in verdicts if gold_names.get(each.case_id)]
    if not named:
        raise UsageError("there is no case with a gold name: there is nothing to ask")
    questions = [question for verdict in named for question in _questions(chosen, verdict, gold_names[verdict.case_id])]
    prompts = [prompt for prompt, _, _ in questions]
    completions, asked = endpoint.ask_all(prompts, chosen.version, cache, workers, listener)
    replies = tuple(_reply(chosen, verdict, ranks, completions[prompt]) for prompt, verdict, ranks in questions)
    estimates, undecided = _estimates(chosen, named, replies)
    return LLMJudgement(
        rubric=chosen.version,
        model=model,
        base_url=base_url,
        replies=replies,
        estimates=estimates,
        unreadable=sum(reply.grade is None for reply in replies),
        undecided=undecided,
        unnamed=tuple(each.case_id for each in verdicts if not gold_names.get(each.case_id)),
        asked=asked,
        tokens={
            "prompt": sum(each.prompt_tokens for each in completions.values()),
            "completion": sum(each.completion_tokens for each in completions.values()),
        },
        agreement=_agreement(chosen, replies),
        by_relation=_by_relation(chosen, replies),
    )


def _questions(rubric: Rubric, verdict: Verdict, gold: Sequence[str]) -> list[tuple[str, Verdict, slice]]:
    """(prompt, verdict, the ranks it is about): one for each name, or one for the list; none for a case without names."""
    names = [prediction.link.name for prediction in verdict.predictions[: rubric.depth]]
    slices = [slice(i, i + 1) for i in range(len(names))] if rubric.single else [slice(0, len(names))] if names else []
    return [(rubric.prompt(names[ranks], gold), verdict, ranks) for ranks in slices]


def _reply(rubric: Rubric, verdict: Verdict, ranks: slice, completion: Completion) -> Reply:
    about = verdict.predictions[ranks]
    names, relations = tuple(each.link.name for each in about), tuple(each.relation for each in about)
    return Reply(
        verdict.case_id, names, relations, rubric.ours(relations), rubric.grade(completion.text, names), completion
    )  # fmt: skip


def _estimates(
    rubric: Rubric, verdicts: Sequence[Verdict], replies: Sequence[Reply]
) -> tuple[dict[str, Estimate], tuple[str, ...]]:
    """Estimates over the cases that are decided, and the ids of the others."""
    grades: dict[str, list[str | None]] = {verdict.case_id: [] for verdict in verdicts}
    for reply in replies:
        grades[reply.case_id].append(reply.grade)
    ranks = {each: _ranks(rubric, grades[each]) for each in grades}
    decided = [(verdict.group, found) for verdict in verdicts if (found := ranks[verdict.case_id]) is not None]
    undecided = tuple(each for each, found in ranks.items() if found is None)
    if not decided:
        return {}, undecided
    groups = [group for group, _ in decided]
    best, wide = (rank_estimates(np.array([found[i] for _, found in decided]), groups) for i in (0, 1))
    if not rubric.single:
        return best, undecided
    kept = [f"recall@{k}" for k in (1, 3, 5)]
    return {**{key: best[key] for key in kept}, **{f"{key}/broader": wide[key] for key in kept}}, undecided


def _ranks(rubric: Rubric, grades: Sequence[str | None]) -> tuple[int, int] | None:
    """Ranks of the first hit, and of the first hit or wider name; MISS: none. None: an unreadable grade may come before it."""
    if not rubric.single:
        grade = grades[0] if grades else NONE
        return None if grade is None else (MISS, MISS) if grade == NONE else (int(grade), int(grade))
    readable = list(takewhile(lambda grade: grade is not None, grades))
    if len(readable) < len(grades) and "2" not in readable:
        return None
    first, wide = (next((i for i, each in enumerate(readable, 1) if each in wanted), MISS) for wanted in (("2",), ("2", "1")))
    return first, wide


def _agreement(rubric: Rubric, replies: Sequence[Reply]) -> Agreement | None:
    read = [(reply.grade, reply.ours) for reply in replies if reply.grade is not None]
    return agreement([theirs for theirs, _ in read], [ours for _, ours in read], labels=rubric.grades) if read else None


def _by_relation(rubric: Rubric, replies: Sequence[Reply]) -> dict[Relation, dict[str, int]]:
    if not rubric.single:
        return {}
    seen = [(reply.relations[0], reply.grade) for reply in replies]
    return {relation: {grade: seen.count((relation, grade)) for grade in rubric.grades} for relation in Relation}


def judgement_document(found: LLMJudgement) -> dict[str, Any]:
    """The JSON form, every reply included."""
    return {
        **{name: getattr(found, name) for name in ("rubric", "model", "base_url", "unreadable", "asked")},
        "undecided": list(found.undecided),
        "unnamed": list(found.unnamed),
        "tokens": dict(found.tokens),
        "estimates": estimates_document(found.estimates),
        "agreement": agreement_document(found.agreement),
        "by_relation": {relation.value: dict(scores) for relation, scores in found.by_relation.items()},
        "replies": [
            {"case_id": each.case_id, "names": list(each.names), "relations": [relation.value for relation in each.relations],
             "ours": each.ours, "grade": each.grade, "text": each.completion.text, "finish": each.completion.finish}
            for each in found.replies
        ],
    }  # fmt: skip
