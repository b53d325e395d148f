"""A two-layer Llama with random weights: big enough to learn the toy task, small enough to train in seconds."""

from __future__ import annotations

import torch
import words
from transformers import LlamaConfig, LlamaForCausalLM


def model(seed: int = 0) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=words.VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        initializer_range=0.15,
        attn_implementation="sdpa",
    )
    return LlamaForCausalLM(config).eval()
