"""A small sweep: the same distillation with other hyperparameters, one trial after another, the bad ones ended early.

The trials are the combinations of the values that are given, or some of them drawn by the seed. At the look at
held-out rows after ``grace`` steps, after twice and four times as many, and so on, a trial goes on only if its best
agreement so far is among the better half of those that came as far: successive halving in its asynchronous form, in
which no trial has to wait for the others (Li et al., A System for Massively Parallel Hyperparameter Tuning, 2020). A
trial that is never ended ends as a run of its own with these hyperparameters would, so the winner can be had again
without the sweep.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from ld_worker import adaptation, durable, training

NAMES = {
    "learningRate": "learning_rate",
    "rank": "rank",
    "alpha": "alpha",
    "readingShare": "reading_share",
}
"""What may be swept over, as jobs call it and as settings do."""
FACTOR = 2
STATE = "sweep.json"
WINNER = "winner.safetensors"
WAITING, RUNNING, FINISHED, STOPPED, FAILED, SKIPPED, WON = (
    "waiting",
    "running",
    "finished",
    "stopped",
    "failed",
    "skipped",
    "won",
)


@dataclass(frozen=True)
class Sweep:
    """``values`` by the jobs' names; ``trials`` of their combinations are run; ``grace`` steps are every trial's."""

    values: Mapping[str, Sequence[float]]
    trials: int
    grace: int

    @staticmethod
    def of(given: Mapping[str, Any]) -> Sweep:
        """As a job's spec says it."""
        return Sweep({name: given[name] for name in NAMES if given.get(name)}, given["trials"], given["graceSteps"])

    def drawn(self, seed: int) -> list[dict[str, float]]:
        """The hyperparameters of each trial; the same ones for the same seed."""
        grid = [dict(zip(self.values, chosen, strict=True)) for chosen in itertools.product(*self.values.values())]
        return grid if self.trials >= len(grid) else random.Random(seed).sample(grid, self.trials)


@dataclass
class Trial:
    """One run of the sweep. ``curve`` holds the mean held-out agreement of each look, by step."""

    hyperparameters: dict[str, float]
    state: str = WAITING
    steps: int = 0
    seconds: float = 0.0
    best_step: int = 0
    curve: list[list[float]] = field(default_factory=list)
    reason: str | None = None

    def by(self, step: int) -> float | None:
        """The best agreement up to a step; nothing if the trial never came so far, or came to no end."""
        if self.steps < step or self.state == FAILED:
            return None
        return max((agreement for looked, agreement in self.curve if looked <= step), default=None)

    def told(self, number: int) -> dict[str, Any]:
        """As heartbeats and manifests say it."""
        found = {"number": number, "hyperparameters": self.hyperparameters, "state": self.state, "step": self.steps}
        if self.curve:
            found["agreement"] = round(max(agreement for _, agreement in self.curve), 4)
        return found | ({"reason": self.reason} if self.reason else {})


def is_rung(step: int, grace: int) -> bool:
    """Whether trials are compared there."""
    rung = grace
    while rung < step:
        rung *= FACTOR
    return rung == step


