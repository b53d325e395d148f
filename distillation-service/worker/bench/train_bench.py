"""How fast the worker trains, beside a bare loop over peft and transformers: `./platform bench train` runs it.

Both get the same base model, the same batches in the same order and the same settings, and take turns, so that what
else the machine does falls on both. Of every run the first step is left out. Standard output gets one JSON object that
says where it runs, and one per run.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import gc
import gzip
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import get_linear_schedule_with_warmup

from ld_worker import adaptation, base, devices, prompts, scoring, training, trajectories
from ld_worker.packing import Pack, Packer
from ld_worker.prompts import Entry
from ld_worker.trajectories import Row, Task

ROWS = 400
"""of every stage: many more than are trained on"""
Stamp = Callable[[], None]
WAYS = ("worker", "bare")


@dataclass(frozen=True)
class Run:
    """One training, without its first step. ``loss`` is that of the trained adapter on the first batch.

    ``memory_mb`` is the most that tensors took on a GPU; without one, the most that this process ever took.
    """

    way: str
    tokens: int
    seconds: float
    loss: float
    memory_mb: float


def rows_of(folder: Path, task: Task) -> list[Row]:
    """Rows of a game: its bundled views and choices, with candidates as a service would show them."""
    entries: dict[str, list[Entry]] = {}
    for one in json.loads((folder / "pack" / "functions.json").read_text(encoding="utf-8")):
        entries.setdefault(one["stage"], []).append(Entry(one["name"], one["handle"], one["manual"]))
    rng, taken, rows = random.Random(1), dict.fromkeys(entries, 0), []
    with gzip.open(folder / "rows.ndjson.gz", "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            stage, chosen = one["stage"], one["chosen"]
            if taken[stage] < ROWS:
                taken[stage] += 1
                right = [entry for entry in entries[stage] if entry.name == chosen]
                wrong = [entry for entry in entries[stage] if entry.name != chosen]
                shown = right + rng.sample(wrong, min(len(wrong), task.stage(stage).k - 1))
                rows.append(Row("e", stage, one["view"], tuple(prompts.canonical(shown)), chosen, ""))
    return rows


def by_worker(model: Any, batches: Sequence[Sequence[Pack]], settings: training.Settings, stamp: Stamp) -> Any:
    """As every job is trained, but for the looks at held-out rows."""
    with tempfile.TemporaryDirectory() as scratch:
        trained, _ = training.train(
            model,
            batches,
            lambda _: {"": 0.0},
            settings,
            scratch=scratch,
            say=lambda line: print(line, file=sys.stderr, flush=True),
            hooks=training.Hooks(step=lambda _: stamp()),
        )
    return trained


def by_bare_loop(model: Any, batches: Sequence[Sequence[Pack]], settings: training.Settings, stamp: Stamp) -> Any:
    """What one writes who knows peft and transformers and has this one model to train."""
    torch.use_deterministic_algorithms(False)
    torch.manual_seed(settings.seed)
    config = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=list(adaptation.PROJECTIONS))
    device = devices.choose(settings.device)
    student = get_peft_model(model, config).to(device).train()
    trained = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=settings.learning_rate, weight_decay=0.0, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, settings.warm_up, len(batches))
    for packs in batches:
        with devices.half(device, settings.half):
            loss = bare_loss(student, packs, device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        stamp()
    return student


def bare_loss(student: Any, packs: Sequence[Pack], device: str) -> torch.Tensor:
    """The mean cross-entropy of the right handles (recall), or of yes over no (reading), by the model's own head.

    The head is asked for the scored positions alone: for all of them it would cost a quarter of what the layers do.
    """
    batch = scoring.collate([pack.prompt for pack in packs]).to(torch.device(device))
    kept, places = torch.unique(batch.scored, return_inverse=True)
    logits = student(
        input_ids=batch.ids,
        position_ids=batch.positions,
        attention_mask=batch.bias,
        use_cache=False,
        logits_to_keep=kept,
    ).logits[batch.rows, places]
    losses, start = [], 0
    for pack in packs:
        for ends, label in zip(pack.prompt.scored, pack.labels, strict=True):
            found = logits[start : start + len(ends)][:, pack.options].float()
            start += len(ends)
            scores = (
                found[0] if pack.way == prompts.RECALL else torch.cat([found[:, 0] - found[:, 1], found.new_zeros(1)])
            )
            losses.append(torch.nn.functional.cross_entropy(scores, torch.tensor(label, device=scores.device)))
    return torch.stack(losses).mean()


TRAINERS = {"worker": by_worker, "bare": by_bare_loop}


def measured(way: str, model: Any, batches: Sequence[Sequence[Pack]], settings: training.Settings) -> Run:
    """:param model: the base model, which is left as it is"""
    stamps: list[float] = []
    on_gpu = devices.choose(settings.device) == devices.CUDA

    def stamp() -> None:
        if on_gpu:
            torch.cuda.synchronize()
        stamps.append(time.perf_counter())

    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    trained = TRAINERS[way](copy.deepcopy(model), batches, settings, stamp)
    memory = devices.memory_mb(devices.CUDA)["gpuMemoryMb"] if on_gpu else training.resident_mb()
    with torch.inference_mode():
        loss = scoring.pack_loss(trained.eval(), batches[0]).item()
    del trained
    gc.collect()
    tokens = sum(len(pack.prompt) for packs in batches[1:] for pack in packs)
    return Run(way, tokens, stamps[-1] - stamps[0], loss, memory)


def order(number: int) -> Sequence[str]:
    """Who begins changes from round to round."""
    return WAYS if number % 2 == 0 else WAYS[::-1]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--game", type=Path, required=True, help="folder with pack/ and rows.ndjson.gz")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    options = parser.parse_args(arguments)
    out = sys.stdout
    # The stock trainer prints what it logs.
    with contextlib.redirect_stdout(sys.stderr):
        _by_turns(options, lambda found: print(json.dumps(found), file=out, flush=True))
    return 0


def _by_turns(options: argparse.Namespace, tell: Callable[[dict[str, Any]], None]) -> None:
    base_path = base.locate()
    task = trajectories.read_task(options.game / "pack" / "task.json")
    rows = rows_of(options.game, task)
    settings = training.Settings(steps=options.steps, drawn_share=0.0, check_every=options.steps + 1, enough=2.0)
    packer = Packer(task, base.tokens_of(base.tokenizer(base_path)))
    batches = training.plan(settings, task, packer, rows, trajectories.catalogue(rows))
    model = base.model(base_path)
    device = devices.choose(settings.device)
    tell({"device": devices.name(device), "precision": devices.precision(device), "gpu": devices.described()})
    for number in range(options.rounds):
        for way in order(number):
            tell(asdict(measured(way, model, batches, settings)))


if __name__ == "__main__":
    raise SystemExit(main())
