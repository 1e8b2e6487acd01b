"""Answers kept as they come: one append-only file per task, so that a killed run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from raredx_bench.domain import BadInput
from raredx_bench.naming import filename, storable

Listener = Callable[[str, str], None]  # (task, text of the answer)


class AnswerStore:
    """The answers of one run: a folder with <task>.jsonl files of {"case_id", "prompt", "text"}."""

    def __init__(self, folder: Path, listener: Listener | None = None) -> None:
        self._folder = folder
        self._listener = listener
        self._texts: dict[tuple[str, str, str], str] = {}
        self._waiting: dict[str, list[tuple[str, str]]] = {}
        self._open: dict[str, IO[str]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob("*.jsonl")):
            self._read(path)

    def close(self) -> None:
        """Close the files; answers may still be read."""
        while self._open:
            self._open.popitem()[1].close()

    def texts(self, task: str) -> dict[str, str]:
        """Case id -> answer of one task."""
        return {case_id: text for (each, case_id, _), text in self._texts.items() if each == filename(task)}

    @contextmanager
    def attached(self, lm: Any) -> Iterator[None]:
        """Inside it an lm-eval model asks only what is not stored yet, and every answer is stored as it comes.

        The instance's generate_until is replaced, rather than the model wrapped: lm-eval asks models for dozens of attributes,
        and a wrapper that misses one changes a run. Backends report single answers through their cache hook.
        """
        ask, hook = lm.generate_until, lm.cache_hook

        def generate_until(requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
            keys = [(filename(str(r.task_name)), str(r.doc["case_id"]), _fingerprint(r.args[0])) for r in requests]
            fresh = [(key, r) for key, r in zip(keys, requests, strict=True) if key not in self._texts]
            self._waiting = {}
            for (task, case_id, prompt), _ in fresh:
                self._waiting.setdefault(prompt, []).append((task, case_id))
            if fresh:
                answers = ask([request for _, request in fresh])
                for key, text in ((key, text) for (key, _), text in zip(fresh, answers, strict=True)):
                    self._keep(key, text)
            return [self._texts[key] for key in keys]

        lm.generate_until = generate_until
        lm.set_cache_hook(self)
        try:
            yield
        finally:
            lm.generate_until = ask
            lm.set_cache_hook(hook)
            self.close()

    def add_partial(self, attr: str, request: Sequence[Any], text: Any) -> None:
        """lm-eval's cache hook: an answer just came in."""
        prompt = _fingerprint(request[0])
        waiting = self._waiting.get(prompt)
        if attr == "generate_until" and waiting and isinstance(text, str):
            task, case_id = waiting.pop(0)
            self._keep((task, case_id, prompt), text)

    def _keep(self, key: tuple[str, str, str], text: str) -> None:
        if key in self._texts:
            return
        text = storable(text)
        self._texts[key] = text
        task, case_id, prompt = key
        line = json.dumps({"case_id": case_id, "prompt": prompt, "text": text}, ensure_ascii=False)
        path = self._folder / f"{task}.jsonl"
        handle = self._open.get(task) or self._open.setdefault(task, path.open("a", encoding="utf-8"))
        handle.write(line + "\n")
        handle.flush()
        if self._listener:
            self._listener(task, text)

    def _read(self, path: Path) -> None:
        raw = path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if whole != raw:  # killed in the middle of a line
            path.write_bytes(whole)
        for number, line in enumerate(whole.decode("utf-8").splitlines(), 1):
            try:
                row: Mapping[str, str] = json.loads(line)
                self._texts[path.stem, row["case_id"], row["prompt"]] = row["text"]
            except (ValueError, KeyError) as error:
                raise BadInput(f"{path}, line {number} is damaged ({error}): delete the line, its case is asked again") from error


def _fingerprint(prompt: Any) -> str:
    return hashlib.sha256(str(prompt).encode()).hexdigest()[:16]
