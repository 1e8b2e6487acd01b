"""The same cases through lm-eval's `hf` in this process, `transformers serve` and a vLLM server: which answers differ, and why.

python -m benchmarks.backends --transformers PATH --vllm PATH [--cases 50] [--tokens 64] [--dtype float32]

PATH: of the command `transformers` with its serving extra, and of a Python that has vLLM (the CPU build will do); a server without
a path is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import raredx_bench
from benchmarks.servers import serving
from benchmarks.tiny import tiny_model
from raredx_bench.benchmarks import load_cases
from raredx_bench.hpo import load_hpo

os.environ.setdefault("TQDM_DISABLE", "1")
TASK = "raredx_vignettes"
UNFINISHED = "\ufffd"  # what decoders make of a character that was cut
END = "<|im_end|>"  # named as a stop because `transformers serve` answers an empty list of stops, lm-eval's, with an error 500
REFERENCE = "hf, one at a time"


@dataclass(frozen=True)
class Answers:
    """What one backend said. prompt_tokens: of each case's prompt as it counted them; seconds: of the run, server's start apart."""

    texts: Mapping[str, str]
    prompt_tokens: Mapping[str, int]
    seconds: float
    start: float = 0.0


@dataclass(frozen=True)
class Difference:
    """Why two answers differ. token: number of the first other token (None where the text differs, not the tokens);
    gap: between the best logit and that of the token the other backend took there; top: between the best and the second.
    """

    cause: str
    token: int | None = None
    gap: float | None = None
    top: float | None = None


class Explainer:
    """The reference model once more, token by token."""

    def __init__(self, folder: Path, dtype: str, tokens: int) -> None:
        import transformers

        self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
        loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
        self.model = loaded.eval()
        self.tokens = tokens

    def prompt(self, case_prompt: str) -> list[int]:
        """The prompt's tokens as lm-eval's hf makes them: the template as text, then the tokenizer with what it adds by itself."""
        text = self.tokenizer.apply_chat_template([{"role": "user", "content": case_prompt}], tokenize=False,
                                                  add_generation_prompt=True)  # fmt: skip
        begin = self.tokenizer.bos_token
        return list(self.tokenizer(text, add_special_tokens=not (begin and text.startswith(begin)))["input_ids"])

    def difference(self, case_prompt: str, ours: str, theirs: str, counted: int) -> Difference:
        """The cause of one difference between the reference's text and another backend's."""
        prompt = self.prompt(case_prompt)
        if ours.rstrip(UNFINISHED) == theirs.rstrip(UNFINISHED):
            return Difference("last character cut by the limit")
        if counted != len(prompt):
            return Difference(f"prompt of {counted - len(prompt):+d} token")
        if _trimmed(ours) == _trimmed(theirs):
            return Difference("white space at the ends")
        chosen, logits = self._generated(prompt)
        if _trimmed(self.tokenizer.decode(chosen, skip_special_tokens=False).removesuffix(END)) == _trimmed(theirs):
            return Difference("special tokens left in the text")
        return self._diverging(chosen, logits, theirs)

    def _generated(self, prompt: list[int]) -> tuple[list[int], Any]:
        """The tokens that follow the prompt greedily, and the logits they were chosen by."""
        import torch

        with torch.inference_mode():
            out = self.model.generate(torch.tensor([prompt]), do_sample=False, max_new_tokens=self.tokens, output_logits=True,
                                      return_dict_in_generate=True, pad_token_id=0)  # fmt: skip
        return out.sequences[0, len(prompt) :].tolist(), out.logits

    def _diverging(self, chosen: list[int], steps: Any, theirs: str) -> Difference:
        """The first token whose text is not the other's, and by how much it was preferred to the one there."""
        for number, logits in enumerate(steps):
            if theirs.startswith(self._text(chosen[: number + 1])):
                continue
            best = logits[0].float().sort(descending=True)
            for value, token in zip(best.values[:50].tolist(), best.indices[:50].tolist(), strict=True):
                if token != chosen[number] and theirs.startswith(self._text([*chosen[:number], token])):
                    top = float(best.values[0] - best.values[1])
                    return Difference("other arithmetic", number + 1, float(best.values[0]) - value, top)
            return Difference("another text from here on", number + 1)
        return Difference("one of them stopped earlier", len(chosen))

    def _text(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True)).rstrip(UNFINISHED)


def _trimmed(text: str) -> str:
    return text.rstrip(UNFINISHED).strip()


