"""How long the leaderboard's site takes to build and to open, from invented entries: seconds, and the size of every page.

python -m benchmarks.site [--entries 300] [--cases 10000] [--boards 6] [--folder DIR]

One board is raredx_sim, whose texts and reasons are shown; the others are other benchmarks' names with invented cases. The overview
is opened in Chromium from disk, several times; without Chromium that line is left out. Entries in the folder are used again.
"""

from __future__ import annotations

import argparse
import platform
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.benchmarks import digest
from raredx_bench.judging import judge_for
from raredx_bench.leaderboard import read_entries
from raredx_bench.page import build_site
from raredx_bench.reported import read_reported
from raredx_bench.tasks import cases_of, task_named
from tests.browser import FLAGS
from tests.entries import written

NAMES = ("raredx_sim", "rarearena_rds", "rarearena_rdc", "phenopacket_store", "mimic_iv_rare", "rarebench_br")
OPENINGS = 5


def invented(folder: Path, entries: int, cases: int, boards: int) -> None:
    """Entries under folder, evenly over the boards."""
    sim = cases_of({**task_named("raredx_sim").metadata, "sim_n": cases})
    known = tuple(dict.fromkeys(answer for case in sim for answer in case.answers))
    ontology = judge_for(sources.data_dir()).ontology
    real: dict[str, Any] = {"case_ids": [case.id for case in sim], "digest": digest(sim), "names": known,
                            "terminology": {"release": ontology.release, "digest": ontology.digest, "origin": "as in force"},
                            "request": {"metadata": {"sim_n": cases}, "limit": None}}  # fmt: skip
    for number in range(entries):
        name, place = NAMES[number % boards], number // boards
        own: dict[str, Any] = real if name == "raredx_sim" else {"names": _names(number)}
        written(folder, model=f"invented-model-{place}", benchmark=name, n=cases, seed=number,
                skill=0.05 + 0.9 * place * boards / entries, **own)  # fmt: skip


def _names(seed: int) -> tuple[str, ...]:
    return tuple(f"Invented disease {seed}-{number}" for number in range(3000))


def opened(page: Path) -> list[tuple[float, float]]:
    """Milliseconds to DOMContentLoaded, and until the tables are ready, of several fresh openings; empty without Chromium."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    if not found:
        return []
    times = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=list(FLAGS))
        for _ in range(OPENINGS):
            tab = browser.new_page()
            tab.add_init_script(
                "new MutationObserver((_, self) => { if (document.documentElement.dataset.tables) "
                "{ window.ready = performance.now(); self.disconnect(); } }).observe(document, {attributes: true, subtree: true});"
            )
            tab.goto(page.as_uri())
            loaded = tab.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
            times.append((loaded, tab.evaluate("window.ready")))
            tab.close()
        browser.close()
    return times


def sizes(folder: Path) -> None:
    """Print the size of every page, and of what the pages load."""
    for path in sorted(folder.glob("*.html")):
        print(f"{path.name:<20} {path.stat().st_size / 1024:>8,.0f} KB")
    for place in ("models", "lib", "data", "cases", "downloads"):
        files = [each.stat().st_size for each in (folder / place).rglob("*") if each.is_file()]
        if files:
            print(
                f"{place + '/':<20} {sum(files) / 1024:>8,.0f} KB in {len(files):,} files, {max(files) / 1024:,.0f} KB the largest"
            )


def main() -> None:
    """Build, open, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=300)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--boards", type=int, default=len(NAMES), choices=range(1, len(NAMES) + 1))
    parser.add_argument("--folder", type=Path, help="where entries and site are kept; a temporary folder unless it is given")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp())
    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(f"{asked.entries} entries of {asked.cases:,} cases on {asked.boards} boards")
    if not (folder / "entries").is_dir():
        invented(folder / "entries", asked.entries, asked.cases, asked.boards)
    start, used = time.perf_counter(), time.process_time()
    entries = read_entries(folder / "entries")
    print(f"read: {time.perf_counter() - start:.1f} s")
    page = build_site(entries, folder / "site", read_reported())
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"read and built: {seconds:.1f} s ({cpu:.1f} s of the processor), peak memory {peak:,.0f} MB")
    sizes(folder / "site")
    times = opened(page)
    if times:
        loaded, ready = (statistics.median(each) / 1000 for each in zip(*times, strict=True))
        slowest = max(each for _, each in times) / 1000
        said = f"DOMContentLoaded {loaded:.2f} s, tables ready {ready:.2f} s (slowest {slowest:.2f} s)"
        print(f"overview in Chromium, median of {OPENINGS}: {said}")


if __name__ == "__main__":
    main()
