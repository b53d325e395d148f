"""How fast this machine multiplies matrices at most, for comparing what a student's run reaches.

    python peak.py [--threads N]

Prints one JSON object: billions of operations a second (a multiplication and an addition are two) of the best of
several runs, in eight bits (sums in 32), BF16 and FP32. By oneDNN, which uses VNNI, BF16 dot products and AMX where a
processor has them. Matrices fit in its caches in part only, as a layer's do.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable

import torch

SIDE = 1536
ROWS = 1024
RUNS = 30


def best(multiply: Callable[[], object]) -> float:
    """Billions of operations a second in the fastest run: others lose to what else the machine does."""
    multiply()
    fastest = float("inf")
    for _ in range(RUNS):
        begun = time.perf_counter()
        multiply()
        fastest = min(fastest, time.perf_counter() - begun)
    return 2 * ROWS * SIDE * SIDE / fastest / 1e9


def floats(kind: torch.dtype) -> float:
    left, right = torch.randn(ROWS, SIDE).to(kind), torch.randn(SIDE, SIDE).to(kind)
    return best(lambda: torch.mm(left, right))


def bytes_() -> float:
    left = torch.randint(-127, 127, (ROWS, SIDE), dtype=torch.int8)
    right = torch.randint(-127, 127, (SIDE, SIDE), dtype=torch.int8)
    return best(lambda: torch._int_mm(left, right))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    torch.set_num_threads(parser.parse_args().threads)
    with torch.inference_mode():
        peaks = {"int8": bytes_(), "bf16": floats(torch.bfloat16), "fp32": floats(torch.float32)}
    print(json.dumps({name: round(value, 1) for name, value in peaks.items()}))


if __name__ == "__main__":
    main()
