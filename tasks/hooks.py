"""What lm-eval calls from the task files; all logic is in raredx_bench."""

from raredx_bench.tasks import dataset, score

__all__ = ["dataset", "score"]
