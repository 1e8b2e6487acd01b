"""A model of Qwen3's architecture with random weights and a tokenizer of its own: what runs it is under test, not it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SPECIAL = ("<pad>", "<|im_end|>", "<|im_start|>", "<s>")
TEMPLATE = (
    "{%- for message in messages -%}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor -%}"
    "{%- if add_generation_prompt -%}<|im_start|>assistant\n{% endif -%}"
)


def tiny_model(folder: Path, texts: Iterable[str], *, begin: bool = False, vocabulary: int = 2000, seed: int = 0) -> Path:
    """The folder, with the model (0.9M parameters, float32) and its tokenizer (BPE of the texts' bytes) in it.

    begin: the tokenizer puts <s> before every text by itself, which the chat template does not write: the setting in which
    backends tokenise templated text differently. The weights are wide enough (standard deviation 0.2 instead of 0.02) that
    greedy decoding does not repeat one token.
    """
    import torch
    import transformers

    tokenizer = _tokenizer(texts, begin, vocabulary)
    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=2,
        num_key_value_heads=1, head_dim=64, max_position_embeddings=4096, initializer_range=0.2, tie_word_embeddings=False,
        pad_token_id=0, eos_token_id=1, bos_token_id=3 if begin else None, dtype="float32",
    )  # fmt: skip
    torch.manual_seed(seed)
    transformers.Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(texts: Iterable[str], begin: bool, vocabulary: int) -> Any:
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    build: Any = transformers.PreTrainedTokenizerFast  # untyped
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=list(SPECIAL), show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))  # fmt: skip
    raw.train_from_iterator((re.sub(r"\s+", " ", text) for text in texts), trainer)
    if begin:
        raw.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", SPECIAL.index("<s>"))])
    return build(tokenizer_object=raw, pad_token="<pad>", eos_token="<|im_end|>", bos_token="<s>" if begin else None,
                 additional_special_tokens=["<|im_start|>"], chat_template=TEMPLATE,
                 clean_up_tokenization_spaces=False)  # fmt: skip
