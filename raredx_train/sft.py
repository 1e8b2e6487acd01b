"""Examples (knowledge, or reasoning with some knowledge) and a student -> the student that has learnt them: TRL's SFTTrainer.

The stage's folder holds model/ (with tokenizer and card; of LoRA the merged model, and the adapter beside it), log.json,
losses.svg, recall-before.json, recall-after.json and TensorBoard's logs.
"""

from __future__ import annotations

import gc
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raredx_bench.domain import DataMissing
from raredx_train import curves
from raredx_train.arguments import adapter, arguments, dtype_of, is_first
from raredx_train.checkpoints import check_space, usable
from raredx_train.examples import drawn, ordered, rows, texts, tokenised
from raredx_train.modelcard import card
from raredx_train.settings import Run, Sft
from raredx_train.students import Loaded, built, loaded

Told = Callable[[int, int, str], None]  # (steps done, of how many, the last losses)
_LOG = logging.getLogger("raredx.train")


@dataclass(frozen=True)
class Lesson:
    """What is learnt, and from where on.

    knowledge: folder of the stage whose pairs are taught, or mixed in, and whose held-out questions are asked. traces: folder of a
    corpus of reasoning, None: knowledge alone is taught. start: folder of the student's weights, None: the recipe's student.
    """

    knowledge: Path
    traces: Path | None = None
    start: Path | None = None

    def names(self) -> list[str]:
        """Names of diseases and findings, for a tokenizer to learn; none where the stage wrote none."""
        path = self.knowledge / "names.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def examples(self, sft: Sft) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(examples to learn, examples that measure the loss). Raises DataMissing or BadInput for files that can't be used."""
        pairs, asked = rows(self.knowledge / "train.parquet"), rows(self.knowledge / "heldout.parquet")
        if self.traces is None:
            return pairs, asked
        if not (self.traces / "train.parquet").is_file():
            raise DataMissing(f"{self.traces} holds no trace to learn from: its card.md says what became of the cases")
        traces, loss = rows(self.traces / "train.parquet"), self.traces / "heldout.parquet"
        return [*traces, *drawn(pairs)[: round(sft.replayed * len(traces))]], rows(loss) if loss.is_file() else asked


def train(
    run: Run, sft: Sft, lesson: Lesson, folder: Path, root: Path, told: Told = lambda done, total, said: None
) -> dict[str, Any]:  # fmt: skip
    """Train, and return the stage's figures. A training that was stopped goes on from its last sound checkpoint.

    Raises UsageError for a full disk or arguments that can't be, BadInput for examples that can't be.
    """
    import torch

    if run.threads:
        torch.set_num_threads(run.threads)
    examples, heldout = lesson.examples(sft)
    student = _student(run, sft, lesson, examples)
    size = student.model.num_parameters()  # before adapters are put into it
    trainer, counts = _trainer(run, sft, student, examples, heldout, folder, told)
    main, device, notes = trainer.is_world_process_zero(), trainer.args.device, list(student.notes)
    if main:
        _recalled(student, sft, lesson.knowledge, folder / "recall-before.json", root)
    trainer.accelerator.wait_for_everyone()
    _fit(trainer, folder)
    trainer.save_model(str(folder / ("adapter" if sft.lora else "model")))
    log, steps = trainer.state.log_history, trainer.state.global_step
    del trainer, student
    gc.collect()
    figures = {**counts, "parameters": size, "steps": steps, **_losses(log), "notes": notes}
    if device.type == "cuda":
        figures["GPU memory, MiB"] = torch.cuda.max_memory_allocated(device) // 2**20
    if main:
        _finish(run, sft, lesson, folder, root, figures, log, device)
    return figures


def _student(run: Run, sft: Sft, lesson: Lesson, examples: list[dict[str, Any]]) -> Loaded:
    if lesson.start is not None:
        return loaded(str(lesson.start), dtype_of(sft))
    return built(run.student, [*texts(examples), *lesson.names()], run.seed, dtype_of(sft))


