"""run(): a model through the tasks, by lm-eval. The only package that drives lm_eval.

folders.py   the folder of a run, found again when it wasn't finished
rounds.py    the model through the tasks, once for each wording and repeat
shards.py    a run in parts, and the parts put together
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.answers import AnswerStore
from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.cost import Cost, cost_of, estimate
from raredx_bench.domain import Case, Relation, RunIncomplete, UsageError, Verdict
from raredx_bench.energy import energy
from raredx_bench.harness.folders import data_environment, run_folder
from raredx_bench.harness.rounds import Estimated, answered, rounds_of
from raredx_bench.judging import Judge, judge_for
from raredx_bench.naming import filename
from raredx_bench.prices import load_prices, price_of
from raredx_bench.progress import Live
from raredx_bench.prompts import WORDINGS
from raredx_bench.protocols import chosen as chosen_protocols
from raredx_bench.redacting import scrubbed
from raredx_bench.report import RunReport, write_report
from raredx_bench.reporting import OURS, benchmark_report, environment, pooled, terminology_document
from raredx_bench.tasks import checked_options, select_tasks, shown_cases, task_named, whole

__all__ = ["Estimated", "data_environment", "judge_texts", "run"]

TRAINING_FREE = ("validation", "test", "unseen")  # parts that few-shot examples, which come from train, are not in


@dataclass(frozen=True)
class Plan:
    """What a request means with the data at hand. asked: tasks that the model is asked; chosen: those that are reported."""

    request: Mapping[str, Any]
    asked: Sequence[str]
    chosen: Sequence[str]
    skipped: Mapping[str, str]
    options: Mapping[str, Mapping[str, Any]]
    cases: Mapping[str, Sequence[Case]]


def run(
    model: Any,
    tasks: str | Sequence[str] = ("raredx_demo",),
    *,
    model_args: str | Mapping[str, Any] | None = None,
    limit: int | None = None,
    batch_size: int | str | None = None,
    device: str | None = None,
    gen_kwargs: str | Mapping[str, Any] | None = None,
    apply_chat_template: bool | str | None = None,
    num_fewshot: int = 0,
    reasoning: bool = False,
    confidence: bool = False,
    prompts: int = 1,
    repeats: int = 1,
    seed: int = 1234,
    metadata: Mapping[str, Any] | None = None,
    protocols: Sequence[str] = OURS,
    card: Mapping[str, Any] | None = None,
    prices: Path | str | None = None,
    allow_remote: str | None = None,
    estimate_only: bool = False,
    shard: str | None = None,
    output: Path | str = "runs",
    data_dir: Path | str | None = None,
    listener: Callable[[Live], None] | None = None,
) -> RunReport:
    """The report of one model on some tasks; also written, with all answers and verdicts, under output/<run id>.

    model: the name of an lm-eval model type or of one of ours, a short form (models/spelled.py), an lm-eval model object, or a
    function from prompt to answer. apply_chat_template: None: on for chat models. num_fewshot: examples before each case, out of
    train. reasoning, confidence: ask for them. prompts: how many wordings of the prompt (1 to 3) and repeats: how often each is
    asked; of more than one round the report
    has means, spread and agreement. metadata: options of the tasks. protocols: scoring rules by name, or "all".
    card: what the user states of the model (cutoff: its knowledge cut-off). prices: a file of prices. allow_remote: the agreement
    that lets restricted cases go to a remote endpoint. shard: "1/2" for the first of two parts (`merge` puts them together).
    listener hears the state of the run at its start and after each answer.
    An unfinished run of the same request under output is taken up where it stopped.
    Raises UsageError for a mistake in the request, RunIncomplete when a case has no answer, Estimated with estimate_only.
    """
    root = sources.data_dir(Path(data_dir) if data_dir else None)
    with data_environment(root):
        request = _request(
            model, model_args=model_args, limit=limit, batch_size=batch_size, device=device, gen_kwargs=gen_kwargs,
            apply_chat_template=apply_chat_template, num_fewshot=num_fewshot, reasoning=reasoning, confidence=confidence,
            prompts=prompts, repeats=repeats, seed=seed, metadata=checked_options(metadata), shard=shard,
        )  # fmt: skip
        plan = planned(request, tasks.split(",") if isinstance(tasks, str) else tasks, root)
        protocols = [each.name for each in chosen_protocols(protocols)]
        judge = judge_for(root)
        with run_folder(Path(output), plan.request, plan.cases, judge) as folder:
            asking = _Asking(plan, judge, folder, listener, load_prices(Path(prices) if prices else None), estimate_only)
            stores, spent = asking.ask(model, allow_remote, card)
            report = reported(plan, stores, spent, judge, root, folder, protocols, tasks, asking.card)
            write_report(report, folder)
            return report


def planned(request: Mapping[str, Any], tasks: Sequence[str], root: Path) -> Plan:
    """The plan of a request: tasks, their options and cases. Raises UsageError for what the tasks don't allow."""
    with data_environment(root):  # tasks read their cases from there
        return _planned(request, tasks, root)


