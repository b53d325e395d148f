"""What the processes of a run do in tests: the same as ever, with the tiny model, and faults in the second one."""

import time

import tiny
import torch
import words

from ld_worker import base, scoring, together, training, work


def entry(*given):
    base.model = lambda _: tiny.model()
    base.tokenizer = lambda _: None
    base.tokens_of = lambda _: words.tokens
    return work.train_together(*given)


def out_of_memory_then_no_number(*given):
    """The second process has no room for more than 4 states, and loses its numbers after some."""
    loss, done = scoring.pack_loss, []

    def poor(model, packs):
        if together.rank() == 1 and sum(len(pack.labels) for pack in packs) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        done.append(packs)
        return loss(model, packs) * (float("nan") if together.rank() == 1 and len(done) > 24 else 1.0)

    training.scoring.pack_loss = poor
    return entry(*given)


def waits(*_):
    """Until it is ended."""
    together.worst(0)
    if together.rank() == 0:
        torch.distributed.barrier()
    time.sleep(600)


def breaks(*_):
    raise ValueError("nobody foresaw this")
