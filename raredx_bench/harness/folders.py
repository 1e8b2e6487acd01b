"""The folder of a run: found again when the same request was not finished, and held by one process at a time."""

from __future__ import annotations

import datetime
import itertools
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from raredx_bench.benchmarks import digest
from raredx_bench.compiled import digest_of
from raredx_bench.domain import Case, UsageError
from raredx_bench.judging import Judge

log = logging.getLogger("raredx")


@contextmanager
def run_folder(output: Path, request: Mapping[str, Any], cases: Mapping[str, Sequence[Case]], judge: Judge) -> Iterator[Path]:
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
