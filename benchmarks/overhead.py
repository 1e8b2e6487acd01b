"""What the harness adds to lm-eval's own run of the same task in the same process: seconds by the clock and of the processor.

python -m benchmarks.overhead [--cases 1000] [--pause 0.01] [--repeats 5] [--profile]

The model is a function that answers by the case after a pause. Ours: raredx_bench.run, report and files included. Theirs:
lm_eval.simple_evaluate and lm_eval.evaluate on the same task objects, which judge each answer too (process_results is our judge).
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import raredx_bench
from benchmarks.kill_resume import Endpoint
from raredx_bench.models import FunctionLM

TASK = "raredx_sim"
Timed = tuple[float, float]  # seconds by the clock, of the processor


def timed(run: Callable[[], Any]) -> Timed:
    """How long one run takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


def runs(model: Callable[[str], str], cases: int, folder: Path) -> dict[str, Callable[[], Any]]:
    """The three ways by name; the seeds, the limit and the bootstrap are off or the same in all."""
    from lm_eval import evaluate, simple_evaluate

    from raredx_bench.tasks import loaded_tasks, task_manager

    options = {"sim_n": cases}

    def bare() -> Any:
        return evaluate(FunctionLM(model), loaded_tasks([TASK], options), bootstrap_iters=0)

    def simple() -> Any:
        return simple_evaluate(FunctionLM(model), tasks=[TASK], task_manager=task_manager(options), bootstrap_iters=0)

    def ours() -> Any:
        return raredx_bench.run(model, [TASK], metadata=options, output=folder)

    return {"lm_eval.evaluate": bare, "lm_eval.simple_evaluate": simple, "raredx_bench.run": ours}


def measured(ways: dict[str, Callable[[], Any]], repeats: int) -> dict[str, list[Timed]]:
    """Each way once for the caches, then all in turn, as often as asked."""
    for run in ways.values():
        run()
    found: dict[str, list[Timed]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, run in ways.items():
            found[name].append(timed(run))
    return found


def main() -> None:
    """Print medians and what ours adds; with --profile where its time goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--pause", type=float, default=0.01)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    server = Endpoint(options.cases, 0)
    answers = {text: server.answer(text) for text in server.cases}
    server.server_close()

    def model(prompt: str) -> str:
        time.sleep(options.pause)
        return answers[prompt.split("Case:\n")[1].split("\n\nAnswer with")[0]]

    with tempfile.TemporaryDirectory() as folder:
        ways = runs(model, options.cases, Path(folder))
        found = measured(ways, options.repeats)
        report(found, options.cases)
        if options.profile:
            profile = cProfile.Profile(time.process_time)
            profile.runcall(ways["raredx_bench.run"])
            pstats.Stats(profile).sort_stats("cumulative").print_stats("raredx_bench|evaluator|task.py", 30)


def report(found: dict[str, list[Timed]], cases: int) -> None:
    """Prints a line a way: median seconds, and what it adds to lm_eval.evaluate in the same turn."""
    base = found["lm_eval.evaluate"]
    whole = statistics.median(wall for wall, _ in base)
    for name, times in found.items():
        wall, busy = (statistics.median(each) for each in zip(*times, strict=True))
        added = [(one[0] - other[0], one[1] - other[1]) for one, other in zip(times, base, strict=True)]
        more, work = (statistics.median(each) for each in zip(*added, strict=True))
        print(f"{name:24} {wall:7.2f} s, processor {busy:6.2f} s; added {more:+.2f} s ({100 * more / whole:+.1f} %), "
              f"processor {work:+.2f} s ({100 * work / whole:+.1f} %, {1000 * work / cases:+.2f} ms a case)")  # fmt: skip


if __name__ == "__main__":
    main()
