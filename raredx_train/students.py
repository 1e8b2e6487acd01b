"""The model that is trained: built from nothing, or loaded by name.

A student from scratch is a Qwen3-architecture model with a byte-level BPE tokenizer learnt from the texts it will be trained on, so
that a recipe needs no downloaded weights. A named one without a chat template is given a plain one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, UsageError
from raredx_train.settings import FROM_SCRATCH, Shape, Student

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIAL = (PAD, START, END)
THOUGHT = ("<think>", "</think>")  # tokens of their own that stay in what is read, as Qwen3 has them
_TEMPLATES = Path(__file__).parent / "recipes" / "templates"
_LOG = logging.getLogger("raredx.train")


@dataclass(frozen=True)
class Loaded:
    """A model in memory with its tokenizer, which has a chat template, a pad and an end token. notes: what was given to it."""

    model: Any
    tokenizer: Any
    notes: tuple[str, ...] = ()


def parameters(shape: Shape) -> int:
    """How many parameters a Qwen3-architecture model of these sizes has, as transformers' Qwen3ForCausalLM counts them."""
    attention = shape.width * shape.head * (2 * shape.heads + 2 * shape.key_value_heads) + 2 * shape.head  # norms of q and k
    layer = attention + 3 * shape.width * shape.mlp + 2 * shape.width
    embeddings = shape.vocabulary * shape.width * (1 if shape.tied else 2)
    return embeddings + shape.layers * layer + shape.width


def built(student: Student, texts: Iterable[str], seed: int, dtype: str = "float32") -> Loaded:
    """The student in memory. texts: what a from-scratch tokenizer learns from. dtype: of the weights, as torch names it.

    Raises UsageError when a named model can't be loaded, BadInput when its sizes aren't those of the recipe's shape.
    """
    if student.model == FROM_SCRATCH:
        if student.shape is None:
            raise UsageError("a student from_scratch needs sizes: give student.shape")
        tokenizer = tokenizer_from(texts, student.shape)
        return Loaded(qwen3(student.shape, tokenizer, seed), tokenizer)
    return loaded(student.model, dtype, student.revision, student.shape)


def tokenizer_from(texts: Iterable[str], shape: Shape) -> Any:
    """A byte-level BPE tokenizer of at most shape.vocabulary tokens; the same texts in the same order give the same one."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learnt.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=shape.vocabulary - len(THOUGHT), special_tokens=list(SPECIAL), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    learnt.train_from_iterator(texts, trainer)
    learnt.add_tokens([AddedToken(each, normalized=False) for each in THOUGHT])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learnt, pad_token=PAD, eos_token=END, model_max_length=shape.context, clean_up_tokenization_spaces=False
    )  # fmt: skip
    tokenizer.chat_template = (_TEMPLATES / "chatml.jinja").read_text(encoding="utf-8")
    return tokenizer


def qwen3(shape: Shape, tokenizer: Any, seed: int) -> Any:
    """A Qwen3-architecture model with random weights, the same for the same seed; its vocabulary is the tokenizer's."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(seed)
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer), hidden_size=shape.width, num_hidden_layers=shape.layers, intermediate_size=shape.mlp,
            num_attention_heads=shape.heads, num_key_value_heads=shape.key_value_heads, head_dim=shape.head,
            max_position_embeddings=shape.context, tie_word_embeddings=shape.tied, pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip


def loaded(name: str, dtype: str = "float32", revision: str | None = None, shape: Shape | None = None) -> Loaded:
    """A model and tokenizer by hub id or folder. Raises UsageError when they can't be loaded, BadInput when shape isn't theirs."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    try:
        config = AutoConfig.from_pretrained(name, revision=revision)
        _check_shape(name, config, shape)
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
        model = AutoModelForCausalLM.from_pretrained(name, revision=revision, dtype=dtype)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise UsageError(f"the student {name} can't be loaded ({why}): name a model's hub id or folder in student.model") from error
    notes = _completed(name, model, tokenizer)
    for note in notes:
        _LOG.warning(note)
    return Loaded(model, tokenizer, notes)


def _completed(name: str, model: Any, tokenizer: Any) -> tuple[str, ...]:
    """What a student lacked and was given: a chat template, a pad token."""
    notes = []
    if not tokenizer.chat_template:
        tokenizer.chat_template = (_TEMPLATES / "plain.jinja").read_text(encoding="utf-8")
        notes.append(f"{name} has no chat template: it was given a plain one (role, text, end token), which is saved with it")
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        spare = next((token for token in (PAD, "<pad>", "[PAD]", "<unk>") if token in tokenizer.get_vocab()
                      and token != tokenizer.eos_token), tokenizer.eos_token)  # fmt: skip
        tokenizer.pad_token = spare
        notes.append(f"{name} has no pad token of its own: {spare} pads")
    model.config.pad_token_id = tokenizer.pad_token_id
    return tuple(notes)


def _check_shape(name: str, config: Any, shape: Shape | None) -> None:
    """A recipe's plan must be about the model that is trained."""
    if shape is None:
        return
    said = {"width": shape.width, "layers": shape.layers, "heads": shape.heads, "mlp": shape.mlp}
    found = {"width": config.hidden_size, "layers": config.num_hidden_layers, "heads": config.num_attention_heads,
             "mlp": config.intermediate_size}  # fmt: skip
    if said != found:
        raise BadInput(f"student.shape says {said}, but {name} has {found}: correct the shape, or leave it out")
