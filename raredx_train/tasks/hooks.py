"""What lm-eval calls from the task files; all logic is in raredx_train.recall."""

from raredx_train.recall import dataset, score_answer

__all__ = ["dataset", "score_answer"]
