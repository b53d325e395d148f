"""A student's adapter as other servers load it: one GGUF file for llama.cpp, a PEFT folder for vLLM and SGLang.

Both say what the package says and nothing else, so they are made when somebody wants them and kept nowhere. Neither
needs torch.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ld_worker import base, durable, package

ARCHITECTURE = "llama"
"""The only one whose row order is known here."""
PEFT_ADAPTER = "adapter_model.safetensors"
"""What peft, vLLM and SGLang look for; the package has another name for the same bytes."""
PREFIX, INPUT, OUTPUT = "base_model.model.", ".lora_A.weight", ".lora_B.weight"
SIDES = {INPUT: ".lora_a", OUTPUT: ".lora_b"}
"""Ends of names, PEFT's and llama.cpp's."""


def as_gguf(folder: Path, base_path: Path, out: Path) -> Path:
    """Writes the adapter for ``llama-server --lora``, with the metadata of llama.cpp's own conversion.

    :param folder: the student's package; its manifest and its adapter are enough
    """
    manifest, adapter = _read(folder)
    if manifest["base"]["sha256"] != base.sha256(base_path):
        raise package.ExportError(f"student {manifest['name']} was trained on another base model than {base_path.name}")
    if base_path.is_dir():
        raise package.ExportError(
            f"{base_path.name} is a folder of Hugging Face, whose order of rows in a GGUF file is not known here:"
            " convert the folder of `peft` with llama.cpp's convert_lora_to_gguf.py"
        )
    tensors = _named_as_in(base_path, adapter)
    with durable.replacing(out) as aside:
        writer = gguf.GGUFWriter(aside, ARCHITECTURE)
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_name(manifest["name"])
        writer.add_version(f"sha256:{base.sha256(folder / package.MANIFEST)}")
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, manifest["lora"]["alpha"])
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        for name, values in tensors.items():
            writer.add_tensor(name, values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return out


def _named_as_in(base_path: Path, adapter: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The adapter's matrices by the names, and in the row order, that the base model's file has."""
    facts = gguf.GGUFReader(base_path).fields
    if (found := facts["general.architecture"].contents()) != ARCHITECTURE:
        raise package.ExportError(f"{base_path.name} is a model of the architecture {found}, not {ARCHITECTURE}")
    heads = {
        "q_proj": facts[f"{ARCHITECTURE}.attention.head_count"].contents(),
        "k_proj": facts[f"{ARCHITECTURE}.attention.head_count_kv"].contents(),
    }
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, facts[f"{ARCHITECTURE}.block_count"].contents())
    tensors = {}
    for name, values in adapter.items():
        module, side = _parts(name)
        if (known := names.get_name(module)) is None:
            raise package.ExportError(f"{base_path.name} has no {module}, which the adapter changes")
        projection = module.rsplit(".", 1)[1]
        if side == OUTPUT and projection in heads:
            values = interleaved(values, heads[projection])
        tensors[f"{known}.weight{SIDES[side]}"] = values
    return tensors


def interleaved(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """The rows of every head with its two halves taken in turns: the order that query and key have in GGUF files.

    The products of the adapter are added to those of the base model, so the rows of its second matrix need the same
    order. ``Matrix.withHalvesApart`` of the inference engine is the way back.
    """
    return np.ascontiguousarray(rows.reshape(heads, 2, -1, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape))


def as_peft(folder: Path, out: Path) -> Path:
    """Writes a folder that ``PeftModel.from_pretrained``, ``vllm serve --lora-modules`` and SGLang load.

    The configuration is made of the manifest, as the registry hands out no other.
    """
    manifest, adapter = _read(folder)
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": manifest["base"]["name"],
        "r": manifest["lora"]["rank"],
        "lora_alpha": manifest["lora"]["alpha"],
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted({_parts(name)[0].rsplit(".", 1)[1] for name in adapter}),
        "inference_mode": True,
    }
    out.mkdir(parents=True, exist_ok=True)
    with durable.replacing(out / PEFT_ADAPTER) as aside:
        shutil.copyfile(folder / manifest["files"]["adapter"]["path"], aside)
    durable.write_text(out / package.ADAPTER_CONFIG, json.dumps(config, indent=1) + "\n")
    return out


def _read(folder: Path) -> tuple[dict[str, Any], Mapping[str, NDArray[Any]]]:
    """The manifest, and the adapter that it names, in the order of names."""
    manifest = package.read_manifest(folder)
    described = manifest["files"]["adapter"]
    if described is None:
        raise package.ExportError(f"student {manifest['name']} is the base model itself: it has no adapter")
    path = folder / described["path"]
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist")
    if base.sha256(path) != described["sha256"]:
        raise package.ExportError(f"{path.name} is not the file that the manifest names: its hash is another")
    found = load_file(path)
    return manifest, {name: found[name] for name in sorted(found)}


def _parts(name: str) -> tuple[str, str]:
    """Module and side of an adapter's tensor."""
    for side in SIDES:
        if name.startswith(PREFIX) and name.endswith(side):
            return name.removeprefix(PREFIX).removesuffix(side), side
    raise package.ExportError(f"{name} is no tensor of a LoRA adapter")
