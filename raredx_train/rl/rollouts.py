"""TRL's GRPOTrainer with the course's prompts and DAPO's dynamic sampling.

Sampling (transformers or vLLM), rewards, advantages, masking and the loss are TRL's. Five of its methods are extended:

`_generate_and_score_completions`  a training batch's rows come from the course when they are sampled, not from the dataset, whose
                                   rows are blanks: so a round can follow from what the last one showed. Completions are sampled and
                                   rewarded; groups whose answers are all as right teach nothing and are sampled again from spare
                                   prompts; then TRL's own method goes on with the batch.
`_generate_single_turn`            on a CPU this package's way of sampling, where it gives what transformers' would.
`_generate`, `_calculate_rewards`  hand over what was sampled then, and read the answers out of all that is sampled.
`_get_per_token_logps_and_entropies`  TRL's, without the columns that are padding in every row.

Every process takes part in every sampling, as TRL's gathers ask for; what is replaced follows from the rewards of all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import gather_object, set_seed
from trl import GRPOTrainer
from trl.trainer.utils import entropy_from_logits, selective_log_softmax

from raredx_bench.domain import Case
from raredx_bench.judging import Judge
from raredx_train.curriculum import Draw
from raredx_train.rl.answers import Answer, read
from raredx_train.rl.course import Course
from raredx_train.rl.prompts import Row
from raredx_train.sampling import fits, plain, sampled

_ALIKE = 1e-6  # rewards that differ by less are the same
_KEPT = (0, 1, 3, 4)  # of what TRL's _generate gives: prompts' ids, completions' ids, completions, their log-probabilities


@dataclass
class _Batch:
    """What was sampled. rows: of this process; sampled: as TRL's _generate gives it; rewards: (processes, groups, n, parts)."""

    rows: list[Row]
    sampled: list[Any]
    rewards: torch.Tensor