def _finish(
    run: Run, sft: Sft, lesson: Lesson, folder: Path, root: Path, figures: dict[str, Any], log: list[dict[str, Any]], device: Any
) -> None:  # fmt: skip
    """Merge an adapter, ask what was learnt, write log, picture and card. Of the process that writes."""
    if sft.lora:
        _merge(_student(run, sft, lesson, lesson.examples(sft)[0]), folder)
    figures["recall"] = {"before": {}, "after": {}}
    if sft.recall:  # else a large model needn't be in memory once more
        learnt = loaded(str(folder / "model"), dtype_of(sft))
        learnt.model.to(device)
        figures["recall"] = {
            "before": json.loads((folder / "recall-before.json").read_text(encoding="utf-8")),
            "after": _recalled(learnt, sft, lesson.knowledge, folder / "recall-after.json", root),
        }
    (folder / "log.json").write_text(json.dumps(log, indent=1), encoding="utf-8")
    curves.drawn(log, folder / "losses.svg", f"{run.name}, {folder.name}")
    (folder / "model" / "README.md").write_text(card(run, sft, figures), encoding="utf-8")
    (folder / "model" / "training_args.bin").unlink(missing_ok=True)  # a pickle that names this machine's folders
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _trainer(
    run: Run, sft: Sft, student: Loaded, examples: list[dict[str, Any]], heldout: list[dict[str, Any]], folder: Path, told: Told,
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """(the trainer, counts of what it trains on)."""
    from transformers import EarlyStoppingCallback, PrinterCallback
    from trl import SFTTrainer

    from raredx_train.training import AnswerTrainer, LeftCollator, Listing, Watch, tensorboard

    taught, too_long = tokenised(examples, student.tokenizer, sft.length)
    asked, _ = tokenised(drawn(heldout)[: sft.evaluated], student.tokenizer, sft.length)
    lengths = list(map(len, taught["input_ids"]))
    order = None if sft.packing else ordered(lengths, sft.batch, sft.epochs, run.seed)
    packed = sum(lengths) / sft.length  # rows, about
    steps = max(1, round(sft.epochs * packed / sft.batch)) if order is None else len(order) // sft.batch
    settings = arguments(run, sft, steps, folder)
    left = settings.device.type != "cuda" and not sft.packing
    check_space(folder, _checkpoint_bytes(student.model, sft) * 3)  # two are kept while the next is written
    trainer = (AnswerTrainer if left else SFTTrainer)(
        model=student.model, args=settings, processing_class=student.tokenizer, peft_config=adapter(sft.lora),
        data_collator=LeftCollator(student.tokenizer.pad_token_id) if left else None,
        train_dataset=taught if order is None else taught.select(order), eval_dataset=asked,
        callbacks=[Listing(), Watch(told), *([tensorboard(folder)] if is_first() else []),
                   *([EarlyStoppingCallback(sft.patience)] if sft.patience else [])],
    )  # fmt: skip
    trainer.remove_callback(PrinterCallback)  # Watch tells
    seen = sum(lengths) * sft.epochs if order is None else sum(lengths[at] for at in order)
    return trainer, {"examples": len(taught), "too long": too_long, "held out": len(asked), "tokens": round(seen)}


def _fit(trainer: Any, folder: Path) -> None:
    """Train to the end, from the last sound checkpoint where there is one."""
    trainer.accelerator.wait_for_everyone()  # before the first process removes what can't be used
    checkpoint = usable(folder / "checkpoints", remove=trainer.is_world_process_zero())
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def _merge(base: Loaded, folder: Path) -> None:
    """Write the student with its adapter worked in as a model of its own."""
    from peft import PeftModel

    merged = PeftModel.from_pretrained(base.model, str(folder / "adapter")).merge_and_unload()
    merged.save_pretrained(str(folder / "model"))
    base.tokenizer.save_pretrained(str(folder / "model"))


def _checkpoint_bytes(model: Any, sft: Sft) -> int:
    """About what one checkpoint takes: weights and two moments of the optimizer; of adapters a few hundred megabytes at most."""
    return 3 * sum(each.numel() * each.element_size() for each in model.parameters()) if sft.lora is None else 1 << 29


def _recalled(student: Loaded, sft: Sft, knowledge: Path, path: Path, root: Path) -> dict[str, Any]:
    """What a student knows of the held-out facts, kept at path, so that a training that goes on does not ask again."""
    from raredx_train.recall import as_document, measured

    if not sft.recall:
        return {}
    if not path.is_file():
        found = as_document(measured(student.model, student.tokenizer, knowledge / "heldout.parquet", sft.recall, root))
        path.write_text(json.dumps(found, indent=1), encoding="utf-8")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _losses(log: list[dict[str, Any]]) -> dict[str, Any]:
    """First and last losses of a log."""
    trained, held = curves.losses(log)
    return {"loss": [trained[0][1], trained[-1][1]] if trained else [], "held-out loss": [held[0][1], held[-1][1]] if held else []}
