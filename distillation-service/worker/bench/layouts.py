"""What the prompt's layout is worth: candidates as a set, as students see them, beside an ordinary causal prompt.

    PYTHONPATH=. python bench/layouts.py [--game FOLDER] [--steps N]      # in distillation-service/worker

Both learn to recall the functions of a game from the same rows, for as many steps, from the base model; the causal one
sees its candidates one after the other, in an order drawn anew for every prompt, so that no place stands for a
function. Held-out views are then asked three times with the candidates in other orders. One JSON object for each.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from train_bench import rows_of

from ld_worker import base, evaluation, prompts, training, trajectories
from ld_worker.packing import Pack, Packer, label
from ld_worker.prompts import Entry, Prompt, Tokens
from ld_worker.trajectories import Row, Task

HELD_OUT = 100
"""rows of every stage"""
ORDERS = 3
GAME = Path(__file__).resolve().parents[3] / "experiments" / "pursuit"


class CausalPacker(Packer):
    """Recall as a text that is read from left to right: a token sees all before it, whichever candidate that is of."""

    def __init__(self, task: Task, tokens: Tokens, seed: int) -> None:
        super().__init__(task, tokens)
        self._rng = random.Random(seed)

    def recall(self, stage: str, entries: Sequence[Entry], rows: Sequence[Row]) -> Pack:
        ordered = prompts.canonical(entries)
        listed = self._rng.sample(ordered, len(ordered))
        start = self.tokens(self._task.prefix(stage))
        for entry in listed:
            start = start + self.tokens(prompts.recall_entry(entry))
        ids, positions, segments = list(start), list(range(len(start))), [0] * len(start)
        sees, scored = [frozenset({0})], []
        for number, row in enumerate(rows, 1):
            tail = self.tokens(prompts.recall_tail(row.view))
            ids += tail
            positions += range(len(start), len(start) + len(tail))
            segments += [number] * len(tail)
            sees.append(frozenset({0, number}))
            scored.append([len(ids) - 1])
        return Pack(
            prompts.RECALL,
            stage,
            Prompt(ids, positions, segments, sees, scored),
            prompts.recall_tokens(self.tokens, ordered),
            [ordered] * len(rows),
            [label(ordered, row.chosen) for row in rows],
        )


def divided(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Rows to learn from, and as many of every stage to be judged on."""
    rng = random.Random(seed)
    shuffled = [rng.sample(found, len(found)) for found in trajectories.by_stage(rows).values()]
    taught = [row for found in shuffled for row in found[HELD_OUT:]]
    return taught, [row for found in shuffled for row in found[:HELD_OUT]]


def choices(model: Any, packer: Packer, rows: Sequence[Row], half: bool) -> dict[tuple[str, str], tuple[str, bool]]:
    """By stage and view, what is chosen and whether that is right."""
    found = {}
    for one in evaluation.score(model, packer, prompts.RECALL, rows, half):
        best = max(range(len(one.scores)), key=one.scores.__getitem__)
        name = one.candidates[best].name if best < len(one.candidates) else ""
        found[one.row.stage, one.row.view] = (name, one.agrees)
    return found


def measured(
    model: Any,
    packer: Packer,
    task: Task,
    taught: Sequence[Row],
    judged: Sequence[Row],
    settings: training.Settings,
) -> dict[str, Any]:
    """Trains the model on the rows, laid out by the packer, and tells how it chooses in the others."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        trained, progress = training.train(
            model,
            training.plan(settings, task, packer, taught, trajectories.catalogue(taught)),
            training.checker(settings, packer, judged),
            settings,
            scratch=scratch,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
    asked = [choices(trained, packer, judged, settings.half) for _ in range(ORDERS)]
    right: dict[str, list[bool]] = {}
    for (stage, _), (_, agrees) in asked[0].items():
        right.setdefault(stage, []).append(agrees)
    same = [len({one[view][0] for one in asked}) == 1 for view in asked[0]]
    return {
        "steps": progress.steps,
        "tokens": progress.tokens,
        "seconds": round(time.monotonic() - begun, 1),
        "agreement": {stage: round(statistics.mean(found), 3) for stage, found in sorted(right.items())},
        "sameInEveryOrder": round(statistics.mean(same), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--game", type=Path, default=GAME, help="folder of a game (default: pursuit)")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    base_path = base.locate()
    task = trajectories.read_task(options.game / "pack" / "task.json")
    tokens = base.tokens_of(base.tokenizer(base_path))
    taught, judged = divided(rows_of(options.game, task), options.seed)
    settings = training.Settings(
        ways=(prompts.RECALL,),
        steps=options.steps,
        learning_rate=8e-4,
        check_every=max(1, options.steps // 3),
        enough=2.0,
        seed=options.seed,
    )
    for layout, packer in (("set", Packer(task, tokens)), ("causal", CausalPacker(task, tokens, options.seed))):
        found = measured(base.model(base_path), packer, task, taught, judged, settings)
        print(json.dumps({"layout": layout} | found), flush=True)


if __name__ == "__main__":
    main()
