"""Toy tokens, tasks and rows in the wire format, so that tests need neither the base model nor a service."""

from __future__ import annotations

import json
import random
from pathlib import Path

from ld_worker.prompts import Entry

VOCABULARY = 256
NAMES = {"walk": "dry", "wait": "rain", "shelter": "storm", "run": "wind"}
TASK = {
    "name": "toy",
    "rules": "Go out or stay in.",
    "stages": [
        {"name": "first", "instruction": "Choose what to do.", "k": 3},
        {"name": "second", "instruction": "Choose how to go.", "k": 3},
    ],
}


def tokens(text: str) -> list[int]:
    """One id per word or sign; leading spaces do not count, so every handle is one token."""
    spaced = "".join(c if c.isalnum() else f" {c} " for c in text.replace("\n", " ; "))
    return [1 + sum(ord(c) * (i + 7) for i, c in enumerate(word)) % (VOCABULARY - 1) for word in spaced.split()]


def entries() -> list[Entry]:
    return [Entry(f"{name}_now", name, f"use it in {word}") for name, word in NAMES.items()]


def row(episode: int, step: int, stage: str, rng: random.Random) -> dict:
    offered = rng.sample(entries(), 3)
    chosen = rng.choice(offered)
    return {
        "episode": f"e{episode}",
        "step": step,
        "task": "toy",
        "snapshot": "sha256:toy",
        "stage": stage,
        "view": f"now {NAMES[chosen.handle]} step {step % 5}",
        "candidates": [{"function": e.name, "handle": e.handle, "manual": e.manual} for e in offered],
        "chosen": chosen.name,
        "output": {},
    }


def write(folder: Path, episodes: int = 8, steps: int = 4, seed: int = 1) -> tuple[Path, Path]:
    """task.json and rows.ndjson in ``folder``."""
    rng = random.Random(seed)
    rows = [
        row(episode, step, stage, rng)
        for episode in range(episodes)
        for step in range(steps)
        for stage in ("first", "second")
    ]
    folder.mkdir(exist_ok=True)
    task, trajectories = folder / "task.json", folder / "rows.ndjson"
    task.write_text(json.dumps(TASK), encoding="utf-8")
    trajectories.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return task, trajectories
