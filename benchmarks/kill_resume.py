"""Kills a run at random moments until it is through, and looks for harm: another report, other verdicts, an answer asked for twice.

python -m benchmarks.kill_resume [--trials 10] [--seed 7] [--through function|local-chat-completions]

The model is a real HTTP endpoint in this process, which takes 100 ms a case and keeps a log of what it was asked.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from raredx_bench.benchmarks import load_cases
from raredx_bench.hpo import load_hpo

NOWHERE = Path("nowhere")
CONCURRENT = 4  # requests at a time, through local-chat-completions
THROUGH = {"function": 1, "local-chat-completions": CONCURRENT}
COMMAND = "from raredx_bench.cli import main; main()"
FUNCTION = """
import json, sys, urllib.request
import raredx_bench
def model(prompt):
    body = json.dumps({"messages": [{"role": "user", "content": prompt}]}).encode()
    with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/v1/chat/completions", body)) as reply:
        return json.load(reply)["choices"][0]["message"]["content"]
raredx_bench.run(model, ["raredx_sim"], metadata={"sim_n": int(sys.argv[2])}, output=sys.argv[3])
"""


@dataclass(frozen=True)
class Outcome:
    """What came of one trial. kills: of living processes, by what they had come to: nothing asked, asking, all answered. asked:
    requests that the model got; again: cases that it got more than once; files: the same as those of the run nobody killed.
    """

    kills: Counter[str]
    cases: int
    asked: int
    again: int
    files: int
    seconds: float


class Endpoint(ThreadingHTTPServer):
    """A model behind chat completions: its answer to a simulated case follows from the case alone. asked: its log of case ids."""

    daemon_threads = True

    def __init__(self, cases: int, pause: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pause, self.asked = pause, list[str]()
        hpo = load_hpo(NOWHERE)
        self.cases = {case.presentation: case for case in load_cases("raredx_sim", NOWHERE, sim_n=cases)}
        self.names = {identifier: names[0] for identifier, names in zip(hpo.diseases, hpo.disease_names, strict=True)}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, prompt: str) -> str:
        """Ten names, one of them right in two cases of three; the request is logged before the pause."""
        case = next(case for text, case in self.cases.items() if text in prompt)
        self.asked.append(case.id)
        time.sleep(self.pause)
        rng = random.Random(case.id)
        names = rng.sample(sorted(self.names.values()), 10)
        if rng.random() < 2 / 3:
            names[rng.randrange(10)] = self.names[case.answers[0]]
        return "\n".join(f"{rank}. {name}" for rank, name in enumerate(names, 1))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: its clients are killed."""


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = self.server.answer(body["messages"][0]["content"])
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        raw = json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def endpoint(cases: int, pause: float) -> Iterator[Endpoint]:
    """A running endpoint."""
    server = Endpoint(cases, pause)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def started(server: Endpoint, through: str, output: Path) -> subprocess.Popen[bytes]:
    """The run as a process of its own."""
    size = str(len(server.cases))
    arguments = [FUNCTION, server.url, size, str(output)]
    if through != "function":
        model = f"base_url={server.url}/v1/chat/completions,model=m,num_concurrent={CONCURRENT}"
        arguments = [COMMAND, "run", "--model", through, "--model_args", model, "--apply_chat_template", "--tasks", "raredx_sim",
                     "--metadata", json.dumps({"sim_n": len(server.cases)}), "--output", str(output)]  # fmt: skip
    environment = {**os.environ, "XDG_DATA_HOME": str(output / "no-data"), "RAREDX_DATA": ""}
    return subprocess.Popen([sys.executable, "-c", *arguments], env=environment, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)  # fmt: skip


def stored(output: Path) -> list[str]:
    """Ids of the cases whose answers a file holds in whole lines, of all runs under the folder."""
    lines = [line for path in output.glob("*/answers/*.jsonl") for line in path.read_bytes().split(b"\n")[:-1]]
    return [json.loads(line)["case_id"] for line in lines]


def written(output: Path) -> dict[str, bytes]:
    """The only finished run's report, without its id and times, and its verdicts as they are."""
    (report,) = output.glob("*/report.json")
    document = _timeless({key: each for key, each in json.loads(report.read_bytes()).items() if key not in ("id", "created")})
    verdicts = {path.name: path.read_bytes() for path in sorted(report.parent.glob("verdicts/*"))}
    return {"report.json": json.dumps(document).encode(), **verdicts}


