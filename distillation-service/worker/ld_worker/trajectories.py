"""Function trajectories: what a teacher chose, decision by decision, and the task they belong to."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ld_worker.prompts import Entry, canonical, prefix_text


class TrajectoryError(ValueError):
    """A row or task that cannot be trained on; the message names the line and what is wrong with it."""


@dataclass(frozen=True)
class Stage:
    name: str
    instruction: str
    k: int


@dataclass(frozen=True)
class Task:
    name: str
    rules: str
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise TrajectoryError(f"task '{self.name}' has no stage '{name}'")

    def prefix(self, stage: str) -> str:
        return prefix_text(self.rules, self.stage(stage).instruction)


@dataclass(frozen=True)
class Row:
    """One decision of one stage. ``chosen`` is the chosen function's name, one of ``candidates``."""

    episode: str
    stage: str
    view: str
    candidates: tuple[Entry, ...]
    chosen: str
    snapshot: str

    @property
    def choice(self) -> Entry:
        return next(entry for entry in self.candidates if entry.name == self.chosen)


@dataclass(frozen=True)
class Dataset:
    rows: tuple[Row, ...]
    sha256: str

    @property
    def episodes(self) -> int:
        return len({row.episode for row in self.rows})

    @property
    def snapshot(self) -> str:
        """The snapshot of the last row: the functions that the student will meet."""
        return self.rows[-1].snapshot


def task_of(found: Any) -> Task:
    try:
        stages = tuple(Stage(s["name"], s["instruction"], int(s.get("k", 5))) for s in found["stages"])
        return Task(found["name"], found["rules"], stages)
    except (KeyError, TypeError) as problem:
        raise TrajectoryError(f"this is no task: {problem}") from problem


def read_task(path: Path) -> Task:
    try:
        return task_of(json.loads(path.read_text(encoding="utf-8")))
    except json.JSONDecodeError as problem:
        raise TrajectoryError(f"{path.name} is no task: {problem}") from problem


def parse_row(found: Any, line: int) -> Row:
    def text(source: Any, key: str) -> str:
        value = source.get(key) if isinstance(source, dict) else None
        if not isinstance(value, str) or not value:
            raise TrajectoryError(f"line {line}: '{key}' is missing or no text")
        return value

    offered = found.get("candidates") if isinstance(found, dict) else None
    if not isinstance(offered, list) or len(offered) < 2:
        raise TrajectoryError(f"line {line}: 'candidates' must name at least two functions")
    entries = tuple(Entry(text(c, "function"), text(c, "handle"), text(c, "manual")) for c in offered)
    if len({e.handle for e in entries}) < len(entries) or len({e.name for e in entries}) < len(entries):
        raise TrajectoryError(f"line {line}: two candidates share a name or a handle")
    chosen = text(found, "chosen")
    if chosen not in {entry.name for entry in entries}:
        raise TrajectoryError(f"line {line}: '{chosen}' was chosen but is no candidate")
    return Row(
        episode=str(found.get("episode", "")),
        stage=text(found, "stage"),
        view=text(found, "view"),
        candidates=tuple(canonical(entries)),
        chosen=chosen,
        snapshot=str(found.get("snapshot", "")),
    )


def read_rows(path: Path, task: Task) -> Dataset:
    content = path.read_bytes()
    rows = []
    for line, raw in enumerate(content.decode("utf-8").splitlines(), 1):
        if not raw.strip():
            continue
        try:
            found = json.loads(raw)
        except json.JSONDecodeError as problem:
            raise TrajectoryError(f"line {line}: no JSON: {problem.msg}") from problem
        row = parse_row(found, line)
        task.stage(row.stage)
        rows.append(row)
    if not rows:
        raise TrajectoryError(f"{path.name} holds no rows")
    return Dataset(tuple(rows), hashlib.sha256(content).hexdigest())


def split(rows: Sequence[Row], held_out: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Training and held-out rows. Whole episodes go one way: neighbouring states are nearly copies of each other."""
    episodes = sorted({row.episode for row in rows})
    if len(episodes) < 2:
        raise TrajectoryError("one episode cannot be split: bring at least two")
    random.Random(seed).shuffle(episodes)
    kept_back = set(episodes[: min(len(episodes) - 1, max(1, round(len(episodes) * held_out)))])
    return [r for r in rows if r.episode not in kept_back], [r for r in rows if r.episode in kept_back]


def catalogue(rows: Iterable[Row]) -> dict[str, list[Entry]]:
    """Every entry that any row offered, by stage."""
    found: dict[str, dict[tuple[str, str, str], Entry]] = {}
    for row in rows:
        for entry in row.candidates:
            found.setdefault(row.stage, {})[entry.name, entry.handle, entry.manual] = entry
    return {stage: canonical(list(entries.values())) for stage, entries in found.items()}


def by_stage(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.stage, []).append(row)
    return found
