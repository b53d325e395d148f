"""Where a student is trained: a GPU if there is one, else the processor."""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

AUTO, CPU, CUDA = "auto", "cpu", "cuda"
CHOICES = (AUTO, CPU, CUDA)
MAPPED = Path("/proc/self/maps")
PRECISIONS = (AUTO, "bf16", "fp32")


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
    """BF16 where it is wanted and makes the device faster; elsewhere fp32."""
    kind = torch.device(device).type
    if not wanted or not (half_pays() if kind == CPU else torch.cuda.is_bf16_supported(including_emulation=False)):
        return nullcontext()
    return torch.autocast(kind, dtype=torch.bfloat16)


@functools.cache
def half_pays() -> bool:
    """Whether this processor multiplies matrices faster in BF16 than in fp32.

    Measured, because what a processor says of itself does not tell: two that report the same AVX-512 instructions
    were seen at 2.7 times and at half the speed of fp32. That is so far apart that every run on one machine answers
    alike.
    ``LD_PRECISION=bf16`` or ``fp32`` decides without measuring.
    """
    said = os.environ.get("LD_PRECISION", AUTO)
    if said not in PRECISIONS:
        raise ValueError(f"LD_PRECISION is one of {', '.join(PRECISIONS)}")
    if said != AUTO:
        return said == "bf16"
    seconds = {kind: float("inf") for kind in (torch.float32, torch.bfloat16)}
    # Of the size of a layer of the base model and a pack of states.
    operands = {kind: (torch.ones(512, 576, dtype=kind), torch.ones(1536, 576, dtype=kind)) for kind in seconds}
    for _ in range(6):  # in turns, so that other work on the machine slows both
        for kind, (left, right) in operands.items():
            begun = time.perf_counter()
            torch.nn.functional.linear(left, right)
            seconds[kind] = min(seconds[kind], time.perf_counter() - begun)
    return seconds[torch.bfloat16] * 1.2 < seconds[torch.float32]


def precision(device: str, wanted: bool = True) -> str:
    """What matrix products are computed in, for the manifest."""
    return "fp32" if isinstance(half(device, wanted), nullcontext) else "bf16"


def allocator_hint() -> str | None:
    """What to do where every tensor's memory goes back to the system and is asked for again, or nothing.

    glibc does so with large blocks, and each costs a page fault per 4 KB; on virtual machines that was seen to take
    half of a step. Its own settings (``MALLOC_*_THRESHOLD_``) help at the price of memory that grows without end.
    """
    if not MAPPED.is_file():  # not Linux
        return None
    mapped = MAPPED.read_text(encoding="utf-8")
    if any(name in mapped for name in ("tcmalloc", "jemalloc", "mimalloc")):
        return None
    return (
        "training on a CPU is up to twice as fast with tcmalloc: install libtcmalloc-minimal4 and set LD_PRELOAD to it"
    )


def described() -> dict[str, Any] | None:
    """The first GPU as jobs ask for it, and how many there are of its kind from it on, or nothing."""
    if not torch.cuda.is_available():
        return None
    found = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    first = found[0]
    alike = itertools.takewhile(lambda one: (one.name, one.total_memory) == (first.name, first.total_memory), found)
    return {"type": first.name[:64], "memoryMb": first.total_memory >> 20, "count": sum(1 for _ in alike)}


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
