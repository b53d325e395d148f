"""Absolute activation maxima: what the inference engine smooths by before it quantises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ld_worker import adaptation, devices, scoring
from ld_worker.prompts import Prompt


def record(model: Any, prompts: Sequence[Prompt], batch_size: int = 4) -> dict[str, Tensor]:
    """The largest absolute input of every group of projections over all tokens, by the engine's names for them.

    ``model`` must carry its adapter merged, since the engine quantises the merged weights. The first token is left out:
    its activations dwarf all others', the engine computes it in a run of its own, and smoothing by them would coarsen
    the weights for every other token.

    Of a model whose layers are not those of the Llama family nothing is recorded: the engine does not serve it.
    """
    largest: dict[str, Tensor] = {}
    real = torch.empty(0, dtype=torch.bool)

    def watch(name: str) -> Any:
        def hook(_: Any, inputs: tuple[Tensor, ...]) -> None:
            now = inputs[0].detach().float().abs()[real].amax(dim=0)
            largest[name] = torch.maximum(largest[name], now) if name in largest else now

        return hook

    if adaptation.targets(model) == "all-linear":
        return {}
    handles = []
    for i, layer in enumerate(scoring.decoder(model).layers):
        for name, module in (
            (f"layers.{i}.qkv", layer.self_attn.q_proj),
            (f"layers.{i}.gate_up", layer.mlp.gate_proj),
            (f"layers.{i}.down", layer.mlp.down_proj),
        ):
            handles.append(module.register_forward_pre_hook(watch(name)))
    try:
        with torch.inference_mode():
            ordered, device = sorted(prompts, key=len), devices.of(model)
            for start in range(0, len(ordered), batch_size):
                chunk = ordered[start : start + batch_size]
                batch = scoring.collate(chunk)
                real = torch.arange(batch.ids.shape[1]) < torch.tensor([len(p) for p in chunk])[:, None]
                real[:, 0] = False
                real = real.to(device)
                scoring.hidden_at_scored(model, batch)
    finally:
        for handle in handles:
            handle.remove()
    return {name: values.cpu().contiguous() for name, values in largest.items()}
