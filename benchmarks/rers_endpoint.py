"""RERS against an HTTP endpoint that fails: does every case end, and is every question answered once?

python benchmarks/rers_endpoint.py [--cases 5000] [--workers 256] [--data-dir DIR]

The server (tests/faults.py) stands for a language model; behind it the ontology teacher answers. Five questions in seven first
meet a 429, a 500, a cut, a malformed or an empty reply. The client is killed once (SIGKILL) after a third of the cases' questions,
and the same command goes on. Printed: cases, questions, how often the server answered a question well (1: nobody asked twice).
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from raredx_bench import sources
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.grounds import load_grounds
from raredx_train.reasoning.building import build_reasoning
from raredx_train.reasoning.settings import Rers
from raredx_train.reasoning.teacher import OntologyOptions, OntologyTeacher
from raredx_train.settings import Teacher
from tests.faults import Fault, faulty

KINDS = ("429", "500", "cut", "malformed", "empty", "fine", "fine")


class Often(dict[str, Fault]):
    """A fault at the first asking, by the question's length."""

    def get(self, prompt: str, default: Any = None) -> Any:
        """The fault of a question."""
        kind = KINDS[len(prompt) % len(KINDS)]
        return Fault(kind, int(kind != "fine"), (("retry-after-ms", "5"),))


def client(url: str, cases: int, workers: int, folder: Path, root: Path) -> None:
    """Runs the stage; in a process of its own, which may be killed."""
    rers = Rers(benchmarks=(), simulated=cases, variants=0, samples=1, rounds=1)
    figures = build_reasoning(rers, Teacher("endpoint", "m", url, workers=workers, retries=6), Knowledge(), folder, root)
    print(figures, flush=True)


def main() -> None:
    """Serves, starts the client, kills it, starts it again, counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=256)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--client", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    root = sources.data_dir(asked.data_dir)
    if asked.client:
        client(asked.client[0], asked.cases, asked.workers, Path(asked.client[1]), root)
        return
    teacher = OntologyTeacher(load_grounds(Knowledge(), root, Counter()).base, OntologyOptions())
    answered: Counter[str] = Counter()

    def answer(messages: Sequence[Mapping[str, str]]) -> str:
        answered[messages[-1]["content"]] += 1
        return teacher.said(messages, 0)

    with faulty(Often(), answer=answer) as server, tempfile.TemporaryDirectory() as name:
        command = [sys.executable, __file__, "--cases", str(asked.cases), "--workers", str(asked.workers), "--data-dir", str(root),
                   "--client", server.url.removesuffix("/chat/completions"), name]  # fmt: skip
        start = time.perf_counter()
        first = subprocess.Popen(command)
        while first.poll() is None and len(server.asked) < asked.cases / 3:
            time.sleep(0.2)
        first.send_signal(signal.SIGKILL)
        first.wait()
        before = len(server.asked)
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - start
        attempts = pq.read_table(Path(name) / "attempts.parquet").to_pylist()
    ends = Counter((each["case"], each["call"], each["round"]) for each in attempts)
    requests = sum(server.asked.values())
    print(f"{len({each['case'] for each in attempts}):,} cases, {len(ends):,} answers, each of them {set(ends.values())} times")
    print(f"{len(server.asked):,} questions, {requests:,} requests, killed after {before:,} questions, {seconds:.0f} s")
    faults = Counter(KINDS[len(prompt) % len(KINDS)] for prompt in server.asked)
    print(f"questions by what they met first: {dict(faults)}")
    good = Counter(count - int(KINDS[len(prompt) % len(KINDS)] != "fine") for prompt, count in server.asked.items())
    print(
        f"good answers to a question: {dict(good)} (more than one: in flight when the client was killed, {asked.workers} at most)"
    )


if __name__ == "__main__":
    main()