def _timeless(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _timeless(each) for key, each in document.items() if "seconds" not in key}
    return document


def trial(server: Endpoint, through: str, rng: random.Random, whole: tuple[dict[str, bytes], float], output: Path) -> Outcome:
    """One run, killed at random moments until its report is written. whole: what the run nobody killed wrote, and its seconds.

    Raises AssertionError when harm was done.
    """
    server.asked.clear()
    kills, start, kept, code = Counter[str](), time.perf_counter(), list[str](), None
    while code is None and not list(output.glob("*/report.json")):
        before = len(server.asked)
        code = _killed(server, started(server, through, output), rng, whole[1])
        time.sleep(2 * server.pause)  # requests in flight reach the log
        asked = server.asked[before:]
        kept, earlier = stored(output), kept
        _check_answers(asked, kept, earlier, THROUGH[through])
        assert not code, f"a run that nobody killed ended with {code}"
        if code is None:
            kills["all answered" if len(kept) == len(server.cases) else "asking" if asked else "nothing asked"] += 1
    found = written(output)
    assert found.keys() == whole[0].keys(), f"other files than those of the run nobody killed: {sorted(found)}"
    different = [name for name, each in whole[0].items() if found[name] != each]
    assert not different, f"not the same as in the run nobody killed: {different}"
    times = Counter(server.asked)
    again = sum(number > 1 for number in times.values())
    return Outcome(kills, len(times), len(server.asked), again, len(found), time.perf_counter() - start)


def _killed(server: Endpoint, process: subprocess.Popen[bytes], rng: random.Random, whole: float) -> int | None:
    """Kills a process at a random moment: None; its exit code when it ended before.

    Two of three within what the requests take from the first one on, the others within a whole run from the start on.
    """
    if rng.random() < 2 / 3:
        before = len(server.asked)
        while process.poll() is None and len(server.asked) == before:
            time.sleep(0.005)
        seconds = rng.uniform(0, len(server.cases) * server.pause)
    else:
        seconds = rng.uniform(0, whole)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _check_answers(asked: list[str], kept: list[str], earlier: list[str], in_flight: int) -> None:
    """asked: by one process; kept: case ids stored after it; earlier: before it. Raises AssertionError for harm."""
    again, lost = set(asked) & set(earlier), set(asked) - set(kept)
    assert not again, f"asked again although stored: {sorted(again)}"
    assert set(earlier) <= set(kept), "a stored answer is gone"
    assert len(set(kept)) == len(kept), "an answer is stored twice"
    assert len(lost) <= in_flight, f"more answers lost than were in flight: {sorted(lost)}"


def trials(number: int, seed: int, through: str, root: Path, cases: int = 40, pause: float = 0.1) -> list[Outcome]:
    """The outcomes of as many trials against one run that nobody kills. Raises AssertionError when harm was done."""
    rng = random.Random(seed)
    with endpoint(cases, pause) as server:
        for name in ("cold", "whole"):  # the first fills the caches
            start = time.perf_counter()
            assert started(server, through, root / name).wait() == 0
        whole = written(root / "whole"), time.perf_counter() - start
        return [trial(server, through, rng, whole, root / str(each)) for each in range(number)]


def main() -> None:
    """Kill, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--through", choices=THROUGH, default="function")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = trials(asked.trials, asked.seed, asked.through, Path(folder))
    kills = sum((each.kills for each in found), Counter[str]())
    print(f"{asked.through}: {len(found)} trials of {found[0].cases} cases (seed {asked.seed}), {kills.total()} kills: "
          + ", ".join(f"{number} {what}" for what, number in sorted(kills.items())))  # fmt: skip
    print(f"{sum(each.asked for each in found)} requests for {sum(each.cases for each in found)} cases; "
          f"{sum(each.again for each in found)} were in flight at a kill and asked again, none that was stored")  # fmt: skip
    print(f"{sum(each.files for each in found)} files (report without id and times, verdicts), each the same as that of the run "
          f"that nobody killed; {sum(each.seconds for each in found):.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
