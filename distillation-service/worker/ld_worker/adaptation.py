"""Which weights of a model are trained. Whatever they are, the student travels as a LoRA adapter.

- ``lora``: two thin matrices beside every projection; the base model's own weights stay.
- ``qlora``: the same, while the base model's weights are held in four bits, for one that does not fit the memory.
- ``full``: the projections themselves. When training has ended, what changed is cut down to an adapter: registry,
  engines and other servers take nothing larger. Judged is the adapter, and the manifest says how much the cut kept.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn
from torch.nn import functional

from ld_worker.package import UnsuitableError

LORA, QLORA, FULL = "lora", "qlora", "full"
ALL = (LORA, QLORA, FULL)
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
PREFIX, INPUT, OUTPUT = "base_model.model.", ".lora_A.weight", ".lora_B.weight"
"""PEFT's names of an adapter's tensors."""


def possible() -> tuple[str, ...]:
    """What can be trained here: four bits need a package that not every machine has."""
    return ALL if importlib.util.find_spec("bitsandbytes") else (LORA, FULL)


def require_possible(wanted: str) -> None:
    """:raises UnsuitableError: for a way that is none, or that this machine lacks a package for"""
    if wanted not in ALL:
        raise UnsuitableError(f"an adaptation is one of {', '.join(ALL)}")
    if wanted not in possible():
        raise UnsuitableError(
            "qlora holds the base model in four bits, and the package for that is not installed:"
            " pip install --no-deps --require-hashes -r requirements-qlora.txt"
        )


def with_lora(model: Any, rank: int, alpha: float) -> Any:
    """The model with a fresh adapter beside each projection, which alone is trained."""
    return get_peft_model(
        model,
        LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets(model), lora_dropout=0.0, bias="none"),
    )


def targets(model: Any) -> list[str] | str:
    """The seven projections of the Llama family where the model has them, else every linear layer below the head."""
    ends = {name.rsplit(".", 1)[-1] for name, _ in model.named_modules()}
    return list(PROJECTIONS) if ends.issuperset(PROJECTIONS) else "all-linear"


def unfrozen(model: Any) -> Any:
    """The model itself, of which the projections alone are trained: embeddings and norms have no place in an adapter.

    :raises UnsuitableError: for a base model whose projections are no linear layers
    """
    model.requires_grad_(False)
    head, chosen = model.get_output_embeddings(), targets(model)
    found = [
        module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and module is not head
        and (chosen == "all-linear" or name.rsplit(".", 1)[-1] in chosen)
    ]
    if not found:
        raise UnsuitableError(f"{type(model).__name__} has no linear layers that could be trained in full: use lora")
    for module in found:
        module.weight.requires_grad_(True)
    return model


def is_lora(model: Any) -> bool:
    return hasattr(model, "peft_config")


def trained(model: Any) -> dict[str, Tensor]:
    """A copy of what is trained: the adapter by PEFT's names, or the projections by those of the model."""
    found = (
        get_peft_model_state_dict(model, save_embedding_layers=False)
        if is_lora(model)
        else {name: value for name, value in model.named_parameters() if value.requires_grad}
    )
    return {name: value.detach().clone().contiguous() for name, value in found.items()}


def take_up(model: Any, values: Mapping[str, Tensor]) -> None:
    """Puts what :func:`trained` answered, or an adapter of a package, into a model of the same kind."""
    whole = {name: value.float() for name, value in values.items()}
    if is_lora(model):
        set_peft_model_state_dict(model, whole)
        return
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in whole.items():
            own[name].copy_(value)


def begin_with(model: Any, adapter: Mapping[str, Tensor], alpha: float) -> None:
    """Goes on from a student: its adapter is taken up, or added to the projections where those are trained."""
    if is_lora(model):
        take_up(model, adapter)
        return
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name in adapter:
            if name.endswith(INPUT):
                module = name.removeprefix(PREFIX).removesuffix(INPUT)
                inner, outer = adapter[name].float(), adapter[f"{PREFIX}{module}{OUTPUT}"].float()
                weight = own[f"{module}.weight"]
                weight += (outer @ inner * (alpha / inner.shape[0])).to(weight.device)


@torch.no_grad()
def cut(
    before: Mapping[str, Tensor], after: Mapping[str, Tensor], rank: int, alpha: float
) -> tuple[dict[str, Tensor], float]:
    """The change of weights as an adapter of a rank, and the share of the change's squares that it keeps.

    No adapter of that rank is nearer to the change (Eckart and Young, 1936).
    """
    adapter: dict[str, Tensor] = {}
    kept = whole = 0.0
    for name, weight in after.items():
        change = weight.float() - before[name].to(weight.device).float()
        left, sizes, right = torch.linalg.svd(change, full_matrices=False)
        whole += float(sizes.square().sum())
        kept += float(sizes[:rank].square().sum())
        # Each half takes the root, so that neither is too small for the two bytes a number in which it travels.
        root = (sizes[:rank] * (rank / alpha)).sqrt()
        missing = rank - len(root)
        module = name.removesuffix(".weight")
        adapter[f"{PREFIX}{module}{INPUT}"] = functional.pad(root[:, None] * right[:rank], (0, 0, 0, missing)).cpu()
        adapter[f"{PREFIX}{module}{OUTPUT}"] = functional.pad(left[:, :rank] * root, (0, missing)).cpu()
    return adapter, kept / whole if whole else 1.0
