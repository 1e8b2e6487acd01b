"""Kills `raredx-bench data pull` at random moments, starts it again, and looks for harm: a half or wrong file under the good name,
a file that never gets whole, a byte asked for twice.

python benchmarks/pull_kill.py [--kills 20] [--seed 7]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SIZE = 2_000_000
BLOCK = 20_000
PAUSE = 0.03  # seconds a block: a whole transfer takes 3 s
PLACE = "ontology/mondo.obo"
COMMAND = "from raredx_bench.cli import main; main()"


@dataclass(frozen=True)
class Outcome:
    """What came of it. kills: of living processes; cut: transfers that they stopped; resumed: transfers that went on behind byte 0;
    sent: bytes, of all transfers; rounds: files that got whole; looks: times that the good name held a file, always the right one.
    """

    kills: int
    cut: int
    resumed: int
    sent: int
    rounds: int
    looks: int
    seconds: float


class Throttled(ThreadingHTTPServer):
    """Serves one body slowly, from any byte."""

    daemon_threads = True

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = body
        self.sent = self.resumed = self.cut = 0
        self.begun = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: its clients are killed."""


class _Handler(BaseHTTPRequestHandler):
    server: Throttled

    def do_GET(self) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        start = int(found.group(1)) if found and self.headers["If-Range"] == '"1"' else 0
        whole = self.server.body
        self.server.resumed += start > 0
        self.server.cut += 1  # until it is through
        self.server.begun.set()
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(whole) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.end_headers()
        for at in range(start, len(whole), BLOCK):
            self.wfile.write(whole[at : at + BLOCK])
            self.server.sent += len(whole[at : at + BLOCK])
            time.sleep(PAUSE)
        self.server.cut -= 1

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class Guard(threading.Thread):
    """Looks at the good name as often as it can; wrong is the first bad content seen."""

    def __init__(self, path: Path, digest: str) -> None:
        super().__init__(daemon=True)
        self.path, self.digest = path, digest
        self.looks, self.wrong, self.over = 0, "", False

    def run(self) -> None:
        while not self.over:
            self.look()
            time.sleep(0.002)

    def look(self) -> None:
        """Compare what lies there, if anything, with what should."""
        try:
            found = hashlib.sha256(self.path.read_bytes()).hexdigest()
        except FileNotFoundError:
            return
        self.looks += 1
        if found != self.digest:
            self.wrong = self.wrong or found


def killed(kills: int, seed: int, root: Path, size: int = SIZE) -> Outcome:
    """The outcome of as many kills. Raises AssertionError when harm was done."""
    rng = random.Random(seed)
    body = rng.randbytes(size)
    latest = size / BLOCK * PAUSE + 0.5  # seconds after the start of a process, or of its transfer
    digest = hashlib.sha256(body).hexdigest()
    server = Throttled(body)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    guard = Guard(root / PLACE, digest)
    guard.start()
    command = [sys.executable, "-c", COMMAND, "data", "pull", "mondo", "--data-dir", str(root),
               "--mirror", f"http://127.0.0.1:{server.server_port}"]  # fmt: skip
    start, done, rounds = time.perf_counter(), 0, 0
    while done < kills:
        server.begun.clear()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done % 4:  # three of four in a transfer or after it, one while the command starts
            server.begun.wait(10)
        try:
            rounds += _whole(root, process.wait(rng.uniform(0, latest)), guard)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
    rounds += _whole(root, subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode, guard)
    guard.over = True
    server.shutdown()
    assert not guard.wrong, f"a file with the digest {guard.wrong} was seen under the good name"
    return Outcome(done, server.cut, server.resumed, server.sent, rounds, guard.looks, time.perf_counter() - start)


def _whole(root: Path, code: int, guard: Guard) -> int:
    """1: the file is whole; it is put away, so that the next round starts anew."""
    assert code == 0, f"a pull that nobody killed ended with {code}"
    assert (root / PLACE).is_file(), "a pull ended well and left no file"
    left = [path for path in (root / ".pulling").rglob("*") if path.suffix != ".lock"]
    assert not left, f"left behind: {left}"
    guard.look()
    (root / PLACE).unlink()
    return 1


def main() -> None:
    """Kill, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = killed(asked.kills, asked.seed, Path(folder))
    print(f"{found.kills} kills (seed {asked.seed}), {found.cut} of them in the middle of a transfer; {found.resumed} transfers "
          f"resumed, {found.rounds} files of {SIZE:,} bytes got whole")  # fmt: skip
    print(f"{found.sent / (SIZE * found.rounds):.2f} times the files' bytes were sent; the good name held the right file at each "
          f"of {found.looks} looks, never another; {found.seconds:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
