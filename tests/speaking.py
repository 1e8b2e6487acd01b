"""A transformers model of a few hundred parameters a layer that says what it is told to: real code, weights written by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SPECIAL = ("<pad>", "<eos>", "<think>", "</think>")


def speaking_model(folder: Path, said: Sequence[Sequence[str]], template: str | None = None, thoughts: bool = True) -> Path:
    """The folder, with a model and its tokenizer. said: chains of tokens (characters or special ones), each followed by the next.

    A token is followed by one other, always; a chain's last one by itself, unless it is "<eos>". So a prompt's last character
    chooses the chain. thoughts: whether <think> and </think> are special tokens, which decoding leaves out.
    """
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    names = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    raw = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(names)}, merges=[]))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    marks: Any = list(SPECIAL[2:])
    raw.add_special_tokens(marks) if thoughts else raw.add_tokens(marks)
    fast: Any = transformers.PreTrainedTokenizerFast
    tokenizer = fast(tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>")
    tokenizer.chat_template = template
    size = len(names)
    config = transformers.Qwen3Config(
        vocab_size=size, hidden_size=size, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1,
        head_dim=16, max_position_embeddings=4096, pad_token_id=0, eos_token_id=1, bos_token_id=None, tie_word_embeddings=False,
    )  # fmt: skip
    model = transformers.Qwen3ForCausalLM(config)
    following = torch.eye(size)  # [next, last]
    for chain in said:
        for last, after in itertools.pairwise(tokenizer.convert_tokens_to_ids([_byte(each) for each in chain])):
            following[:, last] = 0
            following[after, last] = 1
    with torch.no_grad():
        layer: Any = model.model.layers[0]
        layer.self_attn.o_proj.weight.zero_()
        layer.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(size))
        model.lm_head.weight.copy_(following)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _byte(token: str) -> str:
    return {" ": "Ġ", "\n": "Ċ"}.get(token, token)
