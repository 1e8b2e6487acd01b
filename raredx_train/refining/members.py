"""The lead and the experts: models of any type of lm-eval, asked in batches, every answer kept before it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, Note, RunIncomplete, UsageError
from raredx_bench.naming import fingerprint

_SPEC = re.compile(r"\s*([^()]+?)\s*(?:\((.*)\))?\s*")
_LAST = re.compile(r"\+(?![^()]*\))")


@dataclass(frozen=True)
class Spec:
    """A model as the arguments of another one name it. args: of its type; empty: none."""

    type: str
    args: Mapping[str, str]

    @property
    def text(self) -> str:
        """As spec reads it."""
        inner = ";".join(f"{name}={value}" for name, value in self.args.items())
        return f"{self.type}({inner})" if inner else self.type


@dataclass(frozen=True)
class Said:
    """One answer of a member, thought included, and how it came about."""

    text: str
    note: Note


def spec(text: str) -> Spec:
    """`TYPE` or `TYPE(name=value;name=value)`; TYPE may be a short form. Raises UsageError for anything else, and for keys."""
    from raredx_bench.models.egress import refuse_secrets

    match = _SPEC.fullmatch(text)
    pairs = [part.partition("=") for part in (match[2] or "").split(";") if part.strip()] if match else []
    if match is None or not all(name.strip() and equals for name, equals, _ in pairs):
        raise UsageError(f"{text!r} names no model: write TYPE or TYPE(argument=value;argument=value), as lm-eval has them")
    args = {name.strip(): value.strip() for name, _, value in pairs}
    refuse_secrets(match[1], args)
    return Spec(match[1], args)


def specs(text: str) -> list[Spec]:
    """Several models, with + between them; none in an empty text."""
    return [spec(part) for part in _LAST.split(text) if part.strip()]


class Kept:
    """Answers on disk, a JSON line each: who was asked what, and what was said. path None: they are kept in memory alone."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._said: dict[tuple[str, str], Said] = {}
        if path is not None:
            self._read(path)

    def get(self, who: str, prompt: str, options: Mapping[str, Any]) -> Said | None:
        """What a member answered to a prompt under these generation arguments."""
        return self._said.get((who, _key(prompt, options)))

    def add(self, who: str, what: str, request: Any, prompt: str, said: Said) -> None:
        """Keep an answer. what: it was asked for; request: lm-eval's, whose case and generation arguments it belongs to."""
        options = request.args[1]
        key = _key(prompt, options)
        self._said[who, key] = said
        if self.path is not None:
            row = {"task": request.task_name, "case": str(request.doc["case_id"]), "who": who, "what": what, "prompt": key,
                   "text": said.text, "note": asdict(said.note)}  # fmt: skip
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as handle:
                    handle.write(json.dumps(row) + "\n")
            except OSError as error:
                raise UsageError(f"{self.path} can't be written ({error}): name another file with kept=") from error

    def _read(self, path: Path) -> None:
        if not path.exists():
            return
        try:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path} can't be read ({error}): name another file with kept=") from error
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                self._said[row["who"], row["prompt"]] = Said(row["text"], Note(**row["note"]))
            except (ValueError, KeyError, TypeError) as error:
                if number < len(lines) or line.endswith("\n"):  # else a write that was cut off: it is asked again
                    raise BadInput(f"{path}, line {number} is no kept answer: name another file with kept=") from error
                path.write_text("".join(lines[:-1]), encoding="utf-8")


def _key(prompt: str, options: Mapping[str, Any]) -> str:
    return fingerprint(json.dumps([prompt, options], sort_keys=True, default=str))


class Member:
    """A model that is asked. name: how prompts call it. batch_size, device: where the spec says nothing else."""

    def __init__(
        self, spec: Spec, name: str, kept: Kept, batch_size: int | str | None = None, device: str | None = None
    ) -> None:  # fmt: skip
        from raredx_bench.models import build_model
        from raredx_bench.models.templates import default_chat
        from raredx_bench.models.watching import watched

        self.spec, self.name, self._kept = spec, name, kept
        given = ",".join(f"{key}={value}" for key, value in spec.args.items())
        self.lm = build_model(spec.type, given, batch_size if "batch_size" not in spec.args else None,
                              device if "device" not in spec.args else None)  # fmt: skip
        self.chat = bool(default_chat(self.lm))
        self._watch = watched(self.lm, bars=False)

    def ask(self, prompts: Sequence[str], requests: Sequence[Any], what: str) -> list[Said]:
        """An answer to each prompt, in their order; kept ones are not asked for again, unless they were sampled.

        requests: the ones of lm-eval that the prompts belong to, with their generation arguments; what: the prompts ask for.
        Raises RunIncomplete when some were not answered; the others are kept.
        """
        from lm_eval.api.instance import Instance

        who, said = self.spec.text, [self._before(*each) for each in zip(prompts, requests, strict=True)]
        missing = [at for at, each in enumerate(said) if each is None]
        asked = [
            Instance("generate_until", each.doc, (self._shown(prompts[at]), dict(each.args[1])), idx=at, metadata=each.metadata)
            for at in missing
            for each in (requests[at],)
        ]
        texts = self.lm.generate_until(asked) if asked else []
        for at, request, text in zip(missing, asked, texts, strict=True):
            if text is not None:
                note = self._watch.note(request.args[0]) or Note()
                if getattr(self.lm, "wordless", False):
                    note = replace(note, prompt_tokens=0, completion_tokens=0)
                fresh = Said(text, note)
                self._kept.add(who, what, request, prompts[at], fresh)
                said[at] = fresh
        found = [each for each in said if each is not None]
        if len(found) < len(prompts):
            raise RunIncomplete(f"{self.name} ({who}) left {len(prompts) - len(found)} of {len(prompts)} prompts without an answer "
                                f"({'; '.join(self._watch.reasons()[:3])}): the same command asks them again")  # fmt: skip
        return found

    def _before(self, prompt: str, request: Any) -> Said | None:
        options = request.args[1]
        sampled = options.get("do_sample") or float(options.get("temperature") or 0) > 0
        return None if sampled else self._kept.get(self.spec.text, prompt, options)

    def _shown(self, prompt: str) -> Any:
        if not self.chat:
            return prompt
        return self.lm.apply_chat_template([{"role": "user", "content": prompt}])