def stays(best: float, others: Sequence[float]) -> bool:
    """Whether a trial is among the better half of those that came as far, of which the first always is.

    Of two that are equal the earlier one is the better.
    """
    return sum(other >= best for other in others) < max(1, (len(others) + 1) // FACTOR)


Run = Callable[[training.Settings, training.Hooks], tuple[Any, training.Progress]]
"""Trains with these settings, as a run that stands alone."""


@dataclass(frozen=True)
class Found:
    """What came out: how the winner was made, what it learned, and a record of all trials for the manifest."""

    settings: training.Settings
    progress: training.Progress
    trained: dict[str, Tensor]
    record: dict[str, Any]


class Sweeping:
    """A sweep that runs. What it knows goes into every checkpoint, beside that of the trial that made it."""

    def __init__(
        self, sweep: Sweep, settings: training.Settings, hooks: training.Hooks, say: Callable[[str], None]
    ) -> None:
        self._sweep, self._settings, self._hooks, self._say = sweep, settings, hooks, say
        self._trials = [Trial(chosen) for chosen in sweep.drawn(settings.seed)]
        self._winner: int | None = None
        self._progress: training.Progress | None = None
        self._trained: dict[str, Tensor] = {}
        self._at = 0

    def run(self, run: Run) -> Found:
        """:raises training.SettingsError: if every trial failed"""
        resume = self._taken_up(self._hooks.resume)
        while self._at < len(self._trials) and self._try(run, resume):
            self._at, resume = self._at + 1, None
        return self._ended()

    def _taken_up(self, folder: Path | None) -> Path | None:
        if folder is None:
            return None
        found = json.loads((folder / STATE).read_text(encoding="utf-8"))
        self._trials = [Trial(**one) for one in found["trials"]]
        self._at, self._winner = found["at"], found["winner"]
        if self._winner is not None:
            self._progress = training.Progress(**found["progress"])
            self._trained = load_file(folder / WINNER)
        return folder

    def _try(self, run: Run, resume: Path | None) -> bool:
        """Runs a trial; answers whether another one could do better."""
        trial, number = self._trials[self._at], self._at + 1
        trial.state = RUNNING
        settings = self._of(trial)
        said = ", ".join(f"{name} {value:g}" for name, value in trial.hyperparameters.items())
        self._say(f"trial {number} of {len(self._trials)}: {said}")
        hooks = replace(
            self._hooks,
            report=self._report,
            save=self._save if self._hooks.save else None,
            resume=resume,
            worth=self._worth,
        )
        try:
            model, progress = run(settings, hooks)
        except (training.NotFiniteError, training.SettingsError) as failure:
            trial.state, trial.reason = FAILED, str(failure)
            self._say(f"trial {number} failed: {failure}")
            return True
        worth = self._worth(progress)
        trial.seconds, trial.best_step = round(progress.seconds, 1), progress.best_step
        ended = progress.steps < settings.steps and not worth
        trial.state = STOPPED if ended else FINISHED
        self._say(f"trial {number} {trial.state} after step {progress.steps}: agreement {progress.best:.3f}")
        if self._progress is None or progress.best > self._progress.best:
            self._winner, self._progress, self._trained = self._at, progress, adaptation.trained(model)
        return ended or progress.steps == settings.steps

    def _of(self, trial: Trial) -> training.Settings:
        return replace(self._settings, **{NAMES[name]: value for name, value in trial.hyperparameters.items()})

    def _worth(self, progress: training.Progress) -> bool:
        """Notes what was looked at; answers whether the trial shall go on."""
        trial = self._trials[self._at]
        trial.steps, trial.curve = progress.steps, [list(point) for point in progress.curve]
        if not is_rung(progress.steps, self._sweep.grace):
            return True
        others = [trial.by(progress.steps) for trial in self._trials[: self._at]]
        return stays(progress.best, [other for other in others if other is not None])

    def _report(self, step: int, steps: int, seconds: float, metrics: dict[str, float]) -> None:
        """The job's steps are those of all trials; how many there will be is known better with each that is ended."""
        self._trials[self._at].steps = step
        before = self._trials[: self._at]
        done = sum(trial.steps for trial in before)
        ahead = steps * (len(self._trials) - self._at)
        spent = sum(trial.seconds for trial in before)
        self._hooks.report(done + step, done + ahead, round(spent + seconds, 3), metrics, self._told())

    def _told(self) -> list[dict[str, Any]]:
        return [trial.told(number) for number, trial in enumerate(self._trials, 1)]

    def _save(self, step: int, folder: Path) -> None:
        if self._winner is not None:
            with durable.replacing(folder / WINNER) as aside:
                save_file(self._trained, aside)
        state = {
            "trials": [asdict(trial) for trial in self._trials],
            "at": self._at,
            "winner": self._winner,
            "progress": asdict(self._progress) if self._progress else None,
        }
        durable.write_text(folder / STATE, json.dumps(state))
        self._hooks.save(sum(trial.steps for trial in self._trials[: self._at]) + step, folder)

    def _ended(self) -> Found:
        if self._winner is None or self._progress is None:
            reasons = "; ".join(f"trial {number}: {trial.reason}" for number, trial in enumerate(self._trials, 1))
            raise training.SettingsError(f"every trial of the sweep failed: {reasons}")
        for trial in self._trials:
            if trial.state == WAITING:
                trial.state = SKIPPED
        won = self._trials[self._winner]
        won.state = WON
        done, spent = (sum(getattr(trial, what) for trial in self._trials) for what in ("steps", "seconds"))
        self._say(f"trial {self._winner + 1} won: agreement {self._progress.best:.3f}, {won.hyperparameters}")
        self._hooks.report(done, done, round(spent, 3), {"agreement": round(self._progress.best, 4)}, self._told())
        record = {
            "graceSteps": self._sweep.grace,
            "factor": FACTOR,
            "trials": [
                told
                | {
                    "seconds": trial.seconds,
                    "bestStep": trial.best_step,
                    "curve": [[step, round(agreement, 4)] for step, agreement in trial.curve],
                }
                for told, trial in zip(self._told(), self._trials, strict=True)
            ],
        }
        return Found(self._of(won), self._progress, self._trained, record)
