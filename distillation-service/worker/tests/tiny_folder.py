"""A tiny model with random weights as a folder of Hugging Face, and a tokenizer that knows every byte."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, GPTNeoXConfig, LlamaConfig, PretrainedConfig

SPECIAL = "<|end|>"
SIZES = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}


def llama(vocabulary: int) -> PretrainedConfig:
    return LlamaConfig(
        vocab_size=vocabulary, num_key_value_heads=2, tie_word_embeddings=True, initializer_range=0.15, **SIZES
    )


def neox(vocabulary: int) -> PretrainedConfig:
    """Another family: one projection for queries, keys and values, and no gate."""
    return GPTNeoXConfig(vocab_size=vocabulary, initializer_range=0.15, **SIZES)


def write(folder: Path, config=llama, seed: int = 0) -> Path:
    built = tokenizer()
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(config(built.get_vocab_size())).save_pretrained(folder)
    built.save(str(folder / "tokenizer.json"))
    return folder


def tokenizer() -> Tokenizer:
    """Bytes and a few whole words: handles and answers are one token each, as in the prompt format."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = ["\u0120yes", "\u0120no", "\u0120none", "\u0120walk", "\u0120wait", "\u0120shelter", "\u0120run"]
    pieces, merges = list(alphabet), []
    for word in words:
        for end in range(2, len(word) + 1):
            if word[:end] not in pieces:
                pieces.append(word[:end])
                merges.append((word[: end - 1], word[end - 1]))
    built = Tokenizer(models.BPE(vocab={piece: i for i, piece in enumerate(pieces)}, merges=merges))
    built.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    built.decoder = decoders.ByteLevel()
    built.add_special_tokens([SPECIAL])
    return built
