"""Where a student is trained: a GPU if there is one, else the processor."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

AUTO, CPU, CUDA = "auto", "cpu", "cuda"
CHOICES = (AUTO, CPU, CUDA)


def choose(wanted: str = AUTO) -> str:
    """``cpu`` or ``cuda``. :raises ValueError: if a GPU is asked for and there is none"""
    if wanted not in CHOICES:
        raise ValueError(f"a device is one of {', '.join(CHOICES)}")
    there = torch.cuda.is_available()
    if wanted == CUDA and not there:
        raise ValueError("a GPU was asked for, and torch finds none")
    return CUDA if there and wanted != CPU else CPU


def prepare(device: str) -> None:
    """Makes runs repeatable: bit by bit on a processor, as far as the kernels allow on a GPU.

    Call it before the first work on the GPU: cuBLAS reads its setting once.
    """
    if device == CUDA:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=device == CUDA)
    torch.utils.deterministic.fill_uninitialized_memory = False  # costs time and finds nothing here


def use_one_gpu(arguments: Any) -> None:
    """The stock trainer would spread batches over all GPUs that it sees, and ours are not of a kind that it can cut."""
    _ = arguments.device  # counts the GPUs, which may be changed only afterwards
    arguments._n_gpu = 1


def of(model: Any) -> torch.device:
    return next(model.parameters()).device


def half(device: str | torch.device, wanted: bool = True) -> AbstractContextManager[Any]:
    """BF16 where it is wanted and the device computes in it; a GPU that only emulates it stays with fp32."""
    kind = torch.device(device).type
    if not wanted or (kind == CUDA and not torch.cuda.is_bf16_supported(including_emulation=False)):
        return nullcontext()
    return torch.autocast(kind, dtype=torch.bfloat16)


def described() -> dict[str, Any] | None:
    """The first GPU as jobs ask for it, or nothing."""
    if not torch.cuda.is_available():
        return None
    found = torch.cuda.get_device_properties(0)
    return {"type": found.name[:64], "memoryMb": found.total_memory >> 20}


def name(device: str) -> str:
    return torch.cuda.get_device_name(0) if device == CUDA else CPU


def memory_mb(device: str) -> dict[str, float]:
    """The most that tensors took on the GPU, for the metrics."""
    return {"gpuMemoryMb": round(torch.cuda.max_memory_allocated() / (1 << 20), 1)} if device == CUDA else {}


def out_of_memory(failure: BaseException) -> bool:
    """Whether an allocation was refused; libraries below torch say so in words only."""
    if isinstance(failure, (torch.OutOfMemoryError, MemoryError)):
        return True
    said = str(failure).lower()
    return isinstance(failure, RuntimeError) and any(
        words in said for words in ("out of memory", "alloc_failed", "can't allocate memory")
    )


def shrinking(attempt: Callable[[], Any]) -> tuple[Any, str | None]:
    """What ``attempt`` answers, or why there was no memory for it.

    The failure is let go of here: its traceback holds the very tensors that did not fit.
    """
    try:
        return attempt(), None
    except (RuntimeError, MemoryError) as failure:
        if not out_of_memory(failure):
            raise
        why = str(failure).splitlines()[0] if str(failure) else type(failure).__name__
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None, why