def answered(model: Any, arguments: Mapping[str, Any], options: argparse.Namespace, output: Path, **further: Any) -> Answers:
    """What a backend answers through the harness; prompt_tokens are empty."""
    started = time.perf_counter()
    report = raredx_bench.run(model, [TASK], limit=options.cases, model_args=arguments, apply_chat_template=True, output=output,
                              gen_kwargs={"max_gen_toks": options.tokens, "until": [END]}, **further)  # fmt: skip
    seconds = time.perf_counter() - started
    assert report.folder is not None
    rows = (json.loads(line) for line in (report.folder / f"answers/{TASK}.jsonl").read_text(encoding="utf-8").splitlines())
    return Answers({row["case_id"]: row["text"] for row in rows}, {}, seconds)


def prompt_length(url: str, model: str, prompt: str) -> int:
    """The tokens of a prompt in its template, as the server counts them."""
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], "max_tokens": 1, "temperature": 0}
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return int(json.load(reply)["usage"]["prompt_tokens"])


def served(kind: str, program: str, folder: Path, prompts: Mapping[str, str], options: argparse.Namespace, output: Path) -> Answers:
    """What a server of the model answers through lm-eval's local-chat-completions."""
    with serving(kind, program, folder, output / f"{kind.split()[0]}.log", dtype=options.dtype) as running:
        arguments = {"base_url": running.url, "model": str(folder), "num_concurrent": options.concurrent, "timeout": 600}
        found = answered("local-chat-completions", arguments, options, output)
        numbers = {case_id: prompt_length(running.url, str(folder), prompt) for case_id, prompt in prompts.items()}
    return Answers(found.texts, numbers, found.seconds, running.seconds)


def all_answers(folder: Path, prompts: Mapping[str, str], options: argparse.Namespace, output: Path) -> dict[str, Answers]:
    """Every backend's answers by its name, the reference first."""
    hf = {"pretrained": str(folder), "dtype": options.dtype}
    found = {REFERENCE: answered("hf", hf, options, output, device="cpu", batch_size=1)}
    found["hf, batches of 8"] = answered("hf", hf, options, output, device="cpu", batch_size=8)
    for kind, program in (("transformers serve", options.transformers), ("vllm", options.vllm)):
        if program:
            found[kind] = served(kind, program, folder, prompts, options, output)
    return found


def compare(name: str, folder: Path, prompts: Mapping[str, str], options: argparse.Namespace, output: Path) -> None:
    """Asks every backend, prints the table and each difference."""
    found = all_answers(folder, prompts, options, output)
    explainer = Explainer(folder, options.dtype, options.tokens)
    console, table = Console(width=132), Table(title=f"{name}: {len(prompts)} cases, {options.dtype}, {options.tokens} tokens")
    for column in ("backend", "start, s", "answers, s", "identical", "differences by cause"):
        table.add_column(column, justify="left" if column in ("backend", "differences by cause") else "right")
    reference, details = found[REFERENCE], []
    for backend, answers in found.items():
        causes: Counter[str] = Counter()
        for case_id, text in reference.texts.items():
            theirs = answers.texts[case_id]
            if text != theirs:
                counted = answers.prompt_tokens.get(case_id) or len(explainer.prompt(prompts[case_id]))
                why = explainer.difference(prompts[case_id], text, theirs, counted)
                causes[why.cause] += 1
                details.append((backend, case_id, why))
        table.add_row(backend, f"{answers.start:.0f}" if answers.start else "", f"{answers.seconds:.0f}",
                      str(len(prompts) - causes.total()), "; ".join(f"{n} {cause}" for cause, n in causes.items()))  # fmt: skip
    console.print(table)
    print(f"{len(set(reference.texts.values()))} different answers of {len(prompts)}")
    for backend, case_id, why in details:
        if why.token is not None:
            gaps = f", logit gap {why.gap:.2e} (best to second {why.top:.2e})" if why.gap is not None else ""
            print(f"{backend}, {case_id}: {why.cause} at token {why.token}{gaps}")


def main() -> None:
    """Both settings: a tokenizer that adds nothing by itself, and one that adds <s>."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transformers", default="")
    parser.add_argument("--vllm", default="")
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--concurrent", type=int, default=4)
    parser.add_argument("--only", choices=("plain", "begin"))
    options = parser.parse_args()
    cases = load_cases(TASK, Path("nowhere"))
    texts = [case.presentation for case in cases] + list(load_hpo(Path("nowhere")).names)
    prompts = prompts_of(options.cases)
    for name, begin in (("plain", False), ("begin", True)):
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as work:
                folder = tiny_model(Path(work) / "model", texts, begin=begin)
                compare(name, folder, prompts, options, Path(work))


def prompts_of(limit: int) -> dict[str, str]:
    """Case id -> the task's prompt, as lm-eval writes it."""
    from raredx_bench.tasks import loaded_tasks

    task = loaded_tasks([TASK], {})["tasks"][TASK]
    rows = list(task.test_docs())[:limit]
    return {row["case_id"]: task.doc_to_text(row) for row in rows}


if __name__ == "__main__":
    main()
