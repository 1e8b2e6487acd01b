"""Samples of a model in this process: vLLM on a GPU, transformers anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from raredx_bench.domain import Note, UsageError
from raredx_bench.naming import storable
from raredx_train.generate import Asked, Heard, Sample, identity_of
from raredx_train.settings import Teacher

_VLLM_AT_ONCE = 1024  # samples between two writes to the store; vLLM schedules within them
_HF_AT_ONCE = 32


class Vllm:
    """vLLM's offline engine; teacher.options are arguments of vllm.LLM (tensor_parallel_size, max_model_len, …)."""

    def __init__(self, teacher: Teacher) -> None:
        try:
            import vllm
        except ImportError as error:
            raise UsageError("the backend vllm needs the package vllm and a GPU: pip install 'raredx[vllm]'") from error
        self.teacher, self._vllm = teacher, vllm
        self._engine = vllm.LLM(model=teacher.model, **teacher.options)

    @property
    def identity(self) -> str:
        """The teacher, as the recipe states it."""
        return identity_of(self.teacher)

    def answer(self, asked: Sequence[Asked], heard: Heard) -> list[str]:
        """As Backend says."""
        for batch in _batches(asked, _VLLM_AT_ONCE):
            outputs = self._engine.chat(
                [list(each.messages) for each in batch], [self._sampling(each.number) for each in batch], use_tqdm=False
            )
            for each, output in zip(batch, outputs, strict=True):
                (found,) = output.outputs
                note = Note(found.finish_reason, len(output.prompt_token_ids), len(found.token_ids))
                heard(each, Sample(storable(found.text), note=note))
        return []

    def _sampling(self, number: int) -> Any:
        teacher = self.teacher
        chosen = {"temperature": teacher.temperature, "top_p": teacher.top_p, "max_tokens": teacher.max_tokens,
                  "seed": None if teacher.seed is None else teacher.seed + number}  # fmt: skip
        return self._vllm.SamplingParams(**{name: value for name, value in chosen.items() if value is not None})


class Transformers:
    """transformers' generate; teacher.options are arguments of from_pretrained (dtype, device_map, …).

    The seed is set for each batch: the same samples come only when the same batch is asked.
    """

    def __init__(self, teacher: Teacher) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(teacher.model, padding_side="left")
            self._model = AutoModelForCausalLM.from_pretrained(teacher.model, **teacher.options).eval()
        except (OSError, ValueError) as error:
            raise UsageError(f"the teacher {teacher.model} can't be loaded: {' '.join(str(error).split())[:300]}") from error
        if not self._tokenizer.chat_template:
            raise UsageError(f"the teacher {teacher.model} has no chat template: name a model that follows instructions")
        self._tokenizer.pad_token = self._tokenizer.pad_token or self._tokenizer.eos_token
        self.teacher = teacher

    @property
    def identity(self) -> str:
        """The teacher, as the recipe states it."""
        return identity_of(self.teacher)

    def answer(self, asked: Sequence[Asked], heard: Heard) -> list[str]:
        """As Backend says."""
        for batch in _batches(asked, _HF_AT_ONCE):
            for each, sample in zip(batch, self._sampled(batch), strict=True):
                heard(each, sample)
        return []

    def _sampled(self, batch: Sequence[Asked]) -> Iterator[Sample]:
        import torch

        teacher = self.teacher
        prompts = self._tokenizer.apply_chat_template(
            [list(each.messages) for each in batch], tokenize=False, add_generation_prompt=True
        )
        inputs = self._tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False).to(self._model.device)
        sampled = {"temperature": teacher.temperature, "top_p": teacher.top_p} if teacher.temperature else {}
        if teacher.seed is not None:
            torch.manual_seed(teacher.seed + batch[0].number)
        with torch.inference_mode():
            outputs = self._model.generate(
                **inputs,
                do_sample=bool(sampled),
                max_new_tokens=teacher.max_tokens or 1024,
                pad_token_id=self._tokenizer.pad_token_id,
                **{name: value for name, value in sampled.items() if value is not None},
            )  # (samples, prompt + answer)
        for row, prompt in zip(outputs[:, inputs["input_ids"].size(1) :], inputs["attention_mask"], strict=True):
            tokens = row[row != self._tokenizer.pad_token_id]
            stop = "stop" if self._tokenizer.eos_token_id in row else "length"
            text = self._tokenizer.decode(tokens, skip_special_tokens=True)
            yield Sample(storable(text), note=Note(stop, int(prompt.sum()), len(tokens)))


def _batches(asked: Sequence[Asked], size: int) -> Iterator[Sequence[Asked]]:
    yield from (asked[start : start + size] for start in range(0, len(asked), size))