class Rollouts(GRPOTrainer):
    """See above. rows: of training, by case id; cases: by id, those of validation too."""

    num_generations_eval: int
    generation_config: Any
    generation_kwargs: dict[str, Any]

    def __init__(self, *, course: Course, rows: Mapping[str, Row], cases: Mapping[str, Case], judge: Judge, **trl: Any) -> None:
        super().__init__(**trl)
        self.course, self.rows, self.cases, self.judge = course, rows, cases, judge
        self.beta = course.section.kl_weight  # TRL made the first policy ready for measuring; training has this weight of it
        self.answered: list[Answer] = []  # what was sampled last, by all processes
        self._batch: _Batch | None = None

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        """TRL's, on rows of the course."""
        if not self.model.training:
            return super()._generate_and_score_completions(inputs)
        self._batch = self._filled(len(inputs) // self.num_generations)
        try:
            return super()._generate_and_score_completions(self._batch.rows)
        finally:
            self._batch = None

    def _generate(self, prompts: list[Any]) -> Any:
        """TRL's, with the completions' text as the tokenizer writes it: the marks of a thought are kept."""
        if self._batch is not None:
            return tuple(self._batch.sampled)
        sampled = list(super()._generate(prompts))
        if (
            getattr(self._tokenizer, "response_template", None) is None
            and getattr(self._tokenizer, "response_schema", None) is None
        ):
            ends = {*self.eos_token_ids, self._tokenizer.pad_token_id}
            sampled[3] = [[{"role": "assistant", "content": self._tokenizer.decode([each for each in ids if each not in ends])}]
                          for ids in sampled[1]]  # fmt: skip
        return tuple(sampled)

    def _generate_single_turn(self, prompt_ids: Any, images: Any, multimodal_fields: Any, num_generations: int, **more: Any) -> Any:
        """TRL's: (completions' ids, log-probabilities or None)."""
        model = self.accelerator.unwrap_model(self.model_wrapped)
        if self.use_vllm or self.use_transformers_continuous_batching or not plain(self.generation_kwargs) or not fits(model):
            return super()._generate_single_turn(prompt_ids, images, multimodal_fields, num_generations, **more)
        temperature = self.temperature if self.generation_kwargs["do_sample"] else None
        new, pad = self.max_completion_length, self._tokenizer.pad_token_id
        return sampled(model, prompt_ids, new, temperature, self.eos_token_ids, pad), None

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> torch.Tensor:
        """TRL's: (completions of all processes, parts)."""
        if self._batch is not None:
            return self._batch.rewards.flatten(0, 2)
        rewards: torch.Tensor = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        own = rewards[self.accelerator.process_index * len(inputs) :][: len(inputs)].tolist()
        ends = {*self.eos_token_ids, self._tokenizer.pad_token_id}
        self.answered += gather_object([
            self._answer(row, completion[0]["content"], ids, ids[-1] in ends, earned)
            for row, completion, ids, earned in zip(inputs, completions, completion_ids_list, own, strict=True)
        ])  # fmt: skip
        self._pending_extra_logs.clear()
        return rewards

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Any, attention_mask: Any, logits_to_keep: int, batch_size: int | None = None,
        compute_entropy: bool = False, compute_aux_loss: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """TRL's: (log-probabilities, entropies or None, loss beside them or None); the first two (rows, logits_to_keep)."""
        used = attention_mask.any(dim=0).nonzero().flatten()
        width, prompt = input_ids.size(1), input_ids.size(1) - logits_to_keep
        first, last = min(int(used[0]), prompt - 1), max(int(used[-1]) + 1, prompt + 1)
        ids, mask, kept = input_ids[:, first:last], attention_mask[:, first:last], last - prompt
        if ids.device.type == "cpu" and not compute_aux_loss:
            found, beside = self._scored(model, ids, mask, kept, entropy=compute_entropy), None
        else:
            *found, beside = super()._get_per_token_logps_and_entropies(
                model, ids, mask, kept, batch_size, compute_entropy, compute_aux_loss, **kwargs
            )
        return (*(None if each is None else torch.nn.functional.pad(each, (0, width - last)) for each in found), beside)

    def _scored(self, model: Any, ids: Any, mask: Any, kept: int, *, entropy: bool) -> list[Any]:
        """[log-probabilities, entropies or None] of the last `kept` columns, without TRL's fused head, which off a GPU computes
        the logits of the prompt's tokens too."""
        found: list[list[Any]] = [[], []]
        size = self.args.per_device_train_batch_size
        for rows in (slice(start, start + size) for start in range(0, len(ids), size)):
            with self.accelerator.autocast():
                said = model(input_ids=ids[rows], attention_mask=mask[rows], logits_to_keep=kept + 1, use_cache=False)
            logits = said.logits[:, :-1].float() / self.temperature
            found[0].append(selective_log_softmax(logits, ids[rows, -kept:]))
            found[1] += [entropy_from_logits(logits)] if entropy else []
        return [torch.cat(each) if each else None for each in found]

    def _answer(self, row: Row, text: str, ids: Sequence[int], whole: bool, earned: Sequence[float]) -> Answer:
        answer = read(self.judge, self.cases[row["case"]], row["task"], text, len(ids), whole=whole)
        return Answer(answer.case, answer.task, answer.rank, answer.names, answer.unlinked, answer.tokens, answer.whole,
                      tuple(None if value != value else value for value in earned))  # fmt: skip

    def _filled(self, groups: int) -> _Batch:
        """So many groups of the course's next prompts; those that teach nothing replaced, as far as spare prompts and tries go."""
        processes, section = self.accelerator.num_processes, self.course.section
        set_seed(
            self.args.seed * 100_003 + self.state.global_step, device_specific=True
        )  # whatever was done before in this process
        batch = self._sampled(self.course.prompts(groups * processes), instead=False)
        dull = self._dull(batch.rewards)
        before = int(dull.sum())
        for _ in range(section.tries if section.replaces else 0):
            spare = self.course.spares(int(dull.sum(dim=1).max()) * processes, processes)
            if not spare:
                break
            self._replace(batch, dull, self._sampled(spare, instead=True))
            dull = self._dull(batch.rewards)
        self.course.varied(dull.numel(), before, int(dull.sum()))
        return batch

    def _sampled(self, draws: Sequence[Draw], *, instead: bool) -> _Batch:
        """The completions of these prompts; each process samples its share, the answers of all go to the course."""
        started, n, process = time.perf_counter(), self.num_generations, self.accelerator.process_index
        share = len(draws) // self.accelerator.num_processes
        own = draws[process * share : (process + 1) * share]
        rows = [{**self.rows[draw.case], "task": draw.task} for draw in own for _ in range(n)]
        prompts = [row["prompt"] for row in rows]
        self.answered = []
        sampled = list(self._generate(prompts))
        took = time.perf_counter() - started
        rewards = self._calculate_rewards(rows, prompts, sampled[3], sampled[1])
        self.course.heard(self.answered, instead=instead, seconds=took)
        return _Batch(rows, sampled, rewards.view(self.accelerator.num_processes, share, n, -1))

    def _dull(self, rewards: torch.Tensor) -> torch.Tensor:
        """(processes, groups): True for a group whose answers are all as right: DAPO's own rule is of accuracy, and the parts about
        form differ in every group of a weak policy."""
        weights = self.reward_weights.to(rewards.device)
        judged = torch.tensor([part.judges for part in self.reward_funcs], device=rewards.device) & (weights > 0)
        total = (rewards * weights * (judged if judged.any() else 1)).nansum(dim=-1)
        return (total.amax(dim=-1) - total.amin(dim=-1)) < _ALIKE

    def _replace(self, batch: _Batch, dull: torch.Tensor, fresh: _Batch) -> None:
        """Put fresh groups that vary in the places of dull ones, process by process."""
        n = self.num_generations
        for process, (old, new) in enumerate(zip(dull, ~self._dull(fresh.rewards), strict=True)):
            for place, source in zip(old.nonzero().flatten().tolist(), new.nonzero().flatten().tolist(), strict=False):
                batch.rewards[process, place] = fresh.rewards[process, source]
                if process == self.accelerator.process_index:
                    here, there = slice(place * n, place * n + n), slice(source * n, source * n + n)
                    batch.rows[here] = fresh.rows[there]
                    for at in _KEPT:
                        if batch.sampled[at] is not None:
                            batch.sampled[at][here] = fresh.sampled[at][there]

    @contextmanager
    def greedily(self) -> Iterator[None]:
        """Inside it one completion a prompt is sampled, the likeliest token each time."""
        many, self.num_generations_eval = self.num_generations_eval, 1
        if self.use_vllm:
            warm, self.vllm_generation.temperature = self.vllm_generation.temperature, 0.0
        else:
            usual = self.generation_config, self.generation_kwargs
            self.generation_kwargs = {**{name: value for name, value in self.generation_kwargs.items() if name not in _SAMPLING},
                                      "do_sample": False}  # fmt: skip
            self.generation_config = type(usual[0])(**self.generation_kwargs, disable_compile=True)
        try:
            yield
        finally:
            self.num_generations_eval = many
            if self.use_vllm:
                self.vllm_generation.temperature = warm
            else:
                self.generation_config, self.generation_kwargs = usual


_SAMPLING = ("temperature", "top_p", "top_k", "min_p")
