"""Plays episodes through the public API and counts how a policy does."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .api import Api
from .games import Game, expert_choices
from .policies import Policy

BINS = 10
OUTPUT = "output"
"""Where agreement counts what was played and not which function was chosen."""

Confusion = dict[str, dict[str, dict[str, int]]]
Calibration = list[list[float]]


@dataclass
class Agreement:
    """How often the choice at a stage was the expert's."""

    same: int = 0
    asked: int = 0

    def count(self, same: bool) -> None:
        self.same += same
        self.asked += 1

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(self.same + other.same, self.asked + other.asked)

    @property
    def share(self) -> float:
        return self.same / self.asked if self.asked else 0.0


def no_calibration() -> Calibration:
    """For every tenth of probability: how many choices, the sum of their probabilities, how many were the expert's."""
    return [[0, 0.0, 0] for _ in range(BINS)]


@dataclass(frozen=True)
class Result:
    """One episode, played to its end. `confusion` is by stage, the expert's choice and the policy's."""

    seed: int
    reward: float
    steps: int
    agreement: dict[str, Agreement]
    milliseconds: list[float] = field(repr=False)
    confusion: Confusion = field(default_factory=dict, repr=False)
    calibration: Calibration = field(default_factory=no_calibration, repr=False)
    none: dict[str, list[int]] = field(default_factory=dict, repr=False)
    """By stage, where a model was asked: how many states one of the candidates fits, and in how many of these it found
    "none of these" likelier than every candidate; the same of the states that no candidate fits."""

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "reward": self.reward,
            "steps": self.steps,
            "agreement": {stage: [counted.same, counted.asked] for stage, counted in self.agreement.items()},
            "milliseconds": self.milliseconds,
            "confusion": self.confusion,
            "calibration": self.calibration,
            "none": self.none,
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Result:
        agreement = {stage: Agreement(*counted) for stage, counted in line["agreement"].items()}
        return cls(**{**line, "agreement": agreement})


def functions_of(snapshot: dict[str, Any]) -> dict[str, list[str]]:
    """The functions of every stage of a snapshot, in the order of the stages."""
    stages = [stage["name"] for stage in snapshot["definition"]["stages"]]
    return {
        stage: sorted(function["name"] for function in snapshot["functions"] if function["stage"] == stage)
        for stage in stages
    }


@dataclass(frozen=True)
class Asked:
    """One state that is to be decided, with the snapshots, by task, fixed for the whole experiment."""

    api: Api
    task: str
    snapshots: Mapping[str, str]
    episode: str
    state: Mapping[str, Any]

    def ask(self, carried: Mapping[str, Any], task: str | None = None) -> dict[str, Any]:
        asked = task or self.task
        request = {"state": self.state, "episode": self.episode, "snapshot": self.snapshots[asked], **carried}
        return self.api.post(f"/tasks/{asked}/decisions", request)

    def answer_to(self, choices: Mapping[str, str]) -> Any:
        """What these choices come to; asked for comparison, so it is no decision of the episode."""
        request = {"state": self.state, "snapshot": self.snapshots[self.task], "choices": choices}
        return self.api.post(f"/tasks/{self.task}/decisions", request)["output"]

    def first_hit(self, stage: str, earlier: Mapping[str, Any]) -> str:
        query = {"stage": stage, "state": self.state, "earlier": earlier, "k": 1, "snapshot": self.snapshots[self.task]}
        return self.api.post(f"/tasks/{self.task}/searches", query)["candidates"][0]["function"]


def play_episode(
    api: Api,
    game: Game,
    policy: Policy,
    seed: int,
    snapshot: Mapping[str, Any],
    others: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Result:
    """Every decision of the episode is asked of the platform; its time holds all requests that the policy made.

    :param others: the snapshots of the other tasks that the policy asks
    """
    stages = list(functions_of(snapshot))
    snapshots = {**(others or {}), game.name: snapshot["snapshot"]}
    running = game.start(seed)
    group = str(uuid.uuid4())
    result = Result(seed, 0.0, 0, {}, [])
    while not running.over:
        state = running.state()
        begun = clock()
        table = Asked(api, game.name, snapshots, group, state)
        decision = policy(state, table)
        # Rounded here and not in the journal, so that a run that goes on prints the figures of one that did not stop.
        result.milliseconds.append(round((clock() - begun) * 1000, 3))
        if decision["task"] == game.name:
            compare(game, state, decision, result)
        expert = expert_choices(game, stages, state, {})
        # Functions are deterministic: who chose as the expert did has the expert's answer.
        as_taught = decision["task"] == game.name and {s["stage"]: s["chosen"] for s in decision["stages"]} == expert
        taught = decision["output"] if as_taught else table.answer_to(expert)
        result.agreement.setdefault(OUTPUT, Agreement()).count(decision["output"] == taught)
        running.play(decision["output"])
    return replace(result, reward=running.reward, steps=running.step)


def compare(game: Game, state: Mapping[str, Any], decision: Mapping[str, Any], result: Result) -> None:
    """Counts what was chosen at every stage of a decision against what the expert would have chosen there."""
    earlier: dict[str, Any] = {}
    for stage in decision["stages"]:
        name, chosen = stage["stage"], stage["chosen"]
        lesson = game.lesson(name, state, earlier)
        covered = game.covers(name, state, earlier)
        earlier[name] = stage["output"]
        offered = {c["function"]: c.get("probability") for c in stage["candidates"]}
        if stage.get("way"):
            counted = result.none.setdefault(name, [0, 0, 0, 0])
            place = 0 if covered and lesson in offered else 2
            counted[place] += 1
            counted[place + 1] += stage["none"] > max(offered.values())
        if not covered:
            continue
        result.agreement.setdefault(name, Agreement()).count(chosen == lesson)
        row = result.confusion.setdefault(name, {}).setdefault(lesson, {})
        row[chosen] = row.get(chosen, 0) + 1
        sure = offered.get(chosen)
        if sure is not None and stage["decidedBy"] == "student":
            counted = result.calibration[min(BINS - 1, int(sure * BINS))]
            counted[0] += 1
            counted[1] += sure
            counted[2] += chosen == lesson
