"""`./platform bench train`: the worker's tokens per second, beside a bare loop over peft and transformers."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import allocator, artifacts, python_packages
from .figures import Figure
from .home import Home
from .problem import Problem
from .progress import Progress

LEAST_RATIO = 0.7
"""of the bare loop's speed; with less the benchmark fails"""
WORKER, BARE = "worker", "bare"
SCRIPT = Path("bench/train_bench.py")


@dataclass(frozen=True)
class Length:
    """How often the two take turns, and how many steps each trains then."""

    steps: int = 8
    rounds: int = 3


USUAL = Length()


@dataclass(frozen=True)
class Run:
    """One training of one of the two, without its first step."""

    way: str
    tokens: int
    seconds: float
    loss: float
    memory_mb: float

    @property
    def speed(self) -> float:
        return self.tokens / self.seconds


@dataclass(frozen=True)
class Trained:
    """Where it was trained, and every run in turn."""

    device: str
    precision: str
    gpu: Mapping[str, Any] | None
    runs: tuple[Run, ...]

    def of(self, way: str) -> list[Run]:
        return [run for run in self.runs if run.way == way]

    def where(self) -> str:
        gpu = f", {self.gpu['type']} with {self.gpu['memoryMb']} MB" if self.gpu else ""
        return f"Trained on {self.device}{gpu}, in {self.precision}."

    def ratio(self) -> float:
        """The worker's median speed over the bare loop's."""
        ours, bare = (statistics.median(run.speed for run in self.of(way)) for way in (WORKER, BARE))
        return ours / bare


def run(home: Home, as_json: bool, progress: Progress, length: Length) -> int:
    """Answers 1 where the worker reaches less than 0.7 of the bare loop's speed."""
    trained = measure(home, progress, length)
    progress.line(trained.where())
    for figure in figures(trained):
        print(figure.as_json() if as_json else figure.as_text(), flush=True)
    if trained.ratio() < LEAST_RATIO:
        progress.line(f"The worker reaches {trained.ratio():.3f} of the bare loop's speed; {LEAST_RATIO} is asked for.")
        return 1
    return 0


def measure(home: Home, progress: Progress, length: Length) -> Trained:
    worker = home.repository / "distillation-service" / "worker"
    command = [
        str(python(home, worker, progress)), str(worker / SCRIPT),
        "--game", str(home.repository / "experiments" / "pursuit"),
        "--steps", str(length.steps), "--rounds", str(length.rounds),
    ]  # fmt: skip
    env = {
        **allocator.preload(home, progress),
        **os.environ,
        "PYTHONPATH": str(worker),
        "PLATFORM_MODEL_FILE": str(artifacts.model_file(home)),
    }
    log = home.log("bench-train")
    lines = []
    with (
        progress.step("Training by turns") as report,
        log.open("w", encoding="utf-8") as said,
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=said, text=True) as child,
    ):
        assert child.stdout is not None
        for line in child.stdout:
            lines.append(line)
            # The first line says where it runs, and the run after it has begun by then.
            report(f"run {min(len(lines), 2 * length.rounds)} of {2 * length.rounds}")
    if child.returncode:
        last = ([line for line in log.read_text(errors="replace").splitlines() if line.strip()] or ["nothing"])[-1]
        raise Problem(f"Training failed while it was measured: {last} (the log is {log}).")
    return read(lines)


def python(home: Home, worker: Path, progress: Progress) -> Path:
    """One with the worker's packages. Where there is a GPU, what its libraries load when they compute is among them."""
    if shutil.which("nvidia-smi"):
        venv, requirements = home.cache / "venv-worker-gpu", worker / "requirements.txt"
    else:
        venv, requirements = home.cache / "venv-worker", worker / "requirements-test.txt"
    return python_packages.fetch(home, progress, "Fetching the worker's Python packages (some GB)", venv, requirements)


def read(lines: Iterable[str]) -> Trained:
    where, *runs = map(json.loads, lines)
    return Trained(runs=tuple(Run(**found) for found in runs), **where)


def figures(trained: Trained) -> Iterator[Figure]:
    ours, bare = trained.of(WORKER), trained.of(BARE)

    def compared(name: str, unit: str, values: Iterable[float], reference: Iterable[float]) -> Figure:
        return Figure(name, statistics.median(values), unit, statistics.median(reference))

    for number, (one, other) in enumerate(zip(ours, bare, strict=True), 1):
        yield Figure(f"tokens_per_second_{number}", one.speed, "1/s", other.speed)
    yield compared("tokens_per_second", "1/s", (run.speed for run in ours), (run.speed for run in bare))
    yield compared("loss", "nats", (run.loss for run in ours), (run.loss for run in bare))
    if trained.gpu:
        yield compared("gpu_peak_mb", "MB", (run.memory_mb for run in ours), (run.memory_mb for run in bare))
        yield Figure("gpu_memory_mb", trained.gpu["memoryMb"], f"MB of {trained.gpu['type']}")
    else:
        # Of the process, in which both were trained.
        yield Figure("memory_mb", max(run.memory_mb for run in trained.runs), "MB")