def _planned(request: Mapping[str, Any], tasks: Sequence[str], root: Path) -> Plan:
    chosen, skipped = select_tasks(tasks, root, request["metadata"])
    options = {name: {**task_named(name).metadata, **request["metadata"]} for name in chosen}
    if request["num_fewshot"]:
        _check_shots(options)
    cases = {name: shown_cases(options[name], request["limit"]) for name in chosen}
    asked = list(dict.fromkeys(map(whole, chosen)))
    if request["shard"]:
        from raredx_bench.harness.shards import sharded

        return sharded(Plan({**request, "tasks": chosen}, asked, chosen, skipped, options, cases))
    return Plan({**request, "tasks": chosen}, asked, chosen, skipped, options, cases)


def _request(model: Any, **parts: Any) -> dict[str, Any]:
    from raredx_bench.models.egress import refuse_secrets

    named = model if isinstance(model, str) else getattr(model, "__name__", type(model).__name__)
    refuse_secrets(named, parts["model_args"])
    for key in ("model_args", "gen_kwargs"):
        parts[key] = dict(parts[key]) if isinstance(parts[key], Mapping) else parts[key]
    if not 1 <= parts["prompts"] <= len(WORDINGS):
        raise UsageError(f"there are {len(WORDINGS)} wordings of the prompt: --prompts takes 1 to {len(WORDINGS)}")
    if (parts["reasoning"] or parts["confidence"]) and parts["prompts"] > 1:
        raise UsageError("reasoning and confidence have one wording: leave out --prompts")
    if parts["repeats"] < 1 or parts["num_fewshot"] < 0:
        raise UsageError("repeats are 1 or more, few-shot examples 0 or more")
    return {"model": named, **parts}


def _check_shots(options: Mapping[str, Mapping[str, Any]]) -> None:
    for name, each in options.items():
        if not set(str(each.get("split", "")).split("@")) & set(TRAINING_FREE):
            raise UsageError(f"few-shot examples come from train, which {name} asks about too: name it as {name}@test (or @unseen)")


class _Asking:
    """The model built, and asked in all rounds."""

    def __init__(
        self, plan: Plan, judge: Judge, folder: Path, listener: Callable[[Live], None] | None, prices: Any, estimate_only: bool
    ) -> None:  # fmt: skip
        self.plan, self.folder, self.listener, self.prices, self.estimate_only = plan, folder, listener, prices, estimate_only
        self.card: dict[str, Any] = {}
        self._by_id = {filename(name): {case.id: case for case in plan.cases[name]} for name in plan.asked}
        self._rounds = rounds_of(plan.request)
        stored = sum(len(AnswerStore(folder / one.folder).texts(name)) for one in self._rounds for name in plan.asked)
        self.live = Live(judge, len(self._rounds) * sum(len(plan.cases[name]) for name in plan.asked), stored)

    def ask(self, model: Any, allow_remote: str | None, stated: Mapping[str, Any] | None) -> tuple[list[AnswerStore], Cost]:
        """The stores of all rounds, and what asking cost. Raises RunIncomplete when an answer is missing in the end."""
        from raredx_bench.models import build_model
        from raredx_bench.models.card import card_of
        from raredx_bench.models.egress import agreements_of, check_egress, endpoints_of
        from raredx_bench.models.templates import default_chat
        from raredx_bench.models.watching import watched

        request = dict(self.plan.request)
        lm = build_model(model, request["model_args"], request["batch_size"], request["device"])
        for url in endpoints_of(lm):
            check_egress(agreements_of(self.plan.asked), url, allow_remote)
        chat = request["apply_chat_template"] = default_chat(lm, request["apply_chat_template"])
        self.card = card_of(lm, request["model"], request["model_args"], request["gen_kwargs"], chat, stated)
        watch = watched(lm, bars=self.listener is None)
        self._lm = lm
        if self.listener:
            self.listener(self.live)
        started = time.perf_counter()
        with energy() as spent:
            stores = [answered(lm, request, self.plan.asked, one, watch, self.folder, self._heard, self._before)
                      for one in self._rounds]  # fmt: skip
        seconds = time.perf_counter() - started
        if watch.unanswered:
            raise RunIncomplete(f"{len(watch.unanswered)} requests were not answered ({'; '.join(watch.reasons()[:3])}): what was "
                                f"answered is kept in {self.folder}, and the same command asks the rest again")  # fmt: skip
        notes = [note for store in stores for name in self.plan.asked for note in store.notes(name).values()]
        price = price_of(str(self.card.get("id") or ""), self.prices)
        return stores, cost_of(notes, seconds=seconds, price=price, energy_joules=spent.joules)

    def _heard(self, task: str, case_id: str, text: str) -> None:
        case = self._by_id[task].get(case_id)
        if self.listener and case is not None:
            self.live.add(task, case, text, BENCHMARKS[case.benchmark].asked)
            self.listener(self.live)

    def _before(self, requests: Sequence[Any]) -> None:
        """Before anything is sent: does it fit, and what may it cost?"""
        from raredx_bench.models.card import context_of
        from raredx_bench.models.context import check_context, counter_of

        count, context = counter_of(self._lm), context_of(self._lm, self.plan.request["model_args"])
        longest = max((int(each.args[1].get("max_gen_toks", 256)) for each in requests), default=0)
        prompts = [(str(each.doc["case_id"]), str(each.args[0])) for each in requests]
        if self.estimate_only:
            price = price_of(str(self.card.get("id") or ""), self.prices)
            raise Estimated(estimate((text for _, text in prompts * len(self._rounds)), longest, count, price))
        if count is not None and context is not None:
            check_context(prompts, count, context, longest)


