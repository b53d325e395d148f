"""Scores of candidates, computed as the inference engine computes them: one pass, only the wanted logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ld_worker import devices
from ld_worker.packing import Pack
from ld_worker.prompts import RECALL, Prompt


@dataclass(frozen=True)
class Batch:
    """Padded prompts; ``rows`` and ``scored`` address every scored position of every prompt in turn."""

    ids: Tensor
    positions: Tensor
    bias: Tensor
    rows: Tensor
    scored: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, one.name).to(device) for one in fields(self)))


def collate(prompts: Sequence[Prompt], dtype: torch.dtype = torch.float32) -> Batch:
    """Pads on the right. Padding sees the first token alone, which keeps its softmax finite and harms nobody."""
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.zeros((len(prompts), longest), dtype=torch.long)
    positions = torch.zeros((len(prompts), longest), dtype=torch.long)
    bias = torch.full((len(prompts), 1, longest, longest), torch.finfo(dtype).min, dtype=dtype)
    rows, scored = [], []
    for i, prompt in enumerate(prompts):
        n = len(prompt)
        ids[i, :n] = torch.tensor(prompt.ids)
        positions[i, :n] = torch.tensor(prompt.positions)
        segments = torch.tensor(prompt.segments)
        sees = torch.zeros((len(prompt.sees), len(prompt.sees)), dtype=torch.bool)
        for own, others in enumerate(prompt.sees):
            sees[own, list(others)] = True
        bias[i, 0, :n, :n].masked_fill_(sees[segments][:, segments].tril(), 0)
        bias[i, 0, n:, 0] = 0
        for ends in prompt.scored:
            rows += [i] * len(ends)
            scored += ends
    return Batch(ids, positions, bias, torch.tensor(rows), torch.tensor(scored))


def decoder(model: Any) -> Any:
    """The decoder below the language-model head, whether or not peft has wrapped the model."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner.base_model


def hidden_at_scored(model: Any, batch: Batch) -> Tensor:
    """[scored positions, width] in fp32, on the model's device."""
    batch = batch.to(devices.of(model))
    states = decoder(model)(
        input_ids=batch.ids, position_ids=batch.positions, attention_mask=batch.bias, use_cache=False
    ).last_hidden_state
    return states[batch.rows, batch.scored].float()


def head(model: Any) -> Tensor:
    """The rows of the embedding that score tokens (tied to the input embedding)."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner.get_output_embeddings().weight


def logits(hidden: Tensor, weight: Tensor, tokens: Sequence[int]) -> Tensor:
    """[scored positions, tokens]."""
    return hidden @ weight[list(tokens)].float().T


def pack_scores(model: Any, packs: Sequence[Pack]) -> list[list[Tensor]]:
    """Per pack and state: one score per candidate in canonical order, then none's, as the engine computes them."""
    hidden = hidden_at_scored(model, collate([pack.prompt for pack in packs]))
    weight = head(model)
    found, start = [], 0
    for pack in packs:
        states = []
        for ends in pack.prompt.scored:
            wanted = logits(hidden[start : start + len(ends)], weight, pack.options)
            start += len(ends)
            states.append(wanted[0] if pack.way == RECALL else functional.pad(wanted[:, 0] - wanted[:, 1], (0, 1)))
        found.append(states)
    return found


def pack_loss(model: Any, packs: Sequence[Pack]) -> Tensor:
    """Mean cross-entropy over the candidates and none, every state weighing the same."""
    losses = [
        functional.cross_entropy(state[None], torch.tensor([label], device=state.device))
        for pack, states in zip(packs, pack_scores(model, packs), strict=True)
        for state, label in zip(states, pack.labels, strict=True)
    ]
    return torch.stack(losses).mean()
