"""run(): a model through the tasks, by lm-eval. The only module that drives lm_eval."""

from __future__ import annotations

import datetime
import itertools
import json
import logging
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from raredx_bench import sources
from raredx_bench.answers import AnswerStore, Listener
from raredx_bench.benchmarks import BENCHMARKS, digest
from raredx_bench.compiled import digest_of
from raredx_bench.domain import Case, RunIncomplete, UsageError, Verdict
from raredx_bench.judging import Judge, judge_for
from raredx_bench.protocols import chosen as chosen_protocols
from raredx_bench.report import RunReport, write_report
from raredx_bench.reporting import OURS, benchmark_report, environment, pooled, terminology_document
from raredx_bench.tasks import checked_options, loaded_tasks, select_tasks, shown_cases, task_named, whole

log = logging.getLogger("raredx")


def run(
    model: Any,
    tasks: str | Sequence[str] = ("raredx_demo",),
    *,
    model_args: str | Mapping[str, Any] | None = None,
    limit: int | None = None,
    batch_size: int | str | None = None,
    device: str | None = None,
    gen_kwargs: str | Mapping[str, Any] | None = None,
    apply_chat_template: bool | str = False,
    seed: int = 1234,
    metadata: Mapping[str, Any] | None = None,
    protocols: Sequence[str] = OURS,
    output: Path | str = "runs",
    data_dir: Path | str | None = None,
    listener: Listener | None = None,
    planned: Callable[[int, int], None] | None = None,
) -> RunReport:
    """The report of one model on some tasks; also written, with all answers and verdicts, under output/<run id>.

    model: the name of an lm-eval model type or of one of ours, an lm-eval model object, or a function from prompt to answer.
    metadata: options of the tasks (sim_n, sim_seed). protocols: scoring rules by name, or "all".
    listener hears each answer; planned hears (cases, already answered).
    An unfinished run of the same request under output is taken up where it stopped.
    Raises UsageError for a mistake in the request, RunIncomplete when the model stopped before the last case.
    """
    root = sources.data_dir(Path(data_dir) if data_dir else None)
    tasks = tasks.split(",") if isinstance(tasks, str) else tasks
    metadata = checked_options(metadata)
    protocols = [each.name for each in chosen_protocols(protocols)]
    with data_environment(root):
        chosen, skipped = select_tasks(tasks, root, metadata)
        asked = list(dict.fromkeys(map(whole, chosen)))
        request = {
            "model": model if isinstance(model, str) else getattr(model, "__name__", type(model).__name__),
            "model_args": dict(model_args) if isinstance(model_args, Mapping) else model_args,
            "tasks": chosen, "limit": limit, "batch_size": batch_size, "device": device,
            "gen_kwargs": dict(gen_kwargs) if isinstance(gen_kwargs, Mapping) else gen_kwargs,
            "apply_chat_template": apply_chat_template, "seed": seed, "metadata": metadata,
        }  # fmt: skip
        options = {name: {**task_named(name).metadata, **metadata} for name in chosen}
        cases = {name: shown_cases(options[name], limit) for name in chosen}
        judge = judge_for(root)
        with _run_folder(Path(output), request, cases, judge) as folder:
            store = AnswerStore(folder / "answers", listener)
            if planned:
                planned(sum(len(cases[name]) for name in asked), sum(len(store.texts(name)) for name in asked))
            started = time.perf_counter()
            info = _answer(model, request, store, asked, folder)
            seconds = time.perf_counter() - started
            verdicts = {name: judge_texts(judge, cases[name], store.texts(whole(name))) for name in chosen}
            report = RunReport(
                id=folder.name,
                created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                model={"name": request["model"], "args": request["model_args"], **info},
                request={**request, "protocols": protocols},
                terminology=terminology_document(judge),
                environment=environment(),
                cost={"seconds": round(seconds, 3), "cases": sum(len(cases[name]) for name in asked)},
                skipped=skipped,
                benchmarks={
                    name: benchmark_report(name, options[name], cases[name], verdicts[name], judge, root,
                                           chat_template=apply_chat_template, protocols=protocols)
                    for name in chosen
                },
                groups=pooled(tasks, verdicts),
                folder=folder,
            )  # fmt: skip
            write_report(report, folder)
            return report


def judge_texts(judge: Judge, cases: Sequence[Case], texts: Mapping[str, str]) -> list[Verdict]:
    """One verdict per case. Raises RunIncomplete when a case has no answer: that is no miss."""
    missing = [case.id for case in cases if case.id not in texts]
    if missing:
        raise RunIncomplete(f"{len(missing)} of {len(cases)} cases have no answer (the first: {missing[0]}): run again to ask them")
    return [judge.judge(case, texts[case.id], BENCHMARKS[case.benchmark].asked) for case in cases]