def reported(
    plan: Plan, stores: Sequence[AnswerStore], spent: Cost, judge: Judge, root: Path, folder: Path, protocols: Sequence[str],
    groups: str | Sequence[str], card: Mapping[str, Any],
) -> RunReport:  # fmt: skip
    """The report on the answers of all rounds. Raises RunIncomplete when a case has none."""
    rounds = {
        name: [judge_texts(judge, plan.cases[name], store.texts(whole(name))) for store in stores] for name in plan.chosen
    }  # fmt: skip
    first = {name: runs[0] for name, runs in rounds.items()}
    notes = {name: stores[0].notes(whole(name)) for name in plan.chosen}
    chat = bool(card.get("chat", {}).get("on")) if isinstance(card.get("chat"), Mapping) else False
    benchmarks = {
        name: benchmark_report(name, plan.options[name], plan.cases[name], first[name], judge, root, chat_template=chat,
                               protocols=protocols, notes=notes[name], rounds=rounds[name], request=plan.request,
                               cutoff=card.get("cutoff"))
        for name in plan.chosen
    }  # fmt: skip
    return RunReport(
        id=folder.name,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        model=scrubbed({"name": card.get("id") or plan.request["model"], "args": plan.request["model_args"], "card": dict(card)}),
        request=scrubbed({**plan.request, "protocols": list(protocols)}),
        terminology=terminology_document(judge),
        environment=environment(),
        cost=_cost_document(
            spent,
            sum(len(plan.cases[name]) for name in plan.asked),
            sum(each.rank(Relation.EXACT) == 1 for name in plan.asked for run in rounds[name] for each in run),
        ),
        skipped=plan.skipped,
        benchmarks=benchmarks,
        groups=pooled(groups.split(",") if isinstance(groups, str) else groups, first),
        folder=folder,
    )


def _cost_document(spent: Cost, cases: int, correct: int) -> dict[str, float]:
    """What is known of the cost, as numbers: what isn't known is left out. correct: right diagnoses at rank 1, in all rounds."""
    price = f"price_{(spent.currency or 'usd').lower()}"
    tokens = (
        None if spent.prompt_tokens is None or spent.completion_tokens is None else spent.prompt_tokens + spent.completion_tokens
    )
    whole = correct if spent.tokens_counted == spent.requests else 0
    known = {
        "seconds": round(spent.seconds or 0.0, 3), "cases": cases, "requests": spent.requests, "prompt_tokens": spent.prompt_tokens,
        "completion_tokens": spent.completion_tokens, "tokens_per_second": spent.tokens_per_second,
        price: spent.price, "energy_joules": spent.energy_joules,
        "tokens_per_correct": tokens / whole if tokens is not None and whole else None,
        f"{price}_per_correct": spent.price / whole if spent.price is not None and whole else None,
        "energy_joules_per_correct": spent.energy_joules / correct if spent.energy_joules is not None and correct else None,
    }  # fmt: skip
    return {name: value for name, value in known.items() if value is not None}


def judge_texts(judge: Judge, cases: Sequence[Case], texts: Mapping[str, str]) -> list[Verdict]:
    """One verdict per case. Raises RunIncomplete when a case has no answer: that is no miss."""
    missing = [case.id for case in cases if case.id not in texts]
    if missing:
        raise RunIncomplete(f"{len(missing)} of {len(cases)} cases have no answer (the first: {missing[0]}): run again to ask them")
    return [judge.judge(case, texts[case.id], BENCHMARKS[case.benchmark].asked) for case in cases]
