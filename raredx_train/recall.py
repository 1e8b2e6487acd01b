"""What a model knows of held-out facts: the lm-eval tasks raredx_knowledge (tasks/), and their estimates with intervals.

    lm_eval --model hf --model_args pretrained=MODEL --include_path raredx_train/tasks --tasks raredx_knowledge \
            --apply_chat_template --metadata '{"heldout": "runs/tiny/knowledge/heldout.parquet"}'

asks the same questions. The tasks lie in this package, not among the benchmarks: their questions come from a run of the recipe, no
case is diagnosed, and no leaderboard holds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from raredx_bench import sources
from raredx_bench.domain import Estimate, UsageError
from raredx_bench.harness.folders import data_environment
from raredx_bench.intervals import wilson
from raredx_bench.judging import judge_for
from raredx_bench.metrics import mean_estimates
from raredx_bench.naming import plain
from raredx_train.examples import drawn, rows

TASKS = Path(__file__).parent / "tasks"
FORMS = {"choice": "acc_norm", "free": "right"}  # form of the question -> the task's metric; options differ in length
Recall = dict[str, dict[str, Estimate]]  # form -> set of questions ("all", "rephrased", …) -> share right


@lru_cache(maxsize=4)
def documents(heldout: Path, questions: int | None) -> tuple[dict[str, Any], ...]:
    """The questions asked: the first of each set in the order of their ids' hashes, so many in all; None: every one."""
    by_set: dict[str, list[dict[str, Any]]] = {}
    for row in drawn(rows(heldout)):
        by_set.setdefault(str(row["part"]), []).append(row)
    share = None if questions is None else max(1, questions // len(by_set))
    return tuple(_document(row) for _, members in sorted(by_set.items()) for row in members[:share])


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "part": row["part"], "kind": row["kind"], "disease": row["disease"],
            "question": row["prompt"][-1]["content"], "target": row["values"][int(row["answer"])],
            "choices": list(row["choices"]), "values": list(row["values"]), "answer": int(row["answer"])}  # fmt: skip


def dataset(**metadata: Any) -> dict[str, Any]:
    """lm-eval's custom_dataset hook. Raises UsageError when the metadata doesn't say where the held-out facts are."""
    import datasets

    if not metadata.get("heldout"):
        raise UsageError(
            """raredx_knowledge needs its questions: --metadata '{"heldout": "runs/tiny/knowledge/heldout.parquet"}'"""
        )
    found = documents(Path(metadata["heldout"]), metadata.get("questions"))
    return {"test": datasets.Dataset.from_list([each for each in found if metadata.get("form") != "choice" or each["choices"]])}


def score_answer(doc: Mapping[str, Any], results: list[Any]) -> dict[str, float]:
    """lm-eval's process_results hook of the free answer."""
    text = results[0] if not isinstance(results[0], list) else results[0][0]
    return {"right": float(same_answer(str(text), str(doc["target"]), [each for each in doc["values"] if each != doc["target"]]))}


def same_answer(text: str, target: str, wrong: Sequence[str] = ()) -> bool:
    """True when an answer gives the reference: its words, alone or in a sentence that names none of the wrong options beside it, or
    another name of the same disease.

    Case, accents and punctuation don't count, nor does what stands in a thought. A true answer that the question did not mean
    (another finding of the disease) counts as wrong.
    """
    said, meant = plain(text.split("</think>")[-1]), plain(target)
    if _names(said, meant):
        return not any(_names(said, other) and not _names(meant, other) for other in map(plain, wrong))
    link = judge_for(sources.data_dir()).linker.link
    disease = link(target).id
    return disease is not None and link(text.strip().rstrip(".")).id == disease


def _names(said: str, name: str) -> bool:
    """True when a text holds a name as whole words; both plain."""
    return bool(name) and f" {name} " in f" {said} "


def measured(model: Any, tokenizer: Any, heldout: Path, questions: int, root: Path, batch: int = 64) -> Recall:
    """Share of right answers of a model in memory, by form and set, with intervals over clusters of questions on one disease.

    root: the data directory, whose terminology links names of diseases.
    """
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    manager = TaskManager(
        include_path=str(TASKS), include_defaults=False, metadata={"heldout": str(heldout), "questions": questions}
    )
    was = tokenizer.padding_side
    with data_environment(root):
        lm = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=batch, max_length=_context(model), enable_thinking=False)
        lm.loglikelihood = partial(lm.loglikelihood, disable_tqdm=True)
        lm.generate_until = partial(lm.generate_until, disable_tqdm=True)
        found = lm_eval.evaluate(
            lm, manager.load(["raredx_knowledge"]), apply_chat_template=True, log_samples=True, bootstrap_iters=0
        )
    tokenizer.padding_side = was
    assert found is not None
    return {form: _estimates(found["samples"][f"raredx_knowledge_{form}"], metric) for form, metric in FORMS.items()}


def _estimates(samples: Sequence[Mapping[str, Any]], metric: str) -> dict[str, Estimate]:
    sets = {"all": list(samples)}
    for each in samples:
        sets.setdefault(str(each["doc"]["part"]), []).append(each)
    return {name: share([bool(each[metric]) for each in members], [str(each["doc"]["disease"]) for each in members])
            for name, members in sets.items()}  # fmt: skip


def share(right: Sequence[bool], clusters: Sequence[str]) -> Estimate:
    """The share that is right: the interval of means over clusters; Wilson's where each is its own, or where all are alike.

    All alike, Wilson's interval is of as many trials as there are clusters.
    """
    kinds, value = len(set(clusters)), sum(right) / len(right)
    if kinds < len(right) and 0 < value < 1:
        return mean_estimates({"": np.array(right, dtype=float)}, clusters)[""]
    low, high = wilson(value, kinds)
    return Estimate(value, float(low), float(high), len(right))


def _context(model: Any) -> int:
    return int(model.config.get_text_config().max_position_embeddings)


def as_document(recall: Recall) -> dict[str, Any]:
    """The estimates as JSON holds them."""
    return {form: {name: asdict(each) for name, each in sets.items()} for form, sets in recall.items()}
