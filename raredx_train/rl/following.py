"""What happens at the end of a round: the policy is validated, the course goes on, a checkpoint keeps both, a collapse stops it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from accelerate.utils import set_seed

from raredx_train.rl.answers import Answer, by_case, figures
from raredx_train.rl.configured import RECALL
from raredx_train.rl.course import COURSE, Course, Validated
from raredx_train.rl.rollouts import Rollouts
from raredx_train.training import Listing

Told = Callable[[int, int, str], None]  # (steps done, of how many, the last figures)
_LOGGED = {"reward": "eval_reward", "entropy": "eval_entropy", "kl": "eval_kl"}


class Following(Rollouts):
    """Rollouts that validates through the benchmark's judge, and follows its course from round to round."""

    def evaluate(self, *arguments: Any, **named: Any) -> dict[str, float]:
        """The metrics of a validation: TRL's on sampled answers, recall of greedy and sampled ones. Ends a round."""
        set_seed(self.args.seed * 100_003 + self.state.global_step + 50_000, device_specific=True)
        validated, metrics = self._validated(*arguments, **named)
        course, step = self.course, self.state.global_step
        metrics[f"eval_{RECALL}"] = validated.greedy.as_document()[course.section.best]
        if step == 0:
            course.begin(validated)
            self.state.best_metric = metrics[f"eval_{RECALL}"]  # a policy that never rises above the first is not kept
        else:
            since = course.records[-1]["step"] if course.records else 0
            course.close(step, [each for each in self.state.log_history if each["step"] > since and "loss" in each], validated)
            self.control.should_training_stop |= course.stopped
        self.log({f"eval_{name}": value for name, value in validated.greedy.as_document().items() if name.startswith("recall")}
                 | {f"eval_sampled_{name}": value for name, value in validated.sampled.as_document().items()})  # fmt: skip
        return metrics

    def _validated(self, *arguments: Any, **named: Any) -> tuple[Validated, dict[str, float]]:
        section, kept = self.course.section, self.beta
        self.answered = []
        self.beta = 1.0 if section.kl or kept else 0.0  # TRL then measures the divergence, and nothing is trained here
        try:
            metrics = super().evaluate(*arguments, **named)
        finally:
            self.beta = kept
        sampled, self.answered = self.answered, []
        found = Validated(
            figures(self._greedy(), 1), figures(sampled, section.samples),
            {name: metrics.get(key) or 0.0 for name, key in _LOGGED.items() if key in metrics or name == "entropy"},
        )  # fmt: skip
        return found, metrics

    def _greedy(self) -> list[Answer]:
        """The greedy answers to all validation cases, of all processes."""
        rows = list(self.eval_dataset)
        processes, at_once = self.accelerator.num_processes, self.args.per_device_eval_batch_size
        own = (rows + rows)[self.accelerator.process_index :: processes][: -(-len(rows) // processes)]
        with self.greedily():
            for start in range(0, len(own), at_once):
                part = own[start : start + at_once]
                prompts = [row["prompt"] for row in part]
                sampled = self._generate(prompts)
                self._calculate_rewards(part, prompts, sampled[3], sampled[1])
        self._metrics["eval"].clear()
        found, self.answered = self.answered, []
        return [answer for group in by_case(found, 1).values() for answer in group]


class Keeping(Listing):
    """Writes the course into every checkpoint before its files are listed, and tells how far the training is."""

    def __init__(self, course: Course, told: Told) -> None:
        self.course, self.told = course, told

    def on_save(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        """Called by the trainer after a checkpoint."""
        if state.is_world_process_zero:
            document = json.dumps(self.course.as_document(), indent=1)
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COURSE).write_text(document, encoding="utf-8")
        super().on_save(args, state, control, **about)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **about: Any) -> None:
        """Called by the trainer after each line of its log."""
        if state.is_world_process_zero:
            self.told(state.global_step, state.max_steps, self.course.barren or _said(state.log_history))


def _said(log: Sequence[Mapping[str, Any]]) -> str:
    """ "reward -0.312, recall@1 0.120": the last of each."""
    names = {"reward": "reward", "recall@1": "eval_recall@1", "recall@10": "eval_recall@10"}
    last = {name: next((each[key] for each in reversed(log) if key in each), None) for name, key in names.items()}
    return ", ".join(f"{name} {value:.3f}" for name, value in last.items() if value is not None)
