"""One run on several devices of one machine: a process for each, which train one student together.

Every process lays out the same batches and works on its part of each; the gradients of the parts add up to those of
the whole, so that the student is the one that a single process would have trained, but for rounding. In a run of one
process all of this does nothing.
"""

from __future__ import annotations

import json
import multiprocessing.connection
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

from ld_worker import durable

FAILURE = "failure-{}.json"
PATIENCE_S = 1800
"""How long a process waits for the others: longer than the first one may wait for a server that is away."""
GRACE_S = 10
Answer = TypeVar("Answer")


class LostProcessError(RuntimeError):
    """A process of the run is gone and could not say why."""


def size() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Which of them this is; the first, 0, talks to the server and writes what stays."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def once(call: Callable[[], Answer]) -> Answer:
    """What the first process finds out; the others wait for it and are told."""
    if size() == 1:
        return call()
    found = [call() if rank() == 0 else None]
    distributed.broadcast_object_list(found)
    return found[0]


def worst(own: int) -> int:
    """The largest of the numbers that the processes have."""
    if size() == 1:
        return own
    found = torch.tensor([own])
    distributed.all_reduce(found, distributed.ReduceOp.MAX)
    return int(found.item())


def add_up(loss: Tensor, parameters: Iterable[nn.Parameter]) -> Tensor:
    """Makes every process's gradients, and the loss, the sum of all of theirs."""
    if size() == 1:
        return loss
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    flat = torch.cat([loss.reshape(1), *(parameter.grad.reshape(-1) for parameter in trained)])
    distributed.all_reduce(flat)
    start = 1
    for parameter in trained:
        parameter.grad.copy_(flat[start : start + parameter.numel()].view_as(parameter))
        start += parameter.numel()
    return flat[0]


def shard(student: Any, layers: Sequence[nn.Module]) -> None:
    """Leaves each process a part of the frozen weights of each layer, which are gathered as they are needed (FSDP).

    The adapter stays whole everywhere: it is small, and so it is saved, judged and stepped as in a run of one process.
    """
    if size() == 1:
        return
    from torch.distributed.fsdp import fully_shard

    trained = {parameter for parameter in student.parameters() if parameter.requires_grad}
    for layer in layers:
        fully_shard(layer, ignored_params=trained)


Entry = Callable[..., "dict[str, Any] | None"]
"""What a process does; it answers nothing if all went well, else what there is to say of its failure."""


def run(
    processes: int, entry: Entry, given: tuple[Any, ...], folder: Path, stopped: Callable[[], bool]
) -> dict[str, Any] | None:
    """Runs ``entry(*given)`` in so many processes, and answers what it answers in the first that fails, if one does.

    When one ends badly the others are ended too: they would wait for it in vain. On a machine with GPUs each process
    sees one of them alone.

    :raises LostProcessError: if a process ended without a word
    :raises InterruptedError: if it was stopped
    """
    import torch.multiprocessing

    context = torch.multiprocessing.start_processes(
        _begin, (processes, _free_port(), entry, given, folder), processes, join=False, start_method="spawn"
    )
    try:
        while True:
            codes = [process.exitcode for process in context.processes]
            if stopped():
                raise InterruptedError
            if any(codes):
                return _failure(codes, folder)
            if all(code == 0 for code in codes):
                return None
            alive = [process.sentinel for process in context.processes if process.exitcode is None]
            multiprocessing.connection.wait(alive, timeout=0.2)
    finally:
        _end(context.processes)


def _failure(codes: Sequence[int | None], folder: Path) -> dict[str, Any]:
    """A process that was killed is the reason; that the others miss it is not."""
    of = len(codes)
    killed = [(number, -code) for number, code in enumerate(codes) if code is not None and code < 0]
    if killed:
        number, by = killed[0]
        raise LostProcessError(f"process {number + 1} of {of} was ended by {signal.Signals(by).name}")
    told = [folder / FAILURE.format(number) for number in range(of)]
    there = [json.loads(file.read_text(encoding="utf-8")) for file in told if file.is_file()]
    if not there:
        number, code = next((number, code) for number, code in enumerate(codes) if code)
        raise LostProcessError(f"process {number + 1} of {of} ended with exit code {code}")
    return min(there, key=lambda one: one["at"])


def _end(processes: Sequence[Any]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()
    until = time.monotonic() + GRACE_S
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _begin(number: int, processes: int, port: int, entry: Entry, given: tuple[Any, ...], folder: Path) -> None:
    _see_one_gpu(number)
    torch.set_num_threads(max(1, torch.get_num_threads() // processes))
    try:
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo",
            init_method=f"tcp://127.0.0.1:{port}",
            rank=number,
            world_size=processes,
            timeout=timedelta(seconds=PATIENCE_S),
        )
        failure = entry(*given)
    except Exception as unforeseen:
        failure = {"reason": f"{type(unforeseen).__name__}: {unforeseen}"}
    if failure is None:
        distributed.destroy_process_group()
        return
    durable.write_text(folder / FAILURE.format(number), json.dumps(failure | {"at": time.time()}))
    os._exit(1)  # at once: the others may wait in the middle of a sum, and leaving in order would wait for them


def _see_one_gpu(number: int) -> None:
    """Of the GPUs that the run may use, which the system may have narrowed already. Before anything asks for one."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = allowed.split(",") if allowed else [str(each) for each in range(number + 1)]
    os.environ["CUDA_VISIBLE_DEVICES"] = names[number] if number < len(names) else ""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
