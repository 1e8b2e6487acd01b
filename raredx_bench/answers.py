"""Answers kept as they come: one append-only file per task, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any

from raredx_bench.domain import BadInput, Note
from raredx_bench.naming import filename, fingerprint, storable

Listener = Callable[[str, str, str], None]  # (task, case id, text of the answer)
_NOTED = tuple(each.name for each in fields(Note))
Notes = Callable[[Any], Note | None]  # prompt -> what is known of its answer


class AnswerStore:
    """The answers of one round: a folder with <task>.jsonl files of {"case_id", "prompt", "text"}, and what is known of each."""

    def __init__(self, folder: Path, listener: Listener | None = None, notes: Notes | None = None) -> None:
        self._folder = folder
        self._listener = listener
        self._note = notes or (lambda prompt: None)
        self._notes: dict[tuple[str, str, str], Note] = {}
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

    def notes(self, task: str) -> dict[str, Note]:
        """Case id -> what is known of its answer, of one task."""
        return {key[1]: self._notes.get(key, Note()) for key in self._texts if key[0] == filename(task)}

    @contextmanager
    def attached(self, lm: Any, before: Callable[[Sequence[Any]], None] | None = None) -> Iterator[None]:
        """Inside it an lm-eval model asks only what is not stored yet, and every answer is stored as it comes.

        before hears the requests that are about to be asked. A request without an answer (None) is not stored: it is asked again
        by the next run.

        The instance's generate_until is replaced, rather than the model wrapped: lm-eval asks models for dozens of attributes,
        and a wrapper that misses one changes a run. Backends report single answers through their cache hook.
        """
        ask, hook = lm.generate_until, lm.cache_hook

        def generate_until(requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
            keys = [(filename(str(r.task_name)), str(r.doc["case_id"]), fingerprint(r.args[0])) for r in requests]
            fresh = [(key, r) for key, r in zip(keys, requests, strict=True) if key not in self._texts]
            self._waiting = {}
            for (task, case_id, prompt), _ in fresh:
                self._waiting.setdefault(prompt, []).append((task, case_id))
            if fresh:
                if before:
                    before([request for _, request in fresh])
                answers = ask([request for _, request in fresh])
                for (key, request), text in zip(fresh, answers, strict=True):
                    if text is not None:
                        self._keep(key, text, self._note(request.args[0]))
            return [self._texts.get(key, "") for key in keys]

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
        prompt = fingerprint(request[0])
        waiting = self._waiting.get(prompt)
        if attr == "generate_until" and waiting and isinstance(text, str):
            task, case_id = waiting.pop(0)
            self._keep((task, case_id, prompt), text, self._note(request[0]))

    def _keep(self, key: tuple[str, str, str], text: str, note: Note | None) -> None:
        if key in self._texts:
            return
        text = storable(text)
        self._texts[key] = text
        self._notes[key] = note or Note()
        task, case_id, prompt = key
        known = {name: value for name, value in asdict(self._notes[key]).items() if value is not None}
        line = json.dumps({"case_id": case_id, "prompt": prompt, "text": text, **known}, ensure_ascii=False)
        path = self._folder / f"{task}.jsonl"
        handle = self._open.get(task) or self._open.setdefault(task, path.open("a", encoding="utf-8"))
        handle.write(line + "\n")
        handle.flush()
        if self._listener:
            self._listener(task, case_id, text)

    def _read(self, path: Path) -> None:
        raw = path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if whole != raw:  # killed in the middle of a line
            path.write_bytes(whole)
        for number, line in enumerate(whole.decode("utf-8").splitlines(), 1):
            try:
                row: Mapping[str, Any] = json.loads(line)
                key = path.stem, row["case_id"], row["prompt"]
                self._texts[key] = row["text"]
                self._notes[key] = Note(**{name: row[name] for name in _NOTED if name in row})
            except (ValueError, KeyError) as error:
                raise BadInput(f"{path}, line {number} is damaged ({error}): delete the line, its case is asked again") from error