def _answer(
    model: Any,
    request: Mapping[str, Any],
    store: AnswerStore,
    chosen: list[str],
    folder: Path,
) -> dict[str, str]:
    """Ask the model everything that is not stored; what the model says of itself comes back.

    evaluate() rather than simple_evaluate(): the latter collects the environment with git and torch, seconds a run.
    """
    from lm_eval import evaluate
    from lm_eval.utils import simple_parse_args_string

    from raredx_bench.models import build_model

    lm = build_model(model, request["model_args"], request["batch_size"], request["device"])
    _seed(request["seed"])
    generation = request["gen_kwargs"]
    generation = simple_parse_args_string(generation) if isinstance(generation, str) else generation
    loaded = loaded_tasks(chosen, request["metadata"])
    for task in loaded["tasks"].values():
        if generation:
            task.set_config(key="generation_kwargs", value=generation, update=True)
        task.set_config(key="num_fewshot", value=0)
        task.set_fewshot_seed(seed=request["seed"])
        task.override_metric(metric_name="bypass")  # verdicts come from the stored answers
    try:
        with store.attached(lm):
            evaluate(lm, loaded, limit=request["limit"], bootstrap_iters=0, apply_chat_template=request["apply_chat_template"])
    except KeyboardInterrupt as stop:
        raise RunIncomplete(_kept("stopped", store, chosen, folder)) from stop
    except UsageError:
        raise
    except Exception as error:
        log.debug("the model failed", exc_info=True)
        raise RunIncomplete(_kept(f"the model failed with {type(error).__name__}: {error}", store, chosen, folder)) from error
    info = lm.get_model_info() if hasattr(lm, "get_model_info") else {}
    return {key: str(value) for key, value in info.items()}


def _seed(seed: int) -> None:
    import numpy

    random.seed(seed)
    numpy.random.seed(seed)  # lm-eval and its backends draw from the global generators
    if "torch" in sys.modules:  # only a model that uses it has loaded it
        from lm_eval.utils import set_torch_seed

        set_torch_seed(seed)


def _kept(what: str, store: AnswerStore, chosen: Sequence[str], folder: Path) -> str:
    done = sum(len(store.texts(name)) for name in chosen)
    return f"{what}; {done} answers are kept in {folder / 'answers'}: the same command goes on from there"


@contextmanager
def _run_folder(output: Path, request: Mapping[str, Any], cases: Mapping[str, Sequence[Case]], judge: Judge) -> Iterator[Path]:
    """The folder of an unfinished run of the same request and cases that no other process is at, else a new one.

    Raises UsageError when it can't be made.
    """
    key = digest_of([json.dumps(request, sort_keys=True, default=str), *(digest(tuple(each)) for each in cases.values()),
                     judge.ontology.digest])[:8]  # fmt: skip
    try:
        output.mkdir(parents=True, exist_ok=True)
        unfinished = [path for path in sorted(output.glob(f"*-{key}"))
                      if (path / "run.json").is_file() and not (path / "report.json").is_file()]  # fmt: skip
        lock = next(filter(None, map(_lock, unfinished)), None) or _new_run(output, request, key)
    except OSError as error:
        raise UsageError(f"can't write to the output folder {output}: {error.strerror}; name another with --output") from error
    try:
        yield Path(lock.lock_file).parent
    finally:
        lock.release()


def _new_run(output: Path, request: Mapping[str, Any], key: str) -> FileLock:
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", str(request["model"])).strip("-") or "model"
    for number in itertools.count():
        folder = output / f"{slug}-{stamp}{f'.{number}' if number else ''}-{key}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        if lock := _lock(folder):
            (folder / "run.json").write_text(json.dumps(request, indent=2, default=str) + "\n", encoding="utf-8")
            return lock
    raise AssertionError("unreachable: the numbers do not end")


def _lock(folder: Path) -> FileLock | None:
    """The lock of a run folder, taken; None when another process holds it."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


@contextmanager
def data_environment(root: Path) -> Iterator[None]:
    """RAREDX_DATA for the hooks, which get no arguments, and lm-eval's chatter turned down; both put back."""
    before, level = os.environ.get("RAREDX_DATA"), logging.getLogger("lm_eval").level
    if root.is_dir():
        os.environ["RAREDX_DATA"] = str(root)
    if not log.isEnabledFor(logging.DEBUG):
        logging.getLogger("lm_eval").setLevel(logging.ERROR)
    try:
        yield
    finally:
        logging.getLogger("lm_eval").setLevel(level)
        if before is None:
            os.environ.pop("RAREDX_DATA", None)
        else:
            os.environ["RAREDX_DATA"] = before
